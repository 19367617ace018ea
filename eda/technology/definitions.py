"""The statements of a model library, parsed as far as compiling needs: parameters, blocks, elements, model cards.

Kits mix the quotes, braces and spaces of several dialects in one expression; here all of them become parentheses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.errors import TechnologyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Block", "Definitions", "Element", "ModelCard", "parse_definitions"]

_ASSIGNED: Final = re.compile(r"([a-z_][\w.]*)\s*=(?!=)")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_ENCLOSED: Final = re.compile(r"(\.model\s+\S+\s+\w+)\s*\((.*)\)\s*")
_COMMENT: Final = re.compile(r"\s*;.*|\s+\$.*")
_SIZES: Final = frozenset({"l", "w", "nf", "ad", "as", "pd", "ps", "nrd", "nrs", "sa", "sb", "sd", "area", "perim"})


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A `.model` card.

    Attributes:
        name: its name; `family.3` is the third bin of `family`.
        type: such as `nmos` or `d`.
        parameters: values by name, texts.
    """

    name: str
    type: str
    parameters: Mapping[str, str]

    @property
    def family(self) -> str:
        """The name by which elements call it."""
        stem, _, number = self.name.rpartition(".")
        return stem if stem and number.isdigit() else self.name


@dataclass(frozen=True, slots=True)
class Element:
    """An element line.

    Attributes:
        name: its name.
        words: nodes, and a model or value behind them.
        parameters: values by name, texts.
    """

    name: str
    words: tuple[str, ...]
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Block:
    """A subcircuit.

    Attributes:
        name: its name.
        ports: its nodes.
        formals: parameters of its `.subckt` line, with their defaults.
        sizes: sizes of a transistor that the kit keeps in `.param` lines, where ngspice lets a call set them too.
        locals: its other parameters, which follow from those.
        elements: its elements.
        models: model cards of its own.
    """

    name: str
    ports: tuple[str, ...]
    formals: Mapping[str, str]
    sizes: Mapping[str, str]
    locals: Mapping[str, str]
    elements: tuple[Element, ...]
    models: tuple[ModelCard, ...]


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a library defines.

    Attributes:
        parameters: global parameters, texts.
        options: of `.option` lines.
        blocks: subcircuits by name.
        models: global model cards by name.
    """

    parameters: Mapping[str, str]
    options: Mapping[str, str]
    blocks: Mapping[str, Block]
    models: Mapping[str, ModelCard]


def parse_definitions(statements: Iterable[str]) -> Definitions:
    """Parse statements whose continuation lines begin with `+`.

    Raises:
        TechnologyError: a statement that is none of those above.
    """
    parameters: dict[str, str] = {}
    options: dict[str, str] = {}
    blocks: dict[str, Block] = {}
    models: dict[str, ModelCard] = {}
    pending = iter(statements)
    for statement in pending:
        kind, words, values = _split(statement)
        if kind == ".param":
            parameters |= values
        elif kind.startswith(".option"):
            options |= values
        elif kind == ".model":
            models[words[0]] = ModelCard(words[0], words[1], values)
        elif kind == ".subckt":
            blocks[words[0]] = _block(words, values, pending)
        else:
            raise TechnologyError(f"the statement {statement[:80]!r} of the model library is not understood")
    return Definitions(parameters, options, blocks, models)


def _block(words: tuple[str, ...], values: Mapping[str, str], pending: Iterable[str]) -> Block:
    own: dict[str, str] = {}
    elements: list[Element] = []
    models: list[ModelCard] = []
    for statement in pending:
        kind, inner, given = _split(statement)
        if kind == ".ends":
            break
        if kind == ".param":
            own |= given
        elif kind == ".model":
            models.append(ModelCard(inner[0], inner[1], given))
        elif kind.startswith("."):
            raise TechnologyError(f"the statement {statement[:80]!r} in {words[0]} is not understood")
        else:
            elements.append(Element(kind, inner, given))
    sizes = {name: own.pop(name) for name in list(own) if name in _SIZES}
    return Block(words[0], words[1:], values, sizes, own, tuple(elements), tuple(models))


def _split(statement: str) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """The first word of a statement, the words before its assignments, and these; all lower case."""
    lines = (_COMMENT.sub("", line).removeprefix("+") for line in statement.lower().splitlines())
    text = _QUOTED.sub(lambda match: f"({match[0][1:-1]})", " ".join(lines))
    text = text.replace("{", "(").replace("}", ")").replace('"', " ").replace("'", " ")
    if enclosed := _ENCLOSED.fullmatch(text):
        text = f"{enclosed[1]} {enclosed[2]}"
    masked = _mask(text)
    found = list(_ASSIGNED.finditer(masked))
    words = text[: found[0].start() if found else len(text)].replace("(", " ").replace(")", " ").split()
    ends = [*(match.start() for match in found), len(text)][1:]
    values = {match[1]: text[match.end() : end].strip() for match, end in zip(found, ends, strict=True)}
    return words[0], tuple(words[1:]), values


def _mask(text: str) -> str:
    """The text with blanks in place of what stands in parentheses."""
    depth, kept = 0, []
    for character in text:
        depth += character == "("
        kept.append(" " if depth else character)
        depth -= character == ")"
    return "".join(kept)
