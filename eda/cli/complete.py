"""`eda complete`: connections that a netlist lacks, and those that look wrong."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.output import MISSED, JsonOption, emit_json, writable
from eda.cli.sources import ControlOption, DialectOption, IncludesOption, RootsOption, find_sources
from eda.errors import InputError

if TYPE_CHECKING:
    from eda.link_prediction import Candidate, Connection, Joined

__all__ = ["complete"]

_SUSPICIOUS = 0.05  # probability of a connection, below which it is said aloud


def complete(
    netlist: Annotated[str, typer.Argument(help="A netlist file, or - for standard input.")],
    port: Annotated[
        list[str] | None,
        typer.Option(help="A terminal, such as M3.d or R1.plus, open or not; may be repeated. Open ones by default."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Candidates to show for each terminal.")] = 5,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write the completed netlist there.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Other weights than those of the package.")] = None,
    dialect: DialectOption = "auto",
    root: RootsOption = None,
    *,
    suspects: Annotated[
        bool, typer.Option("--suspects", help="Also rank the connections that look most like wiring errors.")
    ] = False,
    keep_includes: IncludesOption = False,
    keep_control: ControlOption = False,
    json: JsonOption = False,
) -> None:
    """Find terminals that are joined to nothing, rank the nets where they may belong, and join them.

    A terminal is open when nothing else is on its net, and the net is no port, supply or ground. A net is not taken
    when the electrical rule check finds an error that was not there before. Probabilities are those of a network that
    has learned from public circuits: look at what it proposes. Exit code 1 when an open terminal was left open.

    Examples: `eda complete amp.sp`, `eda complete amp.sp --port M3.d --top 3`,
    `eda complete amp.sp --suspects -o completed.sp`
    """
    from eda.graph.masters import masters_of
    from eda.link_prediction import LinkPredictor
    from eda.link_prediction import complete as completed

    sources = find_sources([netlist])
    if len(sources) > 1 or sources[0].base is not None:
        raise InputError("one netlist is completed at a time, but a folder was given")
    if output:
        writable(output, *(one.path for one in sources if one.path))
    circuit = sources[0].read(dialect=dialect, roots=root, keep_includes=keep_includes, keep_control=keep_control)
    predictor = LinkPredictor.load(weights)
    found = completed(circuit, predictor, terminals=port or ())
    judged = predictor.judge(found.circuit, masters=masters_of(circuit))[:top] if suspects else []
    if output:
        found.circuit.write(output, dialect=circuit.dialect)
    if json:
        emit_json({
            "netlist": sources[0].name,
            "joined": [_row(one, top) for one in found.joined],
            "suspects": [_suspect(one) for one in judged],
            "output": str(output) if output else None,
        })  # fmt: skip
    else:
        _print(list(found.joined), top)
        for one in judged:
            mark = "suspicious" if one.probability < _SUSPICIOUS else "least probable"
            print(f"{_name(one.terminal)} on {one.net}: {mark}, {one.probability:.1%}; "
                  f"{_net(one.better)} {one.better.probability:.1%}")  # fmt: skip
        if output:
            print(f"written to {output}")
        elif any(one.net for one in found.joined):
            sys.stderr.write("nothing was written; give --output to have the completed netlist\n")
    if any(one.net is None for one in found.joined):
        raise typer.Exit(MISSED)


def _print(joined: list[Joined], top: int) -> None:
    if not joined:
        print("no terminal is open")
    for one in joined:
        what = "left open" if one.net is None else f"joined to {one.net}"
        print(f"{_name(one.terminal)}: {what} ({one.probability:.1%})")
        for candidate in one.candidates[:top]:
            veto = one.vetoes.get(candidate.net or "")
            print(f"    {candidate.probability:6.1%}  {_net(candidate)}" + (f"  not taken: {veto}" if veto else ""))


def _row(one: Joined, top: int) -> dict[str, Any]:
    return {
        "terminal": _name(one.terminal),
        "net": one.net,
        "probability": one.probability,
        "candidates": [{"net": c.net, "probability": c.probability} for c in one.candidates[:top]],
        "vetoes": {net: str(finding) for net, finding in one.vetoes.items()},
    }


def _suspect(one: Connection) -> dict[str, Any]:
    return {
        "terminal": _name(one.terminal),
        "net": one.net,
        "probability": one.probability,
        "better": {"net": one.better.net, "probability": one.better.probability},
    }


def _name(terminal: tuple[str, str]) -> str:
    return ".".join(terminal)


def _net(candidate: Candidate) -> str:
    return candidate.net if candidate.net is not None else "a net of its own"
