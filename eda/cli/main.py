"""The `eda` command."""

from __future__ import annotations

import sys

import typer

from eda.cli import (
    bench,
    check,
    compare,
    complete,
    convert,
    doctor,
    generate,
    graph,
    parasitics,
    pdk,
    report,
    simulate,
    size,
    tasks,
    testbenches,
    train,
    verify,
)
from eda.errors import EDAError

__all__ = ["app", "main"]

_INTERRUPTED = 130  # what a shell returns for a program that Ctrl-C ended

app = typer.Typer(
    name="eda",
    help="Design analog circuits and prove every number with ngspice.",
    epilog="Exit codes: 0 done and specs met, 1 a spec is missed, 2 bad input, 3 simulator missing or failing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("doctor")(doctor.doctor)
app.add_typer(pdk.app, name="pdk")
app.command("check")(check.check)
app.command("convert")(convert.convert)
app.command("graph")(graph.graph)
app.command("complete")(complete.complete)
app.command("parasitics")(parasitics.parasitics)
app.command("generate")(generate.generate)
app.command("simulate")(simulate.simulate)
app.command("size")(size.size)
app.add_typer(train.app, name="train")
app.command("verify")(verify.verify)
app.command("report")(report.report)
app.command("compare")(compare.compare)
app.command("tasks")(tasks.tasks)
app.command("testbenches")(testbenches.show_testbenches)
app.command("calibrate")(tasks.calibrate)
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command line; an error of eda is a message and an exit code, never a traceback."""
    try:
        app()
    except EDAError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, SystemExit) as leaving:
        # typer turns Ctrl-C into an exit of 130
        if isinstance(leaving, SystemExit) and leaving.code != _INTERRUPTED:
            raise
        sys.stderr.write("interrupted\n")
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:  # of the output: eda's own files have errors of their own
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
