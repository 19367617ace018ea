import random
from dataclasses import replace
from pathlib import Path

import pytest

from eda.benchmark import (
    behavioural_networks,
    behavioural_search,
    device_topology,
    drawn_topologies,
    known_topologies,
    languages,
)
from eda.benchmark.behavioural_labels import compare_labels
from eda.benchmark.behavioural_solver import _agreement, _diverging
from eda.benchmark.behavioural_topology import measure_behavioural_topologies
from eda.benchmark.device_topology import measure_device_topologies
from eda.datasets import openamp
from eda.errors import InputError
from eda.simulation import WorkerPool
from eda.simulation.linear import LinearNetworks
from eda.topology.behavioural import random_opamp
from eda.topology.behavioural.labelled import LabelledOpAmps, random_opamps
from eda.topology.behavioural.specification import performances
from eda.topology.device import VOCABULARY, Part, Topology
from eda.topology.device.grammar import refusal
from eda.topology.device.novelty import Known
from eda.topology.device.recombination import Wiring, _interface, recombined, shuffled

OTA = Path(__file__).parents[2] / "netlists" / "opamp" / "five_transistor_ota" / "five_transistor_ota.sp"


@pytest.fixture(scope="module")
def opamps():
    rng = random.Random(3)
    return [random_opamp(rng) for _ in range(40)]


@pytest.mark.ngspice
def test_the_solver_agrees_with_ngspice(opamps):
    with WorkerPool(1) as pool:
        found = _agreement(opamps[:20], pool)
    assert found["largest difference, dB"] < 1e-6
    assert found["largest difference, degrees"] < 1e-6


@pytest.mark.ngspice
def test_unstable_op_amps_diverge_and_others_do_not(opamps):
    stable = LinearNetworks.of([one.elements() for one in opamps]).stable().tolist()
    with WorkerPool(1) as pool:
        assert all(_diverging([o for o, sound in zip(opamps, stable, strict=True) if not sound][:4], pool))
        assert not any(_diverging([o for o, sound in zip(opamps, stable, strict=True) if sound][:4], pool))


def test_the_solver_gives_what_spectre_gave(dataset_folder):
    published = openamp.opamps(dataset_folder("openamp"))[2000:2200]  # one of them crosses unity nowhere
    found = compare_labels(published)
    assert (found["equal as read"], found["without a crossing"]) == (200, 1)
    assert found["of these, largest difference of the gain, dB"] < 1e-9
    assert found["of the frequency"] < 1e-12
    assert found["of the margin, degrees"] < 1e-9
    wrong = [replace(one, unity_gain_frequency=1.01 * one.unity_gain_frequency) for one in published[:20]]
    assert compare_labels([*wrong, *published[20:40]])["equal as read"] == 20


@pytest.mark.ngspice
def test_generated_op_amps_are_sized_beside_one_by_hand(tmp_path):
    arguments = {"folder": OTA.parent, "run_dir": tmp_path, "by_hand": [OTA.name]}
    rows = measure_device_topologies(**arguments, tables=["end to end"], count=1, budget=16, technology="generic")
    assert [(row["circuits"], row["seed"]) for row in rows] == [
        ("by hand", "all"),
        ("behavioural", 0),
        ("language model", 0),
        ("behavioural", "all"),
        ("language model", "all"),
    ]
    assert all(row["sized"] == 1 and row["simulations"] == 16 for row in rows)


@pytest.mark.ngspice
def test_how_soon_the_first_circuits_are_there(tmp_path):
    rows = measure_device_topologies(folder=tmp_path, run_dir=tmp_path, by_hand=[], tables=["first ten"])
    assert [row["checked"] for row in rows] == [10]
    assert rows[0]["drawn"] >= 10
    assert rows[0]["seconds"] > 1


def test_an_unknown_table(tmp_path):
    with pytest.raises(InputError, match="table"):
        measure_device_topologies(folder=tmp_path, run_dir=tmp_path, by_hand=[], tables=["nothing"])


@pytest.fixture
def unit(tmp_path, monkeypatch):
    """A seed of the suite, small, with its networks."""
    for name, value in {"_CANDIDATES": 16, "_DRAWS": 60, "_HELD_OUT": 40, "_POOL": 100, "_STYLE_TEST": 40}.items():
        monkeypatch.setattr(behavioural_networks, name, value)
    monkeypatch.setattr(behavioural_search, "_RANKED", 100)
    monkeypatch.setattr(behavioural_networks, "_style", lambda: LabelledOpAmps.of(random_opamps(400, seed=7)))
    found = {
        "seed": 0,
        "circuits": 300,
        "rounds": {"predictor": 1, "autoencoder": 1, "small": 1},
        "specifications": 3,
        "runs": 1,
        "evaluations": 45,
        "_folder": str(tmp_path),
    }
    first = behavioural_networks.trained(found)
    assert behavioural_networks.trained(found) == first  # read, not trained again
    return found


def test_tables_of_behavioural_op_amps(unit):
    rows = {
        name: work(unit)["rows"]
        for name, work in (
            ("prediction", behavioural_networks.prediction),
            ("autoencoder", behavioural_networks.autoencoder),
            ("conditional", behavioural_networks.conditional),
            ("search", behavioural_search.search),
        )
    }
    assert [row["method"] for row in rows["prediction"]] == ["nodal network", "gradient boosting"] * 3
    assert rows["prediction"][1]["gain: RMSE/std"] < rows["prediction"][0]["gain: RMSE/std"]
    scheme = rows["autoencoder"][-1]
    assert scheme["draws"] == "sampling scheme"
    assert 0.2 < scheme["stable"] < 0.6
    lookup = rows["conditional"][0]
    assert lookup["method"] == "lookup"
    assert lookup["new"] in {0.0, None}
    assert all(row["best FoM, mean"] > 0 for row in rows["search"] if row["asked for"] == "nothing else")


def test_a_run_that_finds_none_counts_as_zero():
    good = performances([random_opamp(random.Random(3))])[0]
    sound = replace(good, stable=True, gain=60.0, unity_gain_frequency=1e9, phase_margin=60.0)
    row = behavioural_search._row([sound, replace(sound, stable=False)], sound=True)
    assert row["all"] == [sound.fom, 0.0]
    assert row["runs that found one"] == 0.5
    assert behavioural_search._row([replace(sound, stable=False)], sound=True)["stable"] is None


def test_an_unknown_table_of_behavioural_op_amps(tmp_path):
    with pytest.raises(InputError, match="table"):
        measure_behavioural_topologies(simulator=None, run_dir=tmp_path, tables=["predictions"])


@pytest.fixture
def few(monkeypatch):
    """Mirrors of the data, as if there were no others."""
    mirrors = tuple(one for one in drawn_topologies.known_circuits() if one.kind == "mirror")
    for module in (drawn_topologies, languages):
        monkeypatch.setattr(module, "known_circuits", lambda: mirrors)
    caches = [getattr(drawn_topologies, name) for name in ("_known", "_neighbours", "_grams", "_recombination")]
    for one in caches:
        one.cache_clear()
    yield {"kind": "mirror", "seed": 0, "temperature": 1.0}
    for one in caches:
        one.cache_clear()


@pytest.mark.dataset("analoggenie")
def test_drawn_circuits_are_counted(few):
    rows = {way: drawn_topologies.samples({**few, "way": way, "count": 12}) for way in drawn_topologies.WAYS}
    assert list(rows) == ["language model", "recombination", "retrieval", "shuffled"]
    assert rows["language model"]["grammar"] == rows["retrieval"]["grammar"] == 12
    assert rows["retrieval"]["new"] == 0
    assert rows["retrieval"]["likeness to the nearest"] == 1
    assert rows["recombination"]["new"] == rows["shuffled"]["new"] == 12
    assert rows["shuffled"]["rule check"] < rows["retrieval"]["rule check"]
    assert all(row["nearest of the class"] == row["compared"] == 12 for row in rows.values())


@pytest.mark.ngspice
@pytest.mark.dataset("analoggenie")
def test_drawn_circuits_are_tried_out(few):
    row = drawn_topologies.ladder({**few, "way": "retrieval", "count": 5})
    assert row["n"] == row["grammar"] == 5
    assert 5 >= row["rule check"] >= row["operating point"] >= row["function"] > 0
    assert row["work, new and distinct"] == 0
    new = drawn_topologies.ladder({**few, "way": "recombination", "count": 15})
    assert 0 < new["work, new and distinct"] == new["function"]


@pytest.mark.dataset("analoggenie")
def test_what_is_tried_out_is_new(few):
    old, *others = (one.topology for one in drawn_topologies.known_circuits())
    rng = random.Random(0)
    new = [shuffled(one, rng) for one in others[:3]]
    assert list(drawn_topologies._fresh([old, *new, old, *new])) == new


@pytest.mark.dataset("analoggenie")
def test_languages_are_compared(few, tmp_path, monkeypatch):
    for name, value in {"_WALKS": 24, "CLASSES": ["mirror"]}.items():
        monkeypatch.setattr(languages, name, value)
    unit = {"seed": 0, "rounds": 2, "count": 6, "_folder": str(tmp_path)}
    unit["shape"] = {"width": 32, "layers": 1, "heads": 1}
    rows = [row for name in languages.LEARNED for row in languages.languages({**unit, "language": name})["rows"]]
    assert [row["language"].partition(",")[2] for row in rows] == ["", " no grammar", ""]
    assert rows[0]["a circuit"] == rows[0]["grammar"] == 1
    assert all(row["a circuit"] < 1 for row in rows[1:])
    assert rows[0]["words of a circuit"] < rows[2]["words of a circuit"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("mirror 2 vss m_sb nmos m_dg ib1 1 vss m_sb stop", "a visit must be"),
        ("mirror 1 vss m_sb nmos ib1 m_dg stop", "a visit must be"),
        ("mirror 1 vss m_sb resistor m_dg ib1 stop", "each of its terminals once"),
        ("mirror 1 vss m_sb nmos m_d ib1 stop", "each of its terminals once"),
        ("mirror 1 vss m_sb nmos m_d ib1 m_g ib1 stop", "a net of its own"),
        ("mirror 1 vss m_sb nmos m_d ib1 m_g nmos stop", "a net of its own"),
    ],
)
def test_a_walk_without_the_grammar_that_is_none(text, message):
    with pytest.raises(InputError, match=message):
        languages._read_any([VOCABULARY.number[word] for word in text.split()])


def test_a_walk_without_the_grammar_may_be_of_any_circuit():
    """The grammar asks for an output and the right count, AnalogToBi's rules do not."""
    text = "mirror 7 vss m_sb nmos m_dg ib1 stop"
    topology = languages._read_any([VOCABULARY.number[word] for word in text.split()])
    assert topology == Topology((Part("nmos", ("ib1", "ib1", "vss", "vss")),))


def test_counts_of_several_classes_are_pooled():
    rows = [
        {"n": 10, "new": 5, "seconds": 1.0, "likeness": 0.5, "compared": 5, "nearest of the class": 5},
        {"n": 30, "new": 5, "seconds": 2.0, "likeness": 0.7, "compared": 5, "nearest of the class": 2},
    ]
    assert device_topology._pooled(rows) == {
        "n": 40,
        "new": 0.25,
        "seconds": 3.0,
        "likeness": pytest.approx(0.6),
        "nearest of the class": 0.7,
    }


def test_an_unknown_class(tmp_path):
    with pytest.raises(InputError, match="class"):
        measure_device_topologies(folder=tmp_path, run_dir=tmp_path, by_hand=[], classes=["opamps"])


@pytest.mark.dataset("analoggenie")
def test_circuits_of_the_data_are_described(few, monkeypatch):
    mirrors = [*drawn_topologies.known_circuits()]
    monkeypatch.setattr(known_topologies, "examples", lambda: (mirrors[:10], {"4": "no ground"}))
    monkeypatch.setattr(known_topologies, "CLASSES", {"mirror": "Mirror"})
    mirror, every = known_topologies.described()
    assert (mirror["circuits"], mirror["refused by the grammar"]) == (10, 0)  # number 4 is an op-amp
    assert every == {**mirror, "class": "all", "refused by the grammar": 1}
    assert mirror["share with a port that is"]["ground"] == 1


def test_a_block_meets_the_rest_at_its_interface():
    wiring = Wiring.of(
        Topology(
            (
                Part("nmos", ("x", "vin1", "t", "vss")),
                Part("nmos", ("vout1", "vin2", "t", "vss")),
                Part("pmos", ("x", "x", "vdd", "vdd")),
                Part("pmos", ("vout1", "x", "vdd", "vdd")),
                Part("nmos", ("t", "vb1", "vss", "vss")),
            )
        )
    )
    assert wiring.near == ({0, 1, 2, 3, 4}, {0, 1, 3, 4}, {0, 2, 3}, {0, 1, 2, 3}, {0, 1, 4})  # the rails aside
    ports = {("port", "vin"): ["vin1", "vin2"], ("port", "vss"): ["vss"], ("port", "vout"): ["vout1"]}
    inner = {("net", ("nmos", "d")): ["x"], ("net", ("nmos", "s")): ["t"]}
    assert _interface(wiring, {1, 0}, strict=True) == {**ports, **inner}
    assert _interface(wiring, {1, 0}, strict=False) == {**ports, ("net",): ["x", "t"]}
    with_tail = {**ports, ("port", "vb"): ["vb1"], ("net", ("nmos", "d")): ["x"]}
    assert _interface(wiring, {0, 1, 4}, strict=True) == with_tail  # nothing else is on t


@pytest.mark.dataset("analoggenie")
def test_blocks_are_exchanged_and_pins_shuffled():
    known = [one.topology for one in drawn_topologies.known_circuits() if one.kind == "opamp"]
    rng, old, wirings = random.Random(0), Known(known), [Wiring.of(one) for one in known]
    for _ in range(20):
        one = recombined(wirings, "opamp", rng, old=old)
        assert not refusal(one, "opamp")
        assert one not in old
    given = known[0]
    other = shuffled(given, rng)
    assert [part.kind for part in other.parts] == [part.kind for part in given.parts]
    assert sorted(n for p in other.parts for n in p.nets) == sorted(n for p in given.parts for n in p.nets)
