"""The value of an independent source: direct, small-signal and transient part, as one canonical text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["WAVEFORMS", "SourceValue", "parse_source"]

WAVEFORMS: Final = frozenset({"pulse", "sin", "exp", "pwl", "sffm", "am", "trnoise", "trrandom", "external"})
"""Transient functions, by their ngspice names."""

_ALIASES: Final = {"sine": "sin"}
_KEYS: Final = frozenset(
    {"dc", "ac", "distof1", "distof2", "portnum", "z0", "pwr", "freq", "phase", "r", "td", "m", "rser", "cpar"}
)
_TWO: Final = frozenset({"ac", "distof1", "distof2"})  # magnitude and phase
_INSIDE: Final = frozenset({"r", "td"})  # HSPICE writes repetition and delay into the parentheses of pwl
_TERM: Final = re.compile(r"\{[^{}]*\}|'[^']*'|\"[^\"]*\"|[()]|[^\s(){}'\",=]+")


@dataclass(frozen=True, slots=True)
class SourceValue:
    """The parts of a V or I source.

    Attributes:
        dc: direct part, an expression or `None`.
        ac: magnitude, and phase in degrees if given.
        waveform: name of the transient function, or empty.
        arguments: of that function.
        others: further keys with their values, such as `portnum`.
    """

    dc: str | None = None
    ac: tuple[str, ...] = ()
    waveform: str = ""
    arguments: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()

    def mapped(self, change: Callable[[str], str]) -> SourceValue:
        """The same source with every expression changed."""
        return SourceValue(
            None if self.dc is None else change(self.dc),
            tuple(map(change, self.ac)),
            self.waveform,
            tuple(map(change, self.arguments)),
            tuple((key, change(value)) for key, value in self.others),
        )

    def text(self, quote: Callable[[str], str]) -> str:
        """The text of the source; a lone direct part stands without `dc`."""
        parts = []
        if self.dc is not None:
            alone = not (self.ac or self.waveform or self.others)
            parts.append(quote(self.dc) if alone else f"dc {quote(self.dc)}")
        if self.ac:
            parts.append(" ".join(["ac", *map(quote, self.ac)]))
        if self.waveform:
            parts.append(f"{self.waveform}({' '.join(map(quote, self.arguments))})")
        parts += (f"{key}={quote(value)}" for key, value in self.others)
        return " ".join(parts)


def parse_source(text: str, expression: Callable[[str], str] = str) -> SourceValue:
    """Read the value of a V or I source in a dialect of the SPICE family.

    Args:
        text: all that follows the nodes.
        expression: reads one term.

    Raises:
        InputError: a word is not understood, or stands twice.
    """
    found: dict[str, list[str]] = {}
    current, waveform, inside = "dc", "", False
    for word in _terms(text):
        lower = _ALIASES.get(word.lower(), word.lower())
        if word in {"(", ")"}:
            if not waveform or inside == (word == "("):
                raise InputError(f"a parenthesis stands where no transient function was begun, in {text!r}")
            inside = word == "("
            current = waveform if inside else ""
        elif lower in WAVEFORMS and not inside:
            if waveform:
                raise InputError(f"a source has one transient function, but got {waveform} and {lower}")
            waveform = current = lower
        elif lower in _keys(waveform, inside=inside):
            if lower in found:
                raise InputError(f"{lower} is given twice in {text!r}")
            current = lower
            found[lower] = []
        else:
            found.setdefault(current, []).append(expression(word))
            if current in _KEYS and len(found[current]) == (2 if current in _TWO else 1):
                current = waveform if inside else ""
    if inside:
        raise InputError(f"the parenthesis of {waveform} is not closed in {text!r}")
    return _value(text, found, waveform)


def _keys(waveform: str, *, inside: bool) -> frozenset[str]:
    if not inside:
        return _KEYS
    return _INSIDE if waveform == "pwl" else frozenset()


def _terms(text: str) -> Iterator[str]:
    end = 0
    for match in _TERM.finditer(text):
        if match[0].lower() in {"file", "wavefile"}:
            raise InputError(f"the source {text!r} reads a file, which is not understood")
        if text[end : match.start()].strip(" \t,="):
            break
        end = match.end()
        yield match[0]
    if left := text[end:].strip(" \t,="):
        raise InputError(f"{left!r} is not understood in the source {text!r}")


def _value(text: str, found: dict[str, list[str]], waveform: str) -> SourceValue:
    if left := found.pop("", []):
        hint = did_you_mean(left[0], WAVEFORMS | _KEYS)
        raise InputError(f"{left[0]!r} is not understood in the source {text!r}. {hint}")
    arguments = tuple(found.pop(waveform, ())) if waveform else ()
    dc = found.pop("dc", [])
    ac = found.pop("ac", None)
    for key, values in found.items():
        if not values:
            raise InputError(f"{key} has no value in the source {text!r}")
    return SourceValue(
        dc[0] if dc else None,
        () if ac is None else tuple(ac or ["1"]),
        waveform,
        arguments,
        tuple((key, " ".join(values)) for key, values in found.items()),
    )
