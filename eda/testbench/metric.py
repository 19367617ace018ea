"""Metrics: what a testbench measures, each a method of its readings that says what it is and what it needs."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.testbench.measurements import Value

    Reader = TypeVar("Reader", bound=Callable[[Any], Value])

__all__ = ["Metric", "metric", "metrics_of"]


@dataclass(frozen=True, slots=True)
class Metric:
    """A quantity that a testbench measures.

    Attributes:
        name: its name in specs.
        unit: its SI unit, or dB, deg, % or ppm/K.
        definition: how it is measured, with the source.
        logarithmic: whether designs differ in it by factors rather than by amounts.
        needs: names of the analyses that it is read from.
        quantities: of each transistor that it is read from, such as `w`.
    """

    name: str
    unit: str
    definition: str
    logarithmic: bool = False
    needs: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()


def metric(
    unit: str, *needs: str, logarithmic: bool = False, quantities: tuple[str, ...] = ()
) -> Callable[[Reader], Reader]:
    """Make a metric of a method: it has the method's name, and the docstring is its definition.

    Args:
        unit: its unit.
        needs: names of the analyses that it is read from.
        logarithmic: whether designs differ in it by factors.
        quantities: of each transistor that it is read from.
    """

    def mark(method: Reader) -> Reader:
        definition = " ".join(inspect.cleandoc(method.__doc__ or "").split()).removesuffix(".")
        definition = definition[:1].lower() + definition[1:]
        vars(method)["metric"] = Metric(method.__name__, unit, definition, logarithmic, needs, quantities)
        return method

    return mark


def metrics_of(readings: type) -> dict[str, Metric]:
    """The metrics of a class, by name, in the order of their definition; those of its bases first.

    A class whose base has a metric that it cannot measure sets that name to `None`.
    """
    found: dict[str, Metric] = {}
    for kind in reversed(readings.__mro__):
        for name, method in vars(kind).items():
            one = getattr(method, "metric", None)
            if one is not None:
                found[name] = one
            elif name in found:
                del found[name]
    return found
