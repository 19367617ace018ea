"""Element lines of the SPICE family: from the words of a line to a device, as the device table says."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, NetlistError
from eda.netlist.circuit import Device, Location
from eda.netlist.devices import DEVICE_TYPES, FLAGGED, FLAGS
from eda.netlist.expressions import number
from eda.netlist.sources import parse_source
from eda.netlist.words import Words, is_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist.devices import DeviceType
    from eda.netlist.lines import Line

__all__ = ["is_element", "quoted", "read_element"]

_CONTROLLED: Final = {"e": "vcvs", "g": "vccs", "f": "cccs", "h": "ccvs"}
_FORMS: Final = {
    "poly",
    "table",
    "laplace",
    "freq",
    "foster",
    "pole",
    "delay",
    "max",
    "min",
    "and",
    "or",
    "nand",
    "nor",
}
_OF_DEVICE: Final = {"m", "rser", "cpar"}  # parameters that may follow the value of a source
_REFUSED_FORMS: Final = {"opamp", "transformer", "vcr", "vccap", "npwl", "ppwl", "level", "noise"}
_QUOTES: Final = {("{", "}"), ("'", "'"), ('"', '"')}
_TERM: Final = re.compile(r"\{[^{}]*\}|'[^']*'|[^\s(),]+")
_CDL_NOTE: Final = re.compile(
    r"\$\[(?P<model>[^\]]*)\]|\$ldd\[(?P<ldd>[^\]]*)\]"
    r"|\$(?P<key>(?!pins\b)\w+)\s*=\s*(?P<value>[^$=]*?)(?=\s+\$|\s+\w+\s*=|\s*$)",
    re.IGNORECASE,
)
_ELSEWHERE: Final = {
    "s": "S is a scattering parameter element",
    "w": "W is a multi-conductor line",
    "p": "P is a port",
}
_ASSIGNMENT: Final = re.compile(r"\s(\w+)\s*=(?!=)")
_XSPICE: Final = re.compile(r"%\w+|[\[\]()~]|[^\s\[\]()~]+")


def read_element(line: Line, words: Words) -> Device:
    """The device of an element line.

    Raises:
        NetlistError: the line does not fit the device table, or its dialect has no such element.
    """
    parts = line.words()
    if not parts:
        raise line.error("an element line was expected")
    letter = parts[0][0].lower()
    grammar = DEVICE_TYPES.get(letter)
    if grammar is None or letter not in words.dialect.letters:
        raise _unknown(line, parts[0], words)
    if "$" in line.text and words.dialect.name == "cdl":
        return _annotated(line, words, grammar)
    return _by_letter(line, parts, words, grammar)


def _annotated(line: Line, words: Words, grammar: DeviceType) -> Device:
    """A CDL element with notes for other tools: `$[model]`, `$SUB=net`, `$X=1 $Y=2`."""
    notes: dict[str, str] = {}
    model = None
    for match in _CDL_NOTE.finditer(line.text):
        if match["model"]:
            model = words.name(line, [match["model"]], 0)
        elif match["ldd"]:
            notes["$ldd"] = match["ldd"].lower()
        elif match["key"]:
            notes[f"${match['key'].lower()}"] = match["value"].strip().lower()
    if "$sub" in notes:
        notes["$sub"] = words.node(line, [notes["$sub"]], 0)
    bare = type(line)(line.file, _CDL_NOTE.sub(lambda match: " " * len(match[0]), line.text).rstrip(), line.pieces)
    parts = bare.words()
    if model is not None and grammar.model == "required":
        # the model stands where others have it, before the parameters
        at = parts.index("=") - 1 if "=" in parts else len(parts)
        parts = [*parts[:at], model, *parts[at:]]
    device = _by_letter(bare, parts, words, grammar)
    if model is not None:
        device = replace(device, model=model)
    return replace(device, parameters={**device.parameters, **notes}) if notes else device


def _by_letter(line: Line, parts: list[str], words: Words, grammar: DeviceType) -> Device:
    letter = grammar.letter
    if letter in "xpn":
        return _call(line, parts, words)
    if letter == "m":
        return _transistor(line, parts, words, grammar)
    special = {"v": _source, "i": _source, "b": _behavioural, "k": _coupling, "a": _xspice}.get(letter)
    if special is not None:
        return special(line, parts, words)
    if letter in _CONTROLLED:
        return _controlled(line, parts, words, grammar)
    return _plain(line, parts, words, grammar)


def is_element(line: Line, words: Words) -> bool:
    """Whether a line reads as an element and not as a title that happens to start with such a letter."""
    try:
        device = read_element(line, Words(words.dialect))
    except NetlistError:
        return False
    rest = line.words()[len(device.nodes) + 1 :]
    numeric = bool(rest) and is_value(rest[-1])  # "Low noise amplifier 2.4 GHz" has words behind its number
    return numeric or bool(device.parameters) or bool(re.search(r"\d", device.name))


def quoted(text: str) -> str:
    """An expression as it stands in the value of a source: bare when it is a number, else in braces."""
    try:
        number(text)
    except InputError:
        return f"{{{text}}}"
    return text


def _unknown(line: Line, word: str, words: Words) -> NetlistError:
    known = (DEVICE_TYPES[letter] for letter in words.dialect.letters)
    letters = ", ".join(f"{row.letter.upper()} ({row.noun})" for row in known)
    if words.dialect.name == "hspice" and word[0].lower() in _ELSEWHERE:
        hint = f"in HSPICE, {_ELSEWHERE[word[0].lower()]}, which eda does not read; known: {letters}"
    else:
        hint = f"known in {words.dialect.name}: {letters}"
    return line.error(f"{word!r} starts no known element", 0, hint)


def _location(line: Line) -> Location:
    return Location(line.file, line.number, line.column)


def _nodes(line: Line, parts: list[str], words: Words, end: int) -> tuple[str, ...]:
    if "=" in parts[1:end]:
        at = parts.index("=", 1)
        noun = DEVICE_TYPES[parts[0][0].lower()].noun
        raise line.word_error(f"a node of the {noun} is missing before this word", max(at - 1, 1))
    return tuple([words.node(line, parts, i) for i in range(1, end)])


def _call(line: Line, parts: list[str], words: Words) -> Device:
    if words.dialect.name == "cdl" and "$pins" in [part.lower() for part in parts]:
        return _named_call(line, parts, words)
    positional, parameters = words.split(line, parts)
    model_at = len(positional)
    if len(positional) > 1 and positional[-2] == "/" and words.dialect.name in {"cdl", "hspice"}:
        del positional[-2]
    if not positional:
        raise line.error("a subcircuit call needs nodes and the name of the subcircuit")
    model = words.name(line, parts, model_at)
    nodes = _nodes(line, parts, words, len(positional))
    return Device(words.name(line, parts, 0), nodes, model, None, parameters, (), _location(line))


def _named_call(line: Line, parts: list[str], words: Words) -> Device:
    """A CDL call `xi1 / inv $PINS a=n1 b=n2`; the reader puts the nodes in order when it knows the subcircuit."""
    at = [part.lower() for part in parts].index("$pins")
    positional, parameters = words.split(line, parts[:at])
    names = [i for i in range(1, len(positional) + 1) if parts[i] != "/"]
    if len(names) != 1:
        raise line.word_error("with $PINS one name is expected before it, that of the subcircuit", at)
    pins = parts[at + 1 :]
    if not pins or len(pins) % 3 or any(pins[i] != "=" for i in range(1, len(pins), 3)):
        raise line.word_error("$PINS needs pairs like a=net1 b=net2", at)
    connections = [
        f"{words.node(line, parts, i)}={words.node(line, parts, i + 2)}" for i in range(at + 1, len(parts), 3)
    ]
    name, model = words.name(line, parts, 0), words.name(line, parts, names[0])
    return Device(name, (), model, " ".join(connections), parameters, (), _location(line))


def _transistor(line: Line, parts: list[str], words: Words, grammar: DeviceType) -> Device:
    positional, parameters = words.split(line, parts)
    if len(positional) < 5:
        raise line.error(f"a {grammar.noun} needs its nodes {', '.join(grammar.pins)} and a model")
    if len(positional) > 5:
        raise line.word_error(f"{parts[6]!r} is not understood on a {grammar.noun}", 6)
    if is_value(parts[5]):
        raise line.word_error(f"a {grammar.noun} needs a model after its nodes {', '.join(grammar.pins)}", 5)
    node, name = words.node, words.name
    nodes = (node(line, parts, 1), node(line, parts, 2), node(line, parts, 3), node(line, parts, 4))
    return Device(name(line, parts, 0), nodes, name(line, parts, 5), None, parameters, (), _location(line))


def _plain(line: Line, parts: list[str], words: Words, grammar: DeviceType) -> Device:
    """Elements with fixed pins, then a model or a value, then parameters."""
    positional, given = words.split(line, parts)
    pins = len(grammar.pins)
    required = pins - grammar.optional + grammar.controls
    if len(positional) < required:
        needed = ", ".join(grammar.pins[: pins - grammar.optional])
        message = f"a {grammar.noun} needs {required} nodes and more, but got {len(positional)} words"
        raise line.error(message, 0, f"its nodes are {needed}")
    if grammar.optional:
        last = next((i for i, word in enumerate(positional) if word.lower() in FLAGS and i > required), len(positional))
        pins -= grammar.optional * (last <= pins or is_value(positional[pins]))
    parameters = dict(given)
    first = 1 + pins + grammar.controls
    model, value = _model_and_value(line, grammar, parts[first : len(positional) + 1], first, parameters, words)
    controls = tuple(words.name(line, parts, i) for i in range(1 + pins, first))
    nodes = _nodes(line, parts, words, 1 + pins)
    kept = given if parameters == given else parameters
    return Device(words.name(line, parts, 0), nodes, model, value, kept, controls, _location(line))


def _model_and_value(
    line: Line, grammar: DeviceType, rest: list[str], first: int, parameters: dict[str, str], words: Words
) -> tuple[str | None, str | None]:
    """Model and value among the words after the nodes."""
    model = value = None
    for index, word in enumerate(rest, first):
        match _role(word, grammar, words, model, value, parameters):
            case "value":
                value = words.expression(line, word, index)
            case "model":
                model = words.name(line, rest, index - first)
            case "flag":
                parameters[word.lower()] = "1"
            case "" if grammar.letter in "rcl" and word[0].isdigit() and not is_value(word):
                hint = "4k7 is 4.7k in LTspice only; elsewhere write 4.7k"
                raise line.word_error(f"{word!r} is neither a number nor the name of a model", index, hint)
            case "":
                raise line.word_error(f"{word!r} is not understood on a {grammar.noun}", index)
            case key:
                parameters[key] = words.expression(line, word, index)
    named = grammar.letter if grammar.letter in "rcl" else "gain"
    if value is None and named in parameters:
        value = parameters.pop(named)
    if grammar.model == "required" and model is None:
        raise line.error(f"a {grammar.noun} needs a model after its nodes {', '.join(grammar.pins)}")
    # auCdl may leave values out, or give them to parameters of its own, such as res=
    needed = grammar.value == "expression" and words.dialect.name != "cdl"
    if needed and value is None and model is None:
        raise line.error(f"a {grammar.noun} needs a value", len(line.text) - 1)
    return model, value


def _role(
    word: str, grammar: DeviceType, words: Words, model: str | None, value: str | None, parameters: Mapping[str, str]
) -> str:
    """What a word after the nodes is: `value`, `model`, `flag`, the name of a parameter, or nothing."""
    number = words.is_value(word)
    if grammar.value == "expression":
        if value is None and (number or grammar.model == "none"):
            return "value"
        if number and value is not None and words.dialect.name == "hspice":
            return next((key for key in ("tc1", "tc2") if key not in parameters), "")
    if model and grammar.letter in FLAGGED:
        if word.lower() in FLAGS:
            return "flag"
        if number and grammar.letter in "dqj" and "area" not in parameters:
            return "area"
    named = model is None and grammar.model != "none" and not is_value(word) and word.lower() != "poly"
    return "model" if named and not (grammar.letter in "rcl" and word[0].isdigit()) else ""


def _source(line: Line, parts: list[str], words: Words) -> Device:
    if len(parts) < 3:
        raise line.error(f"a {DEVICE_TYPES[parts[0][0].lower()].noun} needs two nodes")
    nodes = _nodes(line, parts, words, 3)
    rest = _rest(line, 3) if len(parts) > 3 else ""
    offset = line.offset(3) if len(parts) > 3 else 0
    try:
        source = parse_source(rest, lambda word: words.expression(line, word, 3))
    except InputError as error:
        if isinstance(error, NetlistError):
            raise
        raise line.error(str(error), offset, "write it like dc 1.8 ac 1 sin(0 1 1k)") from None
    if words.dialect.name == "ltspice" and source.waveform == "pwl" and re.search(r"[(,\s]\+", rest):
        raise line.error("times relative to the one before (+1n) are not understood in a pwl source", offset)
    parameters = {key: text for key, text in source.others if key in _OF_DEVICE}
    source = replace(source, others=tuple(pair for pair in source.others if pair[0] not in _OF_DEVICE))
    value = source.text(quoted) or None
    return Device(words.name(line, parts, 0), nodes, None, value, parameters, (), _location(line))


def _behavioural(line: Line, parts: list[str], words: Words) -> Device:
    if len(parts) < 4:
        raise line.error("a behavioural source needs two nodes and v= or i=")
    nodes = _nodes(line, parts, words, 3)
    value, parameters = _function(line, words, 3)
    return Device(words.name(line, parts, 0), nodes, None, value, parameters, (), _location(line))


def _function(line: Line, words: Words, first: int) -> tuple[str, Mapping[str, str]]:
    """The text `v=...` or `i=...` from a word on, and the parameters after it."""
    rest = _rest(line, first)
    kind, equals, body = rest.partition("=")
    kind = kind.strip().lower()
    quantity = {"v": "v", "vol": "v", "i": "i", "cur": "i"}.get(kind)
    if kind == "value":
        quantity = "i" if line.text[0] in "gG" else "v"
    if quantity is None or not equals:
        raise line.word_error(f"v= or i= was expected, but got {rest[:30]!r}", first, "write it like v={2*v(a,b)}")
    body, tail = body.strip(), ""
    if match := _ASSIGNMENT.search(_blanked(body)):
        body, tail = body[: match.start()].strip(), body[match.start() :]
    if len(body) > 1 and (body[0], body[-1]) in _QUOTES and not {*"{}'\""} & {*body[1:-1]}:
        body = body[1:-1]
    if not body:
        raise line.word_error("the expression of a behavioural source is missing", first)
    text = words.behaviour(line, body.replace("{", "(").replace("}", ")").replace("'", ""), first)
    _, parameters = words.split(line, ["x", *_retokenised(line, tail)]) if tail else ([], {})
    return f"{quantity}={text}", parameters


def _blanked(text: str) -> str:
    """The text with what stands in braces, quotes and parentheses blanked."""
    depth, out = 0, []
    for char in text:
        depth += (char in "({") - (char in ")}")
        out.append(char if depth == 0 else "_")
    return re.sub(r"'[^']*'", lambda match: "_" * len(match[0]), "".join(out))


def _retokenised(line: Line, text: str) -> list[str]:
    return type(line)(line.file, text.strip(), line.pieces).words()


def _coupling(line: Line, parts: list[str], words: Words) -> Device:
    positional, parameters = words.split(line, parts)
    if parameters.keys() - {"k"} or len(positional) + len(parameters) < 3:
        raise line.error("a coupling needs two inductors or more and a factor", 0, "write it like k1 l1 l2 0.99")
    last = len(positional) + (1 if parameters else 0)
    value = parameters["k"] if parameters else words.expression(line, parts[len(positional)], len(positional))
    controls = tuple(words.name(line, parts, i) for i in range(1, last))
    return Device(words.name(line, parts, 0), (), None, value, {}, controls, _location(line))


def _xspice(line: Line, parts: list[str], words: Words) -> Device:
    """A code model: nodes alone, in vectors `[a b]`, with port types `%vd(a b)`, inverted `~a`, or `null`."""
    positional, parameters = words.split(line, parts)
    if len(positional) < 2:
        raise line.error("an XSPICE device needs connections and a model")
    model = words.name(line, parts, len(positional))
    tokens = _XSPICE.findall(" ".join(positional[:-1]))
    nodes: list[str] = []
    form = []
    for token in tokens:
        if token[0] in "%[]()~" or token.lower() == "null":
            form.append(token.lower())
        else:
            nodes.append(words.node(line, [token], 0))
            form.append("*")
    return Device(words.name(line, parts, 0), tuple(nodes), model, " ".join(form), parameters, (), _location(line))


def _controlled(line: Line, parts: list[str], words: Words, grammar: DeviceType) -> Device:
    """E, F, G and H: linear, `poly`, a function of voltages, or another form that is kept as text."""
    letter = grammar.letter
    if len(parts) < 4:
        raise line.error(f"a {grammar.noun} needs two nodes and what controls it")
    word = re.split(r"[({]", parts[3].lower(), maxsplit=1)[0]
    if word == _CONTROLLED[letter]:
        keyword = line.offset(3)
        blank = line.text[:keyword] + " " * len(word) + line.text[keyword + len(word) :]
        return _controlled(type(line)(line.file, blank, line.pieces), parts[:3] + parts[4:], words, grammar)
    if word in _REFUSED_FORMS:
        raise line.word_error(f"the form {word} of a {grammar.noun} is not understood", 3)
    if letter in "eg" and word in {"vol", "cur", "value"} and parts[4:5] == ["="]:
        nodes = _nodes(line, parts, words, 3)
        value, parameters = _function(line, words, 3)
        return Device(words.name(line, parts, 0), nodes, None, value, parameters, (), _location(line), "b")
    if word == "poly":
        return _polynomial(line, parts, words, grammar)
    if word in _FORMS or (word in {"vol", "cur", "value"} and letter in "fh"):
        nodes = _nodes(line, parts, words, 3)
        value = words.behaviour(line, _rest(line, 3).replace("{", "{ ").replace("}", " }"), 3)
        value = value.replace("{ ", "{").replace(" }", "}")
        return Device(words.name(line, parts, 0), nodes, None, value, {}, (), _location(line))
    return _plain(line, parts, words, grammar)


def _polynomial(line: Line, parts: list[str], words: Words, grammar: DeviceType) -> Device:
    """`poly(n)`, then n pairs of nodes (E, G) or n sources (F, H), then coefficients."""
    split = _TERM.findall(line.text[line.offset(3) :])
    try:
        order = int(split[1])
    except (IndexError, ValueError):
        raise line.word_error("poly needs its dimension", 3, "write it like poly(2) a 0 b 0 0 1 1") from None
    by_voltage = grammar.letter in "eg"
    end = 2 + order * (2 if by_voltage else 1)
    if order < 1 or len(split) <= end:
        raise line.word_error(f"poly({order}) needs {end - 2} names and then coefficients", 3)
    read = words.node if by_voltage else words.name
    names = tuple(read(line, split, i) for i in range(2, end))
    coefficients = [quoted(words.expression(line, text, 3)) for text in split[end:]]
    nodes = _nodes(line, parts, words, 3)
    value = f"poly({order}) {' '.join(coefficients)}"
    name = words.name(line, parts, 0)
    if by_voltage:
        return Device(name, nodes + names, None, value, {}, (), _location(line))
    return Device(name, nodes, None, value, {}, names, _location(line))


def _rest(line: Line, first: int) -> str:
    return " ".join(line.text[line.offset(first) :].split())
