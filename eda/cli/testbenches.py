"""`eda testbenches`: what each testbench measures, and its settings."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from eda.cli.output import JsonOption, emit_json

__all__ = ["show_testbenches"]


def show_testbenches(
    kind: Annotated[
        str | None, typer.Argument(help="A testbench, such as opamp; all of them when it is left out.")
    ] = None,
    *,
    json: JsonOption = False,
) -> None:
    """Show the testbenches: their ports, settings and metrics, as task files and specs name them.

    Examples: `eda testbenches`, `eda testbenches opamp`, `eda testbenches ldo --json`
    """
    from eda.errors import InputError, did_you_mean
    from eda.testbench.kinds import KINDS

    known = (*KINDS, "deck")
    if kind is not None and kind not in known:
        raise InputError(f"there is no testbench {kind!r}. {did_you_mean(kind, known)}")
    described = {name: _described(name) if name in KINDS else _DECK for name in (known if kind is None else [kind])}
    if json:
        emit_json(described)
    elif kind is None:
        for name, one in described.items():
            print(f"{name:20} {one['ports']:36} {len(one['metrics']) or 'your'} metrics")
    else:
        one = described[kind]
        print(f"{kind}: ports {one['ports']}\n\nsettings of [testbench]")
        for name, setting in one["settings"].items():
            print(f"  {name:20} {setting['unit']:8} {setting['default']:12} {setting['definition']}")
        print("\nmetrics" if one["metrics"] else "\nmetrics: a .meas card each, or the vectors that `metrics` names")
        for name, metric in one["metrics"].items():
            print(f"  {name:24} {metric['unit']:8} {metric['definition']}")


_DECK: Final[dict[str, Any]] = {
    "ports": "those that your deck connects",
    "settings": {
        "deck": {
            "unit": "",
            "default": "-",
            "definition": "the path of a SPICE deck that calls the circuit, beside the task file",
        },
        "metrics": {
            "unit": "",
            "default": "-",
            "definition": "a table: a unit for a .meas card, or 'V op v(out)' for a vector",
        },
        "regions": {"unit": "", "default": "-", "definition": "the region that a transistor is meant to work in"},
    },
    "metrics": {},
}
"""The user's own deck, whose metrics are what it measures."""


def _described(kind: str) -> dict[str, Any]:
    """Ports, settings with units, defaults and meanings, and metrics of a testbench."""
    from eda.testbench.kinds import KINDS, definitions_of, settings_of

    bench = KINDS[kind]
    texts = bench().describe()
    meanings = definitions_of(bench)
    optional = [f"[{port}]" for port in bench.optional]
    return {
        "ports": " ".join((*bench.ports, *optional)),
        "settings": {
            name: {
                "unit": unit,
                "default": "-" if texts.get(name, "default") == "default" else texts[name],
                "definition": meanings[name],
            }
            for name, unit in settings_of(bench).items()
        },
        "metrics": {
            name: {"unit": one.unit, "definition": one.definition, "analyses": list(one.needs)}
            for name, one in bench.readings.metrics.items()
        },
    }
