"""Generation: circuits of a class that climb a ladder of validity, proven by simulation."""

from eda.generation.ladder import Climb, Rung, climb

__all__ = ["Climb", "Rung", "climb"]
