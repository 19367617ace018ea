"""An exact isomorphism of two labelled graphs.

Both graphs are refined; vertices alone in their cell are settled. What remains falls into connected parts, and parts
are matched one by one: isomorphism is an equivalence, so the first partner found is as good as any, and nothing is
tried twice across parts. Only inside one part a vertex is individualised and its possible images are tried in turn.

Source: McKay, "Practical graph isomorphism", Congressus Numerantium 30, 1981. The parts are our addition: they keep
circuits of many like branches from multiplying the search.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from eda.graph.refinement import LabelledGraph, mix, refine, signatures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["Parts", "match", "parts", "with_chosen"]

_CHOSEN: Final = np.uint64(0xD1B54A32D192ED03)  # label of an individualised vertex, not equal to any colour


def match(a: LabelledGraph, b: LabelledGraph) -> NDArray[np.int64] | None:
    """The vertices of `b` that the vertices of `a` go to, `n` integers; `None` when the graphs differ."""
    image = _match(a, b)
    return image if image is not None and _is_isomorphism(a, b, image) else None


def parts(graph: LabelledGraph, colour: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """The connected parts that remain when vertices alone in their cell are taken away.

    Args:
        graph: the graph.
        colour: its stable colours, `n` integers.

    Returns:
        The part of each vertex, -1 for one that is alone in its cell, and for each part a word that isomorphic parts
        share.
    """
    shared = (np.bincount(colour, minlength=len(colour)) > 1)[colour]
    part = np.full(len(colour), -1, dtype=np.int64)
    if not shared.any():
        return part, np.zeros(0, dtype=np.uint64)
    inner = shared[graph.source] & shared[graph.other]
    ends = (graph.source[inner], graph.other[inner])
    adjacent = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(len(colour), len(colour)))
    _, component = connected_components(adjacent, directed=False)
    names, part[shared] = np.unique(component[shared], return_inverse=True)
    word = np.zeros(len(names), dtype=np.uint64)
    np.add.at(word, part[shared], mix(colour[shared].astype(np.uint64)))
    return part, word


def _is_isomorphism(a: LabelledGraph, b: LabelledGraph, image: NDArray[np.int64]) -> bool:
    """Whether labels and edges agree; refinement compares 64-bit sums, this compares everything."""
    if not np.array_equal(a.label, b.label[image]):
        return False
    mine = np.lexsort(one := (a.near, a.far, image[a.other], image[a.source]))
    theirs = np.lexsort(two := (b.near, b.far, b.other, b.source))
    return all(np.array_equal(x[mine], y[theirs]) for x, y in zip(one, two, strict=True))


def _match(a: LabelledGraph, b: LabelledGraph) -> NDArray[np.int64] | None:
    """As `match`, but right only if the sums that refinement compares had no collision."""
    colours = refine(a), refine(b)
    orders = [np.argsort(colour, kind="stable") for colour in colours]
    seen = signatures(a, colours[0]), signatures(b, colours[1])
    for one, two in (colours, (a.label, b.label), seen):
        if not np.array_equal(one[orders[0]], two[orders[1]]):
            return None
    image = np.empty(len(a.label), dtype=np.int64)
    image[orders[0]] = orders[1]
    mine, theirs = (Parts(graph, colour) for graph, colour in zip((a, b), colours, strict=True))
    if not np.array_equal(np.sort(mine.word), np.sort(theirs.word)):
        return None
    if len(mine.word) == 1:
        return _individualised(mine, theirs, image)
    return image if _match_parts(mine, theirs, image) else None


class Parts:
    """The parts of a refined graph.

    Args:
        graph: the graph.
        colour: its stable colours.
    """

    def __init__(self, graph: LabelledGraph, colour: NDArray[np.int64]) -> None:
        self.graph, self.colour = graph, colour
        part, self.word = parts(graph, colour)
        order = np.lexsort((colour, part))
        order = order[part[order] >= 0]
        bounds = np.searchsorted(part[order], np.arange(len(self.word) + 1))
        self.members = [order[low:high] for low, high in itertools.pairwise(bounds)]

    def by_word(self) -> dict[int, list[NDArray[np.int64]]]:
        """The members of the parts, those that look alike together, each in the order of the colours."""
        groups: dict[int, list[NDArray[np.int64]]] = defaultdict(list)
        for word, members in zip(self.word.tolist(), self.members, strict=True):
            groups[word].append(members)
        return groups

    def is_rainbow(self, members: NDArray[np.int64]) -> bool:
        """Whether all vertices of a part have different colours, so that these fix where each goes."""
        colour = self.colour[members]
        return bool((colour[1:] != colour[:-1]).all())

    def sub_graph(self, members: NDArray[np.int64]) -> LabelledGraph:
        """One part alone; its colours say all that it sees of the rest."""
        return self.graph.induced(members, self.colour[members].astype(np.uint64))


def _match_parts(one: Parts, two: Parts, image: NDArray[np.int64]) -> bool:
    """Match the parts of two graphs, writing into `image`."""
    partners = two.by_word()
    for word, group in one.by_word().items():
        waiting = partners[word]
        if one.is_rainbow(group[0]):
            image[np.concatenate(group)] = np.concatenate(waiting)
        elif not all(_match_part(one, members, two, waiting, image) for members in group):
            return False
    return True


def _match_part(
    one: Parts, members: NDArray[np.int64], two: Parts, waiting: list[NDArray[np.int64]], image: NDArray[np.int64]
) -> bool:
    """Match one part with the first of the waiting ones that fits, and take that one out."""
    mine = one.sub_graph(members)
    for index, candidate in enumerate(waiting):
        found = _match(mine, two.sub_graph(candidate))
        if found is not None:
            image[members] = candidate[found]
            del waiting[index]
            return True
    return False


def _individualised(one: Parts, two: Parts, image: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Match two connected parts: one vertex of the first goes to each vertex of its colour in turn."""
    mine, theirs = one.members[0], two.members[0]
    colour = one.colour[mine]
    sizes = np.bincount(colour)
    chosen = colour[np.argmin(sizes[colour])]
    labels = colour.astype(np.uint64)
    vertex = int(np.flatnonzero(colour == chosen)[0])
    pattern = one.graph.induced(mine, with_chosen(labels, vertex))
    for candidate in _places(two.colour[theirs], int(chosen)):
        found = _match(pattern, two.graph.induced(theirs, with_chosen(labels, candidate)))
        if found is not None:
            image[mine] = theirs[found]
            return image
    return None


def _places(colour: NDArray[np.int64], chosen: int) -> Iterator[int]:
    return iter(np.flatnonzero(colour == chosen).tolist())


def with_chosen(labels: NDArray[np.uint64], vertex: int) -> NDArray[np.uint64]:
    """Labels in which one vertex is told apart from all others."""
    changed = labels.copy()
    changed[vertex] = _CHOSEN
    return changed
