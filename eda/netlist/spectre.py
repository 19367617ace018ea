"""The reader of Spectre's native language.

Names are case-sensitive there and folded here, so names that differ only in case are refused. Source: Spectre
Circuit Simulator Reference, "Netlist language" and the component statements of its primitives.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, NetlistError
from eda.netlist.carried import read_carried
from eda.netlist.circuit import Device, Location
from eda.netlist.dialects import DIALECTS
from eda.netlist.elements import quoted
from eda.netlist.expressions import names
from eda.netlist.lines import CARRIED, Line, physical_lines
from eda.netlist.rewrite import rewrite
from eda.netlist.sources import SourceValue
from eda.netlist.spectre_table import MODEL_MASTERS, PRIMITIVES, SOURCE_KEYS
from eda.netlist.words import require_complete

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from eda.netlist.builder import Builder
    from eda.netlist.files import Files, Opened

__all__ = ["SpectreReader"]

_WAVES: Final = {"pulse": "pulse", "sine": "sin", "exp": "exp", "pwl": "pwl"}
_TYPES: Final = {"mos": ("nmos", "pmos"), "bjt": ("npn", "pnp"), "jf": ("njf", "pjf")}
_ANALYSES: Final = frozenset(
    {
        *("dc", "ac", "tran", "noise", "xf", "sp", "stb", "pz", "sens", "dcmatch", "acmatch", "envlp"),
        *("pss", "pac", "pnoise", "pxf", "psp", "pstb", "hb", "hbac", "hbnoise", "montecarlo", "sweep"),
        *("options", "set", "shell", "alter", "altergroup", "info", "check", "checklimit", "paramset", "assert"),
    }
)
_STATEMENTS: Final = frozenset({"save", "ic", "nodeset", "ahdl_include", "probe", "global_options"})
_REFUSED: Final = {
    "simulator": "simulator lang=spectre or lang=spice was expected",
    "if": "conditional instances are not understood",
    "else": "conditional instances are not understood",
    "statistics": "statistics blocks are not understood",
    "library": "library sections are not understood here",
    "section": "library sections are not understood here",
    "real": "user functions are not understood",
    "function": "user functions are not understood",
}
_KEYWORDS: Final = frozenset({"simulator", "subckt", "ends", "parameters", "model", "global", "include", "inline"})
_LONGEST: Final = 4_000
_ESCAPED: Final = re.compile(r"\\(.)")
_WORD: Final = re.compile(r"\"[^\"]*\"|[()\[\]={}]|(?:\\.|[^\s()\[\]={}\"\\])+")
_KEY: Final = re.compile(r"(?<!\w)([A-Za-z_]\w*+)\s*+=(?!=)")
_SCALES: Final = {"T": "t", "G": "g", "M": "meg", "K": "k", "k": "k", "m": "m", "u": "u", "n": "n", "p": "p", "f": "f"}
_SCALED: Final = re.compile(r"([\d.]+(?:[eE][+-]?\d+)?)([A-Za-z%_]*)")


class SpectreReader:
    """Reads Spectre statements into a builder.

    Args:
        builder: the circuit that grows.
        files: what may be read.
        nested: reads an included file, which may be in two languages.
        keep_includes: keep includes that cannot be read, instead of an error.
    """

    def __init__(
        self,
        builder: Builder,
        files: Files,
        nested: Callable[[str, Opened, str, str], None],
        *,
        keep_includes: bool,
    ) -> None:
        self.builder, self.files, self._nested, self.keep_includes = builder, files, nested, keep_includes
        self.spelling: dict[str, str] = {}
        self.dialect = DIALECTS["spectre"]
        self._spelled: list[dict[tuple[str, str], str]] = [{}]

    def read(self, text: str, opened: Opened, file: str, start: int = 1) -> None:
        """Read statements, the first of which stands in line `start` of the file called `file` in messages."""
        depth = self.builder.depth
        for line in _lines(text, file, start):
            self._statement(line, opened)
        if len(opened) > 1 and self.builder.depth != depth:
            raise NetlistError("an included file must close the subcircuits that it opens", file=file)

    def _statement(self, line: Line, opened: Opened) -> None:
        if line.text.startswith("*"):
            read_carried(line, self.builder, lambda name: self._name(line, (name, 0), "node"))
            return
        words = _words(line)
        first = words[0][0]
        if first != first.lower() and first.lower() in _KEYWORDS and len(words) > 1 and words[1][0] != "(":
            raise line.error(f"keywords are lower case in Spectre: {first.lower()!r}, but got {first!r}")
        if first in _REFUSED:
            hint = "write it in another way, or flatten it in the tool that wrote the netlist"
            raise line.error(_REFUSED[first], 0, hint)
        if any(word in "{}" for word, _ in words):
            offset = next(at for word, at in words if word in "{}")
            raise line.error("blocks in braces are not understood", offset)
        simple = {
            "subckt": self._open,
            "inline": self._open,
            "ends": self._close,
            "parameters": self._parameters,
            "model": self._model,
            "global": self._global,
        }.get(first)
        if simple is not None:
            simple(line, words)
        elif first == "include":
            self._include(line, words, opened)
        elif first in _STATEMENTS or (analysis := self._analysis(words)):
            if first not in _STATEMENTS and analysis == "shell":
                raise line.error("shell can run commands, so it is refused")
            if self.builder.depth:
                raise line.error(f"{first} is not understood inside a subcircuit", 0, "move it out")
            self.builder.statements.append(" ".join(line.text.split()))
        else:
            self.builder.device(self._instance(line, words), line)

    @staticmethod
    def _analysis(words: list[tuple[str, int]]) -> str:
        """The analysis or control statement that words begin, or nothing: `tran1 tran stop=1n`, `n1 (out 0) noise`."""
        texts = [word for word, _ in words]
        if texts[1:2] == ["("] and ")" in texts:
            at = texts.index(")") + 1
        else:
            # bare nodes: the master is the last word before the first assignment
            at = (texts.index("=") - 2) if "=" in texts else len(texts) - 1
        word = texts[at] if 0 < at < len(texts) else ""
        return word if word in _ANALYSES else ""

    # names

    def _name(self, line: Line, word: tuple[str, int], space: str) -> str:
        """A name of a name space, folded; names that differ only in case are refused."""
        text, offset = word
        if text in "()[]={}" or text[0] == '"':
            raise line.error(f"a name was expected, but got {text!r}", offset)
        bare = _unescaped(text)
        folded = bare.lower()
        if len(folded) != len(bare):
            raise line.error(f"the name {bare!r} has a letter whose lower case is two", offset, "rename it")
        outer = {"node": "global", "parameter": "parameter"}.get(space)
        known = self._spelled[0].get((outer, folded)) if outer else None
        if known is None:
            inner = space in {"node", "device", "parameter"}
            known = self._spelled[-1 if inner else 0].setdefault((space, folded), bare)
        if known != bare:
            message = f"{known!r} and {bare!r} differ only in case, which Spectre tells apart and SPICE does not"
            raise line.error(message, offset, "rename one of them")
        if folded != bare:
            self.spelling.setdefault(folded, bare)
        return folded

    def _expression(self, line: Line, text: str, offset: int) -> str:
        """The neutral text of an expression."""
        try:
            neutral = _folded(_without_parentheses(text))
            names(neutral)
        except InputError as error:
            hint = "write numbers like 10u or 2.5M (mega), and expressions like 2*w1"
            raise line.error(str(error), offset, hint) from None
        rewrite(text, name=lambda name: self._name(line, (name, offset), "parameter"))
        return neutral

    def _assignments(self, line: Line, start: int) -> dict[str, tuple[str, int]]:
        """The raw values of `name=value` pairs from an offset on, with their offsets."""
        found: dict[str, tuple[str, int]] = {}
        matches = list(_KEY.finditer(_blanked(line.text, start), start))
        before = line.text[start : matches[0].start()] if matches else line.text[start:]
        if before.strip():
            raise line.error(f"{before.split()[0]!r} is not understood", start + len(before) - len(before.lstrip()))
        for match, following in zip(matches, [*matches[1:], None], strict=False):
            end = following.start() if following else len(line.text)
            key, value = match[1].lower(), line.text[match.end() : end].strip()
            if not value:
                raise line.error(f"the parameter {match[1]!r} has no value", match.start())
            if key in found:
                raise line.error(f"the parameter {match[1]!r} is given twice", match.start())
            found[key] = value, match.end()
        return found

    def _keys(self, line: Line, raw: Mapping[str, object], start: int, master: str) -> None:
        """Note how the names of a master's parameters are spelled, where it is defined and where it is called."""
        for match in _KEY.finditer(_blanked(line.text, start), start):
            if match[1].lower() in raw:
                self._name(line, (match[1], match.start()), f"parameter of {master}")
                if master == self.builder.name:
                    self._name(line, (match[1], match.start()), "parameter")

    def _values(self, line: Line, raw: Mapping[str, tuple[str, int]]) -> dict[str, str]:
        return {
            key: text if key == "version" else self._value(line, text, offset) for key, (text, offset) in raw.items()
        }

    def _value(self, line: Line, text: str, offset: int) -> str:
        """An expression, a text in double quotes, or a vector, whose terms are expressions."""
        if text[0] == '"' and text[-1] == '"':
            return text
        if text[0] == "[" and text[-1] == "]":
            return f"[{' '.join(self._expression(line, term, offset) for term in _terms(text[1:-1]))}]"
        return self._expression(line, text, offset)

    # statements

    def _open(self, line: Line, words: list[tuple[str, int]]) -> None:
        words = words[1:] if words[0][0] == "inline" else words
        if len(words) < 2:
            raise line.error("subckt needs a name", 0, "write it like subckt ota inp inn out")
        name = self._name(line, words[1], "master")
        self._spelled.append({})
        ports = [self._name(line, word, "node") for word in words[2:] if word[0] not in "()"]
        self.builder.open(name, ports, {}, line, 1)

    def _close(self, line: Line, words: list[tuple[str, int]]) -> None:
        self.builder.close(_unescaped(words[1][0]) if len(words) > 1 else None, line, "ends")
        self._spelled.pop()

    def _parameters(self, line: Line, words: list[tuple[str, int]]) -> None:
        raw = self._assignments(line, words[0][1] + len("parameters"))
        if not raw:
            raise line.error("parameters needs assignments", 0, "write it like parameters w=1u l=2*w")
        self._keys(line, raw, 0, self.builder.name)
        values = self._values(line, raw)
        if self.builder.depth:
            self.builder.formals(values, line)
        else:
            self.builder.parameters(values, line)

    def _global(self, line: Line, words: list[tuple[str, int]]) -> None:
        """The first global node is the ground; the others are global."""
        nodes = [self._name(line, word, "global") for word in words[1:]]
        if not nodes or nodes[0] != "0":
            message = f"the ground must be called 0, but got {nodes[0] if nodes else 'no name'!r}"
            raise line.error(message, words[min(1, len(words) - 1)][1], "write `global 0 vdd ...`")
        self.builder.global_nodes(nodes[1:])

    def _model(self, line: Line, words: list[tuple[str, int]]) -> None:
        if len(words) < 3:
            raise line.error("model needs a name and a master", 0, "write it like model nfet bsim4 type=n")
        name, master = self._name(line, words[1], "master"), words[2][0]
        raw = self._assignments(line, words[2][1] + len(master))
        family, level = MODEL_MASTERS.get(master, (master, None))
        kind = family
        if family in _TYPES:
            given = raw.pop("type", ("n", 0))[0].strip('"')
            if given not in {"n", "p", *_TYPES[family]}:
                raise line.error(f"the type of a {master} is n or p, but got {given!r}")
            kind = _TYPES[family][given in {"p", _TYPES[family][1]}]
        parameters = self._values(line, raw)
        self.builder.model(name, kind, {"level": level, **parameters} if level else parameters, line, 1)

    def _include(self, line: Line, words: list[tuple[str, int]], opened: Opened) -> None:
        if len(words) < 2 or words[1][0][0] not in "\"'":
            raise line.error("include takes one file name in quotes", 0, 'write it like include "models.scs"')
        named = words[1][0].strip("\"'")
        raw = self._assignments(line, words[1][1] + len(words[1][0]))
        section = raw["section"][0] if "section" in raw else None
        try:
            if section is not None:
                raise line.error("sections of Spectre libraries are not understood", raw["section"][1])
            target = self.files.resolve(named, None, opened, line, words[1][1])
            text = self.files.text(target, line)
        except NetlistError as error:
            if not self.keep_includes or "includes itself" in error.message or "may read" in error.message:
                raise
            self.builder.unread(named, section, line)
            return
        self._nested(text, (*opened, (target, None)), str(target), "spectre")

    def _instance(self, line: Line, words: list[tuple[str, int]]) -> Device:
        name = self._name(line, words[0], "device")
        nodes, master, end = self._nodes_and_master(line, words)
        raw = self._assignments(line, end)
        folded = [self._name(line, node, "node") for node in nodes]
        letter, value_key = PRIMITIVES.get(master[0], ("x", ""))
        location = Location(line.file, line.number, line.column)
        kind = "" if name[0] == letter else letter
        if letter == "x":
            model = self._name(line, master, "master")
            self._keys(line, raw, end, model)
            return Device(name, tuple(folded), model, None, self._values(line, raw), (), location, kind)
        expected = {"e": 4, "g": 4, "t": 4, "k": 0}.get(letter, 2)
        if len(folded) != expected:
            raise line.error(f"a {master[0]} has {expected} nodes, but got {len(folded)}", master[1])
        if letter in "vi":
            value, parameters = self._source(line, raw)
            return Device(name, tuple(folded), None, value, parameters, (), location, kind)
        controls: list[str] = []
        for key in {"k": ("ind1", "ind2"), "f": ("probe",), "h": ("probe",)}.get(letter, ()):
            if key not in raw:
                raise line.error(f"a {master[0]} needs {key}=", master[1])
            text, offset = raw.pop(key)
            controls.append(self._name(line, (text.strip('"'), offset), "device"))
        if letter == "b":
            return self._behavioural(line, raw, (name, tuple(folded), location, kind))
        values = self._values(line, raw)
        value = values.pop(value_key, None)
        if letter in "rclefghk" and value is None:
            raise line.error(f"a {master[0]} needs {value_key}=", master[1])
        return Device(name, tuple(folded), None, value, values, tuple(controls), location, kind)

    def _nodes_and_master(
        self, line: Line, words: list[tuple[str, int]]
    ) -> tuple[list[tuple[str, int]], tuple[str, int], int]:
        """Nodes in parentheses or bare, the master, and the offset behind it."""
        if len(words) > 1 and words[1][0] == "(":
            close = next((i for i, word in enumerate(words) if word[0] == ")"), None)
            if close is None:
                raise line.error("the parenthesis of the nodes is not closed", words[1][1])
            nodes, at = words[2:close], close + 1
        else:
            equals = next((i for i, word in enumerate(words) if word[0] == "="), len(words) + 1)
            at = equals - 2
            nodes = words[1:at]
        if not 0 < at < len(words) or words[at][0] in "()[]=":
            message = f"{words[0][0]!r} begins neither a statement nor an instance that eda understands"
            raise line.error(message, 0, "an instance reads like r1 (a b) resistor r=1k")
        return nodes, words[at], words[at][1] + len(words[at][0])

    def _behavioural(
        self, line: Line, raw: dict[str, tuple[str, int]], head: tuple[str, tuple[str, ...], Location, str]
    ) -> Device:
        given = [key for key in ("v", "i") if key in raw]
        if len(given) != 1:
            raise line.error("a bsource is understood with v= or i=, and one of them")
        text, offset = raw.pop(given[0])
        text = _without_parentheses(text)
        name, nodes, location, kind = head
        try:
            neutral = _folded(text)
            require_complete(neutral)
        except InputError as error:
            raise line.error(str(error), offset) from None
        rewrite(text, node=lambda node: self._name(line, (node, 0), "node"))
        value = f"{given[0]}={neutral}"
        return Device(name, nodes, None, value, self._values(line, raw), (), location, kind)

    @staticmethod
    def _waveform(waveform: str, values: Mapping[str, str], dc: str | None) -> tuple[str, ...] | None:
        """The arguments of a transient function in SPICE, or `None` when it has no such form."""
        if waveform == "pwl":
            wave = values.get("wave", "")
            return tuple(wave[1:-1].split()) if wave[:1] == "[" and len(wave) > 2 else None
        given = [(key, values.get(key)) for key in SOURCE_KEYS[waveform]]
        while given and given[-1][1] is None:
            given.pop()
        if any(text is None and key not in _MAY_BE_ZERO for key, text in given):
            return None
        return tuple(text or (dc if key == "sinedc" and dc else "0") for key, text in given)

    def _source(self, line: Line, raw: dict[str, tuple[str, int]]) -> tuple[str | None, dict[str, str]]:
        """The canonical text of an independent source, and the parameters that have no place in it."""
        kind = raw.pop("type", ("dc", 0))[0].strip('"')
        values = self._values(line, raw)
        dc, magnitude, phase = (values.pop(key, None) for key in ("dc", "mag", "phase"))
        ac = () if magnitude is None else (magnitude,) if phase is None else (magnitude, phase)
        if magnitude is None and phase is not None:
            values["phase"] = phase
        waveform = _WAVES.get(kind, "")
        arguments: tuple[str, ...] = ()
        if waveform and (found := self._waveform(waveform, values, dc)) is not None:
            arguments = found
            values = {key: text for key, text in values.items() if key not in SOURCE_KEYS[waveform]}
        elif kind != "dc":
            waveform, values["type"] = "", f'"{kind}"'
        text = SourceValue(dc, ac, waveform, arguments).text(quoted)
        return text or None, values


_MAY_BE_ZERO: Final = frozenset({"val0", "delay", "sinedc", "ampl", "damp", "td1"})


def _folded(text: str) -> str:
    """An expression in the neutral form."""
    if "^" in text:
        raise InputError(f"`^` in {text!r} is an exclusive or in Spectre; a power is written **")
    if "$" in text:
        raise InputError(f"the variables of Spectre in {text!r} are not understood")
    return " ".join(
        rewrite(text, number=_number, name=lambda name: "temper" if name == "temp" else name).lower().split()
    )


def _terms(text: str) -> list[str]:
    """The terms of a vector; parentheses keep theirs together."""
    return re.findall(r"(?:\([^()]*\)|[^\s()])+", text)


def _number(text: str) -> str:
    match = _SCALED.fullmatch(text)
    if match is None:
        raise InputError(f"{text!r} is no number")
    suffix = match[2]
    if not suffix:
        return text
    if suffix == "a":
        digits, _, exponent = match[1].lower().partition("e")
        return f"{digits}e{int(exponent or 0) - 18}"
    if suffix not in _SCALES:
        raise InputError(f"{text!r} has no scale factor of Spectre: T G M (mega) K k m (milli) u n p f a")
    return match[1] + _SCALES[suffix]


def _without_parentheses(text: str) -> str:
    """The text without a pair of parentheses around all of it."""
    if len(text) > _LONGEST:  # no expression may be so long, and the caller says so
        return text
    while len(text) > 1 and text[0] == "(" and text[-1] == ")":
        depth = 0
        for at, char in enumerate(text):
            depth += (char == "(") - (char == ")")
            if depth == 0 and at < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _blanked(text: str, start: int) -> str:
    """The text with what stands in parentheses, brackets and quotes from `start` on blanked, `=` most of all."""
    depth, quoted_, out = 0, False, [text[:start]]
    for char in text[start:]:
        quoted_ ^= char == '"'
        depth += (char in "([") - (char in ")]") if not quoted_ else 0
        out.append("#" if depth or quoted_ else char)
    return "".join(out)


def _words(line: Line) -> list[tuple[str, int]]:
    words = [(match[0], match.start()) for match in _WORD.finditer(line.text)]
    if not words:
        raise line.error("a statement was expected")
    return words


def _lines(text: str, file: str, start: int) -> Iterator[Line]:
    """Statements: comments stripped, lines joined by a backslash at the end or a `+` at the start.

    Comment lines that carry something come through.
    """
    current: Line | None = None
    joined = False
    for number, source in enumerate(physical_lines(text), start):
        content = _without_comment(source).strip()
        starred = not joined and content.startswith("*")
        if starred and not CARRIED.match(content):
            continue
        goes_on = content.endswith("\\") and not starred
        content = content.rstrip("\\").rstrip() if goes_on else content
        continues = joined or content.startswith("+")
        if not joined and continues:
            content = content[1:].lstrip()
        if content and continues:
            if current is None:
                message = "a continuation line, but there is no statement before it"
                raise NetlistError(message, file=file, line=number, column=source.find("+") + 1, text=source)
            current.append(content, number, source.index(content), source)
        elif content:
            if current is not None:
                yield current
            current = Line(file, content, [(0, number, source.index(content), source)])
        joined = goes_on
    if current is not None:
        yield current


def _without_comment(source: str) -> str:
    """The line up to `//`, unless that stands in quotes."""
    at = source.find("//")
    while at >= 0 and source.count('"', 0, at) % 2:
        at = source.find("//", at + 2)
    return source if at < 0 else source[:at]
