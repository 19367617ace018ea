"""`eda generate`: new circuits of a class, each with the rungs of validity that it has passed."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.output import DONE, MISSED, JsonOption, emit_json
from eda.cli.runs import RunDirOption  # noqa: TC001 - typer reads the annotations at run time
from eda.cli.simulators import WorkersOption, open_simulator
from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eda.generation import Generated, Search

__all__ = ["generate"]


class RungName(Enum):
    """The rungs, as the command line names them."""

    GRAMMAR = "grammar"
    RULES = "rules"
    OPERATING_POINT = "operating-point"
    FUNCTION = "function"
    SPECS = "specs"


def generate(
    kind: Annotated[str, typer.Argument(metavar="CLASS", help="opamp, bandgap, mirror, oscillator, comparator ...")],
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many circuits.")] = 10,
    out: Annotated[Path, typer.Option("--out", help="Folder for the netlists and tasks; made where missing.")] = Path(
        "generated"
    ),
    spec: Annotated[
        list[str] | None, typer.Option(help="What a circuit must meet after sizing; op-amps are then designed for it.")
    ] = None,
    technology: Annotated[str, typer.Option(help="Of the transistors; generic needs nothing installed.")] = "generic",
    least: Annotated[
        RungName | None, typer.Option(help="The rung that a circuit must reach: function, or specs if there are any.")
    ] = None,
    budget: Annotated[int, typer.Option(min=1, help="Simulations to size one circuit, where there are specs.")] = 200,
    complete: Annotated[
        Path | None, typer.Option(help="A netlist of one block that every circuit begins with.")
    ] = None,
    devices: Annotated[int | None, typer.Option(min=1, help="How many devices a circuit has, or nearly.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws; the same circuits for the same seed.")] = 0,
    temperature: Annotated[
        float, typer.Option(min=0.1, max=3.0, help="Below 1 for likelier circuits, above 1 for rarer ones.")
    ] = 0.8,
    weights: Annotated[
        Path | None, typer.Option(help="Weights by scripts/train_topology.py; those of the package by default.")
    ] = None,
    gallery: Annotated[
        Path | None,
        typer.Option(help="Page of the circuits as one HTML file, drawn; gallery_CLASS_SEED.html in --out by default."),
    ] = None,
    run_dir: RunDirOption = Path("runs"),
    workers: WorkersOption = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds after which a simulation is given up.")] = 5.0,
    *,
    json: JsonOption = False,
) -> None:
    """Generate new circuits of a class; exit code 1 when fewer than asked for reached the rung.

    Searches for sizes resume in --run-dir; circuits are drawn again, the same ones.

    Each is a netlist with sizes, bounds and biases that `eda check` takes; where a testbench of its class fits, its
    ports are that testbench's, and a task file beside it is what `eda simulate` and `eda size` take.

    Examples: `eda generate opamp -n 10`, `eda generate bandgap -n 20 --out new/ --seed 1`,
    `eda generate opamp --spec "dc_gain >= 80 dB" --spec "gbw >= 50 MHz" -n 10`,
    `eda generate opamp --devices 9 --seed 2`, `eda generate opamp --complete pair.sp --technology sky130 --json`
    """
    from eda.generation import Rung, Search, generated, source_of
    from eda.netlist import read_netlist
    from eda.report.gallery import Gallery

    specs = spec or []
    beginning = None if complete is None else read_netlist(complete)
    source = source_of(
        kind, specs=specs, temperature=temperature, beginning=beginning, devices=devices, weights=weights
    )
    taken = sorted(out.glob(f"{kind}_{seed}_*")) if out.is_dir() else []
    if taken:
        raise InputError(
            f"{out} has circuits of this class and seed already, such as {taken[0].name}; give another --out or --seed"
        )
    search = Search()

    def watch(now: Search) -> None:
        nonlocal search
        search = now
        _tell(now, count)

    rows, circuits = [], []
    with open_simulator(workers, None, timeout) as simulator:
        for one in generated(
            source,
            kind,
            count,
            simulator=simulator,
            specs=specs,
            technology=technology,
            seed=seed,
            least=least and Rung[least.name],
            budget=budget,
            run_dir=run_dir,
            watch=watch,
        ):
            circuits.append(one)
            rows.append(_written(one, out, technology, specs))
            if not json:
                print(f"{rows[-1]['netlist']}: {one.climb}")
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if circuits:
        asked = f" for {', '.join(specs)}" if specs else ""
        about = f"{search.found} of {search.drawn} draws in {technology}{asked}, seed {seed}."
        page = Gallery(circuits, f"Generated: {kind}", about).save(gallery or out / f"gallery_{kind}_{seed}.html")
    summary = {"drawn": search.drawn, "repeated": search.repeated, "known": search.known, "found": search.found}
    if json:
        page_of = {"gallery": str(page)} if circuits else {}
        emit_json({"class": kind, "seed": seed, "technology": technology, **summary, **page_of, "circuits": rows})
    else:
        if circuits:
            print(f"drawn in {page}")
        print(
            f"{search.found} of {count} circuits; {search.drawn} were drawn, {search.repeated} of them again, "
            f"{search.known} are circuits of training"
        )
    raise typer.Exit(DONE if search.found >= count else MISSED)


def _written(one: Generated, folder: Path, technology: str, specs: Sequence[str]) -> dict[str, Any]:
    """Write a circuit and, where a testbench fits, its task; what JSON says of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None
    netlist = folder / f"{one.name}.sp"
    one.circuit.write(netlist)
    task = None
    if one.fit is not None:
        task = netlist.with_suffix(".toml")
        lines = "".join(f'  "{spec}",\n' for spec in specs or one.fit.specs)
        task.write_text(
            f'# What {one.name} is measured by; the bounds are a beginning.\nnetlist = "{netlist.name}"\n'
            f'technology = "{technology}"\nspecs = [\n{lines}]\n\n[testbench]\nkind = "{one.fit.testbench}"\n',
            encoding="utf-8",
        )
    trial = one.climb.trial
    return {
        "name": one.name,
        "netlist": str(netlist),
        "task": task and str(task),
        "devices": len(one.climb.topology.parts),
        "rungs": [rung.value for rung in one.climb.passed],
        "found": one.climb.reason,
        "figure": trial and trial.figure,
    }


def _tell(search: Search, count: int) -> None:
    """Progress on standard error: a line that changes on a terminal, one now and then elsewhere."""
    text = f"{search.found} of {count} found, {search.drawn} drawn"
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
    elif search.drawn % 100 == 0:
        sys.stderr.write(f"{text}\n")
