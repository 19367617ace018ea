"""Predictive technology model cards, 180 to 22 nm, as found in public repositories.

Source: Arizona State University PTM (cite: Zhao and Cao, IEEE TED 53(11), 2006); copies from github
mkfzdmr/TDC-CMOS-Designs, eelab-dev/EEsizer, AvestimehrResearchGroup/AICircuit, imr/ngspice, kouroshHakha/bb_envs,
ksettaluri6/AutoCkt. Licence: PTM states none.

16 model cards.

Known flaws:
- Two published 180 nm cards differ 4x in current.
- `ptm_130nm.pm` is LEVEL=53 for HSPICE and does not load in ngspice; the others do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile, netlist_files, other_files
from eda.datasets.store import Dataset

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "excluded", "files"]

DATASET: Final = Dataset(
    name="ptm",
    folder="ptm",
    source="the Predictive Technology Model of Arizona State University, in copies of several repositories",
    licence="none stated; cite PTM",
    about="model cards of bulk CMOS from 180 to 22 nm",
)


def files(path: Path | None = None) -> list[SourceFile]:
    """The model cards, in the order of their names.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
    """
    return netlist_files(path or DATASET.locate())


def excluded(path: Path | None = None) -> dict[str, str]:
    """The files that are no netlists, each with the reason; argument and errors as of `files`."""
    return other_files(path or DATASET.locate())
