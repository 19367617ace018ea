import pytest

from eda.topology.device import Part, Topology, examples

FIVE = (
    Part("nmos", ("net1", "vin1", "net3", "vss")),
    Part("nmos", ("vout1", "vin2", "net3", "vss")),
    Part("pmos", ("net1", "net1", "vdd", "vdd")),
    Part("pmos", ("vout1", "net1", "vdd", "vdd")),
    Part("nmos", ("net3", "vb1", "vss", "vss")),
)


@pytest.fixture
def five():
    """The five-transistor amplifier."""
    return Topology(FIVE)


@pytest.fixture(scope="session")
def _corpus():
    return {}


@pytest.fixture
def corpus(dataset_folder, _corpus):
    """AnalogGenie's circuits that can be learned from, and why others cannot; read once."""
    if not _corpus:
        _corpus["read"] = examples(dataset_folder("analoggenie"))
    return _corpus["read"]
