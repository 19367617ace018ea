"""One loop that trains networks: AdamW with warm-up and decay, resumable, the same for one seed."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import torch

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
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
    """

    rounds: int
    rate: float = 1e-3
    decay: float = 0.1
    clip: float = 1.0
    half: bool = False
    patience: int = 20

    def rate_at(self, progress: float) -> float:
        """The rate of learning: rises, then falls as a cosine to a hundredth.

        Args:
            progress: from 0 to 1.
        """
        if progress < _WARM_UP:
            return self.rate * (progress + 1e-3) / (_WARM_UP + 1e-3)
        fall = (progress - _WARM_UP) / (1 - _WARM_UP)
        return self.rate * (0.01 + 0.99 * (1 + math.cos(math.pi * fall)) / 2)


def train(
    network: nn.Module,
    batches: Callable[[int], Iterable[Any]],
    loss: Callable[[Any], torch.Tensor],
    schedule: Schedule,
    *,
    seed: int,
    held_out: Callable[[], float] | None = None,
    state: Path | None = None,
    about: Mapping[str, Any] | None = None,
    after: Callable[[int, float], None] | None = None,
) -> None:
    """Train a network, from where an earlier call with the same `state` was stopped.

    Args:
        network: trained in place.
        batches: what a round is trained on, by its number; the same at each call.
        loss: of a batch, a scalar.
        schedule: how long, and how fast.
        seed: of what the network leaves out.
        held_out: the loss on what is not learned from, asked for after each round: the network ends as it was when that
            was smallest, and early when it does not become smaller for a while.
        state: file where all that is needed to go on is kept after each round.
        about: what the training is of, as JSON has it: a state of another one is refused.
        after: called after each round with its number and its mean loss.

    Raises:
        InputError: the state is that of another training.
    """
    matrices = [p for p in network.parameters() if p.dim() > 1]
    others = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": schedule.decay}, {"params": others, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=schedule.rate, betas=(0.9, 0.98), fused=True)
    kind = json.dumps({"seed": seed, "schedule": asdict(schedule), **(about or {})}, sort_keys=True)
    begin, best = _restore(network, optimizer, state, kind)
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
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate_at((number + index / len(content)) / schedule.rounds)
            with torch.autocast(device, torch.bfloat16, enabled=half):
                value = loss(batch)
            value.backward()  # type: ignore[no-untyped-call]  # torch has no types here
            torch.nn.utils.clip_grad_norm_(network.parameters(), schedule.clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            losses.append(float(value.detach()))
        network.eval()
        if held_out is not None:
            best = best.or_better(network, held_out(), number)
        _keep(network, optimizer, state, number + 1, kind, best)
        if after:
            after(number, sum(losses) / max(1, len(losses)))
    if best.weights:
        network.load_state_dict(best.weights)
    network.eval()


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
    network: nn.Module, optimizer: torch.optim.Optimizer, state: Path | None, rounds: int, kind: str, best: _Best
) -> None:
    if state is None:
        return
    part = state.with_suffix(".part")
    torch.save(
        {
            "network": network.state_dict(), "optimizer": optimizer.state_dict(), "rounds": rounds, "of": kind,
            "best": [best.loss, best.round, dict(best.weights)],
        },
        part,
    )  # fmt: skip
    part.replace(state)


def _restore(network: nn.Module, optimizer: torch.optim.Optimizer, state: Path | None, kind: str) -> tuple[int, _Best]:
    if state is None or not state.exists():
        return 0, _Best()
    kept = torch.load(state, weights_only=True)  # tensors and numbers only: nothing in it is executed
    if kept["of"] != kind:
        raise InputError(
            f"{state} was kept by another training ({kept['of']}, not {kind}); remove it, or give another file"
        )
    network.load_state_dict(kept["network"])
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["rounds"]), _Best(*kept.get("best", []))
