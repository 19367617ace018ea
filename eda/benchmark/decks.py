"""Netlists made into decks that ngspice can load, for the differential test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist import format_netlist
from eda.netlist.rules import undefined_names

if TYPE_CHECKING:
    from eda.benchmark.corpora import Specimen
    from eda.netlist import Circuit, Device

__all__ = ["as_deck"]

_STUB: Final = """.subckt {name} {pins} w=1 l=1 m=1 nf=1 multi=1
m1 {nodes} stub_nmos w={{w*1u}} l={{l*1u}} m={{m*multi}}
.ends
"""


def as_deck(specimen: Specimen, *, wrapped: bool) -> str | None:
    """The text of a deck.

    Args:
        specimen: the netlist.
        wrapped: whether a netlist of blocks only is put into a deck of ours: its top block called once, and stand-ins
            for the subcircuits, models and parameters that a process would define. The blocks are written by us.

    Returns:
        The text; `None` for a netlist that is of the other kind.
    """
    circuit = specimen.outcome[0]
    if circuit is None or bool(circuit.devices) == wrapped:
        return None
    if not wrapped:
        return _with_absolute_includes(specimen)
    return _wrapped(circuit)


def _with_absolute_includes(specimen: Specimen) -> str:
    """The text as it is; includes name files where they lie, or files of that name elsewhere in the set."""
    lines = []
    for line in specimen.text.splitlines():
        words = line.split()
        if len(words) == 2 and words[0].lower() in {".include", ".inc"}:
            path = _found(words[1].strip("'\""), specimen)
            lines.append(f'.include "{path}"' if path else line)
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _found(named: str, specimen: Specimen) -> Path | None:
    path = ((specimen.folder / specimen.name).parent / named).resolve()
    if path.is_file():
        return path
    # decks that name the folders of their author's machine
    return next(iter(sorted(specimen.folder.rglob(Path(named).name))), None)


def _wrapped(circuit: Circuit) -> str | None:
    try:
        blocks = format_netlist(circuit, statements="drop").partition("\n")[2]
        call = _call(circuit)
    except InputError:
        return None
    devices = [device for block in circuit.walk() for device in block.devices]
    known = {block.name for block in circuit.walk()}
    stubs = {device.model: device for device in devices if device.letter == "x" and device.model not in known}
    cards = {model.name for model in circuit.models}
    models = {d.model: d for d in devices if d.letter in _TYPES and d.model and d.model not in cards}
    if not (devices or cards) or any(len(device.nodes) != 4 for device in stubs.values()):
        return None
    parts = [
        "* a deck around one block",
        *(f".param {name}={2 + i % 7}.5" for i, name in enumerate(sorted(undefined_names(circuit)))),
        *(_stub(device) for device in stubs.values()),
        *(f".model {name} {_TYPES[device.letter]}" for name, device in models.items()),
        ".model stub_nmos nmos level=1",
        blocks,
        *call,
        "vtop n1 0 1",
        ".end",
    ]
    return "\n".join(parts) + "\n"


def _call(circuit: Circuit) -> list[str]:
    """A call of the top block; of a file of models alone, a transistor of each."""
    if not circuit.subcircuits:
        names = [model.name for model in circuit.models if model.type in {"nmos", "pmos"}]
        return [f"m{i} n1 n1 0 0 {name} w=1u l=1u" for i, name in enumerate(names)]
    top = circuit.top
    nodes = " ".join("0" if port == "0" else f"n{i}" for i, port in enumerate(top.ports))
    return [f"xtop {nodes} {top.name}"]


_TYPES: Final = {"m": "nmos level=1", "q": "npn", "d": "d", "j": "njf", "r": "r", "c": "c"}


def _stub(device: Device) -> str:
    return _STUB.format(name=device.model, pins="d g s b", nodes="d g s b").rstrip()
