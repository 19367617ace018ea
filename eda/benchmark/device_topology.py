"""What is shown of generated circuits of transistors: drawn and tried out, and sized beside circuits by hand."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.drawn_topologies import BY_MODEL, WAYS, ladder
from eda.benchmark.drawn_topologies import samples as count_samples
from eda.benchmark.first_circuits import first_circuits
from eda.benchmark.known_topologies import described
from eda.benchmark.languages import LEARNED, languages
from eda.benchmark.sized_topologies import SOURCES, compared, opamps, sized
from eda.benchmark.units import run_units
from eda.errors import require_known
from eda.generation.source import TEMPERATURE
from eda.netlist import read_netlist
from eda.netlist.writer import format_netlist
from eda.topology.device.generator import SHIPPED
from eda.topology.device.vocabulary import CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from eda.benchmark.units import Work

__all__ = ["measure_device_topologies"]

_SMALL: Final = {"width": 96, "layers": 3, "heads": 3}  # a decoder that is trained in each language for each seed


def measure_device_topologies(
    *,
    folder: Path,
    run_dir: Path,
    by_hand: Sequence[str],
    tables: Sequence[str] = ("data", "samples", "ladder", "languages", "end to end", "first ten"),
    seeds: int = 1,
    classes: Sequence[str] = tuple(CLASSES),
    samples: int = 1000,
    tried: int = 40,
    temperature: float = TEMPERATURE,
    rounds: int = 30,
    drawn: int = 100,
    count: int = 50,
    budget: int = 200,
    technology: str = "sky130",
    weights: str = "",
) -> list[dict[str, Any]]:
    """The tables of generated circuits.

    Args:
        folder: that the paths of netlists are relative to.
        run_dir: where runs of sizing are kept, so that the suite goes on where it was stopped.
        by_hand: netlists of op-amps, to compare with.
        tables: which of them.
        seeds: seeds 0 to `seeds - 1`.
        classes: of the circuits that are drawn.
        samples: circuits of each class, way and seed that are counted.
        tried: circuits of each class, way and seed that are tried out.
        temperature: at which those of the network are drawn that are tried out; those that are counted at 1.
        rounds: of the training in each language.
        drawn: circuits of each class, language and seed.
        count: circuits of each method that are sized.
        budget: simulations to size one circuit.
        technology: of the transistors that are sized.
        weights: of the generator, if not those of the package.

    Raises:
        InputError: there is no such table or class.
    """
    require_known("class", classes, list(CLASSES))

    def end_to_end() -> Iterator[dict[str, Any]]:
        drawn_by: list[dict[str, Any]] = [
            {
                "source": name,
                "seed": seed,
                "count": count,
                "technology": technology,
                "_weights": weights,
                **({"weights": _digest(weights)} if name == BY_MODEL else {}),
            }
            for seed, name in itertools.product(range(seeds), SOURCES)
        ]
        found = run_units(opamps, drawn_by, run_dir=run_dir, name="opamps")
        sets: list[tuple[str, int | str, list[str]]]
        sets = [("by hand", "all", [format_netlist(read_netlist(folder / path)) for path in by_hand])]
        sets += [(one["source"], one["seed"], row["netlists"]) for one, row in zip(drawn_by, found, strict=True)]
        rest = {"technology": technology, "budget": budget, "_run_dir": str(run_dir)}
        units = [{"netlist": netlist, **rest} for _, _, netlists in sets for netlist in netlists]
        figures = iter(run_units(sized, units, run_dir=run_dir, name="sized"))
        done = [(name, seed, list(itertools.islice(figures, len(netlists)))) for name, seed, netlists in sets]
        for name, seed, rows in done:
            yield {"circuits": name, "seed": seed, **compared(rows)}
        pooled = {source: [row for name, _, rows in done if name == source for row in rows] for source in SOURCES}
        yield from ({"circuits": source, "seed": "all", **compared(rows)} for source, rows in pooled.items())

    def over_classes(name: str, work: Work, size: int, heat: float) -> Iterator[dict[str, Any]]:
        digest = _digest(weights)
        units = [
            {
                "way": way,
                "kind": kind,
                "seed": seed,
                "count": size,
                "_weights": weights,
                **({"weights": digest, "temperature": heat} if way == BY_MODEL else {}),
            }
            for way, seed, kind in itertools.product(WAYS, range(seeds), classes)
        ]
        results = run_units(work, units, run_dir=run_dir, name=name)
        found = {(unit["way"], unit["kind"], unit["seed"]): row for unit, row in zip(units, results, strict=True)}
        for way, seed in itertools.product(WAYS, range(seeds)):
            rows = {kind: found[way, kind, seed] for kind in classes}
            yield {"way": way, "class": "all", "seed": seed, **_pooled(list(rows.values()))}
        for way, kind in itertools.product(WAYS, classes):
            yield {"way": way, "class": kind, "seed": "all", **_pooled([found[way, kind, s] for s in range(seeds)])}

    def of_languages() -> Iterator[dict[str, Any]]:
        units = [
            {
                "language": name,
                "seed": seed,
                "rounds": rounds,
                "shape": _SMALL,
                "count": drawn,
                "_folder": str(run_dir / "languages"),
            }
            for name, seed in itertools.product(LEARNED, range(seeds))
        ]
        for found in run_units(languages, units, run_dir=run_dir, name="languages"):
            yield from found["rows"]

    def first_ten() -> Iterator[dict[str, Any]]:
        known = {"kind": "opamp", "count": 10, "weights": _digest(weights)}
        units = [{**known, "seed": seed, "_weights": weights} for seed in range(seeds)]
        found = run_units(first_circuits, units, run_dir=run_dir, name="first", processes=1)
        yield from ({**known, "seed": seed, **row} for seed, row in enumerate(found))

    known: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
        "data": lambda: iter(described()),
        "samples": lambda: over_classes("samples", count_samples, samples, 1.0),
        "ladder": lambda: over_classes("ladder", ladder, tried, temperature),
        "languages": of_languages,
        "end to end": end_to_end,
        "first ten": first_ten,
    }
    require_known("table", tables, list(known))
    return [{"table": table, **row} for table in tables for row in known[table]()]


def _pooled(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts of several units together, as shares of the circuits; times as sums, other figures as means."""
    total = sum(row["n"] for row in rows)
    found: dict[str, Any] = {"n": total}
    for name in rows[0]:
        values = [row[name] for row in rows]
        if name == "seconds":
            found[name] = sum(values)
        elif isinstance(values[0], float):
            found[name] = mean(values)
        elif name == "nearest of the class":
            found[name] = sum(values) / sum(row["compared"] for row in rows)
        elif name not in {"n", "compared"}:
            found[name] = sum(values) / total
    return found


def _digest(weights: str) -> str:
    """What tells generators apart, so that results are not taken for those of another one."""
    return hashlib.sha256((Path(weights) if weights else SHIPPED).read_bytes()).hexdigest()[:16]
