import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.graph.refinement import LabelledGraph, refine


@st.composite
def graphs(draw):
    count = draw(st.integers(1, 12))
    vertex, label = st.integers(0, count - 1), st.integers(0, 1)
    labels = draw(st.lists(label, min_size=count, max_size=count))
    edges = draw(st.lists(st.tuples(vertex, vertex, label), max_size=24))
    return labels, [edge for edge in edges if edge[0] != edge[1]]


def _graph(labels, edges):
    ends = np.array([edge[:2] for edge in edges], dtype=np.int64).reshape(-1, 2)
    near = np.array([edge[2] for edge in edges], dtype=np.uint64)
    return LabelledGraph.of(np.array(labels, dtype=np.uint64), ends, near, near + np.uint64(10))


def _textbook(labels, edges):
    """Refinement as it is defined: new colours from the multisets of the neighbours' colours, until nothing changes."""
    colour = list(labels)
    for _ in labels:
        seen = [[] for _ in labels]
        for a, b, label in edges:
            seen[a].append((label, colour[b]))
            seen[b].append((label + 10, colour[a]))
        keys = [(colour[v], tuple(sorted(seen[v]))) for v in range(len(labels))]
        names = {key: place for place, key in enumerate(sorted(set(keys)))}
        colour = [names[key] for key in keys]
    return colour


def _cells(colour):
    return {frozenset(v for v, c in enumerate(colour) if c == cell) for cell in colour}


@settings(deadline=None)
@given(graphs())
def test_the_cells_are_those_of_the_textbook(graph):
    assert _cells(refine(_graph(*graph)).tolist()) == _cells(_textbook(*graph))


@settings(deadline=None)
@given(graphs(), st.randoms(use_true_random=False))
def test_colours_do_not_depend_on_numbering(graph, shuffle):
    labels, edges = graph
    new = list(range(len(labels)))
    shuffle.shuffle(new)
    moved = [labels[new.index(place)] for place in range(len(labels))]
    shuffled = [(new[a], new[b], label) for a, b, label in edges]
    shuffle.shuffle(shuffled)
    assert np.array_equal(refine(_graph(moved, shuffled))[new], refine(_graph(labels, edges)))


@settings(deadline=None)
@given(graphs(), st.data())
def test_an_induced_graph_is_the_graph_of_its_edges(graph, data):
    labels, edges = graph
    vertices = data.draw(st.permutations(range(len(labels))))[: data.draw(st.integers(1, len(labels)))]
    place = {vertex: index for index, vertex in enumerate(vertices)}
    kept = [(place[a], place[b], label) for a, b, label in edges if a in place and b in place]
    wanted = _graph([labels[v] for v in vertices], kept)
    whole = _graph(labels, edges)
    got = whole.induced(np.array(vertices), whole.label[vertices])
    assert np.array_equal(got.start, wanted.start)
    for graph_ in (got, wanted):
        assert len(graph_.source) == len(graph_.other)
    assert sorted(zip(got.source, got.other, got.near, got.far, strict=True)) == sorted(
        zip(wanted.source, wanted.other, wanted.near, wanted.far, strict=True)
    )
