"""The Open Circuit Benchmark: behavioural op-amps with simulated labels.

Source: github zehao-dong/CktGNN @ 416cd03, `OCB/`. Paper: Dong et al., CktGNN, ICLR 2023. Licence: MIT.

Labels of 10,000 (set 101) and 50,000 circuits (set 301) as CSV, and `ocb_style_10k.jsonl.gz`: 10,000 circuits by the
same scheme, made with exact labels by the curators of these data.

Known flaws:
- The circuits of the labels are not in the set; the benchmark has them as pickles, which `read_pickle` reads.
- Columns are shifted and scaled: gain = dB/100 + 1.1953, pm = 2.00001 - degrees/90, bw is the unity-gain frequency in
  GHz. `labels` gives dB, degrees and hertz.
- 769 rows of set 101 are failed simulations that are marked valid; in set 301 2,752 are marked as such.
- The figure of merit, 1.2 |dB/100| + 1.6 pm + 10 bw (but for one row in 250), is bandwidth (r = 0.998), and falls as
  the phase margin rises.
- Nobody asked whether the circuits are stable: 60 % of those of `style` have poles in the right half-plane.
- The gain of `style` is that at 1 Hz, below which a quarter of the circuits have a pole.
"""

from __future__ import annotations

import csv
import gzip
import json
import pickle  # read with a table of what it may make, see `_Plain`
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Literal

from eda.datasets.store import Dataset
from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["DATASET", "FOM_OF_NOTHING", "GraphRecord", "Label", "StyleCircuit", "labels", "read_pickle", "style"]

DATASET: Final = Dataset(
    name="ocb",
    folder="ocb",
    source="github.com/zehao-dong/CktGNN at 416cd03, folder OCB",
    licence="MIT",
    about="labels of the Open Circuit Benchmark as perform101.csv and perform301.csv, and ocb_style_10k.jsonl.gz",
)

FOM_OF_NOTHING: Final = 3.2000097323624304
"""What failed simulations have as their figure of merit."""

_GAIN: Final = (100.0, 1.1953)  # dB = 100 (column - 1.1953)
_MARGIN: Final = (-90.0, 2.00001)


@dataclass(frozen=True, slots=True)
class Label:
    """What was simulated of one circuit.

    Attributes:
        number: of the row, from 0.
        simulated: whether it is a result at all.
        gain: open-loop gain, dB.
        phase_margin: degrees.
        unity_gain_frequency: Hz.
        fom: the benchmark's figure of merit.
    """

    number: int
    simulated: bool
    gain: float
    phase_margin: float
    unity_gain_frequency: float
    fom: float


@dataclass(frozen=True, slots=True)
class StyleCircuit:
    """A circuit of `ocb_style_10k.jsonl.gz`.

    Attributes:
        number: its id.
        stages: 2 or 3.
        nodes: `type`, `pos`, `R_ohm`, `C_f` and `gm_s` of each subgraph.
        edges: pairs of numbers of nodes.
        elements: kind (R, C, G), two nodes, controlling node or none, and SI value.
        specs: exact labels by name, `None` where there are none.
    """

    number: int
    stages: int
    nodes: tuple[Mapping[str, Any], ...]
    edges: tuple[tuple[int, int], ...]
    elements: tuple[tuple[str, str, str, str | None, float], ...]
    specs: Mapping[str, float | bool | None]


def labels(which: Literal[101, 301], path: Path | None = None) -> list[Label]:
    """The labels of a set, in physical units.

    Args:
        which: the set.
        path: folder of the data; found or fetched when it is not given.

    Raises:
        InputError: the set is missing or damaged, or there is no such one.
    """
    if which not in {101, 301}:
        raise InputError(f"the Open Circuit Benchmark has the sets 101 and 301, not {which!r}")
    file = (path or DATASET.locate()) / f"perform{which}.csv"
    try:
        with file.open(encoding="utf-8", newline="") as text:
            return [_label(number, row) for number, row in enumerate(csv.DictReader(text))]
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise _damaged(file, error) from None


def _label(number: int, row: Mapping[str, str]) -> Label:
    fom = float(row["fom"])
    gain, margin = (scale * (float(row[name]) - shift) for name, (scale, shift) in (("gain", _GAIN), ("pm", _MARGIN)))
    return Label(number, bool(int(row["valid"])) and fom != FOM_OF_NOTHING, gain, margin, float(row["bw"]) * 1e9, fom)


def style(path: Path | None = None) -> list[StyleCircuit]:
    """The 10,000 circuits with exact labels.

    Args:
        path: folder of the data; found or fetched when it is not given.

    Raises:
        InputError: the set is missing or damaged.
    """
    file = (path or DATASET.locate()) / "ocb_style_10k.jsonl.gz"
    try:
        with gzip.open(file, "rt", encoding="utf-8") as rows:
            return [_style(json.loads(row)) for row in rows]
    except (OSError, EOFError, zlib.error, KeyError, ValueError, TypeError) as error:
        raise _damaged(file, error) from None


def _style(row: Mapping[str, Any]) -> StyleCircuit:
    elements = tuple(
        (kind, plus, minus, control, float(value)) for kind, plus, minus, control, value in row["elements"]
    )
    edges = tuple((int(one), int(other)) for one, other in row["edges"])
    return StyleCircuit(int(row["id"]), int(row["stage"]), tuple(row["nodes"]), edges, elements, row["specs"])


def _damaged(file: Path, error: Exception) -> InputError:
    return InputError(
        f"{file.name} of the data set 'ocb' must be there and whole, but it cannot be read ({type(error).__name__}). "
        f"Fetch it again from {DATASET.source}."
    )


class GraphRecord:
    """What a pickled graph of igraph was made from.

    Attributes:
        arguments: number of vertices, edges, whether directed, attributes of the graph, its vertices and its edges.
    """

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Pairs of numbers of vertices."""
        return [(int(one), int(other)) for one, other in self.arguments[1]]

    @property
    def vertices(self) -> Mapping[str, list[Any]]:
        """Attributes of the vertices by name, a value each."""
        return dict(self.arguments[4])


def read_pickle(path: Path) -> Any:
    """The graphs of one of the benchmark's pickles, which is not part of the set; nothing in it is executed.

    Args:
        path: such as `ckt_bench_101_igraph.pkl`; of lists and tuples of graphs, numbers and texts.

    Returns:
        The same lists and tuples, with a `GraphRecord` for each graph.

    Raises:
        InputError: it cannot be read, or would make anything else.
    """
    try:
        with path.open("rb") as file:
            return _Plain(file).load()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except Exception as error:  # noqa: BLE001 - a damaged pickle raises anything
        raise InputError(f"{path} must be a pickle of graphs of igraph, but {error}") from None


class _Plain(pickle.Unpickler):
    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)

    def find_class(self, module: str, name: str) -> Any:
        if module.partition(".")[0] == "igraph" and name == "Graph":
            return GraphRecord
        raise InputError(f"it would make {module}.{name}, which no graph is made of")
