"""Technologies: device models, corners, supplies and size limits of one process, passed in as an object."""

from eda.technology.cards import Cards, ModelBin
from eda.technology.install import install_gf180, install_sky130
from eda.technology.library import ModelLibrary
from eda.technology.mismatch import with_deviates
from eda.technology.registry import available, load_technology, survey
from eda.technology.technology import Technology, Transistor
from eda.technology.user_cards import add_cards, remove_cards, user_cards
from eda.technology.variation import Variation, parse_variation

__all__ = [
    "Cards",
    "ModelBin",
    "ModelLibrary",
    "Technology",
    "Transistor",
    "Variation",
    "add_cards",
    "available",
    "install_gf180",
    "install_sky130",
    "load_technology",
    "parse_variation",
    "remove_cards",
    "survey",
    "user_cards",
    "with_deviates",
]
