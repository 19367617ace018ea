"""SEAL on terminals, as GNN-ACLP has it: a subgraph around each pair of terminal and net, judged by itself.

Sources: G. Pan et al., "GNN-ACLP: graph neural networks based analog circuit link prediction", 2025 (links between
ports and nets); M. Zhang and Y. Chen, "Link prediction based on graph neural networks", NeurIPS 2018 (enclosing
subgraphs, double-radius node labels, DGCNN). It is here to compare with: it costs a subgraph for each candidate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch_geometric.data import Batch, Data
from torch_geometric.nn import GCNConv, SortAggregation

from eda.link_prediction.openings import alike
from eda.nn.pins import DEVICE_WIDTH, NET_FLAGS, ROLE_COUNT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eda.nn.pins import Pins

__all__ = ["Link", "Seal", "TerminalGraph"]

_FEATURES: Final = DEVICE_WIDTH + len(NET_FLAGS) + ROLE_COUNT
_LABELS: Final = 64  # of nodes; those above are alike
_FAR: Final = 1_000_000  # hops, where there is no way


@dataclass(frozen=True, slots=True)
class Link:
    """A pair of a terminal and a net.

    Attributes:
        pin: place of the terminal among the pins of its circuit.
        net: place of the net.
        detached: whether the terminal is taken off its net; else only the link itself is hidden, where it is one.
    """

    pin: int
    net: int
    detached: bool = True


class TerminalGraph:
    """One circuit as a graph of devices, nets and, between them, terminals.

    Args:
        pins: one circuit.
    """

    def __init__(self, pins: Pins) -> None:
        devices, nets, count = len(pins.devices), len(pins.nets), len(pins.net)
        self._first_net, self._first_pin = devices, devices + nets
        own = np.arange(count) + self._first_pin
        source = np.concatenate((pins.device.numpy(), own, pins.net.numpy() + devices, own))
        target = np.concatenate((own, pins.device.numpy(), own, pins.net.numpy() + devices))
        order = np.argsort(source, kind="stable")
        self._target = target[order]
        self._start = np.searchsorted(source[order], np.arange(devices + nets + count + 1))
        self._net = pins.net.numpy()
        features = torch.zeros(devices + nets + count, _FEATURES)
        features[:devices, :DEVICE_WIDTH] = pins.devices
        features[devices : devices + nets, DEVICE_WIDTH : DEVICE_WIDTH + len(NET_FLAGS)] = pins.nets
        roles = alike(pins.devices[pins.device], pins.role)
        features[torch.from_numpy(own), DEVICE_WIDTH + len(NET_FLAGS) + roles] = 1
        self._features = features

    def enclosing(self, link: Link, hops: int) -> Data:
        """What lies within some hops of both ends, labelled by its distances from them.

        Args:
            link: the pair.
            hops: an edge of this graph is one; a device is three from the next.
        """
        pin, net = link.pin + self._first_pin, link.net + self._first_net
        own = int(self._net[link.pin]) + self._first_net
        hidden = {(pin, own), (own, pin)} if link.detached or own == net else set()
        nodes = np.unique(np.concatenate([self._around(end, hops, hidden) for end in (pin, net)]))
        place = {int(node): index for index, node in enumerate(nodes)}
        edges = [
            (index, place[int(other)])
            for index, node in enumerate(nodes)
            for other in self._neighbours(int(node))
            if int(other) in place and (int(node), int(other)) not in hidden
        ]
        edge_index = np.array(edges, dtype=np.int64).reshape(-1, 2).T
        from_pin = _distances(edge_index, len(nodes), place[pin], place[net])
        from_net = _distances(edge_index, len(nodes), place[net], place[pin])
        label = _double_radius(from_pin, from_net)
        label[[place[pin], place[net]]] = 1
        features = self._features[torch.from_numpy(nodes)]
        return Data(x=features, edge_index=torch.from_numpy(edge_index), label=torch.from_numpy(label))

    def _neighbours(self, node: int) -> NDArray[np.int64]:
        return self._target[self._start[node] : self._start[node + 1]]

    def _around(self, node: int, hops: int, hidden: set[tuple[int, int]]) -> NDArray[np.int64]:
        met, edge = {node}, [node]
        for _ in range(hops):
            edge = [
                int(other)
                for one in edge
                for other in self._neighbours(one)
                if (one, int(other)) not in hidden and int(other) not in met
            ]
            met.update(edge)
        return np.fromiter(met, dtype=np.int64)


def _distances(edge_index: NDArray[np.int64], count: int, start: int, without: int) -> NDArray[np.int64]:
    """Hops from a node, through all but one other."""
    far = np.full(count, _FAR)
    far[start] = 0
    source, target = edge_index
    open_ = (source != without) & (target != without)
    source, target = source[open_], target[open_]
    for distance in range(1, count):
        new = target[(far[source] == distance - 1) & (far[target] == _FAR)]
        if not len(new):
            break
        far[new] = distance
    return far


def _double_radius(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels of nodes by both distances (Zhang and Chen, equation 3); 0 where one end cannot be reached."""
    total = first + second
    half, odd = np.divmod(total, 2)
    label = 1 + np.minimum(first, second) + half * (half + odd - 1)
    return np.where(total >= _FAR, 0, np.minimum(label, _LABELS - 1))


class Seal(nn.Module):
    """DGCNN: graph convolutions, the nodes sorted, and a convolution along them.

    Args:
        width: of the graph convolutions.
        kept: nodes of a subgraph that are kept, the last in the order.
    """

    def __init__(self, width: int = 32, kept: int = 30) -> None:
        super().__init__()
        self.label, self.features = nn.Embedding(_LABELS, width), nn.Linear(_FEATURES, width)
        self.layers = nn.ModuleList([*(GCNConv(width, width) for _ in range(3)), GCNConv(width, 1)])
        self.pool = SortAggregation(kept)
        self.long = 3 * width + 1
        self.first = nn.Conv1d(1, 16, self.long, self.long)
        self.second = nn.Conv1d(16, 32, 5)
        self.out = nn.Sequential(nn.Linear(32 * (kept // 2 - 4), 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 1))

    def forward(self, graphs: Batch) -> torch.Tensor:
        """Logits that each of `n` subgraphs is around a link."""
        hidden = self.label(graphs.label) + self.features(graphs.x)
        every = []
        for layer in self.layers:
            hidden = torch.tanh(layer(hidden, graphs.edge_index))
            every.append(hidden)
        rows = self.pool(torch.cat(every, dim=1), graphs.batch)[:, None]
        rows = functional.max_pool1d(functional.relu(self.first(rows)), 2)
        logits: torch.Tensor = self.out(functional.relu(self.second(rows)).flatten(1))[:, 0]
        return logits

    def loss(self, batch: tuple[Sequence[Data], torch.Tensor]) -> torch.Tensor:
        """What training makes small: the cross entropy of subgraphs and whether they are around links."""
        graphs, right = batch
        return functional.binary_cross_entropy_with_logits(self(Batch.from_data_list(list(graphs))), right)
