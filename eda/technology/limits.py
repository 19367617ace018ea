"""Which sizes of a transistor the models of a technology cover: the ends of the range, and the bins within it."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.netlist import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eda.netlist import Device
    from eda.technology.cards import ModelBin
    from eda.technology.library import ModelLibrary
    from eda.technology.technology import Transistor

__all__ = ["bins_of", "check_device", "covered"]

Range = tuple[float, float]
_ROUNDING = 1e-9


@lru_cache(maxsize=256)
def bins_of(library: ModelLibrary, corner: str, model: str) -> tuple[ModelBin, ...]:
    """The bins of a model in a corner of a library; none where one card covers all sizes."""
    return library.compiled(corner, [model]).bins


def check_device(
    device: Device, transistor: Transistor, scope: Mapping[str, float], bins: Sequence[ModelBin], *, by_finger: bool
) -> None:
    """Check that a transistor is within what its model covers.

    Args:
        device: the transistor, with sizes in metres.
        transistor: what it is in the technology.
        scope: parameters that its sizes may name, SI.
        bins: of its model.
        by_finger: whether the width of a finger counts, not that of all.

    Raises:
        InputError: a width or length is outside, or no bin covers them together.
    """
    divided = "/nf" if by_finger and "nf" in device.parameters else ""
    fingers = evaluate(device.parameters["nf"], scope) if divided else 1.0
    if fingers < 1:
        raise InputError(f"nf >= 1 must hold for {device.name}, but nf can be {fingers:g}")
    length, width = transistor.min_length, transistor.min_width
    if (text := device.parameters.get("l")) is not None:
        length = evaluate(text, scope)
        _require(device, transistor, f"l={text}", length, (transistor.min_length, transistor.max_length))
    if (text := device.parameters.get("w")) is not None:
        width = evaluate(text, scope) / fingers
        _require(device, transistor, f"w{divided}={text}{divided}", width, (transistor.min_width, transistor.max_width))
    if bins and not any(one.contains(length, width) for one in bins):
        raise InputError(
            f"no bin of {transistor.model} has l={length:g} with w{divided}={width:g}, which {device.name} can have; "
            f"it has {'; '.join(covered(bins))}. Change the bounds of its variables"
        )


def _require(device: Device, transistor: Transistor, given: str, value: float, limits: Range) -> None:
    low, high = limits
    if not low * (1 - _ROUNDING) <= value <= high * (1 + _ROUNDING):
        raise InputError(
            f"{low:g} <= {given.partition('=')[0]} <= {high:g} must hold for {device.name} ({transistor.model}), but "
            f"{given} can be {value:g}; change the bounds of its variables, or the size that was given"
        )


def covered(bins: Iterable[ModelBin]) -> list[str]:
    """The sizes that bins cover together, such as `l 0.15..20.2 um x w 0.42..1010 um`; neighbours are joined."""
    ordered = sorted(bins, key=lambda one: (one.lengths, one.widths))
    rows: list[tuple[Range, list[Range]]] = []
    for lengths, row in groupby(ordered, key=lambda one: one.lengths):
        widths = _joined(one.widths for one in row)
        if rows and rows[-1][1] == widths and _touch(rows[-1][0], lengths):
            rows[-1] = ((rows[-1][0][0], lengths[1]), widths)
        else:
            rows.append((lengths, widths))
    return [f"l {_um([lengths])} x w {_um(widths)}" for lengths, widths in rows]


def _joined(ranges: Iterable[Range]) -> list[Range]:
    joined: list[Range] = []
    for low, high in ranges:
        if joined and _touch(joined[-1], (low, high)):
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _touch(before: Range, after: Range) -> bool:
    return after[0] <= before[1] * (1 + _ROUNDING)


def _um(ranges: Iterable[Range]) -> str:
    return " and ".join(f"{low * 1e6:.6g}..{high * 1e6:.6g}" for low, high in ranges) + " um"
