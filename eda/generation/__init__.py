"""Generation: circuits of a class that climb a ladder of validity, proven by simulation."""

from eda.generation.fit import Fit
from eda.generation.folder import CircuitFolder
from eda.generation.generate import Generated, Search, generate, generated
from eda.generation.ladder import Climb, Rung, climb
from eda.generation.realise import realised
from eda.generation.source import Source, source_of

__all__ = [
    "CircuitFolder",
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
