import pytest
import torch

from eda.graph import to_graph
from eda.link_prediction.network import LinkNetwork
from eda.link_prediction.openings import without_bulks
from eda.link_prediction.predictor import LinkPredictor
from eda.netlist import parse_netlist
from eda.nn.pin_network import PinShape
from eda.nn.pins import Pins

OTA = """* five-transistor OTA
.subckt ota inp inn out bias vdd vss
m1 x inp tail vss nmos
m2 out inn tail vss nmos
m3 x x vdd vdd pmos
m4 out x vdd vdd pmos
m5 tail bias vss vss nmos
c1 out vss 1p
.ends
"""


@pytest.fixture
def ota():
    return parse_netlist(OTA)


@pytest.fixture
def pins(ota):
    return without_bulks(Pins.of(to_graph(ota)))


@pytest.fixture
def untrained():
    """A predictor that has learned nothing, yet tells devices, roles and nets apart."""
    torch.manual_seed(0)
    network = LinkNetwork(PinShape(16, 2)).eval()
    for parameter in network.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    return LinkPredictor([network], {"seed": 0})
