"""What is shown of parasitics: capacitances of nets and regions of a layout that nothing was learned from."""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from sklearn.metrics import f1_score

from eda.benchmark.parasitic_baseline import boosted, of_pairs, of_places
from eda.benchmark.units import fingerprint, run_units
from eda.datasets import cirgps
from eda.nn.pin_network import PinShape
from eda.nn.threads import one_thread
from eda.parasitics.estimator import same_device
from eda.parasitics.interconnect import CLASSES, Interconnect, Pairs, classes, coupling, ground, of_layout
from eda.parasitics.training import Known, Recipe, trained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.parasitics.network import ParasiticNetwork

__all__ = ["Split", "divided_by_net", "divided_by_region", "judged", "known_of", "measure_parasitics"]

_HELD_OUT: Final = 0.2
_RARE: Final = 0.05  # classes with a smaller share of what is tested
_SPLITS: Final = ("net", "region")
_SHOWN: Final = ("method", "split", "seed")


def measure_parasitics(
    *,
    folder: Path,  # noqa: ARG001 - suites of other kinds look there
    run_dir: Path,
    seeds: int = 3,
    methods: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """The tables of parasitics.

    Args:
        folder: of the suite.
        run_dir: where networks in training and results are kept, so that the suite goes on where it was stopped.
        seeds: seeds 0 to `seeds - 1`, of splits and weights.
        methods: by name either `boosting` (balanced or not), or `shape` and `recipe` of a network.
    """
    units = [
        {"method": name, **dict(how), "split": split, "seed": seed, "_folder": str(run_dir / "parasitics")}
        for split in _SPLITS
        for name, how in methods.items()
        for seed in range(seeds)
    ]
    found = run_units(_estimated, units, run_dir=run_dir, name="parasitics")
    return [
        {"table": row["of"], **{key: unit[key] for key in _SHOWN}, **row}
        for unit, result in zip(units, found, strict=True)
        for row in result["rows"]
    ]


class Split:
    """Which places are tested.

    Args:
        circuit: whose.
        held_out: `places` booleans.
        crossing: whether pairs with one end held out are tested; they are left out otherwise.
    """

    def __init__(self, circuit: Interconnect, held_out: torch.Tensor, *, crossing: bool) -> None:
        self.circuit, self.held_out, self.crossing = circuit, held_out, crossing

    def pairs(self, pairs: Pairs) -> tuple[torch.Tensor, torch.Tensor]:
        """Those to learn from, and those to test, as rows."""
        ends = self.held_out[pairs.ends]
        tested = ends.any(1) if self.crossing else ends.all(1)
        return torch.nonzero(~ends.any(1))[:, 0], torch.nonzero(tested)[:, 0]


def divided_by_net(circuit: Interconnect, seed: int, held_out: float = _HELD_OUT) -> Split:
    """A part of the nets is held out, with their pins; a pin on a rail goes with another net of its transistor."""
    generator = torch.Generator().manual_seed(seed)
    chosen = (torch.rand(circuit.nets, generator=generator) < held_out) & ~circuit.rail
    pins = circuit.pins
    inner = ~circuit.rail[pins.net]
    other = torch.zeros(len(pins.devices), dtype=torch.long)
    places = torch.nonzero(inner)[:, 0].flip(0)
    other[pins.device[places]] = pins.net[places]  # the first one stays
    owner = torch.where(inner, pins.net, other[pins.device])
    return Split(circuit, torch.cat((chosen, chosen[owner])), crossing=True)


def divided_by_region(circuit: Interconnect, seed: int, held_out: float = _HELD_OUT) -> Split:
    """A stretch of the netlist is held out, with the nets that have most of their pins in it."""
    pins = circuit.pins
    count = len(pins.devices)
    begin = int(torch.randint(count, (1,), generator=torch.Generator().manual_seed(seed)))
    inside = (torch.arange(count) - begin) % count < held_out * count
    mine = inside[pins.device].float()
    size = torch.bincount(pins.net, minlength=circuit.nets).clamp(min=1)
    share = torch.zeros(circuit.nets).index_add(0, pins.net, mine) / size
    return Split(circuit, torch.cat(((share > 1 / 2) & ~circuit.rail, mine > 0)), crossing=False)


def known_of(split: Split, pairs: Pairs, couplings: torch.Tensor, grounds: torch.Tensor) -> Known:
    """What may be learned from."""
    rows, _ = split.pairs(pairs)
    places = torch.nonzero(~split.held_out)[:, 0]
    there = {tuple(sorted(ends)) for ends in pairs.ends[pairs.distance == 0].tolist()}
    candidates = same_device(split.circuit)
    absent = torch.tensor([tuple(sorted(ends)) not in there for ends in candidates.tolist()])
    absent &= ~split.held_out[candidates].any(1)
    ends = candidates[absent]
    return Known(pairs[rows], couplings[rows], places, grounds[places],
                 split.circuit.pairs(ends, torch.ones(len(ends), dtype=torch.long)))  # fmt: skip


def _estimated(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Learn from a part of the layout, and estimate the other.

    Args:
        unit: `split`, `seed`, `_folder`; `boosting` with `balanced`, or `shape` and `recipe`.
    """
    circuit, pairs, farads, to_ground = of_layout(cirgps.layout())
    couplings, grounds = coupling(farads), ground(to_ground)
    split = (divided_by_net if unit["split"] == "net" else divided_by_region)(circuit, unit["seed"])
    begin = time.process_time()
    with one_thread():
        found = _by_boosting if "boosting" in unit else _by_network
        estimates = found(unit, split, pairs, couplings, grounds)
    seconds = round(time.process_time() - begin)
    judged_ = _judged(estimates, split, pairs, couplings, grounds)
    return {"rows": [{"of": name, **row, "s of training": seconds} for name, row in judged_.items()]}


def _by_network(
    unit: Mapping[str, Any], split: Split, pairs: Pairs, couplings: torch.Tensor, grounds: torch.Tensor
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    folder = Path(unit["_folder"])
    folder.mkdir(parents=True, exist_ok=True)
    circuit = split.circuit
    about = {key: unit[key] for key in ("split", "seed", "shape", "recipe")}
    recipe = Recipe(**unit["recipe"])
    name = f"{unit['method']} by {unit['split']}, seed {unit['seed']}"
    network, _ = trained(
        circuit,
        known_of(split, pairs, couplings, grounds),
        PinShape(**unit["shape"]),
        recipe,
        seed=unit["seed"],
        state=folder / f"{fingerprint(about)}.state",
        about=about,
        after=partial(_say, name, recipe.steps),
    )
    return _estimates(network, split, pairs)


@torch.inference_mode()
def _estimates(network: ParasiticNetwork, split: Split, pairs: Pairs) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    """Values and classes of what is held out."""
    circuit = split.circuit
    nets = torch.arange(circuit.places) < circuit.nets
    states = network.encode(circuit)
    of_places_ = network.grounds(states, circuit.nets)
    found = {
        "couplings": network.couplings(states, pairs[split.pairs(pairs)[1]]),
        "nets to ground": of_places_[split.held_out & nets],
        "pins to ground": of_places_[split.held_out & ~nets],
    }
    return {key: (one[:, 0].clamp(0, 1), one[:, 1 : 1 + CLASSES].argmax(1)) for key, one in found.items()}


def judged(
    network: ParasiticNetwork, split: Split, pairs: Pairs, couplings: torch.Tensor, grounds: torch.Tensor
) -> dict[str, dict[str, Any]]:
    """How well a network estimates what is held out: couplings, and nets and pins to ground.

    Args:
        network: trained on the rest.
        split: of the circuit.
        pairs: all of its couplings.
        couplings: their values.
        grounds: of all places.
    """
    return _judged(_estimates(network, split, pairs), split, pairs, couplings, grounds)


def _judged(
    estimates: Mapping[str, tuple[torch.Tensor, torch.Tensor]],
    split: Split,
    pairs: Pairs,
    couplings: torch.Tensor,
    grounds: torch.Tensor,
) -> dict[str, dict[str, Any]]:
    nets = torch.arange(split.circuit.places) < split.circuit.nets
    wanted = {
        "couplings": couplings[split.pairs(pairs)[1]],
        "nets to ground": grounds[split.held_out & nets],
        "pins to ground": grounds[split.held_out & ~nets],
    }
    return {name: _measured(values, *estimates[name]) for name, values in wanted.items()}


def _by_boosting(
    unit: Mapping[str, Any], split: Split, pairs: Pairs, couplings: torch.Tensor, grounds: torch.Tensor
) -> dict[str, tuple[torch.Tensor, torch.Tensor]]:
    places = of_places(split.circuit)
    features = of_pairs(places, pairs)
    nets = torch.arange(len(places)) < split.circuit.nets
    learned, tested = split.pairs(pairs)
    tasks = {
        "couplings": (features, couplings, learned, tested),
        "nets to ground": (places, grounds, nets & ~split.held_out, nets & split.held_out),
        "pins to ground": (places, grounds, ~nets & ~split.held_out, ~nets & split.held_out),
    }
    found = {}
    for name, (inputs, values, own, asked) in tasks.items():
        value, class_ = boosted(
            inputs[own], values[own], classes(values[own]), inputs[asked], balanced=unit["balanced"], seed=unit["seed"]
        )
        found[name] = torch.from_numpy(value).float(), torch.from_numpy(class_)
    return found


def _measured(wanted: torch.Tensor, value: torch.Tensor, class_: torch.Tensor) -> dict[str, Any]:
    """R2, mean absolute error on the scale of [0, 1], and F1 of five classes: of all that occur, and of rare ones."""
    total = float(((wanted - wanted.mean()) ** 2).sum())
    own = classes(wanted)
    share = torch.bincount(own, minlength=CLASSES) / len(own)
    scores = torch.tensor(f1_score(own, class_, labels=range(CLASSES), average=None, zero_division=0))
    rare = (share > 0) & (share < _RARE)
    return {
        "tested": len(wanted),
        "R2": round(1 - float(((wanted - value) ** 2).sum()) / total, 4) if total else None,
        "MAE": round(float((wanted - value).abs().mean()), 4),
        "F1": round(float(scores[share > 0].mean()), 4),
        "F1 of rare classes": round(float(scores[rare].mean()), 4) if rare.any() else None,
    }


def _say(name: str, steps: int, number: int, loss: float) -> None:
    if (number + 1) % 50 == 0:
        sys.stderr.write(f"{name}: step {number + 1} of {steps}, loss {loss:.3f}\n")
