"""Where the data sets lie: `EDA_DATA_DIR`, the user's data folder, or their source."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from platformdirs import user_data_path

from eda.errors import InputError

__all__ = ["Dataset"]

_VARIABLE = "EDA_DATA_DIR"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public set of circuits.

    Attributes:
        name: the module of `eda.datasets` that reads it.
        folder: its folder in the data folder.
        source: repositories and commits.
        licence: of the data, not of this package.
        about: what it holds, in a sentence.
    """

    name: str
    folder: str
    source: str
    licence: str
    about: str

    def find(self) -> Path | None:
        """The folder of the set on this machine, `None` when it is not there; never downloads."""
        given = os.environ.get(_VARIABLE)
        candidates = [Path(given) / self.folder] if given else []
        candidates.append(_user_folder() / self.folder)
        return next((folder for folder in candidates if folder.is_dir()), None)

    def locate(self) -> Path:
        """The folder of the set, downloaded into the user's data folder when it is nowhere else.

        Raises:
            InputError: it is not on this machine and cannot be downloaded.
        """
        found = self.find()
        if found is not None:
            return found
        registry = _registry(self.name)
        if not registry:
            raise InputError(self._missing())
        from eda.datasets.download import download  # noqa: PLC0415 - it loads requests, which who has the data needs not

        return download(self.name, registry, _user_folder() / self.folder)

    def _missing(self) -> str:
        looked = f"the folder in {_VARIABLE}" if os.environ.get(_VARIABLE) else f"{_VARIABLE} (which is not set)"
        return (
            f"the data set {self.name!r} must lie in a folder {self.folder!r}, but {looked} and the user's data folder "
            "of eda have none, and its files have no addresses to download them from one by one. "
            f"It is: {self.about}. Fetch it from {self.source}, put it into a folder {self.folder!r}, "
            f"and set {_VARIABLE} to the folder that holds that one."
        )


def _user_folder() -> Path:
    return user_data_path("eda", appauthor=False) / "data"


def _registry(name: str) -> str:
    """A line `path sha256 address` a file of the set, as pooch reads it; empty when the addresses are not known."""
    file = resources.files("eda.datasets") / "registry" / f"{name}.txt"
    return file.read_text(encoding="utf-8") if file.is_file() else ""
