"""The suite of the simulation room on circuits of a few devices."""

import pytest

from eda.benchmark.compiled_cards import compare_devices
from eda.benchmark.opamp_decks import Specimen
from eda.benchmark.schemes import agreement, memory_growth, speed, start_up
from eda.benchmark.simulator import measure_simulators
from eda.errors import InputError
from eda.simulation import Ac, Deck, Op

pytestmark = pytest.mark.ngspice

DECK = Deck(
    "",
    "v1 in 0 dc {v} ac 1\nr1 in out {r}\nc1 out 0 1n",
    {"v": 1.0, "r": 1e3},
    (Op(), Ac(1, 1e9, 5)),
    ("v(out)", "i(v1)"),
)
RC = Specimen("RC", DECK, None, {"v": (0.5, 2.0), "r": (1e2, 1e4)}, {"v": 1.0, "r": 1e3})
WHOLE = Specimen("RC", DECK, DECK, RC.bounds, RC.centre)


def test_points_are_repeatable_and_where_they_are_said_to_be():
    assert RC.anywhere(5, 1) == RC.anywhere(5, 1)
    assert RC.anywhere(5, 1) != RC.anywhere(5, 2)
    for point in RC.anywhere(50, 0):
        assert all(low <= point[name] <= high for name, (low, high) in RC.bounds.items())
    for point in RC.nearby(50, 0):
        assert all(abs(point[name] / value - 1) < 0.0501 for name, value in RC.centre.items())


def test_speed_has_every_scheme_beside_the_floor():
    rows = {row["scheme"]: row for row in speed(RC, where="anywhere", repeats=2, evaluations=6, seed=0)}
    assert {"ngspice -b", "exact, 1 worker", "fast, 2 workers", "inside the analyses"} <= rows.keys()
    assert rows["ngspice -b"]["times sooner"] == 1
    assert rows["inside the analyses"]["to the floor"] == 1
    assert all(len(row["all ms"]) == 2 and row["ms"] > 0 for row in rows.values())
    started = speed(WHOLE, where="nearby, started", repeats=1, evaluations=2, seed=0)
    assert started[0]["scheme"] == "ngspice -b, whole library"


def test_agreement_counts_equal_results():
    rows = agreement(WHOLE, where="anywhere", designs=12, batch=6, full=3, seed=0)
    assert [row["points"] for row in rows] == [12, 6, 3]
    assert all(row["same status"] == row["points"] == row["within 1e-6"] for row in rows)
    assert rows[1]["equal to the last bit"] == 6


def test_memory_and_start_up_are_measured():
    rows = memory_growth(RC, evaluations=40, seed=0)
    assert {(row["mode"], row["designs"]) for row in rows} == {
        (mode, where) for mode in ("exact", "fast") for where in ("nearby", "anywhere")
    }
    assert all(row["same process"] and row["before, MB"] > 5 for row in rows)
    assert start_up(WHOLE, repeats=1)["times sooner"] > 0


@pytest.mark.gf180
def test_compiled_transistors_are_those_of_the_library():
    rows = list(compare_devices("gf180", sizes=6, corners=["ss"], temperatures=[125.0], seed=0))
    assert [row["transistor"] for row in rows] == ["nmos_3p3", "nmos_6p0", "nmos_6p0_nat", "pmos_3p3", "pmos_6p0"]
    for row in rows:
        assert row["compared"] == 6
        assert row["refused by one only"] == 0
        assert max(value for key, value in row.items() if "difference" in key) < 1e-9


def test_an_unknown_table_is_told(tmp_path):
    settings = {"repeats": 1, "evaluations": 1, "designs": 1, "sizes": 1, "corners": [], "temperatures": []}
    with pytest.raises(InputError, match="Did you mean 'speed'"):
        measure_simulators(folder=tmp_path, tables=["sped"], circuits=[], memory_evaluations=1, seed=0, **settings)
