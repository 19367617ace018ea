"""The workers give what a fresh `ngspice -b` gives, whatever ran before."""

import random
from dataclasses import replace

import numpy as np
import pytest

from eda.simulation import Ac, BatchSimulator, Dc, Deck, Job, Op, WorkerPool
from eda.technology import load_technology
from eda.testbench import Conditions, OpAmpTestbench, Undefined

pytestmark = pytest.mark.ngspice
technologies = pytest.mark.parametrize("technology", ["generic", pytest.param("sky130", marks=pytest.mark.sky130)])


def _deck(circuit, technology, **conditions):
    kit = load_technology(technology)
    return OpAmpTestbench(vdd=kit.supply).deck(kit.bind(circuit), kit, Conditions(**conditions), ("dc_gain",))


def _designs(circuit, count, seed=0):
    """Random sizes, some of them for only a part of the parameters."""
    rng = random.Random(seed)
    designs = []
    for _ in range(count):
        variables = rng.sample(circuit.top.variables, rng.randint(3, len(circuit.top.variables)))
        designs.append({f"dut_{v.name}": v.low * (v.high / v.low) ** rng.random() for v in variables})
    return [*designs, {}]


def _same(one, other, rtol=0.0):
    assert one.status is other.status
    for kind, waves in one.analyses.items():
        for name, vector in waves.vectors.items():
            np.testing.assert_allclose(vector, other.analyses[kind].vectors[name], rtol=rtol, atol=0, err_msg=name)


@technologies
@pytest.mark.parametrize("name", ["miller", "ota"])
def test_workers_equal_batch_runs_to_the_last_bit(request, batch, technology, name):
    circuit = request.getfixturevalue(name)
    nominal, hot = _deck(circuit, technology), _deck(circuit, technology, corner="ss", temperature=125.0, supply=0.9)
    points = [(nominal, v) for v in _designs(circuit, 4)] + [(hot, v) for v in _designs(circuit, 2, seed=1)]
    # one analysis a deck: within one `ngspice -b` the later ones start from what the earlier ones left
    jobs = [Job(replace(deck, analyses=(a,)), values) for deck, values in points for a in deck.analyses]
    with WorkerPool(2) as pool:
        results = pool.simulate(jobs)
    for one, other in zip(results, batch.simulate(jobs), strict=True):
        _same(one, other)
    outputs = {result.analyses["ac"]["v(out)"].tobytes() for result in results if "ac" in result.analyses}
    assert len(outputs) == len(points)


@technologies
@pytest.mark.parametrize("name", ["miller", "ota"])
def test_all_analyses_in_one_deck_agree_with_batch_runs(request, batch, technology, name):
    circuit = request.getfixturevalue(name)
    deck, bench = _deck(circuit, technology), OpAmpTestbench(vdd=load_technology(technology).supply)
    jobs = [Job(deck, values) for values in _designs(circuit, 10)]
    with WorkerPool(2) as pool:
        results = pool.simulate(jobs)
    alive = 0
    for one, other in zip(results, batch.simulate(jobs), strict=True):
        assert one.status is other.status
        mine, theirs = bench.measure(one, deck), bench.measure(other, deck)
        if all(guard.holds for guard in mine.guards):  # a dead point is only as sharp as ngspice's own tolerance
            alive += 1
            for metric, value in mine.values.items():
                expected = theirs.values[metric]
                assert value == (expected if isinstance(expected, Undefined) else pytest.approx(expected, rel=1e-6))
    assert alive >= 2


@pytest.mark.sky130
def test_one_technology_does_not_change_the_next(miller, batch):
    # sky130 sets `.option scale=1u` and HSPICE mode; the capacitances of generic must not feel it
    decks = {name: replace(_deck(miller, name), analyses=(Ac(1, 1e9, 5),)) for name in ("generic", "sky130")}
    jobs = [Job(decks[name]) for name in ("generic", "sky130", "generic", "sky130")]
    with WorkerPool(1) as pool:
        for one, other in zip(pool.simulate(jobs), batch.simulate(jobs), strict=True):
            _same(one, other)


@technologies
def test_results_depend_neither_on_order_nor_on_the_number_of_workers(miller, ota, technology):
    decks = [_deck(miller, technology), _deck(miller, technology, temperature=-40.0)]
    jobs = [Job(deck, values) for deck in decks for values in _designs(miller, 5)]
    jobs += [Job(_deck(ota, technology), values) for values in _designs(ota, 5)]
    order = list(range(len(jobs)))
    random.Random(1).shuffle(order)
    with WorkerPool(1) as single, WorkerPool(3) as several:
        in_order = single.simulate(jobs)
        shuffled = single.simulate([jobs[i] for i in order])
        parallel = several.simulate(jobs)
    for place, index in enumerate(order):
        _same(in_order[index], shuffled[place])
        _same(in_order[index], parallel[index])


def test_parameters_that_are_not_given_are_nominal(simulator):
    deck = Deck("", "v1 a 0 {x+10*y}\nr1 a 0 1", {"x": 1.0, "y": 2.0}, (Op(),), ("v(a)",))
    values = [{"x": 5.0, "y": 7.0}, {}, {"y": 0.0}, {"x": -3e-3}, {}]
    found = [r.analyses["op"].value("v(a)") for r in simulator.simulate([Job(deck, v) for v in values])]
    assert found == pytest.approx([75, 21, 1, 19.997, 21], rel=1e-12)


def test_set_up_commands_of_one_deck_do_not_reach_the_next(batch):
    # the power of a negative base is taken differently in HSPICE mode
    plain = Deck("", "v1 a 0 {(-2)**2.4}\nr1 a 0 1", {}, (Op(),), ("v(a)",))
    hspice = replace(plain, setup=("set ngbehavior=hsa",))
    jobs = [Job(plain), Job(hspice), Job(plain)]
    expected = [r.analyses["op"].value("v(a)") for r in batch.simulate(jobs)]
    assert expected == pytest.approx([2**2.4, 4, 2**2.4])
    with WorkerPool(1) as single:
        assert [r.analyses["op"].value("v(a)") for r in single.simulate(jobs)] == expected


def test_only_the_asked_vectors_come_back_in_full_length(simulator):
    analyses = (Op(), Ac(1, 1e3, 10), Dc("v1", 0, 1, 0.1))
    deck = Deck("", "v1 a 0 1 ac 1\nr1 a b 1k\nr2 b 0 1k", {}, analyses, ("v(b)", "i(v1)"))
    (result,) = simulator.simulate([Job(deck)])
    assert set(result.analyses) == {"op", "ac", "dc"}
    lengths = {kind: {len(v) for v in waves.vectors.values()} for kind, waves in result.analyses.items()}
    assert lengths == {"op": {1}, "ac": {31}, "dc": {11}}


@pytest.mark.parametrize("start", [BatchSimulator, lambda: WorkerPool(1)], ids=["batch", "pool"])
def test_the_users_spiceinit_is_ignored(tmp_path, monkeypatch, start):
    (tmp_path / ".spiceinit").write_text("set ngbehavior=hsa\nalias op echo taken over\nalias ac echo taken over\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    deck = Deck("", "v1 a 0 {(-2)**2.4} ac 1\nr1 a 0 1", {}, (Op(), Ac(1, 10, 1)), ("v(a)",))
    with start() as simulator:
        (result,) = simulator.simulate([Job(deck)])
    assert result.ok, result.log
    assert result.analyses["op"].value("v(a)") == pytest.approx(2**2.4)


def test_no_jobs_no_results(simulator):
    assert simulator.simulate([]) == []
