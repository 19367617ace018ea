"""Quantities at the edge: text with units to SI numbers, and back.

Inside eda every number is in SI base units. Text such as `"2.5 MHz"` uses SI prefixes (`M` is mega); SPICE
suffixes, where `M` is milli, belong to `eda.netlist.expressions`. Scale factors are read and written by QuantiPhy.
"""

from __future__ import annotations

import contextlib
import math
import re
from typing import TYPE_CHECKING

from quantiphy import InvalidNumber, Quantity

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["format_quantity", "parse_quantity"]

_ALIASES: Mapping[str, tuple[str, float]] = {
    "ohm": ("Ohm", 1.0),
    "Ω": ("Ohm", 1.0),
    "db": ("dB", 1.0),
    "°": ("deg", 1.0),
    "°C": ("degC", 1.0),
    "V/us": ("V/s", 1e6),
    "V/µs": ("V/s", 1e6),  # U+00B5
    "V/μs": ("V/s", 1e6),  # U+03BC
    "degrees": ("deg", 1.0),
    "V/sqrt(Hz)": ("V/√Hz", 1.0),
    "V/rtHz": ("V/√Hz", 1.0),
    "A/sqrt(Hz)": ("A/√Hz", 1.0),
    "A/rtHz": ("A/√Hz", 1.0),
}
"""Spellings that mean another unit: the unit and the factor to it."""


def parse_quantity(text: str | float, unit: str) -> float:
    """Read a quantity as a number in the given unit.

    Args:
        text: a number (taken as it is), or text such as `"2.5 MHz"`, `"2pF"`, `"100u"`; the unit may be left out.
        unit: the unit that the text must have, for example `"Hz"`.

    Returns:
        The value in `unit`.

    Raises:
        InputError: the text is no number, or has another unit.
    """
    value, found = (float(text), "") if isinstance(text, int | float) else _number_and_unit(text.strip(), unit)
    found, factor = _ALIASES.get(found, (found, 1.0))
    if found not in {"", unit}:
        hint = f"; write {unit}, capitals count" if found.lower() == unit.lower() else ""
        hint = hint or ("; M is mega, m is milli" if found.upper().startswith("EG") else "")
        raise InputError(f"{text!r} is in {found}, but a quantity in {unit or 'no unit'} was expected{hint}")
    if not math.isfinite(value) or isinstance(text, bool):
        raise InputError(f"a finite number was expected, but got {text!r}")
    return value * factor


# the prefix of a squared unit is squared with it, which QuantiPhy does not know
_AREA = re.compile(r"(?P<number>.*?)\s*(?P<prefix>[mµμunpf]?)m(?:\^?2|²)")
_PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9, "p": 1e-12, "f": 1e-15}


def _number_and_unit(text: str, unit: str) -> tuple[float, str]:
    if unit == "m^2" and (match := _AREA.fullmatch(text)):
        number, _ = _number_and_unit(match["number"], "")
        return number * _PREFIXES[match["prefix"]] ** 2, unit
    # "2 m" in metres and "300 K" in kelvin: the unit itself, which QuantiPhy would take for a scale factor
    with contextlib.suppress(ValueError):
        return float(text.removesuffix(unit)), unit
    try:
        # 1,5 is one and a half to some and fifteen to others, so it is no number
        quantity = Quantity("" if "," in text else text)
    except InvalidNumber:
        raise InputError(
            f"a number{f' in {unit}' if unit else ''} was expected, but got {text!r}; write it like '2.5 M{unit}'"
        ) from None
    return float(quantity), str(quantity.units)


def format_quantity(value: float, unit: str, digits: int = 4) -> str:
    """Write a number with its unit and a readable prefix, for example `"12.5 MHz"`.

    Args:
        value: the value in `unit`.
        unit: its unit; decibels, degrees, temperatures, percentages and areas (written in µm²) get no prefix.
        digits: significant digits.
    """
    if unit == "m^2":
        return f"{value * 1e12:.{digits}g} um^2"
    if unit in {"dB", "deg", "degC", "%", "ppm/K"}:
        return f"{value:.{digits}g} {unit}"
    return str(Quantity(value, unit).render(prec=digits - 1))
