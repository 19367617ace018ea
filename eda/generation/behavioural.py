"""Op-amps from a specification: behavioural ones that meet it by exact solution, as transistors."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.generation.realise import realised
from eda.topology.behavioural import random_opamp
from eda.topology.behavioural.specification import performances
from eda.topology.device.novelty import topology_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from eda.problem import Spec
    from eda.topology.behavioural.specification import Performance
    from eda.topology.device import Topology

__all__ = ["BehaviouralSource"]

_TOGETHER: Final = 256  # op-amps that are solved side by side
_ROUNDS: Final = 400  # of them, 100,000 op-amps, before a specification counts as too much
_LEAST_MARGIN: Final = 45.0  # degrees, where no specification asks for another one
_MARGIN: Final = "phase_margin"
_READ: Final = {  # metrics of the testbench of op-amps that a behavioural one has as well
    "dc_gain": "gain",
    "gbw": "unity_gain_frequency",
    "unity_gain_frequency": "unity_gain_frequency",
    _MARGIN: "phase_margin",
}


class BehaviouralSource:
    """Draws behavioural op-amps, keeps those that are stable and meet specifications, and makes transistors of them.

    Args:
        specs: of the testbench of op-amps; those on gain, bandwidth and phase margin are asked of the behavioural one.
        known: keys of topologies that are not new.
    """

    def __init__(self, specs: Sequence[Spec] = (), known: Collection[str] = frozenset()) -> None:
        self._known = known
        least = {spec.metric.name: spec.bound for spec in specs if spec.sense == ">=" and spec.bound is not None}
        self._least = {_MARGIN: _LEAST_MARGIN, **{name: bound for name, bound in least.items() if name in _READ}}

    def knows(self, topology: Topology) -> bool:
        """Whether it is one of those that are not new."""
        return topology_key(topology) in self._known

    def topologies(self, kind: str, *, seed: int = 0) -> Iterator[Topology]:
        """Topologies of op-amps without end.

        Args:
            kind: `opamp`.
            seed: of the draws.

        Raises:
            InputError: another class is asked for; no op-amp meets the specifications.
        """
        if kind != "opamp":
            raise InputError(f"the behavioural method makes op-amps: ask for opamp, not for {kind!r}")
        rng = random.Random(seed)
        silent = 0
        for _ in itertools.count():
            opamps = [random_opamp(rng) for _ in range(_TOGETHER)]
            found = [one for one, does in zip(opamps, performances(opamps), strict=True) if self._meets(does)]
            silent = 0 if found else silent + 1
            if silent == _ROUNDS:
                asked = ", ".join(f"{name} >= {bound:g}" for name, bound in self._least.items())
                raise InputError(
                    f"none of {_ROUNDS * _TOGETHER:,} behavioural op-amps is stable with {asked}; ask for less"
                )
            yield from map(realised, found)

    def _meets(self, does: Performance) -> bool:
        return (
            does.stable
            and does.defined
            and all(getattr(does, _READ[name]) >= bound for name, bound in self._least.items())
        )
