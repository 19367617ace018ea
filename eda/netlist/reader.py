"""The ngspice reader: text to `Circuit`, refusing loudly what it does not understand.

A netlist is untrusted input: nothing in it can run a command, and an include cannot leave the allowed folders.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from errno import ENOENT
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from eda.errors import InputError, NetlistError, did_you_mean
from eda.netlist.circuit import Circuit, Location, Model, Subcircuit, Variable
from eda.netlist.elements import is_element, read_element
from eda.netlist.expressions import FUNCTIONS, number
from eda.netlist.lines import Line, logical_lines
from eda.netlist.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.netlist.circuit import Device

__all__ = ["parse_netlist", "parse_variable", "read_netlist"]

_DEEPEST_INCLUDE: Final = 20
_LARGEST_FILE: Final = 256 * 2**20  # bytes; the largest extracted netlists in use are far below
_EXECUTABLE: Final = {".control", ".endc", ".exec", ".shell", ".codemodel", ".osdi", ".pre_osdi"}
_KEPT: Final = {
    *(".option", ".options", ".temp", ".op", ".ac", ".dc", ".tran", ".noise", ".tf", ".pz", ".sens", ".four"),
    *(".save", ".print", ".plot", ".probe", ".meas", ".measure", ".ic", ".nodeset"),
}
# the parentheses around the parameters of a model card, not those of expressions in them
_MODEL_PARENTHESES: Final = re.compile(r"^(\.\w+\s+\S+\s+[^\s(]+\s*)\((.*)\)\s*$", re.DOTALL)
_VARIABLE: Final = re.compile(
    r"\s*(?P<name>\w+)\s*=\s*(?P<low>[^\s.]\S*?)\s*\.\.\s*(?P<high>\S+)"
    r"(?:\s+(?P<scale>log|lin|linear))?(?:\s+step\s+(?P<step>\S+))?\s*",
    re.IGNORECASE,
)


def read_netlist(path: str | Path, *, roots: Sequence[str | Path] = ()) -> Circuit:
    """Read an ngspice netlist file.

    Args:
        path: the file.
        roots: folders, beside the file's own, that `.include` may read from.

    Raises:
        NetlistError: the file is missing, or something in it is not understood; with file, line and column.
    """
    path = Path(path)
    text = _content(path, None)
    return _Reader(path, tuple(Path(root).resolve() for root in (path.parent, *roots))).read(text)


def parse_netlist(text: str, *, name: str = "netlist", roots: Sequence[str | Path] = ()) -> Circuit:
    """Read a netlist from text; includes are refused unless `roots` allows their folder.

    Args:
        text: the netlist.
        name: what to call it in messages.
        roots: folders that `.include` may read from.

    Raises:
        NetlistError: something in it is not understood.
    """
    return _Reader(Path(name), tuple(Path(root).resolve() for root in roots)).read(text.removeprefix("\ufeff"))


def parse_variable(text: str) -> Variable:
    """Read the bounds of a design variable, as they stand behind `*@`: `w1 = 1u..100u log step 10n`.

    Raises:
        InputError: they are not understood, or not in order.
    """
    match = _VARIABLE.fullmatch(text)
    if match is None:
        raise InputError(f"bounds read like w1 = 1u..100u log step 5n, but got {text.strip()!r}")
    scale = "log" if (match["scale"] or "").lower() == "log" else "linear"
    step = number(match["step"]) if match["step"] else None
    return Variable(match["name"].lower(), number(match["low"]), number(match["high"]), scale, step)


def _content(path: Path, line: Line | None) -> str:
    def fail(message: str, hint: str = "") -> NoReturn:
        raise line.error(message, 0, hint) if line else NetlistError(message, file=str(path), hint=hint)

    try:
        if path.is_dir():
            fail(f"a netlist file was expected, but {path} is a folder")
        if path.stat().st_size > _LARGEST_FILE:
            fail(f"{path} is larger than {_LARGEST_FILE >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        near = did_you_mean(path.name, [p.name for p in path.parent.glob("*")]) if error.errno == ENOENT else ""
        fail(f"cannot read {path}: {error.strerror}", near)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


@dataclass(slots=True)
class _Scope:
    """A block under construction; the outermost one is the file."""

    name: str = ""
    line: Line | None = None
    ports: tuple[str, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    models: list[Model] = field(default_factory=list)
    subcircuits: dict[str, Subcircuit] = field(default_factory=dict)
    variables: dict[str, tuple[Variable, Line]] = field(default_factory=dict)


class _Reader:
    """One reading of one netlist with its includes."""

    def __init__(self, path: Path, roots: tuple[Path, ...]) -> None:
        self.path, self.roots = path, roots
        self.scopes = [_Scope()]
        self.globals: list[str] = []
        self.statements: list[str] = []
        self.words = Words()
        self.title = ""

    def read(self, text: str) -> Circuit:
        """The circuit that the text describes."""
        self._statements(logical_lines(self._without_title(text), str(self.path)), (self.path.resolve(),))
        if len(self.scopes) > 1:
            opened = self.scopes[-1]
            assert opened.line is not None
            raise opened.line.error(f"the subcircuit {opened.name!r} is not closed", hint="close it with .ends")
        file = self.scopes[0]
        return Circuit(
            title=self.title,
            subcircuits=tuple(file.subcircuits.values()),
            devices=tuple(file.devices.values()),
            models=tuple(file.models),
            parameters=file.locals,
            globals=tuple(self.globals),
            statements=tuple(self.statements),
            spelling=self.words.spelling,
        )

    def _without_title(self, text: str) -> str:
        """The text with its first line blanked, which SPICE takes as the title, unless it is a card."""
        first = re.split(r"[\r\n]", text, maxsplit=1)[0]
        stripped = first.strip()
        if stripped.startswith((".", "*@")):
            return text
        self.title = " ".join(stripped.lstrip("* ").split())
        for line in logical_lines(first, str(self.path)):
            if is_element(line):
                message = "SPICE takes the first line as the title, and this one is an element"
                raise line.error(message, 0, "put a title first")
        return text[len(first) :]

    def _statements(self, lines: Iterator[Line], opened: tuple[Path, ...]) -> None:
        depth = len(self.scopes)
        for line in lines:
            if line.text.startswith("*@"):
                self._variable(line)
            elif line.text.startswith("."):
                if line.text.split()[0].lower() == ".end":
                    break
                self._card(line, opened)
            else:
                device = read_element(line, self.words)
                if self.scopes[-1].devices.setdefault(device.name, device) is not device:
                    first = self.scopes[-1].devices[device.name].location
                    raise line.error(f"the name {device.name!r} is already used by the element at {first}")
        if len(opened) > 1 and len(self.scopes) != depth:
            raise NetlistError("an included file must close the subcircuits that it opens", file=str(opened[-1]))

    def _card(self, line: Line, opened: tuple[Path, ...]) -> None:
        card = line.text.split()[0].lower()
        if card in _EXECUTABLE:
            raise line.error(
                f"{card} can run commands, so it is refused",
                0,
                "leave it out: analyses belong to the testbench",
            )
        if card == ".lib":
            raise line.error(
                "process libraries are chosen by technology=, not by the netlist",
                0,
                "leave the .lib line out",
            )
        if card in {".include", ".inc"}:
            self._include(line, opened)
        elif card in _KEPT:
            if len(self.scopes) > 1:
                raise line.error(f"{card} is not understood inside a subcircuit", 0, "move it out of the .subckt")
            self.statements.append(" ".join(line.text.split()))
        elif handler := {
            ".subckt": self._open,
            ".ends": self._close,
            ".model": self._model,
            ".param": self._param,
            ".params": self._param,
            ".global": self._global,
            ".title": self._set_title,
        }.get(card):
            handler(line)
        else:
            known = {".subckt", ".ends", ".model", ".param", ".global", ".include", ".end", *_KEPT}
            raise line.error(f"the card {card} is not understood", 0, did_you_mean(card, known))

    def _set_title(self, line: Line) -> None:
        self.title = " ".join(line.text.split()[1:])

    def _global(self, line: Line) -> None:
        self.globals += [self.words.node(line, token) for token in line.tokens()[1:]]

    def _include(self, line: Line, opened: tuple[Path, ...]) -> None:
        tokens = line.tokens()
        if len(tokens) != 2:
            raise line.error(".include takes one file name", 0, 'write it like .include "models.sp"')
        named = Path(tokens[1].text.strip("'\""))
        target = None
        with suppress(ValueError, OSError):  # a name that no file can have
            target = (opened[-1].parent / named).resolve()
        if target is None or not any(target.is_relative_to(root) for root in self.roots):
            folders = ", ".join(map(str, self.roots)) or "none"
            raise line.error(
                f"the include {named} leaves the allowed folders",
                tokens[1].offset,
                f"allowed (roots=): {folders}",
            )
        if target in opened:
            raise line.error(f"{named} includes itself", tokens[1].offset)
        if len(opened) > _DEEPEST_INCLUDE:
            raise line.error(f"includes are nested deeper than {_DEEPEST_INCLUDE}", tokens[1].offset)
        self._statements(logical_lines(_content(target, line), str(target)), (*opened, target))

    def _open(self, line: Line) -> None:
        tokens = line.tokens()
        words, parameters = self.words.split(line, tokens[1:])
        _refuse_functions(line, parameters)
        if not words:
            raise line.error(".subckt needs a name", 0, "write it like .subckt ota inp inn out vdd vss w1=10u")
        name = self.words.name(line, words[0])
        if name in self.scopes[-1].subcircuits:
            raise line.error(f"the subcircuit {name!r} is defined twice", words[0].offset)
        ports: dict[str, None] = {}
        for word in words[1:]:
            if (port := self.words.node(line, word)) in ports:
                raise line.error(f"the port {port!r} is listed twice", word.offset)
            ports[port] = None
        self.scopes.append(_Scope(name, line, tuple(ports), parameters))

    def _close(self, line: Line) -> None:
        if len(self.scopes) == 1:
            raise line.error(".ends without .subckt")
        words, scope = line.text.split(), self.scopes.pop()
        assert scope.line is not None
        if len(words) > 1 and words[1].lower() != scope.name:
            raise line.error(f".ends {words[1]} closes the subcircuit {scope.name!r}", len(words[0]) + 1)
        for variable, place in scope.variables.values():
            if variable.name not in scope.parameters:
                raise place.error(
                    f"bounds are given for {variable.name!r}, which is no parameter of {scope.name!r}",
                    hint=did_you_mean(variable.name, scope.parameters),
                )
        self.scopes[-1].subcircuits[scope.name] = Subcircuit(
            scope.name,
            scope.ports,
            scope.parameters,
            scope.locals,
            tuple(scope.devices.values()),
            tuple(scope.models),
            tuple(scope.subcircuits.values()),
            tuple(variable for variable, _ in scope.variables.values()),
            Location(scope.line.file, scope.line.number),
        )

    def _model(self, line: Line) -> None:
        flat = Line(line.file, _MODEL_PARENTHESES.sub(r"\1 \2 ", line.text), line.pieces)
        words, parameters = self.words.split(flat, flat.tokens()[1:])
        if len(words) != 2:
            raise line.error(".model needs a name and a type", 0, "write it like .model nfet nmos level=1 vto=0.5")
        name, kind = (self.words.name(line, word) for word in words)
        if any(model.name == name for model in self.scopes[-1].models):
            raise line.error(f"the model {name!r} is defined twice", words[0].offset)
        self.scopes[-1].models.append(Model(name, kind, parameters, Location(line.file, line.number)))

    def _param(self, line: Line) -> None:
        words, parameters = self.words.split(line, line.tokens()[1:])
        if words or not parameters:
            raise line.error(".param needs assignments", 0, "write it like .param vdd=1.8 half={vdd/2}")
        _refuse_functions(line, parameters)
        self.scopes[-1].locals.update(parameters)

    def _variable(self, line: Line) -> None:
        if len(self.scopes) == 1:
            raise line.error("bounds are understood inside a .subckt only", 0, "move them below its .subckt line")
        try:
            variable = parse_variable(line.text.removeprefix("*@"))
        except InputError as error:
            raise line.error(str(error)) from None
        name = variable.name
        if name in self.scopes[-1].variables:
            raise line.error(f"bounds of {name!r} are given twice")
        self.scopes[-1].variables[name] = variable, line


def _refuse_functions(line: Line, parameters: dict[str, str]) -> None:
    for name in parameters:
        if name in FUNCTIONS:
            offset = line.text.lower().find(f"{name}=")
            raise line.error(
                f"{name!r} is a function of ngspice and cannot be a parameter", max(offset, 0), "rename it"
            )
