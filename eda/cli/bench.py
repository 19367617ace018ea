"""`eda bench`: benchmark suites against ngspice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eda.cli.output import JsonOption, emit_json, writable
from eda.cli.runs import RunDirOption  # noqa: TC001 - typer reads the annotations at run time

__all__ = ["bench"]


def bench(
    suite: Annotated[str, typer.Argument(help="Name of a suite, the path of one, or 'list'.")],
    folder: Annotated[Path, typer.Option(help="Where suites are defined.")] = Path("benchmarks"),
    seeds: Annotated[int | None, typer.Option(min=1, help="Seeds, in place of the suite's.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only this table of the suite; may be repeated.")] = None,
    optimizer: Annotated[list[str] | None, typer.Option(help="Only this optimizer; may be repeated.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Also write the JSON report there.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Where to draw success against simulations: a .svg, .png or .pdf file.")
    ] = None,
    run_dir: RunDirOption = Path("runs"),
    *,
    json: JsonOption = False,
) -> None:
    """Run a benchmark suite and print its table.

    Examples: `eda bench list`, `eda bench autockt -o benchmarks/results/autockt.json`,
    `eda bench library --optimizer bayesian --optimizer de --plot library.svg`,
    `eda bench netlist --only "round trips"`
    """
    from eda.benchmark import find_suites, load_suite, run_suite
    from eda.benchmark.curves import KINDS, plot_rows
    from eda.errors import InputError
    from eda.simulation.plots import plot_file, save_figure

    if suite == "list":
        suites = {name: load_suite(str(path), folder).about for name, path in find_suites(folder).items()}
        if json:
            emit_json(suites)
        else:
            print("\n".join(f"{name:14} {about}" for name, about in suites.items()) or f"no suite in {folder}")
        return
    if output:
        writable(output)
    loaded = load_suite(suite, folder)
    if plot:
        writable(plot_file(plot))
        if loaded.kind not in KINDS:
            others = [name for name, path in find_suites(folder).items() if load_suite(str(path), folder).kind in KINDS]
            raise InputError(f"{suite} has nothing to plot; suites that have are {', '.join(others)}")
    overrides = {"seeds": seeds, "tables": only, "optimizers": optimizer}
    report = run_suite(loaded, run_dir=run_dir, overrides=overrides)
    if json:
        emit_json(report.as_data())
    else:
        print(report)
    if output:
        report.save(output)
    if plot:
        save_figure(plot_rows(report.rows, report.suite.settings["budget"], report.suite.about), plot)
