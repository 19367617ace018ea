"""Transimpedance amplifiers that are known by analysis, and `.meas` cards for their metrics."""

from __future__ import annotations

from math import atanh, log10, pi, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.constants import Boltzmann

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.tia import TransimpedanceTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARDS", "TRUTHS"]

_TEMPERATURE: Final = 300.15  # K, 27 degrees Celsius
_A, _RF, _POLE = 20.0, 10e3, 2 * pi * 1e9  # gain, Ohm and rad/s of the amplifier and its feedback
_PHOTODIODE, _CURRENT, _ROUT = 200e-15, 10e-6, 50.0  # F, A, Ohm

_SHUNT_FEEDBACK: Final = f"""* amplifier with one pole, feedback resistor; conductances of controlled sources are silent
.subckt shunt in out vdd vss
vref ref vss 0.9
g1 x ref in ref {_A}m
gx x ref x ref 1m
cx x ref {1e-3 / _POLE!r}
ey y ref x ref 1
rf in y {_RF!r}
go y out y out {1 / _ROUT!r}
is vdd vss 1m
.ends
"""
_RIN, _GAIN, _SWING = 500.0, 10.0, 0.3  # Ohm, V/V, V
_LIMITING: Final = f"""* open-loop amplifier that limits
.subckt limiting in out vdd vss
vref ref vss 0.9
rin in ref {_RIN!r}
bout out vss v=0.9+{_SWING!r}*tanh(v(in,ref)*{_GAIN / _SWING!r})
.ends
"""
_COMMON_SOURCE: Final = """* of which only the area is asked for
.subckt source in out vdd vss
m1 out in vss vss nmos w=10u l=1u m=2
rf in out 10k
rl vdd out 2k
.ends
"""


def _shunt_feedback() -> dict[str, float]:
    """Z = -A R / ((1 + s/p)(1 + s C R) + A): two poles, with w0^2 = (1+A) p / (C R), 1/(Q w0) = (1/p + C R)/(1+A)."""
    loop, tau = 1 + _A, _PHOTODIODE * _RF
    natural = sqrt(loop * _POLE / tau)  # rad/s
    quality = loop / (natural * (1 / _POLE + tau))
    gain = -_A * _RF / loop
    half = 1 - 1 / (2 * quality**2)
    bandwidth = natural / (2 * pi) * sqrt(half + sqrt(half**2 + 1))
    density = sqrt(4 * Boltzmann * _TEMPERATURE / _RF)  # of the resistor, straight into the input
    return {
        "transimpedance": -gain,
        "transimpedance_db": 20 * log10(-gain),
        "bandwidth": bandwidth,
        "peaking": 20 * log10(quality / sqrt(1 - 1 / (4 * quality**2))),
        "group_delay_variation": _delay_variation(natural, quality, 2 * pi * bandwidth),
        "input_resistance": _RF / loop,
        "output_resistance": _ROUT,
        "output_level": 0.9 + gain * _CURRENT,
        "input_level": 0.9 + _CURRENT * _RF / loop,
        "supply_current": 1e-3,
        "power": 1.8e-3,
        "overshoot": 100 * float(np.exp(-pi / sqrt(4 * quality**2 - 1))),
        "rise_time": _step(natural, quality)[0],
        "input_noise": density,
        "integrated_noise": density * sqrt(natural * quality / 4),  # noise bandwidth of two poles, Hz
        "settling_time": _step(natural, quality)[1],
    }


def _delay_variation(natural: float, quality: float, band: float) -> float:
    """Of 1/(Q w0) (1 + u^2) / ((1 - u^2)^2 + (u/Q)^2) with u = w/w0, from a hundredth of the band to it, s."""
    u = np.linspace(band / 100, band, 10001) / natural
    delay = (1 + u**2) / ((1 - u**2) ** 2 + (u / quality) ** 2) / (quality * natural)
    return float(np.ptp(delay))


def _step(natural: float, quality: float) -> tuple[float, float]:
    """Times from 10 % to 90 % and until within 1 % of a step of two complex poles, s."""
    time = np.linspace(0, 30 / natural, 300001)
    decay, turn = natural / (2 * quality), natural * sqrt(1 - 1 / (4 * quality**2))
    course = 1 - np.exp(-decay * time) * (np.cos(turn * time) + decay / turn * np.sin(turn * time))
    first, last = (time[np.argmax(course >= share)] for share in (0.1, 0.9))
    return float(last - first), float(time[np.flatnonzero(np.abs(course - 1) > 0.01)[-1]])


def _limits() -> dict[str, float]:
    """The slope of a tanh is half of that at its middle where tanh^2 = 1/2."""
    reach = atanh(sqrt(0.5)) * _SWING / (_GAIN * _RIN)
    return {"transimpedance": _GAIN * _RIN, "input_range": 2 * reach, "overload": reach}


_FEEDBACK: Final = _shunt_feedback()
_LOOSE: Final = ("input_noise", "integrated_noise", "settling_time")


def _bench(step: float = 1e-6) -> TransimpedanceTestbench:
    return TransimpedanceTestbench(
        vdd="1.8 V",
        photodiode=_PHOTODIODE,
        load="1 aF",
        input_current=_CURRENT,
        step=step,
        noise_low="1 kHz",
        noise_high="100 GHz",
        window="3 ns",
    )


TRUTHS: Final[tuple[Truth, ...]] = (
    Truth(
        "shunt feedback with two poles",
        _bench(),
        _SHUNT_FEEDBACK,
        {name: value for name, value in _FEEDBACK.items() if name not in (*_LOOSE, "overshoot")},
    ),
    # ngspice's error in a step is a share of all charge: a step that is large beside the rest shows the ringing best
    Truth(
        "shunt feedback with two poles: a large step",
        _bench(50e-6),
        _SHUNT_FEEDBACK,
        {"overshoot": _FEEDBACK["overshoot"]},
    ),
    Truth(
        "shunt feedback with two poles: noise and settling",
        _bench(),
        _SHUNT_FEEDBACK,
        {name: _FEEDBACK[name] for name in _LOOSE},
        tolerance=1e-2,
    ),
    Truth("open loop, limiting", TransimpedanceTestbench(vdd="1.8 V", sweep="100 uA"), _LIMITING, _limits()),
    Truth("one transistor", TransimpedanceTestbench(), _COMMON_SOURCE, {"area": 2e-11}),
)


def _three_decibels(metrics: Mapping[str, float]) -> str:
    level = metrics["transimpedance_db"] - 10 * log10(2)
    return f"ac m when vdb(out)={level!r} fall=1"


# Peaking, ranges, overshoot and times need arithmetic, or levels that depend on settings; `.meas` knows neither
# operating points nor noise.
CARDS: Final[tuple[Card, ...]] = (
    Card("transimpedance", lambda _: "ac m find vm(out) at=10"),
    Card("transimpedance_db", lambda _: "ac m find vdb(out) at=10"),
    Card("bandwidth", _three_decibels),
    Card("input_resistance", lambda _: "ac m find vm(in) at=10"),
    Card("output_resistance", lambda _: "output m find vm(out) at=10"),
)
