"""What the classes of circuits do, and how a simulation shows it.

Each is a crude test, of the kind that a dead circuit fails: an amplifier amplifies, an oscillator oscillates, a
regulator follows its reference and holds against its load. How well is the business of testbenches and specs.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.simulation import Ac, Dc, Tran
from eda.topology.device.stimuli import CLOCK, OSCILLATOR, PERIODS, RADIO, Stimuli

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.simulation import Analysis, Setting, Waveforms
    from eda.topology.device.topology import Topology

__all__ = ["FUNCTIONS", "Function"]

_UNITY: Final = 1.05  # a capacitor from input to output gives a gain of 1
_STEP: Final = 0.1  # of the supply, by which inputs step
_MOVES: Final = 0.1  # of the supply, by which an output moves that oscillates
_SMALL: Final = 10e-3  # V, the input of a mixer
_TRANSRESISTANCE: Final = 10e3  # ohm: 0.1 mS of transconductance count as unity


class Function(ABC):
    """What a class of circuits does."""

    does: str
    """In words, behind "it"."""
    needs: str
    """What it cannot be tested without, in words."""
    unit: str
    """Of the figure that is read."""
    moves = False
    """Whether transistors may be off at rest."""
    fed_back = False
    """Whether the loop may be closed for direct current."""

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        """What drives its ports."""
        supplies = tuple(port for port in topology.ports if port in self.supplies(topology))
        return Stimuli(topology, supply, supplies, self.inputs(topology))

    def supplies(self, topology: Topology) -> tuple[str, ...]:  # noqa: ARG002 - of some it depends on the ports
        """Ports that are supplies."""
        return ("vdd",)

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        """Ports with a signal: voltages if there are any, else currents; two at most."""
        voltages = [port for port in topology.ports if port.startswith(("vin", "vrf", "vbb"))]
        currents = [port for port in topology.ports if port.startswith(("iin", "iref"))]
        return tuple(sorted(voltages or currents)[:2])

    def possible(self, stimuli: Stimuli) -> bool:
        """Whether the ports are there that it needs."""
        return bool(stimuli.inputs and stimuli.outputs)

    @abstractmethod
    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        """Analyses that show it, with what each sets."""

    @abstractmethod
    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        """The figure, and whether it is enough."""


class _Amplifies(Function):
    does = "amplifies"
    fed_back = True
    needs = "an input and an output"
    unit = "dB"

    def __init__(self, *, slow: bool = True) -> None:
        self.slow = slow  # whether it must do so at the lowest frequency

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        return {Ac(1.0, 10e9, 2, name=f"from_{port}"): stimuli.alternating({port: 1.0}) for port in stimuli.inputs}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        largest = 0.0
        for response in _responses(waves, stimuli):
            gain = np.abs(response)
            largest = max(largest, float(gain[0] if self.slow else gain.max()))
        if stimuli.inputs[0].startswith("i"):
            largest /= _TRANSRESISTANCE
        return 20 * float(np.log10(max(largest, 1e-12))), largest > _UNITY


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


class _Copies(Function):
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

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        found = max(float(np.abs(waves["copied"][f"i(v{out})"][0])) for out in stimuli.outputs)
        if stimuli.voltages:
            found *= _TRANSRESISTANCE
        return found, 0.1 < found < 100.0


class _Decides(Function):
    does = "decides which input is higher"
    needs = "two inputs, or one and a reference, and an output"
    unit = "V"
    moves = True

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        return tuple(sorted(port for port in topology.ports if port.startswith(("vin", "vref")))[:2])

    def possible(self, stimuli: Stimuli) -> bool:
        return len(stimuli.inputs) == 2 and bool(stimuli.outputs)

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        target = f"@vm_{stimuli.inputs[0]}[dc]"
        pulse = f"@vm_{stimuli.inputs[0]}[pulse]"
        found: dict[Analysis, Mapping[str, Setting]] = {}
        for name, sign in (("above", 1), ("below", -1)):
            level = sign * 0.05 * stimuli.supply
            constant = (level, level, 0.0, 1e-9, 1e-9, 1.0, 2.0)
            found[Tran(CLOCK / 100, 3 * CLOCK, name=name)] = {target: level, pulse: constant}
        return found

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        times = np.linspace(CLOCK, 3 * CLOCK, 400)

        def traces(name: str) -> list[NDArray[np.float64]]:
            one = waves[name]
            found = [np.interp(times, one.scale, one.real(f"v({out})")) for out in stimuli.outputs]
            return [*found, *([found[0] - found[1]] if len(found) > 1 else [])]

        apart = max(float(np.abs(a - b).max()) for a, b in zip(traces("above"), traces("below"), strict=True))
        return apart, apart > 0.5 * stimuli.supply


class _Regulates(Function):
    does = "regulates: the output follows the reference, and holds against load and supply"
    needs = "a supply and an output"
    unit = "V"

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

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        def moved(name: str) -> float:
            output = waves[name].real(f"v({stimuli.outputs[0]})")
            return float(output[-1] - output[0])

        supply = stimuli.supply
        level = float(waves["load"].real(f"v({stimuli.outputs[0]})")[0])
        follows = moved("reference") > 0.5 * 0.02 * supply if stimuli.inputs else True
        holds = abs(moved("load")) < 0.03 * supply and abs(moved("line")) < 0.3 * 0.1 * supply
        return level, follows and holds and 0.1 * supply < level < 0.98 * supply


class _Refers(Function):
    does = "gives a voltage that hardly depends on supply and temperature"
    needs = "a supply and an output"
    unit = "V"

    def inputs(self, topology: Topology) -> tuple[str, ...]:  # noqa: ARG002 - it has none
        return ()

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(stimuli.supplies and stimuli.outputs)

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        supply = stimuli.supply
        return {
            Dc("vvdd", supply, 1.1 * supply, 0.05 * supply, name="line"): {},
            Dc("temp", 0.0, 80.0, 20.0, name="warm"): {},
        }

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        supply = stimuli.supply
        best, works = np.nan, False
        for out in stimuli.outputs:
            line, warm = waves["line"].real(f"v({out})"), waves["warm"].real(f"v({out})")
            level = float(line[0])
            sound = 0.1 * supply < level < 0.95 * supply
            flat = abs(line[-1] - line[0]) < 0.2 * 0.1 * supply and np.ptp(warm) < 0.1 * abs(level)
            if np.isnan(best) or (sound and flat):
                best, works = level, bool(sound and flat)
        return best, works


class _Oscillates(Function):
    does = "oscillates"
    needs = "a supply and an output"
    unit = "V"
    moves = True

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(stimuli.supplies and stimuli.outputs)

    def inputs(self, topology: Topology) -> tuple[str, ...]:  # noqa: ARG002 - signals at rest
        return ()

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        found = super().stimuli(topology, supply)
        found.lines += [
            f"Ikick_{out} 0 {out} dc 0 pulse(0 100u {n + 1}n 10p 10p 100p 1)" for n, out in enumerate(found.outputs)
        ]
        return found

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:  # noqa: ARG002 - always the same
        return {Tran(50e-12, 40e-9, name="fast"): {}, Tran(5e-9, 4e-6, name="slow"): {}}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        largest = 0.0
        for name in ("fast", "slow"):
            one = waves[name]
            late = one.scale > 0.5 * one.scale[-1]
            for out in stimuli.outputs:
                output = one.real(f"v({out})")[late]
                if len(output) and _crossings(output) >= 6:
                    third = len(output) // 3
                    largest = max(largest, float(min(np.ptp(output[:third]), np.ptp(output[-third:]))))
        return largest, largest > _MOVES * stimuli.supply


def _crossings(values: NDArray[np.float64]) -> int:
    above = values > (values.max() + values.min()) / 2
    return int(np.count_nonzero(above[1:] != above[:-1]))


class _Converts(Function):
    does = "converts: the output depends on what drives its switches"
    needs = "a supply, control inputs and an output"
    unit = "V"
    moves = True

    def supplies(self, topology: Topology) -> tuple[str, ...]:
        return tuple(port for port in topology.ports if port == "vdd" or port.startswith("vin"))

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        return tuple(port for port in topology.ports if port.startswith("vcont"))

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        found = Stimuli(topology, supply, self.supplies(topology), (), clocked=True)
        found.lines += [f"Rload_{out} {out} 0 1k" for out in found.outputs]
        found.switched |= {f"@v{port}[pulse]": _duty(0.25, supply, port) for port in self.inputs(topology)}
        return found

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(self.inputs(stimuli.topology) and stimuli.outputs)

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        ports = self.inputs(stimuli.topology)
        wide: dict[str, Setting] = {f"@v{port}[pulse]": _duty(0.75, stimuli.supply, port) for port in ports}
        length = 2 * PERIODS * CLOCK
        return {Tran(CLOCK / 50, length, name="narrow"): {}, Tran(CLOCK / 50, length, name="wide"): wide}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        apart = 0.0
        for out in stimuli.outputs:
            means = [_late_mean(waves[name], out) for name in ("narrow", "wide")]
            apart = max(apart, abs(means[1] - means[0]))
        return apart, apart > 0.05 * stimuli.supply


def _duty(duty: float, supply: float, port: str) -> tuple[float, ...]:
    even = port[-1] in "02468"
    width = (1 - duty if even else duty) * CLOCK
    return (0.0, supply, duty * CLOCK if even else 0.0, 1e-9, 1e-9, width - 2e-9, CLOCK)


def _late_mean(waves: Waveforms, out: str) -> float:
    times = np.linspace(0.75, 1.0, 1000, endpoint=False) * waves.scale[-1]
    return float(np.interp(times, waves.scale, waves.real(f"v({out})")).mean())


class _Mixes(Function):
    does = "mixes its input down"
    needs = "an input, a local oscillator and an output"
    unit = "dB"
    moves = True

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        ports = [port for port in topology.ports if port.startswith("vrf")]
        return tuple(sorted(ports or [port for port in topology.ports if port.startswith(("vin", "vbb"))])[:2])

    def possible(self, stimuli: Stimuli) -> bool:
        driven = any(port.startswith("vlo") for port in stimuli.topology.ports)
        return bool(driven and stimuli.inputs and stimuli.outputs)

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        found = super().stimuli(topology, supply)
        for number, port in enumerate(found.inputs):
            sign = -1 if number else 1
            line = next(i for i, text in enumerate(found.lines) if text.startswith(f"Vm_{port} "))
            found.lines[line] = f"Vm_{port} m_{port} s_{port} dc 0 sin(0 {sign * _SMALL!r} {RADIO:g})"
            del found.switched[f"@vm_{port}[pulse]"]
        return found

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:  # noqa: ARG002 - always the same
        return {Tran(0.25e-9, 300e-9, name="mixed"): {}}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        one = waves["mixed"]
        period = 1 / abs(RADIO - OSCILLATOR)
        times = np.linspace(300e-9 - 2 * period, 300e-9, 2000, endpoint=False)
        turn = np.exp(-2j * np.pi * times / period)
        found = [np.interp(times, one.scale, one.real(f"v({out})")) for out in stimuli.outputs]
        found += [a - b for a, b in itertools.combinations(found[:2], 2)]
        gain = max(abs(2 * np.mean(output * turn)) for output in found) / (_SMALL * len(stimuli.inputs))
        return 20 * float(np.log10(max(gain, 1e-12))), gain > 0.1


class _Responds(Function):
    does = "answers a step of its input, from one clock period to another"
    needs = "an input and an output"
    unit = "V/V"
    moves = True

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        height = _STEP * stimuli.supply
        port = stimuli.inputs[0]
        stepped: dict[str, Setting] = {}
        if port.startswith("v"):
            stepped = {f"@vm_{port}[pulse]": stimuli.step(height)}
        return {
            Tran(CLOCK / 50, PERIODS * CLOCK, name="still"): {},
            Tran(CLOCK / 50, PERIODS * CLOCK, name="stepped"): stepped,
        }

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(stimuli.voltages and stimuli.outputs)

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, bool]:
        height = _STEP * stimuli.supply
        times = np.linspace(PERIODS - 1, PERIODS, 500, endpoint=False) * CLOCK
        found = []
        for out in stimuli.outputs:
            still, stepped = (
                np.interp(times, waves[n].scale, waves[n].real(f"v({out})")) for n in ("still", "stepped")
            )
            found.append(stepped - still)
        found += [a - b for a, b in itertools.combinations(found[:2], 2)]
        answer = max(float(np.abs(one).max()) for one in found) / height
        return answer, answer > 0.1


FUNCTIONS: Final[Mapping[str, Function]] = {
    "opamp": _Amplifies(),
    "general": _Amplifies(),
    "filter": _Amplifies(),
    "power_amplifier": _Amplifies(slow=False),
    "mirror": _Copies(),
    "comparator": _Decides(),
    "ldo": _Regulates(),
    "voltage_regulator": _Regulates(),
    "bandgap": _Refers(),
    "oscillator": _Oscillates(),
    "pll": _Oscillates(),
    "power_converter": _Converts(),
    "mixer": _Mixes(),
    "switched_capacitor": _Responds(),
    "data_converter": _Responds(),
}
"""What circuits do, by class."""
