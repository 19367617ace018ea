"""Model cards of data sets by name: the Predictive Technology Model, and the 45 nm card of AutoCkt and BagNet."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.errors import TechnologyError
from eda.technology.places import data_folder
from eda.technology.user_cards import load_card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.technology.technology import Technology

__all__ = ["PREDICTIVE", "find_predictive", "load_predictive"]

PREDICTIVE: Final[Mapping[str, tuple[str, str]]] = {
    "ptm180": ("ptm", "ptm_180.txt"),
    "ptm130": ("ptm", "ptm_130.txt"),
    "ptm90": ("ptm", "ptm_90nm.pm"),
    "ptm65": ("ptm", "ptm_65nm.pm"),
    "ptm45": ("ptm", "ptm_45nm.pm"),
    "ptm32": ("ptm", "ptm_32nm.pm"),
    "ptm22": ("ptm", "ptm_22nm.pm"),
    "autockt45": ("autockt", "45nm_bulk.txt"),
}
"""The data set and the file of each name. Two published 180 nm cards differ 4x in current; this is one of them."""

_AS_PUBLISHED: Final = frozenset({"autockt45"})
"""Cards of benchmarks whose decks give no junction areas: there the card's own estimate belongs to the benchmark."""


def find_predictive(name: str) -> Path | None:
    """The card of that name in `EDA_DATA_DIR`, or where `eda.datasets` keeps its sets; `None` where it is missing."""
    folder, file = PREDICTIVE[name]
    data = os.environ.get("EDA_DATA_DIR")
    places = [Path(data)] if data else []
    places.append(data_folder() / "data")
    return next((place / folder / file for place in places if (place / folder / file).is_file()), None)


def load_predictive(name: str) -> Technology:
    """The technology of that name.

    Raises:
        TechnologyError: its card is not there.
    """
    path, (folder, file) = find_predictive(name), PREDICTIVE[name]
    if path is None:
        raise TechnologyError(
            f"the card {file} of {name} is not there (looked in EDA_DATA_DIR and {data_folder() / 'data'}). "
            f'Fetch it: python -c "from eda.datasets import {folder}; {folder}.DATASET.locate()", or give a card of '
            f"your own the name: eda pdk add {name} --card FILE"
        )
    technology = replace(load_card(path), name=name)
    if name not in _AS_PUBLISHED:
        return technology
    bare = {role: replace(transistor, diffusion=None) for role, transistor in technology.transistors.items()}
    return replace(technology, transistors=bare)
