"""Where process kits lie: the user's data folder, and the trees under `PDK_ROOT`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_data_path

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["data_folder", "pdk_root", "pdk_trees"]


def data_folder() -> Path:
    """The folder into which kits and cards are installed."""
    return user_data_path("eda", appauthor=False)


def pdk_root() -> Path | None:
    """The folder that the environment variable `PDK_ROOT` names."""
    root = os.environ.get("PDK_ROOT")
    return Path(root) if root else None


def pdk_trees(kit: str, variants: Sequence[str]) -> list[Path]:
    """Folders in which `PDK_ROOT` may have a kit, as open_pdks lays them out.

    Args:
        kit: what the names of its variants begin with; the variable `PDK` chooses among these.
        variants: where it does not, in the order of preference.
    """
    root, chosen = pdk_root(), os.environ.get("PDK", "")
    if root is None:
        return []
    return [root / variant for variant in ([chosen] if chosen.startswith(kit) else variants)]
