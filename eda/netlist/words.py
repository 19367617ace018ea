"""Words of a netlist line: names, values, expressions and assignments, in one neutral form for all dialects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist.dialects import DIALECTS
from eda.netlist.expressions import names, number
from eda.netlist.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.netlist.dialects import Dialect
    from eda.netlist.lines import Line

__all__ = ["LISTS", "Words", "is_value", "require_complete"]

_NAME: Final = re.compile(r"[^\s(){}'\"=,`]+")  # in backquotes ngspice runs commands
_PARAMETER: Final = re.compile(r"[a-z_][\w.]*")
_MACRO: Final = re.compile(r"([a-z_]\w*)\s*\(([\w\s,]*)\)", re.IGNORECASE)
LISTS: Final = frozenset({"ic", "tc", "version"})
"""Parameters whose value may be several numbers (`tc=1m,2u`), or a version such as 4.5.0: no expression."""

_HSPICE_MEGA: Final = re.compile(r"([\d.]+(?:e[+-]?\d+)?)x[a-z]*", re.IGNORECASE)
_ATTO: Final = re.compile(r"([\d.]+)(?:e([+-]?\d+))?a[a-z]*", re.IGNORECASE)  # an ampere to the others
_INFIX: Final = re.compile(r"(\d+)(meg|[rtgkmunpf])(\d+)", re.IGNORECASE)
_BARE_MILLI: Final = re.compile(r"[\d.]+(?:e[+-]?\d+)?m", re.IGNORECASE)
_CACHE: Final = 2**16  # entries; a netlist repeats few expressions, an extracted one many


class Words:
    """Reads words of lines, folding names to lower case and expressions to the neutral form.

    Args:
        dialect: in which the words are written.

    Attributes:
        spelling: how the source writes the names that are not lower case there.
        mega: whether a CDL file says `*.MEGA`.
    """

    def __init__(self, dialect: Dialect = DIALECTS["ngspice"]) -> None:
        self.dialect = dialect
        self.spelling: dict[str, str] = {}
        self.mega = False
        # functions of the file, then of each open block
        self._functions: list[dict[str, tuple[tuple[str, ...], str]]] = [{}]
        self._names: dict[str, str] = {}
        self._nodes: dict[str, str] = {}
        self._expressions: dict[str, str] = {}
        self._assignments: dict[tuple[str, ...], Mapping[str, str]] = {}

    def name(self, line: Line, words: Sequence[str], index: int) -> str:
        """A name, lower case."""
        text = words[index]
        known = self._names.get(text)
        if known is not None:
            return known
        if not _NAME.fullmatch(text):
            raise line.word_error(f"a name was expected, but got {text!r}", index)
        folded = self._names[text] = text.lower()
        if len(folded) != len(text):
            raise line.word_error(f"the name {text!r} has a letter whose lower case is two", index, "rename it")
        if folded != text:
            self.spelling.setdefault(folded, text)
        return folded

    def node(self, line: Line, words: Sequence[str], index: int) -> str:
        """The name of a node; what the dialect calls ground is node 0."""
        known = self._nodes.get(words[index])
        if known is not None:
            return known
        folded = self.name(line, words, index)
        node = self._nodes[words[index]] = "0" if folded in self.dialect.ground else folded
        return node

    def is_value(self, word: str) -> bool:
        """Whether a word is a number of the dialect (LTspice: `2k7` too), or an expression in braces or quotes."""
        return is_value(word) or (self.dialect.name == "ltspice" and bool(_INFIX.fullmatch(word)))

    def define(self, line: Line, header: str, body: str) -> None:
        """Define a function of the open block; calls of it are replaced by its body where they stand."""
        match = _MACRO.fullmatch(header.strip())
        if match is None:
            raise line.error(f"a function is defined like f(x, y), but got {header!r}")
        formals = tuple(part.strip().lower() for part in match[2].split(",") if part.strip())
        text = self._bare(body)
        self._functions[-1][match[1].lower()] = formals, self._translated(text)
        self._forget()

    def enter(self) -> None:
        """Begin a block with functions of its own."""
        self._functions.append({})

    def leave(self) -> None:
        """End a block."""
        if self._functions.pop():
            self._forget()

    def _forget(self) -> None:
        self._expressions.clear()
        self._assignments.clear()

    def expression(self, line: Line, text: str, index: int) -> str:
        """The bare, neutral text of an expression that parses."""
        known = self._expressions.get(text)
        if known is not None:
            return known
        try:
            neutral = self._expanded(self._translated(self._bare(text)), 0)
            names(neutral)
        except InputError as error:
            hint = "write numbers like 10u or 2.5meg, and expressions like {2*w1}"
            raise line.word_error(str(error), index, hint) from None
        if len(self._expressions) > _CACHE:
            self._expressions.clear()
        self._expressions[text] = neutral
        return neutral

    def behaviour(self, line: Line, text: str, index: int) -> str:
        """The neutral text of an expression of voltages and currents."""
        try:
            neutral = self._expanded(self._translated(text), 0)
            require_complete(neutral)
        except InputError as error:
            raise line.word_error(str(error), index, "write it like v={2*v(a,b)}") from None
        ground = self.dialect.ground
        return rewrite(neutral, node=lambda node: "0" if node in ground else node)

    @staticmethod
    def _bare(text: str) -> str:
        while len(text) > 1 and (text[0], text[-1]) in {("{", "}"), ("'", "'"), ('"', '"')}:
            text = text[1:-1].strip()
        return text

    def _translated(self, text: str) -> str:
        """The text in the neutral form: lower case, numbers and functions as ngspice has them, powers as `**`."""
        dialect = self.dialect
        if not text.isascii():
            text = text.replace("µ", "u").replace("μ", "u")
        if "^" in text:
            if dialect.name == "ltspice":
                raise InputError(f"`^` in {text!r} is an exclusive or in LTspice; a power is written **")
            text = text.replace("^", "**")
        if dialect.name != "ngspice" and not text.isdecimal():
            text = rewrite(text, number=self._number, function=lambda name: dialect.functions.get(name.lower(), name))
        if dialect.name == "ltspice":
            text = rewrite(text, name=lambda name: "temper" if name.lower() == "temp" else name)
            text = re.sub(r"(?<![&|])([&|])(?![&|])", r"\1\1", text)
        return " ".join(text.lower().replace("μ", "u").split())

    def _number(self, text: str) -> str:
        dialect = self.dialect.name
        if dialect == "hspice" and (match := _HSPICE_MEGA.fullmatch(text)):
            return f"{match[1]}meg"
        if dialect in {"hspice", "cdl"} and (match := _ATTO.fullmatch(text)):
            return f"{match[1]}e{int(match[2] or 0) - 18}"
        if dialect == "ltspice" and (match := _INFIX.fullmatch(text)):
            suffix = "" if match[2] in "rR" else match[2]
            return f"{match[1]}.{match[3]}{suffix}"
        if self.mega and _BARE_MILLI.fullmatch(text):
            raise InputError(f"{text!r}: under *.MEGA an M may mean mega or milli; write MEG, or an exponent")
        return text

    def _expanded(self, text: str, depth: int) -> str:
        """The text with calls of defined functions replaced by their bodies."""
        if "(" not in text or not any(self._functions):
            return text
        for match in re.finditer(r"([a-z_]\w*)\s*\(", text):
            frame = next((frame for frame in reversed(self._functions) if match[1] in frame), None)
            if frame is None:
                continue
            if depth > 20 or len(text) > 4_000:
                raise InputError(f"the functions in {text[:60]!r}... call each other too deep")
            formals, body = frame[match[1]]
            arguments, end = _arguments(text, match.end())
            if len(arguments) != len(formals):
                raise InputError(f"{match[1]} takes {len(formals)} arguments, but got {len(arguments)} in {text!r}")
            inner = _substituted(body, dict(zip(formals, arguments, strict=True)))
            return self._expanded(f"{text[: match.start()]}({inner}){text[end:]}", depth + 1)
        return text

    def split(self, line: Line, words: list[str], first: int = 1) -> tuple[list[str], Mapping[str, str]]:
        """The words before the first assignment, from `first` on (`params:` left out), and the assignments.

        The assignments are shared between lines that repeat them: copy before changing.
        """
        if "=" not in words:
            positional, parameters = words[first:], _NOTHING
        else:
            begin = words.index("=") - 1
            if begin < first:
                raise line.word_error("a parameter name was expected before =", begin + 1)
            key = tuple(words[begin:])
            known = self._assignments.get(key)
            if known is None:
                known = self._parameters(line, words, begin)
                if len(self._assignments) > _CACHE:
                    self._assignments.clear()
                self._assignments[key] = known
            positional, parameters = words[first:begin], known
        if positional and positional[-1][-1] == ":" and positional[-1].lower() == "params:":
            positional.pop()
        return positional, parameters

    def _parameters(self, line: Line, words: list[str], begin: int) -> dict[str, str]:
        equals = [i for i in range(begin, len(words)) if words[i] == "="]
        parameters: dict[str, str] = {}
        for at, following in zip(equals, [*equals[1:], len(words) + 1], strict=True):
            key, value = words[at - 1], words[at + 1 : following - 1]
            name = key.lower()
            if key == "=" or not _PARAMETER.fullmatch(name):
                raise line.word_error(f"{key!r} is no parameter name", at - 1)
            if not value:
                raise line.word_error(f"the parameter {key!r} has no value", at - 1)
            if name in parameters:
                raise line.word_error(f"the parameter {key!r} is given twice", at - 1)
            if value[0][0] == "[":
                parameters[name] = self._vector(line, value, at + 1)
            elif name in LISTS and (len(value) > 1 or value[0].count(".") > 1):
                terms = self._list(line, name, value, at + 1)
                if again := terms.keys() & parameters.keys():
                    raise line.word_error(f"the parameter {min(again)!r} is given twice", at - 1)
                parameters |= terms
            else:
                parameters[name] = self.expression(line, " ".join(value), at + 1)
        return parameters

    def _list(self, line: Line, name: str, value: list[str], at: int) -> dict[str, str]:
        if name == "version":
            return {name: value[0]}
        terms = [self.expression(line, text, at + i) for i, text in enumerate(value)]
        if name == "ic":
            return {name: ",".join(terms)}
        if len(terms) > 2:
            raise line.word_error(f"tc takes one or two coefficients, but got {len(terms)}", at)
        return {f"tc{i}": text for i, text in enumerate(terms, 1)}

    def _vector(self, line: Line, value: list[str], at: int) -> str:
        """A vector `[1 2]` of numbers or words, as XSPICE models have them."""
        text = " ".join(value)
        if text[-1] != "]" or text.count("[") != 1 or text.count("]") != 1:
            raise line.word_error(f"a vector is written [1 2 3], but got {text!r}", at)
        return f"[{' '.join(text[1:-1].lower().split())}]"


_NOTHING: Final[Mapping[str, str]] = {}


def _substituted(body: str, values: Mapping[str, str]) -> str:
    """The body of a function with arguments, in parentheses, for its formal names."""
    return rewrite(body, name=lambda name: f"({values[name]})" if name in values else name)


def require_complete(text: str) -> None:
    """Check that an expression, which may have functions of a simulator, does not break off.

    Raises:
        InputError: its parentheses do not match, or it ends with an operator.
    """
    if not text or text[-1] in "+-*/<>=&|?:,":
        raise InputError(f"the expression {text!r} ends where a value was expected")
    depth = 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if depth < 0:
            break
    if depth:
        raise InputError(f"the parentheses in {text!r} do not match")


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """The arguments of a call whose parenthesis opens before `start`, and the place behind it."""
    depth, arguments, begin = 1, [], start
    for at in range(start, len(text)):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        if depth == 0 or (depth == 1 and text[at] == ","):
            arguments.append(text[begin:at].strip())
            begin = at + 1
        if depth == 0:
            return arguments if arguments != [""] else [], at + 1
    raise InputError(f"a parenthesis is not closed in {text!r}")


def is_value(word: str) -> bool:
    """Whether a word is a number, or an expression in braces or quotes."""
    if word[0] in "{'\"":
        return True
    if word[0] not in "0123456789.+-":
        return False
    try:
        number(word)
    except InputError:
        return False
    return True
