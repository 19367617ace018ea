"""Circuits resident in one ngspice process, in two modes.

`exact` reads the deck's own text: the results are those of a fresh `ngspice -b`, to the last bit. While the same model
cards serve, only `.param` lines change (`alterparam`, `reset`).

`fast` keeps the devices and alters their values, which Python evaluates: the same to rounding, as a check against
`exact` shows when a deck is first met (1e-6; ngspice prints 16 digits of what it evaluates, and so do we). Circuits
with other model bins stay beside it, the most recently used ones longest.

ngspice 39 checks the parameters of a BSIM4 card, and corrects or refuses some, for the first transistor of it only, and
not at all when the card has the name of the one that it checked last. So transistors of different sizes have cards of
their own where the cards have bins, as in the kits. In a deck without bins whose transistors all have one card, a
correction reaches the first evaluation of a process only.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError, parse_choice
from eda.simulation.elaboration import Elaboration, printed
from eda.simulation.reading import joined, perform, read_all
from eda.simulation.rereading import Rereader
from eda.simulation.results import Simulation, Status, failure_status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.simulation.deck import Deck
    from eda.simulation.ngspice import NgSpice

__all__ = ["Circuits", "Mode", "largest_difference", "parse_mode"]

_RESIDENT: Final = 16  # circuits; each takes less than 1 MB
_ONE_CARD: Final = re.compile(r"\.model (\w+__0) ")
_TOLERANCE: Final = 1e-6


class Mode(Enum):
    """How a worker evaluates a deck again."""

    EXACT = "exact"
    FAST = "fast"


def parse_mode(mode: Mode | str) -> Mode:
    """A mode, by itself or by its name.

    Raises:
        InputError: there is no such mode.
    """
    return parse_choice(Mode, mode, "mode")


@dataclass(slots=True)
class _Resident:
    """A circuit that ngspice holds, the values that it has, and those that it was loaded with."""

    title: str
    deck: Deck
    values: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)


_Key = tuple[int, tuple[int, ...], tuple[float, ...]]
"""Of a resident circuit: its deck, its bins, and the values that cannot be altered."""


class Circuits:
    """The circuits of one process.

    Args:
        spice: the library.
        mode: how decks are evaluated.
    """

    def __init__(self, spice: NgSpice, mode: Mode) -> None:
        self.spice, self.mode = spice, mode
        self._order: list[str] = []  # titles, as ngspice numbers its circuits: the newest first
        self._loaded = 0
        self._fast: OrderedDict[_Key, _Resident] = OrderedDict()
        self._exact: tuple[_Resident, list[str], Mapping[str, float]] | None = None
        self._refused: dict[int, str] = {}
        self._checked: set[int] = set()
        self._readers: dict[int, tuple[Deck, Rereader]] = {}

    def run(self, deck: Deck, number: int, values: Mapping[str, float]) -> Simulation:
        """Evaluate a deck.

        Args:
            deck: the deck.
            number: tells it from the other decks of this process.
            values: its parameters that are not nominal.
        """
        self.spice.forget()
        merged = deck.values(values)
        if reason := deck.impossible(merged):
            return Simulation(Status.IMPOSSIBLE_SIZE, log=reason)
        if self.mode is Mode.EXACT or number in self._refused:
            return self._run_exact(deck, merged)
        if any(analysis.kind == "sens" for analysis in deck.analyses):
            self._refused[number] = "sensitivities leave values of devices changed"
            return self._run_exact(deck, merged)
        elaboration = deck.elaboration
        if isinstance(elaboration, str) or elaboration.one_card:
            self._refused[number] = elaboration if isinstance(elaboration, str) else "its one card is checked once"
            return self._run_exact(deck, merged)
        try:
            numbers = elaboration.values(merged)
        except InputError:  # ngspice says what is wrong with it
            return self._run_exact(deck, merged)
        chosen = elaboration.choose(numbers)
        if chosen is None:
            return self._run_exact(deck, merged)
        key = (number, chosen, self._fixed(elaboration, numbers, merged))
        result = self._run_fast(deck, key, numbers, merged)
        if result.ok and number in self._checked:
            return result
        return self._check(deck, number, merged, result)

    def _check(self, deck: Deck, number: int, values: Mapping[str, float], fast: Simulation) -> Simulation:
        """Compare the first result of a deck, and every failure, with the exact way, whose word is the last."""
        self.spice.forget()  # or the results of before would be read, and compared with themselves
        exact = self._run_exact(deck, values)
        self._discard_exact()
        if not exact.ok or (number in self._checked and not fast.ok):
            return exact
        self._checked.add(number)
        worst = largest_difference(exact, fast) if fast.ok else float("inf")
        if worst <= _TOLERANCE:
            return fast
        self._refused[number] = f"the fast way differs by {worst:.1e} from the exact one"
        return exact

    # exact

    def _run_exact(self, deck: Deck, values: Mapping[str, float]) -> Simulation:
        lines = deck.text(values, cards=deck.plain).splitlines()
        frame = [] if deck.bins else [line for line in lines if not line.startswith(".param ")]
        if self._exact is not None and frame and self._exact[0].deck is deck and self._exact[1] == frame:
            resident, _, before = self._exact
            self._select(resident)
            for name, value in values.items():
                if before[name] != value:
                    self.spice.command(f"alterparam {name}={value!r}")
            self.spice.command("reset")
        else:
            self._discard_exact()
            resident = self._load(deck, lines)
        self._exact = (resident, frame, values)
        return self._simulate(resident)

    def _discard_exact(self) -> None:
        if self._exact is not None:
            self._remove(self._exact[0])
            self._exact = None

    # fast

    @staticmethod
    def _fixed(elaboration: Elaboration, values: Sequence[float], parameters: Mapping[str, float]) -> tuple[float, ...]:
        """The values that a resident circuit cannot change."""
        return (*(values[n] for n in elaboration.structural), *(parameters[name] for name in elaboration.fixed))

    def _run_fast(self, deck: Deck, key: _Key, values: Sequence[float], parameters: Mapping[str, float]) -> Simulation:
        elaboration = deck.elaboration
        assert isinstance(elaboration, Elaboration)
        resident = self._fast.get(key)
        texts = printed(values)
        if resident is None:
            while len(self._fast) >= _RESIDENT:
                self._remove(self._fast.popitem(last=False)[1])
            resident = self._load_fast(deck, key, texts, parameters)
        else:
            self._fast.move_to_end(key)
            self._select(resident)
            if deck.remembers:
                self.spice.command("reset")
                resident.values = resident.loaded
        self._alter(resident, elaboration, texts)
        return self._simulate(resident)

    def _alter(self, resident: _Resident, elaboration: Elaboration, texts: list[str]) -> None:
        """Set the values that are others than the circuit has, several with each command."""
        changed = {
            n: f"{float(new):.16g}"
            for n, (old, new) in enumerate(zip(resident.values, texts, strict=True))
            if old != new
        }
        alters = [f"alter {target}={changed[index]}" for index, target in elaboration.alters if index in changed]
        for line in joined(alters, ";"):
            self.spice.command(line)
        resident.values = texts

    def _load_fast(self, deck: Deck, key: _Key, texts: list[str], parameters: Mapping[str, float]) -> _Resident:
        elaboration = deck.elaboration
        assert isinstance(elaboration, Elaboration)
        if key[0] not in self._checked:
            # not yet with the values asked for: the check is of what `alter` makes of them
            texts = _other_values(elaboration, texts, parameters)
        circuit = elaboration.text(texts, key[1], parameters)
        resident = self._load(deck, deck.framed([circuit], cards=deck.plain).splitlines())
        resident.values = resident.loaded = texts
        self._fast[key] = resident
        return resident

    # circuits of ngspice

    def _load(self, deck: Deck, lines: list[str]) -> _Resident:
        self._loaded += 1
        title = f"* eda circuit {self._loaded}"
        if not isinstance(deck.elaboration, str) and deck.elaboration.one_card:
            # ngspice checks no card that has the name of the one that it checked last
            name = next((match[1] for line in lines if (match := _ONE_CARD.match(line))), "")
            lines = [line.replace(name, f"{name}_{self._loaded}") for line in lines] if name else lines
        self.spice.load([title, *lines[1:]])
        self._order.insert(0, title)
        return _Resident(title, deck)

    def _select(self, resident: _Resident) -> None:
        place = self._order.index(resident.title)
        if place or len(self._order) > 1:
            self.spice.command(f"setcirc {place + 1}")

    def _remove(self, resident: _Resident) -> None:
        self._select(resident)
        self.spice.command("remcirc")
        self._order.remove(resident.title)

    def _simulate(self, resident: _Resident) -> Simulation:
        """Run the analyses of the current circuit; results of any other circuit are none."""
        deck = resident.deck
        if deck.plain:
            self.spice.command("run")
        what = read_all if deck.plain else perform
        simulation = what(self.spice, deck, self._reader(deck).read)
        if simulation is None or self.spice.exited or self.spice.title() != resident.title:
            return Simulation(failure_status(self.spice.log), log=self.spice.log)
        return simulation

    def _reader(self, deck: Deck) -> Rereader:
        known = self._readers.get(id(deck))
        if known is None or known[0] is not deck:
            known = self._readers[id(deck)] = deck, Rereader()
        return known[1]


def _other_values(elaboration: Elaboration, texts: list[str], parameters: Mapping[str, float]) -> list[str]:
    """The texts with 10 % larger parameters in what can be altered; the same where that has no value."""
    try:
        other = printed(elaboration.values({name: 1.1 * value for name, value in parameters.items()}))
    except InputError:
        return texts
    altered = {index for index, _ in elaboration.alters} - set(elaboration.structural)
    return [other[index] if index in altered else text for index, text in enumerate(texts)]


def largest_difference(one: Simulation, other: Simulation) -> float:
    """The largest relative difference between the vectors of two simulations of one deck.

    A value is compared as if it were at least a millionth of the largest of its vector, and 1e-9 of the largest of all
    voltages (currents, ...) of its analysis: less is rounding.
    """
    worst = 0.0
    for name, waves in one.analyses.items():
        largest: dict[str, float] = {}
        for key, vector in waves.vectors.items():
            largest[_quantity(key)] = max(largest.get(_quantity(key), 0.0), float(np.max(np.abs(vector), initial=0.0)))
        for key, vector in waves.vectors.items():
            mine, theirs = np.asarray(vector), np.asarray(other.analyses[name].vectors[key])
            if mine.shape != theirs.shape:
                return float("inf")
            floor = max(1e-6 * float(np.max(np.abs(mine), initial=0.0)), 1e-9 * largest[_quantity(key)], 1e-300)
            worst = max(worst, float(np.max(np.abs(mine - theirs) / np.maximum(np.abs(mine), floor), initial=0.0)))
            if not np.isfinite(mine).all() or not np.isfinite(theirs).all():
                return float("inf")
    return worst


def _quantity(vector: str) -> str:
    """What a vector is one of: `v`, `i`, or the quantity of a device."""
    return vector.rpartition("[")[2] if vector.startswith("@") else vector[0]
