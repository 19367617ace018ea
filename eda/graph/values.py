"""Values of devices as numbers, and as canonical text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.graph.flat import quantity
from eda.graph.incidence import is_text_form
from eda.netlist.sources import parse_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.graph.references import References
    from eda.netlist import Device
    from eda.netlist.sources import SourceValue

__all__ = ["canonical_source", "canonical_value", "device_value"]


def canonical_value(text: str, scope: Mapping[str, float]) -> str:
    """An expression as a number of nine digits; its lower-case text without blanks when it has no value."""
    value = quantity(text, scope)
    # adding zero makes the negative zero positive
    return "".join(text.lower().split()) if math.isnan(value) else f"{value + 0.0:.9g}"


def canonical_source(device: Device, found: References | None, scope: Mapping[str, float]) -> str:
    """The value of a device as canonical text; what it refers to is left to the graph.

    Args:
        device: the device.
        found: the references of its value.
        scope: values of the parameters, SI.
    """
    if device.value is None:
        return ""
    if found is not None:
        return "".join(found.template.split())
    if device.letter in {"v", "i"}:
        source = _source(device.value)
        return source.mapped(lambda text: canonical_value(text, scope)).text(str) if source else device.value
    return canonical_value(device.value, scope)


def device_value(device: Device, scope: Mapping[str, float]) -> float:
    """The value of a device, SI; of a source its direct value; NaN when it has none.

    Args:
        device: the device.
        scope: values of the parameters, SI.
    """
    text = device.value
    if text is None or is_text_form(device) or device.letter == "a":
        return math.nan
    if device.letter in {"v", "i"}:
        source = _source(text)
        return math.nan if source is None or source.dc is None else quantity(source.dc, scope)
    return quantity(text, scope)


def _source(text: str) -> SourceValue | None:
    try:
        return parse_source(text.lower())
    except InputError:
        return None
