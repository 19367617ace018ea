"""A circuit as what couples: its nets and its pins.

Capacitances are predicted on one scale, as published: decades from 1 zF (couplings) or 10 zF (to ground), six of them
mapped to [0, 1]; what lies beyond is not told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from eda.datasets.cirgps import COUPLINGS
from eda.graph.incidence import ROLES
from eda.graph.schema import DEVICE_COLUMNS
from eda.nn.pins import NET_FLAGS, Pins

if TYPE_CHECKING:
    from eda.datasets.cirgps import Layout

__all__ = ["CLASSES", "FAR", "KIND_COUNT", "Interconnect", "Pairs", "classes", "coupling", "ground", "of_layout"]

FAR: Final = 9
"""The distance of all that is further apart, or not joined at all."""

CLASSES: Final = 5
"""Classes of capacitances: fifths of the scale."""

KIND_COUNT: Final = len(COUPLINGS)
_DECADES: Final = 6
_UNITS: Final = {"coupling": 1e-21, "ground": 1e-20}  # F
_TERMINALS: Final = tuple(ROLES.index(name) for name in ("drain", "gate", "source"))
_COLUMN: Final = {column.name: place for place, column in enumerate(DEVICE_COLUMNS)}
_FLAG: Final = {name: place for place, name in enumerate(NET_FLAGS)}


def _scaled(farads: torch.Tensor, unit: float) -> torch.Tensor:
    return (torch.log10(farads.clamp(min=1e-30) / unit) / _DECADES).clamp(0, 1)


def coupling(farads: torch.Tensor) -> torch.Tensor:
    """Coupling capacitances on the scale of predictions, in [0, 1]."""
    return _scaled(farads, _UNITS["coupling"])


def ground(farads: torch.Tensor) -> torch.Tensor:
    """Capacitances to ground on the scale of predictions; 0 where there is none."""
    return _scaled(farads, _UNITS["ground"])


def farads(scaled: torch.Tensor, of: str) -> torch.Tensor:
    """Capacitances, F, of what was predicted.

    Args:
        scaled: values in [0, 1].
        of: `coupling` or `ground`.
    """
    return _UNITS[of] * 10 ** (_DECADES * scaled)


def classes(scaled: torch.Tensor) -> torch.Tensor:
    """Fifths of the scale: 0 to 4."""
    return (scaled * CLASSES).long().clamp(0, CLASSES - 1)


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is asked of two ends.

    Attributes:
        ends: `m x 2` places, see `Interconnect`.
        kind: of each, place in `COUPLINGS`.
        distance: of each, see `Interconnect.distances`.
    """

    ends: torch.Tensor
    kind: torch.Tensor
    distance: torch.Tensor

    def __getitem__(self, rows: torch.Tensor) -> Pairs:
        return Pairs(self.ends[rows], self.kind[rows], self.distance[rows])

    def __len__(self) -> int:
        return len(self.kind)


@dataclass(frozen=True, slots=True)
class Interconnect:
    """The nets and pins of one circuit.

    Nets have the places 0 to `k - 1`, its pins those after them.

    Attributes:
        pins: the circuit.
        rail: `k` booleans: supplies and grounds, over which nothing is near.
    """

    pins: Pins
    rail: torch.Tensor

    @property
    def nets(self) -> int:
        """How many nets there are, `k`."""
        return len(self.pins.nets)

    @property
    def places(self) -> int:
        """Nets and pins."""
        return self.nets + len(self.pins.net)

    def net_of(self, places: torch.Tensor) -> torch.Tensor:
        """The net of each place, its own for a net."""
        return torch.cat((torch.arange(self.nets), self.pins.net))[places]

    def pairs(self, ends: torch.Tensor, kind: torch.Tensor) -> Pairs:
        """Pairs with their distances.

        Args:
            ends: `m x 2` places.
            kind: place in `COUPLINGS` of each.
        """
        return Pairs(ends, kind, self.distances(ends))

    def distances(self, ends: torch.Tensor) -> torch.Tensor:
        """Steps between devices and nets from end to end, at most `FAR`; a pin begins at its device.

        No way leads over a rail; one that is an end itself is one step from the devices on it.

        Args:
            ends: `m x 2` places.
        """
        pins, count = self.pins, self.nets
        # a directed edge onto a rail is there, none leaves it
        onto = np.stack((pins.device.numpy() + count, pins.net.numpy()))
        off = onto[::-1][:, ~self.rail.numpy()[onto[1]]]
        edges = np.concatenate((onto, off), axis=1)
        size = count + len(pins.devices)
        joined = coo_array((np.ones(edges.shape[1]), (edges[0], edges[1])), shape=(size, size)).tocsr()
        start = torch.cat((torch.arange(count), pins.device + count))[ends].numpy()
        # begin at the end that is no rail, if there is one
        swapped = np.isin(start[:, 0], np.flatnonzero(self.rail.numpy()))
        start[swapped] = start[swapped][:, ::-1]
        own, place = np.unique(start[:, 0], return_inverse=True)
        found = np.empty(len(start))
        for first in range(0, len(own), 512):
            some = (place >= first) & (place < first + 512)
            steps = dijkstra(joined, unweighted=True, indices=own[first : first + 512], limit=FAR)
            found[some] = steps[place[some] - first, start[some, 1]]
        return torch.from_numpy(np.minimum(np.nan_to_num(found, posinf=FAR), FAR).astype(np.int64))


def of_layout(found: Layout) -> tuple[Interconnect, Pairs, torch.Tensor, torch.Tensor]:
    """A layout as an interconnect.

    Returns:
        The interconnect, its pairs, their capacitances, F, and the capacitances of nets and pins to ground, F.
    """
    count = len(found.width)
    devices = torch.zeros(count, len(DEVICE_COLUMNS))
    devices[:, _COLUMN["is_m"]] = 1
    for name, values in (("w", found.width), ("l", found.length)):
        devices[:, _COLUMN[f"log10_{name}"]] = torch.from_numpy(np.log10(values)).float()
        devices[:, _COLUMN[f"{name}_given"]] = 1
    nets = torch.zeros(len(found.port), len(NET_FLAGS))
    nets[:, _FLAG["is_port"]] = torch.from_numpy(found.port).float()
    nets[:, _FLAG["is_supply"]] = torch.from_numpy(found.rail).float()
    pins = Pins(
        devices,
        nets,
        torch.from_numpy(found.pin_device),
        torch.tensor(_TERMINALS)[torch.from_numpy(found.pin_terminal)],
        torch.from_numpy(found.pin_net),
        torch.zeros(count, dtype=torch.long),
        torch.zeros(len(nets), dtype=torch.long),
        1,
    )
    circuit = Interconnect(pins, torch.from_numpy(found.rail))
    first = {"pin": len(nets), "net": 0}
    ends: list[torch.Tensor] = []
    kinds: list[torch.Tensor] = []
    farads_: list[torch.Tensor] = []
    for place, kind in enumerate(COUPLINGS):
        own, capacitance = found.couplings[kind]
        begin = torch.tensor([first[end] for end in kind.split(" to ")])
        ends.append(torch.from_numpy(own.T) + begin)
        kinds.append(torch.full((len(capacitance),), place))
        farads_.append(torch.from_numpy(capacitance))
    to_ground = torch.from_numpy(np.concatenate((found.net_ground, found.pin_ground)))
    return circuit, circuit.pairs(torch.cat(ends), torch.cat(kinds)), torch.cat(farads_), to_ground
