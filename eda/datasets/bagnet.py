"""BagNet: a two-stage op-amp with four testbenches in seven variants, and other circuits, as templates and decks.

Sources: `templates/`, `envs/`, `models/` of github kouroshHakha/bb_envs @ a8b7363b (no licence file);
`bag_deep_ckt/` of github kouroshHakha/bag_deep_ckt @ 2ce6da86 (Apache-2.0): prefer that copy where both have a circuit.
Paper: Hakhamaneshi et al., BagNet, ICCAD 2019.

44 netlist and model files: 32 templates with placeholders `{{mp1}}`, ten finished decks and parts, two model cards.
Eleven files in `envs/` give bounds of the placeholders and specifications.

Known flaws:
- The finished decks include model cards by absolute paths of their author's machine; `two_stage_boosting` needs a
  14 nm kit of GlobalFoundries that is not public.
- The middle of the bounds is no good design, and Wheatstone resistors start at 0 ohm.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile, netlist_files, other_files
from eda.datasets.store import Dataset
from eda.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["DATASET", "excluded", "files", "fill", "middle_values"]

DATASET: Final = Dataset(
    name="bagnet",
    folder="bagnet",
    source="github.com/kouroshHakha/bb_envs at a8b7363b (templates, envs, models of ngspice) and "
    "github.com/kouroshHakha/bag_deep_ckt at 2ce6da86 (bag_deep_ckt)",
    licence="none stated (bb_envs), Apache-2.0 (bag_deep_ckt)",
    about="two-stage op-amp templates with testbenches, bounds and specifications, and 45 and 90 nm model cards",
)

_OTHERS: Final = {"*.yaml": "bounds and specifications"}
_PLACEHOLDER: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
# the testbenches write their results to files of these names
_RESULTS: Final = {name: f"{name}.csv" for name in ("ac", "dc", "cm", "ps", "tran")}

# `mp1:  !!python/tuple [1, 100, !!float 1e0]`, the one form in which bounds are written
_BOUNDS: Final = re.compile(r"^\s+(\w+):\s*(?:!!python/tuple\s*)?\[([^\]]+)\]", re.M)
_PARAMS: Final = re.compile(r"^  params:\s*$(.*?)^  spec_range:", re.M | re.S)
_NETLIST: Final = re.compile(r"^\s+netlist:.*?/(templates/\S+)\s*$", re.M)
_MODEL: Final = re.compile(r"^\s+sim_model:.*?/(models/\S+)\s*$", re.M)


def files(path: Path | None = None, *, filled: bool = False) -> list[SourceFile]:
    """The templates, decks and model cards, in the order of their names.

    Args:
        path: folder of the set; found or fetched when it is not given.
        filled: put the middle of their bounds into the templates, as `middle_values` gives them. A filled template
            includes its model card by a path from the folder of the set.

    Raises:
        InputError: the set is missing; a template has a placeholder without bounds.
    """
    folder = path or DATASET.locate()
    sources = netlist_files(folder, _OTHERS)
    if not filled:
        return sources
    values = middle_values(folder)
    return [_filled(source, values) for source in sources]


def excluded(path: Path | None = None) -> dict[str, str]:
    """The files that are no netlists, each with the reason; argument and errors as of `files`."""
    return other_files(path or DATASET.locate(), _OTHERS)


def fill(text: str, values: Mapping[str, str]) -> str:
    """A template with values for its placeholders `{{name}}`; single braces stay.

    Args:
        text: the template.
        values: text by placeholder; names that the template does not have are ignored.

    Raises:
        InputError: a placeholder has no value.
    """
    for name in _PLACEHOLDER.findall(text):
        if name not in values:
            raise InputError(f"the template needs a value for {{{{{name}}}}}. {did_you_mean(name, values)}")
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def middle_values(path: Path | None = None) -> dict[str, dict[str, str]]:
    """Values for every template: the middle of the grid `low, low + step, ...` below `high` that `envs/` gives.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Returns:
        Text by placeholder, SI, by name of the template; `include` is the model card, and the result files of the
        testbenches are `ac.csv`, `dc.csv` ...

    Raises:
        InputError: the set is missing.
    """
    found = {}
    for env in sorted((path or DATASET.locate()).glob("envs/*.yaml")):
        text = env.read_text(encoding="utf-8")
        values = {**_RESULTS, **{name: _middle(bounds) for name, bounds in _bounds(text).items()}}
        model = _MODEL.search(text)
        if model:
            values["include"] = model[1]
        found.update(dict.fromkeys(_NETLIST.findall(text), values))
    return found


def _filled(source: SourceFile, values: Mapping[str, Mapping[str, str]]) -> SourceFile:
    if not _PLACEHOLDER.search(source.text):
        return source
    if source.name not in values:
        raise InputError(f"the template {source.name!r} has placeholders, but no file in envs/ names it with bounds")
    return SourceFile(source.name, None, fill(source.text, values[source.name]).encode())


def _bounds(text: str) -> dict[str, tuple[float, float, float]]:
    """Low, high and step by placeholder, of the section `params` of an `envs` file."""
    section = _PARAMS.search(text)
    found = {}
    for name, numbers in _BOUNDS.findall(section[1] if section else ""):
        low, high, step = (float(number.replace("!!float", "")) for number in numbers.split(","))
        found[name] = (low, high, step)
    return found


def _middle(bounds: tuple[float, float, float]) -> str:
    low, high, step = bounds
    return f"{low + round((high - low) / step) // 2 * step:.6g}"
