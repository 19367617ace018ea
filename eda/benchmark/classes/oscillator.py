"""What is known of oscillators: a tank with negative conductance, a phase accumulator, a Schmitt trigger with RC.

All supplies rise linearly during a hundredth of the window, as the testbench has it.
"""

from __future__ import annotations

from math import asin, cosh, exp, log, pi, sinh, sqrt
from typing import Final

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.oscillator import OscillatorTestbench

__all__ = ["CARDS", "TRUTHS"]

_SUPPLY = 1.8  # V
_WINDOW = 40e-9  # s
_RAMP = _WINDOW / 100  # s


def _tank(*, differential: bool) -> Truth:
    """A lossless LC tank, and two transistors that are off, with `i = -g v + g3 v^3`, van der Pol's equation.

    Angular frequency `w0 (1 - e^2/16 + 17 e^4/3072)` and peak `2 sqrt(g / (3 g3)) (1 + e^2/96)`, `e = g / (w0 C)`
    (C. M. Andersen, J. F. Geer, "Power series expansions for the frequency and period of the limit cycle of the van der
    Pol equation", SIAM J. Appl. Math. 42(3), 1982).
    """
    inductance, capacitance, strength, peak, resistance = 25e-9, 1e-12, 0.3, 0.5, 1e3
    w0 = 1 / sqrt(inductance * capacitance)
    g = strength * w0 * capacitance
    g3 = 4 * g / (3 * peak**2)
    frequency = w0 / (2 * pi) * (1 - strength**2 / 16 + 17 * strength**4 / 3072)
    one, other = ("outp", "outn") if differential else ("out", "vss")
    ground = "rp outp vss 1e9\nrn outn vss 1e9\n" if differential else ""
    power = _SUPPLY**2 / resistance
    return Truth(
        about="LC tank with a cubic negative conductance" + (", differential output" if differential else ""),
        testbench=OscillatorTestbench(vdd=_SUPPLY, load=1e-21, window=_WINDOW, step=10e-12, kick=1e-3),
        netlist=f"""
.subckt tank {one} {other if differential else ""} vdd vss
l1 {one} {other} {inductance!r}
c1 {one} {other} {capacitance!r}
b1 {one} {other} i=-{g!r}*v({one},{other})+{g3!r}*v({one},{other})*v({one},{other})*v({one},{other})
r1 vdd vss {resistance!r}
m1 vdd vss vss vss nmos w=2u l=1u m=2
{ground}.ends
""",
        expected={
            "area": 2 * 2e-6 * 1e-6,
            "oscillation_frequency": frequency,
            "duty_cycle": 50.0,
            "amplitude": 2 * peak * (1 + strength**2 / 96),
            "supply_current": power / _SUPPLY,
            "power": power,
            "energy_per_cycle": power / frequency,
        },
    )


_MEAN, _LEVEL = 1e-3, 0.8  # A, V: of the accumulator's supply current and output


def _accumulator() -> Truth:
    """A phase that grows in proportion to supply and control voltage; the output is the exponential of its sine."""
    base, gain, low, high = 0.6e9, 0.5e9, 0.2, 1.4
    middle = (low + high) / 2
    frequency, slowest, fastest = (base + gain * control for control in (middle, low, high))
    # the phase lags by half of the ramp; the second crossing that a full swing needs is the falling one, below the mean
    lowest = pi - asin(log(cosh(1) - 0.9 * sinh(1)))
    return Truth(
        about="phase accumulator: exp(sin(phase)), its frequency in proportion to the supply",
        testbench=OscillatorTestbench(vdd=_SUPPLY, window=_WINDOW, step=8e-12, ctrl_low=low, ctrl_high=high),
        netlist=f"""
.subckt accumulator out ctrl vdd vss
b1 vss phase i=1e-9*{2 * pi!r}*({base!r}+{gain!r}*v(ctrl,vss))*v(vdd,vss)/{_SUPPLY!r}
c1 phase vss 1e-9
r1 phase vss 1e15
b2 out vss v={_LEVEL!r}*exp(sin(v(phase,vss)))
b3 vdd vss i={_MEAN!r}*(1+0.5*cos(v(phase,vss)))
.ends
""",
        expected={
            "oscillation_frequency": frequency,
            "start_up_time": lowest / (2 * pi * frequency) + _RAMP / 2,
            "duty_cycle": 50 - 100 * asin(log(cosh(1))) / pi,
            "amplitude": 2 * _LEVEL * sinh(1),
            "supply_current": _MEAN,
            "power": _SUPPLY * _MEAN,
            "energy_per_cycle": _SUPPLY * _MEAN / frequency,
            "supply_pushing": frequency / _SUPPLY,
            "frequency_low": slowest,
            "frequency_high": fastest,
            "tuning_range": 100 * (fastest - slowest) / frequency,
            "vco_gain": gain,
        },
    )


def _relaxation() -> Truth:
    """A Schmitt trigger of a switch with hysteresis and a pull-up, with R from its output and C at its input."""
    pull_up, feedback, capacitance, low, high = 200.0, 10e3, 0.25e-12, 0.5, 1.2
    rising = (pull_up + feedback) * capacitance
    up, down = rising * log((_SUPPLY - low) / (_SUPPLY - high)), feedback * capacitance * log(high / low)
    charge = capacitance * (high - low) + down * _SUPPLY / pull_up
    start = rising * log(_SUPPLY * rising / _RAMP * (exp(_RAMP / rising) - 1) / (_SUPPLY - high))
    current = charge / (up + down)
    return Truth(
        about="relaxation oscillator: RC around a switch with hysteresis",
        testbench=OscillatorTestbench(vdd=_SUPPLY, load=1e-21, window=_WINDOW, step=2e-12, kick=1e-12),
        netlist=f"""
.subckt relaxation out vdd vss
r1 vdd out {pull_up!r}
s1 out vss cap vss trigger
r2 out cap {feedback!r}
c1 cap vss {capacitance!r}
.model trigger sw vt={(high + low) / 2!r} vh={(high - low) / 2!r} ron=1e-3 roff=1e12
.ends
""",
        expected={
            "oscillation_frequency": 1 / (up + down),
            "start_up_time": start,
            "duty_cycle": 100 * up / (up + down),
            "amplitude": _SUPPLY - (_SUPPLY - high) * pull_up / (pull_up + feedback),
            "supply_current": current,
            "power": _SUPPLY * current,
            "energy_per_cycle": _SUPPLY * charge,
        },
    )


TRUTHS: Final[tuple[Truth, ...]] = (_accumulator(), _tank(differential=False), _tank(differential=True), _relaxation())
"""Oscillators with their answers."""

# the middle and the two levels of a full swing, V, in the accumulator
_CENTRE, _HALF = _LEVEL * cosh(1), _LEVEL * sinh(1)
# Without one: frequencies and what follows from several of them (a reciprocal, a difference, two analyses).
CARDS: Final[tuple[Card, ...]] = (
    Card("start_up_time", lambda _: f"tran m when v(out)={_CENTRE - 0.9 * _HALF:.12g} fall=1"),
    Card(
        "duty_cycle",
        lambda _: f"tran m trig v(out) val={_CENTRE:.12g} rise=30 targ v(out) val={_CENTRE:.12g} fall=30",
        100 * 1e9,  # periods of 1 ns
    ),
    Card("amplitude", lambda _: "tran m pp v(out) from=30e-9 to=40e-9"),
    Card("supply_current", lambda _: "tran m avg i(vdd) from=20e-9 to=35e-9", -1.0),
    Card("power", lambda _: "tran m avg i(vdd) from=20e-9 to=35e-9", -_SUPPLY),
    Card("energy_per_cycle", lambda _: "tran m integ i(vdd) from=20e-9 to=21e-9", -_SUPPLY),
)
"""What ngspice's `.meas` gives of the accumulator's waveforms."""
