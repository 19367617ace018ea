"""AnalogGym: amplifiers, LDOs, a charge pump and temperature sensors with testbenches and variables.

Source: github CODA-Team/AnalogGym @ 2b4df5aa (2024-10-08); the folders are renamed (`AnalogGym/Amplifier/x` is `x`,
`AnalogGym/Low Dropout Regulator` is `LDO`, `RGNN_RL/simulations` is `rgnn_rl_sims`). Licence: BSD-3-Clause.

71 netlist, variable and testbench files: 16 amplifiers and 21 sets of their variables (ngspice, sky130), an LDO, a
charge pump (HSPICE), sensing front ends (HSPICE and Spectre).

Known flaws:
- `spice_netlist/Qu_LEC_Pin_3` is empty upstream; five sets of variables have no netlist here.
- Sizes are parameters that only the files of variables define; the widths and lengths are micrometres as bare numbers.
- Testbenches include `../mosfet_model/sky130_pdk`, which is not part of the set, and foundry models of TSMC by
  Windows paths; the temperature sweep with `.meas` needs ngspice 42.
- A file name ends with a blank before its suffix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.datasets.sources import SourceFile, netlist_files, other_files
from eda.datasets.store import Dataset

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DATASET", "excluded", "files"]

DATASET: Final = Dataset(
    name="analoggym",
    folder="analoggym",
    source="github.com/CODA-Team/AnalogGym at 2b4df5aa",
    licence="BSD-3-Clause",
    about="amplifier, LDO, charge pump and sensor netlists with testbenches and variables",
)


def files(path: Path | None = None) -> list[SourceFile]:
    """The netlists, files of variables and testbenches, in the order of their names.

    Args:
        path: folder of the set; found or fetched when it is not given.

    Raises:
        InputError: the set is missing.
    """
    return netlist_files(path or DATASET.locate())


def excluded(path: Path | None = None) -> dict[str, str]:
    """The files that are no netlists, each with the reason; argument and errors as of `files`."""
    return other_files(path or DATASET.locate())
