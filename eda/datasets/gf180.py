"""GlobalFoundries' 180 nm process GF180MCU: ngspice model files.

Source: github google/globalfoundries-pdk-libs-gf180mcu_fd_pr. Licence: Apache-2.0.

Three files: switches, models, and 10 V asymmetric transistors.

Known flaw: the switches turn mismatch on, so results are random unless `sw_stat_global` and `sw_stat_mismatch` are 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile, netlist_files, other_files
from eda.datasets.store import Dataset

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "excluded", "files"]

DATASET: Final = Dataset(
    name="gf180",
    folder="gf180",
    source="github.com/google/globalfoundries-pdk-libs-gf180mcu_fd_pr",
    licence="Apache-2.0",
    about="ngspice model files of GF180MCU",
)


def files(path: Path | None = None) -> list[SourceFile]:
    """The model files, in the order of their names.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
    """
    return netlist_files(path or DATASET.locate())


def excluded(path: Path | None = None) -> dict[str, str]:
    """The files that are no netlists, each with the reason; argument and errors as of `files`."""
    return other_files(path or DATASET.locate())
