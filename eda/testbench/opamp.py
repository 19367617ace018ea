"""The op-amp testbench: open-loop response with a stable operating point, supply current, output swing.

The output feeds the inverting input through a source and an inductor of 1 TH, and a capacitor of 1 kF holds that input
for alternating current: the loop is closed for the operating point and open from 0.1 Hz (loop gain below 1e-13 of
the open-loop gain). The source shifts the level between them, so a sweep of it drives the output over its range while
the inputs stay at their common-mode level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.netlist import format_netlist
from eda.simulation import Ac, Dc, Deck, Op
from eda.technology import with_deviates
from eda.testbench import measurements as measure
from eda.testbench.guards import Guard, conducting, output_level, polarity, saturated, stable
from eda.testbench.measurements import Undefined
from eda.testbench.testbench import ACCURATE, Conditions, Measurement, Metric, Testbench, require_design
from eda.units import format_quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist import Circuit
    from eda.simulation import Simulation, Waveforms
    from eda.technology import Technology

__all__ = ["OpAmpTestbench"]

_PORTS = ("inp", "inn", "out", "vdd", "vss")
# operating-point quantities that every MOS model of ngspice gives under the same name
_QUANTITIES = ("id", "vds", "vdsat")
_SWEEP_POINTS = 72

_METRICS = (
    Metric("dc_gain", "dB", "open-loop voltage gain at 0.1 Hz (Allen & Holberg 2012, section 6.6)"),
    Metric("bandwidth", "Hz", "frequency at which the open-loop gain is 3 dB below the DC gain", logarithmic=True),
    Metric("gbw", "Hz", "gain-bandwidth product: DC gain times bandwidth", logarithmic=True),
    Metric("unity_gain_frequency", "Hz", "highest frequency at which the open-loop gain is one", logarithmic=True),
    Metric("phase_margin", "deg", "180 degrees plus the phase at unity gain, the smallest over all crossings"),
    Metric("gain_margin", "dB", "gain below one where the phase is -180 degrees"),
    Metric("supply_current", "A", "current into vdd at the operating point, bias included", logarithmic=True),
    Metric("power", "W", "supply voltage times supply current", logarithmic=True),
    Metric("output_swing", "V", "output range, around the common-mode level, with at least half of the DC gain"),
    Metric("offset", "V", "magnitude of the systematic input offset at the operating point", logarithmic=True),
)


class OpAmpTestbench(Testbench):
    """Measures a single-ended op-amp with the ports `inp inn out vdd vss`.

    Args:
        vdd: supply voltage; the technology's nominal one when it is `None`.
        load: load capacitance at the output.
        vcm: input common-mode voltage; half of the supply when it is `None`.

    Raises:
        InputError: a quantity in the wrong unit, or not positive.
    """

    def __init__(
        self, vdd: str | float | None = None, load: str | float = "2 pF", vcm: str | float | None = None
    ) -> None:
        self.vdd = None if vdd is None else parse_quantity(vdd, "V")
        self.load = parse_quantity(load, "F")
        self.vcm = None if vcm is None else parse_quantity(vcm, "V")
        for name, value in (("vdd", self.vdd), ("load", self.load)):
            if value is not None and value <= 0:
                raise InputError(f"`{name} > 0` must hold, but got {value:g}")

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics by name."""
        return {metric.name: metric for metric in _METRICS}

    def describe(self) -> Mapping[str, str]:
        """The settings as text."""
        exact = 12  # digits: settings that differ must not look alike
        vdd = "nominal" if self.vdd is None else format_quantity(self.vdd, "V", exact)
        vcm = "vdd/2" if self.vcm is None else format_quantity(self.vcm, "V", exact)
        return {"kind": "opamp", "vdd": vdd, "load": format_quantity(self.load, "F", exact), "vcm": vcm}

    def deck(self, circuit: Circuit, technology: Technology, conditions: Conditions) -> Deck:
        """The deck that measures a bound op-amp."""
        require_design(circuit, _PORTS, "the op-amp testbench")
        supply = float((technology.supply if self.vdd is None else self.vdd) * conditions.supply)
        centre = supply / 2 if self.vcm is None else self.vcm
        cards = technology.cards(conditions.corner, technology.devices(circuit), conditions.variation)
        circuit, mismatch = with_deviates(circuit, cards.mismatch)
        parameters = circuit.free_parameters()
        nodes = ("0" if port == "vss" else port for port in circuit.ports)
        call = " ".join((*nodes, circuit.top.name, *(f"{name}={{dut_{name}}}" for name in parameters)))
        body = f"""{format_netlist(circuit)}
Xdut {call}
Vdd vdd 0 dc {supply!r}
Vinp inp 0 dc {centre!r} ac 1
Vshift out fb dc 0
Lfb fb inn 1e12
Cfb inn 0 1e3
Cload out 0 {self.load!r}"""
        step = supply / _SWEEP_POINTS
        transistors = technology.transistor_paths(circuit, "xdut")
        return Deck(
            models=cards.text,
            body=body,
            parameters={**{f"dut_{n}": value for n, value in parameters.items()}, **dict.fromkeys(cards.deviates, 0.0)},
            analyses=(Op(), Ac(0.1, 10e9, 20), Dc("vshift", -centre, supply - centre, step)),
            saved=(
                *("v(out)", "v(inp)", "v(inn)", "v(vdd)", "i(vdd)"),
                *(f"@{path}[{name}]" for path in transistors.values() for name in _QUANTITIES),
            ),
            temperature=conditions.temperature,
            setup=cards.setup,
            bins=cards.bins,
            deviates=(*(f"dut_{name}" for name in mismatch), *cards.deviates),
            options=(*cards.options, *ACCURATE),
            nodesets={"out": centre},  # more of them lead the search astray more often than they help it
            transistors=transistors,
            title=f"{circuit.name} in the op-amp testbench, {technology.name} {conditions.population}",
        )

    def measure(self, simulation: Simulation, deck: Deck) -> Measurement:
        """Metrics and guards of one simulation."""
        ac, dc, op = (simulation.analyses[kind] for kind in ("ac", "dc", "op"))
        frequency, response = ac.scale, ac["v(out)"]
        gain, bandwidth = measure.dc_gain(response), measure.bandwidth(frequency, response)
        gbw = bandwidth if isinstance(bandwidth, Undefined) else 10 ** (gain / 20) * bandwidth
        if gain <= 0:
            gbw = Undefined(f"the gain starts at {gain:.3g} dB, so there is no gain-bandwidth product")
        supply, current = op.value("v(vdd)"), -op.value("i(vdd)")
        no_current = Undefined(f"the supply delivers {current:.3g} A")
        values: dict[str, float | Undefined] = {
            "dc_gain": gain,
            "bandwidth": bandwidth,
            "gbw": gbw,
            "unity_gain_frequency": measure.unity_gain_frequency(frequency, response),
            "phase_margin": measure.phase_margin(frequency, response),
            "gain_margin": measure.gain_margin(frequency, response),
            "supply_current": current if current > 0 else no_current,
            "power": supply * current if current > 0 else no_current,
            "output_swing": self._swing(dc, op),
            "offset": max(abs(op.value("v(inp)") - op.value("v(inn)")), 1e-12),
        }
        lead = measure.excess_phase(frequency, response)
        return Measurement(values, (*self._bias_guards(op, deck), polarity(complex(response[0])), stable(lead)))

    @staticmethod
    def _swing(dc: Waveforms, op: Waveforms) -> float | Undefined:
        drive = dc.real("v(inp)") - dc.real("v(inn)")
        found = measure.output_swing(dc.real("v(out)"), drive, op.value("v(inp)"))
        return found if isinstance(found, Undefined) else found[1] - found[0]

    @staticmethod
    def _bias_guards(op: Waveforms, deck: Deck) -> tuple[Guard, ...]:
        level = output_level(op.value("v(out)"), op.value("v(inp)"), op.value("v(vdd)"))
        if not deck.transistors:  # an ideal amplifier has nothing to saturate
            return (level,)
        return (conducting(op, deck.transistors), saturated(op, deck.transistors), level)
