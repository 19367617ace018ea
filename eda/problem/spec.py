"""Specifications: short sentences on metrics, with a slack that is at least zero when they are met."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError, did_you_mean
from eda.units import format_quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eda.testbench import Metric

__all__ = ["Spec", "parse_specs", "read_targets"]

_REQUIREMENT = re.compile(r"\s*(?P<metric>[a-z_]\w*)\s*(?P<relation><=|>=|<|>|==|=)\s*(?P<bound>.+?)\s*", re.IGNORECASE)
_OBJECTIVE = re.compile(r"\s*(?P<sense>minimi[sz]e|maximi[sz]e)\s+(?P<metric>[a-z_]\w*)\s*", re.IGNORECASE)
_SYNONYMS: Final = {
    "gain": "dc_gain",
    "gbp": "gbw",
    "gbwp": "gbw",
    "pm": "phase_margin",
    "ugbw": "unity_gain_frequency",
    "ugf": "unity_gain_frequency",
}
"""Names that papers give to metrics; a testbench that measures one under such a name comes first."""


@dataclass(frozen=True, slots=True)
class Spec:
    """One requirement on a metric, or the objective.

    Attributes:
        metric: what it is about.
        sense: `">="`, `"<="`, `"minimize"` or `"maximize"`.
        bound: the bound in the metric's unit; `None` for an objective.
    """

    metric: Metric
    sense: str
    bound: float | None = None

    @classmethod
    def parse(cls, text: str, metrics: Mapping[str, Metric]) -> Spec:
        """Read a spec such as `"gbw >= 10 MHz"` or `"minimize power"`.

        Args:
            text: the spec; a metric may be called as papers call it, such as `gain` or `pm`.
            metrics: the metrics that a testbench measures.

        Raises:
            InputError: it is no spec, or names an unknown metric or a wrong unit.
        """
        if match := _OBJECTIVE.fullmatch(text):
            sense = "minimize" if match["sense"].lower().startswith("min") else "maximize"
            return cls(_metric(match["metric"], metrics, text), sense)
        match = _REQUIREMENT.fullmatch(text)
        if match is None or match["relation"] in {"=", "=="} or set(match["bound"]) & set("<>="):
            raise InputError(
                f"a spec reads like 'gbw >= 10 MHz', 'power <= 1 mW' or 'minimize power', but got {text!r}"
            )
        metric = _metric(match["metric"], metrics, text)
        try:
            bound = parse_quantity(match["bound"], metric.unit)
        except InputError as error:
            raise InputError(f"in the spec {text!r}: {error}") from None
        return cls(metric, f"{match['relation'][0]}=", bound)

    @property
    def is_objective(self) -> bool:
        """Whether it asks for the best value rather than for a bound."""
        return self.bound is None

    def __str__(self) -> str:
        if self.bound is None:
            return f"{self.sense} {self.metric.name}"
        text = format_quantity(self.bound, self.metric.unit)
        if parse_quantity(text, self.metric.unit) != self.bound:  # a bound of many digits keeps them all
            text = f"{self.bound!r} {self.metric.unit}".rstrip()
        return f"{self.metric.name} {self.sense} {text}"

    def slack(self, value: float) -> float:
        """How far a value is on the good side of the bound: at least 0 when the spec is met.

        In decades for metrics that differ by factors, else relative to the bound (to 1 for a bound of 0).

        Args:
            value: value of the metric; NaN never meets a spec, nor does one that is not positive where only
                factors count.
        """
        assert self.bound is not None, "an objective has no slack"
        sign = 1.0 if self.sense == ">=" else -1.0
        if np.isnan(value) or (self.metric.logarithmic and value <= 0):
            return -np.inf
        if self.metric.logarithmic and self.bound > 0:
            distance = np.log10(value) - np.log10(self.bound)
        else:
            distance = (value - self.bound) / (abs(self.bound) or 1.0)
        slack = float(sign * distance)
        # the logarithm may round a value at the bound to the other side: the comparison decides
        met = sign * value >= sign * self.bound
        return max(slack, 0.0) if met else min(slack, -1e-12)

    def cost(self, value: float) -> float:
        """The objective as a number to minimize, in decades for metrics that differ by factors."""
        sign = 1.0 if self.sense == "minimize" else -1.0
        if not self.metric.logarithmic:
            return float(sign * value)
        return float(sign * np.log10(value)) if value > 0 else float("inf")


def _metric(name: str, metrics: Mapping[str, Metric], text: str) -> Metric:
    called = name.lower()
    found = metrics.get(called) or metrics.get(_SYNONYMS.get(called, ""))
    if found is None:
        raise InputError(f"the spec {text!r} names an unknown metric {name!r}. {did_you_mean(name, metrics)}")
    return found


def read_targets(targets: Mapping[str, Sequence[str | float]], specs: Sequence[Spec]) -> dict[str, tuple[float, float]]:
    """Ranges of bounds, such as `{"gbw": ("1 MHz", "25 MHz")}`, each of a metric that a spec bounds.

    Args:
        targets: by metric, the least and the greatest bound: text, or numbers in the metric's unit.
        specs: that bound the metrics.

    Raises:
        InputError: no spec bounds a metric, or a range is none, empty, or reaches 0 where a metric differs by factors.
    """
    bounded = {spec.metric.name: spec.metric for spec in specs if not spec.is_objective}
    found = {}
    for name, ends in targets.items():
        if name not in bounded:
            raise InputError(
                f"a target is a range of bounds of a spec, but no spec bounds {name!r}. {did_you_mean(name, bounded)}"
            )
        if not isinstance(ends, list | tuple) or len(ends) != 2:
            raise InputError(f"a target is a list of two quantities, but {name} is {ends!r}")
        low, high = (parse_quantity(end, bounded[name].unit) for end in ends)
        if not low <= high:
            raise InputError(f"`low <= high` must hold for the target {name}, but got {low:g} and {high:g}")
        if bounded[name].logarithmic and low <= 0:
            raise InputError(f"the target {name} is drawn in decades: it must begin above 0, but got {low:g}")
        found[name] = (low, high)
    return found


def parse_specs(texts: Iterable[str | Spec], metrics: Mapping[str, Metric]) -> tuple[Spec, ...]:
    """Read specs; the bounds on a metric must not contradict each other.

    Raises:
        InputError: there is none, a metric is an objective twice, or bounds contradict each other.
    """
    specs = tuple(text if isinstance(text, Spec) else Spec.parse(text, metrics) for text in texts)
    if not specs:
        raise InputError("at least one spec is needed, for example 'gbw >= 10 MHz'")
    objectives = [spec.metric.name for spec in specs if spec.is_objective]
    for name in objectives:
        if objectives.count(name) > 1:
            raise InputError(f"a metric can be an objective once, but {name} is one {objectives.count(name)} times")
    for lower in specs:
        for upper in specs:
            if (lower.metric, lower.sense, upper.sense) == (upper.metric, ">=", "<="):
                assert lower.bound is not None
                assert upper.bound is not None
                if lower.bound > upper.bound:
                    raise InputError(f"the specs '{lower}' and '{upper}' contradict each other")
    return specs
