"""The netlists of the public data sets and of this project, in one form for all measurements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from eda.datasets import aicircuit, align, analoggenie, analoggym, autockt, bagnet, gf180, image2net, ptm
from eda.errors import EDAError, require_known
from eda.netlist import Circuit, parse_netlist

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = ["CORPORA", "Specimen", "specimens"]


@dataclass(frozen=True)
class Specimen:
    """One netlist of a corpus.

    Attributes:
        corpus: its name.
        name: of the netlist in it.
        folder: where its includes are looked up.
        text: its text; empty for a data format.
        entry: the circuit of a data format, already read.
    """

    corpus: str
    name: str
    folder: Path
    text: str = ""
    entry: Circuit | None = None

    def read(self, **options: Any) -> Circuit:
        """The circuit; includes may read from the folder of the set."""
        if self.entry is not None:
            return self.entry
        return parse_netlist(self.text, name=str(self.folder / self.name), roots=[self.folder], **options)

    @cached_property
    def outcome(self) -> tuple[Circuit | None, str, str]:
        """The circuit, how it was read (`as it is`, `includes kept`, `control kept`) and why it was refused."""
        if self.entry is not None:
            return self.entry, "as it is", ""
        for how, options in _WAYS.items():
            try:
                return self.read(**options), how, ""
            except EDAError as error:
                reason = str(error).replace(f"{self.folder}/", "").replace(str(self.folder), "the folder of the set")
        return None, "refused", reason


# from strict to lenient; the last two only keep as text, or name, what a reader must not run or cannot find
_WAYS: Final[dict[str, dict[str, str]]] = {
    "as it is": {},
    "control kept": {"control": "keep"},
    "includes kept": {"includes": "keep"},
    "both kept": {"includes": "keep", "control": "keep"},
}


def _files(module: Any) -> Callable[[Path], Iterator[Specimen]]:
    def found(_: Path) -> Iterator[Specimen]:
        folder = module.DATASET.locate()
        for source in module.files(folder):
            yield Specimen(module.DATASET.name, source.name, folder, source.text)

    return found


def _entries(module: Any) -> Callable[[Path], Iterator[Specimen]]:
    def found(_: Path) -> Iterator[Specimen]:
        folder = module.DATASET.locate()
        for entry in module.entries(folder):
            yield Specimen(module.DATASET.name, entry.id, folder, entry=entry.circuit)

    return found


def _align(_: Path) -> Iterator[Specimen]:
    """All lines of the set, its README files too, which must be refused."""
    folder = align.DATASET.locate()
    for source in align.files(folder, descriptions=True):
        yield Specimen("align", source.name, folder, source.text)


def _filled(_: Path) -> Iterator[Specimen]:
    folder = bagnet.DATASET.locate()
    templates = {source.name for source in bagnet.files(folder) if "{{" in source.text}
    for source in bagnet.files(folder, filled=True):
        if source.name in templates:
            # a filled template names its model card from the folder of the set
            yield Specimen("bagnet, filled", source.name.replace("/", "_"), folder, source.text)


def _decks(_: Path) -> Iterator[Specimen]:
    folder = aicircuit.DATASET.locate()
    for source in aicircuit.decks(folder):
        yield Specimen("aicircuit, joined", source.name, folder, source.text)


def _own(project: Path) -> Iterator[Specimen]:
    for path in sorted((project / "netlists").rglob("*.sp")):
        yield Specimen("netlists", path.name, path.parent, path.read_text(encoding="utf-8"))


CORPORA: Final[dict[str, Callable[[Path], Iterator[Specimen]]]] = {
    "analoggenie": _entries(analoggenie),
    "image2net": _entries(image2net),
    "align": _align,
    "analoggym": _files(analoggym),
    "bagnet": _files(bagnet),
    "bagnet, filled": _filled,
    "autockt": _files(autockt),
    "aicircuit": _files(aicircuit),
    "aicircuit, joined": _decks,
    "ptm": _files(ptm),
    "gf180": _files(gf180),
    "netlists": _own,
}
"""The corpora by name: functions of the project's folder."""


def specimens(names: Sequence[str], project: Path) -> dict[str, list[Specimen]]:
    """The netlists of some corpora.

    Args:
        names: of the corpora.
        project: the folder that holds `netlists/`.

    Raises:
        InputError: there is no such corpus, or its data set is missing.
    """
    require_known("corpus", names, CORPORA)
    return {name: list(CORPORA[name](project)) for name in names}
