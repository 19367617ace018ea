"""The grammar of `listing expand`: numbered lines, a device or a model card each.

Read from listings of ngspice 39. Names of devices are paths (`m.xo.x1.m1`); under a subcircuit that is defined inside
another one, the letter is repeated at every level (`m.xo.m.x1.m1`), which is undone here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from eda.benchmark.listed import (
    ListedDevice,
    ListedModel,
    Listing,
    connection_form,
    function_values,
    number_or_text,
    source_values,
)
from eda.benchmark.substitutes import restored
from eda.netlist import DEVICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from eda.benchmark.listed import Value

__all__ = ["parse_listing"]

_LINE: Final = re.compile(r" *\d+ : (.*)")
_PATH: Final = re.compile(r"(?<![\w.])([a-wyz])\.(x[^\s(),]*)")
_EQUALS: Final = re.compile(r"\s*=\s*")
_PAIR: Final = re.compile(r"(\w+)\s*=\s*(\[[^\]]*\]|[^\s=]+)")
# a parameter of the deck, but not the argument of a function
_NUMBER_IN_PARENTHESES: Final = re.compile(r"(?<!\w)(?<!\w )\( ([\d.][\d.e+-]*) \)")
_XSPICE: Final = re.compile(r"%\w+|[\[\]()~]|[^\s\[\]()~%]+")
_LATER_AREAS: Final = ("area", "areab", "areac")


def parse_listing(text: str) -> Listing:
    """Read what ngspice prints; its substitutes for behavioural devices are turned back into what they stand for."""
    lines = list(_statements(text))
    models = {model.name: model for model in (_model(line) for line in lines if line.startswith(".model "))}
    devices = (_device(line, models) for line in lines if not line.startswith("."))
    return restored(Listing({device.name: device for device in devices}, models))


def _statements(text: str) -> Iterator[str]:
    for printed in text.splitlines():
        match = _LINE.fullmatch(printed)
        if match is None:
            continue
        line = " ".join(match[1].lower().split())
        if line == ".end":
            return  # bridges that ngspice adds between analog and digital nodes follow
        if line and line[0] != "*":
            yield _PATH.sub(_plain_path, line)


def _plain_path(match: re.Match[str]) -> str:
    letter, (*calls, name) = match[1], match[2].split(".")
    return ".".join([letter, *(call for call in calls if call != letter), name])


def _model(line: str) -> ListedModel:
    words = line.replace("(", " ").replace(")", " ").replace(",", " ")
    _, name, kind, *_ = words.split()
    pairs = {key: number_or_text(value.strip("[] ")) for key, value in _PAIR.findall(words)}
    if coefficients := re.search(r"coef = \[(.*)\]", words):
        pairs["coef"] = coefficients[1].strip()
    return ListedModel(name, kind, pairs)


def _device(line: str, models: Collection[str]) -> ListedDevice:
    name, _, rest = line.partition(" ")
    match name[0]:
        case "v" | "i":
            return _source(name, rest)
        case "b":
            return _behavioural(name, rest)
        case "a":
            return _xspice(name, rest)
    return _plain(name, rest, models)


def _split_multipliers(values: dict[str, Value], text: str) -> tuple[dict[str, Value], tuple[float, ...]]:
    given = (number_or_text(value) for value in re.findall(r"(?<![\w.])m\s*=\s*(\S+)", text))
    kept = {key: value for key, value in values.items() if key != "m"}
    return kept, tuple(value for value in given if isinstance(value, float))


def _source(name: str, rest: str) -> ListedDevice:
    plus, minus, *words = rest.split()
    text = " ".join(words)
    values, multipliers = _split_multipliers(source_values(text), text)
    return ListedDevice(name, (plus, minus), None, values, (), multipliers)


def _behavioural(name: str, rest: str) -> ListedDevice:
    plus, minus, text = rest.split(maxsplit=2)
    text = _NUMBER_IN_PARENTHESES.sub(r"\1", text)
    values, multipliers = _split_multipliers(function_values(text), text)
    return ListedDevice(name, (plus, minus), None, values, (), multipliers)


def _xspice(name: str, rest: str) -> ListedDevice:
    *tokens, model = _XSPICE.findall(rest)
    form = ["*" if token[0] not in "%[]()~" and token != "null" else token for token in tokens]
    nodes = tuple(token for token, mark in zip(tokens, form, strict=True) if mark == "*")
    return ListedDevice(name, nodes, model, {"value": connection_form(" ".join(form))})


def _plain(name: str, rest: str, models: Collection[str]) -> ListedDevice:
    """Nodes, controlling sources, a model or a value, then parameters."""
    letter, grammar = name[0], DEVICE_TYPES[name[0]]
    text = _EQUALS.sub("=", rest.replace("(", " ").replace(")", " "))
    text = re.sub(r",(?=\s*[a-z]\w*=)", " ", text)
    words = [word for word in text.split() if "=" not in word]
    if letter in "eg":
        words = " ".join(words).replace(",", " ").split()
    first = _model_position(words, models) if grammar.model == "required" else 0
    if letter == "k":
        first = len(words) - 1
    elif not first:
        first = len(grammar.pins) + max(grammar.controls, 0)
    pins = 0 if letter == "k" else first - max(grammar.controls, 0)
    values: dict[str, Value] = {}
    model = _positional(letter, words[first:], values, needs_model=grammar.model == "required")
    for key, value in (word.split("=", 1) for word in text.split() if "=" in word):
        named = {letter: "value", "tc": "tc1"}.get(key, key) if letter in "rcl" else key
        values[named] = number_or_text(value)
    values, multipliers = _split_multipliers(values, text)
    return ListedDevice(name, tuple(words[:pins]), model, values, tuple(words[pins:first]), multipliers)


def _model_position(words: list[str], models: Collection[str]) -> int:
    """Where the model stands among the words; the number of nodes before it varies (substrate, body contacts)."""
    return next((i for i, word in enumerate(words) if i and word in models), 0)


def _positional(letter: str, words: list[str], values: dict[str, Value], *, needs_model: bool) -> str | None:
    """Puts values among the words after the nodes into `values`; returns the model."""
    model = None
    areas = iter(_LATER_AREAS)
    for word in words:
        term = number_or_text(word)
        if model is None and (needs_model or (letter in "rcl" and isinstance(term, str))):
            model = word
        elif isinstance(term, float):
            values[next(areas) if needs_model else "value"] = term
        else:
            values[word] = ""
    return model
