"""Connections that a netlist lacks, or that look wrong, predicted from its structure."""

from eda.link_prediction.completion import Completion, Joined, complete, open_terminals
from eda.link_prediction.predictor import Candidate, Connection, LinkPredictor

__all__ = [
    "Candidate",
    "Completion",
    "Connection",
    "Joined",
    "LinkPredictor",
    "complete",
    "open_terminals",
]
