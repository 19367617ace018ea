"""The data sets by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets import (
    aicircuit,
    align,
    analoggenie,
    analoggym,
    autockt,
    bagnet,
    cirgps,
    gf180,
    image2net,
    ocb,
    openamp,
    ptm,
)
from eda.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from eda.datasets.store import Dataset

__all__ = ["DATASETS", "locate"]

_MODULES = (aicircuit, align, analoggenie, analoggym, autockt, bagnet, cirgps, gf180, image2net, ocb, openamp, ptm)

DATASETS: Final[Mapping[str, Dataset]] = {module.DATASET.name: module.DATASET for module in _MODULES}
"""What eda can read; the module `eda.datasets.<name>` reads it."""


def locate(name: str) -> Path:
    """The folder of a data set, downloaded when it is not on this machine; see `Dataset.locate`.

    Raises:
        InputError: there is no such set, or it can neither be found nor downloaded.
    """
    if name not in DATASETS:
        raise InputError(f"there is no data set {name!r}. {did_you_mean(name, DATASETS)}")
    return DATASETS[name].locate()
