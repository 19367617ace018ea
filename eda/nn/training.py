"""One loop that trains networks: AdamW, or Muon, with warm-up and decay, resumable, the same for one seed."""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import torch

from eda.errors import InputError
from eda.nn.muon import Muon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from torch import nn

__all__ = ["Schedule", "train"]

_WARM_UP: Final = 0.02  # of all rounds


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long and how fast a network is trained.

    Attributes:
        rounds: passes over what `batches` gives.
        rate: of learning, at its highest.
        decay: of the weights that are matrices.
        clip: largest norm of a gradient.
        half: whether products are taken in bfloat16, where the processor has such products.
        patience: rounds without a smaller loss on what is held out, after which training ends.
        muon: rate of learning of the hidden matrices, which are stepped by Muon; 0 has AdamW step them all.
    """

    rounds: int
    rate: float = 1e-3
    decay: float = 0.1
    clip: float = 1.0
    half: bool = False
    patience: int = 20
    muon: float = 0.0


def _rate_at(progress: float, highest: float) -> float:
    """The rate of learning at a progress from 0 to 1: rises, then falls as a cosine to a hundredth."""
    if progress < _WARM_UP:
        return highest * (progress + 1e-3) / (_WARM_UP + 1e-3)
    fall = (progress - _WARM_UP) / (1 - _WARM_UP)
    return highest * (0.01 + 0.99 * (1 + math.cos(math.pi * fall)) / 2)


def train(
    network: nn.Module,
    batches: Callable[[int], Iterable[Any]],
    loss: Callable[[Any], torch.Tensor],
    schedule: Schedule,
    *,
    seed: int,
    hidden: Sequence[nn.Parameter] = (),
    held_out: Callable[[], float] | None = None,
    state: Path | None = None,
    about: Mapping[str, Any] | None = None,
    after: Callable[[int, float], None] | None = None,
) -> float:
    """Train a network, from where an earlier call with the same `state` was stopped.

    Args:
        network: trained in place.
        batches: what a round is trained on, by its number; the same at each call.
        loss: of a batch, a scalar.
        schedule: how long, and how fast.
        seed: of what the network leaves out.
        hidden: matrices, or stacks of them, between hidden layers: those that Muon is for.
        held_out: the loss on what is not learned from, asked for after each round: the network ends as it was when that
            was smallest, and early when it does not become smaller for a while.
        state: file where all that is needed to go on is kept after each round.
        about: what the training is of, as JSON has it: a state of another one is refused.
        after: called after each round with its number and its mean loss.

    Returns:
        Seconds of a processor that it took, in all calls together.

    Raises:
        InputError: the state is that of another training.
    """
    optimizers = _optimizers(network, hidden, schedule)
    kind = json.dumps({"seed": seed, "schedule": asdict(schedule), **(about or {})}, sort_keys=True)
    begin, seconds, best = _restore(network, optimizers, state, kind)
    started = time.process_time() - seconds
    device = next(network.parameters()).device.type
    half = schedule.half and (device != "cpu" or _multiplies_bfloat16())
    for number in range(begin, schedule.rounds):
        if best.round >= 0 and number - best.round > schedule.patience:
            break
        torch.manual_seed(seed * 1_000_003 + number)
        content = list(batches(number))  # which may use the network
        network.train()
        losses = []
        for index, batch in enumerate(content):
            progress = (number + index / len(content)) / schedule.rounds
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = _rate_at(progress, group["highest"])
            with torch.autocast(device, torch.bfloat16, enabled=half):
                value = loss(batch)
            value.backward()  # type: ignore[no-untyped-call]  # torch has no types here
            torch.nn.utils.clip_grad_norm_(network.parameters(), schedule.clip)
            for optimizer in optimizers:
                optimizer.step()
            network.zero_grad(set_to_none=True)
            losses.append(float(value.detach()))
        network.eval()
        if held_out is not None:
            best = best.or_better(network, held_out(), number)
        _keep(network, optimizers, state, number + 1, time.process_time() - started, kind, best)
        if after:
            after(number, sum(losses) / max(1, len(losses)))
    if best.weights:
        network.load_state_dict(best.weights)
    network.eval()
    return time.process_time() - started


def _optimizers(network: nn.Module, hidden: Sequence[nn.Parameter], schedule: Schedule) -> list[torch.optim.Optimizer]:
    """AdamW, and Muon for the hidden matrices where the schedule has it; each group knows its highest rate."""
    turned = {id(one) for one in hidden} if schedule.muon else set()
    own = [one for one in network.parameters() if id(one) not in turned]
    matrices, others = [one for one in own if one.dim() > 1], [one for one in own if one.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": schedule.decay}, {"params": others, "weight_decay": 0.0}]
    found: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, lr=schedule.rate, betas=(0.9, 0.98), fused=True)]
    if turned:
        found.append(Muon(hidden, schedule.muon))
    for optimizer in found:
        for group in optimizer.param_groups:
            group["highest"] = group["lr"]
    return found


def _multiplies_bfloat16() -> bool:
    """Whether this processor does: one that does not takes forty times as long as for single precision."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 - there is no other way to ask


@dataclass(frozen=True, slots=True)
class _Best:
    """The network at its smallest loss on what is held out."""

    loss: float = math.inf
    round: int = -1
    weights: Mapping[str, torch.Tensor] = field(default_factory=dict)

    def or_better(self, network: nn.Module, loss: float, number: int) -> _Best:
        """This one, or the network as it is now."""
        if loss >= self.loss:
            return self
        return _Best(loss, number, {name: one.clone() for name, one in network.state_dict().items()})


def _keep(
    network: nn.Module,
    optimizers: Sequence[torch.optim.Optimizer],
    state: Path | None,
    rounds: int,
    seconds: float,
    kind: str,
    best: _Best,
) -> None:
    if state is None:
        return
    part = state.with_suffix(".part")
    torch.save(
        {
            "network": network.state_dict(), "optimizers": [one.state_dict() for one in optimizers], "rounds": rounds,
            "seconds": seconds, "of": kind, "best": [best.loss, best.round, dict(best.weights)],
        },
        part,
    )  # fmt: skip
    part.replace(state)


def _restore(
    network: nn.Module, optimizers: Sequence[torch.optim.Optimizer], state: Path | None, kind: str
) -> tuple[int, float, _Best]:
    if state is None or not state.exists():
        return 0, 0.0, _Best()
    kept = torch.load(state, weights_only=True)  # tensors and numbers only: nothing in it is executed
    if kept["of"] != kind:
        raise InputError(
            f"{state} was kept by another training ({kept['of']}, not {kind}); remove it, or give another file"
        )
    network.load_state_dict(kept["network"])
    for optimizer, one in zip(optimizers, kept["optimizers"], strict=True):
        optimizer.load_state_dict(one)
    return int(kept["rounds"]), float(kept["seconds"]), _Best(*kept["best"])
