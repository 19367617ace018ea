"""AnalogGenie: 3,350 unsized analog topologies of textbooks and papers.

Source: github xz-group/AnalogGenie @ efc2535, `Dataset/`, packed into one file: a line of JSON a circuit, with its id,
type, ports and devices `[instance, type, [nets]]`. Paper: Gao et al., AnalogGenie, ICLR 2025. Licence: MIT.

69,639 devices; median 21 a circuit, 1 to 72. nmos4 30,908, pmos4 25,179, resistor 5,870, capacitor 4,584, pnp 989,
npn 951, inductor 796, diode 245, transmission gate 61, inverter 52, XOR 2, phase-frequency detector 2.

Known flaws:
- No sizes, values or model cards; the label is the range that the id lies in, and nobody checked it.
- 2,311 circuits (ids from `FIRST_COMPOSED`) are compositions of a few blocks. No two of them are one topology, so a
  split by topology leaks blocks from training to test like a random one: keep them all on one side, or split by block.
- Instance names repeat within 2,305 circuits and begin with the wrong letter for 21 devices: devices are numbered here.
- The fourth node of every bipolar transistor is `0`, also where the substrate is VSS.
- 184 circuits have no port VDD, LDOs take VIN1 for it; four have a port that no device touches (601, 952, 957, 1076).
- 1,102 have a net besides the ports that touches only gates, bulks or capacitors.
- The two XOR gates order their pins differently (VDD is third in one and first in the other).
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.entries import Entry, Names, one_block
from eda.datasets.store import Dataset
from eda.errors import InputError, NetlistError, an, did_you_mean
from eda.netlist import Device, Location

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "FIRST_COMPOSED", "entries", "parse_row"]

DATASET: Final = Dataset(
    name="analoggenie",
    folder="analoggenie",
    source="github.com/xz-group/AnalogGenie at efc2535, folder Dataset",
    licence="MIT",
    about="3,350 unsized topologies, packed as analoggenie_netlists.jsonl.gz with a line "
    '{"id", "type_by_id_range", "ports", "devices": [[instance, type, [nets]]]} each',
)

FIRST_COMPOSED: Final = 1191
"""Circuits from this id on are compositions of blocks."""

_FILE: Final = "analoggenie_netlists.jsonl.gz"

# type: element letter, model or master, number of nodes; nodes stand in the order of the device table, the substrate
# of a bipolar transistor last; those of blocks in the order of the data
_TYPES: Final[dict[str, tuple[str, str | None, int]]] = {
    "nmos4": ("m", "nmos", 4),
    "pmos4": ("m", "pmos", 4),
    "npn": ("q", "npn", 4),
    "pnp": ("q", "pnp", 4),
    "diode": ("d", "diode", 2),
    "resistor": ("r", None, 2),
    "capacitor": ("c", None, 2),
    "inductor": ("l", None, 2),
    "TRANSMISSION_GATE": ("x", "transmission_gate", 5),
    "INVERTER": ("x", "inverter", 4),
    "XOR": ("x", "xor", 5),
    "PFD": ("x", "pfd", 6),
}


def entries(path: Path | None = None) -> list[Entry]:
    """The circuits, in the order of their ids.

    Each is one subcircuit `topology_<id>` whose devices have neither sizes nor values; gates and other blocks are calls
    of masters that are not defined. An instance name is that of the source, after the element letter where it begins
    with another (`Q3` of type nmos4 is `mq3`), and numbered where it repeats (`m0`, `m0_2`).

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set or its file is missing or damaged.
        NetlistError: a row cannot be read; with its number.
    """
    file = (path or DATASET.locate()) / _FILE
    try:
        with gzip.open(file, "rt", encoding="utf-8") as rows:
            return [parse_row(row, file=_FILE, line=number) for number, row in enumerate(rows, 1)]
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(
            f"{_FILE} of the data set 'analoggenie' must be a gzip file of JSON lines, but it cannot be read "
            f"({type(error).__name__}). Fetch it again from {DATASET.source}."
        ) from None


def parse_row(text: str, *, file: str = _FILE, line: int = 1) -> Entry:
    """The circuit of one row.

    Args:
        text: a JSON object with `id`, `type_by_id_range`, `ports` and `devices`.
        file: for messages.
        line: number of the row from 1.

    Raises:
        NetlistError: the row is not of that form.
    """
    place = Location(file, line)
    row = _object(text, place)
    nodes, instances = Names(), Names()
    ports = [nodes.of(port) for port in row["ports"]]
    devices = [_device(device, number, nodes, instances, place) for number, device in enumerate(row["devices"], 1)]
    circuit = one_block(
        f"AnalogGenie topology {row['id']}, {row['type_by_id_range']}",
        f"topology_{row['id']}",
        ports,
        devices,
        spelling={**instances.spelling, **nodes.spelling},
        location=place,
    )
    return Entry(str(row["id"]), circuit, row["type_by_id_range"], place)


def _object(text: str, place: Location) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise _error(place, f"a row must be a JSON object ({error})") from None
    kinds = {"id": int, "type_by_id_range": str, "ports": list, "devices": list}
    for key, kind in kinds.items():
        if not isinstance(row, dict) or not isinstance(row.get(key), kind):
            raise _error(place, f"a row must be an object with {key!r}, {an(kind.__name__)}")
    ports = row["ports"]
    if not _names(ports) or len({port.lower() for port in ports}) < len(ports):
        raise _error(place, f"the ports must be distinct names, but they are {ports!r}")
    if not row["devices"]:
        raise _error(place, "a circuit must have devices, but the list is empty")
    return row


def _device(row: Any, number: int, nodes: Names, instances: Names, place: Location) -> Device:
    match row:
        case [str(instance), str(kind), list(nets)] if instance and _names(nets):
            pass
        case _:
            raise _error(place, f"device {number} must be [instance, type, [nets]], but it is {row!r}")
    if kind not in _TYPES:
        raise _error(place, f"device {number}, {instance}, has the unknown type {kind!r}", did_you_mean(kind, _TYPES))
    letter, model, count = _TYPES[kind]
    if len(nets) != count:
        raise _error(place, f"device {number}, {instance}: {kind} has {count} nets, but here are {len(nets)}")
    name = instances.new(instance if instance[0].lower() == letter else f"{letter}{instance}")
    return Device(name, tuple(nodes.of(net) for net in nets), model=model, location=place)


def _names(values: list[Any]) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)


def _error(place: Location, message: str, hint: str = "") -> NetlistError:
    return NetlistError(message, file=place.file, line=place.line, hint=hint)
