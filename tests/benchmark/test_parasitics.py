import numpy as np
import pytest
import torch

from eda.benchmark.parasitic_baseline import boosted, of_pairs, of_places
from eda.benchmark.parasitics import (
    _measured,
    divided_by_net,
    divided_by_region,
    known_of,
    measure_parasitics,
)
from eda.datasets.cirgps import Layout
from eda.parasitics.interconnect import coupling, ground, of_layout


@pytest.fixture(scope="module")
def whole():
    """Inverters side by side between rails 0 and 1, each with an input and an output of its own."""
    count = 30
    device = np.arange(2 * count)
    nets = np.array([[3 + 2 * (one // 2), 2 + 2 * (one // 2), one % 2] for one in device])
    width = np.repeat(1e-7 * (1 + np.arange(count) % 5), 2)
    gate = 3 * device + 1
    return of_layout(
        Layout(
            width,
            np.full(2 * count, 3e-8),
            np.repeat(device, 3),
            np.tile([0, 1, 2], 2 * count),
            nets.ravel(),
            np.zeros(2 + 2 * count, dtype=bool),
            np.arange(2 + 2 * count) < 2,
            np.full(2 + 2 * count, 3e-16),
            np.repeat(width, 3) * 1e-10,
            {
                "pin to net": (np.stack((gate, nets[:, 0])), width * 1e-10),
                "pin to pin": (np.stack((gate, gate + 1)), width * 3e-10),
                "net to net": (np.stack((nets[::2, 0], nets[::2, 1])), np.full(count, 2e-16)),
            },
        )
    )


@pytest.mark.parametrize("divide", [divided_by_net, divided_by_region])
@pytest.mark.parametrize("seed", [0, 1])
def test_nothing_that_is_tested_is_learned_from(whole, divide, seed):
    circuit, pairs, farads, to_ground = whole
    split = divide(circuit, seed)
    learned, tested = split.pairs(pairs)
    assert 0.05 < len(tested) / len(pairs) < 0.6
    assert not set(learned.tolist()) & set(tested.tolist())
    assert not split.held_out[pairs.ends[learned]].any()
    known = known_of(split, pairs, coupling(farads), ground(to_ground))
    assert not split.held_out[known.places].any()
    assert not split.held_out[known.absent.ends].any()
    assert len(known.pairs) == len(learned)
    rails = split.held_out[: circuit.nets][circuit.rail]
    assert not rails.any(), "everything is at the rails: they are no test"


def test_a_net_is_held_out_with_its_pins_and_pins_on_rails_go_with_their_transistor(whole):
    circuit = whole[0]
    held = divided_by_net(circuit, 0).held_out
    pins = circuit.pins
    inner = ~circuit.rail[pins.net]
    torch.testing.assert_close(held[circuit.nets :][inner], held[pins.net[inner]])
    for device in range(6):
        mine = pins.device == device
        on_rail = mine & ~inner
        first = pins.net[mine & inner][0]
        assert held[circuit.nets :][on_rail].all() == held[first]


def test_a_region_is_a_stretch_of_the_netlist(whole):
    circuit = whole[0]
    held = divided_by_region(circuit, 3).held_out[circuit.nets :]
    devices = torch.unique(circuit.pins.device[held])
    assert len(devices) == 12
    gaps = (devices.diff() > 1).sum() + (devices[0] + 60 - devices[-1] > 1)
    assert gaps <= 1


def test_absent_couplings_are_those_of_one_transistor_that_are_not_there(whole):
    circuit, pairs, farads, to_ground = whole
    split = divided_by_region(circuit, 0)
    absent = known_of(split, pairs, coupling(farads), ground(to_ground)).absent
    pin = absent.ends - circuit.nets
    assert (circuit.pins.device[pin[:, 0]] == circuit.pins.device[pin[:, 1]]).all()
    there = {frozenset(ends) for ends in pairs.ends.tolist()}
    assert not any(frozenset(ends) in there for ends in absent.ends.tolist())


def test_the_baseline_learns_what_its_features_say(whole):
    circuit, pairs, farads, _ = whole
    features, values = of_pairs(of_places(circuit), pairs), coupling(farads)
    found, _ = boosted(features, values, (values * 5).long(), features, balanced=False, seed=0)
    assert np.corrcoef(found, values)[0, 1] > 0.8
    turned = type(pairs)(pairs.ends.flip(1), pairs.kind, pairs.distance)
    torch.testing.assert_close(of_pairs(of_places(circuit), turned), features)


def test_rare_classes_are_judged_apart():
    wanted = torch.tensor([0.5] * 97 + [0.9] * 3)
    class_ = torch.tensor([2] * 100)
    row = _measured(wanted, wanted.clone(), class_)
    assert row["R2"] == 1
    assert row["MAE"] == 0
    assert row["F1 of rare classes"] == 0
    assert row["F1"] == pytest.approx(0.4924, abs=1e-3)
    assert _measured(wanted, torch.full((100,), 0.5), (wanted * 5).long())["F1"] == 1


def test_the_suite_has_a_row_for_each_method_split_and_quantity(tmp_path, monkeypatch, whole):
    monkeypatch.setattr("eda.benchmark.parasitics.run_units", lambda work, units, **_: [work(unit) for unit in units])
    monkeypatch.setattr("eda.benchmark.parasitics.cirgps.layout", lambda: None)
    monkeypatch.setattr("eda.benchmark.parasitics.of_layout", lambda _: whole)
    methods = {
        "network": {
            "shape": {"width": 16, "layers": 1},
            "recipe": {"steps": 5, "scattering": 2, "balanced": True},
        },
        "gradient boosting": {"boosting": True, "balanced": True},
    }
    rows = measure_parasitics(folder=tmp_path, run_dir=tmp_path, seeds=1, methods=methods)
    assert len(rows) == 2 * 2 * 3
    assert {row["table"] for row in rows} == {"couplings", "nets to ground", "pins to ground"}
    assert {row["split"] for row in rows} == {"net", "region"}


@pytest.mark.parametrize("balanced", [False, True])
def test_boosting_does_without_a_class_of_one_member(balanced):
    inputs = torch.rand(400, 2, generator=torch.Generator().manual_seed(0))
    classes = (inputs[:, 0] > 0.5).long()
    classes[7] = 3
    values, found = boosted(inputs, inputs[:, 0], classes, inputs, balanced=balanced, seed=0)
    assert set(found.tolist()) == {0, 1}
    assert np.abs(values - inputs[:, 0].numpy()).mean() < 0.05
