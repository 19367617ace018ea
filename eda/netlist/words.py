"""Words of a netlist line: names, values, expressions and assignments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist.expressions import names, number

if TYPE_CHECKING:
    from eda.netlist.lines import Line, Token

__all__ = ["Words", "is_value"]

_NAME: Final = re.compile(r"[^(){}'\"=,]+")
_PARAMETER: Final = re.compile(r"[a-z_]\w*")


class Words:
    """Reads words of lines, folding names to lower case.

    Attributes:
        spelling: how the source writes the names that are not lower case there.
    """

    def __init__(self) -> None:
        self.spelling: dict[str, str] = {}

    def name(self, line: Line, token: Token) -> str:
        """A name, lower case."""
        if not _NAME.fullmatch(token.text):
            raise line.error(f"a name was expected, but got {token.text!r}", token.offset)
        folded = token.text.lower()
        if folded != token.text:
            self.spelling.setdefault(folded, token.text)
        return folded

    def node(self, line: Line, token: Token) -> str:
        """The name of a node; `gnd` is node 0."""
        folded = self.name(line, token)
        return "0" if folded == "gnd" else folded

    def expression(self, line: Line, text: str, offset: int) -> str:
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

    def split(self, line: Line, tokens: list[Token]) -> tuple[list[Token], dict[str, str]]:
        """The words before the first assignment (`params:` left out), and the assignments."""
        equals = [i for i, token in enumerate(tokens) if token.text == "="]
        parameters: dict[str, str] = {}
        for at, following in zip(equals, [*equals[1:], len(tokens) + 1], strict=False):
            if at == 0:
                raise line.error("a parameter name was expected before =", tokens[at].offset)
            key, value = tokens[at - 1], tokens[at + 1 : following - 1]
            if not value:
                raise line.error(f"the parameter {key.text!r} has no value", key.offset)
            name = key.text.lower()
            if not _PARAMETER.fullmatch(name):
                raise line.error(f"{key.text!r} is no parameter name", key.offset)
            if name in parameters:
                raise line.error(f"the parameter {key.text!r} is given twice", key.offset)
            parameters[name] = self.expression(line, " ".join(token.text for token in value), value[0].offset)
        words = tokens[: equals[0] - 1] if equals else tokens
        return [word for word in words if word.text.lower() != "params:"], parameters


def is_value(token: Token) -> bool:
    """Whether a word is a number, or an expression in braces or quotes."""
    if token.text[0] in "{'\"":
        return True
    try:
        number(token.text)
    except InputError:
        return False
    return True
