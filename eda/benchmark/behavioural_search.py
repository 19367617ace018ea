"""Searches for the op-amp with the highest figure of merit, in a given number of solutions."""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.benchmark.behavioural_networks import learned_from, networks_of
from eda.netlist import Variable
from eda.nn.threads import one_thread
from eda.problem import DesignSpace
from eda.sizing import ExTuRBO, GeneticAlgorithm, Outcome, TuRBO
from eda.topology.behavioural import random_opamp
from eda.topology.behavioural.encoding import decoded, encoded
from eda.topology.behavioural.specification import performances

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.sizing.optimizer import Optimizer
    from eda.topology.behavioural.generator import OpAmpGenerator
    from eda.topology.behavioural.labelled import LabelledOpAmps
    from eda.topology.behavioural.specification import Performance

    Way = Callable[["_Task"], list[Performance]]

__all__ = ["search"]

_INITIAL: Final = 40  # points that a search in the latent space begins with
_FROM_DATA: Final = 200  # op-amps of the data that a search begins with
_RANKED: Final = 20_000  # draws of which the best predicted ones are solved
_FEW_DEGREES: Final = 45.0  # least phase margin of an op-amp that is good for something
_SCALE: Final = 100.0  # of figures of merit
_NORMAL: Final = NormalDist()
_EDGE: Final = 1e-3  # of the unit cube: points of a normal distribution are finite


@dataclass(frozen=True, slots=True)
class _Task:
    """One search.

    Attributes:
        networks: of the seed.
        known: op-amps that they learned from, with the labels.
        evaluations: op-amps that may be solved.
        seed: of its random numbers.
        sound: whether only op-amps count that are good for something.
    """

    networks: OpAmpGenerator
    known: LabelledOpAmps
    evaluations: int
    seed: int
    sound: bool


def search(unit: Mapping[str, Any]) -> dict[str, Any]:
    """The best figure of merit of each run of each way, whether stability counts or not."""
    networks, known = networks_of(unit), learned_from(unit)
    seeds = [1000 * unit["seed"] + number for number in range(unit["runs"])]
    rows = []
    for sound in (False, True):
        for name, way in _WAYS.items():
            sys.stderr.write(f"seed {unit['seed']}, search, {name}{', stable' if sound else ''}\n")
            best = []
            for seed in seeds:
                with one_thread():
                    found = way(_Task(networks, known, unit["evaluations"], seed, sound))
                best.append(max(found, key=lambda one: _value(one, sound=sound)))
            asked = "stable, 45 degrees" if sound else "nothing else"
            rows.append({"asked for": asked, "method": name, **_row(best, sound=sound)})
    return {"rows": [{"seed": unit["seed"], "runs": len(seeds), **row} for row in rows]}


def _row(best: Sequence[Performance], *, sound: bool) -> dict[str, Any]:
    """The best of each run; 0 where none counts."""
    values = [max(_value(one, sound=sound), 0.0) for one in best]
    best = [one for one in best if _value(one, sound=sound) > 0]
    return {
        "runs that found one": len(best) / len(values),
        "best FoM, mean": float(np.mean(values)),
        "best FoM, least": float(np.min(values)),
        "best FoM, most": float(np.max(values)),
        "stable": float(np.mean([one.stable for one in best])) if best else None,
        "phase margin, median": float(np.median([one.phase_margin for one in best])) if best else None,
        "gain, median": float(np.median([one.gain for one in best])) if best else None,
        "all": values,
    }


def _is_sound(one: Performance) -> bool:
    return one.stable and one.defined and _FEW_DEGREES <= one.phase_margin <= 180


def _value(one: Performance, *, sound: bool) -> float:
    """What is looked for: the figure of merit, of sound op-amps or of any."""
    return one.fom if one.defined and (not sound or _is_sound(one)) else -1.0


def _random(task: _Task) -> list[Performance]:
    rng = random.Random(task.seed)
    return performances([random_opamp(rng) for _ in range(task.evaluations)])


def _latent(optimizer: Callable[[int], Optimizer] | None, *, from_data: bool = False) -> Way:
    """A search among latent vectors, whose likeliest op-amps are solved; at random without an optimizer.

    Args:
        optimizer: by its seed.
        from_data: whether it begins around the best op-amp that the networks learned from, with the labels of the best
            of them, as CktGNN's search does.
    """

    def way(task: _Task) -> list[Performance]:
        size = task.networks.autoencoder.shape.latent
        if optimizer is None:
            return _solved(task, np.random.default_rng(task.seed).standard_normal((task.evaluations, size)))
        space = DesignSpace(tuple(Variable(f"z{number}", 0.0, 1.0) for number in range(size)))
        going = optimizer(task.seed).start(space, _best_known(task) if from_data else None)
        found: list[Performance] = []
        while len(found) < task.evaluations:
            points = going.ask()
            normal = np.vectorize(_NORMAL.inv_cdf)(np.clip(points, _EDGE, 1 - _EDGE))
            solved = _solved(task, normal)
            found += solved
            going.tell(_outcome(points, solved, sound=task.sound))
        return found[: task.evaluations]  # the last round may be longer

    return way


def _best_known(task: _Task) -> Outcome:
    """The best op-amps that the networks learned from, as points of the latent space."""
    value = _merit(task, task.known.values, task.known.stable).nan_to_num(-1.0)
    best = value.argsort(descending=True)[:_FROM_DATA]
    with torch.inference_mode():
        latent, _ = task.networks.autoencoder.encode(task.known.rows[best])
    points = torch.special.ndtr(latent.double()).clamp(_EDGE, 1 - _EDGE).numpy()
    return Outcome(points, np.ones((len(points), 1)), -value[best].double().numpy()[:, None] / _SCALE)


def _outcome(points: np.ndarray, solved: Sequence[Performance], *, sound: bool) -> Outcome:
    values = np.array([one.fom if one.defined else 0.0 for one in solved])
    slacks = np.array([[1.0 if not sound or _is_sound(one) else -1.0] for one in solved])
    return Outcome(points, slacks, -values[:, None] / _SCALE)


def _drawn_ranked(task: _Task) -> list[Performance]:
    """Draws of the autoencoder, the best predicted ones."""
    generator = torch.Generator().manual_seed(task.seed)
    with torch.inference_mode():
        noise = torch.randn(_RANKED, task.networks.autoencoder.shape.latent, generator=generator)
        rows = task.networks.autoencoder.decoder.draw(noise, temperature=1.0, generator=generator)
    return _best_predicted(task, rows)


def _random_ranked(task: _Task) -> list[Performance]:
    """Random op-amps, the best predicted ones."""
    rng = random.Random(task.seed)
    return _best_predicted(task, encoded([random_opamp(rng) for _ in range(_RANKED)]))


def _best_predicted(task: _Task, rows: torch.Tensor) -> list[Performance]:
    with torch.inference_mode():
        found = task.networks.predictor(rows)
        value = _merit(task, found[:, : task.networks.predictor.outputs], found[:, -1] > 0)
    return performances(decoded(rows[value.argsort(descending=True)[: task.evaluations]]))


def _merit(task: _Task, values: torch.Tensor, stable: torch.Tensor) -> torch.Tensor:
    """Figures of merit of op-amps, lower by far where they do not count.

    Args:
        task: says which ones count.
        values: `n x 3` gains, unity-gain frequencies and phase margins.
        stable: `n` truth values.
    """
    gain, frequency, margin = values.unbind(dim=1)
    merit = 1.2 * gain.abs() / 100 + 1.6 * (2 - margin / 90) + frequency / 1e8
    counts = stable & (margin >= _FEW_DEGREES) & (margin <= 180)
    return torch.where(counts, merit, merit - 1e3) if task.sound else merit


def _solved(task: _Task, latent: np.ndarray) -> list[Performance]:
    """The likeliest op-amps of latent vectors."""
    with torch.inference_mode():
        rows = task.networks.autoencoder.decoder.draw(torch.tensor(latent, dtype=torch.float32))
    return performances(decoded(rows))


_WAYS: Final[Mapping[str, Way]] = {
    "random": _random,
    "random, best predicted": _random_ranked,
    "latent, random": _latent(None),
    "latent, genetic": _latent(lambda seed: GeneticAlgorithm(seed=seed)),
    "latent, TuRBO": _latent(lambda seed: TuRBO(seed=seed, initial=_INITIAL)),
    "latent, ExTuRBO from the data": _latent(lambda seed: ExTuRBO(seed=seed, initial=_INITIAL), from_data=True),
    "latent, best predicted": _drawn_ranked,
}
