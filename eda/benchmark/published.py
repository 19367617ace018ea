"""Published op-amp decks by plain `ngspice -b`, and our testbench on the same designs.

In a deck nothing is changed but what it cannot run without: paths of the netlist, its variables and the models, and the
name of the amplifier. Results are those that its own `.meas` lines print or `wrdata` writes.

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

from eda.errors import SimulatorError
from eda.netlist import Circuit, Device, Subcircuit
from eda.simulation import Job, Status, failure_reason
from eda.simulation.batch import INSTALL_HINT
from eda.technology import load_technology
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
    "as_opamp",
    "compare",
    "complaint",
    "own_figures",
    "printed",
    "read_text",
    "sharpened",
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
_OTHER_SLEW: Final = "half of a step by the time to its middle; ours is the slope of another step from 20 % to 80 %"
_NOT_OURS: Final = {"slew_rate_rise": _OTHER_SLEW, "slew_rate_fall": _OTHER_SLEW}
_PRINTED: Final = re.compile(r"^(\w+)\s*=\s*([-+]?\d\S*)", re.M)
_NO_BIN: Final = re.compile(
    r"Error on line:\s+m\.(\S+)\.\w+ .*? l=\s*(\S+)\s+w=\s*(\S+).*\n\s*could not find a valid model"
)
_WORD: Final = re.compile(r"\w+")
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


def own_figures(design: PublishedDesign, simulator: Simulator) -> PublishedFigures:
    """The metrics of the op-amp testbench that upstream's decks have too, for the same design.

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
            row["why"] = (
                published.reasons.get(name)
                or own.reasons.get(name)
                or _NOT_OURS.get(name, "no metric of the testbench")
            )
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


def read_text(path: Path) -> str:
    """A file of upstream."""
    return path.read_text(encoding="utf-8")


def sharpened(deck: str) -> str:
    """A deck with a fine sweep and tight tolerances."""
    title, _, rest = deck.partition("\n")
    fine = re.sub(r"^(\.?ac dec) 10 ", r"\1 200 ", rest, flags=re.M)
    return "\n".join((title, *(f".options {option}" for option in ACCURATE), fine))


def as_opamp(circuit: Circuit, devices: Iterable[Device], nodes: Mapping[str, str], name: str) -> Circuit:
    """Devices as one block with the testbench's ports, which alone has the parameters that they use."""
    renamed = tuple(device.joined_to(nodes) for device in devices)
    used = {word for d in renamed for text in (d.value or "", *d.parameters.values()) for word in _WORD.findall(text)}
    sizes = {key: value for key, value in circuit.parameters.items() if key in used}
    block = Subcircuit(name, _PORTS, parameters=sizes, devices=renamed)
    return Circuit(title=circuit.title, subcircuits=(block,), models=circuit.models)


def printed(log: str) -> dict[str, float]:
    """The first value of each measurement that a deck prints, by name."""
    # a deck measures more than once; the first value counts, as in upstream's reader
    return {name: float(value) for name, value in reversed(_PRINTED.findall(log))}


def complaint(log: str) -> str:
    """Why ngspice gave nothing, in a sentence."""
    if match := _NO_BIN.search(log):
        return f"no bin of its model covers {match[1]} with w = {float(match[3]):g} and l = {float(match[2]):g} um"
    return " ".join(failure_reason(log).split()) or "ngspice printed no result"
