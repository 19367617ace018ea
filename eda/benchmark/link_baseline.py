"""The baseline of link prediction: gradient boosting on what lies around a terminal and a net.

It learns from the same openings as the network, and ranks the same candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from sklearn.ensemble import HistGradientBoostingClassifier

from eda.graph.schema import DEVICE_COLUMNS
from eda.link_prediction.openings import NEW, UNKNOWN, alike
from eda.nn.pins import NET_FLAGS, ROLE_COUNT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from eda.link_prediction.openings import Openings

__all__ = ["BoostedLinks"]

_SETTINGS: Final = {"max_iter": 400, "learning_rate": 0.1, "max_leaf_nodes": 63, "early_stopping": True}
_KINDS: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name.startswith("is_")]
_SIGNS: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name.startswith("polarity_")]
_SUPPLY, _LOW = NET_FLAGS.index("is_supply"), NET_FLAGS.index("is_low_rail")


class BoostedLinks:
    """Gradient boosting of candidates, right against wrong.

    Args:
        openings: to learn from.
        wide: whether it sees more than the terminals that the candidate has and what is asked: flags of nets, what the
            device and the candidate share, and what its other nets have.
        seed: of what is held back to stop in time.
    """

    def __init__(self, openings: Iterable[Openings], *, wide: bool, seed: int) -> None:
        self._wide = wide
        every = list(openings)
        self._kinds = torch.unique(torch.cat([_kinds_of(one) for one in every]))
        known = [one.answer != UNKNOWN for one in every]
        rows = [self._features(one) for one in every]
        right = [_right(one) for one in every]
        kept = [_of_candidates(one, some) for one, some in zip(every, known, strict=True)]
        self._model = HistGradientBoostingClassifier(**_SETTINGS, random_state=seed)
        self._model.fit(
            np.concatenate([row[keep] for row, keep in zip(rows, kept, strict=True)]),
            np.concatenate([one[keep] for one, keep in zip(right, kept, strict=True)]),
        )

    def __call__(self, openings: Openings) -> tuple[torch.Tensor, torch.Tensor]:
        """Logarithms of probabilities, as of `LinkNetwork`: the odds of the candidates of a terminal, in proportion."""
        found = torch.from_numpy(self._model.decision_function(self._features(openings))).float()
        terminal, net = openings.pairs()
        of_nets = found[: len(net)].masked_fill(~openings.there[net], -torch.inf)
        of_new = found[len(net) :]
        total = torch.exp(of_new).index_add(0, terminal, torch.exp(of_nets)).log()
        return of_nets - total[terminal], of_new - total

    def _features(self, openings: Openings) -> NDArray[np.float32]:
        """`(pairs + q) x d`: candidates that are nets, then new ones, whose counts are 0."""
        pins, (terminal, net) = openings.pins, openings.pairs()
        kinds = _kind(pins.devices[pins.device], pins.role)
        place = torch.searchsorted(self._kinds, kinds).clamp(max=len(self._kinds) - 1)
        met = self._kinds[place] == kinds
        counts = torch.zeros(len(pins.nets) + 1, len(self._kinds))
        counts.index_put_((pins.net[met], place[met]), torch.ones(int(met.sum())), accumulate=True)
        asked = torch.searchsorted(self._kinds, _kinds_of(openings)).clamp(max=len(self._kinds) - 1)
        every = torch.arange(len(openings.device))
        nowhere = torch.full_like(every, len(pins.nets))
        terminal, net = torch.cat((terminal, every)), torch.cat((net, nowhere))
        columns = [counts[net], asked[terminal, None], (net == len(pins.nets))[:, None]]
        if self._wide:
            columns += self._more(openings, counts, terminal, net, asked)
        return torch.cat(columns, dim=1).float().numpy()

    def _more(
        self,
        openings: Openings,
        counts: torch.Tensor,
        terminal: torch.Tensor,
        net: torch.Tensor,
        asked: torch.Tensor,
    ) -> list[torch.Tensor]:
        """What the wide features have besides."""
        pins = openings.pins
        flags = torch.cat((pins.nets, torch.zeros(1, pins.nets.shape[1])))
        size = counts.sum(1)
        joins = torch.zeros(len(pins.devices), len(pins.nets) + 1)
        joins.index_put_((pins.device, pins.net), torch.ones(len(pins.net)), accumulate=True)
        own = joins[openings.device]
        inner = own * ((flags[:, _SUPPLY] + flags[:, _LOW]) == 0)
        beside = ((inner @ joins.T) > 0).float()
        beside[torch.arange(len(beside)), openings.device] = 0
        shared = beside @ joins
        around = own @ counts
        candidates = torch.bincount(pins.circuit_of_net[openings.there], minlength=pins.circuits)[openings.circuit]
        return [
            flags[net],
            size[net, None],
            own[terminal, net][:, None],
            shared[terminal, net][:, None],
            counts[net, asked[terminal]][:, None],
            around[terminal],
            candidates[terminal, None],
        ]


def _kind(devices: torch.Tensor, role: torch.Tensor) -> torch.Tensor:
    """One number for kind, polarity and role of each pin."""
    role = alike(devices, role)
    sign = devices[:, _SIGNS] @ torch.tensor([1.0, 2.0])
    return (devices[:, _KINDS].argmax(1) * 3 + sign.long()) * ROLE_COUNT + role


def _kinds_of(openings: Openings) -> torch.Tensor:
    return _kind(openings.pins.devices[openings.device], openings.role)


def _right(openings: Openings) -> NDArray[np.bool_]:
    """Whether a candidate is the answer, for all rows of the features."""
    terminal, net = openings.pairs()
    right: NDArray[np.bool_] = torch.cat((net == openings.answer[terminal], openings.answer == NEW)).numpy()
    return right


def _of_candidates(openings: Openings, known: torch.Tensor) -> NDArray[np.bool_]:
    """The rows to learn from: of candidates that are there, where the answer is known."""
    terminal, net = openings.pairs()
    kept: NDArray[np.bool_] = torch.cat((openings.there[net] & known[terminal], known)).numpy()
    return kept
