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
from eda.netlist.circuit import Circuit, Device, Location, Model, Subcircuit, Variable
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.expressions import names, number
from eda.netlist.lines import Line, Token, logical_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.netlist.devices import DeviceType

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
_NAME: Final = re.compile(r"[^(){}'\"=,]+")
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
        self.spelling: dict[str, str] = {}
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
            spelling=self.spelling,
        )

    def _without_title(self, text: str) -> str:
        """The text with its first line blanked, which SPICE takes as the title, unless it is a card."""
        first = re.split(r"[\r\n]", text, maxsplit=1)[0]
        stripped = first.strip()
        if stripped.startswith((".", "*@")):
            return text
        self.title = " ".join(stripped.lstrip("* ").split())
        for line in logical_lines(first, str(self.path)):
            if _is_element(line):
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
                device = self._device(line)
                if self.scopes[-1].devices.setdefault(device.name, device) is not device:
                    first = self.scopes[-1].devices[device.name].location
                    raise line.error(f"the name {device.name!r} is already used by the element at {first}")
        if len(opened) > 1 and len(self.scopes) != depth:
            raise NetlistError("an included file must close the subcircuits that it opens", file=str(opened[-1]))

    # cards

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
        self.globals += [self._node(line, token) for token in line.tokens()[1:]]

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
        words, parameters = self._split(line, tokens[1:])
        words = [word for word in words if word.text.lower() != "params:"]
        if not words:
            raise line.error(".subckt needs a name", 0, "write it like .subckt ota inp inn out vdd vss w1=10u")
        name = self._name(line, words[0])
        if name in self.scopes[-1].subcircuits:
            raise line.error(f"the subcircuit {name!r} is defined twice", words[0].offset)
        ports: dict[str, None] = {}
        for word in words[1:]:
            if (port := self._node(line, word)) in ports:
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
        words, parameters = self._split(flat, flat.tokens()[1:])
        if len(words) != 2:
            raise line.error(".model needs a name and a type", 0, "write it like .model nfet nmos level=1 vto=0.5")
        name, kind = (self._name(line, word) for word in words)
        if any(model.name == name for model in self.scopes[-1].models):
            raise line.error(f"the model {name!r} is defined twice", words[0].offset)
        self.scopes[-1].models.append(Model(name, kind, parameters, Location(line.file, line.number)))

    def _param(self, line: Line) -> None:
        words, parameters = self._split(line, line.tokens()[1:])
        if words or not parameters:
            raise line.error(".param needs assignments", 0, "write it like .param vdd=1.8 half={vdd/2}")
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

    # elements

    def _device(self, line: Line) -> Device:
        tokens = line.tokens()
        if not tokens:
            raise line.error("an element line was expected")
        grammar = DEVICE_TYPES.get(tokens[0].text[0].lower())
        if grammar is None:
            letters = ", ".join(f"{t.letter.upper()} ({t.noun})" for t in DEVICE_TYPES.values())
            raise line.error(f"{tokens[0].text!r} starts no known element", 0, f"known: {letters}")
        if grammar.letter == "x":
            return self._call(line, tokens)
        pins = len(grammar.pins)
        required = pins - grammar.optional + grammar.controls
        if len(tokens) <= required:
            raise line.error(f"a {grammar.noun} needs {required} nodes and more, but got {len(tokens) - 1} words")
        if grammar.value == "text":
            return self._make(line, tokens, pins, value=_rest(line, tokens, pins + 1))
        if grammar.letter in "efgh" and _is_function_form(tokens):
            return self._make(line, tokens, 2, value=_rest(line, tokens, 3))
        words, parameters = self._split(line, tokens[1:])
        if len(words) < required:
            raise line.error(f"a {grammar.noun} needs the nodes {', '.join(grammar.pins)}", 0)
        if grammar.optional:
            pins -= grammar.optional * (len(words) <= pins or _is_value(words[pins]))
        controls = tuple(self._name(line, word) for word in words[pins : pins + grammar.controls])
        model, value = self._positional(line, grammar, words[pins + grammar.controls :], parameters)
        return self._make(line, tokens, pins, model=model, value=value, parameters=parameters, controls=controls)

    def _call(self, line: Line, tokens: list[Token]) -> Device:
        words, parameters = self._split(line, tokens[1:])
        words = [word for word in words if word.text.lower() != "params:"]
        if not words:
            raise line.error("a subcircuit call needs nodes and the name of the subcircuit")
        return self._make(line, tokens, len(words) - 1, model=self._name(line, words[-1]), parameters=parameters)

    def _make(
        self,
        line: Line,
        tokens: list[Token],
        pins: int,
        *,
        model: str | None = None,
        value: str | None = None,
        parameters: dict[str, str] | None = None,
        controls: tuple[str, ...] = (),
    ) -> Device:
        if value is not None and value.startswith("="):
            noun = DEVICE_TYPES[tokens[0].text[0].lower()].noun
            raise line.error(f"a node of the {noun} is missing before this word", tokens[pins].offset)
        nodes = tuple(self._node(line, token) for token in tokens[1 : pins + 1])
        location = Location(line.file, line.number, line.pieces[0][2] + 1)
        return Device(self._name(line, tokens[0]), nodes, model, value, parameters or {}, controls, location)

    def _positional(
        self, line: Line, grammar: DeviceType, words: list[Token], parameters: dict[str, str]
    ) -> tuple[str | None, str | None]:
        """Model and value among the words after the nodes."""
        model = value = None
        for word in words:
            if value is None and grammar.value == "expression" and _is_value(word):
                value = self._expression(line, word.text, word.offset)
            elif model is None and grammar.model != "none" and not _is_value(word) and word.text.lower() != "off":
                model = self._name(line, word)
            elif model and grammar.letter in "dqj" and "area" not in parameters and _is_value(word):
                parameters["area"] = self._expression(line, word.text, word.offset)
            else:
                raise line.error(f"{word.text!r} is not understood on a {grammar.noun}", word.offset)
        named = grammar.letter if grammar.letter in "rcl" else "gain"
        if value is None and named in parameters:
            value = parameters.pop(named)
        if grammar.model == "required" and model is None:
            raise line.error(f"a {grammar.noun} needs a model after its nodes {', '.join(grammar.pins)}")
        if grammar.value == "expression" and value is None and model is None:
            raise line.error(f"a {grammar.noun} needs a value", len(line.text) - 1)
        return model, value

    # words

    def _split(self, line: Line, tokens: list[Token]) -> tuple[list[Token], dict[str, str]]:
        """The words before the first assignment, and the assignments."""
        equals = [i for i, token in enumerate(tokens) if token.text == "="]
        if not equals:
            return tokens, {}
        parameters: dict[str, str] = {}
        for at, following in zip(equals, [*equals[1:], len(tokens) + 1], strict=True):
            if at == 0:
                raise line.error("a parameter name was expected before =", tokens[at].offset)
            key, value = tokens[at - 1], tokens[at + 1 : following - 1]
            if not value:
                raise line.error(f"the parameter {key.text!r} has no value", key.offset)
            name = key.text.lower()
            if not re.fullmatch(r"[a-z_]\w*", name):
                raise line.error(f"{key.text!r} is no parameter name", key.offset)
            if name in parameters:
                raise line.error(f"the parameter {key.text!r} is given twice", key.offset)
            text = " ".join(token.text for token in value)
            parameters[name] = self._expression(line, text, value[0].offset)
        return tokens[: equals[0] - 1], parameters

    @staticmethod
    def _expression(line: Line, text: str, offset: int) -> str:
        """The bare text of an expression that parses."""
        bare = text
        if (text[0], text[-1]) in {("{", "}"), ("'", "'"), ('"', '"')}:
            bare = text[1:-1].strip()
        try:
            names(bare)
        except InputError as error:
            hint = "write numbers like 10u or 2.5meg, and expressions like {2*w1}"
            raise line.error(str(error), offset, hint) from None
        return " ".join(bare.lower().split())

    def _name(self, line: Line, token: Token) -> str:
        if not _NAME.fullmatch(token.text):
            raise line.error(f"a name was expected, but got {token.text!r}", token.offset)
        folded = token.text.lower()
        if folded != token.text:
            self.spelling.setdefault(folded, token.text)
        return folded

    def _node(self, line: Line, token: Token) -> str:
        folded = self._name(line, token)
        return "0" if folded == "gnd" else folded


def _is_element(line: Line) -> bool:
    """Whether a line reads as an element and not as a title that happens to start with such a letter."""
    try:
        device = _Reader(Path(line.file), ())._device(line)  # noqa: SLF001 - a reader of its own, for a trial
    except NetlistError:
        return False
    words = line.tokens()
    numeric = any(map(_is_value, words[len(device.nodes) + 1 :]))
    return numeric or bool(device.parameters) or bool(re.search(r"\d", device.name))


def _is_value(token: Token) -> bool:
    if token.text[0] in "{'\"":
        return True
    try:
        number(token.text)
    except InputError:
        return False
    return True


def _is_function_form(tokens: list[Token]) -> bool:
    """Whether a controlled source is written with a function of voltages (`value=`, `poly(2)`, `table` ...)."""
    word = re.split(r"[({]", tokens[3].text.lower())[0] if len(tokens) > 3 else ""
    return word in {"value", "vol", "cur", "poly", "table", "laplace"}


def _rest(line: Line, tokens: list[Token], first: int) -> str | None:
    if len(tokens) <= first:
        return None
    return " ".join(line.text[tokens[first].offset :].split())
