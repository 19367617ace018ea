"""What ngspice 39 puts in the place of behavioural devices, and back.

ngspice rewrites `e ... vol=`, `r ... r='f(v)'` and the like into two to four simpler devices with nodes `..._int1` of
its own; read from listings, one pattern a function.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.benchmark.listed import ListedDevice, Listing

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.benchmark.listed import ListedModel, Value

__all__ = ["restored"]

_POLY: Final = re.compile(r"a\$poly\$(.*)")
# what a behavioural resistor, capacitor and inductor make of their expression
_QUOTIENT: Final = re.compile(r"v\([^)]*\) / \( (?P<expression>.*) \)")
_PRODUCT: Final = re.compile(r"[iv]\([^)]*\) \* \( (?P<expression>.*) \)(?: / (?P<m>\S+))?")
_CHARGE: Final = re.compile(r"\( (?P<expression>.*) \)")


def restored(listing: Listing) -> Listing:
    """The listing with the devices that were written instead of those that ngspice made of them."""
    devices, models = dict(listing.devices), dict(listing.models)
    for device in listing.devices.values():
        if match := _POLY.fullmatch(device.name):
            devices[match[1]] = _polynomial(match[1], device, models.pop(device.model or ""))
            del devices[device.name]
    for device in listing.devices.values():
        stem = device.name.split(".")[-1]
        if stem[0] == "b" and stem[1:2] in _RESTORE:
            _RESTORE[stem[1]](device, devices, models)
    return Listing(devices, models)


def _sibling(device: ListedDevice, letter: str, stem: str) -> str:
    """The name of a device in the same subcircuit: `b.xo.bex` -> `e.xo.ex`."""
    _, *calls, _ = (device.name if "." in device.name else f"_.{device.name}").split(".")
    return ".".join([letter, *calls, stem]) if calls else stem


def _polynomial(name: str, device: ListedDevice, model: ListedModel) -> ListedDevice:
    """A `poly` source, which is an XSPICE device with one vector of controls."""
    form = str(device.values["value"])
    count = form[: form.index("]")].count("*")
    inputs, outputs = device.nodes[:count], device.nodes[count:]
    by_current = "%vnam" in form
    value = f"poly({count if by_current else count // 2}) {model.parameters['coef']}"
    nodes = outputs if by_current else (*outputs, *inputs)
    return ListedDevice(name, nodes, None, {"value": value}, inputs if by_current else ())


def _gain(device: ListedDevice) -> tuple[float, ...]:
    """The multiplier of a behavioural device, which ngspice makes the gain of a substitute."""
    gain = device.values.get("value")
    return (gain,) if isinstance(gain, float) and gain != 1 else ()


def _controlled(device: ListedDevice, devices: dict[str, ListedDevice], models: dict[str, ListedModel]) -> None:
    """`e` and `g` with `vol=`, `cur=`, `value=` or `table`."""
    stem = device.name.split(".")[-1][1:]
    name = _sibling(device, stem[0], stem)
    source = devices.get(name)
    if source is None or len(source.nodes) != 4 or not source.nodes[2].endswith(f"{stem}_int1"):
        return
    values: dict[str, Value] = {"v" if stem[0] == "e" else "i": device.values["v"]}
    if device.nodes[0].endswith("_int2"):
        table = models.pop(devices.pop(_sibling(device, "a", f"a{stem}")).model or "")
        x, y = (str(table.parameters[key]).split() for key in ("x_array", "y_array"))
        points = " ".join(f"{float(a)} {float(b)}" for a, b in zip(x, y, strict=True))
        values = {"table": device.values["v"], "points": points}
    del devices[device.name]
    devices[name] = ListedDevice(name, source.nodes[:2], None, values, (), _gain(source) + device.multipliers)


def _resistor(device: ListedDevice, devices: dict[str, ListedDevice], _models: object) -> None:
    match = _QUOTIENT.fullmatch(str(device.values.get("i")))
    if "reciprocm" not in device.values or match is None:
        return
    stem = device.name.split(".")[-1][1:]
    del devices[device.name]
    name = _sibling(device, "r", stem)
    devices[name] = replace(device, name=name, values=_with(device, "value", match["expression"]))


def _capacitor(device: ListedDevice, devices: dict[str, ListedDevice], _models: object) -> None:
    """`c=`, by the current of a unit capacitor, or `q=`, by the voltage of a unit inductor."""
    stem = device.name.split(".")[-1][1:]
    by_value = _sibling(device, "e", f"e{stem}") in devices
    gain, unit = (_sibling(device, letter, letter + stem) for letter in ("ec" if by_value else "gl"))
    match = (_PRODUCT if by_value else _CHARGE).fullmatch(str(device.values.get("i")))
    if "reciproctc" not in device.values or match is None or not {gain, unit} <= devices.keys():
        return
    name, source = _sibling(device, "c", stem), devices[gain]
    nodes, key = (device.nodes, "value") if by_value else (source.nodes[:2], "q")
    for used in (device.name, gain, unit):
        del devices[used]
    devices[name] = ListedDevice(name, nodes, None, _with(device, key, match["expression"]), (), _gain(source))


def _inductor(device: ListedDevice, devices: dict[str, ListedDevice], _models: object) -> None:
    stem = device.name.split(".")[-1][1:]
    name = _sibling(device, "l", stem)
    made = {_sibling(device, letter, letter + stem) for letter in "fl"}
    match = _PRODUCT.fullmatch(str(device.values.get("v")))
    if "reciproctc" not in device.values or match is None or not made <= devices.keys():
        return
    for used in (device.name, *made):
        del devices[used]
    times = float(match["m"] or 1)
    nodes, values = device.nodes[::-1], _with(device, "value", match["expression"])
    devices[name] = ListedDevice(name, nodes, None, values, (), (times,) if times != 1 else ())


def _with(device: ListedDevice, key: str, expression: str) -> dict[str, Value]:
    others = {k: v for k, v in device.values.items() if k not in {"v", "i", "reciproctc", "reciprocm"}}
    return {key: expression, **others}


_RESTORE: Final[dict[str, Callable[[ListedDevice, dict[str, ListedDevice], dict[str, ListedModel]], None]]] = {
    "e": _controlled,
    "g": _controlled,
    "r": _resistor,
    "c": _capacitor,
    "l": _inductor,
}
