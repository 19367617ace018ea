"""Compiled corners: the cards of a process library with every expression evaluated that can be.

A kit's library computes its model parameters from hundreds of global ones, for each transistor of each deck again. Of
a corner all that is left is plain numbers: bins of numeric model cards that all transistors share, and around each
device a subcircuit whose few expressions name its own sizes (and `temper`, or the deviates of a Monte Carlo sample).

What changes beside that, and why the currents stay (checked by `eda bench simulator`):

- `.option scale` is applied to the sizes, so that a compiled deck has no setting that another one would feel (where
  there are diodes of level 3 it stays: their current scales by one power, their capacitance by others);
- a sheet resistance that depends on the sizes moves from the BSIM4 card (`rsh`) into the squares of the transistor
  (`nrd`, `nrs`): the model uses only their product;
- a multiplier that a block declares (`m=1`) and loses, as those of gf180 do in ngspice, multiplies its transistors;
- random functions become deviates: parameters of a block, where devices mismatch, or of the deck, where the process
  varies.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, TechnologyError
from eda.netlist import names, number
from eda.netlist.folding import fold
from eda.technology.cards import Cards, ModelBin
from eda.technology.deviates import Deviates

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eda.technology.definitions import Block, Definitions, Element, ModelCard

__all__ = ["compile_definitions"]

_LONGEST: Final = 3500  # characters of a folded expression; the evaluator takes 4,000
_LIMITS: Final = ("lmin", "lmax", "wmin", "wmax")
# powers of `.option scale` by which ngspice multiplies the sizes of an element
_SCALED: Final[Mapping[str, Mapping[str, int]]] = {
    "m": {"l": 1, "w": 1, "ad": 2, "as": 2, "pd": 1, "ps": 1, "sa": 1, "sb": 1, "sd": 1},
    "r": {"l": 1, "w": 1},
    "c": {"l": 1, "w": 1},
}
_PLAIN: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
_VERSION: Final = re.compile(r"[\d.]+")  # of a model, such as 4.8.2 and 4.0, which ngspice does not know as 4
_OPAQUE: Final = re.compile(r"\b[vi]\s*\([^()]*\)")
_MULTIPLIER: Final = re.compile(r"\bm\b")
_HIDDEN: Final = re.compile(r"\bopaque_(\d+)\b")


def compile_definitions(definitions: Definitions, switches: Mapping[str, float] | None = None) -> Cards:
    """Evaluate what can be evaluated in the definitions of one corner.

    Args:
        definitions: of the corner; all of its blocks and models are compiled.
        switches: global parameters that replace those of the library, such as its statistical switches.

    Raises:
        TechnologyError: an expression that is not understood, with its place.
    """
    return _Compiler(definitions, switches or {}).cards()


class _Scope(dict[str, "float | str"]):
    """Parameters by name, each folded when it is first asked for.

    `hidden` names are those of a call: they stay names.
    """

    def __init__(
        self, texts: Mapping[str, str], deviates: Deviates, outer: _Scope | None = None, hidden: Iterable[str] = ()
    ) -> None:
        super().__init__()
        self.texts, self.deviates, self.outer, self.hidden = texts, deviates, outer, frozenset(hidden)

    def __contains__(self, name: object) -> bool:
        return name not in self.hidden and (name in self.texts or (self.outer is not None and name in self.outer))

    def __missing__(self, name: str) -> float | str:
        if name not in self.texts:
            assert self.outer is not None
            return self.outer[name]
        self[name] = value = self.fold(self.texts[name], name)
        return value

    def fold(self, text: str, owner: str) -> float | str:
        """An expression of this scope; voltages and currents in it stay what they are."""
        if _PLAIN.fullmatch(text):
            return float(text)
        opaque: list[str] = []

        def hide(match: re.Match[str]) -> str:
            opaque.append(match[0].replace(" ", ""))
            return f"opaque_{len(opaque) - 1}"

        try:
            folded = fold(_OPAQUE.sub(hide, self.deviates.named(text, owner)), self)
        except InputError as error:
            raise TechnologyError(f"{owner} of the model library cannot be evaluated: {error}") from None
        except RecursionError:
            raise TechnologyError(f"{owner} of the model library is defined by itself: {text}") from None
        if isinstance(folded, str) and len(folded) > _LONGEST:
            raise TechnologyError(f"{owner} of the model library grows beyond {_LONGEST} characters when folded")
        return _HIDDEN.sub(lambda match: opaque[int(match[1])], folded) if isinstance(folded, str) else folded


class _Compiler:
    def __init__(self, definitions: Definitions, switches: Mapping[str, float]) -> None:
        self.source = definitions
        scale = number(definitions.options.get("scale", "1"))
        self.options = (f"scale={scale!r}",) if scale != 1 and _has_scaled_diodes(definitions) else ()
        self.scale = 1.0 if self.options else scale
        texts = {**definitions.parameters, **{name: repr(value) for name, value in switches.items()}}
        self.scope = _Scope(texts, Deviates("mc"))
        self.given: dict[str, set[str]] = defaultdict(set)
        for block in definitions.blocks.values():
            for element in block.elements:
                if element.name.startswith("x"):
                    self.given[element.words[-1]] |= element.parameters.keys()
        self.models: list[str] = []
        self.bins: list[ModelBin] = []
        self.blocks: dict[str, list[str]] = {}
        self.mismatch: dict[str, tuple[str, ...]] = {}

    def cards(self) -> Cards:
        """All blocks and models."""
        for card in self.source.models.values():
            self.place(card, card.family, self.parameters(card, self.scope))
        for name in self.source.blocks:
            self.block(name)
        text = "\n".join([*self.models, *(line for lines in self.blocks.values() for line in lines), ""])
        everything = text + "".join(one.text for one in self.bins)
        deviates = tuple(name for name in self.scope.deviates.names if re.search(rf"\b{name}\b", everything))
        return Cards(text, tuple(self.bins), deviates, self.mismatch, self.options)

    # models

    def parameters(self, card: ModelCard, scope: _Scope) -> dict[str, float | str]:
        """Values of a card: numbers, and expressions where something is left of them."""

        def value(key: str, text: str) -> float | str:
            if key == "version" and _VERSION.fullmatch(text):
                return text
            if _PLAIN.fullmatch(text):
                return float(text)
            return scope.fold(text, f"{card.family}_{key}".replace(".", "_"))

        return {key: value(key, text) for key, text in card.parameters.items()}

    def place(self, card: ModelCard, name: str, values: Mapping[str, float | str]) -> None:
        """Put a card where every block finds it, as a bin if it has limits."""
        limits = [values.get(limit) for limit in _LIMITS]
        # the limits come first: ngspice reads a card up to them whenever it looks for a bin
        ordered = {limit: values[limit] for limit in _LIMITS if limit in values} | dict(values)
        if all(isinstance(limit, float) for limit in limits) and card.name != card.family:
            shortest, longest, narrowest, widest = (float(limit) for limit in limits if limit is not None)
            text = _card(f"{name}.{card.name.rpartition('.')[2]}", card.type, ordered)
            self.bins.append(ModelBin(name, text, (shortest, longest), (narrowest, widest)))
        else:
            self.models.append(_card(name, card.type, ordered))

    # blocks

    def block(self, name: str) -> None:
        """Compile a block, after those that it calls."""
        if name in self.blocks:
            return
        block = self.source.blocks[name]
        self.blocks[name] = []  # a block that calls itself ends here; ngspice refuses it
        # ngspice lets a call set any parameter of a block
        sizes = {**block.sizes, **{key: text for key, text in block.locals.items() if key in self.given[name]}}
        own = {**block.formals, **sizes}
        scope = _Scope({**own, **block.locals}, Deviates("z"), self.scope, own)
        moved, inside = self.block_models(block, scope)
        multiplied = _loses_multiplier(block)
        elements = [self.element(element, scope, moved, multiplied=multiplied) for element in block.elements]
        defaults = {key: scope.fold(text, key) for key, text in own.items()}
        body = "\n".join([*inside, *elements])
        exposed = tuple(found for found in scope.deviates.names if re.search(rf"\b{re.escape(found)}\b", body))
        if exposed:
            self.mismatch[name] = exposed
        formals = _assigned({key: defaults[key] for key in block.formals} | dict.fromkeys(exposed, 0.0))
        settable = [f".param {_assigned({key: defaults[key] for key in sizes})}"] if sizes else []
        header = f".subckt {name} {' '.join(block.ports)} {formals}".rstrip()
        self.blocks[name] = [header, *settable, *inside, *elements, f".ends {name}"]

    def block_models(self, block: Block, scope: _Scope) -> tuple[dict[str, tuple[str, str]], list[str]]:
        """Move the models of a block out of it.

        Returns:
            By family, the name outside and the factor of its squares; and the cards that must stay, because they
            depend on the call.
        """
        moved: dict[str, tuple[str, str]] = {}
        inside: list[str] = []
        for card in block.models:
            values = self.parameters(card, scope)
            squares = values.get("rsh", "")
            factor = squares if isinstance(squares, str) and card.type in {"nmos", "pmos"} else ""
            if factor:
                values["rsh"] = 1.0
            if any(_depends(value, scope) for value in values.values()):
                inside.append(_card(card.name, card.type, self.parameters(card, scope)))
                continue
            outside = f"{block.name}__{card.family}"
            self.place(card, outside, values)
            if moved.setdefault(card.family, (outside, factor)) != (outside, factor):
                raise TechnologyError(f"the bins of {card.family} in {block.name} differ in their sheet resistance")
        return moved, inside

    def element(
        self, element: Element, scope: _Scope, moved: Mapping[str, tuple[str, str]], *, multiplied: bool = False
    ) -> str:
        """An element line of a block."""
        letter, words = element.name[0], list(element.words)
        values = {key: scope.fold(text, key) for key, text in element.parameters.items()}
        if multiplied and letter == "m":
            values["m"] = "m"
        if letter == "r" and "r" in values:
            values = {"r": values.pop("r"), **values}  # behind `l` and `w` ngspice 39 loses one that names `temper`
        outside, factor = moved.get(words[-1], (words[-1], ""))
        words[-1] = outside
        for key, power in _SCALED.get(letter, {}).items():
            if key in values:
                values[key] = _times(values[key], self.scale**power)
        if factor:
            if not {"nrd", "nrs"} <= values.keys():
                raise TechnologyError(f"{element.name}: a sheet resistance of its own needs nrd and nrs")
            values |= {key: fold(f"({_text(values[key])})*{factor}", {}) for key in ("nrd", "nrs")}
        if letter == "x":
            self.block(words[-1])
            for inner in self.mismatch.get(words[-1], ()):
                name = f"z_{element.name}_{inner.removeprefix('z')}"
                scope.deviates.names.append(name)
                values[inner] = name
        return f"{element.name} {' '.join(words)} {_assigned(values)}".rstrip()


def _loses_multiplier(block: Block) -> bool:
    """Whether a block declares `m`, which ngspice then takes for a parameter, and no element of it uses it."""
    texts = [text for element in block.elements for text in element.parameters.values()]
    return "m" in block.formals and not any(_MULTIPLIER.search(text) for text in texts)


def _has_scaled_diodes(definitions: Definitions) -> bool:
    """Whether there are diodes of level 3, which ngspice 39 scales by other powers in each of their regions."""
    cards = [*definitions.models.values(), *(card for block in definitions.blocks.values() for card in block.models)]
    return any(card.type == "d" and card.parameters.get("level") == "3" for card in cards)


def _depends(value: float | str, scope: _Scope) -> bool:
    """Whether a value is another one for each call of a block."""
    return isinstance(value, str) and not scope.hidden.union(scope.deviates.names).isdisjoint(names(value))


def _times(value: float | str, factor: float) -> float | str:
    return fold(f"({_text(value)})*{factor!r}", {})


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else repr(value).removesuffix(".0")


def _assigned(values: Mapping[str, float | str]) -> str:
    return " ".join(f"{key}={_value(key, value)}" for key, value in values.items())


def _value(key: str, value: float | str) -> str:
    verbatim = not isinstance(value, str) or (key == "version" and _VERSION.fullmatch(value))
    return _text(value) if verbatim else f"{{{value}}}"


def _card(name: str, kind: str, values: Mapping[str, float | str]) -> str:
    return f".model {name} {kind} {_assigned(values)}"
