import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.simulation import Waveforms
from eda.testbench import Guard
from eda.testbench.guards import conducting, output_level, polarity, saturated

M1, M2 = "m.xdut.m1", "m.xdut.xm2.msky130_fd_pr__nfet_01v8"


def _point(**quantities):
    vectors = {
        f"@{t}[{q}]": np.array([v]) for q, pair in quantities.items() for t, v in zip((M1, M2), pair, strict=True)
    }
    return Waveforms(np.empty(0), vectors)


def test_a_guard_holds_from_zero_on_and_never_for_nan():
    assert [Guard("g", margin, "").holds for margin in (1.0, 0.0, -1e-9, math.nan)] == [True, True, False, False]


@pytest.mark.parametrize(
    ("vds", "vdsat", "margin"),
    [
        ((0.5, 0.5), (0.1, 0.2), 1.0),
        ((0.5, 0.25), (0.1, 0.2), 0.5),
        ((-0.5, -0.05), (-0.1, -0.2), -1.5),
        ((math.nan, 0.5), (0.1, 0.1), math.nan),
    ],
)
def test_saturated_takes_the_worst_transistor_of_either_polarity(vds, vdsat, margin):
    assert saturated(_point(vds=vds, vdsat=vdsat), {"m1": M1, "m2": M2}, {}).margin == pytest.approx(
        margin, nan_ok=True
    )


@pytest.mark.parametrize(
    ("currents", "margin"),
    [
        ((1e-5, -1e-5), 1.0),
        ((1e-5, 1e-8), 0.0),
        ((1e-5, -1e-9), -1.0),
        ((0.0, 1e-5), -1.0),
        ((math.nan, 1.0), math.nan),
    ],
)
def test_conducting_counts_decades_above_leakage(currents, margin):
    assert conducting(_point(id=currents), {"m1": M1, "m2": M2}, {}).margin == pytest.approx(
        margin, abs=1e-12, nan_ok=True
    )


def test_the_detail_names_the_transistor_as_the_netlist_does():
    guard = conducting(_point(id=(1e-5, 1e-12)), {"m1": M1, "x1.m4": M2}, {})
    assert guard.detail == "x1.m4 carries 1e-12 A"


@given(st.floats(0.5, 5), st.floats(-1, 1))
def test_output_level_allows_a_tenth_of_the_supply(supply, fraction):
    guard = output_level(supply / 2 + fraction * supply, supply / 2, supply)
    if abs(abs(fraction) - 0.1) > 1e-6:
        assert guard.holds == (abs(fraction) < 0.1)
    assert -1 <= guard.margin <= 1


@pytest.mark.parametrize(
    ("gain", "margin"), [(100, 1.0), (1 - 1j, 0.5), (1 + 1j, 0.5), (-1j, 0.0), (-100, -1.0), (-1 + 1j, -0.5), (0, -1.0)]
)
def test_polarity_falls_with_the_phase(gain, margin):
    assert polarity(complex(gain)).margin == pytest.approx(margin)
