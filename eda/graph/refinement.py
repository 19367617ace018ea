"""Colour refinement of a labelled graph, in arrays.

Source: Weisfeiler and Leman, "The reduction of a graph to canonical form and the algebra which appears therein",
1968; with the worklist of Hopcroft, "An n log n algorithm for minimizing states in a finite automaton", 1971:
of the pieces of a split cell the largest needs no further look. As in nauty, a colour is the place where its cell
begins in an ordered partition, so it depends on the structure alone and never on how the vertices are numbered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LabelledGraph", "mix", "ranges", "refine", "signatures"]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class LabelledGraph:
    """An undirected multigraph with labelled vertices and half-edges, in compressed rows.

    Attributes:
        label: of each vertex, `n` words.
        start: where the half-edges of each vertex begin, `n + 1` integers.
        other: vertex at the other end of each half-edge, `e` integers.
        near: label of each half-edge as its own vertex sees it, `e` words.
        far: label of the same edge as the other vertex sees it, `e` words.
    """

    label: NDArray[np.uint64]
    start: NDArray[np.int64]
    other: NDArray[np.int64]
    near: NDArray[np.uint64]
    far: NDArray[np.uint64]

    @classmethod
    def of(
        cls,
        label: NDArray[np.uint64],
        ends: NDArray[np.int64],
        near: NDArray[np.uint64],
        far: NDArray[np.uint64],
    ) -> LabelledGraph:
        """A graph from its edges.

        Args:
            label: of the vertices, `n` words.
            ends: the two vertices of each edge, `e x 2`.
            near: label of each edge as its first vertex sees it.
            far: label of each edge as its second vertex sees it.
        """
        source = np.concatenate([ends[:, 0], ends[:, 1]])
        order = np.argsort(source, kind="stable")
        start = np.zeros(len(label) + 1, dtype=np.int64)
        np.cumsum(np.bincount(source, minlength=len(label)), out=start[1:])
        other = np.concatenate([ends[:, 1], ends[:, 0]])[order]
        return cls(label, start, other, np.concatenate([near, far])[order], np.concatenate([far, near])[order])

    @property
    def source(self) -> NDArray[np.int64]:
        """The vertex of each half-edge."""
        return np.repeat(np.arange(len(self.label)), np.diff(self.start))

    def induced(self, vertices: NDArray[np.int64], label: NDArray[np.uint64]) -> LabelledGraph:
        """The graph on some vertices, in their order, with new labels; costs what it takes.

        Args:
            vertices: `k` distinct vertices.
            label: their labels, `k` words.
        """
        order = np.argsort(vertices)
        count = self.start[vertices + 1] - self.start[vertices]
        slots = ranges(self.start[vertices], count)
        rank = np.minimum(np.searchsorted(vertices, self.other[slots], sorter=order), len(vertices) - 1)
        inside = vertices[order[rank]] == self.other[slots]
        source = np.repeat(np.arange(len(vertices)), count)[inside]
        start = np.zeros(len(vertices) + 1, dtype=np.int64)
        np.cumsum(np.bincount(source, minlength=len(vertices)), out=start[1:])
        return LabelledGraph(label, start, order[rank][inside], self.near[slots[inside]], self.far[slots[inside]])


def mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread each word over its 64 bits, so that sums tell multisets apart (the finaliser of splitmix64)."""
    words = (words + _GOLDEN).astype(np.uint64)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def ranges(start: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """The integers `start[i] .. start[i] + count[i] - 1` of every i, one after the other."""
    before = np.cumsum(count) - count
    place: NDArray[np.int64] = np.arange(int(count.sum())) + np.repeat(start - before, count)
    return place


def signatures(graph: LabelledGraph, colour: NDArray[np.int64]) -> NDArray[np.uint64]:
    """What each vertex sees: the sum over its half-edges of (edge label, colour of the other end), `n` words."""
    seen = mix(graph.near ^ mix(colour[graph.other].astype(np.uint64)))
    total = np.zeros(len(seen) + 1, dtype=np.uint64)
    np.cumsum(seen, out=total[1:])
    return total[graph.start[1:]] - total[graph.start[:-1]]


def refine(graph: LabelledGraph) -> NDArray[np.int64]:
    """The coarsest stable colouring that respects the labels.

    Returns:
        The colour of each vertex, `n` integers: how many vertices come before its cell. Equal structures get equal
        colours, in any process and for any numbering.
    """
    partition = _Partition(graph.label)
    active = np.arange(len(graph.label))
    while len(active):
        active = partition.split(*_seen_from(graph, partition.colour, active))
    return partition.colour


def _seen_from(
    graph: LabelledGraph, colour: NDArray[np.int64], active: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The neighbours of the active vertices, and what each of them sees of these."""
    count = graph.start[active + 1] - graph.start[active]
    slots = ranges(graph.start[active], count)
    word = mix(graph.far[slots] ^ mix(np.repeat(colour[active], count).astype(np.uint64)))
    target = graph.other[slots]
    order = np.argsort(target, kind="stable")
    first = _beginnings(target[order])
    return target[order[first]], np.add.reduceat(word[order], first) if len(first) else word


def _beginnings(*keys: NDArray[np.int64] | NDArray[np.uint64]) -> NDArray[np.int64]:
    """Where runs of equal keys begin."""
    if not len(keys[0]):
        return np.zeros(0, dtype=np.int64)
    change = np.zeros(len(keys[0]), dtype=bool)
    change[0] = True
    for key in keys:
        change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)


class _Partition:
    """Vertices in cells that lie one after the other; a cell is known by where it begins.

    Args:
        label: equal labels begin in one cell, cells in the order of the labels.
    """

    def __init__(self, label: NDArray[np.uint64]) -> None:
        count = len(label)
        self.order = np.argsort(label, kind="stable")
        self.place = np.empty(count, dtype=np.int64)
        self.place[self.order] = np.arange(count)
        first = _beginnings(label[self.order])
        self.size = np.zeros(count, dtype=np.int64)
        self.size[first] = np.diff(first, append=count)
        self.colour = np.empty(count, dtype=np.int64)
        self.colour[self.order] = np.repeat(first, self.size[first])
        self._marked = np.zeros(count, dtype=bool)

    def split(self, touched: NDArray[np.int64], seen: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Split the cells of some vertices by what these see; the other vertices of the cells see nothing.

        Returns:
            The vertices of the new cells, less the largest piece of each old one.
        """
        several = self.size[self.colour[touched]] > 1
        touched, seen = touched[several], seen[several]
        if not len(touched):
            return touched
        order = np.lexsort((seen, self.colour[touched]))
        touched, seen = touched[order], seen[order]
        cell = self.colour[touched]
        first = _beginnings(cell)
        cells, count = cell[first], np.diff(first, append=len(cell))
        rest = self.size[cells] - count
        self._move(touched, cells + rest, count)
        group = _beginnings(cell, seen)
        group_size = np.diff(group, append=len(cell))
        group_start = self.place[touched[group]]
        self.colour[touched] = np.repeat(group_start, group_size)
        left = rest > 0
        starts = np.concatenate([cells[left], group_start])
        sizes = np.concatenate([rest[left], group_size])
        self.size[starts] = sizes
        return self._all_but_largest(np.concatenate([cells[left], cell[group]]), starts, sizes)

    def _move(self, touched: NDArray[np.int64], start: NDArray[np.int64], count: NDArray[np.int64]) -> None:
        """Put the touched vertices of each cell, in their order, at its end, which begins at `start`."""
        target = ranges(start, count)
        self._marked[touched] = True
        occupant = self.order[target]
        leaving = occupant[~self._marked[occupant]]
        self._marked[touched] = False
        place = self.place[touched]
        # as many places fall free before the end of a cell as untouched vertices must leave its end
        free = place[place < np.repeat(start, count)]
        self.order[free], self.place[leaving] = leaving, free
        self.order[target], self.place[touched] = touched, target

    def _all_but_largest(
        self, cell: NDArray[np.int64], start: NDArray[np.int64], size: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        order = np.lexsort((start, -size, cell))
        kept = np.ones(len(order), dtype=bool)
        kept[_beginnings(cell[order])] = False
        chosen = order[kept]
        return self.order[ranges(start[chosen], size[chosen])]
