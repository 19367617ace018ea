"""Element lines: from the words of a line to a device, as the device table says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from eda.errors import NetlistError
from eda.netlist.circuit import Device, Location
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.words import Words, is_value

if TYPE_CHECKING:
    from eda.netlist.devices import DeviceType
    from eda.netlist.lines import Line, Token

__all__ = ["is_element", "read_element"]


def read_element(line: Line, words: Words) -> Device:
    """The device of an element line.

    Raises:
        NetlistError: the line does not fit the device table.
    """
    tokens = line.tokens()
    if not tokens:
        raise line.error("an element line was expected")
    grammar = DEVICE_TYPES.get(tokens[0].text[0].lower())
    if grammar is None:
        letters = ", ".join(f"{t.letter.upper()} ({t.noun})" for t in DEVICE_TYPES.values())
        raise line.error(f"{tokens[0].text!r} starts no known element", 0, f"known: {letters}")
    if grammar.letter == "x":
        return _call(line, tokens, words)
    pins = len(grammar.pins)
    required = pins - grammar.optional + grammar.controls
    if len(tokens) <= required:
        raise line.error(f"a {grammar.noun} needs {required} nodes and more, but got {len(tokens) - 1} words")
    if grammar.value == "text":
        return _device(line, tokens, words, pins, value=_rest(line, tokens, pins + 1))
    if grammar.letter in "efgh" and _is_function_form(tokens):
        return _device(line, tokens, words, 2, value=_rest(line, tokens, 3))
    positional, parameters = words.split(line, tokens[1:])
    if len(positional) < required:
        raise line.error(f"a {grammar.noun} needs the nodes {', '.join(grammar.pins)}", 0)
    if grammar.optional:
        pins -= grammar.optional * (len(positional) <= pins or is_value(positional[pins]))
    controls = tuple(words.name(line, word) for word in positional[pins : pins + grammar.controls])
    model, value = _model_and_value(line, grammar, positional[pins + grammar.controls :], parameters, words)
    return _device(line, tokens, words, pins, model=model, value=value, parameters=parameters, controls=controls)


def _call(line: Line, tokens: list[Token], words: Words) -> Device:
    positional, parameters = words.split(line, tokens[1:])
    if not positional:
        raise line.error("a subcircuit call needs nodes and the name of the subcircuit")
    return _device(
        line, tokens, words, len(positional) - 1, model=words.name(line, positional[-1]), parameters=parameters
    )


def _device(
    line: Line,
    tokens: list[Token],
    words: Words,
    pins: int,
    *,
    model: str | None = None,
    value: str | None = None,
    parameters: dict[str, str] | None = None,
    controls: tuple[str, ...] = (),
) -> Device:
    if value is not None and value.startswith("="):
        noun = DEVICE_TYPES[tokens[0].text[0].lower()].noun
        raise line.error(f"a node of the {noun} is missing before this word", tokens[pins].offset)
    nodes = tuple(words.node(line, token) for token in tokens[1 : pins + 1])
    location = Location(line.file, line.number, line.pieces[0][2] + 1)
    return Device(words.name(line, tokens[0]), nodes, model, value, parameters or {}, controls, location)


def _model_and_value(
    line: Line, grammar: DeviceType, positional: list[Token], parameters: dict[str, str], words: Words
) -> tuple[str | None, str | None]:
    """Model and value among the words after the nodes."""
    model = value = None
    for word in positional:
        if value is None and grammar.value == "expression" and is_value(word):
            value = words.expression(line, word.text, word.offset)
        elif model is None and grammar.model != "none" and not is_value(word) and word.text.lower() != "off":
            model = words.name(line, word)
        elif model and grammar.letter in "dqj" and "area" not in parameters and is_value(word):
            parameters["area"] = words.expression(line, word.text, word.offset)
        else:
            raise line.error(f"{word.text!r} is not understood on a {grammar.noun}", word.offset)
    named = grammar.letter if grammar.letter in "rcl" else "gain"
    if value is None and named in parameters:
        value = parameters.pop(named)
    if grammar.model == "required" and model is None:
        raise line.error(f"a {grammar.noun} needs a model after its nodes {', '.join(grammar.pins)}")
    if grammar.value == "expression" and value is None and model is None:
        raise line.error(f"a {grammar.noun} needs a value", len(line.text) - 1)
    return model, value


def is_element(line: Line) -> bool:
    """Whether a line reads as an element and not as a title that happens to start with such a letter."""
    try:
        device = read_element(line, Words())
    except NetlistError:
        return False
    numeric = any(map(is_value, line.tokens()[len(device.nodes) + 1 :]))
    return numeric or bool(device.parameters) or bool(re.search(r"\d", device.name))


def _is_function_form(tokens: list[Token]) -> bool:
    """Whether a controlled source is written with a function of voltages (`value=`, `poly(2)`, `table` ...)."""
    word = re.split(r"[({]", tokens[3].text.lower())[0] if len(tokens) > 3 else ""
    return word in {"value", "vol", "cur", "poly", "table", "laplace"}


def _rest(line: Line, tokens: list[Token], first: int) -> str | None:
    if len(tokens) <= first:
        return None
    return " ".join(line.text[tokens[first].offset :].split())
