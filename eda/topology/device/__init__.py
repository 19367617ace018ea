"""Circuits of transistors: topologies as walks over their graphs, and what is drawn from a language of such walks."""

from eda.topology.device.corpus import Example, examples
from eda.topology.device.design import design_of
from eda.topology.device.functions import FUNCTIONS
from eda.topology.device.grammar import Grammar
from eda.topology.device.kinds import KINDS
from eda.topology.device.novelty import Known, broken_rules, similarity
from eda.topology.device.topology import Part, Topology
from eda.topology.device.trial import Trial, try_out
from eda.topology.device.vocabulary import CLASSES, VOCABULARY
from eda.topology.device.walk import read_walk, walk_of

__all__ = [
    "CLASSES",
    "FUNCTIONS",
    "KINDS",
    "VOCABULARY",
    "Example",
    "Grammar",
    "Known",
    "Part",
    "Topology",
    "Trial",
    "broken_rules",
    "design_of",
    "examples",
    "read_walk",
    "similarity",
    "try_out",
    "walk_of",
]
