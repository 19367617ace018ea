"""Continuous comparators with known answers: a clamped amplifier with a lag, and a switch with hysteresis."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.comparator import ComparatorTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARDS", "TRUTHS"]

_VDD, _OVER, _STEP, _WINDOW, _SOURCE = 1.8, 10e-3, 100e-3, 200e-9, 1e3
_EDGE = 1e-4 * _WINDOW
_GAIN, _OFFSET, _LAG = 1e3, 2e-3, 5e-9  # V/V, V, s
_ALWAYS, _HIGH, _COUPLING = 100e3, 50e3, 500e-15  # ohm from vdd at all times and with a high output, F to inn
_SHARE, _SECOND_LAG = 0.03, 8e-9  # of the output that is coupled to inn, and s
_HYSTERESIS, _CENTRE = 20e-3, -3e-3  # V
_LARGER_OVER = 30e-3
_AREA = 2e-6 * 1e-6


def _delays(over: float, rising: float, falling: float) -> tuple[float, float]:
    """Delays of a lag behind a comparison: until the input's edge reaches the threshold, and the lag's half-life, s."""
    share = (_STEP - over + rising) / _STEP, (_STEP - over - falling) / _STEP
    return _EDGE * (share[0] - 0.5) + _LAG * log(2), _EDGE * (share[1] - 0.5) + _LAG * log(2)


def _kick(*lags: float) -> float:
    """Peak of a step of a share of the supply behind two lags and a high-pass, the last time constant, V.

    The response is that of three different lags to a pulse: a sum of exponentials.
    """
    time = np.linspace(0, 10 * max(lags), 100_001)
    response = sum(one * np.exp(-time / one) / np.prod([one - other for other in lags if other != one]) for one in lags)
    return _VDD * _SHARE * lags[-1] * float(np.max(response))


def _amplifier() -> Mapping[str, float]:
    rising, falling = _delays(_OVER, _OFFSET, _OFFSET)
    current = _VDD / _ALWAYS + _VDD / _HIGH
    energy = _VDD**2 * max(rising / _ALWAYS, falling * (1 / _ALWAYS + 1 / _HIGH))
    low, high = 0.1 + 0.8 * _VDD / 6, 1.5 + 0.2 * _VDD / 4
    return {
        "delay_rising": rising,
        "delay_falling": falling,
        "delay": max(rising, falling),
        "energy": energy,
        "output_high": _VDD,
        "supply_current": current,
        "power": _VDD * current,
        "dc_gain": 60.0,
        "threshold_rising": _OFFSET,
        "threshold_falling": _OFFSET,
        "signed_offset": _OFFSET,
        "offset": _OFFSET,
        "common_mode_low": low,
        "common_mode_high": high,
        "common_mode_range": high - low,
        "kickback": _kick(_LAG, _SECOND_LAG, _SOURCE * _COUPLING),
        "area": _AREA,
    }


def _switch() -> Mapping[str, float]:
    trips = _CENTRE + _HYSTERESIS / 2, _CENTRE - _HYSTERESIS / 2
    rising, falling = _delays(_LARGER_OVER, *trips)
    return {
        "delay_rising": rising,
        "delay_falling": falling,
        "delay": max(rising, falling),
        "energy": _VDD**2 / _ALWAYS * max(rising, falling),
        "output_high": _VDD - 0.1,
        "output_low": 0.1,
        "supply_current": _VDD / _ALWAYS,
        "threshold_rising": trips[0],
        "threshold_falling": trips[1],
        "hysteresis": _HYSTERESIS,
        "signed_offset": _CENTRE,
        "offset": abs(_CENTRE),
    }


def _bench(overdrive: float) -> ComparatorTestbench:
    return ComparatorTestbench(
        vdd=_VDD, load=0.2e-12, step=_STEP, window=_WINDOW, source_resistance=_SOURCE, overdrive=overdrive
    )


TRUTHS: tuple[Truth, ...] = (
    Truth(
        "an amplifier of 60 dB between limits that depend on the common mode, with an offset and a lag",
        _bench(_OVER),
        f"""
.subckt amplifier inp inn out vdd vss
Bhigh high 0 v = min({_VDD}, 6*(v(inn) - 0.1))
Blow low 0 v = max(0, 4*(v(inn) - 1.5))
Bout fast 0 v = max(min({_VDD / 2} + {_GAIN}*(v(inp,inn) - {_OFFSET}), v(high)), v(low))
Rlag fast lag {_LAG / 1e-12}
Clag lag 0 1p
Eout out 0 lag 0 1
Ralways vdd 0 {_ALWAYS}
Shigh vdd loaded out 0 half
Rhigh loaded 0 {_HIGH}
Ekick early 0 out 0 {_SHARE}
Rkick early later {_SECOND_LAG / 1e-12}
Clater later 0 1p
Ekicked kick 0 later 0 1
Ckick kick inn {_COUPLING}
m1 vss vss vss vss nmos w=2u l=1u
.model half sw(vt={_VDD / 2} vh=0.5 ron=1 roff=1e12)
.ends
""",
        _amplifier(),
    ),
    Truth(
        "a switch with hysteresis around an offset, and a lag, between 0.1 V from the supplies",
        _bench(_LARGER_OVER),
        f"""
.subckt switch inp inn out vdd vss
Edrive drive 0 inp inn 1e5
Vone one 0 {_VDD - 0.2}
Sdecide one state drive 0 trip
Rstate state 0 1e6
Efast above 0 state 0 1
Vshift fast above 0.1
Rlag fast lag {_LAG / 1e-12}
Clag lag 0 1p
Eout out 0 lag 0 1
Ralways vdd 0 {_ALWAYS}
.model trip sw(vt={1e5 * _CENTRE} vh={1e5 * _HYSTERESIS / 2} ron=1m roff=1e12)
.ends
""",
        _switch(),
    ),
)


def _cards(bench: ComparatorTestbench, supply: float) -> tuple[Card, ...]:
    """What ngspice's `.meas` can express; energy, supply current and ranges are the worse of two, or arithmetic.

    Args:
        bench: with its settings.
        supply: supply voltage, V.
    """
    half, (rising, falling) = f"{supply / 2:.12g}", (bench.span(0), bench.span(1))
    edges = tuple(
        f"decision m trig at={start:.12g} targ v(out) val={half} {way}=1"
        for start, way in ((rising[0], "rise"), (falling[0], "fall"))
    )
    ramps = f"sweep m trig v(out) val={half} rise=1 targ v(out) val={half} fall=1"

    def mean(between: float, _: Mapping[str, float]) -> float:
        """Mean of the thresholds from the time between both crossings of two ramps, V."""
        return bench.offset_range * (1 - between / bench.sweep_time)

    return (
        Card("delay_rising", lambda _: edges[0]),
        Card("delay_falling", lambda _: edges[1]),
        Card("delay", lambda ours: edges[ours["delay_falling"] > ours["delay_rising"]]),
        Card("output_high", lambda _: f"decision m find v(out) at={rising[1]:.12g}"),
        Card("output_low", lambda _: f"decision m find v(out) at={falling[1] * (1 - 1e-6):.12g}"),
        Card("threshold_rising", lambda _: f"sweep m find v(input) when v(out)={half} rise=1"),
        Card("threshold_falling", lambda _: f"sweep m find v(input) when v(out)={half} fall=1"),
        Card("signed_offset", lambda _: ramps, convert=mean),
        Card("offset", lambda _: ramps, convert=lambda between, ours: abs(mean(between, ours))),
    )


CARDS: Final = _cards(ComparatorTestbench(), _VDD)
"""For a comparator at 1.8 V with the testbench's own settings."""
