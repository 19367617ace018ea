"""AutoCkt: the two-stage op-amp that reinforcement learning of sizes is compared on, with its 45 nm model card.

Sources: deck and card of github BWRC-AMS-ML-Discovery/BwrcAmsMlDiscovery (BSD-3-Clause), the path in `.include`
changed; targets of github ksettaluri6/AutoCkt @ a6c8a61. Paper: Settaluri et al., AutoCkt, DATE 2020.

Two files: the deck and the card (a predictive technology model). Beside them 1,000 published test targets (938 reached,
62 not) and 350 training targets as JSON.

Known flaw: the deck includes `../spice_models/45nm_bulk.txt`, but in the set the card lies beside the deck.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile, netlist_files, other_files
from eda.datasets.store import Dataset

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "excluded", "files"]

DATASET: Final = Dataset(
    name="autockt",
    folder="autockt",
    source="github.com/BWRC-AMS-ML-Discovery/BwrcAmsMlDiscovery (AutoCkt/Ckt/eval_engines/ngspice)",
    licence="BSD-3-Clause",
    about="the deck two_stage_opamp.cir, its model card 45nm_bulk.txt, and sizing targets as JSON",
)

_OTHERS: Final = {"*.json": "sizing targets"}


def files(path: Path | None = None) -> list[SourceFile]:
    """The deck and the model card.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
    """
    return netlist_files(path or DATASET.locate(), _OTHERS)


def excluded(path: Path | None = None) -> dict[str, str]:
    """The files that are no netlists, each with the reason; argument and errors as of `files`."""
    return other_files(path or DATASET.locate(), _OTHERS)
