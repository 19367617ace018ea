"""Readers of the SPICE family (ngspice, HSPICE, LTspice, CDL): cards, includes and library sections."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import NetlistError, did_you_mean
from eda.netlist.carried import read_carried
from eda.netlist.elements import is_element, read_element
from eda.netlist.lines import Line, logical_lines, physical_lines
from eda.netlist.repeated import Repeated
from eda.netlist.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from eda.netlist.builder import Builder
    from eda.netlist.circuit import Device
    from eda.netlist.dialects import Dialect
    from eda.netlist.files import Files, Opened

__all__ = ["SpiceReader"]

_EXECUTABLE: Final = {".exec", ".shell", ".codemodel", ".osdi", ".pre_osdi", ".vec", ".hdl", ".endc", ".codemod"}
_KEPT: Final = {
    *(".option", ".options", ".opt", ".temp", ".op", ".ac", ".dc", ".tran", ".noise", ".tf", ".pz", ".sens", ".four"),
    *(".save", ".print", ".plot", ".probe", ".meas", ".measure", ".ic", ".nodeset", ".width"),
}
# kept cards that are also found inside subcircuits, where they say nothing about the circuit
_OUTPUT: Final = {".save", ".print", ".plot", ".probe"}
_TEMPLATE: Final = re.compile(r"\{\{\s*\w+\s*\}\}|\{%(?:[^%]|%(?!\})){0,200}%\}|<%(?:[^%]|%(?!>)){0,200}%>")
_FUNCTION: Final = re.compile(
    r"^[ \t]*(\.func\b|(\.param\w*[ \t]|\+).*\w[ \t]*\([\w \t,]*\)[ \t]*=)", re.IGNORECASE | re.MULTILINE
)
_DEFINITION: Final = re.compile(r"(?<!\w)(\w++\s*\([\w\s,]*+\))\s*=\s*('[^']*'|\{[^{}]*\}|\"[^\"]*\"|\S+)")
# the parentheses around the parameters of a model card, not those of expressions in them
_MODEL_PARENTHESES: Final = re.compile(r"^(\.\w+\s+\S+\s+[^\s(]+\s*)\((.*)\)\s*$", re.DOTALL)
_SECTION: Final = re.compile(r"^\s*\.(lib|endl)\b\s*([^\s*;$]*)\s*([*;$].*)?$", re.IGNORECASE)


class SpiceReader:
    """Reads statements of one dialect of the SPICE family into a builder.

    Args:
        dialect: its row of the table.
        builder: the circuit that grows.
        files: what may be read.
        nested: reads an included file, which may be in two languages.
        keep_includes: keep includes that cannot be read, instead of an error.
        keep_control: keep `.control` blocks as text, instead of an error.
        guest: whether the netlist is Spectre's, with parts in SPICE.
    """

    def __init__(
        self,
        dialect: Dialect,
        builder: Builder,
        files: Files,
        nested: Callable[[str, Opened, str, str], None],
        *,
        keep_includes: bool,
        keep_control: bool,
        guest: bool = False,
    ) -> None:
        self.dialect, self.builder, self.files, self._nested = dialect, builder, files, nested
        self.keep_includes, self.keep_control = keep_includes, keep_control
        self.words = Words(dialect)
        self._repeated = Repeated(self.words)
        self._functions: dict[tuple[str, int], list[Line]] = {}
        self._altered = False
        self._guest = guest
        self._cards: dict[str, Callable[[Line], None]] = {
            ".subckt": self._open,
            ".macro": self._open,
            ".ends": self._close,
            ".eom": self._close,
            ".model": self._model,
            ".param": self._param,
            ".params": self._param,
            ".parameter": self._param,
            ".global": self._global,
            ".title": self._set_title,
            ".func": lambda _: None,  # found before
        }

    def read(self, text: str, opened: Opened, file: str) -> None:
        """Read the text of a netlist's main file; `opened` has its resolved path, `file` its name for messages."""
        if self.dialect.titled:
            text = self._without_title(text, file)
        self.statements(text, opened, file)

    def _without_title(self, text: str, file: str) -> str:
        """The text with its first line blanked, which SPICE takes as the title, unless it is a card."""
        first = re.split(r"[\r\n]", text, maxsplit=1)[0]
        stripped = first.strip()
        if stripped.startswith((".", "*@", "*.")):
            return text
        self.builder.title = _title(stripped)
        for line in logical_lines(first.replace("+", " ", 1) if stripped.startswith("+") else first, file, _NEVER):
            if is_element(line, self.words):
                message = "SPICE takes the first line as the title, and this one is an element"
                raise line.error(message, 0, "put a title first; if this is one, begin it with *")
        return text[len(first) :]

    def statements(self, text: str, opened: Opened, file: str, start: int = 1) -> None:
        """Read statements, the first of which stands in line `start` of the file."""
        depth = self.builder.depth
        if ".control" in text.lower():
            text = self._without_control(text, file, start)
        if _FUNCTION.search(text):
            self._find_functions(text, file, start)
        refuse = _refuse_placeholder if any(mark in text for mark in ("{{", "{%", "<%")) else None
        for line in logical_lines(text, file, self.dialect.comment, start):
            first = line.text[0]
            if refuse is not None:
                refuse(line)
            if first == ".":
                if line.text.split(None, 1)[0].lower() == ".end":
                    break
                self._card(line, opened)
            elif first == "*":
                self._starred(line)
            elif self._altered:
                self._keep(" ".join(line.text.split()))
            else:
                self.builder.device(self._element(line), line)
        if len(opened) > 1 and self.builder.depth != depth:
            raise NetlistError("an included file must close the subcircuits that it opens", file=file)

    def _element(self, line: Line) -> Device:
        device = self._repeated.device(line) if len(line.pieces) == 1 else None
        if device is None:
            device = read_element(line, self.words)
            self._repeated.learn(line, device)
        return device

    def _find_functions(self, text: str, file: str, start: int) -> None:
        """Find the functions that a text defines, as they may be used above: each belongs to the block it stands in."""
        open_at = [0]
        for line in logical_lines(text, file, self.dialect.comment, start):
            card = line.text.split(None, 1)[0].lower()
            if card in {".subckt", ".macro"}:
                open_at.append(line.number)
            elif card in {".ends", ".eom"} and len(open_at) > 1:
                open_at.pop()
            elif card == ".func" or (card.startswith(".param") and self.dialect.name != "cdl"):
                self._functions.setdefault((file, open_at[-1]), []).append(line)
        self._define(file, 0)

    def _define(self, file: str, opened_at: int) -> None:
        for line in self._functions.pop((file, opened_at), ()):
            if line.text[:5].lower() == ".func":
                match = re.match(r"\.\w+\s+(\w+\s*\([\w\s,]*\))\s*=?\s*(.+)$", line.text)
                if match is None:
                    raise line.error("a function was expected", 0, "write it like .func f(x) {2*x}")
                self.words.define(line, match[1], match[2].strip())
                continue
            for match in _DEFINITION.finditer(line.text):
                self.words.define(line, match[1], match[2])

    def _card(self, line: Line, opened: Opened) -> None:
        card = line.text.split(None, 1)[0].lower()
        if card in _EXECUTABLE:
            hint = "leave it out: analyses belong to the testbench"
            raise line.error(f"{card} can run commands, so it is refused", 0, hint)
        if card == ".alter":
            self._altered = True
        handler = self._cards.get(card)
        if self._altered:  # what follows belongs to further runs, each a change of this circuit
            self._keep(" ".join(line.text.split()))
        elif handler is not None:
            handler(line)
        elif card in {".include", ".inc", ".incl", ".lib"}:
            self._include(line, card, opened)
        elif card in _KEPT or card in self.dialect.cards:
            if self.builder.depth and card not in _OUTPUT:
                raise line.error(f"{card} is not understood inside a subcircuit", 0, "move it out of the .subckt")
            self._keep(" ".join(line.text.split()))
        else:
            known = {*self._cards, ".include", ".lib", ".end", *_KEPT, *self.dialect.cards}
            raise line.error(f"the card {card} is not understood", 0, did_you_mean(card, known))

    def _keep(self, text: str) -> None:
        """Keep a statement as text, in its language."""
        wrapped = f"simulator lang=spice\n{text}\nsimulator lang=spectre" if self._guest else text
        self.builder.statements.append(wrapped)

    # cards

    def _set_title(self, line: Line) -> None:
        self.builder.title = _title(" ".join(line.text.split()[1:]))

    def _global(self, line: Line) -> None:
        parts = line.words()
        self.builder.global_nodes([self.words.node(line, parts, i) for i in range(1, len(parts))])

    def _open(self, line: Line) -> None:
        parts = line.words()
        positional, parameters = self.words.split(line, parts)
        if not positional:
            raise line.error(f"{parts[0]} needs a name", 0, "write it like .subckt ota inp inn out vdd vss w1=10u")
        if positional[1:2] == ["/"]:
            raise line.word_error("a name was expected, but got '/'", 2)
        name = self.words.name(line, parts, 1)
        # a slash between ports is how auCdl separates inputs from outputs
        slashed = self.dialect.name == "cdl"
        ports = [
            self.words.node(line, parts, i) for i in range(2, len(positional) + 1) if not (slashed and parts[i] == "/")
        ]
        self.builder.open(name, ports, parameters, line, 1)
        self.words.enter()
        self._define(line.file, line.number)

    def _close(self, line: Line) -> None:
        parts = line.text.split()
        self.builder.close(parts[1] if len(parts) > 1 else None, line, parts[0].lower())
        self.words.leave()

    def _model(self, line: Line) -> None:
        flat = Line(line.file, _MODEL_PARENTHESES.sub(r"\1 \2 ", line.text), line.pieces)
        parts = _bracketed(flat.words())
        positional, parameters = self.words.split(flat, parts)
        if len(positional) != 2:
            raise line.error(".model needs a name and a type", 0, "write it like .model nfet nmos level=1 vto=0.5")
        name, kind = (self.words.name(flat, parts, i) for i in (1, 2))
        self.builder.model(name, kind, parameters, line, 1)

    def _param(self, line: Line) -> None:
        if self.dialect.name != "cdl" and _DEFINITION.search(line.text):  # functions, found before
            text = _DEFINITION.sub(lambda match: " " * len(match[0]), line.text)
            line = Line(line.file, text, line.pieces)
            if not text.split()[1:]:
                return
        positional, parameters = self.words.split(line, _unquoted(line.words()))
        if not positional and not parameters and self.dialect.name == "cdl":
            return  # auCdl writes an empty .PARAM when there are none
        if positional or not parameters:
            raise line.error(".param needs assignments", 0, "write it like .param vdd=1.8 half={vdd/2}")
        self.builder.parameters(parameters, line)

    # comment lines that carry something

    def _starred(self, line: Line) -> None:
        if read_carried(line, self.builder, lambda name: self._node(line, name)) or self.dialect.name != "cdl":
            return
        card, _, rest = line.text[1:].partition(" ")
        card = card.split("=")[0].lower()
        if card == ".global":
            self.builder.global_nodes([self._node(line, name.split(":")[0]) for name in rest.split()])
        elif card == ".mega":
            self.words.mega = True
        elif card == ".scale" and "micron" in rest.lower() + line.text.lower().partition("=")[2]:
            raise line.error(
                "*.SCALE MICRON gives sizes in micrometres, and is not understood", 0, "write them in metres"
            )
        elif card in {".connect", ".join", ".equiv"}:
            message = f"*{card} changes the netlist behind its back, and is not understood"
            raise line.error(message, 0, "connect the nets, or rename the models, in the netlist itself")

    def _node(self, line: Line, name: str) -> str:
        return self.words.node(line, [name], 0)

    # other files

    def _include(self, line: Line, card: str, opened: Opened) -> None:
        parts = line.words()
        section = None
        if card == ".lib":
            if len(parts) == 2 and self.dialect.name != "ltspice":
                hint = f"take a section of it from a netlist: .lib 'models.lib' {parts[1]}"
                raise line.error("this is a library: a section of it begins here", 0, hint)
            if len(parts) == 3:
                section = parts[2].strip("'\"").lower()
        expected = 3 if section else 2
        if len(parts) != expected:
            example = '.lib "models.lib" tt' if card == ".lib" else '.include "models.sp"'
            raise line.error(f"{card} takes one file name", 0, f"write it like {example}")
        named, offset = parts[1].strip("'\""), line.offset(1)
        if '"' in named or not named.isprintable():
            raise line.error(f"{named!r} is no file name", offset)
        try:
            target = self.files.resolve(named, section, opened, line, offset)
            text = self.files.text(target, line)
        except NetlistError as error:
            if not self.keep_includes or "includes itself" in error.message or "may read" in error.message:
                raise
            self.builder.unread(named, section, line)
            return
        if section is None:
            self._nested(text, (*opened, (target, None)), str(target), "spice")
        else:
            start, body = _section_of(text, section, line)
            self.statements(body, (*opened, (target, section)), str(target), start + 1)

    def _without_control(self, text: str, file: str, start: int) -> str:
        """The text with `.control` blocks blanked, and kept as statements if that is allowed."""
        lines = physical_lines(text)
        block: list[str] | None = None
        for at, source in enumerate(lines):
            word = source.strip().lower()
            if word.split(None, 1)[:1] == [".control"]:
                if not self.keep_control:
                    hint = 'leave it out, or allow it to be kept unrun as text (control="keep", --keep-control)'
                    place = {"file": file, "line": at + start, "column": source.index(".") + 1, "text": source}
                    raise NetlistError(".control can run commands, so it is refused", hint=hint, **place)  # type: ignore[arg-type]
                block = []
            if block is not None:
                block.append(source.rstrip())
                lines[at] = ""
                if word.split(None, 1)[:1] == [".endc"]:
                    self._keep("\n".join(block))
                    block = None
        if block is not None:
            raise NetlistError(
                ".control is not closed", file=file, line=start + len(lines) - 1, hint="close it with .endc"
            )
        return "\n".join(lines)


_NEVER: Final = re.compile(r"(?!)")


def _title(text: str) -> str:
    """A title as it can be written and read again."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split()).lstrip("* ")


def _refuse_placeholder(line: Line) -> None:
    match = _TEMPLATE.search(line.text)
    if match is not None and line.text[0] != "*":
        message = f"{match[0]!r} is a placeholder of a template"
        raise line.error(message, match.start(), "fill the template first")


def _unquoted(parts: list[str]) -> list[str]:
    """Words with whole assignments in quotes opened: `'b=2'`."""
    if not any("=" in part and len(part) > 1 and part[0] == "'" for part in parts):
        return parts
    return [word for part in parts for word in (part.strip("'").replace("=", " = ").split() if "=" in part else [part])]


def _bracketed(parts: list[str]) -> list[str]:
    """Words with vectors `[ 0 1 ]` joined into one."""
    joined: list[str] = []
    depth = 0
    for part in parts:
        if depth:
            joined[-1] += f" {part}"
        else:
            joined.append(part)
        depth += part.count("[") - part.count("]") if part != "=" else 0
    return joined


def _section_of(text: str, section: str, line: Line) -> tuple[int, str]:
    """The lines of a library between `.lib section` and `.endl`, and how many lines stand before them."""
    begin = None
    lines = physical_lines(text)
    found = []
    for at, source in enumerate(lines):
        match = _SECTION.match(source)
        if match is None:
            continue
        if match[1].lower() == "lib":
            found.append(match[2].strip("'\"").lower())
            if found[-1] == section:
                begin = at + 1
        elif begin is not None:
            return begin, "\n".join(lines[begin:at])
    if begin is not None:
        raise line.error(f"the library section {section!r} is not closed", 0, "close it with .endl")
    raise line.word_error(f"the library has no section {section!r}", 2, did_you_mean(section, found))
