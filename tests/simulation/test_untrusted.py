"""No name and no measurement reaches a shell: what stands in backquotes ngspice would run."""

from dataclasses import replace

import pytest

import eda
from eda.errors import InputError, NetlistError
from eda.netlist import Device
from eda.simulation import Ac, Deck, Job, Noise, Op
from eda.simulation.sweeps import require_words


@pytest.fixture
def evil(tmp_path):
    return f"`touch {tmp_path / 'evil'}`", tmp_path / "evil"


def test_names_with_backquotes_are_refused(evil):
    for name in ("r`id`", "`id`"):
        with pytest.raises(NetlistError):
            eda.parse_netlist(f"* a\nr1 a 0 1k\n{name} a 0 1k\n")
    with pytest.raises(InputError, match="without blanks"):
        require_words(name="`id`")
    with pytest.raises(InputError, match="a measurement reads"):
        Deck("", "v1 a 0 1", {}, (Op(), Ac(1, 10, 1)), ("v(a)",), measures=(f"ac x find v(a) at={evil[0]}",))


@pytest.mark.ngspice
def test_vectors_with_backquotes_run_nothing(evil, pool, batch):
    text, trace = evil
    deck = Deck("", "v1 a 0 1 ac 1\nr1 a 0 1k", {}, (Op(), Noise("v(a)", "v1", 1, 10, 1)), ("v(a)", f"v({text})"))
    (result,) = pool.simulate([Job(deck)])
    assert not result.ok
    with pytest.raises(InputError, match="backquotes"):
        batch.simulate([Job(deck)])
    assert not trace.exists()


def test_a_netlist_made_by_hand_is_not_written_with_them():
    circuit = eda.parse_netlist("* a\nr1 a 0 1k\n")
    with pytest.raises(InputError, match="mean something else"):
        eda.write_netlist(replace(circuit, devices=(Device("r1", ("a`id`", "0"), value="1"),)), "/dev/null")
