"""A deck as devices: flat text with gaps, and the functions of the deck's parameters that fill them.

ngspice evaluates a deck's expressions when it reads the deck. Here they are evaluated outside, so that a resident
circuit need not be read again: most gaps are values that ngspice's `alter` can set, and a new design alters those that
changed. The others (text of a behavioural source, the time points of a pulse, a bin of a model) ask for a new circuit.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.errors import EDAError, InputError
from eda.netlist import flatten, format_netlist, parse_netlist
from eda.netlist.expressions import bare, evaluate
from eda.netlist.folding import compiled
from eda.netlist.sources import parse_source
from eda.simulation.analyses import Dc
from eda.simulation.behavioural import Behavioural
from eda.simulation.misreadings import has_nested_choice, refuse_misread, with_bare_values
from eda.simulation.spelling import NOT_EVALUATED, VALUES, Marks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from eda.netlist import Circuit, Device
    from eda.netlist.folding import Function
    from eda.simulation.analyses import Analysis
    from eda.simulation.deck import Deck
    from eda.technology import ModelBin

__all__ = ["Elaboration", "elaborate", "printed"]

_GAP: Final = re.compile(r"\{([^{}]*)\}|\bbin__(\d+)\b")
_WORD: Final = re.compile(r"[a-z_]\w*")
_LARGEST: Final = 5_000_000  # characters; our reader takes seconds for more
_MARK: Final = re.compile(r"\bnumber__\d+\b")
_STATEMENT: Final = re.compile(r"^[ \t]*(?![+*])\S.*(?:\n(?:[ \t]*[+*].*|\s*$))*", re.MULTILINE)
_CARD: Final = re.compile(r"\.model (\S+) (\w+) lmin=\S+ lmax=\S+ wmin=\S+ wmax=\S+")
_QUOTED: Final = re.compile(r"'([^'\n]*)'")
_NAMED: Final = re.compile(r"=[ \t]*([A-Za-z_]\w*)\b")
_TEMPER: Final = re.compile(r"\btemper\b", re.IGNORECASE)
_INSTANCES: Final = frozenset("mqdj")


def _sweeps_temperature(analysis: Analysis) -> bool:
    return isinstance(analysis, Dc) and any(one.source == "temp" for one in (analysis.inner, analysis.outer) if one)


def elaborate(deck: Deck) -> Elaboration | str:
    """The elaboration of a deck, or the reason why it has none."""
    size = len(deck.body) + len(deck.models)
    if size > _LARGEST:
        return f"a deck of {size:,} characters is evaluated by ngspice alone"
    try:
        return Elaboration(deck)
    except EDAError as error:
        return str(error)
    except RecursionError:
        return "blocks are nested too deep to be evaluated outside ngspice"


def printed(values: Sequence[float]) -> list[str]:
    """Numbers as ngspice prints the values of expressions: with 16 digits."""
    return [f"{value:.15e}" for value in values]


class Elaboration:
    """A deck as a function of its parameters.

    Args:
        deck: the deck.

    Raises:
        NetlistError: the deck has something that our reader does not take.
        InputError: an expression in it cannot be evaluated outside ngspice.
    """

    def __init__(self, deck: Deck) -> None:
        self.bins = deck.bins
        self.by_finger = "wnflag=1" in deck.options
        self.scale = next((evaluate(text[6:]) for text in deck.options if text.startswith("scale=")), 1.0)
        self._temperature = {"temper": deck.temperature}
        behavioural = Behavioural()
        text = behavioural.hidden(f"{deck.models}\n{deck.body}")
        source = parse_netlist(f"* {deck.title}\n{text}", dialect="ngspice")
        source = with_bare_values(source, deck.parameters.keys())
        refuse_misread(source, deck.parameters)
        outside = {model.name for model in source.models}
        marks = Marks()
        flat = behavioural.taken_out(marks.spelled(flatten(marks.literal(source))))
        families = {one.family for one in deck.bins}
        binned = [device for device in flat.devices if device.letter == "m" and device.model in families]
        self._texts: dict[str, int] = {}
        self._constants = marks.texts
        # ngspice checks a card for the first transistor of it only, so those of other sizes have a card of their own
        groups: dict[tuple[str | int | None, ...], _Sized] = {}
        places: dict[str, int] = {}
        for device in binned:
            sized = _Sized(device, self)
            groups.setdefault(sized.key, sized)
            places[device.name] = list(groups).index(sized.key)
        self.sized = list(groups.values())
        self.one_card = len(self.sized) == 1
        flat = replace(
            flat,
            models=tuple(model for model in flat.models if model.name not in outside),
            devices=tuple(
                replace(device, model=f"bin__{places[device.name]}") if device.name in places else device
                for device in flat.devices
            ),
        )
        held = {"0", *(node for device in flat.devices if device.letter == "v" for node in device.nodes)}
        self.free_nodes = tuple(dict.fromkeys(n for d in flat.devices for n in d.nodes if n not in held))
        self.transistors = tuple(device.name for device in flat.devices if device.letter == "m")
        cards, computed = _model_cards(f"{deck.models}\n{deck.body}", deck.parameters)
        circuit = format_netlist(flat).partition("\n")[2]
        self.pieces = self._pieces("\n".join((cards, *computed, circuit)))
        self.pieces.append("\n".join(["", *behavioural.lines, ""]))
        # parameters that stand in expressions of voltages, which ngspice evaluates
        evaluated = [d.value for d in flat.devices if d.value and (d.letter == "b" or not _plain(d))]
        sources = {word for text in evaluated for word in _WORD.findall(text.lower())}
        self._behind = (behavioural.names() | sources) & deck.parameters.keys()
        self.alters, altered = self._alters(flat)
        gaps = Counter(piece for piece in self.pieces if isinstance(piece, int) and piece >= 0)
        self.structural = tuple(index for index, count in gaps.items() if count > altered[index])
        if any(_sweeps_temperature(one) for one in deck.analyses) and any(_TEMPER.search(text) for text in self._texts):
            raise InputError("the temperature is swept, and values depend on it: ngspice evaluates them at each one")
        known = {**deck.parameters, **self._temperature}
        self.functions = [self._function(text, known) for text in self._texts]
        self._sizes = [
            (device.name, key, self.functions[self._texts[_plain_text(device.parameters[key], marks.texts)]])
            for device in flat.devices
            if device.letter == "m"
            for key in ("w", "l")
            if key in device.parameters and device.parameters[key] not in marks.texts
        ]
        varying = "".join(one.text for one in deck.bins if "{" in one.text)
        process = {name for name in deck.deviates if re.search(rf"\b{name}\b", varying)}
        self.fixed = tuple(sorted(process | self._behind))

    def index(self, text: str) -> int:
        """The number of an expression."""
        return self._texts.setdefault(_plain_text(text, self._constants), len(self._texts))

    def impossible(self, parameters: Mapping[str, float]) -> str:
        """What is wrong with the sizes of a design, where ngspice would look for an answer that there is not."""
        scope = {**parameters, **self._temperature}
        for name, key, function in self._sizes:
            try:
                size = function(scope)
            except (ArithmeticError, ValueError, TypeError):
                continue
            if not size > 0:
                return f"`{key} > 0` must hold for {name}, but it is {size:g}"
        return ""

    @staticmethod
    def _function(text: str, parameters: Mapping[str, float]) -> Function:
        function = compiled(text)
        if has_nested_choice(text):
            raise InputError(f"{{{text}}} has a choice in a choice, which ngspice reads otherwise without parentheses")
        try:
            function(parameters)
        except KeyError as error:
            raise InputError(f"{{{text}}} depends on {error}, which is no parameter of the deck") from None
        except (ArithmeticError, ValueError, TypeError):
            pass  # it may have a value elsewhere
        return function

    def values(self, parameters: Mapping[str, float]) -> list[float]:
        """The values of all expressions.

        Args:
            parameters: every parameter of the deck.

        Raises:
            InputError: one has no value there.
        """
        scope = {**parameters, **self._temperature}
        try:
            return [function(scope) for function in self.functions]
        except (ArithmeticError, ValueError, TypeError) as error:
            raise InputError(f"an expression of the deck has no value: {error}") from None

    def choose(self, values: Sequence[float]) -> tuple[int, ...] | None:
        """The bin of each size of a model that has bins; `None` when one is outside all bins."""
        chosen = []
        for sized in self.sized:
            length, width = sized.size(values)
            number = sized.last
            if not (self.by_finger and number is not None and self.bins[number].contains(length, width)):
                number = next((n for n in sized.candidates if self._takes(self.bins[n], length, width)), None)
            if number is None:
                return None
            chosen.append(number)
            sized.last = number  # most designs of a search stay in their bins
        return tuple(chosen)

    def _takes(self, one: ModelBin, length: float, width: float) -> bool:
        # in HSPICE mode ngspice takes the bins that do not fit out of the deck; otherwise it takes the first that does
        return one.contains(length, width) if self.by_finger else one.admits(length, width)

    def text(self, values: Sequence[str], chosen: Sequence[int], parameters: Mapping[str, float]) -> str:
        """The flat circuit as ngspice text.

        Args:
            values: of all expressions, as text.
            chosen: bin of each size in `sized`.
            parameters: every parameter of the deck.
        """

        def fill(piece: str | int) -> str:
            if isinstance(piece, str):
                return piece
            return values[piece] if piece >= 0 else _card_name(self.bins[chosen[-1 - piece]], -1 - piece)

        filled = map(fill, self.pieces)
        cards = [f".param {name}={parameters[name]!r}" for name in sorted(self._behind)]
        scope = {**parameters, **self._temperature}
        cards += [_card(self.bins[number], place, scope) for place, number in enumerate(chosen)]
        return "\n".join((*cards, "".join(filled)))

    def _pieces(self, text: str) -> list[str | int]:
        """Text and, between, the numbers of expressions; -1 - n for the bin of the n-th size."""
        pieces: list[str | int] = []
        at = 0
        for match in _GAP.finditer(text):
            pieces.append(text[at : match.start()])
            if match[2] is not None:
                pieces.append(-1 - int(match[2]))
            else:
                pieces.append(self._constants.get(match[1]) or self.index(match[1]))
            at = match.end()
        return [*pieces, text[at:]]

    def _alters(self, flat: Circuit) -> tuple[list[tuple[int, str]], Counter[int]]:
        """For `alter`, expressions with the value of the circuit that each sets; and how often each is altered."""
        alters = [
            (self.index(text), f"@{device.name}[{key}]")
            for device in flat.devices
            for key, text in _alterable(device)
            if bare(text) not in self._constants
        ]
        return alters, Counter(index for index, _ in alters)


def _model_cards(text: str, parameters: Collection[str]) -> tuple[str, list[str]]:
    """Model cards outside blocks, letter by letter: without expressions, and with some, which are in braces."""

    def braced(match: re.Match[str]) -> str:
        return f"={{{match[1]}}}" if match[1].lower() in parameters else match[0]

    plain: list[str] = []
    computed: list[str] = []
    depth = 0
    for statement in _STATEMENT.findall(text):
        folded = statement.lower().lstrip()
        depth += folded.startswith(".subckt") - folded.startswith(".ends")
        if depth == 0 and folded.startswith(".model"):
            card = _NAMED.sub(braced, _QUOTED.sub(r"{\1}", statement.rstrip()))
            (computed if _GAP.search(card) else plain).append(card)
    return "\n".join(plain), computed


class _Sized:
    """A size that some transistors have, whose model depends on it."""

    def __init__(self, device: Device, elaboration: Elaboration) -> None:
        self.last: int | None = None
        self.candidates = [n for n, one in enumerate(elaboration.bins) if one.family == device.model]
        fingers = device.parameters.get("nf", "1") if elaboration.by_finger else "1"
        self._scale = elaboration.scale
        self._length, self._width, self._fingers = map(
            elaboration.index, (device.parameters.get("l", "1"), device.parameters.get("w", "1"), fingers)
        )
        self.key = device.model, self._length, self._width, self._fingers

    def size(self, values: Sequence[float]) -> tuple[float, float]:
        """Length, and the width by which ngspice chooses the bin (of a finger, or the whole), m."""
        return values[self._length] * self._scale, values[self._width] / values[self._fingers] * self._scale


def _plain_text(text: str, constants: Mapping[str, str]) -> str:
    """An expression with the numbers that marks stand for."""
    return _MARK.sub(lambda match: constants[match[0]], bare(text).replace(" ", ""))


def _alterable(device: Device) -> Iterator[tuple[str, str]]:
    """The values of a device that ngspice can alter, by their names in `alter`."""
    letter = device.letter
    if letter in _INSTANCES:
        yield from ((k, text) for k, text in device.parameters.items() if k not in NOT_EVALUATED and k[0] != "$")
    elif letter in "vi":
        source = parse_source(device.value or "")
        if source.dc is not None and not source.waveform:
            yield "dc", source.dc
        yield from zip(("acmag", "acphase"), source.ac, strict=False)
    elif letter in VALUES and device.value and _plain(device):
        yield VALUES[letter], device.value
        if letter in "rcl" and "m" in device.parameters:
            yield "m", device.parameters["m"]


def _plain(device: Device) -> bool:
    """Whether the value is one number, not a polynomial, a table or an expression of voltages."""
    return "(" not in (device.value or "") or not re.search(r"\b[vi]\s*\(|poly|table|value", device.value or "")


def _card_name(one: ModelBin, place: int) -> str:
    return f"{one.text.split(maxsplit=2)[1].replace('.', '__')}__{place}"


def _card(one: ModelBin, place: int, parameters: Mapping[str, float]) -> str:
    """The card as one without bins, under a name of its own, with numbers in place of what varies with the process."""
    text = _CARD.sub(lambda match: f".model {_card_name(one, place)} {match[2]}", one.text, count=1)
    return _GAP.sub(lambda match: f"{compiled(match[1])(parameters):.15e}", text) if "{" in text else text
