"""Write tables of the READMEs, and their figures, from the records in `benchmarks/results/`.

    python scripts/show_results.py

A table stands between the lines `<!-- table: NAME -->` and `<!-- end -->`; `NAME` is one of `TABLES` below. Each says
which records it shows, and what a row of these puts into which line and column. Rows of several seeds may put measured
values into one cell: it has their mean, and the least and the most of them.
"""

from __future__ import annotations

import json
import math
import re
import sys
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING, Any, NamedTuple

from eda.benchmark.curves import plot_rows
from eda.simulation.plots import save_figure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Row = Mapping[str, Any]
    Cells = tuple[str, Mapping[str, str | "Measured" | "Spent"]]

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
PAGES = (BENCHMARKS / "README.md", BENCHMARKS.parent / "README.md")
RIVALS = ("bayesian", "scbo", "turbo", "cma", "de", "ga", "nsga2", "random")
MANY = 50_000  # op-amps: of the data there are 10,000
FIGURES = ("autockt_from_nothing", "autockt_after_practice", "autockt_by_an_agent", "class_ab", "library", "tia")


def percent(share: float) -> str:
    """A share; ninety-nine point five stays that."""
    return f"{100 * share:.3g} %"


def number(value: float | None) -> str:
    """A number; none where more than half of the runs got nowhere."""
    return "-" if value is None else f"{value:,g}"


def one_digit(value: float) -> str:
    """With one digit behind the point."""
    return f"{value:.1f}"


def two_digits(value: float) -> str:
    """With two digits behind the point."""
    return f"{value:.2f}"


def three_digits(value: float) -> str:
    """With three digits behind the point, and none before it where it is less than 1."""
    return f"{value:.3f}".removeprefix("0")


def four_digits(value: float) -> str:
    """With four digits behind the point, and none before it where it is less than 1."""
    return f"{value:.4f}".removeprefix("0")


def whole(value: float) -> str:
    """Without digits behind the point."""
    return f"{value:,.0f}"


class Measured(NamedTuple):
    """A value of one seed."""

    value: float | None
    shown: Callable[[float], str]


class Spent(NamedTuple):
    """Simulations until bounds were met; none where they were not."""

    simulations: float | None


def typical(values: Sequence[Spent]) -> str:
    """Their median, the most of them, and how many there are when some were not met."""
    ordered = [math.inf if one.simulations is None else one.simulations for one in values]
    met = sum(math.isfinite(one) for one in ordered)
    shown = ["-" if math.isinf(one) else f"{one:g}" for one in (median(ordered), max(ordered))]
    return f"{shown[0]} (up to {shown[1]})" if met == len(ordered) else f"{shown[0]} ({met} of {len(ordered)} met)"


def together(values: Sequence[Measured]) -> str:
    """Their mean and range; values that are not there are left out."""
    there = [one.value for one in values if one.value is not None and not math.isnan(one.value)]
    if not there:
        return "-"
    shown = values[0].shown
    middle, low, high = shown(mean(there)), shown(min(there)), shown(max(there))
    return middle if low == high else f"{middle} ({low} to {high})"


def from_nothing(row: Row) -> Cells:
    """AutoCkt's targets by optimizers that begin with nothing."""
    budgets = {f"within {budget}": percent(row[f"within {budget}"]) for budget in (30, 100, 300, 500)}
    spent = {"median simulations": number(row["median"]), "ms a proposal": f"{row['ms per proposal']:.1f}"}
    return f"`{row['method']}`", {"targets met": f"{row['met']} of {row['targets']}", **budgets, **spent}


def after_practice(row: Row) -> Cells | None:
    """AutoCkt's targets after practice; a line for each number of simulations, a column for each seed."""
    if "seed" not in row:
        return None
    practised = f"{row['training simulations']:,} simulations"
    return practised, {f"seed {row['seed']}: met, mean": f"{row['met']}, {row['mean spent']:.2f}"}


def by_an_agent(row: Row) -> Cells | None:
    """AutoCkt's targets by trained agents."""
    if "seed" not in row:
        return None
    return f"PPO, seed {row['seed']}", {
        "simulations in training": number(row["training simulations"]),
        "targets met": number(row["met"]),
        "with AutoCkt's 2 % slack": percent(row["with 2 % slack within 30"]),
        "mean simulations of those met": f"{row['mean']:.1f}",
    }


def class_ab(row: Row) -> Cells | None:
    """The class-AB op-amps: runs with a design, median simulations, and the median time of a run."""
    if row["table"] != "tasks":
        return None
    firsts = row["simulations to feasible"]
    found = f"{sum(first is not None for first in firsts)} of {len(firsts)}"
    median = row["median simulations to feasible"]
    spent = f", {number(median)}, {60 * row['median minutes']:.0f} s" if median is not None else ""
    return f"`{row['optimizer']}`", {row["task"].rpartition("_ptm")[2] + " nm": found + spent}


def bagnet(row: Row) -> Cells | None:
    """BagNet's op-amp."""
    if row["table"] != "tasks":
        return None
    found = [first for first in row["simulations to feasible"] if first is not None]
    return f"`{row['optimizer']}`", {
        "runs with a design": f"{len(found)} of {len(row['simulations to feasible'])}",
        "median simulations": number(row["median simulations to feasible"]),
        "range": f"{min(found)} to {max(found)}" if found else "-",
    }


def library(row: Row) -> Cells | None:
    """The tasks of the library, all together."""
    if row["table"] != "all tasks":
        return None
    low, high = (number(row[f"{place} quartile"]) for place in ("first", "third"))
    return f"`{row['optimizer']}`", {
        "mean rank": f"{row['mean rank']:.2f}",
        "tasks where no other is better": number(row["best of all in"]),
        "tasks without a design": number(row["without a design in"]),
        **{f"runs within {budget}": percent(row[f"within {budget}"]) for budget in (30, 100, 300)},
        "median simulations (quartiles)": f"{number(row['median simulations to feasible'])} ({low}, {high})",
        "ms a proposal": f"{row['ms per proposal']:.1f}",
    }


def library_by_task(row: Row) -> Cells | None:
    """The tasks of the library one by one: median simulations, and how many runs have a design where not all have."""
    if row["table"] != "tasks":
        return None
    firsts = row["simulations to feasible"]
    found = sum(first is not None for first in firsts)
    some = "" if found in {0, len(firsts)} else f" ({found})"
    return f"`{row['task']}`", {f"`{row['optimizer']}`": number(row["median simulations to feasible"]) + some}


def tia(row: Row) -> Cells:
    """Transimpedance amplifiers: simulations to equal the best of many random designs."""
    firsts = row["simulations to equal"]
    reached = sum(first is not None for first in firsts)
    some = "" if reached == len(firsts) else f" ({reached} of {len(firsts)} runs within 1,000)"
    fewer = f", {row['times fewer']:.0f} times fewer" if row["times fewer"] else ""
    stages = row["task"].replace("_tia_ptm180", "").replace("_", " ") + "s"
    return f"`{row['optimizer']}`", {stages: f"{number(row['median simulations'])}{fewer}{some}"}


SCREENING = {
    "learned": "likeliest failures first",
    "none": "all 17 conditions for every candidate",
    "ordered": "in a fixed order, until one fails",
    "nominal only": "nominal only",
}


def pvt(row: Row) -> Cells:
    """Op-amps that must hold under all conditions: simulations to one that does, or, nominal only, to one at `tt`."""
    counts = [count for count in row["simulations"] if count is not None]
    spent = "none" if not counts else f"from {min(counts)}"
    if len(counts) == len(row["simulations"]):
        spent = f"{min(counts)} to {max(counts)}"
    middle = number(row["median designs" if row["screening"] == "nominal only" else "median simulations"])
    technology = row["task"].removeprefix("pvt_")
    return f"`{row['optimizer']}`, {SCREENING[row['screening']]}", {
        f"{technology}: designs that hold": f"{row['passes everywhere']} of {len(row['simulations'])}",
        f"{technology}: median simulations (range)": f"{middle} ({spent})",
    }


def pareto(row: Row) -> Cells:
    """Fronts: the hypervolume after 300 simulations."""
    spread = f"{row['least']:.2f} to {row['most']:.2f}"
    return f"`{row['optimizer']}`", {
        row["task"].removeprefix("pareto_"): f"{row['hypervolume at 300']:.2f} ({spread})",
    }


def overhead(row: Row) -> Cells:
    """What an optimizer takes beside simulations."""
    ms = row["ms per simulation"]
    return f"`{row['optimizer']}`", {
        f"ms a design, {ms} ms a simulation": f"{row['ms per design']:.1f}",
        f"share of the time, {ms} ms": percent(row["share that is not simulation"]),
    }


def in_short(line: str, within: int, row: Row) -> Cells | None:
    """Simulations until a run got there, and the share of runs that did: over all tasks, or of the row's own."""
    if row["table"] == "tasks" or (method := row.get("method", row.get("optimizer"))) not in RIVALS:
        return None
    (median,) = (value for key, value in row.items() if key.startswith("median"))
    stages = row.get("task", "").partition("_")[0]
    return line.format(stages=stages), {f"`{method}`": f"{number(median)} ({percent(row[f'within {within}'])})"}


def solver(row: Row) -> Cells | None:
    """The exact solver beside ngspice."""
    if row["table"] != "solver":
        return None
    ways = {"solver on one core": "solver", "a process of ngspice each": "ngspice process each"}
    return f"seed {row['seed']}", {
        "largest difference of a gain, dB": f"{row['largest difference, dB']:.1e}",
        "of a phase, degrees": f"{row['largest difference, degrees']:.1e}",
        "of 10 with a pole in the right half-plane, diverge": number(row["of 10 unstable, diverge"]),
        "of 10 others": number(row["of 10 stable, diverge"]),
        **{f"op-amps a second, {way}": f"{row[f'{key}, circuits/s']:,.0f}" for way, key in ways.items()},
    }


def labels(row: Row) -> Cells | None:
    """Published labels beside the solver's."""
    if row["table"] != "labels":
        return None
    return "OpenAmp, labels by Spectre", {
        "op-amps": number(row["circuits"]),
        "labels that the solver gives, read in the same way": number(row["equal as read"]),
        "largest difference of these, dB": f"{row['of these, largest difference of the gain, dB']:.1e}",
        "degrees": f"{row['of the margin, degrees']:.1e}",
        "error of a unity-gain frequency, median": percent(row["frequency, median error"]),
        "of a phase margin, degrees": one_digit(row["margin, median error, degrees"]),
        "with a pole in the right half-plane": number(row["with poles in the right half-plane"]),
    }


def prediction(row: Row) -> Cells | None:
    """Errors of predictions of behavioural op-amps, as shares of the deviation."""
    if row["table"] != "prediction":
        return None
    learned = f"{row['learned from']:,}" + (" random ones" if row["learned from"] > MANY else " of the data")
    return f"{row['method']}, {learned}, labels {row['labels']}", {
        name: Measured(row[f"{name}: RMSE/std"], three_digits)
        for name in ("gain", "unity-gain frequency", "phase margin")
    }


def autoencoder(row: Row) -> Cells | None:
    """What the autoencoder of behavioural op-amps rebuilds, and what its draws are worth."""
    if row["table"] != "autoencoder":
        return None
    names = {
        "rebuilt: structure": "rebuilt",
        "valid": "valid",
        "new": "new",
        "new structure": "of a new structure",
        "distinct": "distinct",
        "stable": "stable",
        "both": "stable, with a unity crossing",
    }
    return row["draws"], {shown: Measured(row[name], percent) for name, shown in names.items() if name in row}


def conditional(asked: str, row: Row) -> Cells | None:
    """Op-amps for specifications that were held out."""
    if row["table"] != "conditional" or row["asked for"] != asked:
        return None
    return row["method"], {
        "met at once": Measured(row["met at once"], percent),
        "within 100 solutions": Measured(row["met within 100"], percent),
        "solutions, mean": Measured(row["calls"], one_digit),
        "new": Measured(row["new"], percent),
        "of a new structure": Measured(row["new structure"], percent),
        "stable": Measured(row["stable"], percent),
    }


def search(asked: str, row: Row) -> Cells | None:
    """The best figure of merit that searches find in 150 solutions."""
    if row["table"] != "search" or row["asked for"] != asked:
        return None
    return row["method"], {
        "runs that found one": Measured(row["runs that found one"], percent),
        "best FoM, mean of 20 runs": Measured(row["best FoM, mean"], one_digit),
        "least of all runs": Measured(row["best FoM, least"], one_digit),
        "most": Measured(row["best FoM, most"], one_digit),
        "stable": Measured(row["stable"], percent),
        "phase margin, median, degrees": Measured(row["phase margin, median"], whole),
        "gain, median, dB": Measured(row["gain, median"], whole),
    }


def asked_for(row: Row, way: str) -> bool:
    """Whether a row is of a class by one way or, without a way, of all classes together."""
    return row["class"] != "all" and row["way"] == way if way else row["class"] == "all"


def drawn(line: str, way: str, row: Row) -> Cells | None:
    """Circuits that were drawn and counted, by way or, of one way, by class."""
    if row["table"] != "samples" or not asked_for(row, way):
        return None
    n = row["n"]
    return row[line], {
        "valid and new by AnalogToBi": Measured(row["both by AnalogToBi"], percent),
        "rule check and new": Measured(row["rule check and new"], percent),
        "distinct": Measured(row["distinct"], percent),
        "devices": Measured(row["devices"], one_digit),
        "likeness to the nearest": Measured(row["likeness to the nearest"], two_digits),
        "runs of 12 words that the data have": Measured(row["runs of 12 words that the data have"], percent),
        "ms a circuit": Measured(1000 * row["seconds"] / n, whole),
    }


def tried(line: str, way: str, row: Row) -> Cells | None:
    """Circuits that were tried out, rung by rung, by way or, of one way, by class."""
    if row["table"] != "ladder" or not asked_for(row, way):
        return None
    rungs = ("grammar", "rule check", "operating point", "function", "work, new and distinct")
    others = () if way else ("of these not found in practice",)
    return row[line], {name: Measured(row[name], percent) for name in (*rungs, *others)}


def known_circuits(row: Row) -> Cells | None:
    """The circuits that generators learn from, by class."""
    if row["table"] != "data":
        return None
    return row["class"], {
        "circuits": number(row["circuits"]),
        "of them drawn": number(row["drawn"]),
        "refused": number(row["refused by the grammar"]),
        "mended": number(row["mended"]),
        "blocks": number(row["blocks"]),
        "devices, median and most": f"{row['devices, median']:.0f}, {row['devices, most']}",
        "words, median": f"{row['words, median']:.0f}",
    }


def languages(row: Row) -> Cells | None:
    """What decoders draw that have learned to write circuits in different ways."""
    if row["table"] != "languages":
        return None
    return row["language"], {
        "words": Measured(row["words"], whole),
        "of a circuit, median": Measured(row["words of a circuit"], whole),
        "read as a circuit": Measured(row["a circuit"], percent),
        "valid and new by AnalogToBi": Measured(row["both by AnalogToBi"], percent),
        "rule check and new": Measured(row["rule check and new"], percent),
        "ms a draw": Measured(1000 * row["seconds of drawing"] / row["n"], whole),
    }


def end_to_end(row: Row) -> Cells | None:
    """Op-amps that were sized in sky130."""
    if row["table"] != "end to end":
        return None
    seed = "" if row["seed"] == "all" else f", seed {row['seed']}"
    figures = {name: row[f"{name}, MHz pF/mW"] for name in ("best", "median of those")}
    return f"{row['circuits']}{seed}", {
        "sized": number(row["sized"]),
        "meet 60 dB and 45 degrees": number(row["meet 60 dB and 45 degrees"]),
        **{name: "-" if value is None else f"{value:,.0f} MHz pF/mW" for name, value in figures.items()},
    }


def first_ten(row: Row) -> Cells | None:
    """How soon circuits are there."""
    if row["table"] != "first ten":
        return None
    return f"{row['count']} circuits of the class {row['kind']}", {
        "without an error of the rule check": Measured(row["checked"], whole),
        "drawn": Measured(row["drawn"], whole),
        "seconds": Measured(row["seconds"], one_digit),
    }


def ranked(figure: str, row: Row) -> Cells | None:
    """Nets ranked for opened terminals, by what was learned from and what was tested on."""
    if row["table"] != "fair":
        return None
    source, other = row["learned from"], row["tested on"]
    if row["split"] == "block" and other != source:
        return None
    where = source if source == other else f"{source} → {other}"
    return row["method"], {where + ", by block" * (row["split"] == "block"): Measured(row[figure], three_digits)}


def as_published(row: Row) -> Cells | None:
    """Pairs told apart by SEAL, and by whether the terminal is off its net."""
    if row["table"] != "published protocol":
        return None
    where = row["learned from"] if row["learned from"] == row["tested on"] else (
        f"{row['learned from']} → {row['tested on']}")  # fmt: skip
    way = row["terminals of negative pairs"]
    return where, {
        f"{way}: SEAL": Measured(row["accuracy of SEAL"], three_digits),
        f"{way}: is it off": Measured(row["accuracy of whether the terminal is off"], three_digits),
    }


def users_case(row: Row) -> Cells | None:
    """Connections that are gone, or wrong, in circuits of classes and sources that were not learned from."""
    if row["table"] != "user's case":
        return None
    shares = ("right net first", "right net in the first three", "joined right", "wrong connection in the first five")
    name = row["method"] if row["group"] == "all" else f"{row['method']}: {row['group']}"
    return name, {"circuits": Measured(row["circuits"], whole), **{one: Measured(row[one], percent) for one in shares}}


def scale_of_links(row: Row) -> Cells | None:
    """Time and memory of ranking the nets of one terminal."""
    if row["table"] != "scale":
        return None
    spent = row.get("why not") or f"{row['s']:.2f} s, {row['MB']:,.0f} MB"
    return row["method"], {f"{row['devices']:,} devices": spent}


def parasitics(of: str, row: Row) -> Cells | None:
    """Capacitances that nothing was learned from."""
    if row["of"] != of:
        return None
    figures = ("R2", "MAE", "F1", "F1 of rare classes") if of == "couplings" else ("R2", "MAE", "F1")
    return row["method"], {f"by {row['split']}: {one}": Measured(row[one], three_digits) for one in figures}


def surrogates(figure: str, row: Row) -> Cells | None:
    """Metrics of working designs of another run; a line for each op-amp and method."""
    if row["table"] != "accuracy":
        return None
    digits = four_digits if figure == "R2" else two_digits
    told = {name.removeprefix(f"{figure} "): Measured(row[name], digits) for name in row if name.startswith(figure)}
    spent = {"s of training": Measured(row["s of training"], whole)} if figure == "R2" else {}
    return f"{row['task']}: {row['method']}", told | spent


def few_simulations(row: Row) -> Cells | None:
    """Expensive metrics after a few simulations."""
    if row["table"] != "autoregressive":
        return None
    return f"{row['task']}: {row['method']}", {
        f"{name.removeprefix('R2 ')}, {row['simulations']:,} simulations": Measured(row[name], three_digits)
        for name in row if name.startswith("R2 ")
    }  # fmt: skip


def microseconds(row: Row) -> Cells | None:
    """How long a prediction takes."""
    if row["table"] != "speed":
        return None
    threads = "1 thread" if row["threads"] == 1 else f"{row['threads']} threads"
    return f"{row['task']}, {threads}", {f"{row['designs']:,} at once": f"{row['us each']:,g} us each"}


def new_topologies(row: Row) -> Cells | None:
    """An op-amp that was left out, with a few designs of it."""
    if row["table"] != "topologies":
        return None
    few = f", {row['working designs']} designs" if row["working designs"] else ""
    return row["method"] + few, {row["left out"]: Measured(row["R2, mean"], three_digits)}


def with_a_surrogate(row: Row) -> Cells | None:
    """Simulations until bounds are met."""
    if row["table"] != "sizing":
        return None
    whose = "the task's bounds" if row["bounds"].startswith("the") else "drawn bounds"
    return f"{row['task']}: {row['method']}", {whose: Spent(row["simulations"])}


TABLES: Mapping[str, Mapping[str, Callable[[Row], Cells | None]]] = {
    "in short": {
        "autockt_from_nothing": partial(in_short, "AutoCkt's op-amp, 200 of its targets, within 500", 500),
        "bagnet": partial(in_short, "BagNet's op-amp, eight specs, within 1,000", 1000),
        "tia": partial(in_short, "{stages}-stage TIA, to equal the best of 10,000 random designs, within 1,000", 1000),
        "class_ab": partial(in_short, "class-AB op-amp in three technologies, within 300", 300),
        "library": partial(in_short, "55 tasks of the library, within 300", 300),
    },
    "library": {"library": library},
    "library by task": {"library": library_by_task},
    "autockt from nothing": {"autockt_from_nothing": from_nothing},
    "autockt after practice": {"autockt_after_practice": after_practice},
    "autockt by an agent": {"autockt_by_an_agent": by_an_agent},
    "pvt": {"pvt": pvt},
    "tia": {"tia": tia},
    "bagnet": {"bagnet": bagnet},
    "class_ab": {"class_ab": class_ab},
    "pareto": {"pareto": pareto},
    "overhead": {"overhead": overhead},
    "solver": {"topology-behavioural": solver},
    "labels": {"topology-behavioural_labels": labels},
    "prediction": {"topology-behavioural": prediction},
    "autoencoder": {"topology-behavioural": autoencoder},
    "specifications": {"topology-behavioural": partial(conditional, "bins")},
    "specifications, stable": {"topology-behavioural": partial(conditional, "bins, stable")},
    "search": {"topology-behavioural": partial(search, "nothing else")},
    "known circuits": {"topology-device_data": known_circuits},
    "drawn": {"topology-device_samples": partial(drawn, "way", "")},
    "drawn by class": {"topology-device_samples": partial(drawn, "class", "language model")},
    "tried": {"topology-device_ladder": partial(tried, "way", "")},
    "tried by class": {"topology-device_ladder": partial(tried, "class", "language model")},
    "recombined, tried by class": {"topology-device_ladder": partial(tried, "class", "recombination")},
    "languages": {"topology-device_languages": languages},
    "end to end": {"topology-device_end_to_end": end_to_end},
    "first ten": {"topology-device_first_ten": first_ten},
    "user's case": {"link-prediction_case": users_case},
    "scale of link prediction": {"link-prediction_scale": scale_of_links},
    "couplings": {"parasitics": partial(parasitics, "couplings")},
    "nets to ground": {"parasitics": partial(parasitics, "nets to ground")},
    "pins to ground": {"parasitics": partial(parasitics, "pins to ground")},
    "surrogates": {"surrogate_accuracy": partial(surrogates, "R2")},
    "intervals": {"surrogate_accuracy": partial(surrogates, "in 90 %")},
    "microseconds": {"surrogate_speed": microseconds},
    "new topologies": {"surrogate_topologies": new_topologies},
    "few simulations": {"surrogate_autoregressive": few_simulations},
    "with a surrogate": {"surrogate_sizing": with_a_surrogate},
    "search, stable": {"topology-behavioural": partial(search, "stable, 45 degrees")},
}


def render(page: str) -> str:
    """The page with its tables as the records have them."""
    return re.sub(
        r"(<!-- table: (.+?) -->\n).*?(<!-- end -->)",
        lambda found: f"{found[1]}\n{_table(TABLES[found[2]])}\n{found[3]}",
        page,
        flags=re.DOTALL,
    )


def _table(shown: Mapping[str, Callable[[Row], Cells | None]]) -> str:
    lines: dict[str, dict[str, list[Any]]] = {}
    for record, show in shown.items():
        for row in rows_of(record):
            name, cells = show(row) or ("", {})
            for column, cell in cells.items():
                line = lines.setdefault(name, {})
                if isinstance(cell, str) and column in line:
                    raise ValueError(f"two rows of {record}.json are for one cell of the line {name}")
                line[column] = [*line.get(column, []), cell]
    columns = list(dict.fromkeys(column for line in lines.values() for column in line))
    body = [
        f"| {name} | {' | '.join(_text(line.get(column, ['-'])) for column in columns)} |"
        for name, line in lines.items()
    ]
    return "\n".join([f"| | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|", *body, ""])


def _text(cell: Sequence[Any]) -> str:
    first = cell[0]
    if isinstance(first, str):
        return first
    return typical(cell) if isinstance(first, Spent) else together(cell)


def rows_of(record: str) -> list[dict[str, Any]]:
    """The rows of a record."""
    rows: list[dict[str, Any]] = _read(record)["rows"]
    return rows


def _read(record: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((BENCHMARKS / "results" / f"{record}.json").read_text(encoding="utf-8"))
    return read


def draw(folder: Path) -> None:
    """Draw the figures into a folder."""
    for record in FIGURES:
        save_figure(plot_rows(rows_of(record), _read(record)["settings"]["budget"]), folder / f"{record}.svg")


def main() -> int:
    """Write the pages and the figures."""
    for page in PAGES:
        page.write_text(render(page.read_text(encoding="utf-8")), encoding="utf-8")
    draw(BENCHMARKS / "results")
    return 0


if __name__ == "__main__":
    sys.exit(main())
