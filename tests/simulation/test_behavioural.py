"""Resistors whose value depends on voltages go through flattening, and both modes agree with ngspice -b."""

import pytest

from eda.simulation import Deck, Job, Op, WorkerPool

BODY = """v1 in 0 {v}
x1 in out soft k=0.5
r9 out 0 1k
.subckt soft a b k=1
rx a b r={1k*(1+k*abs(v(a,b)))} tc1=0 tc2=0
.ends"""
DECK = Deck("", BODY, {"v": 1.0}, (Op(),), ("v(out)",))


def test_nodes_and_parameters_are_placed():
    text = DECK.elaboration.pieces[-1]
    assert "r.x1.rx in out r='" in text
    assert "v(in,out)" in text
    assert "tc1=0 tc2=0" in text


@pytest.mark.ngspice
@pytest.mark.parametrize("mode", ["exact", "fast"])
def test_modes_agree_with_batch_runs(batch, mode):
    jobs = [Job(DECK), Job(DECK, {"v": 3.0}), Job(DECK, {"v": 0.5})]
    with WorkerPool(1, mode=mode) as pool:
        found = [result.analyses["op"].value("v(out)") for result in pool.simulate(jobs)]
    expected = [result.analyses["op"].value("v(out)") for result in batch.simulate(jobs)]
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.ngspice
def test_a_parameter_in_such_an_expression_asks_for_a_new_circuit(batch):
    deck = Deck("", BODY.replace("k=0.5", "k={s}"), {"v": 1.0, "s": 0.5}, (Op(),), ("v(out)",))
    assert deck.elaboration.fixed == ("s",)
    jobs = [Job(deck), Job(deck, {"s": 2.0}), Job(deck)]
    with WorkerPool(1, mode="fast") as pool:
        found = [result.analyses["op"].value("v(out)") for result in pool.simulate(jobs)]
    expected = [result.analyses["op"].value("v(out)") for result in batch.simulate(jobs)]
    assert found == pytest.approx(expected, rel=1e-9)
    assert found[0] != pytest.approx(found[1], rel=1e-3)
