"""BagNet's two-stage op-amp in its own decks.

BagNet, `bag_deep_ckt/netlist/two_stage_full`: 1.2 V, inputs at 0.6 V, 10 pF, `ibias` of 30 uA from the supply inside
of the amplifier, on the 45 nm BSIM4 card of `models`, 10 points a decade from 1 Hz. The class that evaluates its files
(`eval_engines/NGspice/TwoStageComplete.py` of kouroshHakha/bag_deep_ckt) is not part of the data set; the figures
follow its definitions:

- `dc_gain`: at 1 Hz, with +-0.5 V at the inputs. No loop is closed at all, so the offset times the gain moves the
  output away from mid-supply, where a closed loop holds it.
- `unity_gain_frequency`: zero of a cubic spline of the magnitude over linear frequency.
- `phase_margin`: 180 degrees plus the unwrapped phase there, by a quadratic spline over linear frequency.
- `cmrr`, `psrr`: `dc_gain` over the gain at 1 Hz from 1 V at both inputs, or from 1 V in series with the
  supply, of two more copies without feedback.
- `supply_current`, with the bias: of the operating point without feedback.
- `offset` and `settling_time` of a follower with a step of 20 mV: output less input at the start, and the last time
  when the output is off its final value by more than 1 % of the step.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.interpolate import InterpolatedUnivariateSpline, interp1d
from scipy.optimize import brentq

from eda.benchmark.published import (
    Ngspice,
    PublishedDesign,
    PublishedFigures,
    as_opamp,
    complaint,
    read_text,
    sharpened,
)
from eda.datasets import bagnet
from eda.netlist import number, parse_netlist

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


__all__ = ["bagnet_design", "bagnet_figures"]

_SETTLED: Final = 0.01  # of the step: the tolerance of BagNet's settling time
_BAGNET: Final = "two_stage_full"
_BAGNET_DECKS: Final = {"ol": ("ac.csv", "dc.csv"), "cm": ("cm.csv",), "ps": ("ps.csv",), "tran": ("tran.csv",)}
_BAGNET_FIGURES: Final = (
    *("dc_gain", "unity_gain_frequency", "phase_margin", "cmrr", "psrr"),
    *("supply_current", "power", "offset", "settling_time"),
)
_CONTROL: Final = re.compile(r"^\.control.*?^\.endc\s*$", re.M | re.S | re.I)
_INCLUDE: Final = re.compile(r"^\.include\b.*$", re.M | re.I)
_BAGNET_NODES: Final = {"net1": "inp", "net2": "inn", "net6": "out"}
_BAGNET_STIMULI: Final = ("vin", "ein1", "ein2", "vcm", "vdd", "vss", "cl")


def bagnet_figures(ngspice: Ngspice | None = None, *, aligned: bool = False) -> PublishedFigures:
    """Figures of BagNet's two-stage op-amp by its four decks; arguments and errors as of `analoggym_figures`."""
    ngspice = ngspice or Ngspice()
    tables: dict[str, NDArray[np.float64]] = {}
    for kind, files in _BAGNET_DECKS.items():
        deck = _bagnet_deck(kind)
        said, written = ngspice.run(_aligned_bagnet(deck) if aligned else deck, files)
        if len(written) < len(files):
            return PublishedFigures(_BAGNET, reasons=dict.fromkeys(_BAGNET_FIGURES, complaint(said)))
        tables |= written
    current = -float(tables["dc.csv"][0, 1])
    supply = {"supply_current": current, "power": bagnet_design().vdd * current}
    return PublishedFigures(_BAGNET, {**_responses(tables), **supply, **_followed(tables["tran.csv"])})


def bagnet_design() -> PublishedDesign:
    """BagNet's two-stage op-amp for the op-amp testbench, with its models.

    Raises:
        InputError: the data set is missing.
    """
    text = _CONTROL.sub("", _bagnet_deck("ol"))
    circuit = parse_netlist(text, name="two_stage_ol.cir", roots=[bagnet.DATASET.locate()])
    given = {name: number(value) for name, value in circuit.parameters.items()}
    stimuli = {device.name: device for device in circuit.devices if device.name in _BAGNET_STIMULI}
    devices = tuple(device for device in circuit.devices if device.name not in stimuli)
    supply = number((stimuli["vdd"].value or "").removeprefix("dc").lstrip("= "))
    return PublishedDesign(
        _BAGNET,
        as_opamp(circuit, devices, _BAGNET_NODES, _BAGNET),
        "generic",
        vdd=supply,
        vcm=given["vcm"],
        load=given["cload"],
        step=0.02,
    )


def _aligned_bagnet(deck: str) -> str:
    """The loop closed at DC, a fine sweep and tight tolerances."""
    if "vnn net6 net2" in deck:
        return deck  # the follower of the transient
    return sharpened(deck.replace("ein2 net2 cm", "Lfb net6 held 1e12\nCfb held 0 1e3\nein2 net2 held"))


def _bagnet_deck(kind: str) -> str:
    folder = bagnet.DATASET.locate()
    text = read_text(folder / "bag_deep_ckt" / "netlist" / _BAGNET / f"two_stage_{kind}.cir")
    return _INCLUDE.sub(f'.include "{folder}/models/45nm_bulk.txt"', text)


def _decibels(gain: complex) -> float:
    return float(20 * np.log10(abs(gain)))


def _complex(table: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(table[:, 1] + 1j * table[:, 2])


def _unity(frequency: NDArray[np.float64], magnitude: NDArray[np.float64]) -> float:
    curve = InterpolatedUnivariateSpline(frequency, magnitude - 1)
    return float(brentq(lambda at: float(curve(at)), frequency[0], frequency[-1]))


def _phase(frequency: NDArray[np.float64], gain: NDArray[np.complex128], at: float) -> float:
    return float(interp1d(frequency, np.degrees(np.unwrap(np.angle(gain))), kind="quadratic")(at))


def _responses(tables: Mapping[str, NDArray[np.float64]]) -> dict[str, float]:
    """Figures of BagNet's three small-signal decks."""
    frequency, response = tables["ac.csv"][:, 0], _complex(tables["ac.csv"])
    common, supply = (_complex(tables[file])[0] for file in ("cm.csv", "ps.csv"))
    unity = _unity(frequency, np.abs(response))
    return {
        "dc_gain": _decibels(response[0]),
        "unity_gain_frequency": unity,
        "phase_margin": 180 + _phase(frequency, response, unity),
        "cmrr": _decibels(response[0] / common),
        "psrr": _decibels(response[0] / supply),
    }


def _followed(table: NDArray[np.float64]) -> dict[str, float]:
    """Offset and settling time of a follower; columns are time, output, time, input."""
    time, output, given = table[:, 0], table[:, 1], table[:, 3]
    error = (output - output[0]) / (given[-1] - given[0]) - 1
    outside = np.flatnonzero(np.abs(error) > _SETTLED)
    last = outside[-1]
    figures = {"offset": float(output[0] - given[0])}
    if last + 1 < len(time):
        limit = np.copysign(_SETTLED, error[last])
        part = (limit - error[last]) / (error[last + 1] - error[last])
        figures["settling_time"] = float(time[last] + part * (time[last + 1] - time[last]))
    return figures
