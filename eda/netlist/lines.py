"""From the text of a netlist to logical lines: comments stripped, continuations joined, every character located."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eda.errors import NetlistError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Line", "Token", "logical_lines"]

_NEWLINE = re.compile(r"\r\n|\n|\r")
_COMMENT = re.compile(r";|(?:^|\s)//|(?:^|\s)\$(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a logical line and its offset in it."""

    text: str
    offset: int


@dataclass(slots=True)
class Line:
    """A statement: joined text, and where each piece of it stands in the file.

    Attributes:
        file: name of the file.
        text: the joined text.
        pieces: offset in `text`, line number, column offset and source line of each physical line.
    """

    file: str
    text: str = ""
    pieces: list[tuple[int, int, int, str]] = field(default_factory=list)

    def append(self, text: str, number: int, column: int, source: str) -> None:
        """Add the text of one physical line."""
        self.pieces.append((len(self.text) + bool(self.text), number, column, source))
        self.text = f"{self.text} {text}" if self.text else text

    @property
    def number(self) -> int:
        """Line number of its first piece."""
        return self.pieces[0][1]

    def error(self, message: str, offset: int = 0, hint: str = "") -> NetlistError:
        """A netlist error at an offset of the joined text."""
        index = bisect_right([piece[0] for piece in self.pieces], offset) - 1
        start, number, column, source = self.pieces[max(index, 0)]
        return NetlistError(
            message, file=self.file, line=number, column=column + offset - start + 1, text=source, hint=hint
        )

    def tokens(self) -> list[Token]:
        """Words of the line; braces and quotes keep their content together, `=` stands alone.

        Raises:
            NetlistError: a brace or quote is not closed.
        """
        tokens, at, text = [], 0, self.text
        while at < len(text):
            if text[at].isspace() or text[at] == ",":
                at += 1
                continue
            end = self._end(at)
            tokens.append(Token(text[at:end], at))
            at = end
        return tokens

    def _end(self, start: int) -> int:
        text = self.text
        if text[start] == "=":
            return start + 1
        at = start
        while at < len(text) and not text[at].isspace() and text[at] not in "=,":
            if text[at] == "{":
                at = self._closing_brace(at)
            elif text[at] in "'\"":
                closing = text.find(text[at], at + 1)
                if closing < 0:
                    raise self.error(f"the quote {text[at]} is not closed", at)
                at = closing
            at += 1
        return at

    def _closing_brace(self, start: int) -> int:
        depth = 0
        for at in range(start, len(self.text)):
            depth += {"{": 1, "}": -1}.get(self.text[at], 0)
            if depth == 0:
                return at
        raise self.error("the brace { is not closed", start, "close it with }")


def logical_lines(text: str, file: str) -> Iterator[Line]:
    """The statements of a netlist; `*@` comment lines come through, other comments and blank lines do not.

    Args:
        text: content of the file.
        file: its name, for messages.

    Raises:
        NetlistError: a continuation line with nothing to continue.
    """
    current: Line | None = None
    for number, source in enumerate(_NEWLINE.split(text), 1):
        stripped = source.strip()
        if stripped.startswith("*") and not stripped.startswith("*@"):
            continue
        match = None if stripped.startswith("*@") else _COMMENT.search(source)
        content = source[: match.start()] if match else source
        column = len(content) - len(content.lstrip())
        content = content.strip()
        if not content:
            continue
        if content.startswith("+"):
            if current is None or current.text.startswith("*@"):
                raise NetlistError(
                    "a continuation line, but there is no statement before it",
                    file=file,
                    line=number,
                    column=column + 1,
                    text=source,
                )
            rest = content[1:].lstrip()
            current.append(rest, number, column + len(content) - len(rest), source)
            continue
        if current is not None:
            yield current
        current = Line(file)
        current.append(content, number, column, source)
    if current is not None:
        yield current
