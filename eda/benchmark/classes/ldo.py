"""What is known of linear regulators: one of controlled sources with three poles, and one with a single pole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.ldo import LDOTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["CARDS", "TRUTHS"]

_VIN, _VREF = 1.8, 1.2  # V
_FULL, _LIGHT = 10e-3, 0.1e-3  # A
_C, _ESR = 1e-6, 1e-6  # F, Ω; the zero of the latter lies far above everything
_R1, _R2, _BESIDE, _ON, _TAKEN = 100e3, 400e3, 1e3, 10.0, 20e-6  # Ω, Ω, Ω beside the pass device, Ω of it, A
_GP, _RA, _RB = 0.1, 100e3, 1e3  # S of the pass device, Ω, Ω
_GA, _CA, _CB = 1e-3, 0.8e-12, 8e-12  # S, F, F: an amplifier with two poles
_GAIN = _GA * _RA
_SHARE = _R2 / (_R1 + _R2)
_FOUR_KT = 4 * 1.380649e-23 * 300.15

_THREE_POLES = f"""* amplifier with two poles and a pass device that is a resistor in dropout
.subckt three_poles vin vref sense out vss
r1 sense fb {_R1}
r2 fb vss {_R2}
g1 vss a vref fb {_GA}
ra a vss {_RA}
ca a vss {_CA}
e2 b0 vss a vss 1
rb b0 b {_RB}
cb b vss {_CB}
bpass vin out i=min({_GP}*v(b,vss), v(vin,out)/{_ON})
rbeside vin out {_BESIDE}
iq vin vss dc {_TAKEN}
.ends
"""
_ONE_POLE = f"""* amplifier without a pole: the output's is the only one; a transistor that has an area
.subckt one_pole vin vref sense out vss
r1 sense fb {_R1}
r2 fb vss {_R2}
g1 vin out vref fb {_GP * 10}
m1 vss vss vss vss nmos w=10u l=2u
.ends
"""


def _amplifier(frequency: NDArray[np.float64] | float) -> NDArray[np.complex128]:
    """Gain from fb to the gate, its sign left out."""
    s = 2j * np.pi * np.asarray(frequency)
    return np.asarray(_GAIN / (1 + s * _RA * _CA) / (1 + s * _RB * _CB))


def _admittance(frequency: NDArray[np.float64] | float) -> NDArray[np.complex128]:
    """Of the output to ground, without the pass device, S."""
    s = 2j * np.pi * np.asarray(frequency)
    return np.asarray(1 / _BESIDE + 1 / (_R1 + _R2) + s * _C / (1 + s * _C * _ESR))


def _loop(frequency: NDArray[np.float64] | float) -> NDArray[np.complex128]:
    divider = 1 / (_R1 + _R2)  # at `sense`, not at the output
    return np.asarray((_SHARE * _GP * _amplifier(frequency) + divider) / (_admittance(frequency) - divider))


def _unity() -> float:
    """Where the loop gain is one, Hz, by bisection: it falls everywhere."""
    low, high = 1.0, 1e9
    for _ in range(100):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if abs(_loop(middle)) > 1 else (low, middle)
    return float(low)


def _half_turn() -> float:
    """Where three poles lag by 180 degrees: the square of it is the sum of their products, Hz."""
    output = 1 / _BESIDE / _C
    first, second = 1 / (_RA * _CA), 1 / (_RB * _CB)
    return float(np.sqrt(output * first + output * second + first * second) / (2 * np.pi))


def _noise(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Density at the output, V/√Hz: of the divider, the amplifier's resistors and the one beside the pass device."""
    amplifier = _amplifier(frequency)
    closed = _SHARE * _GP * amplifier + _admittance(frequency)
    second = 1 / (1 + 2j * np.pi * frequency * _RB * _CB)
    divider = _R1 * _R2 / (_R1 + _R2) * np.abs(_GP * amplifier) ** 2
    first = np.abs(_GP * amplifier / _GA) ** 2 / _RA
    power = divider + first + _RB * np.abs(_GP * second) ** 2 + 1 / _BESIDE
    return np.asarray(np.sqrt(_FOUR_KT * power) / np.abs(closed))


def _output(load: float) -> float:
    """Where the currents into the output add up to zero, V."""
    given = _GP * _GAIN * _VREF + _VIN / _BESIDE - load
    return given / (_GP * _GAIN * _SHARE + 1 / _BESIDE + 1 / (_R1 + _R2))


def _static() -> dict[str, float]:
    """Everything but noise."""
    out, light = _output(_FULL), _output(_LIGHT)
    closed = _GP * _GAIN * _SHARE + 1 / _BESIDE + 1 / (_R1 + _R2)
    ground, low = _TAKEN + out / (_R1 + _R2), 0.98 * out
    at = 1e5
    rejection = abs((1 / _BESIDE) / (_SHARE * _GP * _amplifier(at) + _admittance(at)))
    margin = 180 + float(np.degrees(np.angle(_loop(_unity()))))
    return {
        "output_voltage": out,
        "output_error": abs(out / 1.5 - 1) * 100,
        "quiescent_current": _TAKEN + light / (_R1 + _R2),
        "ground_current": ground,
        "current_efficiency": 100 * _FULL / (_FULL + ground),
        "power": _VIN * ground,
        "loop_gain": 20 * np.log10(abs(_loop(0.1))),
        "unity_gain_frequency": _unity(),
        "phase_margin": margin,
        "phase_margin_light": margin,
        "gain_margin": -20 * np.log10(abs(_loop(_half_turn()))),
        "psrr": 20 * np.log10(closed * _BESIDE),
        "psrr_at_frequency": -20 * np.log10(rejection),
        "line_regulation": 1 / _BESIDE / closed,
        "load_regulation": 1 / closed,
        "dropout": (_FULL + low / (_R1 + _R2)) / (1 / _ON + 1 / _BESIDE),
    }


def _random() -> dict[str, float]:
    """Noise at 100 kHz, and from 10 Hz to 100 kHz."""
    band = np.geomspace(10, 1e5, 4001)
    power = _noise(band) ** 2
    return {
        "output_noise": float(_noise(np.array([1e5]))[0]),
        "integrated_noise": float(np.sqrt(np.sum((power[1:] + power[:-1]) / 2 * np.diff(band)))),
    }


_CLOSED = 1 / (10 * _GP * _SHARE + 1 / (_R1 + _R2))  # Ω, of the regulator with one pole
_STEP = (_FULL - _LIGHT) * _CLOSED  # V; the response to a step of the load is an exponential, both ways


_BENCH: Final = LDOTestbench(vdd=_VIN, vref=_VREF, output=1.5, esr=_ESR, frequency=1e5, rise=1e-9)
TRUTHS: Final = (
    Truth("regulator with three poles", _BENCH, _THREE_POLES, _static()),
    Truth("noise of the regulator with three poles", _BENCH, _THREE_POLES, _random(), 1e-2),
    Truth("load steps", _BENCH, _ONE_POLE, {"undershoot": _STEP, "overshoot": _STEP, "area": 2e-11}),
    Truth("settling", _BENCH, _ONE_POLE, {"settling_time": _CLOSED * _C * float(np.log(_STEP / 1.5e-3))}, 1e-2),
)


def _gain(injected: float, _: Mapping[str, float]) -> float:
    """Loop gain T from the voltage at `sense`, dB: 1/(1 + T) where T is real."""
    return float(20 * np.log10(10 ** (-injected / 20) - 1))


def _margin(phase: float, _: Mapping[str, float]) -> float:
    """Phase margin from the phase of the output T/(1 + T), rad: half of T's, and vr = 1/2, where |T| is one."""
    return float(2 * np.degrees(phase)) + 180


def _regulation(light: float, known: Mapping[str, float]) -> float:
    """Load regulation from the output at light load."""
    return (light - known["output_voltage"]) / (_FULL - _LIGHT)


def _fallen(known: Mapping[str, float]) -> float:
    return 0.98 * known["output_voltage"]


# Beyond `.meas`: output_error, currents, efficiency and power are read at the operating point; gain_margin and
# line_regulation need two values; noise is no analysis that it reads; settling looks backwards.
CARDS: Final = (
    Card("loop_gain", lambda _: "loop m find vdb(sense) at=0.1", convert=_gain),
    Card("unity_gain_frequency", lambda _: "loop m when vr(out)=0.5 cross=last"),
    Card("phase_margin", lambda _: "loop m find vp(out) when vr(out)=0.5 cross=last", convert=_margin),
    Card(
        "phase_margin_light",
        lambda _: "light_loop m find vp(out) when vr(out)=0.5 cross=last",
        convert=_margin,
    ),
    Card("psrr", lambda _: "vin_ac m find vdb(out) at=0.1", -1.0),
    Card("psrr_at_frequency", lambda _: "vin_ac m find vdb(out) at=100k", -1.0),
    Card("dropout", lambda k: f"line m when v(out)={_fallen(k)!r} cross=last", convert=lambda v, k: v - _fallen(k)),
    Card("load_regulation", lambda _: f"load m find v(out) at={_LIGHT}", convert=_regulation),
    Card("undershoot", lambda _: "load_step m pp v(out) from=1u to=21u"),
    Card("overshoot", lambda _: "load_step m pp v(out) from=21u to=41u"),
)
