"""A flat circuit of ours against what ngspice lists for the same deck, device by device and value by value."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.benchmark.listed import (
    ListedDevice,
    ListedModel,
    Listing,
    connection_form,
    function_values,
    number_or_text,
    source_values,
    table_values,
)
from eda.errors import InputError
from eda.netlist import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.benchmark.listed import Value
    from eda.netlist import Circuit, Device

__all__ = ["Comparison", "Difference", "compare"]

# ngspice prints numbers with 16 digits, and those in functions of behavioural sources with 11
_TOLERANCE: Final = 1e-9
_FUNCTION_TOLERANCE: Final = 1e-8
_DRAWS: Final = 12
_PROBE: Final = re.compile(r"(?<![\w.])([vi])\s*\(\s*([^\s(),]+)\s*(?:,\s*([^\s(),]+)\s*)?\)")
_TERM: Final = re.compile(r"\.?\d[\w.]*(?:(?<=e)[+-]\d+)?|[a-z_][\w.$:!#]*|[^\s\w]")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not the same.

    Attributes:
        device: name of the device or model.
        key: `device` or `model card` (one side lacks it), `nodes`, `model`, `controls`, `type`, `m` (the product of
            all multipliers), or the name of a value.
        ours: as text; empty when it is missing.
        theirs: that of ngspice.
    """

    device: str
    key: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        return f"{self.device}: {self.key} is {self.ours or 'missing'}, in ngspice {self.theirs or 'missing'}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared, and what differs.

    Attributes:
        devices: of the listing.
        models: of the listing.
        values: numbers and functions compared.
        equal: those of them that agree.
        repeated: devices to which ngspice gives `m` more than once, of which it uses the last.
        differences: everything that differs.
    """

    devices: int
    models: int
    values: int
    equal: int
    repeated: int
    differences: tuple[Difference, ...]


def compare(circuit: Circuit, listing: Listing) -> Comparison:
    """Compare a flat circuit with a listing.

    Numbers agree to a relative 1e-9. Functions agree when they have the same value, to 1e-8, at random voltages and
    currents; a function that `eda.netlist.evaluate` does not know is compared word by word. A model that only our
    side has is no difference: ngspice leaves out models that nothing uses.

    Args:
        circuit: its `devices` and `models` with the names of ngspice's scheme, every value a number.
        listing: of the same deck.
    """
    tally = _Tally()
    ours = {device.name: _listed(device) for device in circuit.devices}
    cards = {model.name: ListedModel(model.name, model.type, _values(model.parameters)) for model in circuit.models}
    for name in ours.keys() - listing.devices.keys():
        tally.differ(name, "device", "present", "")
    for name, theirs in listing.devices.items():
        if name in ours:
            tally.device(ours[name], theirs)
        else:
            tally.differ(name, "device", "", "present")
    for name, card in listing.models.items():
        if name in cards:
            tally.words(name, "type", cards[name].type, card.type)
            tally.values(name, cards[name].parameters, card.parameters)
        else:
            tally.differ(name, "model card", "", "present")
    repeated = sum(len(device.multipliers) > 1 for device in listing.devices.values())
    differences = tuple(sorted(tally.differences, key=lambda each: (each.device, each.key)))
    return Comparison(len(listing.devices), len(listing.models), tally.compared, tally.equal, repeated, differences)


def _values(parameters: Mapping[str, str]) -> dict[str, Value]:
    return {key: number_or_text(text) for key, text in parameters.items()}


def _listed(device: Device) -> ListedDevice:
    """A device of ours in the form of a listing."""
    values: dict[str, Value] = {}
    text = device.value or ""
    match device.letter:
        case "v" | "i":
            values = source_values(text)
        case "b":
            values = function_values(text)
        case "a":
            values = {"value": connection_form(text)}
        case _ if text:
            values = table_values(text) or {"value": number_or_text(text)}
    for key, value in _values(device.parameters).items():
        if key == "tc":
            first, *second = re.split(r"[\s,]+", str(value))
            values |= {name: number_or_text(term) for name, term in zip(("tc1", "tc2"), (first, *second), strict=False)}
        elif key == device.letter and device.letter in "rcl":
            values["value"] = value
        else:
            values[key] = value
    multiplier = values.pop("m", 1.0)
    multipliers = (multiplier,) if isinstance(multiplier, float) else (math.nan,)
    return ListedDevice(device.name, device.nodes, device.model, values, device.controls, multipliers)


class _Tally:
    """Counts and differences while they are found."""

    def __init__(self) -> None:
        self.compared = self.equal = 0
        self.differences: list[Difference] = []

    def differ(self, name: str, key: str, ours: str, theirs: str) -> None:
        """Note a difference."""
        self.differences.append(Difference(name, key, ours, theirs))

    def words(self, name: str, key: str, ours: str, theirs: str) -> None:
        """Compare names."""
        if ours != theirs:
            self.differ(name, key, ours, theirs)

    def device(self, ours: ListedDevice, theirs: ListedDevice) -> None:
        """Compare all of a device."""
        name = theirs.name
        self.words(name, "nodes", " ".join(ours.nodes), " ".join(theirs.nodes))
        self.words(name, "model", ours.model or "", theirs.model or "")
        self.words(name, "controls", " ".join(ours.controls), " ".join(theirs.controls))
        self.values(name, ours.values, theirs.values)
        times = math.prod(ours.multipliers), math.prod(theirs.multipliers)
        if theirs.multipliers or times[0] != 1:
            self.values(name, {"m": times[0]}, {"m": times[1]})

    def values(self, name: str, ours: Mapping[str, Value], theirs: Mapping[str, Value]) -> None:
        """Compare values by their names."""
        for key in sorted(ours.keys() | theirs.keys()):
            self.compared += 1
            if key in ours and key in theirs and _same(ours[key], theirs[key]):
                self.equal += 1
            else:
                self.differ(name, key, str(ours.get(key, "")), str(theirs.get(key, "")))


def _same(ours: Value, theirs: Value) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return _near(ours, theirs)
    return _same_words(str(ours), str(theirs)) or _same_function(str(ours), str(theirs))


def _near(ours: float, theirs: float, tolerance: float = _TOLERANCE) -> bool:
    return math.isclose(ours, theirs, rel_tol=tolerance)


def _same_words(ours: str, theirs: str) -> bool:
    """Whether two texts have the same terms; numbers may be written in different ways."""
    first, second = ([number_or_text(word) for word in _TERM.findall(text)] for text in (ours, theirs))
    return len(first) == len(second) and all(
        a == b or (isinstance(a, float) and isinstance(b, float) and _near(a, b))
        for a, b in zip(first, second, strict=True)
    )


def _same_function(ours: str, theirs: str) -> bool:
    """Whether two functions of voltages and currents agree at random values of them."""
    probes: dict[str, str] = {}
    first, second = (_PROBE.sub(lambda match: _probed(match, probes), text) for text in (ours, theirs))
    agreed = 0
    for scope in _scopes([*probes.values(), "time", "temper", "hertz"]):
        values = [_value(text, scope) for text in (first, second)]
        if values[0] is None or values[1] is None:
            if values[0] != values[1]:
                return False
            continue
        if not _near(values[0], values[1], _FUNCTION_TOLERANCE):
            return False
        agreed += 1
    return agreed > 0


def _probed(match: re.Match[str], probes: dict[str, str]) -> str:
    """`v(a,b)` as the difference of two names that an expression may have."""
    kind, *nodes = match.groups()
    named = [
        probes.setdefault(f"{kind}({node})", f"probe{len(probes)}") if node != "0" else "0" for node in nodes if node
    ]
    return f"({'-'.join(named)})"


def _scopes(names: list[str]) -> Iterator[dict[str, float]]:
    """Random values, of either sign and positive in turns: a logarithm has no value at most of the others."""
    draw = random.Random(1)
    for turn in range(_DRAWS):
        low = -2.0 if turn % 2 else 0.01
        yield {name: draw.uniform(low, 2.0) for name in names}


def _value(text: str, scope: Mapping[str, float]) -> float | None:
    try:
        return evaluate(text, scope)
    except InputError:
        return None
