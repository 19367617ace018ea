"""What is known of references: sources that depend on temperature and supply, a filter and a resonance behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.reference import CurrentReferenceTestbench, ReferenceTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARDS", "CURRENT_CARDS", "CURRENT_TRUTHS", "TRUTHS"]

_VDD, _AT = 1.8, 27.0  # V, degrees Celsius
_V0, _DRIFT, _LINE = 1.2, 5e-5, 0.01  # V, 1/K, V/V
_RS, _RQ, _C = 10e3, 100e3, 1e-9  # Ω, Ω, F
_COLD, _HOT = -40.0, 125.0
_MIDDLE = (_COLD + _HOT) / 2 - _AT  # K: the mean of a straight line is in the middle
_FOUR_KT = 4 * 1.380649e-23 * 300.15
_I0, _RO, _RON = 10e-6, 1e6, 10e3  # A, Ω, Ω
_L, _RL, _CL = 1e-3, 200.0, 1e-9  # H, Ω, F: a resonance at 159 kHz

_VOLTAGE: Final = f"""* follows the supply up to its own level, behind a resistor
.subckt level out vdd vss
bref x vss v=min(v(vdd), {_V0}*(1+{_DRIFT}*(temper-{_AT}))+{_LINE}*(v(vdd)-{_VDD}))
rs x out {_RS}
rq vdd vss {_RQ}
m1 vss vss vss vss nmos w=10u l=2u
.ends
"""
_FILTERED: Final = f"""* the same without dependences
.subckt filtered out vdd vss
bref x vss v=min(v(vdd), {_V0})
rs x out {_RS}
.ends
"""
_RINGING: Final = f"""* with an inductor
.subckt ringing out vdd vss
bref x vss v=min(v(vdd), {_V0})
rs x y {_RL}
ls y out {_L}
.ends
"""
_CURRENT: Final = f"""* a current source that becomes a resistor where it has little voltage
.subckt source out vdd vss
bref vdd out i=min({_I0}*(1+{_DRIFT}*(temper-{_AT})), v(vdd,out)/{_RON})
ro vdd out {_RO}
rq vdd vss {_RQ}
m1 vss vss vss vss nmos w=10u l=2u
.ends
"""
_RINGING_CURRENT: Final = f"""* a current that follows the same resonance
.subckt ringing_source out vdd vss
bref x vss v=min(v(vdd), {_V0})
rs x y {_RL}
ls y z {_L}
cs z vss {_CL}
gref vdd out z vss 10u
.ends
"""


def _voltage() -> dict[str, float]:
    """A level that depends on temperature and supply, with one pole."""
    at, pole = 1e4, 2 * np.pi * _RS * _C
    return {
        "output_voltage": _V0,
        "temperature_coefficient": _DRIFT / (1 + _DRIFT * _MIDDLE) * 1e6,
        "line_regulation": _LINE / _V0 * 100,
        "minimum_supply": 0.98 * _V0,
        "psrr": -20 * np.log10(_LINE),
        "psrr_at_frequency": -20 * np.log10(_LINE) + 10 * np.log10(1 + (at * pole) ** 2),
        "supply_current": _VDD / _RQ,
        "power": _VDD**2 / _RQ,
        "area": 2e-11,
    }


def _random() -> dict[str, float]:
    """Noise of the resistor, behind its pole; below it over the band."""
    density, pole = float(np.sqrt(_FOUR_KT * _RS)), 2 * np.pi * _RS * _C
    area = float(np.arctan(10 * pole) - np.arctan(0.1 * pole)) / pole
    return {"output_noise": density / float(np.sqrt(1 + (1e4 * pole) ** 2)), "integrated_noise": density * area**0.5}


def _started() -> dict[str, float]:
    """A ramp of 10 us that ends at the level, through one pole: when 1 % is left."""
    tau, rise = _RS * _C, 10e-6 / _VDD * _V0
    at_top = _V0 / rise * (rise - tau + tau * np.exp(-rise / tau))
    return {"start_up_time": rise + tau * float(np.log((_V0 - at_top) / (0.01 * _V0)))}


def _rung() -> dict[str, float]:
    """Overshoot of a second-order system, exp(-π ζ/√(1 - ζ²))."""
    damping = _RL / 2 * np.sqrt(_CL / _L)
    return {"start_up_overshoot": 100 * float(np.exp(-np.pi * damping / np.sqrt(1 - damping**2)))}


def _current() -> dict[str, float]:
    """A current source with an output resistance; it ends where its resistance takes over."""
    nominal = _I0 + _VDD / 2 / _RO
    step = 0.02 * nominal * _RO  # of either voltage, for 2 % of the current
    return {
        "output_current": nominal,
        "output_resistance": _RO,
        "output_range": 2 * step,
        "minimum_supply": _VDD - step,
        "line_regulation": 100 / _RO / nominal,
        "temperature_coefficient": _DRIFT * _I0 / (nominal + _I0 * _DRIFT * _MIDDLE) * 1e6,
        "supply_current": nominal + _VDD / _RQ,
        "power": _VDD * (nominal + _VDD / _RQ),
        "area": 2e-11,
        "start_up_time": 10e-6 * (_VDD - step / 2) / _VDD,
    }


def _random_current() -> dict[str, float]:
    """Noise of the resistor in parallel."""
    density = float(np.sqrt(_FOUR_KT / _RO))
    return {"output_noise": density, "integrated_noise": density * float(np.sqrt(10 - 0.1))}


_BENCH: Final = ReferenceTestbench(vdd=_VDD, load=_C, frequency=1e4, window="50 us")
_SOURCE: Final = CurrentReferenceTestbench(vdd=_VDD)
TRUTHS: Final = (
    Truth("level behind a filter", _BENCH, _VOLTAGE, _voltage()),
    Truth("noise of a resistor behind a pole", _BENCH, _VOLTAGE, _random(), 1e-2),
    Truth("start through a pole", _BENCH, _FILTERED, _started()),
    Truth("start through a resonance", ReferenceTestbench(_VDD, load=_CL, ramp=1e-9, window=4e-6), _RINGING, _rung()),
)
CURRENT_TRUTHS: Final = (
    Truth("current source with a resistance", _SOURCE, _CURRENT, _current()),
    Truth(
        "current through a resonance",
        CurrentReferenceTestbench(_VDD, ramp=1e-9, window=4e-6),
        _RINGING_CURRENT,
        _rung(),
    ),
    Truth("noise of a resistor", _SOURCE, _CURRENT, _random_current(), 1e-2),
)


def _beyond(highest: float, known: Mapping[str, float]) -> float:
    """Overshoot from the highest value, per cent."""
    return (highest / known["output_voltage"] - 1) * 100


# Beyond `.meas`: supply_current and power are read at the operating point; a temperature sweep with `.meas` fails in
# ngspice 39; noise is no analysis that it reads; line_regulation, output_resistance and output_range need two values.
CARDS: Final = (
    Card("output_voltage", lambda _: "supply m find v(out) at=1.8"),
    Card("minimum_supply", lambda known: f"supply m when v(out)={0.98 * known['output_voltage']!r} cross=last"),
    Card("psrr", lambda _: "vdd_ac m find vdb(out) at=0.1", -1.0),
    Card("psrr_at_frequency", lambda _: "vdd_ac m find vdb(out) at=10k", -1.0),
    Card("start_up_time", lambda known: f"start m when v(out)={0.99 * known['output_voltage']!r} cross=1"),
    Card("start_up_overshoot", lambda _: "start m max v(out)", convert=_beyond),
)
CURRENT_CARDS: Final = (
    Card("output_current", lambda _: "supply m find v(read) at=1.8"),
    Card("minimum_supply", lambda known: f"supply m when v(read)={0.98 * known['output_current']!r} cross=last"),
    Card("start_up_time", lambda known: f"start m when v(read)={0.99 * known['output_current']!r} cross=1"),
)
