"""OpenAmp: 10,000 behavioural three-stage op-amps, each of another structure, with sizes and labels by Spectre.

Source: github JinglinHan/OpenAmp @ ae48bd7, packed into one file: a line of JSON a circuit. Licence: CC BY-NC-SA 4.0,
for comparison only: nothing that is made from it comes with this package.

222,110 elements: transconductors, resistors and capacitors from node to node, the input `net_vin` and the output
`net_vo`, a load of 10 nF and 150 kOhm; the power is 60 times the sum of the transconductances in mS.

Known flaws, which `eda bench topology-behavioural --only labels` measures:
- Labels were read off 51 frequencies from 1 Hz to 1 GHz, 5.6 a decade, by straight lines. Unity-gain frequencies are
  1.3 % off in the median, phase margins 0.9 degrees, and many of them more.
- The labels of 3716, 8933 and 9605 are not those of their elements.
- Nobody asked whether the circuits are stable: a quarter has poles in the right half-plane.
- The unity-gain frequency is the first crossing of unity, rising or falling. The gain at 1 Hz is below unity in one of
  twelve, whose phase margins are then none. In 13 op-amps it crosses nowhere, and there is no label but the gain.
- The column is called GBW, and the FoM made from it, but it is the unity-gain frequency.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from eda.datasets.store import Dataset
from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["DATASET", "OUTPUT", "SOURCE", "LabelledCircuit", "opamps"]

DATASET: Final = Dataset(
    name="openamp",
    folder="openamp",
    source="github.com/JinglinHan/OpenAmp at ae48bd7",
    licence="CC BY-NC-SA 4.0",
    about="10,000 behavioural op-amps, packed as openamp_10k.jsonl.gz with a line "
    '{"id", "elements": [{"type", "nodes", "value"}], "spectre_raw": [dB, degrees, Hz], "specs": {"power"}} each',
)

SOURCE: Final = "net_vin"
OUTPUT: Final = "net_vo"

_FILE: Final = "openamp_10k.jsonl.gz"


@dataclass(frozen=True, slots=True)
class LabelledCircuit:
    """An op-amp and what Spectre said of it.

    Attributes:
        number: its id.
        elements: kind (R, C, G), two nodes, controlling node or none, and SI value.
        gain: at 1 Hz, dB.
        phase_margin: degrees, as it was read; NaN where the gain does not cross unity.
        unity_gain_frequency: Hz, likewise.
        power: in the set's own unit, likewise.
    """

    number: int
    elements: tuple[tuple[str, str, str, str | None, float], ...]
    gain: float
    phase_margin: float
    unity_gain_frequency: float
    power: float


def opamps(path: Path | None = None) -> list[LabelledCircuit]:
    """The op-amps, in the order of their ids.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing or damaged.
    """
    file = (path or DATASET.locate()) / _FILE
    try:
        with gzip.open(file, "rt", encoding="utf-8") as rows:
            return [_opamp(json.loads(row)) for row in rows]
    except (OSError, EOFError, zlib.error, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{_FILE} of the data set 'openamp' must be there and whole, but it cannot be read "
            f"({type(error).__name__}: {error}). Fetch it again from {DATASET.source}."
        ) from None


def _opamp(row: Mapping[str, Any]) -> LabelledCircuit:
    elements = tuple(_element(**element) for element in row["elements"])
    match row["spectre_raw"]:
        case [gain, margin, frequency]:
            power = row["specs"]["power"]
        case [gain]:
            margin = frequency = power = math.nan
        case other:
            raise ValueError(f"spectre_raw is {other!r}")
    return LabelledCircuit(int(row["id"]), elements, float(gain), float(margin), float(frequency), float(power))


def _element(
    type: str,  # noqa: A002 - the key of the data
    nodes: list[str],
    value: float,
    **_: object,
) -> tuple[str, str, str, str | None, float]:
    plus, minus, *controls = nodes
    if (type, len(controls)) not in {("R", 0), ("C", 0), ("G", 2)} or controls[1:] not in ([], ["0"]):
        raise ValueError(f"an element {type} has the nodes {nodes}")
    return type, plus, minus, controls[0] if controls else None, float(value)
