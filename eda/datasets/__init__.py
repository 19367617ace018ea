"""Public sets of circuits: where they lie, what they hold, and what is wrong with them.

A module a set. Those in formats of their own (`analoggenie`, `image2net`) have `entries()`, which gives circuits; those
that are files of SPICE or Spectre text have `files()` and `excluded()`, because reading them is what is measured. All
have a record `DATASET`, and take the folder of the set as an argument.
"""

from eda.datasets.catalogue import DATASETS, locate
from eda.datasets.entries import Entry
from eda.datasets.sources import SourceFile
from eda.datasets.split import split
from eda.datasets.store import Dataset

__all__ = ["DATASETS", "Dataset", "Entry", "SourceFile", "locate", "split"]
