"""Downloads of data sets, file by file, each with its checksum."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pooch

from eda.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["download"]


def download(name: str, registry: str, target: Path) -> Path:
    """Download the files of a data set; what a broken download left behind is kept and completed.

    Args:
        name: of the set, for messages.
        registry: a line `path sha256 address` a file.
        target: the folder to make.

    Returns:
        The folder.

    Raises:
        InputError: a file cannot be downloaded, or has another checksum.
    """
    # complete or not there: the folder takes its name when its last file has come
    part = target.with_name(f"{target.name}.part")
    fetcher = pooch.create(path=part, base_url="")
    fetcher.load_registry(StringIO(registry))
    level = pooch.get_logger().level
    pooch.get_logger().setLevel("WARNING")  # its notes name folders of this machine
    try:
        for file in fetcher.registry:
            _fetch(name, file, fetcher)
    finally:
        pooch.get_logger().setLevel(level)
    try:
        return part.rename(target)
    except OSError as error:
        raise InputError(
            f"the data set {name!r} cannot be put into the user's data folder: {error.strerror}; "
            "free it or set XDG_DATA_HOME"
        ) from None


def _fetch(name: str, file: str, fetcher: pooch.Pooch) -> None:
    advice = "Try again later, or put the set into a folder yourself and set EDA_DATA_DIR to the folder that holds it."
    address = fetcher.get_url(file)
    try:
        fetcher.fetch(file)
    except ValueError:
        raise InputError(
            f"{file!r} of the data set {name!r} must have the sha256 {fetcher.registry[file]}, "
            f"but what came from {address} has another. {advice}"
        ) from None
    except OSError as error:
        # requests' errors are of this kind, and pooch leaves their connection open
        response = getattr(error, "response", None)
        if response is not None:
            response.close()
        raise InputError(
            f"{file!r} of the data set {name!r} cannot be downloaded from {address} ({type(error).__name__}). {advice}"
        ) from None
