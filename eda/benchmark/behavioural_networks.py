"""Networks of behavioural op-amps: trained, and measured by the exact solver beside simpler ways."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from eda.benchmark.gradient_boosting import boosted
from eda.datasets.ocb import style
from eda.nn.threads import one_thread
from eda.topology.behavioural import opamp_of
from eda.topology.behavioural.encoding import decoded, encoded
from eda.topology.behavioural.generator import OpAmpGenerator, in_turn, proven, ranked, refined
from eda.topology.behavioural.labelled import LabelledOpAmps, random_opamps
from eda.topology.behavioural.novelty import sized_key, structure_key
from eda.topology.behavioural.specification import performances
from eda.topology.behavioural.subgraphs import LARGEST
from eda.topology.behavioural.training import trained_generator, trained_predictor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.topology.behavioural.generator import Answer, Proposals
    from eda.topology.behavioural.opamp import BehaviouralOpAmp
    from eda.topology.behavioural.predictor import Predictor

__all__ = ["autoencoder", "conditional", "learned_from", "networks_of", "prediction", "trained"]

_HELD_OUT: Final = 1000  # op-amps that nothing is trained on
_STYLE_TEST: Final = 1000  # of the 10,000 of the data
_DRAWS: Final = 10_000
_CANDIDATES: Final = 512
_POOL: Final = 100_000  # random op-amps that candidates are drawn from
_CALLS: Final = 100
_MOVED: Final = 0.05  # by which values of a circuit that was looked up are changed
_PROPERTIES: Final = ("gain", "unity-gain frequency", "phase margin")


def trained(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Train the networks of a seed, unless they are there."""
    path, seed = _weights(unit), unit["seed"]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        data, after = learned_from(unit), partial(_say, f"seed {seed}")
        with one_thread():
            found = trained_generator(data, seed=seed, rounds=unit["rounds"], folder=path.parent, after=after)
        found.save(path)
    return {"card": networks_of(unit).card}


def networks_of(unit: Mapping[str, Any]) -> OpAmpGenerator:
    """The networks of a seed, which are there."""
    return OpAmpGenerator.load(_weights(unit))


def learned_from(unit: Mapping[str, Any]) -> LabelledOpAmps:
    """The op-amps that the networks of a seed learned from."""
    return _own(unit)[:-_HELD_OUT]


def prediction(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Errors on 1,000 op-amps of the data, after training on the other 9,000 and on own ones.

    The labels of the data and exact ones differ in the phase margin, by multiples of 180 degrees: the data do not
    follow the phase from direct current. So there are errors for each.
    """
    published = _style()
    exact = LabelledOpAmps.of(published.opamps)
    own, seed = learned_from(unit), unit["seed"]
    order = torch.randperm(len(exact), generator=torch.Generator().manual_seed(seed))
    few, held_out = order[:-_STYLE_TEST], order[-_STYLE_TEST:]
    rows = []
    for labels, train, test in (
        ("of the data", published[few], published[held_out]),
        ("exact", exact[few], exact[held_out]),
        ("exact", own, exact[held_out]),
    ):
        with one_thread():
            network = networks_of(unit).predictor if train is own else _small(unit, labels, train)
            with torch.inference_mode():
                predicted = network(test.rows)[:, : network.outputs].double().numpy()
            guesses = {"nodal network": predicted, "gradient boosting": boosted(train, test, seed=seed)}
        rows += [
            {
                "labels": labels,
                "learned from": len(train),
                "method": method,
                "seed": seed,
                **_errors(guess, test.values.double().numpy()),
            }
            for method, guess in guesses.items()
        ]
    return {"rows": rows}


def _small(unit: Mapping[str, Any], labels: str, train: LabelledOpAmps) -> Predictor:
    """A predictor that learns from few op-amps."""
    return trained_predictor(
        train,
        seed=unit["seed"],
        rounds=unit["rounds"]["small"],
        state=_weights(unit).with_name(f"small, labels {labels}.state"),
        after=partial(_say, f"seed {unit['seed']}, predictor of few, labels {labels}"),
    )


def autoencoder(unit: Mapping[str, Any]) -> dict[str, Any]:
    """How well it rebuilds op-amps that it has not seen, and what its draws are worth beside random ones."""
    networks, data = networks_of(unit), _own(unit)
    train, test = data[:-_HELD_OUT], data[-_HELD_OUT:]
    generator = torch.Generator().manual_seed(unit["seed"])
    known = {structure_key(one) for one in train.opamps}, {sized_key(one) for one in train.opamps}
    with torch.inference_mode(), one_thread():
        latent, _ = networks.autoencoder.encode(test.rows)
        back = networks.autoencoder.decoder.draw(latent)
        noise = torch.randn(4 * _DRAWS, latent.shape[1], generator=generator)
        drawn = networks.autoencoder.decoder.draw(noise, temperature=1.0, generator=generator)
        sound = networks.predictor(drawn)[:, networks.predictor.outputs].view(_DRAWS, 4).argmax(dim=1)
    rebuilt = {
        "rebuilt: structure": _same_structure(back, test.rows).double().mean().item(),
        "rebuilt: error of values": _value_error(back, test.rows),
    }
    first = drawn.view(_DRAWS, 4, *drawn.shape[1:])
    from_scheme = random_opamps(_DRAWS, seed=1_000_000 + unit["seed"])
    return {
        "rows": [
            {"draws": name, "seed": unit["seed"], **more, **_worth(opamps, known)}
            for name, opamps, more in (
                ("autoencoder", decoded(first[:, 0]), rebuilt),
                (
                    "autoencoder, the one of four that is predicted to be stable",
                    decoded(first[torch.arange(_DRAWS), sound]),
                    {},
                ),
                ("sampling scheme", from_scheme, {}),
            )
        ]
    }


def conditional(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Op-amps for the specifications of others that were held out: at once, and with 100 solutions each."""
    networks, data = networks_of(unit), _own(unit)
    train, test = data[:-_HELD_OUT], data[-_HELD_OUT:]
    bins = test.bins[test.specified][: unit["specifications"]]
    known = {structure_key(one) for one in train.opamps}, {sized_key(one) for one in train.opamps}
    pool = encoded(random_opamps(_POOL, seed=2_000_000 + unit["seed"]))
    rows = []
    for stable in (False, True):
        for name, begin in _methods(networks, train, pool, unit["seed"], stable=stable).items():
            _say(f"seed {unit['seed']}, {name}{', stable' if stable else ''}")
            answers = proven(begin, bins, calls=_CALLS, stable=stable)
            asked = "bins, stable" if stable else "bins"
            rows.append({"asked for": asked, "method": name, "seed": unit["seed"], **_accuracy(answers, known)})
    return {"rows": rows}


def _methods(
    networks: OpAmpGenerator, train: LabelledOpAmps, pool: torch.Tensor, seed: int, *, stable: bool
) -> dict[str, Callable[[torch.Tensor], Proposals]]:
    """Ways to come to op-amps for a specification."""
    generator = torch.Generator().manual_seed(seed)
    predictor = networks.predictor
    by_bins: dict[tuple[int, ...], list[int]] = {}
    for number, (key, sound) in enumerate(zip(train.bins.tolist(), train.stable.tolist(), strict=True)):
        if sound or not stable:
            by_bins.setdefault(tuple(key), []).append(number)

    def some(rows: torch.Tensor, count: int) -> torch.Tensor:
        return rows[torch.randint(len(rows), (count,), generator=generator)]

    def looked_up(bins: torch.Tensor) -> torch.Tensor:
        there = by_bins.get(tuple(bins.tolist()))
        return some(train.rows[torch.tensor(there)] if there else train.rows, _CALLS)

    def changed(bins: torch.Tensor) -> torch.Tensor:
        rows = looked_up(bins).clone()
        factor = torch.exp(_MOVED * torch.randn(rows[..., 2:].shape, generator=generator))
        values = (rows[..., 2:] * factor).round().long().clamp(1, LARGEST)
        rows[..., 2:] = torch.where(rows[..., 2:] > 0, values, 0)
        return rows

    def likeliest(bins: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            mean, _ = networks.autoencoder.encode_bins(bins[None])
            first = networks.autoencoder.decoder.draw(mean)
        return torch.cat((first, networks.draws(bins, _CALLS - 1, generator)))

    def best_of(rows: torch.Tensor, bins: torch.Tensor) -> Proposals:
        return in_turn(ranked(predictor, torch.unique(rows, dim=0), bins, stable=stable))

    def changing(rows: torch.Tensor, bins: torch.Tensor) -> Proposals:
        return refined(predictor, rows, bins, generator, stable=stable)

    def drawn(bins: torch.Tensor) -> torch.Tensor:
        return networks.draws(bins, _CANDIDATES, generator)

    return {
        "lookup": lambda bins: in_turn(looked_up(bins)),
        "lookup, values changed by 5 %": lambda bins: in_turn(changed(bins)),
        "random": lambda _: in_turn(some(pool, _CALLS)),
        "random, ranked": lambda bins: best_of(some(pool, _CANDIDATES), bins),
        "random, ranked, then changed": lambda bins: changing(some(pool, _CANDIDATES), bins),
        "autoencoder, likeliest, then draws": lambda bins: in_turn(likeliest(bins)),
        "autoencoder, ranked": lambda bins: best_of(drawn(bins), bins),
        "autoencoder, ranked, then changed": lambda bins: changing(drawn(bins), bins),
    }


def _accuracy(answers: Sequence[Answer], known: tuple[set[Any], set[Any]]) -> dict[str, Any]:
    met = [one for one in answers if one.met]
    opamps = [one.opamp for one in met]
    return {
        "specifications": len(answers),
        "met at once": sum(one.calls == 1 for one in met) / len(answers),
        f"met within {_CALLS}": len(met) / len(answers),
        "calls": float(np.mean([one.calls for one in answers])),
        "stable": float(np.mean([one.performance.stable for one in met])) if met else None,
        **_novelty(opamps, known),
    }


def _worth(opamps: Sequence[BehaviouralOpAmp], known: tuple[set[Any], set[Any]]) -> dict[str, Any]:
    figures = performances(opamps)
    sound = [one.stable and one.defined for one in figures]
    return {
        "op-amps": len(opamps),
        "valid": 1.0,  # or `decoded` would have refused one
        "with a unity crossing": float(np.mean([one.defined for one in figures])),
        "stable": float(np.mean([one.stable for one in figures])),
        "both": float(np.mean(sound)),
        **_novelty(opamps, known),
        "distinct": len({sized_key(one) for one in opamps}) / len(opamps),
    }


def _novelty(opamps: Sequence[BehaviouralOpAmp], known: tuple[set[Any], set[Any]]) -> dict[str, float | None]:
    structures, designs = known
    if not opamps:
        return {"new structure": None, "new": None}
    return {
        "new structure": float(np.mean([structure_key(one) not in structures for one in opamps])),
        "new": float(np.mean([sized_key(one) not in designs for one in opamps])),
    }


def _errors(guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    found = {}
    for number, name in enumerate(_PROPERTIES):
        known = np.isfinite(truth[:, number])
        a, b = guess[known, number], truth[known, number]
        found[f"{name}: RMSE/std"] = float(np.sqrt(np.mean((a - b) ** 2)) / np.std(b))
        found[f"{name}: r"] = float(np.corrcoef(a, b)[0, 1])
    return found


def _same_structure(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    same: torch.Tensor = (one[..., :2] == other[..., :2]).flatten(1).all(dim=1)
    return same


def _value_error(one: torch.Tensor, other: torch.Tensor) -> float:
    """Mean error of the values of op-amps whose structure is right, as a share of their range."""
    right = _same_structure(one, other)
    there = other[right][..., 2:] > 0
    return (one[right][..., 2:] - other[right][..., 2:]).abs()[there].double().mean().item() / LARGEST


def _style() -> LabelledOpAmps:
    """The op-amps of the data that have all labels, with the labels that they came with."""
    circuits = [one for one in style() if None not in (one.specs[name] for name in _LABELS)]
    rows = encoded([opamp_of(one) for one in circuits])
    values = torch.tensor([[float(one.specs[name] or 0.0) for name in _LABELS] for one in circuits])
    stable = torch.tensor([bool(one.specs["open_loop_stable"]) for one in circuits])
    return LabelledOpAmps(rows, values, stable, torch.full((len(rows), 3), -1))


_LABELS: Final = ("dc_gain_db", "ugf_hz", "phase_margin_deg")


def _own(unit: Mapping[str, Any]) -> LabelledOpAmps:
    """Random op-amps with exact labels, the last of them held out; kept on disk."""
    path = _weights(unit).with_name("data.pt")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        data = LabelledOpAmps.of(random_opamps(unit["circuits"] + _HELD_OUT, unit["seed"]))
        part = path.with_suffix(".part")
        torch.save((data.rows, data.values, data.stable, data.bins), part)
        part.replace(path)
    return LabelledOpAmps(*torch.load(path, weights_only=True))


def _weights(unit: Mapping[str, Any]) -> Path:
    return Path(unit["_folder"]) / "generator.safetensors"


def _say(*words: object) -> None:
    sys.stderr.write(", ".join(f"{word:.4g}" if isinstance(word, float) else str(word) for word in words) + "\n")
