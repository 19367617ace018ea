"""What a search depends on beside its settings."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

__all__ = ["versions"]

_PACKAGES: Final = ("analog-eda", "botorch", "cma", "gpytorch", "numpy", "pymoo", "scikit-learn", "scipy", "torch")


def versions(*more: str) -> dict[str, str]:
    """Version by package, of `more` ones too: another one may propose or measure otherwise."""
    return {name: version(name) for name in (*_PACKAGES, *more)}
