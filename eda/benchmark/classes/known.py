"""Ideal circuits whose metrics are known by analysis, and ngspice's own measurements of the same waveforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eda.testbench.block import BlockTestbench

__all__ = ["Card", "Truth"]


@dataclass(frozen=True, slots=True)
class Truth:
    """An ideal circuit and what its testbench must say of it.

    Attributes:
        about: what it is, in a few words.
        testbench: with its settings.
        netlist: a `.subckt` of controlled sources, resistors, capacitors, switches.
        expected: values of metrics by name, in their units, from the formulas beside them.
        tolerance: relative error that is allowed; noise and settling have 1e-2, all others 1e-3.
        technology: for transistors, where there are any.
    """

    about: str
    testbench: BlockTestbench
    netlist: str
    expected: Mapping[str, float]
    tolerance: float = 1e-3
    technology: str = "generic"


@dataclass(frozen=True, slots=True)
class Card:
    """How ngspice's `.meas` gives a metric.

    Attributes:
        metric: its name.
        text: what stands behind `.meas`, such as `ac m when vdb(out)=0 fall=last`, with `m` as the name; a function of
            our own metrics, for levels that follow from others (a gain 3 dB below the first).
        scale: factor from what `.meas` gives to the metric's unit.
        circuit: `about` of the ideal circuit that it is for; the first with this metric when it is empty.
        convert: from what `.meas` gives and our own metrics to the metric, where a factor does not do.
    """

    metric: str
    text: Callable[[Mapping[str, float]], str]
    scale: float = 1.0
    circuit: str = ""
    convert: Callable[[float, Mapping[str, float]], float] | None = None

    def value(self, measured: float, ours: Mapping[str, float]) -> float:
        """The metric from what `.meas` gave."""
        return self.scale * measured if self.convert is None else self.convert(measured, ours)
