"""Current mirrors that are known by analysis, and `.meas` cards for their metrics."""

from __future__ import annotations

from math import atan, log10, pi, sqrt
from typing import TYPE_CHECKING, Final

from scipy.constants import Boltzmann

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.mirror import MirrorTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARDS", "TRUTHS"]

_TEMPERATURE: Final = 300.15  # K, 27 degrees Celsius
_IN, _BIAS, _SUPPLY = 20e-6, 10e-6, 1.8  # A, A, V
_RIN, _CIN, _GM, _ROUT, _COUT = 30e3, 1e-12, 34e-6, 5e6, 0.2e-12  # of the linear mirror
_OUT: Final = 0.7  # V

_LINEAR: Final = f"""* resistor at the input, transconductance with resistance and capacitance at the output
.subckt linear in out vdd vss
rin in vss {_RIN!r}
cin in vss {_CIN!r}
g1 out vss in vss {_GM!r}
rout out vss {_ROUT!r}
cout out vss {_COUT!r}
ib vdd vss {_BIAS!r}
.ends
"""
_UPSIDE_DOWN: Final = f"""* the same from vdd
.subckt upside_down in out vdd vss
rin vdd in {_RIN!r}
cin vdd in {_CIN!r}
g1 vdd out vdd in {_GM!r}
rout vdd out {_ROUT!r}
cout vdd out {_COUT!r}
ib vdd vss {_BIAS!r}
.ends
"""
_RES, _IND, _CAP = 10e3, 20e-6, 50e-15  # of the resonant input
_RESONANT: Final = f"""* two complex poles at the input
.subckt resonant in out vss
cin in vss {_CAP!r}
lin in x {_IND!r}
rx x vss {_RES!r}
g1 out vss x vss {1 / _RES!r}
.ends
"""
_KNEE: Final = 0.2  # V
_LIMITED: Final = f"""* the output needs 0.2 V
.subckt limited in out vss
rin in vss {_RIN!r}
bout out vss i=v(in)/{_RIN!r}*min(1,v(out)/{_KNEE!r})
.ends
"""
_SIMPLE: Final = """* of which only the area is asked for
.subckt simple in out vss
m1 in in vss vss nmos w=10u l=1u
m2 out in vss vss nmos w=10u l=1u m=3
.ends
"""


def _linear(low: float, high: float) -> dict[str, float]:
    """The output current is gm R I + V / Rout; one pole at the input.

    Args:
        low: of the range of `range_error`, V.
        high: of it, V.
    """
    gain = _GM * _RIN
    current = gain * _IN + _OUT / _ROUT
    ends = [abs((gain * _IN + voltage / _ROUT) / _IN - 1) * 100 for voltage in (low, high)]
    return {
        "output_current": current,
        "ratio_error": (current / _IN - 1) * 100,
        "signed_ratio_error": (current / _IN - 1) * 100,
        "range_error": max(ends),
        "input_voltage": _IN * _RIN,
        "supply_current": _IN + _BIAS,
        "power": _SUPPLY * (_IN + _BIAS),
        "output_resistance": _ROUT,
        "output_capacitance": _COUT,
        "input_resistance": _RIN,
        "current_gain": 20 * log10(gain),
        "bandwidth": 1 / (2 * pi * _RIN * _CIN),
    }


def _linear_noise(high: float) -> dict[str, float]:
    """Two resistors: that of the input through the pole and the gain, that of the output straight.

    Args:
        high: upper end of the band, Hz.
    """
    unit, pole = 4 * Boltzmann * _TEMPERATURE, 1 / (2 * pi * _RIN * _CIN)
    first, second = unit / _RIN * (_GM * _RIN) ** 2, unit / _ROUT
    return {
        "output_noise": sqrt(first + second),
        "integrated_noise": sqrt(first * pole * atan(high / pole) + second * high),
    }


def _resonant() -> dict[str, float]:
    """The current gain is 1 / (1 + s R C + s^2 L C)."""
    natural, quality = 1 / (2 * pi * sqrt(_IND * _CAP)), sqrt(_IND / _CAP) / _RES
    half = 1 - 1 / (2 * quality**2)
    return {
        "bandwidth": natural * sqrt(half + sqrt(half**2 + 1)),
        "peaking": 20 * log10(quality / sqrt(1 - 1 / (4 * quality**2))),
    }


_NMOS, _PMOS = (
    MirrorTestbench(
        vdd=_SUPPLY,
        input_current=current,
        output_voltage=_OUT,
        range_low="0.4 V",
        range_high="1.5 V",
        noise_high="100 MHz",
    )
    for current in (_IN, -_IN)
)
_PLAIN: Final = MirrorTestbench(vdd=_SUPPLY, input_current=_IN, range_low=_KNEE / 2)

TRUTHS: Final[tuple[Truth, ...]] = (
    Truth("linear, sinking", _NMOS, _LINEAR, _linear(0.4, 1.5)),
    Truth("linear, sourcing", _PMOS, _UPSIDE_DOWN, _linear(0.4, 1.5)),
    Truth("linear: noise", _NMOS, _LINEAR, _linear_noise(100e6), tolerance=1e-2),
    Truth("two complex poles", _PLAIN, _RESONANT, _resonant()),
    # the current is proportional to the voltage below the knee
    Truth("limited", _PLAIN, _LIMITED, {"compliance": 0.95 * _KNEE, "range_error": 50.0}),
    Truth("two transistors", MirrorTestbench(), _SIMPLE, {"area": 4e-11}),
)


def _three_decibels(metrics: Mapping[str, float]) -> str:
    level = metrics["current_gain"] - 10 * log10(2)
    return f"ac m when vdb(mon)={level!r} fall=1"


def _share(metrics: Mapping[str, float]) -> str:
    level = 0.95 * metrics["output_current"]
    return f"sweep m when v(mon)={level!r} rise=last"


# Of mirrors that sink their current; errors, resistances and peaking need arithmetic, and `.meas` knows neither
# operating points nor noise.
CARDS: Final[tuple[Card, ...]] = (
    Card("input_resistance", lambda _: "ac m find vm(in) at=1"),
    Card("current_gain", lambda _: "ac m find vdb(mon) at=1"),
    Card("bandwidth", _three_decibels),
    Card("compliance", _share),
)
