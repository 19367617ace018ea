"""Technologies by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from eda.errors import EDAError, TechnologyError, did_you_mean, files_beside
from eda.technology.gf180 import gf180_library, load_gf180
from eda.technology.ihp import ihp_in_pdk_root, is_ihp, why_not_ihp
from eda.technology.library import ModelLibrary
from eda.technology.predictive import PREDICTIVE, find_predictive, load_predictive
from eda.technology.sky130 import load_sky130, sky130_library
from eda.technology.technology import Technology, Transistor
from eda.technology.user_cards import load_card, load_user_cards, user_cards

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KITS", "available", "load_technology", "survey"]


def available() -> dict[str, bool]:
    """The technologies by name, and whether their models are installed."""
    kits = {"generic": True, "sky130": sky130_library() is not None, "gf180": gf180_library() is not None}
    predictive = {name: find_predictive(name) is not None for name in PREDICTIVE}
    return {**kits, **predictive, **dict.fromkeys(user_cards(), True)}


def survey() -> dict[str, Technology | EDAError]:
    """Every technology by name; an error where it is not installed, incomplete or unusable."""
    found = {name: _complete(name) for name in available()}
    if ihp_in_pdk_root():
        found["ihp-sg13g2"] = _complete("ihp-sg13g2")
    return found


def load_technology(name: str | Technology) -> Technology:
    """The technology of that name; a `Technology` is returned as it is.

    Args:
        name: a kit, a card that `eda pdk add` named, a card of a data set (`PREDICTIVE`), or the path of a card file.

    Raises:
        TechnologyError: the name is unknown, or its models are not installed, incomplete or unusable.
        InputError: a card's file name does not tell its technology node.
    """
    if isinstance(name, Technology):
        return name
    if (load := KITS.get(name.lower())) is not None:
        return load()
    if name.lower() in user_cards():
        return load_user_cards(name.lower())
    if name.lower() in PREDICTIVE:
        return load_predictive(name.lower())
    if is_ihp(name):
        raise TechnologyError(why_not_ihp())
    path = Path(name).expanduser()
    if path.is_file():
        return load_card(path)
    if path.name != name:
        raise TechnologyError(f"there is no card file {name}. {files_beside(path)}".rstrip())
    raise TechnologyError(f"there is no technology {name!r}. {did_you_mean(name, available())}")


def _complete(name: str) -> Technology | EDAError:
    try:
        technology = load_technology(name)
        for corner in technology.corners:
            technology.library.names(corner)
    except EDAError as error:
        return error
    return technology


def _generic() -> Technology:
    def transistor(model: str) -> Transistor:
        # level 1 has no bins; 1.5 um: a contacted diffusion in a 0.5 um process
        return Transistor(model, "", 1.0, 0.1e-6, 0.1e-6, 1e-2, 1e-3, 1.5e-6)

    kit = {"nmos": transistor("generic_nmos"), "pmos": transistor("generic_pmos")}
    return Technology(
        name="generic",
        library=ModelLibrary(Path(__file__).with_name("generic.lib")),
        corners=("tt", "ff", "ss", "sf", "fs"),
        transistors={**kit, **{t.model: t for t in kit.values()}},
        supply=3.0,
        source="generic level-1 models of this package, Apache-2.0",
    )


KITS: Final[Mapping[str, Callable[[], Technology]]] = {
    "generic": _generic,
    "sky130": load_sky130,
    "gf180": load_gf180,
}
"""The kits that this package knows, with their loaders."""
