"""Writing circuits in the dialects of the SPICE family."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

from eda.netlist.common import LEVELS, WAVES, is_shared
from eda.netlist.devices import FLAGGED, FLAGS
from eda.netlist.rewrite import rewrite
from eda.netlist.sources import parse_source
from eda.netlist.text import WIDTH, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.netlist.circuit import Circuit, Device, Include, Model, Subcircuit

__all__ = ["SpiceText"]

_MODEL_TYPES: Final = {"nmos", "pmos", "npn", "pnp", "njf", "pjf", "d", "r", "c"}
_SCALE: Final = re.compile(r"\bscale\s*=\s*(\S+)", re.IGNORECASE)
_IDEAL: Final = frozenset({"ron", "roff", "vfwd", "vrev", "epsilon", "revepsilon", "ilimit", "revilimit"})
_SCHEMATIC: Final = ".backanno"  # says nothing about the circuit: LTspice writes it into every netlist


class SpiceText(Text):
    """The text of a circuit in ngspice, HSPICE, LTspice or CDL."""

    def lines(self) -> list[str]:
        """The lines of the netlist."""
        circuit = self.circuit
        out = [f"* {circuit.title}".rstrip()]
        if circuit.globals:
            out.append(" ".join([".global", *map(self.node, circuit.globals)]))
        out += map(self._include, circuit.includes)
        out += self._params(circuit.parameters)
        out += map(self._model, circuit.models)
        for block in circuit.subcircuits:
            out += ["", *self._block(block)]
        if circuit.devices:
            out += ["", *self._devices(circuit)]
        if self.with_statements:
            out += filter(None, map(self._statement, circuit.statements))
        elif circuit.scale != 1:
            self._require_scale("the option scale")
            out.append(f".option scale={circuit.scale:g}")
        return [wrapped for line in out for wrapped in _wrapped(line)]

    def prefix(self, device: Device) -> str:
        """The element letter; a behavioural source is an E or G in HSPICE."""
        if device.letter != "b":
            return device.letter
        wanted = "e" if (device.value or "").startswith("v") else "g"
        if self.dialect.name == "hspice" or device.name[0] == wanted:
            return wanted
        return "b"

    # cards

    def _include(self, include: Include) -> str:
        if include.section is None:
            return f'.include "{include.path}"'
        if self.dialect.name in {"ltspice", "cdl"}:
            self.refuse(f"the library {include.path}", f"sections ({include.section}) are unknown there")
        return f'.lib "{include.path}" {include.section}'

    def _params(self, parameters: Mapping[str, str]) -> Iterator[str]:
        return (f".param {name}={self.value(text, f'.param {name}', name)}" for name, text in parameters.items())

    def _block(self, block: Subcircuit) -> Iterator[str]:
        if "0" in block.ports and self.dialect.name != "ngspice":
            self.refuse(f"the subcircuit {block.name}", "one of its ports is the ground")
        if block.subcircuits and self.dialect.name == "cdl":
            self.refuse(f"the subcircuit {block.name}", "subcircuits inside subcircuits are unknown there")
        names = (self.spelled(block.name), *map(self.node, block.ports))
        yield " ".join([".subckt", *names, *self._assignments(block.parameters, block.name)])
        if block.directions:
            pairs = (f"{self.node(port)}:{kind.upper()}" for port, kind in block.directions.items())
            yield f"*.PININFO {' '.join(pairs)}"
        yield from self.comments(block)
        yield from self._params(block.locals)
        yield from map(self._model, block.models)
        for inner in block.subcircuits:
            yield from self._block(inner)
        yield from self._devices(block)
        yield f".ends {self.spelled(block.name)}"

    def _model(self, model: Model) -> str:
        if self.dialect.name == "cdl":
            self.refuse(f"the model {model.name}", "model cards are unknown there: they belong to the process")
        parameters = dict(model.parameters)
        if not self.same and self.circuit.dialect == "ltspice" and model.type == "d" and _IDEAL & parameters.keys():
            self.refuse(f"the model {model.name}", "the ideal diode of LTspice has no counterpart")
        if self.circuit.dialect == "spectre" and model.type not in _MODEL_TYPES:
            self.refuse(f"the model {model.name}", f"the type {model.type!r} has no known counterpart")
        if model.type in {"nmos", "pmos"} and not self.same and self.dialect.name != "cdl":
            level = parameters.get("level", "1")
            kind = LEVELS[self.circuit.dialect].get(level)
            levels = LEVELS[self.dialect.name]
            if kind is None or kind not in levels.values():
                self.refuse(f"the model {model.name}", f"level {level} has no known counterpart")
            elif levels.get(level) != kind or "level" in parameters:
                parameters["level"] = level if levels.get(level) == kind else _last(levels, kind)
        return " ".join([".model", self.spelled(model.name), model.type, *self._assignments(parameters, model.name)])

    def _statement(self, text: str) -> str:
        """A statement as it is, if it means the same."""
        scale = _SCALE.search(text) if text.lower().startswith(".opt") else None
        if scale is not None and not self.same:
            self._require_scale(f"the statement `{text}`")
        if text.lower() == _SCHEMATIC and not self.same:
            return ""
        bare = _SCALE.sub("", text).strip() if scale is not None else text
        family = "spectre" not in {self.circuit.dialect, self.dialect.name} and self.dialect.name != "cdl"
        if not self.same and not (family and (is_shared(bare) or bare.lower() in {".option", ".options"})):
            shown = text.split("\n", maxsplit=1)[0][:60]
            why = f'it is {self.circuit.dialect}; statements can be left out (statements="drop", --circuit-only)'
            self.refuse(f"the statement `{shown}`", why)
        return text

    def _require_scale(self, what: str) -> None:
        if self.dialect.name not in {"ngspice", "hspice"}:
            self.refuse(what, "the scale of all sizes is unknown there")

    # devices

    def _devices(self, block: Circuit | Subcircuit) -> Iterator[str]:
        names = self.device_names(block)
        for device in block.devices:
            if device.letter not in self.dialect.letters and device.letter != "b":
                self.refuse(
                    device.name, f"there is no element {device.letter.upper()} there, or it means something else"
                )
            yield self._device(device, names)

    def _device(self, device: Device, names: Mapping[str, str]) -> str:
        name, letter = names[device.name], device.letter
        if letter == "b" and self.dialect.name == "cdl":
            self.refuse(device, "behavioural sources are unknown there")
        if letter == "a":
            parts = [name, self._xspice(device), self.spelled(device.model or "")]
        elif letter in "vi":
            parts = [name, *map(self.node, device.nodes), self._source(device)]
        elif letter == "b":
            parts = [name, *map(self.node, device.nodes), self._behaviour(device, name, names)]
        elif letter == "x":
            slash = ["/"] if self.dialect.name == "cdl" else []
            parts = [name, *map(self.node, device.nodes), *slash, self.spelled(device.model or "")]
        elif raw := _raw(device):
            parts = [name, *self._raw_parts(device, raw, names)]
        else:
            controls = (names.get(control, control) for control in device.controls)
            self._require_complete(device)
            value = None if device.value is None else self.quote(device.value, device.name)
            model = None if device.model is None else self._model_name(device)
            last = (model, value) if self.dialect.name == "hspice" and letter == "r" else (value, model)
            parts = [name, *map(self.node, device.nodes), *controls, *filter(None, last)]
        return " ".join([*filter(None, parts), *self._instance_parameters(device)])

    def _require_complete(self, device: Device) -> None:
        if device.letter in "rcl" and device.value is None and device.model is None and self.dialect.name != "cdl":
            self.refuse(device, "it has neither a value nor a model")
        self.require_nodes(device)

    def _model_name(self, device: Device) -> str:
        model = self.spelled(device.model or "")
        return f"$[{model}]" if self.dialect.name == "cdl" and device.letter in "rcl" else model

    def _instance_parameters(self, device: Device) -> Iterator[str]:
        parameters = {}
        for key, text in self.shared_parameters(device).items():
            if key.startswith("$") and self.dialect.name != "cdl":
                if key == "$sub":
                    self.refuse(device, "a third terminal given by $SUB is unknown there")
                continue  # places and notes for layout tools, which are no part of the circuit
            if key.startswith("$"):
                yield self._note(key, text)
            else:
                parameters[key] = text
        if self.dialect.name == "ltspice" and "tc1" in parameters:
            both = [parameters.pop("tc1"), parameters.pop("tc2", "")]
            yield f"tc={','.join(self.quote(text, device.name) for text in both if text)}"
        yield from (key for key in parameters if device.letter in FLAGGED and key in FLAGS)
        yield from self._assignments({key: text for key, text in parameters.items() if key not in FLAGS}, device.name)

    def _note(self, key: str, text: str) -> str:
        if key == "$ldd":
            return f"$LDD[{text}]"
        return f"{key.upper()}={self.node(text) if key == '$sub' else text}"

    def _assignments(self, parameters: Mapping[str, str], what: str) -> Iterator[str]:
        return (f"{key}={self.value(text, what, key)}" for key, text in parameters.items())

    def _source(self, device: Device) -> str:
        if device.value is None:
            return ""
        source = parse_source(device.value, _unbraced)
        most = WAVES[self.dialect.name].get(source.waveform, 0) if source.waveform else 1
        if not self.same and (source.others or not most or len(source.arguments) > most):
            self.refuse(device, f"the source `{device.value[:60]}` has no known counterpart")
        text = source.text(lambda term: self.quote(term, device.name))
        return text.replace("sin(", "sine(") if self.dialect.name == "ltspice" else text

    def _behaviour(self, device: Device, name: str, names: Mapping[str, str]) -> str:
        quantity, _, text = (device.value or "").partition("=")
        written = self._expression_of_nodes(device, text, names)
        if name[0] in "eEgG" and self.dialect.name == "ltspice":
            return f"value={{{written}}}"
        if name[0] in "eEgG":
            return f"{'vol' if quantity == 'v' else 'cur'}='{written}'"
        return f"{quantity}={written}"

    def _expression_of_nodes(self, device: Device, text: str, names: Mapping[str, str]) -> str:
        referred = rewrite(text, node=self.node, source=lambda source: names.get(source, source))
        return self.expression(referred, device.name)

    def _xspice(self, device: Device) -> str:
        if self.dialect.name != self.circuit.dialect:
            self.refuse(device, f"code models of {self.circuit.dialect} have no counterpart")
        nodes = iter(device.nodes)
        parts = (self.node(next(nodes)) if part == "*" else part for part in (device.value or "").split())
        return " ".join(parts).replace("~ ", "~")

    def _raw_parts(self, device: Device, raw: str, names: Mapping[str, str]) -> Iterator[str]:
        yield from map(self.node, device.nodes[:2])
        if raw.startswith("poly"):
            head, _, coefficients = raw.partition(" ")
            yield head
            yield from map(self.node, device.nodes[2:])
            yield from (names.get(control, control) for control in device.controls)
            yield " ".join(self.quote(_unbraced(text), device.name) for text in _coefficients(coefficients))
            return
        if self.dialect.name != self.circuit.dialect:
            self.refuse(device, f"the form `{raw[:40]}` is {self.circuit.dialect}")
        yield rewrite(raw, node=self.node, source=lambda source: names.get(source, source))


def _raw(device: Device) -> str:
    """The text of a controlled source that is not linear, or nothing."""
    linear = not device.value or len(device.nodes) == 4 or device.controls
    polynomial = (device.value or "").startswith("poly")
    return (device.value or "") if device.letter in "efgh" and (polynomial or not linear) else ""


def _coefficients(text: str) -> list[str]:
    return re.findall(r"\{[^{}]*\}|\S+", text)


def _unbraced(text: str) -> str:
    if len(text) > 1 and (text[0], text[-1]) in {("{", "}"), ("'", "'"), ('"', '"')}:
        return text[1:-1].strip()
    return text


def _last(levels: Mapping[str, str], kind: str) -> str:
    return [level for level, found in levels.items() if found == kind][-1]


def _wrapped(line: str) -> list[str]:
    if len(line) <= WIDTH or line.startswith("*") or "\n" in line:
        return [line]
    return textwrap.wrap(line, WIDTH, subsequent_indent="+ ", break_long_words=False, break_on_hyphens=False)
