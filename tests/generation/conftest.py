import pytest
import torch

from eda.nn.decoder import Decoder, DecoderShape
from eda.simulation import WorkerPool
from eda.topology.device import VOCABULARY, Part, Topology
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.novelty import topology_key

OTA = Topology(
    (
        Part("nmos", ("net1", "vin1", "net3", "vss")),
        Part("nmos", ("vout1", "vin2", "net3", "vss")),
        Part("pmos", ("net1", "net1", "vdd", "vdd")),
        Part("pmos", ("vout1", "net1", "vdd", "vdd")),
        Part("nmos", ("net3", "vb1", "vss", "vss")),
    )
)


@pytest.fixture
def ota():
    """The five-transistor amplifier."""
    return OTA


@pytest.fixture(scope="session")
def pool():
    with WorkerPool(1, timeout=20) as workers:
        yield workers


@pytest.fixture(scope="session")
def untrained():
    """A generator that has learned nothing, and takes the five-transistor amplifier for a circuit of training."""
    torch.manual_seed(0)
    network = Decoder(DecoderShape(len(VOCABULARY), width=32, layers=1, heads=2, context=120))
    return TopologyGenerator(network, {"known": [topology_key(OTA)], "seed": 0})
