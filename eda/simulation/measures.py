"""What ngspice's `meas` commands print, as numbers or as reasons why there are none."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MEASURE_DIGITS", "measured", "split_measures"]

# environment of ngspice: `meas` prints averages and integrals with all digits; the others have seven whatever is said
MEASURE_DIGITS = {"NGSPICE_MEAS_PRECISION": "17"}


def measured(text: str, lines: Sequence[str]) -> float | str:
    """The number that a `meas` command printed, or its complaint.

    Args:
        text: the command without `meas`, such as `ac gain max vdb(out)`.
        lines: what ngspice printed.
    """
    name = re.escape(text.split()[1])
    for line in lines:
        match = re.match(rf"\s*{name}\s*=\s*(\S+)", line, re.IGNORECASE)
        if match and math.isfinite(float(match[1])):
            return float(match[1])
    complaints = [line.strip() for line in lines if line.strip() and "failed" not in line]
    return "; ".join(complaints) or f"`meas {text}` failed"


def split_measures(found: Mapping[str, float | str]) -> tuple[dict[str, float], dict[str, str]]:
    """Numbers, and the reasons why there are none, by name."""
    numbers = {name: value for name, value in found.items() if isinstance(value, float)}
    return numbers, {name: reason for name, reason in found.items() if isinstance(reason, str)}
