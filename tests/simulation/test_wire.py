"""What is packed in a worker comes out the same, whatever came before."""

import pickle

import numpy as np

from eda.simulation import Simulation, Status, Waveforms
from eda.simulation.wire import Packer, Unpacker


def _point(value):
    vectors = {"v(a)": np.array([value]), "@m1[gm]": np.array([2 * value])}
    return Waveforms(np.empty(0), vectors, {"v(a)": "V", "@m1[gm]": "S"})


def _response(value, points=5):
    vectors = {"v(a)": np.arange(points) * (value + 1j), "i(v)": np.ones(points) * 1j}
    return Waveforms(np.arange(points) + 1.0, vectors, {"v(a)": "V", "i(v)": "A"}, "Hz")


def _same(one, other):
    assert one.status is other.status
    assert one.log == other.log
    assert list(one.analyses) == list(other.analyses)
    for name, waves in one.analyses.items():
        found = other.analyses[name]
        assert (dict(found.units), found.scale_unit, found.totals) == (waves.units, waves.scale_unit, waves.totals)
        np.testing.assert_array_equal(found.scale, waves.scale)
        np.testing.assert_array_equal(found.outer, waves.outer)
        assert list(found.vectors) == list(waves.vectors)
        for key, vector in waves.vectors.items():
            assert found.vectors[key].dtype == vector.dtype
            np.testing.assert_array_equal(found.vectors[key], vector)


def test_results_of_several_decks_in_any_order():
    noise = Waveforms(np.ones(3), {"onoise": np.ones(3)}, {"onoise": "V"}, "Hz", {"onoise_total": 1e-6})
    mixed = Waveforms(np.ones(2), {"a": np.ones(2), "b": np.ones(2) * 1j}, {"a": "", "b": ""})
    grid = Waveforms(np.ones(6), {"v(a)": np.arange(6.0)}, {"v(a)": "V"}, "V", outer=np.array([0.0, 1.0]))
    results = [
        Simulation(Status.OK, {"op": _point(1.0), "ac": _response(2.0)}, seconds=0.5),
        Simulation(Status.OK, {"op": _point(3.0)}),
        Simulation(Status.OK, {"op": _point(4.0), "ac": _response(5.0)}),
        Simulation(Status.OK, {"op": _point(4.0), "ac": _response(5.0, points=9)}),
        Simulation(Status.NO_CONVERGENCE, log="it did not"),
        Simulation(Status.OK, {"noise": noise}),
        Simulation(Status.OK, {"noise": noise, "grid": grid}),
        Simulation(Status.OK, {"mixed": mixed}),
        Simulation(Status.OK, {"op": _point(6.0)}, measures={"gain": 3.0}),
    ]
    packer, unpacker = Packer(), Unpacker()
    for result in [*results, *results[::-1]]:
        _same(result, unpacker.unpack(pickle.loads(pickle.dumps(packer.pack(result)))))


def test_names_are_sent_once():
    packer = Packer()
    first, second = (len(pickle.dumps(packer.pack(Simulation(Status.OK, {"op": _point(x)})))) for x in (1.0, 2.0))
    assert second < first / 2
