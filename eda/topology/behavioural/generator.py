"""Op-amps for a specification: drawn by the autoencoder, put in order by the predictor, proven by the solver.

Source: Hou et al., "CktGen: Automated analog circuit design with generative artificial intelligence", Engineering 2025:
a specification is encoded into the latent space of circuits, and decoded. Changed: the likeliest circuit of a
specification seldom meets it, so many are drawn, and the one that the predictor thinks most of is taken; and circuits
are judged by exact solution, not by a network.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from safetensors.torch import save

from eda.errors import InputError
from eda.nn.threads import one_thread
from eda.nn.weights import load_weights, save_weights
from eda.topology.behavioural.encoding import PLACES, decoded
from eda.topology.behavioural.predictor import Predictor
from eda.topology.behavioural.specification import bounds_of, performances
from eda.topology.behavioural.subgraphs import LARGEST
from eda.topology.behavioural.vae import CircuitVAE, VAEShape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.topology.behavioural.opamp import BehaviouralOpAmp
    from eda.topology.behavioural.specification import Performance

    Solved = tuple[torch.Tensor, Performance]
    Proposals = Callable[[Sequence[Solved], int], torch.Tensor]

__all__ = ["SHIPPED", "Answer", "OpAmpGenerator", "in_turn", "proven", "ranked", "refined"]

SHIPPED: Final = Path(__file__).with_name("generator.safetensors")
"""The weights that come with the package."""

_COMMAND: Final = "python scripts/train_behavioural.py"
_FORMAT: Final = 1
_CANDIDATES: Final = 512
_FIRST: Final = 10  # op-amps of a specification that are solved before any is changed
_TOGETHER: Final = 15  # changes that are solved together
_PARENTS: Final = 5  # op-amps that are changed
_CHANGES: Final = 60  # of each, of which the best-ranked are solved
_CHANGE: Final = 0.2  # natural logarithm, of a value
_UNSTABLE: Final = 5.0  # typical errors that instability counts as


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a specification.

    Attributes:
        opamp: the first one that meets it, or the first of all where none does.
        performance: its exact figures.
        met: whether it meets the specification.
        calls: op-amps that were solved until then.
    """

    opamp: BehaviouralOpAmp
    performance: Performance
    met: bool
    calls: int


class OpAmpGenerator:
    """Draws op-amps for specifications in bins.

    Args:
        autoencoder: conditioned on bins.
        predictor: of gain, unity-gain frequency, phase margin and stability.
        card: what they were trained on.
    """

    def __init__(self, autoencoder: CircuitVAE, predictor: Predictor, card: Mapping[str, Any]) -> None:
        self.autoencoder, self.predictor, self.card = autoencoder.eval(), predictor.eval(), dict(card)

    @classmethod
    def load(cls, path: Path | None = None) -> OpAmpGenerator:
        """Read weights; nothing in them is executed.

        Args:
            path: what `save` wrote; the weights of the package when it is not given.

        Raises:
            InputError: they are missing or damaged, or of another version.
        """
        path = path or SHIPPED
        tensors, card = load_weights(path, _COMMAND)
        if card.get("format") != _FORMAT:
            raise InputError(
                f"{path} must be the weights of a generator of behavioural op-amps of this version; "
                f"train it again: {_COMMAND}"
            )
        autoencoder, predictor = CircuitVAE(VAEShape(**card["shape"])), Predictor()
        for name, network in (("autoencoder", autoencoder), ("predictor", predictor)):
            own = {key.removeprefix(f"{name}."): one for key, one in tensors.items() if key.startswith(f"{name}.")}
            try:
                network.load_state_dict({key: one.float() for key, one in own.items()})
            except RuntimeError:
                raise InputError(f"{path} does not hold the networks of its card; train it again") from None
        return cls(autoencoder, predictor, card)

    def save(self, path: Path) -> None:
        """Write weights, matrices as half-precision numbers, and the card beside them.

        Raises:
            InputError: a file cannot be written.
        """
        networks = {"autoencoder": self.autoencoder, "predictor": self.predictor}
        tensors = {
            f"{name}.{key}": (tensor.half() if tensor.dim() > 1 else tensor).contiguous()
            for name, network in networks.items()
            for key, tensor in network.state_dict().items()
        }
        card = {"format": _FORMAT, "shape": asdict(self.autoencoder.shape), **self.card}
        try:
            save_weights(path, save(tensors), card)
        except OSError as error:
            raise InputError(f"cannot write {path}: {error.strerror}") from None

    @torch.inference_mode()
    def draws(self, bins: torch.Tensor, count: int, generator: torch.Generator) -> torch.Tensor:
        """Op-amps for one specification: `count x 6 x 5` integers.

        Args:
            bins: 3 numbers.
            count: how many.
            generator: of random numbers.
        """
        mean, spread = self.autoencoder.encode_bins(bins[None])
        noise = torch.randn(count, mean.shape[1], generator=generator)
        latent = mean + noise * torch.exp(spread / 2)
        return self.autoencoder.decoder.draw(latent, temperature=1.0, generator=generator)

    def answers(
        self,
        bins: torch.Tensor,
        *,
        calls: int = 100,
        candidates: int = _CANDIDATES,
        seed: int = 0,
        stable: bool = False,
    ) -> list[Answer]:
        """An op-amp for each specification.

        The best-ranked draws are solved first; then those that came nearest are changed, and changes that are predicted
        to hit are solved.

        Args:
            bins: `n x 3` numbers of bins, see `specification`.
            calls: op-amps of each that the solver may be asked about; with 1 the best-ranked one is the answer.
            candidates: op-amps that are drawn for each.
            seed: of the draws.
            stable: whether the answer must be stable as well.
        """
        generator = torch.Generator().manual_seed(seed)

        def begin(one: torch.Tensor) -> Proposals:
            drawn = self.draws(one, candidates, generator)
            return refined(self.predictor, drawn, one, generator, stable=stable)

        return proven(begin, bins, calls=calls, stable=stable)


def ranked(
    predictor: Predictor,
    rows: torch.Tensor,
    bins: torch.Tensor,
    *,
    stable: bool = False,
    offset: torch.Tensor | None = None,
) -> torch.Tensor:
    """Op-amps in the order in which a predictor thinks them likely to meet a specification, the likeliest first.

    Args:
        predictor: of gain, unity-gain frequency and phase margin.
        rows: `n x 6 x 5` integers.
        bins: 3 numbers.
        stable: whether they must be stable as well.
        offset: `n x 3`, what is known to be added to the predictions.
    """
    low, high = (bound.float() for bound in bounds_of(bins[None]))
    if offset is not None:
        low, high = low - offset, high - offset
    with torch.inference_mode():
        chance = predictor.within(rows, low, high)
        if stable:
            chance = chance + torch.nn.functional.logsigmoid(predictor(rows)[:, predictor.outputs])
    return rows[chance.argsort(descending=True)]


def in_turn(rows: torch.Tensor) -> Proposals:
    """Proposals of op-amps one after the other, whatever comes of them."""
    return lambda solved, count: rows[len(solved) : len(solved) + count]


def refined(
    predictor: Predictor, drawn: torch.Tensor, bins: torch.Tensor, generator: torch.Generator, *, stable: bool = False
) -> Proposals:
    """Proposals of the best-ranked of some op-amps, then of changes of those that came nearest.

    A change is predicted with the error that the predictor makes with what is changed taken off.

    Args:
        predictor: of gain, unity-gain frequency and phase margin.
        drawn: `n x 6 x 5` integers.
        bins: 3 numbers.
        generator: of random numbers.
        stable: whether they must be stable as well.
    """
    order = ranked(predictor, torch.unique(drawn, dim=0), bins, stable=stable)
    first = in_turn(order)

    def more(solved: Sequence[Solved], count: int) -> torch.Tensor:
        if len(solved) < _FIRST:
            return first(solved, count)
        near = sorted(solved, key=lambda one: _distance(predictor, one[1], bins, stable=stable))[:_PARENTS]
        parents = torch.stack([row for row, _ in near]).repeat_interleave(_CHANGES, dim=0)
        figures = torch.tensor([(f.gain, f.unity_gain_frequency, f.phase_margin) for _, f in near])
        with torch.inference_mode():
            offset = figures.repeat_interleave(_CHANGES, dim=0) - predictor(parents)[:, : predictor.outputs]
        changed = _changed(parents, generator)
        return ranked(predictor, changed, bins, stable=stable, offset=offset.nan_to_num(0.0, 0.0, 0.0))[:count]

    return more


def _distance(predictor: Predictor, figure: Performance, bins: torch.Tensor, *, stable: bool) -> float:
    """How far an op-amp is from a specification, in typical errors of the predictor."""
    if not figure.defined:
        return math.inf
    low, high = bounds_of(bins[None])
    found = torch.tensor([figure.gain, figure.unity_gain_frequency, figure.phase_margin])
    beyond = torch.maximum((low[0] - found).clamp_min(0), (found - high[0]).clamp_min(0)) / predictor.get_buffer(
        "error"
    )
    return float(beyond.sum()) + (_UNSTABLE if stable and not figure.stable else 0.0)


def _changed(rows: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Op-amps with some of their values a little larger or smaller."""
    values = rows[..., 2:]
    noise = _CHANGE * torch.randn(values.shape, generator=generator)
    moves = torch.rand(values.shape, generator=generator) < 0.5
    new = (values * torch.exp(noise * moves)).round().long().clamp(1, LARGEST)
    return torch.cat((rows[..., :2], torch.where(values > 0, new, 0)), dim=-1)


def proven(
    begin: Callable[[torch.Tensor], Proposals], bins: torch.Tensor, *, calls: int, stable: bool = False
) -> list[Answer]:
    """The first of the proposals for each specification that meets it, by exact solution.

    Args:
        begin: what proposes op-amps for a specification.
        bins: `n x 3` numbers.
        calls: op-amps of each that are solved, at most.
        stable: whether they must be stable as well.
    """
    solved: list[list[Solved]] = [[] for _ in bins]
    met: dict[int, int] = {}
    with one_thread():
        proposals = [begin(one) for one in bins]
        for wave in _waves(calls):
            open_ones = [number for number in range(len(bins)) if number not in met]
            rows = {number: proposals[number](solved[number], wave) for number in open_ones}
            figures = iter(performances(decoded(torch.cat([bins.new_zeros(0, PLACES, 5), *rows.values()]))))
            for number, some in rows.items():
                solved[number] += [(row, next(figures)) for row in some]
                hits = (n for n, (_, one) in enumerate(solved[number]) if _meets(one, bins[number], stable=stable))
                if (first := next(hits, None)) is not None:
                    met[number] = first
    found = []
    for number, tried in enumerate(solved):
        row, figure = tried[met.get(number, 0)]
        calls = met[number] + 1 if number in met else len(tried)
        found.append(Answer(decoded(row[None])[0], figure, number in met, calls))
    return found


def _waves(calls: int) -> list[int]:
    """How many op-amps are solved together, one wave after the other: most specifications need few."""
    waves, left = [1, _FIRST - 1], calls - _FIRST
    while left > 0:
        waves.append(min(_TOGETHER, left))
        left -= _TOGETHER
    return waves if calls >= _FIRST else waves[:calls]


def _meets(figure: Performance, bins: torch.Tensor, *, stable: bool) -> bool:
    return figure.bins == tuple(bins.tolist()) and (figure.stable or not stable)
