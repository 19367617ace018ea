"""AnalogGym's amplifiers in its own decks.

AnalogGym, `amp_spice_testbench/TB_Amplifier_ACDC.cir` and `TB_Amplifier_Tran.cir`, for all amplifiers alike: 1.8 V,
inputs at 0.25 of it (0.45 V), 500 pF (nothing uses `CLOAD` and `VCM` of the files of variables), the bias current
inside of the amplifier. Upstream includes `corners/tt.spice` of open_pdks' *discrete* library; here it is section `tt`
of the *continuous* library that `eda pdk install sky130` installs. Widths and lengths are micrometres as bare numbers,
and the transistors have no junction areas. 27 degrees for AC and transients. The figures:

- `dc_gain`: at 0.1 Hz. The output feeds `vinn` through 1 TH, and the signal reaches `vinn` through 1 TF, while `vinp`
  is held: the loop is closed at DC and open at 0.1 Hz. It drives the inverting input alone, where we drive both:
  half of the common-mode gain comes in, a factor of 1 + 1/(2 CMRR).
- `unity_gain_frequency`, which upstream calls `gain_bandwidth_product`: the first crossing of 0 dB, interpolated
  linearly in frequency between 10 points a decade.
- `phase_margin`: the phase there, as `vp` gives it, within +-180 degrees and not unwrapped. The response inverts, so
  it starts at 180 degrees and its phase is the margin, while that is above -180 degrees.
- `cmrr`: minus the gain in dB at 0.1 Hz of a second copy, a follower with 1 V in series with both of its inputs
  (Allen & Holberg 2012, section 6.6): A_cm/(1 + A - A_cm/2), which is 1/CMRR for a large A.
- `psrr`, `psrr_negative`: minus the gain in dB at 0.1 Hz of followers with 1 V in series with `vdda` or
  `gnda`. The load goes to ideal ground, and so do the inputs.
- `supply_current`, `power`, `offset` (output less input, signed): of a follower at 25 degrees, in a sweep from -40.
- `slew_rate_rise`, `slew_rate_fall`: half of a step from 0.3 to 0.5 V by the time to its middle: no maximum slope.
- `temperature_coefficient` needs `.meas MAX` over a sweep of temperature, which ngspice 39 lacks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.benchmark.published import (
    Ngspice,
    PublishedDesign,
    PublishedFigures,
    as_opamp,
    complaint,
    printed,
    read_text,
    sharpened,
)
from eda.datasets import analoggym
from eda.errors import InputError, did_you_mean
from eda.netlist import number, parse_netlist
from eda.technology import load_technology
from eda.technology.sky130 import sky130_library

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["analoggym_amplifiers", "analoggym_design", "analoggym_figures"]

# name in the decks of AnalogGym, and factor to the figure
_MEASURES: Final = {
    "dc_gain": ("dcgain", 1.0),
    "unity_gain_frequency": ("gain_bandwidth_product", 1.0),
    "phase_margin": ("phase_in_deg", 1.0),
    "cmrr": ("cmrrdc", -1.0),
    "psrr": ("dcpsrp", -1.0),
    "psrr_negative": ("dcpsrn", -1.0),
    "supply_current": ("ivdd25", -1.0),
    "power": ("power", 1.0),
    "offset": ("vos25", 1.0),
    "temperature_coefficient": ("tc", 1.0),
}
_SLEW: Final = {"slew_rate_rise": "t_rise_", "slew_rate_fall": "t_fall"}  # times from the edge to 0.4 V, s
_HALF_STEP: Final = 0.1  # V, of AnalogGym's transient
_PARAMETER: Final = re.compile(r"^\.param\s+(\w+)\s*=\s*([\w.+-]+)\s*$", re.M | re.I)
_ANALOGGYM_NODES: Final = {"gnda": "vss", "vdda": "vdd", "vinn": "inn", "vinp": "inp", "vout": "out"}


def analoggym_amplifiers() -> tuple[str, ...]:
    """Names of AnalogGym's netlists; `Qu_LEC_Pin_3` is an empty file.

    Raises:
        InputError: the data set is missing.
    """
    return tuple(sorted(path.name for path in analoggym.DATASET.locate().glob("spice_netlist/*")))


def analoggym_figures(name: str, ngspice: Ngspice | None = None, *, aligned: bool = False) -> PublishedFigures:
    """Figures of an amplifier by AnalogGym's two decks.

    Args:
        name: of the amplifier.
        ngspice: how to run it.
        aligned: change what the module's text says under "Aligned".

    Raises:
        InputError: there is no such amplifier, or no data set.
        TechnologyError: sky130 is not installed.
        SimulatorError: ngspice is not found.
    """
    ngspice = ngspice or Ngspice()
    deck = _analoggym_deck(name, "ACDC")
    figures, reasons = _measured(ngspice.run(_aligned_analoggym(deck) if aligned else deck)[0])
    if aligned and "phase_margin" in figures:
        figures["phase_margin"] = figures["phase_margin"] % 360 - 180  # of a response that starts at 0 degrees
    slew, unknown = _slew_rates(ngspice.run(_analoggym_deck(name, "Tran"))[0])
    return PublishedFigures(name, figures | slew, reasons | unknown)


def analoggym_design(name: str) -> PublishedDesign:
    """An amplifier of AnalogGym for the op-amp testbench; errors as of `analoggym_figures`.

    Raises:
        InputError: there is no such amplifier, no data set, or the netlist is empty.
    """
    folder = _analoggym_folder(name)
    netlist, sizes = (read_text(folder / part / name) for part in ("spice_netlist", "design_variables"))
    if not netlist.strip():
        raise InputError(f"the netlist of {name} is an empty file in AnalogGym")
    circuit = parse_netlist(f"* {name} of AnalogGym\n{sizes}{netlist}", name=name)
    given = {key.lower(): number(text) for key, text in _PARAMETER.findall(read_text(_testbench(folder, "ACDC")))}
    supply = given["supply_voltage"]
    return PublishedDesign(
        name,
        as_opamp(circuit, circuit.top.devices, _ANALOGGYM_NODES, circuit.top.name),
        "sky130",
        vdd=supply,
        vcm=supply * given["vcm_ratio"],
        load=given["param_cload"],
        supply_temperature=25.0,
    )


def _analoggym_folder(name: str) -> Path:
    known = analoggym_amplifiers()
    if name not in known:
        raise InputError(f"AnalogGym has no amplifier {name!r}. {did_you_mean(name, known)}")
    return analoggym.DATASET.locate()


def _testbench(folder: Path, kind: str) -> Path:
    return folder / "amp_spice_testbench" / f"TB_Amplifier_{kind}.cir"


def _analoggym_deck(name: str, kind: str) -> str:
    """The deck of that kind for an amplifier: with absolute paths, the installed models, and the amplifier's name."""
    folder, library = _analoggym_folder(name), sky130_library()
    if library is None:
        load_technology("sky130")  # says what is missing
    text = read_text(_testbench(folder, kind))
    text = re.sub(r"HoiLee_AFFC_Pin_3", name, text)
    text = re.sub(r"^\.include \.\./mosfet_model/\S+$", f'.lib "{library}" tt', text, flags=re.M)
    return re.sub(r"^\.include \.\./(\S+)$", rf'.include "{folder}/\1"', text, flags=re.M)


def _aligned_analoggym(deck: str) -> str:
    """Half of the signal at each input of the open-loop copy, a fine sweep and tight tolerances."""
    deck = deck.replace("Xop1 vss vdd opout_dc opin opout", "Vaci acin opin 0 ac 0.5\nXop1 vss vdd opout_dc acin opout")
    return sharpened(deck.replace(" ac 1 sin(", " ac -0.5 sin("))


def _measured(log: str) -> tuple[dict[str, float], dict[str, str]]:
    """Figures of AnalogGym's AC and DC deck, and reasons."""
    said = printed(log)
    if not said:
        return {}, dict.fromkeys(_MEASURES, complaint(log))
    figures = {name: said[key] * factor for name, (key, factor) in _MEASURES.items() if key in said}
    reasons = {name: f"`.meas {key}` of the deck fails" for name, (key, _) in _MEASURES.items() if key not in said}
    if "temperature_coefficient" in reasons:
        reasons["temperature_coefficient"] = "ngspice 39 has no .meas MAX, MIN and AVG over a sweep of temperature"
    return figures, reasons


def _slew_rates(log: str) -> tuple[dict[str, float], dict[str, str]]:
    """Half of the step by the time to it; `t_fall` is printed in seconds first, then in microseconds."""
    said = printed(log)
    if not said and "Error" in log and "failed" not in log:
        return {}, dict.fromkeys(_SLEW, complaint(log))
    times = {name: said[key] for name, key in _SLEW.items() if key in said}
    reasons = {name: "the follower does not reach 0.4 V" for name in _SLEW if name not in times}
    reasons |= {name: "the follower crosses 0.4 V before the step: it rings" for name, t in times.items() if t <= 0}
    return {name: _HALF_STEP / time for name, time in times.items() if time > 0}, reasons
