"""AICircuit: nine circuits, from a common-source stage to a transmitter, in Spectre, with simulated rows.

Source: github AvestimehrResearchGroup/AICircuit @ eaf803a6 (2025-01-27); `Dataset/x/x.csv` is `Dataset/x.csv` here.
Licence: MIT.

29 Spectre files: header, netlist and, where it is not empty, footer of eleven decks, and a 45 nm model card;
`decks` puts each deck together. 110,482 labelled rows in seven CSV files.

Known flaws:
- Sizes are parameters that nothing defines (the Ocean scripts, not part of the set, did).
- Footers include a Verilog-A balun of a Cadence installation by its absolute path.
- No rows for receiver and transmitter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile, netlist_files, other_files
from eda.datasets.store import Dataset

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "decks", "excluded", "files"]

DATASET: Final = Dataset(
    name="aicircuit",
    folder="aicircuit",
    source="github.com/AvestimehrResearchGroup/AICircuit at eaf803a6",
    licence="MIT",
    about="Spectre netlists of nine circuits, a 45 nm model card, and labelled sizes as CSV",
)

_OTHERS: Final = {"*.csv": "labelled rows", "*.yaml": "ranges of parameters", "*.yml": "settings"}


def files(path: Path | None = None) -> list[SourceFile]:
    """The parts of the decks as they lie there, and the model card.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
    """
    return netlist_files(path or DATASET.locate(), _OTHERS)


def excluded(path: Path | None = None) -> dict[str, str]:
    """The files that are no netlists, each with the reason; argument and errors as of `files`."""
    return other_files(path or DATASET.locate(), _OTHERS)


def decks(path: Path | None = None) -> list[SourceFile]:
    """The eleven decks, each put together from header, netlist and footer; named by their folders.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
    """
    parts = {file.name: file.data for file in files(path)}
    folders = [name.removesuffix("/netlist") for name in parts if name.endswith("/netlist")]
    order = ("netlistHeader", "netlist", "netlistFooter")
    return [SourceFile(f, None, b"".join(parts.get(f"{f}/{part}", b"") for part in order)) for f in folders]
