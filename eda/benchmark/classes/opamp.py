"""Ideal op-amps, single-ended and fully differential, with their answers, and `.meas` cards for both."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from scipy.constants import Boltzmann
from scipy.optimize import brentq

from eda.benchmark.classes.known import Card, Truth
from eda.testbench import FullyDifferentialTestbench, OpAmpTestbench, OpenLoopOpAmpTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["CARDS", "DIFFERENTIAL_CARDS", "DIFFERENTIAL_TRUTHS", "OPEN_TRUTHS", "TRUTHS"]

_VDD, _CENTRE, _LOAD = 2.0, 1.0, 2e-12
_KELVIN = 300.15
_SUPPLY = "rs vdd vss 10k"


def _block(*lines: str) -> str:
    return "\n".join(("* ideal", ".subckt ideal inp inn out vdd vss", *lines, ".ends", ""))


def _chain(first: str, poles: Sequence[float], output: str = "out") -> list[str]:
    """RC poles behind buffers, from the node `n0` to the output."""
    lines = [first]
    for i, pole in enumerate(poles):
        lines += [f"e{i} b{i} 0 n{i} 0 1", f"r{i} b{i} n{i + 1} 1k", f"c{i} n{i + 1} 0 {1 / (2e3 * math.pi * pole)!r}"]
    return [*lines, f"eout {output} 0 n{len(poles)} 0 1"]


def _two_poles(level: float | None = None) -> Truth:
    """With feedback; without, and the output at some level, where one is given."""
    bench = OpAmpTestbench if level is None else OpenLoopOpAmpTestbench
    gain, p1, p2 = 1e3, 1e3, 3e6
    common, plus, minus, resistance, spot = 0.5, 0.2, 0.05, 1e6, 1e4
    b, c = 1 / p1**2 + 1 / p2**2, 1 / (p1 * p2) ** 2  # |H|^2 = A^2 / (1 + b x + c x^2) with x = f^2
    half = math.sqrt(2 / (b + math.sqrt(b**2 + 4 * c)))
    unity = math.sqrt((-b + math.sqrt(b**2 + 4 * c * (gain**2 - 1))) / (2 * c))
    terms = (
        f"{gain}*(v(np)-v(inn))",
        f"{common}*((v(inp)+v(inn))/2-{_CENTRE})",
        f"{plus}*(v(vdd)-{_VDD})",
        f"{minus}*v(vss)",
        f"{level or 0.0}",
    )
    density = math.sqrt(4 * Boltzmann * _KELVIN * resistance)
    offset = _CENTRE / (1 + gain - common / 2)
    rest = {"offset": offset, "signed_offset": offset} if level is None else {"output_level": level}
    return Truth(
        "two poles, gains from the common mode and both supplies, a noisy input",
        bench(vdd=_VDD, load=_LOAD, frequency=spot, noise_low=1, noise_high=1e5),
        _block(f"rn inp np {resistance}", *_chain(f"b1 n0 0 v={'+'.join(terms)}", (p1, p2)), _SUPPLY),
        {
            "dc_gain": 20 * math.log10(gain),
            "gain_at_frequency": 20 * math.log10(gain / math.hypot(1, spot / p1) / math.hypot(1, spot / p2)),
            "bandwidth": half,
            "gbw": gain * half,
            "unity_gain_frequency": unity,
            "phase_margin": 180 - math.degrees(math.atan(unity / p1) + math.atan(unity / p2)),
            "cmrr": 20 * math.log10(gain / common),
            "psrr": 20 * math.log10(gain / plus),
            "psrr_negative": 20 * math.log10(gain / minus),
            "supply_current": _VDD / 1e4,
            "power": _VDD**2 / 1e4,
            **rest,
            "input_noise": density,
            "integrated_noise": density * math.sqrt(1e5 - 1),
        },
    )


def _three_poles() -> Truth:
    gain, (a, b, c) = 1e3, (1e3, 1e7, 3e7)
    # at f^2 = ab + bc + ca the phase is -180 degrees and |H| = A abc / ((a + b)(b + c)(c + a))
    margin = -20 * math.log10(gain * a * b * c / ((a + b) * (b + c) * (c + a)))
    unity = brentq(lambda f: gain / math.prod(math.hypot(1, f / p) for p in (a, b, c)) - 1, a, 1e10)
    return Truth(
        "three poles",
        OpAmpTestbench(vdd=_VDD, load=_LOAD),
        _block(*_chain(f"e9 n0 0 inp inn {gain}", (a, b, c)), _SUPPLY),
        {
            "gain_margin": margin,
            "unity_gain_frequency": unity,
            "phase_margin": 180 - sum(math.degrees(math.atan(unity / p)) for p in (a, b, c)),
        },
    )


def _saturating() -> Truth:
    gain, reach = 10.0, 0.6
    swing = math.sqrt(2) * reach  # 1 - tanh^2 is one half where tanh^2 is one half
    # a follower has x = y + (reach/gain) artanh(u) with y = centre + reach u: its slope is 1/(1 + 1/(gain (1 - u^2)))
    u = math.sqrt(1 - 1 / (gain * ((1 + 1 / gain) / 0.9 - 1)))
    half = reach * u + reach / gain * math.atanh(u)
    return Truth(
        "a stage whose output is a hyperbolic tangent",
        OpAmpTestbench(vdd=_VDD, load=_LOAD),
        _block(f"b1 out 0 v={_CENTRE}+{reach}*tanh({gain / reach}*(v(inp)-v(inn)))", _SUPPLY),
        {
            "output_swing": swing,
            "common_mode_low": _CENTRE - half,
            "common_mode_high": _CENTRE + half,
            "common_mode_range": 2 * half,
        },
    )


def _slewing() -> Truth:
    current, steepness, window = 2e-6, 40 / 0.5, 4e-6  # at 80 % of a step of 0.5 V the drive is 8 times what saturates
    stage = f"b1 0 out i={current}*tanh({steepness}*(v(inp)-v(inn)))"
    return Truth(
        "a stage with a limited current into the load",
        OpAmpTestbench(vdd=_VDD, load=_LOAD, step=0.5, window=window),
        _block(stage, f"r1 out mid 1g\nv1 mid 0 {_CENTRE}", _SUPPLY),
        {"slew_rate_rising": current / _LOAD, "slew_rate_falling": current / _LOAD},
    )


def _settling() -> Truth:
    gm, window = 2e-5, 2e-6
    tau = _LOAD / gm
    return Truth(
        "a linear stage with one pole",
        OpAmpTestbench(vdd=_VDD, load=_LOAD, step=0.1, window=window),
        _block(f"g1 0 out inp inn {gm}", f"r1 out mid 1g\nv1 mid 0 {_CENTRE}", _SUPPLY),
        {"settling_time": tau * math.log(100) + window * 1e-4 / 2},  # half of the edge delays a linear response
        tolerance=1e-2,
    )


def _ringing() -> Truth:
    unity, second = 2 * math.pi * 5e6, 2 * math.pi * 2e6
    damping = math.sqrt(second / unity) / 2  # of the closed loop of unity/s and 1/(1 + s/second)
    gm = unity * _LOAD
    return Truth(
        "a closed loop with two complex poles",
        OpAmpTestbench(vdd=_VDD, load=_LOAD, step=0.5, window=2e-6),
        _block(
            f"g1 0 x inp inn {gm}\nc1 x 0 {_LOAD}\nr1 x mid 1g\nv1 mid 0 {_CENTRE}",
            f"e1 y 0 x 0 1\nr2 y z 1k\nc2 z 0 {1 / (1e3 * second)!r}\ne2 out 0 z 0 1",
            _SUPPLY,
        ),
        {"overshoot": 100 * math.exp(-math.pi * damping / math.sqrt(1 - damping**2))},
    )


def _distorting() -> Truth:
    amplitude, square, cube = 0.2, 0.1, 0.3
    first = amplitude + 0.75 * cube * amplitude**3
    second, third = square * amplitude**2 / 2, cube * amplitude**3 / 4
    x = f"(v(inp)-{_CENTRE})"
    return Truth(
        "a buffer with a square and a cube in its output",
        OpAmpTestbench(vdd=_VDD, load=_LOAD, sine_frequency=1e4, sine_amplitude=amplitude),
        _block(f"b1 out 0 v={_CENTRE}+{x}+{square}*{x}*{x}+{cube}*{x}*{x}*{x}", "r1 inn 0 1g", _SUPPLY),
        {"thd": 100 * math.hypot(second, third) / first},
    )


def _sized() -> Truth:
    return Truth(
        "three transistors in parallel beside an amplifier",
        OpAmpTestbench(vdd=_VDD, load=_LOAD),
        _block("e1 out 0 inp inn 1000", "m1 vdd vdd vss vss nmos w=2u l=0.5u m=3", _SUPPLY),
        {"area": 3 * 2e-6 * 0.5e-6},
    )


TRUTHS: Final = (
    _two_poles(),
    _three_poles(),
    _saturating(),
    _slewing(),
    _settling(),
    _ringing(),
    _distorting(),
    _sized(),
)
OPEN_TRUTHS: Final = (
    _two_poles(level=0.8),
    *(replace(truth, testbench=OpenLoopOpAmpTestbench(vdd=_VDD, load=_LOAD)) for truth in (_three_poles(), _sized())),
)


def _differential(*lines: str) -> str:
    return "\n".join(("* ideal", ".subckt ideal inp inn outp outn vocm vdd vss", *lines, ".ends", ""))


def _balanced(differential: str, common: str = "v(vocm)") -> str:
    """Two outputs around a common level, each with half of a differential voltage."""
    return f"bp outp 0 v={common}+({differential})/2\nbn outn 0 v={common}-({differential})/2"


def _linear_pair() -> Truth:
    gain, p1, p2, level, leak, follow = 500.0, 1e3, 1e7, 0.9, 0.02, 1e5
    common, plus, minus, resistance = 0.5, 0.2, 0.05, 1e6
    b, c = 1 / p1**2 + 1 / p2**2, 1 / (p1 * p2) ** 2
    half = math.sqrt(2 / (b + math.sqrt(b**2 + 4 * c)))
    unity = math.sqrt((-b + math.sqrt(b**2 + 4 * c * (gain**2 - 1))) / (2 * c))
    density = math.sqrt(4 * Boltzmann * _KELVIN * 2 * resistance)
    terms = (
        f"{gain}*(v(np)-v(nn)+2m)",
        f"{common}*((v(inp)+v(inn))/2-{_CENTRE})",
        f"{plus}*(v(vdd)-{_VDD})",
        f"{minus}*v(vss)",
    )
    mean = f"v(lf)+0.01+{leak}*((v(inp)+v(inn))/2-{_CENTRE})"
    offset = -2e-3 * gain / (1 + gain)
    return Truth(
        "two poles, an offset, gains from the common mode and both supplies to either output",
        FullyDifferentialTestbench(vdd=_VDD, load=_LOAD, vocm=level, frequency=1e4, noise_low=1, noise_high=1e5),
        _differential(
            f"rp inp np {resistance}\nrn inn nn {resistance}",
            *_chain(f"b1 n0 0 v={'+'.join(terms)}", (p1, p2), "d"),
            f"rf vocm lf 1k\ncf lf 0 {1 / (2e3 * math.pi * follow)!r}",
            _balanced("v(d)", mean),
            _SUPPLY,
        ),
        {
            "dc_gain": 20 * math.log10(gain),
            "gain_at_frequency": 20 * math.log10(gain / math.hypot(1, 1e4 / p1) / math.hypot(1, 1e4 / p2)),
            "bandwidth": half,
            "gbw": gain * half,
            "unity_gain_frequency": unity,
            "phase_margin": 180 - math.degrees(math.atan(unity / p1) + math.atan(unity / p2)),
            "cmrr": 20 * math.log10(gain / common),
            "psrr": 20 * math.log10(gain / plus),
            "psrr_negative": 20 * math.log10(gain / minus),
            "supply_current": _VDD / 1e4,
            "power": _VDD**2 / 1e4,
            "offset": -offset,
            "signed_offset": offset,
            "input_noise": density,
            "integrated_noise": density * math.sqrt(1e5 - 1),
            "common_mode_error": 0.01,
            "common_mode_gain": 20 * math.log10(leak),
            "common_mode_bandwidth": follow,
        },
    )


def _pair_with_three_poles() -> Truth:
    single = _three_poles()
    lines = _chain("e9 n0 0 inp inn 1000", (1e3, 1e7, 3e7), "d")
    bench = FullyDifferentialTestbench(vdd=_VDD, load=_LOAD)
    gain_margin = {"gain_margin": single.expected["gain_margin"]}
    return Truth("three poles", bench, _differential(*lines, _balanced("v(d)"), _SUPPLY), gain_margin)


def _saturating_pair() -> Truth:
    gain, reach = 100.0, 1.2
    stage = _balanced(f"{reach}*tanh({gain / reach}*(v(inp)-v(inn)))")
    bench = FullyDifferentialTestbench(vdd=_VDD, load=_LOAD)
    return Truth(
        "outputs that are hyperbolic tangents",
        bench,
        _differential(stage, _SUPPLY),
        {"output_swing": math.sqrt(2) * reach},
    )


def _pair_in_time(about: str, drive: str, step: float, expected: Mapping[str, float], tolerance: float = 1e-3) -> Truth:
    """A current, a function of the drive, into the load at each output; the load sees half of the difference."""
    lines = [f"bp 0 outp i={drive}", f"bn outn 0 i={drive}", "rp outp vocm 1g", "rn outn vocm 1g"]
    bench = FullyDifferentialTestbench(vdd=_VDD, load=_LOAD, step=step, window=4e-6)
    return Truth(about, bench, _differential(*lines, _SUPPLY), expected, tolerance)


def _ringing_pair() -> Truth:
    lines = (
        f"g1 0 x inp inn {2 * math.pi * 5e6 * _LOAD!r}\nc1 x 0 {_LOAD}\nr1 x 0 1g",
        f"e1 y 0 x 0 1\nr2 y z 1k\nc2 z 0 {1 / (1e3 * 2 * math.pi * 2e6)!r}",
    )
    bench = FullyDifferentialTestbench(vdd=_VDD, load=_LOAD, step=0.5, window=2e-6)
    netlist = _differential(*lines, _balanced("v(z)"), _SUPPLY)
    return Truth("a closed loop with two complex poles", bench, netlist, _ringing().expected)


def _distorting_pair() -> Truth:
    amplitude, cube = 0.4, 0.1
    # the drive is what the testbench asks for less the output: v(held) is the output, so x is their sum
    x = "(v(inp)-v(inn)+v(outp)-v(outn))"
    return Truth(
        "a buffer with a cube in its output",
        FullyDifferentialTestbench(vdd=_VDD, load=_LOAD, sine_frequency=1e4, sine_amplitude=amplitude),
        _differential(f"bx x 0 v={x}\nrx x 0 1k", _balanced(f"v(x)+{cube}*v(x)*v(x)*v(x)"), _SUPPLY),
        {"thd": 100 * (cube * amplitude**3 / 4) / (amplitude + 0.75 * cube * amplitude**3)},
    )


def _sized_pair() -> Truth:
    lines = (_balanced("1000*(v(inp)-v(inn))"), "m1 vdd vdd vss vss nmos w=2u l=0.5u m=3", _SUPPLY)
    bench = FullyDifferentialTestbench(vdd=_VDD, load=_LOAD)
    return Truth("three transistors in parallel", bench, _differential(*lines), {"area": 3 * 2e-6 * 0.5e-6})


_LIMITED = "2u*tanh(80*(v(inp)-v(inn)))"
DIFFERENTIAL_TRUTHS: Final = (
    _linear_pair(),
    _pair_with_three_poles(),
    _saturating_pair(),
    # the difference of the outputs moves with twice the current by the load
    _pair_in_time(
        "limited currents into the loads",
        _LIMITED,
        0.5,
        {"slew_rate_rising": 4e-6 / _LOAD, "slew_rate_falling": 4e-6 / _LOAD},
    ),
    _pair_in_time(
        "a linear stage with one pole",
        "10u*(v(inp)-v(inn))",
        0.1,
        {"settling_time": _LOAD / 2e-5 * math.log(100) + 4e-6 * 1e-4 / 2},
        1e-2,
    ),
    _ringing_pair(),
    _distorting_pair(),
    _sized_pair(),
)


def _cards(output: str, rest: float) -> tuple[Card, ...]:
    """Cards for an output; `.meas` of ngspice 39 knows neither noise nor operating points nor distortion.

    Left out beside these are `gain_margin`, whose phase `.meas` does not unwrap, and ranges: they are slopes of sweeps.
    """
    window, step = 4e-6, 0.5  # of the slewing circuits
    start, low = 0.05 * window, rest - step / 2
    decibels, phase = f"vdb({output})", f"vp({output})"
    return (
        Card("dc_gain", lambda _: f"ac m find {decibels} at=0.1"),
        Card("gain_at_frequency", lambda _: f"ac m find {decibels} at=10k"),
        Card("bandwidth", lambda ours: f"ac m when {decibels}={ours['dc_gain'] - 10 * math.log10(2)!r} fall=1"),
        Card(
            "gbw",
            lambda ours: f"ac m when {decibels}={ours['dc_gain'] - 10 * math.log10(2)!r} fall=1",
            convert=lambda value, ours: value * 10 ** (ours["dc_gain"] / 20),
        ),
        Card("unity_gain_frequency", lambda _: f"ac m when {decibels}=0 fall=last"),
        Card(
            "phase_margin",
            lambda _: f"ac m find {phase} when {decibels}=0 fall=last",
            convert=lambda value, _: 180 + math.degrees(value),
        ),
        *(
            Card(
                metric,
                lambda _, name=analysis: f"{name} m find {decibels} at=0.1",  # type: ignore[misc]
                convert=lambda value, ours: ours["dc_gain"] - value,
            )
            for metric, analysis in (("cmrr", "common_mode"), ("psrr", "vdd_ac"), ("psrr_negative", "vss_ac"))
        ),
        Card(
            "slew_rate_rising",
            lambda _: (
                f"step m trig v({output}) val={low + 0.2 * step!r} td={start!r} rise=1 "
                f"targ v({output}) val={low + 0.8 * step!r} td={start!r} rise=1"
            ),
            convert=lambda value, _: 0.6 * step / value,
        ),
        Card(
            "slew_rate_falling",
            lambda _: (
                f"step m trig v({output}) val={low + 0.8 * step!r} td={start + window!r} fall=1 "
                f"targ v({output}) val={low + 0.2 * step!r} td={start + window!r} fall=1"
            ),
            convert=lambda value, _: 0.6 * step / value,
        ),
    )


CARDS: Final = _cards("out", _CENTRE)
DIFFERENTIAL_CARDS: Final = _cards("out", 0.0)
