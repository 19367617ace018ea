"""Other netlist readers, one function each; run by the interpreter of the environment they are installed in.

`python -I peer_readers.py PEER FILE [DIALECT] [--brief]` prints one line of JSON: the netlist in a neutral form (or how
many devices each block has), seconds and bytes of the read, the peer's version; or the error with which the peer
refused. Nothing outside the standard library and the peer is imported.

Each peer is driven by that of its interfaces which keeps most of the file, and what an interface cannot tell is listed
under `lacks` and not held against it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import json
import logging
import os
import re
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

View = dict[str, Any]


def _block(ports: Iterable[Any] = (), devices: Iterable[list[Any]] = ()) -> View:
    return {"ports": [str(port) for port in ports], "devices": list(devices)}


def _device(name: str, nodes: Iterable[Any], value: object = "", parameters: dict[Any, Any] | None = None) -> list[Any]:
    words = str("" if value is None else value).split()
    named = {str(key): str(text) for key, text in (parameters or {}).items()}
    # some peers leave assignments among the positional words
    assigned = [word for word in words if "=" in word[1:] and name[0].lower() not in "vib"]
    named |= dict(word.split("=", 1) for word in assigned)
    return [name, [str(node) for node in nodes], " ".join(word for word in words if word not in assigned), named]


def klayout(file: str, _dialect: str) -> View:
    """KLayout's SPICE reader; the delegate notes each element as it is parsed, before device classes are made of it."""
    db = importlib.import_module("klayout.db")
    devices: dict[str, list[list[Any]]] = {}

    class Delegate(db.NetlistSpiceReaderDelegate):  # type: ignore[misc, name-defined]  # a class found at run time
        def wants_subcircuit(self, _name: str) -> bool:
            return False

        def element(
            self, circuit: Any, kind: str, name: str, model: str, value: float, nets: Any, parameters: Any
        ) -> bool:
            if kind not in "RCLDQM":
                return bool(super().element(circuit, kind, name, model, value, nets, parameters))  # refuses them
            # areas and perimeters that the file does not give arrive as zero, the value also as a parameter
            given = {key: number for key, number in parameters.items() if number != 0}
            shown = " ".join(filter(None, [repr(given.pop(kind, value)) if kind in "RCL" else "", model]))
            block = devices.setdefault(circuit.name, [])
            block.append(_device(kind + name, [net.expanded_name() for net in nets], shown, given))
            return True

    netlist = db.Netlist()
    netlist.read(file, db.NetlistSpiceReader(Delegate()))
    blocks = {}
    for circuit in netlist.each_circuit():
        calls = []
        for call in circuit.each_subcircuit():
            pins = call.circuit_ref().each_pin()
            nets = [call.net_for_pin(pin.id()) for pin in pins]
            nodes = [net.expanded_name() if net else "" for net in nets]
            calls.append(_device(f"X{call.name}", nodes, call.circuit_ref().name.split("(")[0]))
        # a block with parameters is copied for each set of their values: BLOCK(W=1)
        name = "" if circuit.name == ".TOP" else circuit.name.split("(")[0]
        ports = [circuit.net_for_pin(pin.id()).expanded_name() for pin in circuit.each_pin()]
        blocks[name] = _block(ports, [*devices.get(circuit.name, []), *calls])
    return {"blocks": blocks, "lacks": ["call parameters", "expressions"]}


def pyspice(file: str, _dialect: str) -> View:
    """PySpice's statements: its `build_circuit` leaves every subcircuit out."""
    parser = importlib.import_module("PySpice.Spice.Parser").SpiceParser(path=file)
    top = [statement for statement in parser._statements if hasattr(statement, "_prefix")]  # noqa: SLF001
    blocks = {block.name: _block(block.nodes, _pyspice_devices(block)) for block in parser.subcircuits}
    return {"blocks": {"": _block((), _pyspice_devices(top)), **blocks}}


def _pyspice_devices(statements: Iterable[Any]) -> list[list[Any]]:
    found = []
    for each in statements:
        if hasattr(each, "_prefix"):
            named = dict(each._dict_parameters)  # noqa: SLF001
            model = named.pop("model", "")
            words = [*each._parameters, model]  # noqa: SLF001
            found.append(_device(each._prefix + each.name, each._nodes, " ".join(words).strip(), named))  # noqa: SLF001
    return found


def inspice(file: str, _dialect: str) -> View:
    """InSpice, the maintained fork of PySpice, with a grammar of its own."""
    parser, text = importlib.import_module("InSpice.Spice.Parser"), Path(file).read_text(encoding="utf-8")
    # a library begins with a card, not with a title
    source = parser.SpiceSource(text, title_line=False) if text.startswith(".") else parser.SpiceFile(file)
    blocks = {"": _block((), _inspice_devices(source.circuit))}
    for block in source.subcircuits:
        blocks[str(block.name)] = _block(block.nodes, _inspice_devices(block))
    return {"blocks": blocks}


def _inspice_devices(items: Iterable[Any]) -> list[list[Any]]:
    found = []
    for each in items:
        if type(each).__name__ == "Element":
            named = {key: str(text).split("=", 1)[-1].strip() for key, text in each.dict_parameters.items()}
            words = " ".join(map(str, each.parameters))
            if each.letter.lower() in "vib":
                words, named = " ".join(map(str, [*each.parameters, *each.dict_parameters.values()])), {}
            found.append(_device(each.letter + each.name, each._nodes, words, named))  # noqa: SLF001
    return found


def spicelib(file: str, _dialect: str) -> View:
    """The editor of spicelib (PyLTSpice is the same code); the encoding is given, as its guess needs a line `*`."""
    library = re.search(r"^\.end\s*$", Path(file).read_text(encoding="utf-8"), re.IGNORECASE | re.MULTILINE) is None
    editor = importlib.import_module("spicelib").SpiceEditor(file, encoding="utf-8", include_file=library)
    blocks: dict[str, View] = {"": _block((), _spicelib_devices(editor))}
    waiting = [(name, editor) for name in editor.get_subcircuit_names()]
    while waiting:
        name, parent = waiting.pop()
        block = parent.get_subcircuit_named(name)
        blocks[name] = _block((), _spicelib_devices(block))
        waiting += [(inner, block) for inner in block.get_subcircuit_names()]
    return {"blocks": blocks, "lacks": ["ports"]}


def _spicelib_devices(circuit: Any) -> list[list[Any]]:
    components = [circuit.get_component(reference) for reference in circuit.get_components()]
    return [_device(each.reference, each.port_list(), each.value_str, each.params) for each in components]


def spatk(file: str, dialect: str) -> View:
    """Spatk; nodes of calls, ports of blocks and behavioural sources are taken from the words of its line."""
    known = {"ngspice", "hspice", "xyce"}
    circuit = importlib.import_module("spatk").Circuit(file, syntax=dialect if dialect in known else "generic")
    blocks: dict[str, View] = {"": _block()}
    for each in (circuit[uid] for uid in circuit):
        kind = type(each).__name__
        location = each.location.rsplit("/", 1)[-1]
        block = blocks.setdefault(location, _block())
        if kind == "SubcktDef":
            block["ports"] = [word for word in each.elements[2:] if "=" not in word]
        elif kind == "Subckt":
            block["devices"].append(_device(each.instance, each.elements[1:-1], each.value))
        elif kind == "Behavioral_source":
            words = each.line.split()
            block["devices"].append(_device(words[0], words[1:3], " ".join(words[3:])))
        elif each.instance:
            arguments = vars(each.args) if hasattr(each, "args") and each.args is not None else {}
            control = getattr(each, "vname", "")
            shown = f"{control} {each.value}".strip()
            block["devices"].append(_device(each.instance, each.ports.values(), shown, arguments))
    return {"blocks": blocks}


def eda_netlist_parser(file: str, _dialect: str) -> View:
    """eda-netlist-parser; it keeps what stands in subcircuits, and tells dialects by the ending of the file's name."""
    netlist = importlib.import_module("netlist_parser").NetlistParser(internal=True).parse(file)
    blocks = {}
    for cell in netlist.cells:
        devices = [_device(i.name, i.nodes, i.device_name or i.number, i.parameters) for i in cell.instances]
        blocks[cell.name] = _block(cell.ports, devices)
    return {"blocks": blocks, "lacks": ["top"]}


def eda(file: str, dialect: str) -> View:
    """Our own reader, for the same measurement."""
    netlist = importlib.import_module("eda.netlist")
    circuit = netlist.read_netlist(file, dialect=dialect, includes="keep", control="keep")
    blocks = {block.name: _block(block.ports, map(_ours, block.devices)) for block in circuit.walk()}
    return {"blocks": {**blocks, "": _block((), map(_ours, circuit.devices))}}


def _ours(device: Any) -> list[Any]:
    return [device.name, device.nodes, device.value or device.model or "", device.parameters]


READERS: dict[str, tuple[str, Callable[[str, str], View]]] = {
    "eda": ("analog-eda", eda),
    "klayout": ("klayout", klayout),
    "PySpice": ("PySpice", pyspice),
    "InSpice": ("InSpice", inspice),
    "spicelib": ("spicelib", spicelib),
    "spatk": ("spatk", spatk),
    "eda-netlist-parser": ("eda-netlist-parser", eda_netlist_parser),
}
"""By the name of the peer: its distribution and the function that drives it."""

_MODULES = {
    "eda": "eda.netlist",
    "klayout": "klayout.db",
    "PySpice": "PySpice.Spice.Parser",
    "InSpice": "InSpice.Spice.Parser",
    "eda-netlist-parser": "netlist_parser",
}


def _lowered(view: Any) -> Any:
    if isinstance(view, dict):
        return {key.lower(): _lowered(each) for key, each in view.items()}
    if isinstance(view, list):
        return [_lowered(each) for each in view]
    return view.lower() if isinstance(view, str) else view


def _read(peer: str, file: str, dialect: str, *, brief: bool = False) -> View:
    distribution, reader = READERS[peer]
    importlib.import_module(_MODULES.get(peer, peer))  # the seconds are those of the read alone
    answer: View = {"version": importlib.metadata.version(distribution)}
    before = _peak_bytes()
    start = time.perf_counter()
    try:
        view = reader(file, dialect)
        answer["view"] = view
    except Exception as error:  # noqa: BLE001  # whatever a peer raises is its refusal
        first = (str(error).strip() or "no message").splitlines()[0]
        answer["refused"] = f"{type(error).__name__}: {first}"
    answer["seconds"] = time.perf_counter() - start
    answer |= {"peak_bytes": _peak_bytes(), "grown_bytes": _peak_bytes() - before}
    if "view" in answer:
        answer["view"] = _counts(view) if brief else _lowered(view)
    return answer


def _counts(view: View) -> View:
    return {"counts": {name: len(block["devices"]) for name, block in view["blocks"].items()}}


def _peak_bytes() -> int:
    """Largest resident memory of this process so far."""
    status = Path("/proc/self/status")
    # on Linux ru_maxrss of a child begins with the memory of its parent
    if status.exists() and (match := re.search(r"VmHWM:\s*(\d+) kB", status.read_text())):
        return 1024 * int(match[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(arguments: list[str]) -> None:
    """Read a file with a peer and print what came of it."""
    brief = "--brief" in arguments
    peer, file, dialect = (*(word for word in arguments if word != "--brief"), "ngspice")[:3]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    # what a peer prints must not mix with the answer
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with contextlib.closing(answers):
        answers.write(json.dumps(_read(peer, file, dialect, brief=brief)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
