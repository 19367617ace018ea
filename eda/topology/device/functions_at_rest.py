"""What circuits do that show it around an operating point: they amplify, copy, regulate, refer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.simulation import Ac, Dc
from eda.topology.device.function import Function, excess, lack
from eda.topology.device.stimuli import Stimuli

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.simulation import Analysis, Setting, Waveforms
    from eda.topology.device.topology import Topology

__all__ = ["Amplifies", "Copies", "Refers", "Regulates"]

_TRIES: Final = 300  # where several things must hold at once
_UNITY: Final = 1.05  # a capacitor from input to output gives a gain of 1
_LINE: Final = 0.03  # of a reference, by which it may follow a tenth of the supply; a divider follows by a tenth
_DRIFT: Final = 0.1  # of a reference, by which it may drift from 0 to 80 degrees
_TRANSRESISTANCE: Final = 10e3  # ohm: 0.1 mS of transconductance count as unity


class Amplifies(Function):
    """Amplifiers: some output answers some input, or the difference of two, by more than unity.

    Args:
        slow: whether it must do so at the lowest frequency.
    """

    does = "amplifies"
    fed_back = True
    needs = "an input and an output"
    unit = "dB"

    def __init__(self, *, slow: bool = True) -> None:
        self.slow = slow

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        return {Ac(1.0, 10e9, 2, name=f"from_{port}"): stimuli.alternating({port: 1.0}) for port in stimuli.inputs}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        largest = 0.0
        for response in _responses(waves, stimuli):
            gain = np.abs(response)
            largest = max(largest, float(gain[0] if self.slow else gain.max()))
        if stimuli.inputs[0].startswith("i"):
            largest /= _TRANSRESISTANCE
        decibels = 20 * float(np.log10(max(largest, 1e-12)))
        return decibels, max(0.0, 20 * float(np.log10(_UNITY)) - decibels)


def _responses(waves: Mapping[str, Waveforms], stimuli: Stimuli) -> list[NDArray[np.complex128]]:
    """Of each output, and of the difference of two, to each input, and to the difference of two."""
    to = [[waves[f"from_{port}"][f"v({out})"] for out in stimuli.outputs] for port in stimuli.inputs]
    columns = [*to, *([[(a - b) / 2 for a, b in zip(*to, strict=True)]] if len(to) == 2 else [])]
    found = []
    for column in columns:
        found += column
        if len(column) >= 2:
            found.append(column[0] - column[1])
    return found


class Copies(Function):
    """Current mirrors: the output's current follows the input's, or that of a voltage."""

    does = "copies a current"
    needs = "a current or a bias as its input, and an output"
    unit = "A/A"

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        return Stimuli(
            topology, supply, ("vdd",) if "vdd" in topology.ports else (), self.inputs(topology), forced=True
        )

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        currents = [port for port in topology.ports if port.startswith(("iin", "iref"))]
        currents += [port for port in topology.ports if port.startswith("ib")]
        voltages = [port for port in topology.ports if port.startswith(("vin", "vb"))]
        return tuple((currents or voltages)[:1])

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        return {Ac(1.0, 10.0, 1, name="copied"): stimuli.alternating({stimuli.inputs[0]: 1.0})}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        found = max(float(np.abs(waves["copied"][f"i(v{out})"][0])) for out in stimuli.outputs)
        if stimuli.voltages:
            found *= _TRANSRESISTANCE
        return found, lack(found, 0.1) + excess(found, 100.0)


class Regulates(Function):
    """Regulators: levels at the output for more load, more supply and a higher reference."""

    does = "regulates: the output follows the reference, and holds against load and supply"
    needs = "a supply and an output"
    unit = "V"
    tries = _TRIES

    def supplies(self, topology: Topology) -> tuple[str, ...]:
        return tuple(port for port in topology.ports if port == "vdd" or port.startswith("vin"))

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        return tuple(port for port in topology.ports if port.startswith("vref"))[:1]

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(stimuli.supplies and stimuli.outputs)

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        found = super().stimuli(topology, supply)
        if found.outputs:
            found.lines.append(f"Iload {found.outputs[0]} 0 dc 10u")
        found.switched["@iload[dc]"] = 10e-6
        return found

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        supply, source = stimuli.supply, f"v{stimuli.supplies[0]}"
        found: dict[Analysis, Mapping[str, Setting]] = {
            Dc("iload", 10e-6, 110e-6, 50e-6, name="load"): {},
            Dc(source, supply, 1.1 * supply, 0.05 * supply, name="line"): {},
        }
        if stimuli.inputs:
            found[Dc(f"vm_{stimuli.inputs[0]}", 0.0, 0.02 * supply, 0.01 * supply, name="reference")] = {}
        return found

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        def moved(name: str) -> float:
            output = waves[name].real(f"v({stimuli.outputs[0]})")
            return float(output[-1] - output[0])

        supply = stimuli.supply
        level = float(waves["load"].real(f"v({stimuli.outputs[0]})")[0])
        missing = lack(level, 0.1 * supply) + excess(level, 0.98 * supply)
        missing += excess(abs(moved("load")), 0.03 * supply) + excess(abs(moved("line")), 0.3 * 0.1 * supply)
        if stimuli.inputs:
            missing += min(lack(moved("reference"), 0.5 * 0.02 * supply), 10.0)
        return level, missing


class Refers(Function):
    """References: the output over supply and temperature."""

    does = "gives a voltage that hardly depends on supply and temperature"
    needs = "a supply and an output"
    unit = "V"
    tries = _TRIES

    def inputs(self, topology: Topology) -> tuple[str, ...]:  # noqa: ARG002 - it has none
        return ()

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        supplies = tuple(port for port in topology.ports if port == "vdd")
        return Stimuli(topology, supply, supplies, (), proportional=True)

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(stimuli.supplies and stimuli.outputs)

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        supply = stimuli.supply
        return {
            Dc("vvdd", supply, 1.1 * supply, 0.05 * supply, name="line"): {},
            Dc("temp", 0.0, 80.0, 20.0, name="warm"): {},
        }

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        supply = stimuli.supply
        best = (np.nan, np.inf)
        for out in stimuli.outputs:
            line, warm = waves["line"].real(f"v({out})"), waves["warm"].real(f"v({out})")
            level = float(line[0])
            missing = lack(level, 0.1 * supply) + excess(level, 0.95 * supply)
            missing += excess(float(abs(line[-1] - line[0])), _LINE * abs(level))
            missing += excess(float(np.ptp(warm)), _DRIFT * abs(level))
            best = min(best, (level, missing), key=lambda one: one[1])
        return best
