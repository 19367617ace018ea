"""`eda generate`: new circuits of a class, each with the rungs of validity that it has passed."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from eda.cli.output import DONE, MISSED, JsonOption, emit_json
from eda.cli.runs import RunDirOption  # noqa: TC001 - typer reads the annotations at run time
from eda.cli.simulators import WorkersOption, open_simulator

if TYPE_CHECKING:
    from eda.generation import Search

__all__ = ["generate"]

_QUIET: Final = 10.0  # s between two lines of progress


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
    devices: Annotated[
        int | None, typer.Option(min=1, help="How many devices a circuit has, sources of its biases aside.")
    ] = None,
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

    The same command goes on where it was stopped: circuits are drawn again, the same ones, and searches for sizes
    resume in --run-dir.

    Each is a netlist with sizes, bounds and biases that `eda check` takes; where a testbench of its class fits, its
    ports are that testbench's, and a task file beside it is what `eda simulate` and `eda size` take. What was found is
    in CLASS_SEED.json as well.

    Examples: `eda generate opamp -n 10`, `eda generate bandgap -n 20 --out new/ --seed 1`,
    `eda generate opamp --spec "dc_gain >= 80 dB" --spec "gbw >= 50 MHz" -n 10`,
    `eda generate opamp --devices 9 --seed 2`, `eda generate opamp --complete pair.sp --technology sky130 --json`
    """
    from eda.generation import CircuitFolder, Rung, generated, source_of
    from eda.netlist import format_netlist, read_netlist
    from eda.report.gallery import Gallery

    specs = spec or []
    beginning = None if complete is None else read_netlist(complete)
    source = source_of(
        kind, specs=specs, temperature=temperature, beginning=beginning, devices=devices, weights=weights
    )
    request: dict[str, Any] = {
        "class": kind,
        "seed": seed,
        "technology": technology,
        "specs": specs,
        "least": least and least.value,
        "budget": budget,
        "temperature": temperature,
        "devices": devices,
        "complete": beginning and format_netlist(beginning),
        "weights": weights and str(weights),
    }
    folder = CircuitFolder(out, f"{kind}_{seed}", request)
    progress = _Progress(count)
    circuits = []
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
            watch=progress.tell,
        ):
            circuits.append(one)
            netlist = folder.add(one)
            if not json:
                progress.clear()
                print(f"{netlist}: {one}")
    progress.clear()
    search = progress.search
    if circuits:
        asked = f" for {', '.join(specs)}" if specs else ""
        about = f"{search.found} of {search.drawn} draws in {technology}{asked}, seed {seed}."
        page = Gallery(circuits, f"Generated: {kind}", about).save(gallery or out / f"gallery_{kind}_{seed}.html")
    folder.close({**asdict(search), "gallery": str(page) if circuits else None})
    if json:
        emit_json(folder.content)
    else:
        if circuits:
            print(f"drawn in {page}")
        print(
            f"{search.found} of {count} circuits; {search.drawn} were drawn, {search.repeated} of them again, "
            f"{search.known} are circuits of training"
        )
    raise typer.Exit(DONE if search.found >= count else MISSED)


class _Progress:
    """On standard error: a line that changes on a terminal, one every ten seconds elsewhere."""

    def __init__(self, count: int) -> None:
        from eda.generation import Search

        self.search = Search()
        self._count, self._said = count, time.monotonic()

    def tell(self, search: Search) -> None:
        """How far the search is."""
        self.search = search
        text = f"{search.found} of {self._count} found, {search.drawn} drawn"
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
        elif time.monotonic() - self._said >= _QUIET:
            sys.stderr.write(f"{text}\n")
            self._said = time.monotonic()

    def clear(self) -> None:
        """Remove the line that changes."""
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
