"""GlobalFoundries' 180 nm process GF180MCU: 3.3 V and 6 V transistors."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from eda.errors import TechnologyError
from eda.technology.install import GF180_FILES, checksum, gf180_folder
from eda.technology.library import ModelLibrary
from eda.technology.places import data_folder, pdk_root, pdk_trees
from eda.technology.technology import Technology, Transistor
from eda.technology.variation import Statistics

__all__ = ["gf180_library", "load_gf180"]

# role, model and its name in open_pdks, smallest length and width, m, voltage, V; the largest are 50 and 100 um (the
# ends of the models' bins)
_TRANSISTORS: Final = (
    ("nmos", "nmos_3p3", "nfet_03v3", 0.28e-6, 0.22e-6, 3.3),
    ("pmos", "pmos_3p3", "pfet_03v3", 0.28e-6, 0.22e-6, 3.3),
    ("nmos_6v", "nmos_6p0", "nfet_06v0", 0.6e-6, 0.3e-6, 6.0),
    ("pmos_6v", "pmos_6p0", "pfet_06v0", 0.5e-6, 0.3e-6, 6.0),
    ("nmos_native_6v", "nmos_6p0_nat", "nfet_06v0_nvt", 1.8e-6, 0.8e-6, 6.0),
)
_LONGEST, _WIDEST = 50e-6, 100e-6
_DIFFUSION: Final = 0.18e-6  # m, as xschem's gf180 symbols have it: ad = W * 0.18u
_SECTIONS: Final = {"tt": "typical", "ff": "ff", "ss": "ss", "sf": "sf", "fs": "fs"}
_PASSIVES: Final = ("bjt_typical", "diode_typical", "res_typical", "mimcap_typical", "moscap_typical")
_SPREAD: Final = "statistical"
_VARIANTS: Final = tuple(f"gf180mcu{letter}" for letter in "ABCD")


def gf180_library() -> Path | None:
    """The library, `None` where it is not installed."""
    library, _ = GF180_FILES
    root, data = pdk_root(), os.environ.get("EDA_DATA_DIR")
    folders = [tree / "libs.tech" / "ngspice" for tree in pdk_trees("gf180mcu", _VARIANTS)]
    folders += [root] if root else []
    folders += [Path(data) / "gf180"] if data else []
    folders += [gf180_folder(), data_folder() / "data" / "gf180"]  # the second: where `eda.datasets` keeps its sets
    return next((folder / library for folder in folders if (folder / library).is_file()), None)


def load_gf180() -> Technology:
    """The technology.

    Raises:
        TechnologyError: it is not installed, or in part.
    """
    path = gf180_library()
    if path is None:
        raise TechnologyError(
            f"the models of gf180 are not installed (looked in {gf180_folder()}, EDA_DATA_DIR and PDK_ROOT). "
            "Run: eda pdk install gf180 --from FOLDER, with the folder of sm141064.ngspice"
        )
    remedy = "Run: eda pdk install gf180 --from FOLDER --force"
    header = path.with_name(GF180_FILES[1])
    if not header.is_file():
        raise TechnologyError(f"{path} needs {header}, which is missing: the kit is incomplete. {remedy}")
    sections = {**_SECTIONS, _SPREAD: _SPREAD}
    library = ModelLibrary(
        path,
        corners=tuple((corner, (section, *_PASSIVES)) for corner, section in sections.items()),
        header=header,
        # some releases switch both on in their header, so that every result is random
        switches=(("sw_stat_global", 0.0), ("sw_stat_mismatch", 0.0)),
        remedy=remedy,
        stamp=checksum(path),
    )
    return Technology(
        name="gf180",
        library=library,
        corners=tuple(_SECTIONS),
        transistors=_transistors(library),
        supply=3.3,
        statistics=Statistics({"sw_stat_global": 1.0}, {"sw_stat_mismatch": 1.0}, corner=_SPREAD),
        source=f"GF180MCU models ({path.name}, SHA-256 {checksum(path)[:12]}), Apache-2.0",
    )


def _transistors(library: ModelLibrary) -> dict[str, Transistor]:
    """The transistors by role and by model, as this release of the library calls them.

    Raises:
        TechnologyError: it lacks one.
    """
    known, kit = library.names("tt"), {}
    for role, model, other, shortest, narrowest, voltage in _TRANSISTORS:
        found = next((name for name in (model, other) if name in known), None)
        if found is None:
            raise TechnologyError(f"{library.path} has neither {model} nor {other}. {library.remedy}")
        kit[role] = Transistor(found, "m0", 1.0, narrowest, shortest, _WIDEST, _LONGEST, _DIFFUSION, voltage)
    return {**kit, **{t.model: t for t in kit.values()}}
