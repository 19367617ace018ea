"""Analysis cards of a deck (`.ac dec 10 1 1g`) as typed analyses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eda.errors import InputError, did_you_mean
from eda.netlist import number
from eda.simulation.analyses import Ac, Dc, Noise, Op, Sweep, Tf, Tran

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eda.simulation.analyses import Analysis

__all__ = ["parse_analysis"]


def _ac(words: Sequence[str], name: str) -> Ac:
    variation, points, start, stop = words
    return Ac(number(start), number(stop), int(number(points)), _variation(variation), name=name)


def _dc(words: Sequence[str], name: str) -> Dc:
    source, start, stop, step, *outer = words
    second = Sweep(outer[0], *map(number, outer[1:])) if outer else None
    return Dc(source, number(start), number(stop), number(step), second, name=name)


def _tran(words: Sequence[str], name: str) -> Tran:
    step, stop, *rest = [word for word in words if word != "uic"]
    start, longest = (number(rest[place]) if len(rest) > place else None for place in (0, 1))
    return Tran(number(step), number(stop), start or 0.0, longest, "uic" in words, name=name)


def _noise(words: Sequence[str], name: str) -> Noise:
    output, source, variation, points, start, stop, *_ = words
    return Noise(output, source, number(start), number(stop), int(number(points)), _variation(variation), name=name)


def _tf(words: Sequence[str], name: str) -> Tf:
    output, source = words
    return Tf(output, source, name=name)


def _op(words: Sequence[str], name: str) -> Op:
    () = words
    return Op(name=name)


_KINDS: Final[Mapping[str, tuple[Callable[[Sequence[str], str], Analysis], str]]] = {
    "op": (_op, ".op"),
    "ac": (_ac, ".ac dec 10 1 1g"),
    "dc": (_dc, ".dc vin 0 1 0.1"),
    "tran": (_tran, ".tran 1n 1u"),
    "noise": (_noise, ".noise v(out) vin dec 10 1 1meg"),
    "tf": (_tf, ".tf v(out) vin"),
}


def parse_analysis(text: str, taken: Sequence[str] = ()) -> Analysis:
    """An analysis from its card; it is named by its kind, or by its kind and a number where that is taken.

    Args:
        text: the card, with its dot.
        taken: names of analyses before it.

    Raises:
        InputError: it is no card of an analysis that is known here, or its values are not understood.
    """
    word, *words = text.lower().split()
    kind = word.removeprefix(".")
    if kind not in _KINDS:
        raise InputError(f"there is no analysis {word!r}. {did_you_mean(word, [f'.{name}' for name in _KINDS])}")
    read, example = _KINDS[kind]
    number_ = sum(name.rstrip("0123456789_") == kind for name in taken) + 1
    try:
        return read(words, kind if number_ == 1 else f"{kind}_{number_}")
    except (ValueError, TypeError):  # too few words, or too many
        raise InputError(f"{text!r} is not understood; write it like {example!r}") from None
    except InputError as error:
        raise InputError(f"{text!r}: {error}") from None


def _variation(word: str) -> Any:
    if word not in {"dec", "oct", "lin"}:
        raise InputError(f"the variation is dec, oct or lin, but got {word!r}")
    return word
