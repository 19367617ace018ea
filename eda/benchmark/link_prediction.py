"""What is shown of link prediction: nets ranked for a terminal that was opened."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from scipy.optimize import minimize_scalar
from torch_geometric.utils import scatter

from eda.benchmark.link_baseline import BoostedLinks
from eda.benchmark.link_case import summarized, users_case
from eda.benchmark.link_data import SOURCES, divided, identity, samples
from eda.benchmark.link_published import published
from eda.benchmark.link_scale import measure_scale
from eda.benchmark.units import fingerprint, run_units
from eda.link_prediction.blurring import Blurring
from eda.link_prediction.openings import NEW, Openings, questions
from eda.link_prediction.predictor import LinkPredictor
from eda.link_prediction.training import batches, trained
from eda.nn.pin_network import PinShape
from eda.nn.pins import Pins
from eda.nn.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from eda.benchmark.link_data import Sample
    from eda.benchmark.units import Work

    Scores = Callable[[Openings], tuple[torch.Tensor, torch.Tensor]]

__all__ = ["calibrated", "measure_link_prediction", "measured"]

_SPLITS: Final = (("Image2Net", "topology"), ("AnalogGenie", "topology"), ("AnalogGenie", "block"))
_SHOWN: Final = ("method", "learned from", "split", "terminals of negative pairs", "seed")
_AT_ONCE: Final = 128  # questions
_AT_CALIBRATION: Final = 10  # of each circuit
_APART: Final = 100  # seeds of networks that answer together


def measure_link_prediction(
    *,
    folder: Path,
    run_dir: Path,
    tables: Sequence[str] = ("fair", "published protocol", "scale", "user's case"),
    seeds: int = 3,
    methods: Mapping[str, tuple[Sequence[str], Mapping[str, int]]],
    shapes: Mapping[str, Mapping[str, Any]],
    tested: int = 600,
    asked: int = 20,
    links: int = 8000,
    rounds: int = 10,
    visits: int = 4,
    sizes: Sequence[int] = (1000, 10_000, 100_000),
) -> list[dict[str, Any]]:
    """The tables of link prediction.

    Args:
        folder: whose neighbour `netlists` holds the netlists of the project.
        run_dir: where trained networks and results are kept, so that the suite goes on where it was stopped.
        tables: which of them.
        seeds: seeds 0 to `seeds - 1`, of splits, weights and draws.
        methods: by name how circuits are seen (`network`, `three` of these, or `boosting`; `blurred`, `wide`), and by
            what is learned from (a data set, or `AnalogGenie by block`) the rounds of the network's training, or how
            often boosting sees each circuit.
        shapes: of the network, by data set, see `PinShape`.
        tested: at most so many circuits of a data set are tested, drawn at random.
        asked: at most so many terminals of a circuit, drawn at random.
        links: from which SEAL learns.
        rounds: of its training.
        visits: of the circuits from which the baseline of the user's case learns.
        sizes: devices of circuits, to show growth.
    """
    folder_ = {"_folder": str(run_dir / "link-prediction")}
    fair = [
        {
            "learned from": source,
            "split": by,
            "seed": seed,
            "shape": dict(shapes[source]),
            "blurring": asdict(Blurring()),
            "method": name,
            "seen": list(how),
            "amount": amount[_learned(source, by)],
            "tested": tested,
            "asked": asked,
        }
        for source, by in _SPLITS
        for seed in range(seeds)
        for name, (how, amount) in methods.items()
        if _learned(source, by) in amount
    ]
    protocol = [
        {"learned from": source, "terminals of negative pairs": way, "seed": seed, "links": links, "rounds": rounds}
        for source in SOURCES
        for way in ("left on their nets", "taken off their nets")
        for seed in range(seeds)
    ]
    case = [
        {
            "method": method,
            "seed": seed,
            "visits": visits,
            "weights": fingerprint(LinkPredictor.load().card),
            "learned structures": "left out",
            "_weights": "",
            "_netlists": str(folder.parent / "netlists"),
        }
        for method in ("network", "gradient boosting")
        for seed in range(seeds)
    ]
    work: Mapping[str, tuple[Work, list[dict[str, Any]]]] = {
        "fair": (_ranked, fair),
        "published protocol": (published, protocol),
        "user's case": (_case, case),
    }
    rows: list[dict[str, Any]] = []
    for table in tables:
        if table == "scale":
            rows += [{"table": table, **row} for row in measure_scale(sizes, repeats=seeds)]
            continue
        do, units = work[table]
        found = run_units(do, [{**unit, **folder_} for unit in units], run_dir=run_dir, name=f"link-prediction {table}")
        rows += [
            {"table": table, **{key: unit[key] for key in unit if key in _SHOWN}, **row}
            for unit, result in zip(units, found, strict=True)
            for row in result["rows"]
        ]
    return rows


def _learned(source: str, by: str) -> str:
    """A part of a data set, as methods name it."""
    return source if by == "topology" else f"{source} by {by}"


def _case(unit: Mapping[str, Any]) -> dict[str, Any]:
    """The user's case by groups of circuits, and each case."""
    cases = users_case(unit)["rows"]
    return {"rows": summarized(cases), "cases": cases}


def _ranked(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Learn from a part of one data set, and rank nets in the other part and in the other sets.

    Args:
        unit: `learned from`, `split`, `seed`, `shape`, `seen`, `amount`, `tested`, `asked` and `_folder`, see
            `measure_link_prediction`.
    """
    folder, seed, source = Path(unit["_folder"]), unit["seed"], unit["learned from"]
    sets = {name: samples(name, folder / "graphs") for name in SOURCES}
    train, sets[source] = divided(sets[source], unit["split"], seed)
    rng = random.Random(seed)
    sets = {name: rng.sample(found, min(unit["tested"], len(found))) for name, found in sets.items()}
    how = unit["seen"]
    blurring = Blurring() if "blurred" in how else Blurring(any=0)
    with one_thread():
        if "network" in how:
            scores, seconds = _networks(unit, train, 3 if "three" in how else 1, blurring, folder)
        else:
            begin = time.process_time()
            openings = batches([one.pins for one in train], unit["amount"], blurring, seed=seed)
            scores = BoostedLinks(openings, wide="wide" in how, seed=seed)
            seconds = time.process_time() - begin
        rows = [
            {"tested on": other, **measured(scores, found, asked=unit["asked"], seed=seed),
             "circuits learned from": len(train), "s of training": round(seconds)}
            for other, found in sets.items()
        ]  # fmt: skip
    return {"rows": rows}


def _networks(
    unit: Mapping[str, Any], train: Sequence[Sample], members: int, blurring: Blurring, folder: Path
) -> tuple[Scores, float]:
    """Networks that differ in their seeds, trained one after the other, and the seconds of a processor of it.

    Killed, they go on where they were.
    """
    rounds = unit["amount"]
    about = {"data": identity(train), "shape": unit["shape"], "blurring": asdict(blurring), "rounds": rounds}
    networks, whole = [], 0.0
    for seed in range(unit["seed"], unit["seed"] + members * _APART, _APART):
        name = f"{unit['learned from']} by {unit['split']}, seed {seed}"
        network, seconds = trained(
            [one.pins for one in train], PinShape(**unit["shape"]), rounds=rounds, seed=seed, blurring=blurring,
            state=folder / f"{name} {fingerprint(about)}.state", about=about, after=partial(_say, name, rounds),
        )  # fmt: skip
        networks.append(network)
        whole += seconds
    return LinkPredictor(networks, {}).probabilities, whole


@torch.inference_mode()
def measured(scores: Scores, found: Sequence[Sample], *, asked: int, seed: int) -> dict[str, Any]:
    """How nets are ranked for opened terminals that were not alone on their net, and how a new net is told.

    Args:
        scores: of candidates.
        found: circuits.
        asked: at most so many terminals of each.
        seed: of the terminals that are drawn.
    """
    rng = random.Random(seed)
    rank, alone = [], []
    for openings, single in _opened(found, asked, rng):
        of_nets, of_new = scores(openings)
        terminal, net = openings.pairs()
        answer = of_new.clone()
        right = net == openings.answer[terminal]
        answer[terminal[right]] = of_nets[right]
        candidate = openings.there[net]
        better = _sum((of_nets > answer[terminal]) & candidate, terminal, len(answer)) + (of_new > answer).float()
        even = _sum((of_nets == answer[terminal]) & candidate, terminal, len(answer)) + (of_new == answer).float() - 1
        new = openings.answer == NEW
        rank.append((1 + better + even / 2)[~single])
        alone.append(torch.stack((new, new & (better + even == 0))))
    ranks, (new, told) = torch.cat(rank), torch.cat(alone, dim=1).sum(1).tolist()
    return {
        "terminals": len(ranks),
        "MRR": round(float((1 / ranks).mean()), 4),
        **{f"hits at {k}": round(float((ranks <= k).float().mean()), 4) for k in (1, 3)},
        "new nets": new,
        "new nets told": round(told / new, 4) if new else None,
    }


@torch.inference_mode()
def calibrated(predictor: LinkPredictor, found: Sequence[Sample], *, seed: int) -> float:
    """The temperature at which the answers are most probable.

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.

    Args:
        predictor: whose own temperature is 1.
        found: circuits that it has not learned from.
        seed: of the terminals that are drawn.
    """
    every = [openings for openings, _ in _opened(found, _AT_CALIBRATION, random.Random(seed))]

    def surprise(temperature: float) -> float:
        tempered = LinkPredictor(predictor.networks, {"temperature": temperature})
        return sum(-float(torch.log(_of_answers(tempered.probabilities, one)).sum()) for one in every)

    return round(float(minimize_scalar(surprise, bounds=(0.5, 3), method="bounded", options={"xatol": 0.02}).x), 3)


def _of_answers(scores: Scores, openings: Openings) -> torch.Tensor:
    """What the answers get, `q`."""
    of_nets, of_new = scores(openings)
    terminal, net = openings.pairs()
    right = net == openings.answer[terminal]
    answer = of_new.clone()
    answer[terminal[right]] = of_nets[right]
    return answer


def _opened(found: Sequence[Sample], asked: int, rng: random.Random) -> Iterator[tuple[Openings, torch.Tensor]]:
    """Circuits with one terminal opened each, and whether it was alone on its net."""
    drawn = []
    for one in found:
        pins = questions(one.pins).tolist()
        drawn += [(one.pins, pin) for pin in rng.sample(pins, min(asked, len(pins)))]
    for start in range(0, len(drawn), _AT_ONCE):
        some = drawn[start : start + _AT_ONCE]
        counts = torch.tensor([len(pins.net) for pins, _ in some])
        asked_ = torch.tensor([pin for _, pin in some]) + counts.cumsum(0) - counts
        whole = Pins.joined([pins for pins, _ in some])
        size = torch.bincount(whole.net, minlength=len(whole.nets))
        yield Openings.of(whole, asked_), size[whole.net[asked_]] == 1


def _sum(values: torch.Tensor, group: torch.Tensor, groups: int) -> torch.Tensor:
    total: torch.Tensor = scatter(values.float(), group, 0, groups, "sum")
    return total


def _say(name: str, rounds: int, number: int, loss: float) -> None:
    sys.stderr.write(f"{name}: round {number + 1} of {rounds}, loss {loss:.3f}\n")
