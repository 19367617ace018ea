"""A topology as a drawing: what carries current from the supply to ground is stacked, branch beside branch.

Nets are told by their names, as in a netlist: wires are drawn along the branches and to the rails only, so that a
circuit of fifty devices can be read like one of five. Gates stand at the left of a transistor, its bulk is named where
it is not on the rail of its kind.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.report.markup import text
from eda.topology.device.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.topology.device import Part, Topology

__all__ = ["schematic"]

_TOP, _BOTTOM = "vdd", "vss"
_WIDE, _HIGH, _MARGIN = 122.0, 60.0, 26.0  # of a branch, of a device, around the drawing
_LEAST_ROWS: Final = 3
_WEAK: Final = 1e-3  # what a capacitor is to a transistor, where heights are looked for
_WRAP: Final = 8  # branches side by side


@dataclass(frozen=True, slots=True)
class _Device:
    """A device as it stands in a branch.

    Attributes:
        name: as in the netlist.
        part: what it is.
        upper: net at its upper end.
        lower: net at its lower end.
        turned: whether the first of its conducting terminals is the lower one.
    """

    name: str
    part: Part
    upper: str
    lower: str
    turned: bool


def schematic(topology: Topology) -> str:
    """A drawing as SVG, in the colour of the text around it.

    Args:
        topology: what is drawn.
    """
    branches = _branches(topology)
    rows = max([_LEAST_ROWS, *map(len, branches)])
    blocks = [branches[start : start + _WRAP] for start in range(0, len(branches), _WRAP)]
    height = rows * _HIGH + 2 * _MARGIN
    width = max([1, *map(len, blocks)]) * _WIDE + 2 * _MARGIN
    drawn = [
        f'<g transform="translate(0 {number * height:g})">{"".join(_block(block, rows))}</g>'
        for number, block in enumerate(blocks)
    ]
    return (
        f'<svg class="schematic" viewBox="0 0 {width:g} {height * max(1, len(blocks)):g}" '
        f'style="max-width:{width:g}px" role="img" aria-label="schematic of {len(topology.parts)} devices">'
        f"{''.join(drawn)}</svg>"
    )


def _branches(topology: Topology) -> list[list[_Device]]:
    """Devices in stacks, from the supply down; those that nothing leads to begin stacks of their own."""
    heights = _heights(topology)
    number: Counter[str] = Counter()
    left = []
    for part in topology.parts:
        letter = KINDS[part.kind].letter
        number[letter] += 1
        ends = _ends(part)
        turned = heights[ends[0]] < heights[ends[1]] or (heights[ends[0]] == heights[ends[1]] and part.kind == "pmos")
        upper, lower = reversed(ends) if turned else ends
        left.append(_Device(f"{letter}{number[letter]}", part, upper, lower, turned))
    branches = []
    while left:
        branch = [max(left, key=lambda one: (_carries(one), one.upper == _TOP, heights[one.upper]))]
        left.remove(branch[0])
        while _carries(branch[-1]) and branch[-1].lower != _BOTTOM:
            below = [one for one in left if one.upper == branch[-1].lower and _carries(one)]
            if not below:
                break
            branch.append(min(below, key=lambda one: heights[one.lower]))
            left.remove(branch[-1])
        branches.append(branch)
    return branches


def _ends(part: Part) -> tuple[str, str]:
    """The nets at the ends of a device: drain and source, collector and emitter, or its two."""
    return (part.nets[0], part.nets[2]) if len(part.nets) > 2 else (part.nets[0], part.nets[1])


def _carries(device: _Device) -> bool:
    return device.part.kind != "capacitor"


def _heights(topology: Topology) -> dict[str, float]:
    """Potentials of the nets between ground, 0, and the supply, 1, if all devices were alike."""
    nets = list(dict.fromkeys(net for part in topology.parts for net in part.nets))
    index = {net: number for number, net in enumerate(nets)}
    matrix, right = 1e-6 * np.eye(len(nets)), np.full(len(nets), 0.5e-6)
    for part in topology.parts:
        one, other = (index[net] for net in _ends(part))
        weight = _WEAK if part.kind == "capacitor" else 1.0
        for a, b in ((one, other), (other, one)):
            matrix[a, a] += weight
            matrix[a, b] -= weight
    for net, level in ((_TOP, 1.0), (_BOTTOM, 0.0)):
        if net in index:
            matrix[index[net], index[net]] += 1e6
            right[index[net]] += 1e6 * level
    return dict(zip(nets, np.linalg.solve(matrix, right).round(6).tolist(), strict=True))


def _block(branches: list[list[_Device]], rows: int) -> Iterator[str]:
    """Branches side by side between two rails."""
    top, bottom = _MARGIN, _MARGIN + rows * _HIGH
    used = {end for branch in branches for end in (branch[0].upper, branch[-1].lower)}
    right = _MARGIN + len(branches) * _WIDE
    for rail, y, lift in ((_TOP, top, -6), (_BOTTOM, bottom, 14)):
        if rail in used:
            yield _line(_MARGIN, y, right, y, width=2)
            yield _text(_MARGIN, y + lift, rail, anchor="start")
    for number, branch in enumerate(branches):
        x = _MARGIN + (number + 0.62) * _WIDE
        length = len(branch) * _HIGH
        on_top, on_bottom = branch[0].upper == _TOP, branch[-1].lower == _BOTTOM
        start = top if on_top else bottom - length if on_bottom else (top + bottom - length) / 2
        step = (bottom - top) / len(branch) if on_top and on_bottom else _HIGH
        for place, device in enumerate(branch):
            y = start + (place + 0.5) * step
            yield _line(x, y - step / 2, x, y - _HIGH / 2)
            yield _line(x, y + _HIGH / 2, x, y + step / 2)
            yield f"<g><title>{text(_told(device))}</title>{''.join(_symbol(device, x, y))}</g>"
            if place:
                yield _node(x, start + place * step, device.upper)
        if not on_top:
            yield _node(x, start, branch[0].upper)
        if not on_bottom:
            yield _node(x, start + len(branch) * step, branch[-1].lower)


def _told(device: _Device) -> str:
    kind = KINDS[device.part.kind]
    pins = ", ".join(f"{letter} on {net}" for letter, net in zip(kind.terminals, device.part.nets, strict=True))
    return f"{device.name}, {kind.name}: {pins}"


def _symbol(device: _Device, x: float, y: float) -> Iterator[str]:
    """A device of the height of a row whose ends are above and below a point."""
    half = _HIGH / 2
    kind = device.part.kind
    yield _text(x + 7, y + 4, device.name, anchor="start", weight="600")
    if kind in {"nmos", "pmos"}:
        yield from _field_effect(device, x, y)
    elif kind in {"npn", "pnp"}:
        yield from _bipolar(device, x, y)
    elif kind == "capacitor":
        yield _line(x, y - half, x, y - 4) + _line(x, y + 4, x, y + half)
        yield _line(x - 10, y - 4, x + 5, y - 4, width=2) + _line(x - 10, y + 4, x + 5, y + 4, width=2)
    elif kind == "diode":
        tip, base = (y - 7, y + 7) if device.turned else (y + 7, y - 7)
        yield _line(x, y - half, x, y + half) + _line(x - 7, tip, x + 5, tip, width=2)
        yield f'<path d="M{x - 7:g} {base:g}H{x + 5:g}L{x - 1:g} {tip:g}z" fill="currentColor"/>'
    else:
        turns = 4 if kind == "resistor" else 3
        shape = "".join(
            f"l-6 {16 / turns:g}l6 {16 / turns:g}" if kind == "resistor" else "a5 5 0 0 0 0 10.7" for _ in range(turns)
        )
        yield _line(x, y - half, x, y - 16) + _line(x, y + 16, x, y + half)
        yield f'<path d="M{x:g} {y - 16:g}{shape}" fill="none" stroke="currentColor"/>'


def _field_effect(device: _Device, x: float, y: float) -> Iterator[str]:
    half = _HIGH / 2
    is_p = device.part.kind == "pmos"
    _, gate, _, bulk = device.part.nets
    yield _line(x, y - half, x, y - 12) + _line(x, y + 12, x, y + half)
    yield _line(x - 12, y - 12, x, y - 12) + _line(x - 12, y + 12, x, y + 12)
    yield _line(x - 12, y - 16, x - 12, y + 16, width=2) + _line(x - 17, y - 12, x - 17, y + 12, width=2)
    source = y - 12 if device.turned else y + 12
    yield _arrow(x - 3, source, forward=not is_p)
    if is_p:
        yield f'<circle cx="{x - 20:g}" cy="{y:g}" r="3" fill="none" stroke="currentColor"/>'
    yield _line(x - 30, y, x - (23 if is_p else 17), y)
    yield _text(x - 32, y + 4, _short(gate), anchor="end")
    if bulk not in {_TOP if is_p else _BOTTOM, device.part.nets[2]}:
        yield _text(x + 7, y - 10, f"bulk {_short(bulk)}", anchor="start")


def _bipolar(device: _Device, x: float, y: float) -> Iterator[str]:
    half = _HIGH / 2
    is_p = device.part.kind == "pnp"
    yield _line(x, y - half, x, y - 14) + _line(x, y + 14, x, y + half)
    yield _line(x - 12, y - 12, x - 12, y + 12, width=2)
    yield _line(x - 12, y - 4, x, y - 14) + _line(x - 12, y + 4, x, y + 14)
    yield _line(x - 30, y, x - 12, y) + _text(x - 32, y + 4, _short(device.part.nets[1]), anchor="end")
    emitter = y - 14 if device.turned else y + 14
    middle = y + (emitter - y) * 0.64
    yield f'<circle cx="{x - 6:g}" cy="{middle:g}" r="{2.5 if is_p else 2:g}" fill="currentColor"/>'


def _arrow(x: float, y: float, *, forward: bool) -> str:
    """A small arrow on a horizontal wire, the way the current flows at the source."""
    tip = 3 if forward else -3
    return f'<path d="M{x - tip:g} {y - 3:g}L{x + tip:g} {y:g}L{x - tip:g} {y + 3:g}z" fill="currentColor"/>'


def _short(net: str) -> str:
    """A net without what keeps its name from being that of a port."""
    return net.removeprefix("n_")


def _node(x: float, y: float, net: str) -> str:
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="2.5" fill="currentColor"/>{_text(x + 6, y - 3, _short(net), anchor="start")}'
    )


def _line(x1: float, y1: float, x2: float, y2: float, width: float = 1) -> str:
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="currentColor" stroke-width="{width:g}"/>'


def _text(x: float, y: float, words: str, *, anchor: str, weight: str = "400") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}">{text(words)}</text>'
