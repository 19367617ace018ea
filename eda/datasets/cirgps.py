"""CirGPS: the extracted capacitances of one digital clock generator, and the netlist that they belong to.

Source: github ShenShan123/CirGPS @ 5f07ad8, `DIGITAL_CLK_GEN`, MIT. Paper: S. Shen et al., "Few-shot learning on AMS
circuits and its application to parasitic capacitance prediction", DAC 2025. 4,133 transistors of a 28 nm process on
1,048 nets, 12,399 pins; 44,351 coupling capacitances and those to ground.

Known flaws:
- Columns have no names. What is read here was told by what it agrees with: pins 0, 1, 2 are drain, gate and source,
  columns 1 and 2 of the devices width and length in metres, column 15 of the nets is 1 for sixteen of them, which are
  taken for the ports. Polarity, bulks and names are not in the set.
- Nets 0 and 1 are the rails: they have 3,281 and 3,346 pins, all others 512 or fewer.
- Only couplings that are there are given: a pair that is not listed has none, or less than the tool keeps.
- Three kinds of cells make 3,072 of the transistors, so most nets look the same from the netlist, wherever they lie.
- 366 nets and 7,512 pins have no capacitance to ground at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zipfile import BadZipFile

import numpy as np

from eda.datasets.store import Dataset
from eda.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["COUPLINGS", "DATASET", "Layout", "layout"]

DATASET: Final = Dataset(
    name="cirgps",
    folder="cirgps",
    source="github.com/ShenShan123/CirGPS at 5f07ad8, datasets/sram/raw/digtime.pt as arrays `store|name`",
    licence="MIT",
    about="the netlist and the extracted capacitances of DIGITAL_CLK_GEN as digital_clk_gen.npz",
)

COUPLINGS: Final = ("pin to net", "pin to pin", "net to net")
"""The kinds of couplings."""

_STORES: Final = {"pin to net": "pin__cc_p2n__net", "pin to pin": "pin__cc_p2p__pin", "net to net": "net__cc_n2n__net"}
_WIDTH, _LENGTH, _PORT = 1, 2, 15
_RAILS: Final = (0, 1)


@dataclass(frozen=True, slots=True)
class Layout:
    """A netlist of transistors and what was extracted from its layout.

    Attributes:
        width: of each transistor, m.
        length: of each, m.
        pin_device: the transistor of each pin.
        pin_terminal: 0 for a drain, 1 for a gate, 2 for a source.
        pin_net: the net of each pin.
        port: whether a net is a port.
        rail: whether it is a supply or the ground.
        net_ground: capacitance of each net to ground, F; 0 where none was extracted.
        pin_ground: of each pin, likewise.
        couplings: by kind, ends (`2 x m` places of pins or nets) and `m` capacitances, F.
    """

    width: NDArray[np.float64]
    length: NDArray[np.float64]
    pin_device: NDArray[np.int64]
    pin_terminal: NDArray[np.int64]
    pin_net: NDArray[np.int64]
    port: NDArray[np.bool_]
    rail: NDArray[np.bool_]
    net_ground: NDArray[np.float64]
    pin_ground: NDArray[np.float64]
    couplings: dict[str, tuple[NDArray[np.int64], NDArray[np.float64]]]


def layout(folder: Path | None = None) -> Layout:
    """Read the set.

    Args:
        folder: where it lies; looked up when it is not given.

    Raises:
        InputError: it is missing, or is not what it should be.
    """
    path = (folder or DATASET.locate()) / "digital_clk_gen.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _read({name: arrays[name] for name in arrays.files})
    except (OSError, ValueError, KeyError, IndexError, EOFError, AttributeError, BadZipFile) as error:
        raise InputError(f"{path} must be {DATASET.about}, but: {error}") from None


def _read(arrays: dict[str, NDArray[np.float64]]) -> Layout:
    devices, nets = arrays["device|x"].astype(float), arrays["net|x"]
    of_device, of_net = (arrays[f"{one}|edge_index"] for one in ("device__device-pin__pin", "pin__pin-net__net"))
    order = np.argsort(of_device[1], kind="stable")
    order_net = np.argsort(of_net[0], kind="stable")
    return Layout(
        devices[:, _WIDTH],
        devices[:, _LENGTH],
        of_device[0][order].astype(np.int64),
        arrays["pin|x"][:, 0].astype(np.int64),
        of_net[1][order_net].astype(np.int64),
        nets[:, _PORT] > 0,
        np.isin(np.arange(len(nets)), _RAILS),
        arrays["net|y"][:, 0].astype(float),
        arrays["pin|y"][:, 0].astype(float),
        {
            kind: (arrays[f"{store}|edge_index"].astype(np.int64), arrays[f"{store}|y"].astype(float))
            for kind, store in _STORES.items()
        },
    )
