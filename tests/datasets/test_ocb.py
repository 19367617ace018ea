import gzip
import json
import pickle

import pytest

from eda.datasets.ocb import FOM_OF_NOTHING, GraphRecord, labels, read_pickle, style
from eda.errors import InputError

HEADER = ",valid,gain,pm,bw,fom\n"


def igraph_like(module, name="Graph"):
    """A pickle that calls a class of a module with the arguments that igraph gives its graphs."""
    arguments = (2, [(0, 1)], True, {}, {"type": [0, 6]}, {})
    return b"\x80\x02c" + f"{module}\n{name}\n".encode() + pickle.dumps(arguments, protocol=2)[2:-1] + b"R."


def test_columns_become_physical_units(tmp_path):
    (tmp_path / "perform101.csv").write_text(HEADER + "0,1,1.6953,1.50001,0.25,2.7\n")
    (label,) = labels(101, tmp_path)
    assert label.simulated
    assert label.gain == pytest.approx(50)
    assert label.phase_margin == pytest.approx(45)
    assert label.unity_gain_frequency == pytest.approx(0.25e9)


def test_failed_simulations_that_are_marked_valid_are_told(tmp_path):
    (tmp_path / "perform101.csv").write_text(f"{HEADER}0,1,1.19531,2.00001,1e-05,{FOM_OF_NOTHING!r}\n")
    assert not labels(101, tmp_path)[0].simulated


def test_the_sets_have_their_known_sizes_flaws_and_best(dataset_folder):
    path = dataset_folder("ocb")
    small, large = labels(101, path), labels(301, path)
    assert (len(small), len(large)) == (10_000, 50_000)
    assert sum(not label.simulated for label in small) == 769
    assert sum(not label.simulated for label in large) == 2752
    assert max(label.fom for label in large) == pytest.approx(197.2296, abs=1e-4)
    # the figure of merit follows from the other columns, but for one row in 250
    simulated = [label for label in (*small, *large) if label.simulated]
    assert sum(abs(label.fom - _fom(label)) < 1e-3 for label in simulated) > 0.995 * len(simulated)


def _fom(label):
    margin = 1.6 * (2.00001 - label.phase_margin / 90)
    return 1.2 * abs(label.gain) / 100 + margin + label.unity_gain_frequency / 1e8


def test_the_circuits_of_its_style(dataset_folder):
    circuits = style(dataset_folder("ocb"))
    assert len(circuits) == 10_000
    assert {circuit.stages for circuit in circuits} == {2, 3}
    assert sum(not circuit.specs["open_loop_stable"] for circuit in circuits) == pytest.approx(6000, abs=150)


def test_there_are_two_sets(tmp_path):
    with pytest.raises(InputError, match="has the sets 101 and 301, not 201"):
        labels(201, tmp_path)


@pytest.mark.parametrize("text", ["", HEADER + "0,1,x,2,3,4\n", "a,b\n1,2\n"])
def test_damaged_labels(tmp_path, text):
    if text:
        (tmp_path / "perform301.csv").write_text(text)
    with pytest.raises(InputError, match=r"perform301\.csv of the data set 'ocb' must be there and whole"):
        labels(301, tmp_path)


@pytest.mark.parametrize("row", ["{", json.dumps({"id": 1})])
def test_damaged_circuits(tmp_path, row):
    (tmp_path / "ocb_style_10k.jsonl.gz").write_bytes(gzip.compress(row.encode()))
    with pytest.raises(InputError, match="must be there and whole"):
        style(tmp_path)


def test_graphs_are_read_without_igraph(tmp_path):
    path = tmp_path / "graphs.pkl"
    path.write_bytes(igraph_like("igraph"))
    graph = read_pickle(path)
    assert isinstance(graph, GraphRecord)
    assert graph.edges == [(0, 1)]
    assert graph.vertices == {"type": [0, 6]}


@pytest.mark.parametrize(("module", "name"), [("os", "system"), ("builtins", "eval"), ("igraph.os", "system")])
def test_a_pickle_makes_nothing_but_graphs(tmp_path, module, name):
    path = tmp_path / "graphs.pkl"
    path.write_bytes(igraph_like(module, name))
    with pytest.raises(InputError, match="which no graph is made of"):
        read_pickle(path)


def test_what_is_no_pickle_is_an_error(tmp_path):
    path = tmp_path / "graphs.pkl"
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="must be a pickle of graphs of igraph"):
        read_pickle(path)
    with pytest.raises(InputError, match="cannot read"):
        read_pickle(tmp_path / "missing.pkl")
