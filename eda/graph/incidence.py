"""The pin-typed device/net graph of a flat circuit, as integer arrays; every learner and test starts here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError, did_you_mean
from eda.graph.flat import flat
from eda.graph.references import References, references
from eda.netlist import DEVICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from eda.graph.flat import FlatCircuit
    from eda.netlist import Circuit, Device

__all__ = ["ROLES", "Incidence", "incidence", "is_text_form"]

ROLES: Final = (
    *dict.fromkeys(pin for row in DEVICE_TYPES.values() for pin in row.pins),
    "pin",  # of a call or an XSPICE device, whose terminals have positions and no names
    "sense",  # a node that the text of a source names, or the parameter $sub of a CDL element
)
"""Terminal roles, in the order of the device table."""

_LINEAR: Final = 4  # nodes of a linear E or G
_ROLE: Final = {role: index for index, role in enumerate(ROLES)}


@dataclass(frozen=True, slots=True)
class Incidence:
    """Devices, nets, and the pins that join them.

    Attributes:
        flat: the circuit.
        letters: element letter of each device, after `masters`.
        nets: names of the nets: ports first, then in order of first use.
        device: device of each pin, `p` integers; devices in order, their pins in order.
        role: index in `ROLES` of each pin.
        position: position among the pins of a call, or among the references of a text; 0 for a named role.
        net: net of each pin.
        controls: rows (device, position, what it senses or couples), `c x 3`; explicit controls come before those of a
            text.
        absent: controls that name no device of the circuit, by device.
        texts: the references of devices whose value is a text that refers to nodes or sources.
    """

    flat: FlatCircuit
    letters: tuple[str, ...]
    nets: tuple[str, ...]
    device: NDArray[np.int64]
    role: NDArray[np.int64]
    position: NDArray[np.int64]
    net: NDArray[np.int64]
    controls: NDArray[np.int64]
    absent: Mapping[int, tuple[str, ...]]
    texts: Mapping[int, References]


def incidence(circuit: Circuit, masters: Mapping[str, str] | None = None) -> Incidence:
    """The pin-typed graph of a circuit.

    Args:
        circuit: any circuit; hierarchy is flattened.
        masters: element letter by name of a master that the netlist does not define, whose calls become such
            devices; terminals beyond those of the element keep their position.

    Raises:
        InputError: a letter is unknown, or a control names two devices.
    """
    view = flat(circuit)
    letters = _letters(view.devices, masters or {})
    nets: dict[str, int] = {}
    for port in view.ports:
        nets.setdefault(port, len(nets))
    pins: list[tuple[int, int, int, int]] = []
    texts: dict[int, References] = {}
    for index, (device, letter) in enumerate(zip(view.devices, letters, strict=True)):
        for place, (role, node) in enumerate(zip(_roles(letter, len(device.nodes)), device.nodes, strict=True)):
            pins.append((index, role, place if role == _ROLE["pin"] else 0, nets.setdefault(node, len(nets))))
        if (found := _text(device)) is not None:
            texts[index] = found
        for place, node in enumerate((*(found.nodes if found else ()), *_substrate(device))):
            pins.append((index, _ROLE["sense"], place, nets.setdefault(node, len(nets))))
    device_, role_, position, net = np.array(pins, dtype=np.int64).reshape(-1, 4).T
    controls, absent = _controls(view.devices, texts)
    return Incidence(view, letters, tuple(nets), device_, role_, position, net, controls, absent, texts)


def is_text_form(device: Device) -> bool:
    """Whether the value of a controlled source is a text and not a gain."""
    if device.letter not in {"e", "f", "g", "h"}:
        return device.letter == "b"
    linear = device.controls if device.letter in {"f", "h"} else len(device.nodes) == _LINEAR
    return not linear or (device.value or "").startswith("poly")


def _letters(devices: tuple[Device, ...], masters: Mapping[str, str]) -> tuple[str, ...]:
    for master, letter in masters.items():
        if letter not in DEVICE_TYPES:
            raise InputError(f"the element letter of the master {master!r} must be one of the device table, but got "
                             f"{letter!r}. {did_you_mean(letter, DEVICE_TYPES)}")  # fmt: skip
    folded = {name.lower(): letter for name, letter in masters.items()}
    return tuple(folded.get(device.model or "", "x") if device.letter == "x" else device.letter for device in devices)


def _roles(letter: str, count: int) -> list[int]:
    named = [_ROLE[pin] for pin in DEVICE_TYPES[letter].pins[:count]]
    return named + [_ROLE["pin"]] * (count - len(named))


def _substrate(device: Device) -> tuple[str, ...]:
    return (device.parameters["$sub"],) if "$sub" in device.parameters else ()


def _text(device: Device) -> References | None:
    """The references of a device's value, if it has any."""
    text = device.value
    if text is None or "(" not in text or device.letter in {"v", "i", "a"}:
        return None
    found = references(text)
    return found if found.nodes or found.sources else None


def _controls(
    devices: tuple[Device, ...], texts: Mapping[int, References]
) -> tuple[NDArray[np.int64], dict[int, tuple[str, ...]]]:
    places: dict[str, int] = {}
    repeated: set[str] = set()
    for index, device in enumerate(devices):
        if places.setdefault(device.name, index) != index:
            repeated.add(device.name)
    rows: list[tuple[int, int, int]] = []
    absent: dict[int, tuple[str, ...]] = {}
    for index, device in enumerate(devices):
        text = texts.get(index)
        for place, name in enumerate((*device.controls, *(text.sources if text else ()))):
            if name in repeated:
                raise InputError(
                    f"{device.name!r} refers to {name!r}, which must be one device, but two have that name; rename one"
                )
            if name in places:
                rows.append((index, place, places[name]))
            else:
                absent[index] = (*absent.get(index, ()), f"{place} {name}")
    return np.array(rows, dtype=np.int64).reshape(-1, 3), absent
