"""What is known of power stages: a buck without output capacitor, and a stiff source behind a resistance.

The buck is linear with the clock as its input: its inductor current consists of exponentials between the edges
(R. W. Erickson, D. Maksimović, "Fundamentals of Power Electronics", 3rd ed. 2020, chapter 2, without small ripple).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.power_stage import PowerStageTestbench

__all__ = ["CARDS", "TRUTHS"]


def _inductive() -> Truth:
    """An ideal switch, an inductor, its resistance and the load."""
    vin, duty, period, target, load = 5.0, 0.4, 1e-6, 2.0, 0.5
    resistance, loss, inductance = target / load, 0.5, 20e-6
    total = resistance + loss
    constant = inductance / total
    on, off = np.exp(-duty * period / constant), np.exp(-(1 - duty) * period / constant)
    peak = vin / total * (1 - on) / (1 - on * off)
    valley = peak * off
    rise, fall = np.linspace(0, duty * period, 100_001), np.linspace(0, (1 - duty) * period, 100_001)
    rising = vin / total + (valley - vin / total) * np.exp(-rise / constant)
    taken = float(np.trapezoid(rising, rise)) / period
    squares = (np.trapezoid(rising**2, rise) + np.trapezoid((peak * np.exp(-fall / constant)) ** 2, fall)) / period
    mean = duty * vin * resistance / total
    return Truth(
        about="buck of an ideal switch, L and R, without output capacitor",
        testbench=PowerStageTestbench(
            vdd=vin, target=target, duty=100 * duty, load=load, clock="1 V", window="80 us", conduction="continuous"
        ),
        netlist=f"""
.subckt inductive vin clk out vss
b1 sw vss v=v(vin,vss)*v(clk,vss)
b2 vin vss i=i(vsense)*v(clk,vss)
vsense sw a dc 0
lout a b {inductance!r} ic={float(peak + valley) / 2!r}
rout b out {loss!r}
.ends""",
        expected={
            "output_voltage": mean,
            "output_error": (1 - mean / target) * 100,
            "output_ripple": resistance * (peak - valley),
            "efficiency": 100 * resistance / total,
            "power_loss": float(loss * squares),
            "input_current": taken,
            "inductor_ripple": peak - valley,
            "inductor_peak_current": peak,
        },
    )


def _stiff() -> Truth:
    """Two fifths of the input behind a resistance, with a capacitor at the output: load steps are exponentials."""
    vin, share, behind, capacitance, target, load, step = 5.0, 0.4, 0.2, 20e-6, 1.9, 0.5, 0.3
    resistance, period, window, tolerance = target / load, 1e-6, 60e-6, 0.01
    parallel = behind * resistance / (behind + resistance)
    constant, settled = parallel * capacitance, share * vin * resistance / (behind + resistance)
    sag = step * parallel * (1 - np.exp(-window / constant))
    # the mean over a period that ends at t is that of an exponential over the period
    averaged = step * parallel * constant / period * np.expm1(period / constant)
    return Truth(
        about="stiff source behind a resistance, with a capacitor",
        testbench=PowerStageTestbench(
            vdd=vin, target=target, load=load, load_step=step, window="20 us", step_window=window, tolerance=1.0
        ),
        netlist=f"""
.subckt stiff vin clk out vss
e1 a vss vin vss {share}
r1 a out {behind}
c1 out vss {capacitance!r} ic={float(settled)!r}
m1 vss vss vss vss nmos w=10u l=2u
.ends""",
        expected={
            "output_voltage": settled,
            "undershoot": float(sag),
            "overshoot": float(sag),
            "recovery_time": float(constant * np.log(averaged / (tolerance * target))),
            "area": 20e-12,
        },
    )


TRUTHS: Final[tuple[Truth, ...]] = (_inductive(), _stiff())
"""Power stages whose metrics follow from formulas."""

# For the clock of 1 MHz and the windows of the two truths: 80 us, and 20 us before two of 60 us; the last quarter of a
# window counts. Efficiency and loss take several cards; the recovery is that of means over periods.
CARDS: Final[tuple[Card, ...]] = (
    Card("output_voltage", lambda _: "steady m avg v(out) from=60e-6 to=80e-6"),
    Card(
        "output_error",
        lambda _: "steady m avg v(out) from=60e-6 to=80e-6",
        convert=lambda mean, _: abs(mean / 2.0 - 1) * 100,
    ),
    Card("output_ripple", lambda _: "steady m pp v(out) from=79e-6 to=80e-6"),
    Card("input_current", lambda _: "steady m avg i(vin) from=60e-6 to=80e-6", -1.0),
    Card("inductor_ripple", lambda _: "steady m pp i(l.xdut.lout) from=79e-6 to=80e-6"),
    Card("inductor_peak_current", lambda _: "steady m max i(l.xdut.lout) from=79e-6 to=80e-6"),
    Card(
        "undershoot",
        lambda _: "load_step m min v(out) from=20e-6 to=80e-6",
        convert=lambda least, ours: ours["output_voltage"] - least,
    ),
    Card(
        "overshoot",
        lambda _: "load_step m max v(out) from=80e-6 to=140e-6",
        convert=lambda most, ours: most - (ours["output_voltage"] - ours["undershoot"]),
    ),
)
"""What ngspice's `.meas` gives of the same waveforms."""
