import pytest

from eda.simulation import Ac, Dc, Op, Tran


@pytest.mark.parametrize(
    ("analysis", "command"),
    [
        (Op(), "op"),
        (Ac(0.1, 10e9, 20), "ac dec 20 0.1 10000000000"),
        (Dc("vin", -0.9, 0.9, 0.025), "dc vin -0.9 0.900025 0.025"),
        (Tran(1e-9, 1e-6), "tran 1e-09 1e-06"),
    ],
)
def test_an_analysis_reads_as_its_ngspice_command(analysis, command):
    assert str(analysis) == command
    assert command.startswith(analysis.kind)


@pytest.mark.parametrize(
    ("analysis", "complete", "short"),
    [
        (Dc("v", 0, 1, 0.1), 1.0, 0.9),
        (Dc("v", 0, 1, 0.3), 0.9, 0.6),
        (Dc("v", 1, 0, -0.1), 0.0, 0.1),
        (Ac(1, 1e3, 10), 1e3, 790.0),
        (Ac(1, 1.1e3, 10), 1e3, 790.0),
        (Tran(1e-9, 1e-6), 1e-6, 0.99e-6),
    ],
)
def test_a_complete_sweep_is_told_from_one_that_lacks_a_step(analysis, complete, short):
    assert analysis.reached(complete)
    assert not analysis.reached(short)
