"""Our measurements beside those of ngspice's `.meas`, on the same waveforms of the ideal circuits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.classes import CARDS, TRUTHS
from eda.netlist import parse_netlist
from eda.simulation import Ac, Job
from eda.technology import load_technology
from eda.testbench import Conditions, Undefined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.benchmark.classes import Card, Truth
    from eda.simulation import Deck, Simulation, Simulator

__all__ = ["compare_measures"]

_POINTS: Final = 200  # a decade: `.meas` draws straight lines over frequency, we curves over its logarithm
_ALLOWED: Final = 1e-3


def compare_measures(simulator: Simulator, kinds: Sequence[str] = tuple(CARDS)) -> list[dict[str, Any]]:
    """A row for each metric that `.meas` can express, with the relative difference.

    Args:
        simulator: plain ngspice, so that its own measurements are those of a user.
        kinds: of testbenches.
    """
    rows = []
    for kind in kinds:
        for truth in TRUTHS[kind]:
            cards = [card for card in CARDS[kind] if _circuit_of(card, TRUTHS[kind]) is truth]
            rows += _rows(truth, cards, simulator) if cards else []
    return rows


def _circuit_of(card: Card, truths: Sequence[Truth]) -> Truth | None:
    """The ideal circuit that a card is for."""
    candidates = [truth for truth in truths if card.circuit in {"", truth.about}]
    return next((truth for truth in candidates if card.metric in truth.expected or card.circuit), None)


def _rows(truth: Truth, cards: Sequence[Card], simulator: Simulator) -> list[dict[str, Any]]:
    deck = _deck(truth, [card.metric for card in cards])
    (first,) = simulator.simulate([Job(deck)])
    ours = _ours(truth, first, deck)
    # each card calls its result `m`; a deck needs a name for each
    texts = {card.metric: card.text(ours).replace(" m ", f" m_{n} ", 1) for n, card in enumerate(cards)}
    (simulation,) = simulator.simulate([Job(replace(deck, measures=tuple(texts.values())))])
    ours = _ours(truth, simulation, deck)
    return [_row(truth, card, texts[card.metric], simulation, ours) for card in cards]


def _row(truth: Truth, card: Card, text: str, simulation: Simulation, ours: Mapping[str, float]) -> dict[str, Any]:
    name = text.split()[1]
    measured = simulation.measures.get(name)
    theirs = None if measured is None else float(card.value(measured, ours))
    mine = ours.get(card.metric)
    off = None if theirs is None or mine is None else abs(theirs - mine) / (abs(mine) or 1.0)
    return {
        "table": ".meas",
        "testbench": truth.testbench.kind,
        "circuit": truth.about,
        "metric": card.metric,
        "unit": truth.testbench.metrics[card.metric].unit,
        "ours": mine,
        ".meas": simulation.failed_measures.get(name, "no result") if theirs is None else theirs,
        "relative difference": off,
        "holds": off is not None and off <= _ALLOWED,
        "card": f".meas {text}",
    }


def _deck(truth: Truth, metrics: Sequence[str]) -> Deck:
    """The testbench's deck for an ideal circuit, with a fine sweep over frequency."""
    technology = load_technology(truth.technology)
    # gains of other metrics may be what a card needs to know: everything that the circuit has
    asked = tuple(dict.fromkeys((*metrics, *truth.expected)))
    deck = truth.testbench.deck(technology.bind(parse_netlist(truth.netlist)), technology, Conditions(), asked)
    fine = tuple(replace(a, points=_POINTS) if isinstance(a, Ac) else a for a in deck.analyses)
    return replace(deck, analyses=fine)


def _ours(truth: Truth, simulation: Simulation, deck: Deck) -> dict[str, float]:
    values = truth.testbench.measure(simulation, deck).values
    return {name: float(value) for name, value in values.items() if not isinstance(value, Undefined)}
