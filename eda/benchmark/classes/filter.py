"""What is known of filters: a second-order low-pass, one pole with a curved characteristic, a differential band-pass.

Formulas: R. Schaumann, H. Xiao, M. E. Van Valkenburg, "Design of Analog Filters", 2nd ed. 2010, chapters 1 and 4;
noise of resistors: H. Nyquist, Phys. Rev. 32, 1928.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.integrate import quad

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.filter import FilterTestbench

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CARDS", "TRUTHS"]

_KT: Final = 1.380649e-23 * 300.15  # J, at 27 degrees Celsius


def _db(ratio: complex) -> float:
    return float(20 * np.log10(abs(ratio)))


def _noise(resistance: float, response: Callable[[float], complex], low: float, high: float) -> float:
    """Of a resistor behind a response, root mean square, V."""
    density = quad(lambda x: np.exp(x) * abs(response(np.exp(x))) ** 2, np.log(low), np.log(high), limit=500)[0]
    return float(np.sqrt(4 * _KT * resistance * density))


def _second_order() -> tuple[Truth, Truth]:
    """Twice the input behind R, L and the load: poles at 1 MHz with a quality of 2."""
    pole, quality, load, gain, drive, sine = 1e6, 2.0, 1e-9, 2.0, 0.1, 200e3
    omega = 2 * np.pi * pole
    inductance, resistance = 1 / (omega**2 * load), 1 / (omega * load * quality)

    def response(frequency: float) -> complex:
        return 1 / (1 - (frequency / pole) ** 2 + 1j * frequency / pole / quality)

    def delay(u: np.ndarray) -> np.ndarray:
        return (1 + u**2) / ((1 - u**2) ** 2 + (u / quality) ** 2) / (quality * omega)

    flat = 1 - 1 / (2 * quality**2)
    peak = _db(quality / np.sqrt(1 - 1 / (4 * quality**2)))
    ringing, decay = np.sqrt(1 - 1 / (4 * quality**2)) * omega, omega / (2 * quality)
    time = np.linspace(0, 10 / pole, 1_000_001)
    error = np.exp(-decay * time) * (np.cos(ringing * time) + decay / ringing * np.sin(ringing * time))
    delays = delay(np.linspace(1e-3, 1, 100_001))
    noise = _noise(resistance, response, 1e3, 10e6)
    exact = Truth(
        about="second-order low-pass of R, L, C, its poles at 1 MHz with Q = 2, behind a gain of 2",
        testbench=FilterTestbench(load=load, gain="6 dB", sine_amplitude=drive, step="0.1 V"),
        netlist=f"""
.subckt second_order in out
e1 a 0 in 0 {gain}
r1 a b {resistance!r}
l1 b out {inductance!r}
.ends""",
        expected={
            "passband_gain": _db(gain * response(1e3)),
            "cutoff_frequency": pole * float(np.sqrt(flat + np.sqrt(flat**2 + 1))),
            "center_frequency": pole,
            "quality_factor": quality,
            "peaking": peak,
            "passband_ripple": peak - _db(response(1e3)),
            "stopband_attenuation": -_db(response(10e6)) + _db(response(1e3)),
            "group_delay": float(delays[0]),
            "group_delay_variation": float(np.ptp(delays)),
            "output_noise": float(np.sqrt(4 * _KT * resistance) * abs(response(1e5))),
            "overshoot": float(100 * np.exp(-np.pi * decay / ringing)),
            "snr": _db(gain * response(sine) * drive / np.sqrt(2) / noise),
        },
    )
    slow = {
        "integrated_noise": noise,
        "settling_time": float(time[np.flatnonzero(np.abs(error) > 0.01)[-1]]),
    }
    return exact, replace(exact, about=f"{exact.about}: noise and settling", expected=slow, tolerance=1e-2)


def _curved() -> Truth:
    """One pole at 1 MHz behind x + a x^2 + b x^3; a hundredth of the supply reaches the output."""
    square, cube, drive, resistance, sine, pole, supply = 0.5, 0.8, 0.2, 10e3, 200e3, 1e6, 3.0
    load = 1 / (2 * np.pi * pole * resistance)
    leak, draws = 0.01, 30e3
    filtered = [1 / np.hypot(1, n * sine / pole) for n in (1, 2, 3)]
    first = drive + 0.75 * cube * drive**3
    harmonics = np.array([square * drive**2 / 2 * filtered[1], cube * drive**3 / 4 * filtered[2]])
    return Truth(
        about="one pole at 1 MHz behind a cubic characteristic, with a supply",
        testbench=FilterTestbench(vdd=supply, load=load, vcm="1.5 V", sine_amplitude=drive, step="1 mV"),
        netlist=f"""
.subckt curved in out vdd vss
b1 a vss v=1.5+(v(in)-1.5)+{square}*(v(in)-1.5)*(v(in)-1.5)
++{cube}*(v(in)-1.5)*(v(in)-1.5)*(v(in)-1.5)+{leak}*(v(vdd)-{supply})
r1 a out {resistance!r}
r2 vdd vss {draws!r}
m1 vss vss vss vss nmos w=10u l=2u
.ends""",
        expected={
            "thd": float(100 * np.linalg.norm(harmonics) / (first * filtered[0])),
            "psrr": -_db(leak),
            "cutoff_frequency": pole * float(np.sqrt(1 + 2e-6)),  # 3 dB below the gain at 1 kHz, not at 0
            "settling_time": float(np.log(100) / (2 * np.pi * pole)),
            "output_noise": float(np.sqrt(4 * _KT * resistance) / np.hypot(1, 0.1)),
            "supply_current": supply / draws,
            "power": supply**2 / draws,
            "area": 20e-12,
        },
    )


def _band_pass() -> Truth:
    """Two resistors into a differential L and C: 1 MHz, quality of 5."""
    center, quality, load = 1e6, 5.0, 2e-9
    omega, capacitance = 2 * np.pi * center, load / 2  # both loads in series
    inductance, resistance = 1 / (omega**2 * capacitance), quality / (omega * capacitance)

    def gain(frequency: float) -> float:
        return _db(1 / (1 + 1j * quality * (frequency / center - center / frequency)))

    edges = [center * (sign / (2 * quality) + np.sqrt(1 + 1 / (4 * quality**2))) for sign in (-1, 1)]
    low, high = 0.95e6, 1e12 / 0.95e6
    stop = 0.3e6
    return Truth(
        about="differential band-pass of R, L, C around 1 MHz with Q = 5",
        testbench=FilterTestbench(
            load=load, passband_low=low, passband=high, stopband_low=stop, stopband="5 MHz", vcm="1 V"
        ),
        netlist=f"""
.subckt band_pass inp inn outp outn
r1 inp outp {resistance / 2!r}
r2 inn outn {resistance / 2!r}
l1 outp outn {inductance!r}
.ends""",
        expected={
            "lower_cutoff_frequency": float(edges[0]),
            "cutoff_frequency": float(edges[1]),
            "center_frequency": center,
            "quality_factor": quality,
            "passband_ripple": -gain(low),
            "stopband_attenuation": -gain(stop),
            "group_delay": 2 * quality / omega,
            "common_mode_gain": _db(1 / (1 + 1j * omega * resistance / 2 * load)),
        },
    )


TRUTHS: Final[tuple[Truth, ...]] = (*_second_order(), _curved(), _band_pass())
"""Filters whose metrics follow from formulas."""

# For a testbench with the default edges: pass band to 1 MHz, reference at 1 kHz, stop band from 10 MHz on. Delay,
# noise and distortion have no card, a settling time has no last crossing of two levels; .meas knows no operating point.
CARDS: Final[tuple[Card, ...]] = (
    Card("passband_gain", lambda _: "ac m find vdb(out) at=1e3"),
    Card("cutoff_frequency", lambda ours: f"ac m when vdb(out)={ours['passband_gain'] - 10 * np.log10(2):.12g} fall=1"),
    Card("center_frequency", lambda _: f"ac m when vp(out)={-np.pi / 2:.12g} fall=1"),
    Card(
        "quality_factor",
        lambda ours: f"ac m find vdb(out) at={ours['center_frequency']:.12g}",
        convert=lambda gain, ours: float(10 ** ((gain - ours["passband_gain"]) / 20)),
    ),
    Card("passband_ripple", lambda _: "ac m pp vdb(out) from=1e3 to=1e6"),
    Card("peaking", lambda _: "ac m max vdb(out)", convert=lambda gain, ours: gain - ours["passband_gain"]),
    Card(
        "stopband_attenuation",
        lambda _: "ac m max vdb(out) from=10e6 to=1e9",
        convert=lambda gain, ours: ours["passband_gain"] - gain,
    ),
)
"""What ngspice's `.meas` gives of the same waveforms."""
