import numpy as np
import pytest

from eda.datasets import cirgps
from eda.errors import InputError


@pytest.fixture
def layout(dataset_folder):
    return cirgps.layout(dataset_folder("cirgps"))


def test_every_transistor_has_a_drain_a_gate_and_a_source(layout):
    assert len(layout.width) == 4133
    for device in (0, 17, 4132):
        assert sorted(layout.pin_terminal[layout.pin_device == device]) == [0, 1, 2]
    assert (layout.width >= 55e-9 - 1e-12).all()
    assert layout.width.max() < 3e-6
    assert (layout.length >= 30e-9 - 1e-12).all()
    assert layout.length.max() < 60e-9


def test_the_rails_are_the_nets_with_most_pins(layout):
    pins = np.bincount(layout.pin_net, minlength=len(layout.rail))
    assert set(np.argsort(-pins)[:2]) == set(np.flatnonzero(layout.rail))
    assert layout.port.sum() == 16


def test_couplings_join_what_is_there(layout):
    sizes = {kind: len(farads) for kind, (_, farads) in layout.couplings.items()}
    assert sizes == {"pin to net": 19_840, "pin to pin": 22_259, "net to net": 2252}
    pins, nets = len(layout.pin_net), len(layout.rail)
    ends, farads = layout.couplings["pin to net"]
    assert ends[0].max() < pins
    assert ends[1].max() < nets
    assert (farads > 0).all()
    assert farads.max() < 1e-13
    assert (layout.pin_net[ends[0]] != ends[1]).all(), "a pin does not couple with its own net"


def test_capacitances_to_ground_may_be_missing(layout):
    assert (layout.net_ground == 0).sum() == 366
    assert (layout.pin_ground == 0).sum() == 7517


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 and no more"])
def test_a_damaged_file_is_explained(tmp_path, content):
    (tmp_path / "digital_clk_gen.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"digital_clk_gen.npz must be the netlist"):
        cirgps.layout(tmp_path)


def test_a_file_without_an_array_is_explained(tmp_path):
    np.savez(tmp_path / "digital_clk_gen.npz", **{"net|x": np.zeros((2, 17))})
    with pytest.raises(InputError, match=r"device\|x"):
        cirgps.layout(tmp_path)
