"""Op-amps as AnalogGym and BagNet measure them: their own decks by plain `ngspice -b`, as a reference for ours.

In a deck nothing is changed but what it cannot run without: paths of the netlist, its variables and the models, and the
name of the amplifier. Results are those that its own `.meas` lines print or `wrdata` writes.

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

Aligned, a deck also has what ours has: half of the signal at each input, a loop that is closed at DC (BagNet), 200
points a decade, and tolerances of 1e-7. What is left of a difference is an error of the one or the other.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.interpolate import InterpolatedUnivariateSpline, interp1d
from scipy.optimize import brentq

from eda.datasets import analoggym, bagnet
from eda.errors import InputError, SimulatorError, did_you_mean
from eda.netlist import Circuit, Device, Subcircuit, number, parse_netlist
from eda.simulation import Job, Status, failure_reason
from eda.simulation.batch import INSTALL_HINT
from eda.technology import load_technology
from eda.technology.sky130 import sky130_library
from eda.testbench import ACCURATE, Conditions, OpAmpTestbench, Undefined

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from eda.simulation import Simulator

__all__ = [
    "UNITS",
    "Ngspice",
    "PublishedDesign",
    "PublishedFigures",
    "analoggym_amplifiers",
    "analoggym_design",
    "analoggym_figures",
    "bagnet_design",
    "bagnet_figures",
    "compare",
    "own_figures",
]

UNITS: Final = {
    "dc_gain": "dB",
    "unity_gain_frequency": "Hz",
    "phase_margin": "deg",
    "cmrr": "dB",
    "psrr": "dB",
    "psrr_negative": "dB",
    "supply_current": "A",
    "power": "W",
    "offset": "V",
    "slew_rate_rise": "V/s",
    "slew_rate_fall": "V/s",
    "settling_time": "s",
    "temperature_coefficient": "1/K",
}
"""Units of the figures by name."""

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
_SETTLED: Final = 0.01  # of the step: the tolerance of BagNet's settling time
_BAGNET: Final = "two_stage_full"
_BAGNET_DECKS: Final = {"ol": ("ac.csv", "dc.csv"), "cm": ("cm.csv",), "ps": ("ps.csv",), "tran": ("tran.csv",)}
_BAGNET_FIGURES: Final = (
    *("dc_gain", "unity_gain_frequency", "phase_margin", "cmrr", "psrr"),
    *("supply_current", "power", "offset", "settling_time"),
)
_PRINTED: Final = re.compile(r"^(\w+)\s*=\s*([-+]?\d\S*)", re.M)
_PARAMETER: Final = re.compile(r"^\.param\s+(\w+)\s*=\s*([\w.+-]+)\s*$", re.M | re.I)
_NO_BIN: Final = re.compile(
    r"Error on line:\s+m\.(\S+)\.\w+ .*? l=\s*(\S+)\s+w=\s*(\S+).*\n\s*could not find a valid model"
)
_WORD: Final = re.compile(r"\w+")
_CONTROL: Final = re.compile(r"^\.control.*?^\.endc\s*$", re.M | re.S | re.I)
_INCLUDE: Final = re.compile(r"^\.include\b.*$", re.M | re.I)
_ANALOGGYM_NODES: Final = {"gnda": "vss", "vdda": "vdd", "vinn": "inn", "vinp": "inp", "vout": "out"}
_BAGNET_NODES: Final = {"net1": "inp", "net2": "inn", "net6": "out"}
_BAGNET_STIMULI: Final = ("vin", "ein1", "ein2", "vcm", "vdd", "vss", "cl")
_PORTS: Final = ("inp", "inn", "out", "vdd", "vss")


@dataclass(frozen=True, slots=True)
class PublishedFigures:
    """What an upstream deck says of an amplifier.

    Attributes:
        name: of the amplifier.
        figures: values in the units of `UNITS`, by name.
        reasons: why a figure has no value, by name; of all of them where ngspice does not run the deck.
    """

    name: str
    figures: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublishedDesign:
    """The same amplifier and conditions for the op-amp testbench.

    Attributes:
        name: of the amplifier.
        circuit: with the ports `inp inn out vdd vss`, the published sizes as defaults of its parameters, and its bias
            source inside; BagNet's carries its model cards.
        technology: name of the kit; "generic" when the circuit carries its models.
        vdd: supply, V.
        vcm: common-mode level of the inputs, V.
        load: load capacitance, F.
        supply_temperature: at which upstream measures supply current, power and offset, degrees Celsius.
        step: of the follower whose settling upstream measures, V.
    """

    name: str
    circuit: Circuit
    technology: str
    vdd: float
    vcm: float
    load: float
    supply_temperature: float = 27.0
    step: float | None = None

    def testbench(self) -> OpAmpTestbench:
        """The op-amp testbench under the conditions of the upstream deck."""
        return OpAmpTestbench(self.vdd, self.load, self.vcm, step=self.step)


@dataclass(frozen=True, slots=True)
class Ngspice:
    """How the decks are run.

    Attributes:
        executable: name or path of ngspice.
        timeout: seconds for each deck.
    """

    executable: str = "ngspice"
    timeout: float = 120.0

    def run(self, deck: str, files: Sequence[str] = ()) -> tuple[str, dict[str, NDArray[np.float64]]]:
        """What a deck prints, and the tables that it writes with names in the first line, by file name.

        Raises:
            SimulatorError: ngspice is not found.
        """
        with tempfile.TemporaryDirectory(prefix="eda-published-") as name:
            folder = Path(name)
            folder.joinpath("deck.sp").write_text(deck, encoding="utf-8")
            # of the kit's own .spiceinit; AnalogGym's results are the same without it
            folder.joinpath(".spiceinit").write_text("set ngbehavior=hsa\n" if "sky130" in deck else "")
            # HOME: the user's own .spiceinit must not change results
            environment = {**os.environ, "HOME": name, "OMP_THREAD_LIMIT": "1"}
            command = [self.executable, "-b", "deck.sp"]
            try:
                process = subprocess.run(
                    command, cwd=name, env=environment, capture_output=True, timeout=self.timeout, check=False
                )
            except FileNotFoundError:
                raise SimulatorError(f"{self.executable!r} was not found on the PATH; {INSTALL_HINT}") from None
            except subprocess.TimeoutExpired:
                return f"Error: no result after {self.timeout:g} s", {}
            tables = {
                file: np.loadtxt(folder / file, skiprows=1, ndmin=2) for file in files if (folder / file).exists()
            }
        return (process.stdout + b"\n" + process.stderr).decode(errors="replace"), tables


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
    netlist, sizes = (_text(folder / part / name) for part in ("spice_netlist", "design_variables"))
    if not netlist.strip():
        raise InputError(f"the netlist of {name} is an empty file in AnalogGym")
    circuit = parse_netlist(f"* {name} of AnalogGym\n{sizes}{netlist}", name=name)
    given = {key.lower(): number(text) for key, text in _PARAMETER.findall(_text(_testbench(folder, "ACDC")))}
    supply = given["supply_voltage"]
    return PublishedDesign(
        name,
        _as_opamp(circuit, circuit.top.devices, _ANALOGGYM_NODES, circuit.top.name),
        "sky130",
        vdd=supply,
        vcm=supply * given["vcm_ratio"],
        load=given["param_cload"],
        supply_temperature=25.0,
    )


def bagnet_figures(ngspice: Ngspice | None = None, *, aligned: bool = False) -> PublishedFigures:
    """Figures of BagNet's two-stage op-amp by its four decks; arguments and errors as of `analoggym_figures`."""
    ngspice = ngspice or Ngspice()
    tables: dict[str, NDArray[np.float64]] = {}
    for kind, files in _BAGNET_DECKS.items():
        deck = _bagnet_deck(kind)
        said, written = ngspice.run(_aligned_bagnet(deck) if aligned else deck, files)
        if len(written) < len(files):
            return PublishedFigures(_BAGNET, reasons=dict.fromkeys(_BAGNET_FIGURES, _complaint(said)))
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
        _as_opamp(circuit, devices, _BAGNET_NODES, _BAGNET),
        "generic",
        vdd=supply,
        vcm=given["vcm"],
        load=given["cload"],
        step=0.02,
    )


def own_figures(design: PublishedDesign, simulator: Simulator) -> PublishedFigures:
    """All metrics of the op-amp testbench for the same design.

    Supply current, power and offset are those at upstream's temperature, the others at 27 degrees.

    Args:
        design: the amplifier and its conditions.
        simulator: that runs the testbench.
    """
    nominal = _metrics(design, simulator, 27.0)
    if design.supply_temperature == 27.0 or not nominal.figures:
        return nominal
    at_supply = _metrics(design, simulator, design.supply_temperature).figures
    moved = {name: at_supply[name] for name in ("supply_current", "power", "offset") if name in at_supply}
    return replace(nominal, figures={**nominal.figures, **moved})


def compare(published: PublishedFigures, own: PublishedFigures) -> list[dict[str, Any]]:
    """A row for each figure of the upstream deck, with ours beside it where the testbench has it.

    Returns:
        Rows with `amplifier`, `figure`, `unit`, `published` and `own`; `difference` (own less published, in the unit)
        and `relative`, or `why` where a value is missing.
    """
    rows = []
    for name in (*published.figures, *published.reasons):
        theirs, ours = published.figures.get(name), own.figures.get(name)
        row: dict[str, Any] = {"amplifier": published.name, "figure": name, "unit": UNITS[name]}
        row |= {"published": theirs, "own": ours}
        if theirs is not None and ours is not None:
            off = (abs(ours) - abs(theirs)) if name == "offset" else ours - theirs  # the testbench gives its magnitude
            row |= {"difference": off, "relative": off / abs(theirs) if theirs else None}
        else:
            row["why"] = published.reasons.get(name) or own.reasons.get(name, "no metric of the testbench")
        rows.append(row)
    return rows


def _metrics(design: PublishedDesign, simulator: Simulator, temperature: float) -> PublishedFigures:
    testbench, technology = design.testbench(), load_technology(design.technology)
    asked = [name for name in UNITS if name in testbench.metrics]
    deck = testbench.deck(technology.bind(design.circuit), technology, Conditions(temperature=temperature), asked)
    (_, simulation), *_ = simulator.run([Job(deck)])
    if simulation.status is not Status.OK:
        reason = f"{simulation.status.value}: {failure_reason(simulation.log) or simulation.log}"
        return PublishedFigures(design.name, reasons=dict.fromkeys(testbench.metrics, reason))
    values = testbench.measure(simulation, deck).values
    figures = {name: value for name, value in values.items() if not isinstance(value, Undefined)}
    reasons = {name: value.reason for name, value in values.items() if isinstance(value, Undefined)}
    return PublishedFigures(design.name, figures, reasons)


def _analoggym_folder(name: str) -> Path:
    known = analoggym_amplifiers()
    if name not in known:
        raise InputError(f"AnalogGym has no amplifier {name!r}. {did_you_mean(name, known)}")
    return analoggym.DATASET.locate()


def _testbench(folder: Path, kind: str) -> Path:
    return folder / "amp_spice_testbench" / f"TB_Amplifier_{kind}.cir"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _analoggym_deck(name: str, kind: str) -> str:
    """The deck of that kind for an amplifier: with absolute paths, the installed models, and the amplifier's name."""
    folder, library = _analoggym_folder(name), sky130_library()
    if library is None:
        load_technology("sky130")  # says what is missing
    text = _text(_testbench(folder, kind))
    text = re.sub(r"HoiLee_AFFC_Pin_3", name, text)
    text = re.sub(r"^\.include \.\./mosfet_model/\S+$", f'.lib "{library}" tt', text, flags=re.M)
    return re.sub(r"^\.include \.\./(\S+)$", rf'.include "{folder}/\1"', text, flags=re.M)


def _aligned_analoggym(deck: str) -> str:
    """Half of the signal at each input of the open-loop copy, a fine sweep and tight tolerances."""
    deck = deck.replace("Xop1 vss vdd opout_dc opin opout", "Vaci acin opin 0 ac 0.5\nXop1 vss vdd opout_dc acin opout")
    return _sharpened(deck.replace(" ac 1 sin(", " ac -0.5 sin("))


def _aligned_bagnet(deck: str) -> str:
    """The loop closed at DC, a fine sweep and tight tolerances."""
    if "vnn net6 net2" in deck:
        return deck  # the follower of the transient
    return _sharpened(deck.replace("ein2 net2 cm", "Lfb net6 held 1e12\nCfb held 0 1e3\nein2 net2 held"))


def _sharpened(deck: str) -> str:
    title, _, rest = deck.partition("\n")
    fine = re.sub(r"^(\.?ac dec) 10 ", r"\1 200 ", rest, flags=re.M)
    return "\n".join((title, *(f".options {option}" for option in ACCURATE), fine))


def _bagnet_deck(kind: str) -> str:
    folder = bagnet.DATASET.locate()
    text = _text(folder / "bag_deep_ckt" / "netlist" / _BAGNET / f"two_stage_{kind}.cir")
    return _INCLUDE.sub(f'.include "{folder}/models/45nm_bulk.txt"', text)


def _as_opamp(circuit: Circuit, devices: Iterable[Device], nodes: Mapping[str, str], name: str) -> Circuit:
    """Devices as one block with the testbench's ports, which alone has the parameters that they use."""
    renamed = tuple(replace(d, nodes=tuple(nodes.get(node, node) for node in d.nodes)) for d in devices)
    used = {word for d in renamed for text in (d.value or "", *d.parameters.values()) for word in _WORD.findall(text)}
    sizes = {key: value for key, value in circuit.parameters.items() if key in used}
    block = Subcircuit(name, _PORTS, parameters=sizes, devices=renamed)
    return Circuit(title=circuit.title, subcircuits=(block,), models=circuit.models)


def _measured(log: str) -> tuple[dict[str, float], dict[str, str]]:
    """Figures of AnalogGym's AC and DC deck, and reasons."""
    printed = _printed(log)
    if not printed:
        return {}, dict.fromkeys(_MEASURES, _complaint(log))
    figures = {name: printed[key] * factor for name, (key, factor) in _MEASURES.items() if key in printed}
    reasons = {name: f"`.meas {key}` of the deck fails" for name, (key, _) in _MEASURES.items() if key not in printed}
    if "temperature_coefficient" in reasons:
        reasons["temperature_coefficient"] = "ngspice 39 has no .meas MAX, MIN and AVG over a sweep of temperature"
    return figures, reasons


def _slew_rates(log: str) -> tuple[dict[str, float], dict[str, str]]:
    """Half of the step by the time to it; `t_fall` is printed in seconds first, then in microseconds."""
    printed = _printed(log)
    if not printed and "Error" in log and "failed" not in log:
        return {}, dict.fromkeys(_SLEW, _complaint(log))
    times = {name: printed[key] for name, key in _SLEW.items() if key in printed}
    reasons = {name: "the follower does not reach 0.4 V" for name in _SLEW if name not in times}
    reasons |= {name: "the follower crosses 0.4 V before the step: it rings" for name, t in times.items() if t <= 0}
    return {name: _HALF_STEP / time for name, time in times.items() if time > 0}, reasons


def _printed(log: str) -> dict[str, float]:
    # a deck measures more than once; the first value counts, as in upstream's reader
    return {name: float(value) for name, value in reversed(_PRINTED.findall(log))}


def _complaint(log: str) -> str:
    if match := _NO_BIN.search(log):
        return f"no bin of its model covers {match[1]} with w = {float(match[3]):g} and l = {float(match[2]):g} um"
    return " ".join(failure_reason(log).split()) or "ngspice printed no result"


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
