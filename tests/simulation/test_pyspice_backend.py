"""PySpice gives what the workers give, or a reason; never another circuit's values."""

import os
import pickle
import signal
import sys
from dataclasses import replace

import numpy as np
import pytest

from eda.errors import InputError
from eda.netlist import read_netlist
from eda.simulation import Ac, Dc, Deck, Job, Noise, Op, PySpiceSimulator, Status, Tran
from eda.technology import load_technology
from eda.testbench import Conditions, OpAmpTestbench

pytestmark = pytest.mark.ngspice

RC = Deck("", "v1 in 0 dc 1 ac 1 pulse(0 1 0 1n 1n)\nr1 in out {r}\nc1 out 0 1n", {"r": 1e3}, (), ("v(out)", "i(v1)"))
DIVIDER = Deck("", "v1 in 0 1 ac 1\nr1 in out {r}\nr2 out 0 3k", {"r": 1e3}, (), ("v(in)", "v(out)", "i(v1)"))
LINEAR = {
    "rc op": (RC, Op()),
    "rc ac": (RC, Ac(1, 1e9, 10)),
    "rc dc": (RC, Dc("v1", -1, 1, 0.1)),
    "rc tran": (RC, Tran(1e-8, 5e-6)),
    "divider op": (DIVIDER, Op()),
    "divider dc": (DIVIDER, Dc("v1", 0, 2, 0.25)),
    "divider ac": (DIVIDER, Ac(1, 1e3, 5)),
    "divider tran": (replace(DIVIDER, body=DIVIDER.body.replace("1 ac 1", "sin(1 1 1meg)")), Tran(1e-8, 2e-6)),
}


@pytest.fixture(scope="module")
def pyspice():
    with PySpiceSimulator() as simulator:
        yield simulator


def _agree(one, other):
    assert one.ok, one.log
    assert other.ok, other.log
    assert one.analyses.keys() == other.analyses.keys()
    for kind, waves in one.analyses.items():
        theirs = other.analyses[kind]
        np.testing.assert_allclose(waves.scale, theirs.scale, rtol=1e-9, atol=0)
        assert waves.vectors.keys() == theirs.vectors.keys()
        for name, vector in waves.vectors.items():
            assert vector.dtype == theirs.vectors[name].dtype
            np.testing.assert_allclose(vector, theirs.vectors[name], rtol=1e-9, atol=0, err_msg=name)


@pytest.mark.parametrize("case", LINEAR)
def test_linear_circuits_agree_with_the_workers(pyspice, pool, case):
    deck, analysis = LINEAR[case]
    deck = replace(deck, analyses=(analysis,))
    jobs = [Job(deck), Job(deck, {"r": 2.5e3}), Job(deck)]
    ours, theirs = pool.simulate(jobs), pyspice.simulate(jobs)
    for one, other in zip(ours, theirs, strict=True):
        _agree(one, other)
    if "divider" in case:
        first, second, third = (result.analyses[analysis.kind]["v(out)"][-1] for result in theirs)
        assert second / first == pytest.approx(4 / 5.5)
        assert third == first


@pytest.fixture(scope="module")
def opamp():
    from pathlib import Path

    circuit = read_netlist(
        Path(__file__).parents[2] / "netlists" / "opamp" / "two_stage_miller" / "two_stage_miller.sp"
    )
    kit = load_technology("generic")
    return OpAmpTestbench(vdd=kit.supply).deck(kit.bind(circuit), kit, Conditions(), ("dc_gain",))


@pytest.mark.parametrize("kind", ["op", "ac", "dc", "tran"])
def test_an_op_amp_agrees_with_the_workers(pyspice, pool, opamp, kind):
    analyses = {analysis.kind: analysis for analysis in (*opamp.analyses, Dc("vinp", 1, 2, 0.1), Tran(1e-8, 1e-6))}
    deck = replace(opamp, analyses=(analyses[kind],))
    jobs = [Job(deck), Job(deck, {"dut_w1": 20e-6, "dut_cc": 2e-12})]
    for one, other in zip(pool.simulate(jobs), pyspice.simulate(jobs), strict=True):
        _agree(one, other)


def test_several_analyses_of_one_deck_come_back_together(pyspice):
    deck = replace(RC, analyses=(Op(), Ac(1, 1e3, 10), Dc("v1", 0, 1, 0.1)))
    (result,) = pyspice.simulate([Job(deck)])
    lengths = {kind: {len(v) for v in waves.vectors.values()} for kind, waves in result.analyses.items()}
    assert lengths == {"op": {1}, "ac": {31}, "dc": {11}}


GOOD = replace(RC, analyses=(Op(),))
BROKEN = {
    "unknown model": (replace(GOOD, body=f"{GOOD.body}\nm1 out in 0 0 nomodel"), Status.BAD_DECK),
    "unknown subcircuit": (replace(GOOD, body=f"{GOOD.body}\nx1 out in nosuch"), Status.BAD_DECK),
    "missing parameter": (replace(GOOD, body=f"{GOOD.body}\nr2 out 0 {{missing}}"), None),
    "missing include": (replace(GOOD, body=f'.include "/no/such/file.sp"\n{GOOD.body}'), None),
    "quit": (replace(GOOD, body=f".control\nquit\n.endc\n{GOOD.body}"), None),
    "unsaved node": (replace(GOOD, saved=("v(out)", "v(nowhere)")), Status.MISSING_RESULT),
    "unsaved device": (replace(GOOD, saved=("v(out)", "@m1[gm]")), None),
    "no elements": (replace(GOOD, body=""), None),
    "loop of sources": (replace(GOOD, body=f"{GOOD.body}\nv2 in 0 2"), None),
    "no convergence": (replace(GOOD, body=f"{GOOD.body}\nb1 x 0 v=v(x)*v(x)+1"), Status.NO_CONVERGENCE),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_deck_fails_alone_with_a_reason(pyspice, case):
    deck, status = BROKEN[case]
    before, bad, after = pyspice.simulate([Job(GOOD, {"r": 2e3}), Job(deck), Job(GOOD, {"r": 3e3})])
    assert not bad.ok
    assert not bad.analyses
    assert bad.log
    assert bad.status is status or status is None
    assert before.ok
    assert after.ok


# out of range on purpose: ngspice notes it on stderr, "Checking parameters for BSIM 4.5 model", and goes on
BSIM4 = Deck(
    ".model n nmos level=54 version=4.5 ckappas=0.001",
    "vd d 0 1\nvg g 0 1\nm1 d g 0 0 n w={w} l=0.1u",
    {"w": 1e-6},
    (Op(),),
    ("i(vd)",),
)


def test_a_note_is_no_failure_unless_pyspice_is_taken_at_its_word(pyspice, pool):
    (ours,) = pool.simulate([Job(BSIM4)])
    (lenient,) = pyspice.simulate([Job(BSIM4)])
    _agree(ours, lenient)
    with PySpiceSimulator(strict=True) as strict:
        refused, fine = strict.simulate([Job(BSIM4), Job(replace(DIVIDER, analyses=(Op(),)))])
    assert not refused.ok
    assert "Checking parameters for BSIM" in refused.log
    assert "NgSpiceCommandError" in refused.log
    assert fine.ok


def test_a_long_job_is_given_up_after_the_timeout():
    endless = Deck("", "v1 a 0 sin(0 1 1g)\nr1 a 0 1", {}, (Tran(1e-11, 1),), ("v(a)",))
    with PySpiceSimulator(timeout=1.0) as simulator:
        hung, fine = simulator.simulate([Job(endless), Job(GOOD)])
    assert hung.status is Status.TIMEOUT
    assert fine.ok


def test_a_killed_process_is_replaced_and_nothing_is_left(pyspice):
    pyspice.simulate([Job(GOOD)])
    (child,) = pyspice._alive
    os.kill(child.process.pid, signal.SIGKILL)
    assert pyspice.simulate([Job(GOOD)])[0].ok
    assert pyspice._alive[0] is not child
    folder = pyspice._alive[0].folder
    assert folder.is_dir()
    pyspice.close()
    assert not folder.exists()
    assert not child.folder.exists()


def test_processes_are_recycled(monkeypatch):
    monkeypatch.setattr("eda.simulation.pyspice._RECYCLE", 2)
    with PySpiceSimulator() as simulator:
        seen = []
        for _, result in simulator.run([Job(GOOD)] * 5):
            assert result.ok
            seen.append({child.process.pid for child in simulator._alive})
    assert len(set().union(*seen)) == 3


def test_the_version_names_both_and_a_copy_starts_its_own_process(pyspice):
    assert pyspice.version.startswith("PySpice 1.5 with ngspice-")
    other = pickle.loads(pickle.dumps(PySpiceSimulator(timeout=7, strict=True)))
    assert (other.timeout, other.strict, other._alive) == (7, True, [])


def test_without_pyspice_the_error_names_the_extra(monkeypatch):
    monkeypatch.setattr("eda.simulation.pyspice.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "analog-eda\[pyspice\]"'):
        PySpiceSimulator().simulate([Job(GOOD)])


def test_a_timeout_that_is_not_positive_is_refused():
    with pytest.raises(InputError, match="timeout > 0"):
        PySpiceSimulator(timeout=0)


def test_the_core_does_not_import_pyspice():
    import subprocess

    code = "import sys, eda.simulation, eda.problem; sys.exit(any('PySpice' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_two_sweeps_of_a_kind_are_told_apart_and_what_it_lacks_is_refused():
    two = Deck("", "v1 a 0 1 ac 1\nr1 a 0 1k", {}, (Op(), Ac(1, 10, 1), Ac(10, 100, 1, name="high")), ("v(a)",))
    with PySpiceSimulator() as simulator:
        (result,) = simulator.simulate([Job(two)])
        assert result.analyses.keys() == {"op", "ac", "high"}
        assert result.analyses["ac"].scale[0] == 1
        for deck in (
            replace(two, analyses=(Op(), Noise("v(a)", "v1", 1, 10, 1))),
            replace(two, measures=("ac top max vdb(a)",)),
        ):
            with pytest.raises(InputError, match="PySpice is asked for op, ac, dc, tran alone"):
                simulator.simulate([Job(deck)])
