"""Generation: circuits of a class that climb a ladder of validity, proven by simulation."""

from eda.generation.fit import Fit
from eda.generation.generate import Generated, Search, Source, generate, generated, source_of
from eda.generation.ladder import Climb, Rung, climb
from eda.generation.realise import realised

__all__ = [
    "Climb",
    "Fit",
    "Generated",
    "Rung",
    "Search",
    "Source",
    "climb",
    "generate",
    "generated",
    "realised",
    "source_of",
]
