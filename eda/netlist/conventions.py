"""What names say by convention: supplies, grounds, and the polarity of transistors."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_ground", "is_supply", "polarity"]

_SUPPLY: Final = re.compile(r"[adp]?v(?:dd|cc|pp|bat|pwr)(?:[a-z]{0,4}|_\w*?)\d*!?")
_GROUND: Final = re.compile(r"0|[adp]?(?:v?ss|v?gnd|vee)(?:[a-z]{0,4}|_\w*?)\d*!?")
_N_TYPE: Final = re.compile(r"nfet|nmos|nch|npn|njf|nmf")
_P_TYPE: Final = re.compile(r"pfet|pmos|pch|pnp|pjf|pmf")


def is_supply(net: str) -> bool:
    """Whether a net is called like a positive supply: `vdd`, `avdd`, `vdda`, `vcc`, `vdd3`, `vdd!` ..."""
    return _SUPPLY.fullmatch(net) is not None


def is_ground(net: str) -> bool:
    """Whether a net is node 0, or called like a negative supply or ground: `vss`, `gnd`, `agnd`, `vee` ..."""
    return _GROUND.fullmatch(net) is not None


def polarity(model: str, kind: str | None = None) -> str:
    """`"n"`, `"p"`, or nothing when neither can be told.

    By the type of the model card; without one by a usual word in the model's name, or its first letter.

    Args:
        model: name of the model.
        kind: type of its card (`nmos`, `pnp` ...), if there is one.
    """
    for text in (kind or "", model):
        n_type, p_type = bool(_N_TYPE.search(text)), bool(_P_TYPE.search(text))
        if n_type != p_type:
            return "n" if n_type else "p"
    return model[0] if model[:1] in {"n", "p"} else ""
