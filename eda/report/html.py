"""One self-contained HTML file of a run: specs, convergence, Bode plot, sizes, corners, provenance."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.netlist import format_netlist
from eda.problem.table import spec_rows
from eda.report.plots import bode_plot, convergence_plot, svg
from eda.report.waveforms import plot_simulation
from eda.testbench import OpAmpTestbench
from eda.units import format_quantity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eda.sizing import Result
    from eda.verification import Verification

__all__ = ["save_report"]

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--bad:#dc2626;--good:#16a34a}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
td,th{padding:.25rem .8rem .25rem 0;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
.NO{color:var(--bad);font-weight:600}.yes{color:var(--good)}
svg{width:100%;height:auto;background:#fff;border-radius:6px}
pre{overflow-x:auto;font-size:.8rem;border:1px solid var(--line);padding:.6rem;border-radius:6px}
@media print{body{max-width:none}}
"""


def save_report(path: str | Path, result: Result, verification: Verification | None = None) -> Path:
    """Write the report of a run; needs no network to read.

    Args:
        path: the HTML file.
        result: the run.
        verification: its verification, when there is one.

    Returns:
        The path.

    Raises:
        InputError: the file cannot be written.
    """
    path = Path(path)
    text = _page(result, verification)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write the report {path}: {error.strerror}; choose a writable folder") from None
    return path


def _page(result: Result, verification: Verification | None) -> str:
    problem = result.problem
    title = f"{problem.name} in {problem.technology.name}"
    verdict = "all specs and guards met" if result.feasible else "no design met all specs and guards"
    sections = [
        f"<h1>{html.escape(title)}</h1>",
        f"<p>{verdict}; {len(result.evaluations)} simulations at {html.escape(str(problem.conditions))}</p>",
        "<h2>Specifications</h2>",
        _table(("spec", "value", "margin", "met"), _spec_cells(result)),
        "<h2>Convergence</h2>",
        convergence_plot(result),
        *_waveforms(result),
        "<h2>Sizes</h2>",
        _table(("parameter", "value", "low", "high", "scale"), _size_cells(result)),
        *_verification(verification),
        "<h2>Netlist</h2>",
        f"<pre>{html.escape(format_netlist(result.circuit))}</pre>",
        "<h2>Provenance</h2>",
        _table(("", ""), _provenance(result)),
    ]
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
    )
    body = "".join(sections)
    return f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{body}</body></html>'


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    def cell(tag: str, text: str) -> str:
        kind = f' class="{text}"' if text in {"yes", "NO"} else ""
        return f"<{tag}{kind}>{html.escape(text)}</{tag}>"

    head = "".join(cell("th", text) for text in header)
    body = "".join(f"<tr>{''.join(cell('td', text) for text in row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _spec_cells(result: Result) -> list[tuple[str, ...]]:
    words = {True: "yes", False: "NO", None: "-"}
    rows = spec_rows(result.best, result.problem.specs)
    return [(row.requirement, row.value, row.margin, words[row.met]) for row in rows]


def _size_cells(result: Result) -> list[tuple[str, ...]]:
    design = result.best.design
    return [
        (v.name, *(format_quantity(x, "", 5) for x in (design[v.name], v.low, v.high)), v.scale)
        for v in result.problem.space.variables
    ]


def _waveforms(result: Result) -> list[str]:
    """The open-loop response of an op-amp; of other circuits everything that its testbench sweeps for the specs."""
    simulation = result.problem.simulate(result.best.design)
    if not simulation.ok:
        return []
    if isinstance(result.problem.testbench, OpAmpTestbench):
        return ["<h2>Open-loop response of the best design</h2>", bode_plot(simulation.analyses["ac"])]
    if not any(len(waves.scale) > 1 for waves in simulation.analyses.values()):
        return []
    return ["<h2>Waveforms of the best design</h2>", svg(plot_simulation(simulation, result.problem.testbench))]


def _verification(verification: Verification | None) -> list[str]:
    if verification is None:
        return []
    header, rows = verification.table()
    reasons = [
        f"{row.conditions}: {reason}"
        for row in verification.failing
        for reason in row.evaluation.failures(verification.specs)
    ]
    listed = "".join(f"<li>{html.escape(reason)}</li>" for reason in reasons)
    asked = ", ".join(str(spec) for spec in verification.specs)
    return [
        "<h2>Corners and temperatures</h2>",
        f"<p>{html.escape(asked)}</p>",
        _table(header, rows),
        f"<ul>{listed}</ul>" if listed else "",
    ]


def _provenance(result: Result) -> list[tuple[str, str]]:
    about = {
        **result.about["problem"],
        **result.about["optimizer"],
        **result.about["versions"],
        "run folder": result.folder,
    }
    return [
        (key, ", ".join(map(str, value)) if isinstance(value, list) else str(value)) for key, value in about.items()
    ]
