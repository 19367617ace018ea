"""Writing circuits in Spectre's native language."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Final

from eda.netlist.common import LEVELS, WAVES
from eda.netlist.expressions import number
from eda.netlist.rewrite import rewrite
from eda.netlist.sources import parse_source
from eda.netlist.spectre_table import PRIMITIVES, SOURCE_KEYS
from eda.netlist.text import WIDTH, Text, is_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eda.netlist.circuit import Circuit, Device, Include, Model, Subcircuit

__all__ = ["SpectreText"]

_PRIMITIVE_OF: Final = {letter: (primitive, key) for primitive, (letter, key) in PRIMITIVES.items()}
_TYPED: Final = {"nmos": "n", "pmos": "p", "npn": "npn", "pnp": "pnp", "njf": "n", "pjf": "p"}
_FAMILY: Final = {
    "npn": "bjt",
    "pnp": "bjt",
    "njf": "jfet",
    "pjf": "jfet",
    "d": "diode",
    "r": "resistor",
    "c": "capacitor",
}
_SCALED: Final = re.compile(r"([+-]?[\d.]+(?:e[+-]?\d+)?)(meg|[tgkmunpf])?", re.IGNORECASE)
_SCALES: Final = {"meg": "M", "t": "T", "g": "G"}
_PLAIN: Final = re.compile(r"\w+")
_RESERVED: Final = frozenset(
    {
        *("simulator", "subckt", "inline", "ends", "parameters", "model", "include", "global", "save", "ic", "nodeset"),
        *("library", "section", "if", "else", "real", "function", "statistics", "export", "protect", "ahdl_include"),
    }
)


class SpectreText(Text):
    """The text of a circuit in Spectre."""

    def lines(self) -> list[str]:
        """The lines of the netlist."""
        circuit = self.circuit
        out = [f"// {circuit.title}".rstrip(), "simulator lang=spectre"]
        out.append(" ".join(["global 0", *map(self.node, circuit.globals)]))
        out += self._masters()
        out += map(self._include, circuit.includes)
        out += self._parameters(circuit.parameters)
        out += map(self._model, circuit.models)
        for block in circuit.subcircuits:
            out += ["", *self._block(block)]
        if circuit.devices:
            out += ["", *self._devices(circuit)]
        if not self.same and circuit.scale != 1:
            self.refuse("the option scale", "it is not written there: multiply the sizes by it first")
        if not self.with_statements:
            out += circuit.bare().statements
        else:
            for statement in circuit.statements:
                if statement.lower() == ".backanno":
                    continue
                if circuit.dialect != "spectre":
                    why = f'it is {circuit.dialect}; statements can be left out (statements="drop", --circuit-only)'
                    self.refuse(f"the statement `{statement.splitlines()[0][:60]}`", why)
                out.append(statement)
        return [wrapped for line in out for wrapped in _wrapped(line)]

    def prefix(self, device: Device) -> str:
        """Any name will do, unless a statement begins so."""
        return f"{device.letter}_" if device.name in _RESERVED else ""

    def legal(self, name: str) -> str:
        """The name with what is no letter, digit or underscore escaped."""
        return re.sub(r"([^\w])", r"\\\1", name)

    def number(self, text: str) -> str:
        """A number with the scale factors of Spectre, where M is mega and no unit may follow."""
        match = _SCALED.fullmatch(text)
        if match is None:
            return repr(number(text))
        return match[1] + _SCALES.get(match[2] or "", match[2] or "")

    # statements

    def _masters(self) -> Iterator[str]:
        """A comment with the element letters of models that are defined elsewhere: Spectre writes all masters alike."""
        blocks: list[Circuit | Subcircuit] = [self.circuit, *self.circuit.walk()]
        known = {model.name for block in blocks for model in block.models}
        devices = [device for block in blocks for device in block.devices]
        found = {d.model: d.letter for d in devices if d.model and d.letter != "x" and d.model not in known}
        if found:
            yield f"*.MASTERS {' '.join(f'{self.spelled(name)}:{letter}' for name, letter in found.items())}"

    def _include(self, include: Include) -> str:
        section = f" section={include.section}" if include.section else ""
        return f'include "{include.path}"{section}'

    def _parameters(self, parameters: Mapping[str, str]) -> Iterator[str]:
        if parameters:
            yield f"parameters {' '.join(self._assignments(parameters, 'a parameter'))}"

    def _block(self, block: Subcircuit) -> Iterator[str]:
        if "0" in block.ports:
            self.refuse(f"the subcircuit {block.name}", "one of its ports is the ground")
        yield " ".join(["subckt", self.spelled(block.name), *map(self.node, block.ports)])
        if block.directions:
            pairs = (f"{self.node(port)}:{kind.upper()}" for port, kind in block.directions.items())
            yield f"*.PININFO {' '.join(pairs)}"
        yield from self.comments(block)
        yield from self._parameters(block.parameters)
        if block.locals:
            self.refuse(
                f"the subcircuit {block.name}", "parameters of its own that a call cannot set are unknown there"
            )
        yield from map(self._model, block.models)
        for inner in block.subcircuits:
            yield from self._block(inner)
        yield from self._devices(block)
        yield f"ends {self.spelled(block.name)}"

    def _model(self, model: Model) -> str:
        parameters = dict(model.parameters)
        if model.type in {"nmos", "pmos"}:
            level = parameters.pop("level", "1")
            kind = LEVELS[self.circuit.dialect].get(level, "")
            master = {"bsim3": "bsim3v3"}.get(kind, kind) or None
            if master is None:
                self.refuse(f"the model {model.name}", f"level {level} has no known counterpart")
        else:
            master = _FAMILY.get(model.type)
            if master is None and self.circuit.dialect == "spectre":
                master = model.type
            if master is None:
                self.refuse(f"the model {model.name}", f"the type {model.type!r} has no known counterpart")
        typed = [f"type={_TYPED[model.type]}"] if model.type in _TYPED else []
        written = self._assignments(parameters, model.name)
        return " ".join(["model", self.spelled(model.name), master or "?", *typed, *written])

    def _assignments(self, parameters: Mapping[str, str], what: str) -> Iterator[str]:
        for key, text in parameters.items():
            if key.startswith("$"):
                if key == "$sub":
                    self.refuse(what, "a third terminal given by $SUB is unknown there")
                continue
            if "," in text and key == "ic":
                self.refuse(what, "several initial conditions in one parameter are unknown there")
            yield f"{key}={self.value(text, what, key)}"

    # instances

    def _devices(self, block: Circuit | Subcircuit) -> Iterator[str]:
        names = self.device_names(block)
        for device in block.devices:
            self.require_master(device)
            self.require_nodes(device)
            if device.letter not in self.dialect.letters:
                self.refuse(device, f"the element letter {device.letter.upper()} has no counterpart")
            yield self._device(device, names)

    def _device(self, device: Device, names: Mapping[str, str]) -> str:
        nodes = f"({' '.join(map(self.node, device.nodes))})"
        letter = device.letter
        if device.model is not None:
            value = [f"{letter}={self.value(device.value, device.name)}"] if device.value is not None else []
            master = self.spelled(device.model)
            parts = [
                names[device.name],
                nodes,
                master,
                *value,
                *self._assignments(self.shared_parameters(device), device.name),
            ]
            return " ".join(parts)
        primitive, key = _PRIMITIVE_OF.get(letter, ("?", ""))
        settings = list(self._settings(device, key, names))
        nodes = "" if letter == "k" else nodes
        written = self._assignments(self.shared_parameters(device), device.name)
        return " ".join(filter(None, [names[device.name], nodes, primitive, *settings, *written]))

    def _settings(self, device: Device, key: str, names: Mapping[str, str]) -> Iterator[str]:
        letter, value = device.letter, device.value
        if letter in "vi":
            yield from self._source(device)
        elif letter == "b":
            quantity, _, text = (value or "").partition("=")
            referred = rewrite(text, node=self.node, source=lambda source: names.get(source, source))
            yield f"{quantity}={self.expression(referred, device.name)}"
        elif value is not None and letter in "efgh" and not self._is_linear(device):
            self.refuse(device, f"the form `{value[:40]}` has no counterpart")
        elif value is not None:
            yield f"{key}={self.value(value, device.name)}"
        elif letter in "rcl":
            self.refuse(device, "it has neither a value nor a model")
        if letter == "k":
            if len(device.controls) != 2:
                self.refuse(device, "a coupling is between two inductors there")
            yield from (f"ind{i}={names.get(name, name)}" for i, name in enumerate(device.controls, 1))
        elif device.controls:
            yield f"probe={names.get(device.controls[0], device.controls[0])}"

    @staticmethod
    def _is_linear(device: Device) -> bool:
        return not (device.value or "").startswith("poly") and (len(device.nodes) == 4 or bool(device.controls))

    def _source(self, device: Device) -> Iterator[str]:
        source = parse_source(device.value or "", lambda text: text.strip("{}"))
        most = WAVES["spectre"].get(source.waveform, 0) if source.waveform else 1
        if source.others or not most or len(source.arguments) > most:
            self.refuse(device, f"the source `{device.value}` has no counterpart")
            return
        kind = {"": "dc", "sin": "sine"}.get(source.waveform, source.waveform)
        if "type" not in device.parameters:
            yield f"type={kind}"
        if source.dc is not None:
            yield f"dc={self.value(source.dc, device.name)}"
        yield from (
            f"{key}={self.value(text, device.name)}" for key, text in zip(("mag", "phase"), source.ac, strict=False)
        )
        arguments = [self.value(text, device.name) for text in source.arguments]
        if source.waveform == "pwl":
            yield f"wave=[{' '.join(arguments)}]"
        elif source.waveform:
            keys = SOURCE_KEYS[source.waveform]
            yield from (f"{key}={text}" for key, text in zip(keys, arguments, strict=False))

    def value(self, text: str, what: str, key: str = "") -> str:
        """The value of a parameter; a vector is written as one, an expression in parentheses."""
        written = super().value(text, what, key)
        bare = is_number(text) or text[:1] in {'"', "["} or key == "version" or _PLAIN.fullmatch(text)
        return written if bare else f"({written})"


def _wrapped(line: str) -> list[str]:
    if len(line) <= WIDTH or line.startswith(("//", "*")) or "\n" in line:
        return [line]
    return textwrap.wrap(line, WIDTH, subsequent_indent="+ ", break_long_words=False, break_on_hyphens=False)
