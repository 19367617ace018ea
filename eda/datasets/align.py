"""ALIGN's OTA topologies: 1,041 unsized operational transconductance amplifiers and bias circuits, CDL-like SPICE.

Source: github ALIGN-analoglayout/ALIGN-public @ 755b574, `Low frequency analog/OTA_topologies`, packed into one file:
a line of JSON a file, with its name and text. Licence: BSD-3-Clause.

678 single-ended and 348 fully differential OTAs with their bias (the description promises 1,390), 15 bias circuits; two
descriptions are no netlists.

Known flaws:
- Products of a generator: bias x local bias x OTA, so a random split leaks blocks; 1,041 files hold 946 distinct texts.
- Sizes are the names WA, LA, nA, that nothing defines; `.PARAM` and `.GLOBAL` are empty or commented out, so `vdd!`
  and `gnd!` are nets of each subcircuit unless the reader treats `!` as CDL does.
"""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile
from eda.datasets.store import Dataset
from eda.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "excluded", "files"]

DATASET: Final = Dataset(
    name="align",
    folder="align_ota",
    source="github.com/ALIGN-analoglayout/ALIGN-public at 755b574, folder Low frequency analog/OTA_topologies",
    licence="BSD-3-Clause",
    about='1,041 OTA netlists, packed as align_unsized_ota.jsonl.gz with a line {"file", "text"} each',
)

_FILE: Final = "align_unsized_ota.jsonl.gz"


def files(path: Path | None = None, *, descriptions: bool = False) -> list[SourceFile]:
    """The netlists, in the order of the archive.

    Args:
        path: folder of the set; found or fetched when it is not given.
        descriptions: the two descriptions as well, which a reader must refuse.

    Raises:
        InputError: the set is missing or damaged.
    """
    return [file for file in _archive(path) if descriptions or file.name.endswith(".sp")]


def excluded(path: Path | None = None) -> dict[str, str]:
    """The files that are no netlists, each with the reason; argument and errors as of `files`."""
    return {file.name: "description" for file in _archive(path) if not file.name.endswith(".sp")}


def _archive(path: Path | None) -> list[SourceFile]:
    try:
        with gzip.open((path or DATASET.locate()) / _FILE, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        return [SourceFile(row["file"], None, row["text"].encode()) for row in rows]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f'{_FILE} of the data set \'align\' must be a gzip file of lines {{"file", "text"}}, but it cannot be read '
            f"({type(error).__name__}). Pack it again from {DATASET.source}."
        ) from None
