import pytest

from eda.simulation import Ac, Dc, Op, Tran


@pytest.mark.parametrize(
    ("analysis", "command"),
    [
        (Op(), "op"),
        (Ac(0.1, 10e9, 20), "ac dec 20 0.1 10000000000"),
        (Dc("vin", -0.9, 0.9, 0.025), "dc vin -0.9 0.9 0.025"),
        (Tran(1e-9, 1e-6), "tran 1e-09 1e-06"),
    ],
)
def test_an_analysis_reads_as_its_ngspice_command(analysis, command):
    assert str(analysis) == command
    assert command.startswith(analysis.kind)
