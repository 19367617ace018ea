"""Image2Net: 468 netlists that were drawn from pictures of schematics.

Sources: `golden/`, 122 netlists that people verified (JSON), github LAD021/ci2n_datasets @ 2bc0e75,
`validation/golden`, Apache-2.0. `contest/`, 346 unverified ones (Python dictionaries), github 24Hoursss/Image2Net
@ ca29c46, MIT; 286 of them (`*_netlist_dict.txt`, nets `n0`, `n1` ...) look like the output of a
recognition program.

4,735 components: 1,573 golden, 3,162 contest; 1 to 41 a circuit. Six classes: single- and double-ended amplifiers
(SISO, DISO, DIDO), bandgap, LDO, comparator.

Known flaws:
- No sizes, values, ports or instance names; no bulk on 2,752 of 2,893 MOS transistors.
- 21 contest files are golden ones over again, and golden 082 is 079: 446 circuits are distinct as text. Split with
  `eda.datasets.split` and a topology hash.
- Contest 002 has nets that differ only in case (`000q`, `000Q`), 012 has `GND` and `gnd`: they stay distinct nets here
  (`gnd_2`), because SPICE would short them.
- `VB1$1` may be another pin of the net VB1 or the first of several clocks: the set does not say, so it stays a net.
- Five contest components have all their terminals on one net; three contest files hold a single component.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.entries import Entry, Names, one_block
from eda.datasets.store import Dataset
from eda.errors import InputError, NetlistError, did_you_mean
from eda.netlist import Device, Location

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "entries", "parse"]

DATASET: Final = Dataset(
    name="image2net",
    folder="image2net",
    source="github.com/LAD021/ci2n_datasets at 2bc0e75 (validation/golden into golden/) and "
    "github.com/24Hoursss/Image2Net at ca29c46 (its dictionaries into contest/)",
    licence="Apache-2.0 (golden), MIT (contest)",
    about="122 verified netlists golden/*.json and 346 unverified ones contest/*.txt",
)

# the largest file has 7,526 bytes; a literal of this length still parses at once
_LARGEST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Component:
    """A component type: element letter, model or master, terminals in pin order, those that may be missing."""

    letter: str
    model: str | None
    terminals: tuple[str, ...]
    optional: tuple[str, ...] = ()


_MOS = ("Drain", "Gate", "Source")
_BIPOLAR = ("Collector", "Base", "Emitter")
# a source's first pin is where the current enters it, as in SPICE; amplifiers are calls: inputs, then outputs,
# the positive one first
_TYPES: Final[dict[str, _Component]] = {
    "NMOS": _Component("m", "nmos", _MOS, ("Body",)),
    "PMOS": _Component("m", "pmos", _MOS, ("Body",)),
    "NPN": _Component("q", "npn", _BIPOLAR),
    "PNP": _Component("q", "pnp", _BIPOLAR),
    "Diode": _Component("d", "diode", ("In", "Out")),
    "Res": _Component("r", None, ("Pos", "Neg")),
    "Cap": _Component("c", None, ("Pos", "Neg")),
    "Current": _Component("i", None, ("In", "Out")),
    "Voltage": _Component("v", None, ("Positive", "Negative")),
    "Siso_amp": _Component("x", "siso_amp", ("In", "Out")),
    "Diso_amp": _Component("x", "diso_amp", ("InP", "InN", "Out")),
    "Dido_amp": _Component("x", "dido_amp", ("InP", "InN", "OutP", "OutN")),
}


def entries(path: Path | None = None) -> list[Entry]:
    """The circuits, golden ones first; ids are `golden/001`, `contest/100_netlist_dict`.

    The net GND is node 0. Each is one subcircuit without ports, its devices numbered as in the file (`m1`, `r2`). A
    MOS transistor without `Body` has three nodes: the bulk is unknown, and a guess would be a wrong netlist.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
        NetlistError: a file cannot be read.
    """
    folder = path or DATASET.locate()
    files = [*sorted(folder.glob("golden/*.json")), *sorted(folder.glob("contest/*.txt"))]
    if not files:
        raise InputError(f"the data set 'image2net' must hold {DATASET.about}, but its folder has neither")
    return [parse(file.read_bytes(), f"{file.parent.name}/{file.name}") for file in files]


def parse(data: bytes, name: str) -> Entry:
    """The circuit of one file.

    Args:
        data: JSON when `name` ends with `.json`, a Python dictionary literal otherwise; at most 1 MB.
        name: file name, for the id and for messages.

    Raises:
        NetlistError: the file is no such netlist.
    """
    place = Location(name, 1)
    netlist, label = _components(_literal(data, name), place)
    nodes = Names({"GND": "0", "0": "0"})
    devices = [_device(component, number, nodes, place) for number, component in enumerate(netlist, 1)]
    identity = name.rsplit(".", 1)[0]
    circuit = one_block(
        f"Image2Net {identity}, {label}",
        identity.replace("/", "_").lower(),
        (),
        devices,
        spelling=nodes.spelling,
        location=place,
    )
    return Entry(identity, circuit, label, place)


def _literal(data: bytes, name: str) -> Any:
    if len(data) > _LARGEST:
        raise NetlistError(f"a netlist of Image2Net must have at most {_LARGEST} bytes, but has {len(data)}", file=name)
    try:
        text = data.decode("utf-8")
        return json.loads(text) if name.endswith(".json") else ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        form = "JSON" if name.endswith(".json") else "a Python dictionary"
        raise NetlistError(
            f"the file must be {form}, but it cannot be read ({error})",
            file=name,
            line=getattr(error, "lineno", 0) or 0,
        ) from None


def _components(content: Any, place: Location) -> tuple[list[Any], str | None]:
    match content:
        case {"ckt_netlist": list(netlist), **rest} if netlist:
            label = rest.get("ckt_type")
            return netlist, label if isinstance(label, str) else None
        case _:
            raise NetlistError("the file must hold 'ckt_netlist', a list of at least one component", file=place.file)


def _device(component: Any, number: int, nodes: Names, place: Location) -> Device:
    match component:
        case {"component_type": str(kind), "port_connection": dict(connections)}:
            pass
        case _:
            raise NetlistError(
                f"component {number} must have a 'component_type' and a dictionary 'port_connection', "
                f"but it is {component!r}",
                file=place.file,
            )
    if kind not in _TYPES:
        raise NetlistError(
            f"component {number} has the unknown type {kind!r}", file=place.file, hint=did_you_mean(kind, _TYPES)
        )
    known = _TYPES[kind]
    terminals = known.terminals + tuple(name for name in known.optional if name in connections)
    nets = [net for net in map(connections.get, terminals) if isinstance(net, str) and net.strip()]
    if len(nets) < len(terminals) or len(connections) > len(terminals):
        optional = f", and may connect {', '.join(known.optional)}" if known.optional else ""
        raise NetlistError(
            f"component {number}, {kind}, must connect {', '.join(known.terminals)} to named nets{optional}, "
            f"but it has {connections!r}",
            file=place.file,
        )
    return Device(f"{known.letter}{number}", tuple(map(nodes.of, nets)), model=known.model, location=place)
