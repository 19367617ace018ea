"""Where the search for an operating point begins: at that of the nominal design."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eda.simulation.analyses import Op
from eda.simulation.simulator import Job

if TYPE_CHECKING:
    from eda.simulation.deck import Deck
    from eda.simulation.simulator import Simulator

__all__ = ["started"]


def started(deck: Deck, simulator: Simulator) -> Deck:
    """A deck whose search for the operating point begins at that of its nominal parameters.

    For designs near the nominal one, as in the samples of Monte Carlo or in a trust region, ngspice then needs half the
    time for the operating point of an op-amp. A circuit that has more than one stable state (a self-biased one) is
    led to that of the nominal design: leave it out where start-up is in question.

    Args:
        deck: the deck; its own nodesets stay.
        simulator: finds the nominal operating point.

    Returns:
        The deck with nodesets for every node that no voltage source holds; the same deck where it has no nominal
        operating point, or nodes that are not known.
    """
    if isinstance(deck.elaboration, str):
        return deck
    nodes = deck.elaboration.free_nodes
    only = replace(deck, analyses=(Op(),), saved=tuple(f"v({node})" for node in nodes), measures=(), settings={})
    (result,) = simulator.simulate([Job(only)])
    if not result.ok:
        return deck
    point = {node: result.analyses["op"].value(f"v({node})") for node in nodes}
    return replace(deck, nodesets=point | dict(deck.nodesets))
