"""Behavioural op-amps of the Open Circuit Benchmark, as this package has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eda.errors import InputError
from eda.topology.behavioural.opamp import BehaviouralOpAmp, Block
from eda.topology.behavioural.subgraphs import C_STEP, GM_STEP, INPUT, OUTPUT, R_STEP

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from eda.datasets.ocb import StyleCircuit

__all__ = ["opamp_of"]


def opamp_of(circuit: StyleCircuit) -> BehaviouralOpAmp:
    """The op-amp of a row of the data set.

    Raises:
        InputError: it is no chain of stages with branches around it.
    """
    nets = {0: 0}  # by number of a node: that of the net which it drives
    places = range(2, 2 + circuit.stages)
    stages = [node for node in circuit.nodes if node["type"] > OUTPUT and node["pos"] in places]
    stages.sort(key=lambda node: node["pos"])
    for number, node in enumerate(stages, 1):
        nets[node["idx"]] = number
    nets[1] = len(stages)
    chosen = {node["idx"] for node in stages}
    branches = [node for node in circuit.nodes if node["type"] not in {INPUT, OUTPUT} and node["idx"] not in chosen]
    found = []
    for node in branches:
        ends = [nets.get(one) for one, other in circuit.edges if other == node["idx"]]
        ends += [nets.get(other) for one, other in circuit.edges if one == node["idx"]]
        if len(ends) != 2 or None in ends:
            raise InputError(
                f"node {node['idx']} of circuit {circuit.number} must lie between two nets, but has {ends}"
            )
        found.append(_block(node, *ends))  # type: ignore[arg-type]  # none is None
    main = (_block(node, number, number + 1) for number, node in enumerate(stages))
    return BehaviouralOpAmp(tuple(main), tuple(found))


def _block(node: Mapping[str, Any], source: int, target: int) -> Block:
    steps = ((node["gm_s"], GM_STEP), (node["R_ohm"], R_STEP), (node["C_f"], C_STEP))
    return Block(node["type"], source, target, *(round(value / step) for value, step in steps))
