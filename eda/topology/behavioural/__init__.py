"""Behavioural op-amps: transconductors, resistors and capacitors, solved exactly."""

from eda.topology.behavioural.corpus import opamp_of
from eda.topology.behavioural.opamp import MAIN, MOST_BRANCHES, BehaviouralOpAmp, Block
from eda.topology.behavioural.sampler import random_opamp
from eda.topology.behavioural.subgraphs import SUBGRAPHS, Subgraph

__all__ = ["MAIN", "MOST_BRANCHES", "SUBGRAPHS", "BehaviouralOpAmp", "Block", "Subgraph", "opamp_of", "random_opamp"]
