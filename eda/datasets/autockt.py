"""AutoCkt: the two-stage op-amp that reinforcement learning of sizes is compared on, with its 45 nm model card.

Sources: deck and card of github BWRC-AMS-ML-Discovery/BwrcAmsMlDiscovery (BSD-3-Clause), the path in `.include`
changed; targets of github ksettaluri6/AutoCkt @ a6c8a61. Paper: Settaluri et al., AutoCkt, DATE 2020.

Two files: the deck and the card (a predictive technology model). Beside them 1,000 published test targets (938 reached,
62 not) and 350 training targets as JSON.

Known flaw: the deck includes `../spice_models/45nm_bulk.txt`, but in the set the card lies beside the deck.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile, netlist_files, other_files
from eda.datasets.store import Dataset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["DATASET", "SizingTarget", "excluded", "files", "published_targets", "training_targets"]

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


@dataclass(frozen=True, slots=True)
class SizingTarget:
    """What one op-amp is to reach.

    Attributes:
        gain: least low-frequency gain, V/V.
        unity_gain_frequency: least frequency of unity gain, Hz.
        phase_margin: least phase margin, degrees.
        supply_current: largest supply current, A.
        reached: whether AutoCkt reached it; `None` where that is not published.
    """

    gain: float
    unity_gain_frequency: float
    phase_margin: float
    supply_current: float
    reached: bool | None = None

    def specs(self) -> tuple[str, ...]:
        """As specs of the op-amp testbenches, with every digit."""
        return (
            f"dc_gain >= {20 * math.log10(self.gain)!r} dB",
            f"unity_gain_frequency >= {self.unity_gain_frequency!r} Hz",
            f"phase_margin >= {self.phase_margin!r} deg",
            f"supply_current <= {self.supply_current!r} A",
        )


def published_targets(path: Path | None = None) -> list[SizingTarget]:
    """The 1,000 published test targets: 938 that AutoCkt reached, then 62 that it did not.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
    """
    folder, found = path or DATASET.locate(), []
    for file, reached in (("autockt_reached_targets.json", True), ("autockt_nreached_targets.json", False)):
        data = json.loads((folder / file).read_text(encoding="utf-8"))
        rows = [dict(zip(data["keys"], row, strict=True)) for row in data["targets"]]
        found += [_target(row, reached=reached) for row in rows]
    return found


def training_targets(path: Path | None = None) -> list[SizingTarget]:
    """The 350 published training targets; argument and errors as of `published_targets`."""
    data = json.loads(((path or DATASET.locate()) / "autockt_train_targets.json").read_text(encoding="utf-8"))
    return [_target(dict(zip(data, row, strict=True))) for row in zip(*data.values(), strict=True)]


def _target(row: Mapping[str, float], *, reached: bool | None = None) -> SizingTarget:
    return SizingTarget(row["gain_min"], row["ugbw_min"], row["phm_min"], row["ibias_max"], reached)
