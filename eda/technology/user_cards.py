"""Model cards of the user, such as those of PTM, as technologies: by path, or under a name of their own."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, Final

from eda.errors import InputError, TechnologyError, did_you_mean
from eda.technology.card_file import guessed_node, guessed_supply, read_card
from eda.technology.install import checksum, replaced_folder
from eda.technology.library import ModelLibrary
from eda.technology.places import data_folder
from eda.technology.technology import Technology, Transistor

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["add_cards", "load_card", "load_user_cards", "remove_cards", "user_cards"]

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*")
_RESERVED: Final = frozenset({"generic", "sky130", "gf180", "ihp", "sg13g2", "ihp-sg13g2"})
_CARDS, _DESCRIPTION = "cards.sp", "technology.json"
_WIDEST, _LONGEST = 1e-2, 1e-3  # m; a card without bins covers all sizes
_DIFFUSION: Final = 3  # shortest lengths in a contacted diffusion: 6 lambda, as in the generic technology


def _folder() -> Path:
    return data_folder() / "technologies"


def user_cards() -> tuple[str, ...]:
    """The names that the user has given to cards."""
    return tuple(sorted(path.parent.name for path in _folder().glob(f"*/{_DESCRIPTION}")))


def add_cards(
    name: str,
    cards: Sequence[Path],
    *,
    supply: float | None = None,
    min_length: float | None = None,
    force: bool = False,
) -> Technology:
    """Keep copies of card files as a technology.

    Args:
        name: how it will be called.
        cards: files of `.model` cards.
        supply: nominal supply, V; the usual one of the node in the name of a file when it is `None`.
        min_length: smallest length, m; likewise.
        force: replace what has the name.

    Raises:
        InputError: the name cannot be used or is taken, or a value must be given.
        TechnologyError: a file is no model card, with file and line; or the folder cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"a technology's name is letters, digits, _ and -, in lower case, but got {name!r}")
    if name in _RESERVED:
        raise InputError(f"{name!r} is a process kit of eda; choose another name")
    if name in user_cards() and not force:
        raise InputError(f"there is a technology {name!r} already; --force replaces it")
    if not cards:
        raise InputError("a technology needs at least one card file")
    for card in cards:
        read_card(card)
    found = {"supply": _given(supply, guessed_supply(cards), "supply", cards)}
    found["min_length"] = _given(min_length, guessed_node(cards), "min-length", cards)
    sources = [{"file": card.name, "sha256": checksum(card)} for card in cards]
    with replaced_folder(_folder() / name) as folder:
        texts = [card.read_text(encoding="utf-8", errors="replace") for card in cards]
        (folder / _CARDS).write_text("\n".join(texts), encoding="utf-8")
        _technology(folder / _CARDS, name, "", **found)  # what cannot be used is not kept
        (folder / _DESCRIPTION).write_text(json.dumps({"name": name, **found, "cards": sources}, indent=2) + "\n")
    return load_user_cards(name)


def load_user_cards(name: str) -> Technology:
    """The technology of cards that the user has added.

    Raises:
        TechnologyError: its files are damaged.
    """
    folder = _folder() / name
    try:
        data: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
        files = ", ".join(f"{card['file']} (SHA-256 {card['sha256'][:12]})" for card in data["cards"])
        supply, min_length = float(data["supply"]), float(data["min_length"])
    except (OSError, ValueError, KeyError, TypeError):
        raise TechnologyError(f"{folder} is damaged; run: eda pdk add {name} --card FILE --force") from None
    return _technology(folder / _CARDS, name, f"cards of the user: {files}", supply=supply, min_length=min_length)


def remove_cards(name: str) -> None:
    """Remove a technology that the user has added.

    Raises:
        InputError: there is none of this name.
        TechnologyError: it cannot be removed.
    """
    if name not in user_cards():
        raise InputError(f"no card has the name {name!r}. {did_you_mean(name, user_cards())}")
    try:
        shutil.rmtree(_folder() / name)
    except OSError as error:
        raise TechnologyError(f"cannot remove {_folder() / name}: {error.strerror}") from None


def load_card(path: Path) -> Technology:
    """The technology of a card file, with the supply and smallest length of the node in its name.

    Raises:
        InputError: there is no node in its name.
        TechnologyError: it is no model card, with file and line.
    """
    source = f"card {path.name} (SHA-256 {checksum(path)[:12]})"
    supply = _given(None, guessed_supply([path]), "supply", [path])
    min_length = _given(None, guessed_node([path]), "min-length", [path])
    return _technology(path, path.stem.lower(), source, supply=supply, min_length=min_length)


def _given(value: float | None, guess: float | None, name: str, cards: Sequence[Path]) -> float:
    found = guess if value is None else value
    if found is None:
        files = " ".join(f"--card {card}" for card in cards)
        raise InputError(
            f"no technology node stands in the name of {cards[0].name} (as in 45nm), so give the {name}: "
            f"eda pdk add NAME {files} --min-length 180n --supply 1.8"
        )
    if not found > 0:
        raise InputError(f"`{name} > 0` must hold, but got {found:g}")
    return found


def _technology(path: Path, name: str, source: str, *, supply: float, min_length: float) -> Technology:
    types: dict[str, str] = {}
    for model in read_card(path):
        types.setdefault(_family(model.name), model.type)
    # the header is the whole library: cards have no sections
    library = ModelLibrary(path, corners=(("tt", ()),), header=path, stamp=checksum(path))
    kit = {model: _transistor(library, model, min_length) for model in types}
    for role in ("nmos", "pmos"):
        first = next((model for model, kind in types.items() if kind == role), None)
        if first is not None:
            kit.setdefault(role, kit[first])
    return Technology(name, library, ("tt",), kit, supply, source=source)


def _family(model: str) -> str:
    """The name by which transistors call a model; `family.3` is a bin."""
    stem, _, number = model.rpartition(".")
    return stem if stem and number.isdigit() else model


def _transistor(library: ModelLibrary, model: str, shortest: float) -> Transistor:
    """A transistor with the limits of its bins; without bins of any size from the shortest length on."""
    bins = library.compiled("tt", [model]).bins
    lengths = [*(edge for one in bins for edge in one.lengths)] or [shortest, _LONGEST]
    widths = [*(edge for one in bins for edge in one.widths)] or [shortest, _WIDEST]
    return Transistor(model, "", 1.0, min(widths), min(lengths), max(widths), max(lengths), _DIFFUSION * shortest)
