"""How the networks of behavioural op-amps are trained."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch

from eda.nn.training import Schedule, train
from eda.topology.behavioural.generator import OpAmpGenerator
from eda.topology.behavioural.predictor import Predictor
from eda.topology.behavioural.vae import CircuitVAE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import nn

    from eda.topology.behavioural.labelled import LabelledOpAmps

__all__ = ["trained_autoencoder", "trained_generator", "trained_predictor"]

_BATCH: Final = 256
_PREDICTOR_RATE: Final = 2e-3
_AUTOENCODER_RATE: Final = 1.5e-3
_DECAY: Final = 0.03
_LOOKED_AT: Final = 8192  # op-amps that the errors are taken of


def trained_generator(
    data: LabelledOpAmps,
    *,
    seed: int,
    rounds: Mapping[str, int],
    folder: Path,
    after: Callable[[str, int, float], None],
) -> OpAmpGenerator:
    """A predictor and an autoencoder, trained on one set of op-amps.

    Args:
        data: what they learn from.
        seed: of their weights.
        rounds: over the data, of the `predictor` and of the `autoencoder`.
        folder: where their trainings are kept, to go on after they were stopped.
        after: called after each round with the name of the network, the number of the round and its loss.
    """
    networks: dict[str, Any] = {}
    ways: dict[str, Any] = {"predictor": trained_predictor, "autoencoder": trained_autoencoder}
    for name, trained in ways.items():
        state = folder / f"{name}.state"
        networks[name] = trained(data, seed=seed, rounds=rounds[name], state=state, after=partial(after, name))
    card = {
        "about": "an autoencoder of behavioural op-amps, conditioned on bins of specifications, and a predictor",
        "data": "random op-amps by the scheme of the Open Circuit Benchmark (Dong et al., ICLR 2023), exact labels",
        "op-amps": len(data),
        "seed": seed,
        "rounds": dict(rounds),
    }
    return OpAmpGenerator(networks["autoencoder"], networks["predictor"], card)


def trained_predictor(
    data: LabelledOpAmps,
    *,
    seed: int,
    rounds: int,
    state: Path | None = None,
    after: Callable[[int, float], None] | None = None,
) -> Predictor:
    """A predictor of gain, unity-gain frequency, phase margin and stability.

    Args:
        data: what it learns from.
        seed: of its weights, and of the order of the op-amps.
        rounds: over the data.
        state: where the training is kept, to go on after it was stopped.
        after: called after each round with its number and its loss.
    """
    torch.manual_seed(seed)
    network = Predictor()
    network.scale_to(data.values)

    def loss(batch: torch.Tensor) -> torch.Tensor:
        return network.loss(data.rows[batch], data.values[batch], data.stable[batch])

    _train(network, loss, data, Schedule(rounds, rate=_PREDICTOR_RATE, decay=_DECAY, half=True), seed, state, after)
    network.learn_errors(data.rows[:_LOOKED_AT], data.values[:_LOOKED_AT])
    return network


def trained_autoencoder(
    data: LabelledOpAmps,
    *,
    seed: int,
    rounds: int,
    state: Path | None = None,
    after: Callable[[int, float], None] | None = None,
) -> CircuitVAE:
    """An autoencoder that is conditioned on specifications.

    Args:
        data: what it learns from.
        seed: of its weights, and of the order of the op-amps.
        rounds: over the data.
        state: where the training is kept, to go on after it was stopped.
        after: called after each round with its number and its loss.
    """
    torch.manual_seed(seed)
    network = CircuitVAE()

    def loss(batch: torch.Tensor) -> torch.Tensor:
        return network.loss(data.rows[batch], data.bins[batch])

    _train(network, loss, data, Schedule(rounds, rate=_AUTOENCODER_RATE, decay=_DECAY, half=True), seed, state, after)
    return network


def _train(
    network: nn.Module,
    loss: Callable[[torch.Tensor], torch.Tensor],
    data: LabelledOpAmps,
    schedule: Schedule,
    seed: int,
    state: Path | None,
    after: Callable[[int, float], None] | None,
) -> None:
    """Train on batches of numbers of op-amps; a state that was kept of other op-amps or labels is refused."""
    about = {
        "network": type(network).__name__,
        "op-amps": len(data),
        "sum": int(data.rows.sum()),
        "labels": float(data.values.double().nansum()),
    }
    train(network, _order(len(data), seed), loss, schedule, seed=seed, state=state, about=about, after=after)


def _order(count: int, seed: int) -> Callable[[int], list[torch.Tensor]]:
    """The batches of a round, by its number."""

    def batches(number: int) -> list[torch.Tensor]:
        generator = torch.Generator().manual_seed(seed * 1_000_003 + number)
        order = torch.randperm(count, generator=generator)
        return [order[start : start + _BATCH] for start in range(0, count, _BATCH)]

    return batches
