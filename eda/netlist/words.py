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

__all__ = ["LISTS", "Words", "is_value"]

_NAME: Final = re.compile(r"[^\s(){}'\"=,]+")
_PARAMETER: Final = re.compile(r"\$?[a-z_][\w.]*")
_MACRO: Final = re.compile(r"([a-z_]\w*)\s*\(([\w\s,]*)\)", re.IGNORECASE)
LISTS: Final = frozenset({"ic", "tc", "version"})
"""Parameters whose value may be several numbers (`tc=1m,2u`), or a version such as 4.5.0: no expression."""

_HSPICE_MEGA: Final = re.compile(r"([\d.]+(?:e[+-]?\d+)?)x[a-z]*", re.IGNORECASE)
_INFIX: Final = re.compile(r"(\d+)(meg|[tgkmuµμnpf])(\d+)", re.IGNORECASE)
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
        self._functions: dict[str, tuple[tuple[str, ...], str]] = {}
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
        """Define a function; calls of it are replaced by its body where they stand."""
        match = _MACRO.fullmatch(header.strip())
        if match is None:
            raise line.error(f"a function is defined like f(x, y), but got {header!r}")
        formals = tuple(part.strip().lower() for part in match[2].split(",") if part.strip())
        self._functions[match[1].lower()] = formals, self.expression(line, body, 0)
        self._expressions.clear()
        self._assignments.clear()

    def expression(self, line: Line, text: str, index: int) -> str:
        """The bare, neutral text of an expression that parses."""
        known = self._expressions.get(text)
        if known is not None:
            return known
        bare = text
        if len(text) > 1 and (text[0], text[-1]) in {("{", "}"), ("'", "'"), ('"', '"')}:
            bare = text[1:-1].strip()
        try:
            neutral = self._neutral(bare)
            names(neutral)
        except InputError as error:
            hint = "write numbers like 10u or 2.5meg, and expressions like {2*w1}"
            raise line.word_error(str(error), index, hint) from None
        if len(self._expressions) > _CACHE:
            self._expressions.clear()
        self._expressions[text] = neutral
        return neutral

    def _neutral(self, text: str) -> str:
        """The text in the neutral form: lower case, numbers and functions as ngspice has them."""
        dialect = self.dialect
        if not text.isascii():
            text = text.replace("µ", "u").replace("μ", "u")
        if dialect.name != "ngspice" and not text.isdecimal():
            text = rewrite(text, number=self._number, function=lambda name: dialect.functions.get(name.lower(), name))
        text = " ".join(text.lower().split())
        return self._expanded(text, 0) if self._functions and "(" in text else text

    def _number(self, text: str) -> str:
        dialect = self.dialect.name
        if dialect == "hspice" and (match := _HSPICE_MEGA.fullmatch(text)):
            return f"{match[1]}meg"
        if dialect == "ltspice" and (match := _INFIX.fullmatch(text)):
            return f"{match[1]}.{match[3]}{match[2]}"
        if self.mega and _BARE_MILLI.fullmatch(text):
            raise InputError(f"{text!r}: under *.MEGA an M may mean mega or milli; write MEG, or an exponent")
        return text

    def _expanded(self, text: str, depth: int) -> str:
        """The text with calls of defined functions replaced by their bodies."""
        for match in re.finditer(r"([a-z_]\w*)\s*\(", text):
            if match[1] not in self._functions:
                continue
            if depth > 20 or len(text) > 4_000:
                raise InputError(f"the functions in {text[:60]!r}... call each other too deep")
            formals, body = self._functions[match[1]]
            arguments, end = _arguments(text, match.end())
            if len(arguments) != len(formals):
                raise InputError(f"{match[1]} takes {len(formals)} arguments, but got {len(arguments)} in {text!r}")
            values = dict(zip(formals, arguments, strict=True))
            inner = rewrite(body, name=lambda name: f"({values[name]})" if name in values else name)  # noqa: B023
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
            if name in LISTS and (len(value) > 1 or value[0].count(".") > 1):
                parameters |= self._list(line, name, value, at + 1)
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


_NOTHING: Final[Mapping[str, str]] = {}


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
