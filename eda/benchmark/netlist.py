"""The suite of the netlist room: read rates, round trips, ngspice's own listing, graphs, rules, peers and speed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.benchmark.corpora import specimens
from eda.benchmark.growth import growth, peer_verdicts
from eda.benchmark.identity import graph_identities
from eda.benchmark.reading import differences, findings, read_rates, round_trips
from eda.errors import require_known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["measure_netlists"]


def measure_netlists(
    *,
    folder: Path,
    tables: Sequence[str],
    corpora: Sequence[str],
    sizes: Sequence[int],
    relabelings: int,
    sample: int,
    files_per_peer: int,
    peers_python: str,
    seed: int,
) -> list[dict[str, Any]]:
    """Measure reading, writing, flattening, graphs and rules on the public data sets.

    Args:
        folder: of the suite; `netlists/` of the project lies beside it.
        tables: which of `reading`, `round trips`, `listing`, `graphs`, `rules`, `peers`, `speed`.
        corpora: names of `eda.benchmark.corpora.CORPORA`.
        sizes: devices of the generated netlists of the speed table.
        relabelings: random relabelings in all.
        sample: findings of the rule check to be drawn for a hand check.
        files_per_peer: files of one corpus that the peers are judged on, at most.
        peers_python: interpreter that has the peers; empty for none (`scripts/install_peers.sh` makes one).
        seed: of all random numbers.

    Raises:
        InputError: there is no such table or corpus, or a data set is missing.
    """
    project = folder.resolve().parent
    found = specimens(corpora, project)
    available: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "reading": lambda: read_rates(found),
        "round trips": lambda: round_trips(found),
        "listing": lambda: differences(found),
        "graphs": lambda: graph_identities(found, relabelings=relabelings, seed=seed),
        "rules": lambda: findings(found, sample=sample, seed=seed),
        "peers": lambda: peer_verdicts(found, peers_python=peers_python, most=files_per_peer, seed=seed),
        "speed": lambda: growth(sizes=sizes, peers_python=peers_python, seed=seed),
    }
    require_known("table", tables, available)
    return [row for name in tables for row in available[name]()]
