"""From the text of a netlist to logical lines: comments stripped, continuations joined, every character located."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.errors import NetlistError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CARRIED", "Line", "logical_lines", "physical_lines"]

_NEWLINE: Final = re.compile(r"\r\n|\n|\r")
_NEVER: Final = re.compile(r"(?!)")
_LONGEST: Final = 2**20  # characters of one statement; the longest in use are piecewise linear sources
# comment lines that carry something: bounds of variables, and what CDL hides in comments
CARRIED: Final = re.compile(r"\*(@|\.(pininfo|global|mega|scale|masters|connect|join|equiv)\b)", re.IGNORECASE)


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
        if len(self.text) > _LONGEST:
            raise self.error(f"a statement may have {_LONGEST} characters; this one goes on")

    @property
    def number(self) -> int:
        """Line number of its first piece."""
        return self.pieces[0][1]

    @property
    def column(self) -> int:
        """Column of its first character, from 1."""
        return self.pieces[0][2] + 1

    def error(self, message: str, offset: int = 0, hint: str = "") -> NetlistError:
        """A netlist error at an offset of the joined text."""
        index = bisect_right([piece[0] for piece in self.pieces], offset) - 1
        start, number, column, source = self.pieces[max(index, 0)]
        return NetlistError(
            message, file=self.file, line=number, column=column + offset - start + 1, text=source, hint=hint
        )

    def word_error(self, message: str, word: int, hint: str = "") -> NetlistError:
        """A netlist error at a word, counted as `words` counts them."""
        return self.error(message, self.offset(word), hint)

    def words(self) -> list[str]:
        """Words of the line; braces and quotes keep their content together, `=` stands alone.

        Raises:
            NetlistError: a brace or quote is not closed.
        """
        text = self.text
        if "{" in text or "'" in text or '"' in text:
            return [text[start:end] for start, end in self._spans()]
        return text.replace("=", " = ").replace(",", " ").split()

    def offset(self, word: int) -> int:
        """Where a word begins in the joined text; past the last word, the end of the text."""
        spans = list(self._spans())
        return spans[word][0] if word < len(spans) else max(len(self.text) - 1, 0)

    def _spans(self) -> Iterator[tuple[int, int]]:
        at, text = 0, self.text
        while at < len(text):
            if text[at].isspace() or text[at] == ",":
                at += 1
                continue
            end = self._end(at)
            yield at, end
            at = end

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
            depth += (self.text[at] == "{") - (self.text[at] == "}")
            if depth == 0:
                return at
        raise self.error("the brace { is not closed", start, "close it with }")


def physical_lines(text: str) -> list[str]:
    """The lines of a text as an editor counts them, without their ends."""
    return _NEWLINE.split(text)


def logical_lines(text: str, file: str, comment: re.Pattern[str], start: int = 1) -> Iterator[Line]:
    """The statements of a netlist of the SPICE family.

    Comment lines that carry something (`*@`, `*.PININFO` ...) come through, with their continuations `*+`; other
    comments and blank lines do not, even between a statement and its continuation.

    Args:
        text: content of the file.
        file: its name, for messages.
        comment: what begins a comment within a line.
        start: number of the first line.

    Raises:
        NetlistError: a continuation line with nothing to continue.
    """
    current: Line | None = None
    if comment.search(text) is None:
        comment = _NEVER
    for number, source in enumerate(physical_lines(text), start):
        content = _content(source, comment, current)
        if not content:
            continue
        if content[0] == "+":
            if current is None or current.text.startswith("*@"):
                column = source.index("+") + 1
                message = "a continuation line, but there is no statement before it"
                raise NetlistError(message, file=file, line=number, column=column, text=source)
            if rest := content[1:].lstrip():
                current.append(rest, number, source.index(rest, source.index("+") + 1), source)
            continue
        if current is not None:
            yield current
        current = Line(file, content, [(0, number, source.index(content[0]), source)])
    if current is not None:
        yield current


def _content(source: str, comment: re.Pattern[str], current: Line | None) -> str:
    """What a line says: nothing for a comment; a continuation `*+` of a carried comment, from its `+`."""
    content = source.strip()
    if not content:
        return ""
    if content[0] != "*":
        match = comment.search(source) if comment is not _NEVER else None
        return content if match is None else source[: match.start()].strip()
    if content.startswith("*+") and current is not None and current.text.startswith("*."):
        return content[1:]
    return content if CARRIED.match(content) else ""
