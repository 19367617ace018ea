"""What drives the ports of a topology while it is tried out: by the name of the port."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.topology.device.design import bias_voltage, flows_in, own_biases
from eda.topology.device.ports import family_of, number_of, role_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation import Setting
    from eda.topology.device.topology import Topology

__all__ = ["CLOCK", "OSCILLATOR", "PERIODS", "RADIO", "Stimuli"]

CLOCK: Final = 1e-6
"""Period of clocks, s."""
PERIODS: Final = 8
"""Of the clock, that are simulated; inputs step after the first half of them."""
RADIO: Final = 110e6
"""Frequency of a mixer's input, Hz."""
OSCILLATOR: Final = 100e6
"""Frequency of its local oscillator, Hz."""

_EDGE: Final = 1e-9  # s
_OPEN, _SHORT = 1e15, 1e-3  # ohm
_SHARE: Final = {"vref": 0.4, "vcm": 0.5, "vcont": 0.5}  # of the supply: usual levels; other inputs rest at half of it
_CURRENT: Final = 20e-6  # A
_LOAD: Final = 0.5e-12  # F
_OPEN_LOAD: Final = 20e3  # ohm, to the supply, of outputs of circuits that have no supply of their own


@dataclass(slots=True)
class Stimuli:
    """Sources and loads around a design.

    Args:
        topology: that the design is of.
        supply: V.
        supplies: ports that are supplies.
        inputs: ports with a signal.
        forced: whether outputs are held at half of the supply, and give a current.
        clocked: whether control voltages are clocks.
        radio: amplitude of the inputs' sine, V; 0 where they step.
        proportional: whether bias voltages are shares of the supply, and rise with it.
        quiet: whether local oscillators stand still.

    Attributes:
        lines: elements, in SPICE.
        parameters: levels and the choice of feedback, that trials vary.
        switched: what analyses set, with its usual value.
    """

    topology: Topology
    supply: float
    supplies: tuple[str, ...]
    inputs: tuple[str, ...]
    forced: bool = False
    clocked: bool = False
    radio: float = 0.0
    proportional: bool = False
    quiet: bool = False
    lines: list[str] = field(default_factory=list)
    parameters: dict[str, float] = field(default_factory=dict)
    switched: dict[str, Setting] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for port in self.topology.ports:
            self._drive(port)
        if self.outputs and not self.forced and self.voltages:
            self.lines.append(f"Lfb {self.outputs[0]} fb 1e12")
            self.lines.append(f"Rfb {self.outputs[0]} fb {_OPEN:g}")

    @property
    def outputs(self) -> tuple[str, ...]:
        """The output ports."""
        return tuple(port for port in self.topology.ports if role_of(port) == "output")

    @property
    def voltages(self) -> tuple[str, ...]:
        """Inputs that are voltages."""
        return tuple(port for port in self.inputs if port.startswith("v"))

    @property
    def kept(self) -> tuple[str, ...]:
        """Biases that the design does not make, as they are driven here."""
        shares = [port for port in self.topology.ports if self.proportional and family_of(port) == "vb"]
        return (*self.inputs, *shares)

    def feedback(self, to: str | None) -> dict[str, float]:
        """The parameters that close the loop for direct current to one input, or to none."""
        values = {}
        for port in self.voltages:
            values[f"rdrive_{port}"] = _OPEN if port == to else _SHORT
            values[f"rback_{port}"] = _SHORT if port == to else _OPEN
        return values

    def alternating(self, shares: Mapping[str, float]) -> dict[str, Setting]:
        """Alternating voltages (currents) of inputs, as an analysis sets them."""
        return {f"@{self._source(port)}[acmag]": share for port, share in shares.items()}

    def _drive(self, port: str) -> None:
        drivers = {
            "ground": self._ground,
            "supply": self._supply,
            "input": self._input,
            "output": self._load,
            "share": self._share,
            "current": self._current,
            "clock": self._clock,
            "oscillator": self._oscillator,
            "level": self._level,
        }
        if (what := self._what(port)) in drivers:
            drivers[what](port)

    def _what(self, port: str) -> str:
        """How a port is driven; a bias that the design makes itself is not."""
        role = role_of(port)
        if port in self.supplies:
            return "supply"
        if port in self.inputs:
            return "input"
        if role == "bias":
            if self.proportional and port.startswith("v") and self.supplies:
                return "share"
            if port in own_biases(self.topology):
                return "none"
        if role == "oscillator" and self.quiet:
            return "level"
        if role in {"ground", "output", "oscillator"}:
            return role
        if port.startswith("i"):
            return "current"
        return "clock" if role == "clock" or (self.clocked and role == "control") else "level"

    def _ground(self, port: str) -> None:
        self.lines.append(f"V{port} {port} 0 dc 0")

    def _supply(self, port: str) -> None:
        self.lines.append(f"V{port} {port} 0 dc {self.supply!r}")
        self.switched[f"@v{port}[dc]"] = self.supply

    def _load(self, port: str) -> None:
        if self.forced:
            self.lines.append(f"V{port} {port} 0 dc {self.supply / 2!r}")
            return
        self.lines.append(f"Cl_{port} {port} 0 {_LOAD!r}")
        if not self.supplies:  # an open drain
            self.lines.append(f"Rl_{port} {port} 0 {_OPEN_LOAD!r}")
            self.lines.append(f"Il_{port} 0 {port} dc {self.supply / _OPEN_LOAD!r}")

    def _share(self, port: str) -> None:
        self.parameters[f"share_{port}"] = bias_voltage(self.topology, port)
        self.lines.append(f"E{port} {port} 0 {self.supplies[0]} 0 {{share_{port}}}")

    def _clock(self, port: str) -> None:
        self.lines.append(f"V{port} {port} 0 dc 0 pulse({self._pulse(port)})")

    def _level(self, port: str) -> None:
        self.parameters[f"level_{port}"] = _SHARE.get(family_of(port), 0.5) * self.supply
        self.lines.append(f"V{port} {port} 0 dc {{level_{port}}}")

    def _input(self, port: str) -> None:
        if port.startswith("i"):
            self._current(port)
            return
        self.parameters[f"level_{port}"] = _SHARE.get(family_of(port), 0.5) * self.supply
        self.parameters |= {f"rdrive_{port}": _SHORT, f"rback_{port}": _OPEN}
        self.lines += [
            f"V{port} s_{port} 0 dc {{level_{port}}} ac 0",
            f"Vm_{port} m_{port} s_{port} dc 0 {self._moving(port)}",
            f"Rd_{port} m_{port} {port} {{rdrive_{port}}}",
            f"Cd_{port} m_{port} {port} 1e3",
            f"Rb_{port} {port} fb {{rback_{port}}}",
        ]
        self.switched[f"@v{port}[acmag]"] = 0.0
        self.switched[f"@vm_{port}[dc]"] = 0.0
        if not self.radio:
            self.switched[f"@vm_{port}[pulse]"] = self.step(0.0)

    def _moving(self, port: str) -> str:
        """The waveform of an input: a step, or a sine whose sign is that of the port."""
        if not self.radio:
            return "pulse(0 0 0 1n 1n 1 2)"
        sine = (0.0, self.radio * (1 if port == self.inputs[0] else -1), RADIO)
        self.switched[f"@vm_{port}[sin]"] = sine
        return f"sin({sine[0]!r} {sine[1]!r} {sine[2]!r})"

    def step(self, height: float) -> tuple[float, ...]:
        """A step of an input after half of the transient, as the numbers of a pulse."""
        return (0.0, height, CLOCK * PERIODS / 2, _EDGE, _EDGE, 1.0, 2.0)

    def _current(self, port: str) -> None:
        self.parameters[f"current_{port}"] = _CURRENT
        ends = f"0 {port}" if flows_in(self.topology, port) else f"{port} 0"
        self.lines.append(f"I{port} {ends} dc {{current_{port}}} ac 0")
        self.switched[f"@i{port}[acmag]"] = 0.0

    def _source(self, port: str) -> str:
        return ("i" if port.startswith("i") else "v") + port

    def _pulse(self, port: str) -> str:
        """Clocks with odd numbers are up in the first half of a period, those with even ones in the second."""
        delay = 0.0 if number_of(port) % 2 else CLOCK / 2
        width = 0.45 * CLOCK
        return " ".join(f"{value:g}" for value in (0.0, self.supply, delay, _EDGE, _EDGE, width, CLOCK))

    def _oscillator(self, port: str) -> None:
        self.parameters[f"level_{port}"] = self.supply / 2
        sign = 1 if number_of(port) % 2 else -1
        amplitude = sign * self.supply / 4
        self.lines.append(f"V{port} {port} 0 dc {{level_{port}}} sin({{level_{port}}} {amplitude!r} {OSCILLATOR:g})")
