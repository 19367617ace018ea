"""Samples of Monte Carlo: the deviates of a deck, drawn so that each depends on nothing but seed, sample and name."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["draw"]

_UNIFORM: Final = re.compile(r"(?:dut_)?(?:mc|z)u_")


def draw(names: Iterable[str], seed: int, sample: int) -> dict[str, float]:
    """The deviates of one sample.

    The same sample comes out on any number of workers, in any order and after a resume, and a device more in the
    circuit changes none of the others.

    Args:
        names: deviates of a deck; a name that begins with `mcu_` or `zu_` is uniform, the others are normal.
        seed: of the run.
        sample: number of the sample, from 0.

    Returns:
        By name, normal numbers with mean 0 and standard deviation 1, or uniform ones in -1..1.

    Raises:
        InputError: a negative seed.
    """
    if seed < 0:
        raise InputError(f"a seed is at least 0, but got {seed}")
    drawn = {}
    for name in names:
        generator = np.random.default_rng([seed, sample, zlib.crc32(name.encode())])
        drawn[name] = float(generator.uniform(-1, 1) if _UNIFORM.match(name) else generator.standard_normal())
    return drawn
