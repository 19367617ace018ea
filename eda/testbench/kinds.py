"""Testbenches by name, from settings as task files have them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.errors import InputError, did_you_mean
from eda.testbench.clocked_comparator import ClockedComparatorTestbench
from eda.testbench.comparator import ComparatorTestbench
from eda.testbench.filter import FilterTestbench
from eda.testbench.fully_differential import FullyDifferentialTestbench
from eda.testbench.ldo import LDOTestbench
from eda.testbench.mirror import MirrorTestbench
from eda.testbench.opamp import OpAmpTestbench
from eda.testbench.open_loop_opamp import OpenLoopOpAmpTestbench
from eda.testbench.oscillator import OscillatorTestbench
from eda.testbench.power_stage import PowerStageTestbench
from eda.testbench.reference import CurrentReferenceTestbench, ReferenceTestbench
from eda.testbench.tia import TransimpedanceTestbench
from eda.testbench.user_deck import from_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.testbench.block import BlockTestbench
    from eda.testbench.testbench import Testbench

__all__ = ["KINDS", "definitions_of", "make_testbench", "settings_of"]

_CLASSES: Final[tuple[type[BlockTestbench], ...]] = (
    OpAmpTestbench,
    OpenLoopOpAmpTestbench,
    FullyDifferentialTestbench,
    MirrorTestbench,
    TransimpedanceTestbench,
    OscillatorTestbench,
    FilterTestbench,
    PowerStageTestbench,
    LDOTestbench,
    ReferenceTestbench,
    CurrentReferenceTestbench,
    ComparatorTestbench,
    ClockedComparatorTestbench,
)
KINDS: Final[Mapping[str, type[BlockTestbench]]] = {one.kind: one for one in _CLASSES}
"""The testbenches of circuit classes by their names in task files."""


def settings_of(kind: type[BlockTestbench]) -> dict[str, str]:
    """Names of the settings of a testbench with their units; `regions` is a table, not a quantity."""
    return {"vdd": "V", **kind.units, "regions": ""}


_ARGUMENT: Final = re.compile(r"^    (\w+): ((?:.+\n)(?:     +.+\n)*)", re.MULTILINE)


def definitions_of(kind: type[BlockTestbench]) -> dict[str, str]:
    """What the settings of a testbench mean, and what they are when they are not given, from its docstrings."""
    docs = (inspect.cleandoc(vars(one).get("__doc__") or "") + "\n" for one in reversed(kind.__mro__))
    found = {name: " ".join(words.split()) for doc in docs for name, words in _ARGUMENT.findall(doc)}
    return {
        name: found[name].removesuffix(".").replace("when it is `None`", "when it is not given")
        for name in settings_of(kind)
    }


def make_testbench(table: Mapping[str, Any], folder: Path = Path()) -> Testbench:
    """The testbench of a task's table `[testbench]`.

    Args:
        table: `kind` (an op-amp when there is none, `deck` for one of the user) and settings.
        folder: that the path of a deck is relative to.

    Raises:
        InputError: there is no such testbench, or it has no such setting; a quantity in the wrong unit.
    """
    if not isinstance(table, dict):
        raise InputError(f"[testbench] must be a table, but got {table!r}")
    settings = dict(table)
    name = settings.pop("kind", "opamp")
    if name == "deck":
        return from_table(settings, folder)
    if not isinstance(name, str) or name not in KINDS:
        raise InputError(f"there is no testbench {name!r}. {did_you_mean(str(name), [*KINDS, 'deck'])}")
    known = settings_of(KINDS[name])
    for key, value in settings.items():
        if key not in known:
            raise InputError(f"unknown key {key!r} in [testbench] of kind {name!r}. {did_you_mean(key, known)}")
        if key == "regions":
            _require_regions(value)
        elif isinstance(value, bool) or not isinstance(value, str | int | float):
            raise InputError(f"{key} must be a quantity such as '1.8 V', but got {value!r}")
    return KINDS[name](**settings)


def _require_regions(value: object) -> None:
    if not isinstance(value, dict) or not all(isinstance(region, str) for region in value.values()):
        raise InputError(f"[testbench.regions] names regions such as m9 = 'triode', but got {value!r}")
