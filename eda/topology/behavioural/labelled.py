"""Op-amps with their exact figures, as tensors to learn from."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from eda.topology.behavioural.encoding import decoded, encoded
from eda.topology.behavioural.sampler import random_opamp
from eda.topology.behavioural.specification import performances

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.topology.behavioural.opamp import BehaviouralOpAmp
    from eda.topology.behavioural.specification import Performance

__all__ = ["LabelledOpAmps", "random_opamps"]

_TOGETHER: Final = 4000  # op-amps that are solved side by side


@dataclass(frozen=True, slots=True)
class LabelledOpAmps:
    """Op-amps side by side.

    Attributes:
        rows: `n x 6 x 5` integers, see `encoding`.
        values: `n x 3`: gain in dB, unity-gain frequency in Hz, phase margin in degrees; NaN where one is not defined.
        stable: `n` truth values.
        bins: `n x 3` numbers of the bins of their specification; -1 where something is not defined.
    """

    rows: torch.Tensor
    values: torch.Tensor
    stable: torch.Tensor
    bins: torch.Tensor

    def __len__(self) -> int:
        """How many they are."""
        return len(self.rows)

    def __getitem__(self, chosen: torch.Tensor | slice) -> LabelledOpAmps:
        """Some of them.

        Args:
            chosen: their numbers, or truth values.
        """
        return LabelledOpAmps(self.rows[chosen], self.values[chosen], self.stable[chosen], self.bins[chosen])

    @property
    def specified(self) -> torch.Tensor:
        """Which of them have a specification: `n` truth values."""
        return (self.bins >= 0).all(dim=1)

    @property
    def opamps(self) -> list[BehaviouralOpAmp]:
        """The op-amps themselves."""
        return decoded(self.rows)

    @classmethod
    def of(cls, opamps: Sequence[BehaviouralOpAmp]) -> LabelledOpAmps:
        """Op-amps, solved exactly."""
        found: list[Performance] = []
        for start in range(0, len(opamps), _TOGETHER):
            found += performances(opamps[start : start + _TOGETHER])
        values = torch.tensor([(one.gain, one.unity_gain_frequency, one.phase_margin) for one in found])
        values = torch.where(values.isinf(), torch.nan, values)  # a gain of nothing
        return cls(
            encoded(opamps),
            values.reshape(-1, 3),
            torch.tensor([one.stable for one in found], dtype=torch.bool),
            torch.tensor([one.bins for one in found], dtype=torch.long).reshape(-1, 3),
        )


def random_opamps(count: int, seed: int) -> list[BehaviouralOpAmp]:
    """Random op-amps, none of them twice.

    Args:
        count: how many.
        seed: of the draws.
    """
    return list(_distinct(count, random.Random(seed)))


def _distinct(count: int, rng: random.Random) -> Iterator[BehaviouralOpAmp]:
    seen: set[BehaviouralOpAmp] = set()
    while len(seen) < count:
        one = random_opamp(rng)
        if one not in seen:
            seen.add(one)
            yield one
