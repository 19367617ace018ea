"""The errors that eda raises, one tree under `EDAError`.

An error says what must hold, what was got and what to do. Inside a loop failure is data
(`eda.simulation.Status`); at the edge it is one of these.
"""

from __future__ import annotations

import difflib
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Choice = TypeVar("Choice", bound=Enum)

__all__ = [
    "EDAError",
    "InputError",
    "NetlistError",
    "RunStoreError",
    "SimulatorError",
    "TechnologyError",
    "an",
    "did_you_mean",
    "files_beside",
    "parse_choice",
    "require_known",
    "require_type",
]

_LISTED: Final = 40  # names in a message


class EDAError(Exception):
    """Any error of eda; `str(error)` is fit to be shown to a user.

    Attributes:
        exit_code: what the command line returns for it.
    """

    exit_code = 2


class InputError(EDAError):
    """A specification, task, quantity or argument that cannot be used."""


class NetlistError(EDAError):
    """A netlist that cannot be read, with the place.

    Args:
        message: what is wrong.
        file: name of the file, or of the source when there is none.
        line: line number from 1, 0 when the error has no line.
        column: column number from 1.
        text: the offending line.
        hint: what would be accepted.
    """

    def __init__(
        self, message: str, *, file: str = "", line: int = 0, column: int = 0, text: str = "", hint: str = ""
    ) -> None:
        self.message, self.file, self.line, self.column = message, file, line, column
        self.text, self.hint = text, hint
        super().__init__(message)

    def __str__(self) -> str:
        place = ":".join([self.file or "netlist", *(str(n) for n in (self.line, self.column) if n)])
        lines = [f"{place}: {self.message}"]
        if self.text:
            lines += [f"  {self.text.expandtabs(1)}", "  " + " " * max(self.column - 1, 0) + "^"]
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return (_netlist_error, (self.message, self.file, self.line, self.column, self.text, self.hint))


def _netlist_error(message: str, file: str, line: int, column: int, text: str, hint: str) -> NetlistError:
    return NetlistError(message, file=file, line=line, column=column, text=text, hint=hint)


class TechnologyError(EDAError):
    """A process kit that is missing, incomplete, or lacks what the circuit asks for."""


class SimulatorError(EDAError):
    """ngspice is missing, or failed in a way that no other evaluation would survive."""

    exit_code = 3


class RunStoreError(EDAError):
    """A run directory that cannot be written, or that holds another run."""


def parse_choice(kind: type[Choice], value: Choice | str, what: str) -> Choice:
    """A member of an enumeration, by itself or by its name in lower case.

    Args:
        kind: the enumeration.
        value: the member, or its name.
        what: that it is, for the error.

    Raises:
        InputError: there is none of that name.
    """
    if isinstance(value, kind):
        return value
    names = {one.name.lower(): one for one in kind}
    if str(value).lower() not in names:
        raise InputError(f"there is no {what} {value!r}. {did_you_mean(str(value), names)}")
    return names[str(value).lower()]


def require_type(name: str, value: object, kind: type, example: str) -> None:
    """Check an argument where a user easily passes something else.

    Raises:
        InputError: it is of another type.
    """
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise InputError(f"{name} must be {an(kind.__name__)}, such as {example}, but got {value!r}")


def an(noun: str) -> str:
    """A noun with its article."""
    return f"{'an' if noun[:1].lower() in {*'aeiou'} else 'a'} {noun}"


def files_beside(path: Path) -> str:
    """Of a file that is not there, a sentence that names the nearest ones in its folder, or those of its kind."""
    try:
        names = [other.name for other in path.parent.iterdir() if other.name[0] != "." and other.is_file()]
    except FileNotFoundError:
        return f"There is no folder {path.parent}."
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=2)
    kind = near or [name for name in names if name.endswith(path.suffix or ".")]
    return did_you_mean(path.name, kind) if kind else ""


def require_known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that are not known.

    Args:
        what: what they name, such as `table`.
        names: what was got.
        known: what is accepted.

    Raises:
        InputError: one of them is another.
    """
    accepted = list(known)
    for name in names:
        if name not in accepted:
            raise InputError(f"there is no {what} {name!r}. {did_you_mean(name, accepted)}")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known names, or the first of all of them.

    Args:
        name: what was got.
        known: what would be accepted.
    """
    names = sorted(known)
    close = difflib.get_close_matches(name.lower(), [n.lower() for n in names], n=2, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(repr(n) for n in names if n.lower() in close)}?"
    more = f" and {len(names) - _LISTED} others" if len(names) > _LISTED else ""
    return f"Known: {', '.join(names[:_LISTED])}{more}." if names else "None is known."
