"""What circuits do that show it over time: they decide, oscillate, convert, mix, respond."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.simulation import Tran
from eda.topology.device.function import Function, lack
from eda.topology.device.ports import number_of
from eda.topology.device.stimuli import CLOCK, OSCILLATOR, PERIODS, RADIO, Stimuli

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.simulation import Analysis, Setting, Waveforms
    from eda.topology.device.topology import Topology

__all__ = ["Converts", "Decides", "Mixes", "Oscillates", "Responds"]

_TRIES: Final = 12  # a transient takes a hundred times as long as a point at rest
_STEP: Final = 0.1  # of the supply, by which inputs step
_MOVES: Final = 0.1  # of the supply, by which an output moves that oscillates
_SMALL: Final = 10e-3  # V, the input of a mixer


class Decides(Function):
    """Comparators: the output differs with the sign of the input's difference, clocked or not."""

    does = "decides which input is higher: with the sign of their difference its output changes by"
    needs = "two inputs, or one and a reference, and an output"
    unit = "V"
    moves = True
    tries = _TRIES

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

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        half = np.linspace(0.1, 0.4, 100)  # of a period, while a clock is at one level
        phases = [(start + half) * CLOCK for start in (1.0, 1.5, 2.0, 2.5)]

        def means(name: str) -> NDArray[np.float64]:
            one = waves[name]
            found = [
                [float(np.interp(times, one.scale, one.real(f"v({out})")).mean()) for times in phases]
                for out in stimuli.outputs
            ]
            return np.array([*found, *([np.subtract(found[0], found[1])] if len(found) > 1 else [])])

        apart = float(np.abs(means("above") - means("below")).max())
        return apart, lack(apart, 0.5 * stimuli.supply)


class Oscillates(Function):
    """Oscillators: the output goes up and down to the end, in a short window or in a long one."""

    does = "oscillates"
    needs = "a supply and an output"
    unit = "V"
    moves = True
    tries = _TRIES

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(stimuli.supplies and stimuli.outputs)

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:  # signals at rest
        supplies = tuple(port for port in topology.ports if port in self.supplies(topology))
        found = Stimuli(topology, supply, supplies, (), quiet=True)
        found.lines += [
            f"Ikick_{out} 0 {out} dc 0 pulse(0 100u {n + 1}n 10p 10p 100p 1)" for n, out in enumerate(found.outputs)
        ]
        return found

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:  # noqa: ARG002 - always the same
        return {Tran(50e-12, 40e-9, name="fast"): {}, Tran(5e-9, 4e-6, name="slow"): {}}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        largest = 0.0
        for name in ("fast", "slow"):
            one = waves[name]
            late = one.scale > 0.5 * one.scale[-1]
            for out in stimuli.outputs:
                output = one.real(f"v({out})")[late]
                if len(output) and _crossings(output) >= 6:
                    third = len(output) // 3
                    largest = max(largest, float(min(np.ptp(output[:third]), np.ptp(output[-third:]))))
        return largest, lack(largest, _MOVES * stimuli.supply)


def _crossings(values: NDArray[np.float64]) -> int:
    above = values > (values.max() + values.min()) / 2
    return int(np.count_nonzero(above[1:] != above[:-1]))


class Converts(Function):
    """Power converters: the mean of the output differs with the duty cycle of the switches."""

    does = "converts: the output depends on what drives its switches"
    needs = "a supply, control inputs and an output"
    unit = "V"
    moves = True
    tries = _TRIES

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

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        apart = 0.0
        for out in stimuli.outputs:
            means = [_late_mean(waves[name], out) for name in ("narrow", "wide")]
            apart = max(apart, abs(means[1] - means[0]))
        return apart, lack(apart, 0.05 * stimuli.supply)


def _duty(duty: float, supply: float, port: str) -> tuple[float, ...]:
    even = number_of(port) % 2 == 0
    width = (1 - duty if even else duty) * CLOCK
    return (0.0, supply, duty * CLOCK if even else 0.0, 1e-9, 1e-9, width - 2e-9, CLOCK)


def _late_mean(waves: Waveforms, out: str) -> float:
    times = np.linspace(0.75, 1.0, 1000, endpoint=False) * waves.scale[-1]
    return float(np.interp(times, waves.scale, waves.real(f"v({out})")).mean())


class Mixes(Function):
    """Mixers: the output has the difference of the frequencies of input and local oscillator."""

    does = "mixes its input down"
    needs = "an input, a local oscillator and an output"
    unit = "dB"
    moves = True
    tries = _TRIES

    def inputs(self, topology: Topology) -> tuple[str, ...]:
        ports = [port for port in topology.ports if port.startswith("vrf")]
        return tuple(sorted(ports or [port for port in topology.ports if port.startswith(("vin", "vbb"))])[:2])

    def possible(self, stimuli: Stimuli) -> bool:
        driven = any(port.startswith("vlo") for port in stimuli.topology.ports)
        return bool(driven and stimuli.inputs and stimuli.outputs)

    def stimuli(self, topology: Topology, supply: float) -> Stimuli:
        supplies = tuple(port for port in topology.ports if port == "vdd")
        return Stimuli(topology, supply, supplies, self.inputs(topology), radio=_SMALL)

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        still: dict[str, Setting] = {f"@vm_{port}[sin]": (0.0, 0.0, RADIO) for port in stimuli.voltages}
        return {Tran(0.25e-9, 300e-9, name="mixed"): {}, Tran(0.25e-9, 300e-9, name="still"): still}

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
        period = 1 / abs(RADIO - OSCILLATOR)
        times = np.linspace(300e-9 - 2 * period, 300e-9, 2000, endpoint=False)
        turn = np.exp(-2j * np.pi * times / period)
        # the oscillator alone leaves something there too
        found = [
            np.interp(times, waves["mixed"].scale, waves["mixed"].real(f"v({out})"))
            - np.interp(times, waves["still"].scale, waves["still"].real(f"v({out})"))
            for out in stimuli.outputs
        ]
        found += [a - b for a, b in itertools.combinations(found[:2], 2)]
        gain = max(abs(2 * np.mean(output * turn)) for output in found) / (_SMALL * len(stimuli.inputs))
        return 20 * float(np.log10(max(gain, 1e-12))), lack(gain, 0.1)


class Responds(Function):
    """Switched capacitors and data converters: the output, periods after a step of the input."""

    does = "answers a step of its input, from one clock period to another"
    needs = "an input and an output"
    unit = "V/V"
    moves = True
    tries = _TRIES

    def analyses(self, stimuli: Stimuli) -> dict[Analysis, Mapping[str, Setting]]:
        height = _STEP * stimuli.supply
        stepped: dict[str, Setting] = {f"@vm_{stimuli.voltages[0]}[pulse]": stimuli.step(height)}
        return {
            Tran(CLOCK / 50, PERIODS * CLOCK, name="still"): {},
            Tran(CLOCK / 50, PERIODS * CLOCK, name="stepped"): stepped,
        }

    def possible(self, stimuli: Stimuli) -> bool:
        return bool(stimuli.voltages and stimuli.outputs)

    def read(self, waves: Mapping[str, Waveforms], stimuli: Stimuli) -> tuple[float, float]:
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
        return answer, lack(answer, 0.1)
