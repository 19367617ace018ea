"""Flattening: every call of a known subcircuit replaced by its devices, every value evaluated in its scope."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, NetlistError
from eda.netlist.circuit import Circuit, Model, Subcircuit
from eda.netlist.expressions import evaluate, names, number
from eda.netlist.rewrite import references, rewrite
from eda.netlist.sources import parse_source
from eda.netlist.text import terms

if TYPE_CHECKING:
    from eda.netlist.circuit import Device

__all__ = ["flatten"]

_MOST: Final = 20_000_000  # devices; beyond it something multiplies without end
_DEEPEST: Final = 100
_LONGEST: Final = 4_000  # characters of an expression that has no value
_MULTIPLIED: Final = frozenset("rclgidqjmsz")  # elements whose current is that of m copies
_WHOLE: Final = frozenset("towuya")  # elements without m, of which copies in parallel are another element
_BARE_NODES: Final = re.compile(r"(laplace|pole|freq|foster|delay|n?and|n?or)\b(\(\d+\))?\s+(?![vi]\()[a-z_]")
_SIMULATOR: Final = frozenset({"temper", "time", "hertz"})

_Rename = Callable[[str], str]
_Scope = dict[str, str]
"""Values of parameters: numbers as text, or expressions in names that nothing defines."""


def flatten(circuit: Circuit, *, most: int = _MOST) -> Circuit:
    """A circuit without hierarchy; names are formed as ngspice does: `m.x1.x2.m3`, nodes `x1.x2.net`, models `x1:nch`.

    A netlist with elements outside any block becomes a flat deck. Otherwise its top block becomes one flat block,
    with the same ports, and parameters at their defaults. Calls of subcircuits that the netlist does not define stay.

    Parameters are looked up where ngspice does: in the block, then in the blocks that call it, then globally. A call
    of an ngspice netlist is evaluated as ngspice 39 does, one parameter after the other within the called block, so
    that `w={w*2} l={w}` uses the new `w` for `l`; in other dialects all of them in the calling block, and in HSPICE a
    parameter of the netlist comes before all others of its name (unless an option says `parhier=local`). A multiplier
    `m` of a call multiplies that of every device inside it whose current is that of m copies. (ngspice 39 keeps only
    the outermost of nested multipliers, and multiplies F as well, which senses the current of all copies already.)
    Values are numbers, unless they name a parameter that nothing defines: then they stay expressions.

    Args:
        circuit: the circuit.
        most: devices that the result may have.

    Raises:
        NetlistError: a block calls itself, a call does not fit its block, a parameter is defined by itself, or the
            result would be larger than `most`.
        InputError: there is neither an element outside the blocks nor one top block.
    """
    return _Flattener(circuit, most).circuit()


class _Flattener:
    def __init__(self, circuit: Circuit, most: int) -> None:
        self.source, self.most = circuit, most
        self.sequential = circuit.dialect == "ngspice"
        self.globals = frozenset({"0", *circuit.globals})
        self.overriding = circuit.overriding
        self.devices: list[Device] = []
        self.models: list[Model] = []
        self._orders: dict[tuple[tuple[str, str], ...], tuple[str, ...]] = {}

    def circuit(self) -> Circuit:
        """The flat circuit."""
        source = self.source
        known = {block.name: block for block in source.subcircuits}
        scope = self._scope({}, {}, source.parameters, {})
        top = None
        if not source.devices:
            top = source.top
            scope = self._scope(scope, top.parameters, top.locals, {})
            known |= {block.name: block for block in top.subcircuits}
        counts: dict[int, int] = {}
        total = sum(_size(device, known, counts, 0) for device in (top or source).devices)
        if total > self.most:
            raise NetlistError(f"the flat circuit may have {self.most:,} devices, but this one has {total:,}")
        self.models = [_evaluated_model(model, scope, model.name) for model in source.models]
        if top is None:
            self._expand(source.devices, "", {}, scope, known, {}, 1.0)
            return replace(
                source,
                devices=tuple(self.devices),
                models=tuple(self.models),
                subcircuits=(),
                parameters={},
            )
        local = {model.name: model.name for model in top.models}
        self.models += [_evaluated_model(model, scope, model.name) for model in top.models]
        self._expand(top.devices, "", {}, scope, known, local, 1.0)
        block = replace(top, devices=tuple(self.devices), subcircuits=(), models=(), locals={})
        block = replace(block, parameters={name: scope[name] for name in top.parameters})
        return replace(source, subcircuits=(block,), models=tuple(self.models), parameters={}, devices=())

    def _expand(
        self,
        devices: tuple[Device, ...],
        path: str,
        nodes: Mapping[str, str],
        scope: _Scope,
        known: Mapping[str, Subcircuit],
        models: Mapping[str, str],
        multiplier: float | str,
    ) -> None:
        """Add the devices of one block; `nodes` maps its ports, `path` leads to it."""
        for device in devices:
            block = known.get(device.model or "") if device.letter == "x" else None
            if block is None:
                self.devices.append(self._placed(device, path, nodes, scope, models, multiplier))
            else:
                self._enter(device, block, path, nodes, scope, known, models, multiplier)

    def _enter(
        self,
        call: Device,
        block: Subcircuit,
        path: str,
        nodes: Mapping[str, str],
        scope: _Scope,
        known: Mapping[str, Subcircuit],
        models: Mapping[str, str],
        multiplier: float | str,
    ) -> None:
        if len(call.nodes) != len(block.ports):
            message = f"{call.name} gives {len(call.nodes)} nodes, but {block.name!r} has {len(block.ports)} ports"
            raise _at(call, message)
        given = dict(call.parameters)
        if "m" in given and "m" not in block.parameters:
            multiplier = _times(multiplier, _value(given.pop("m"), scope))
        inner_path = f"{path}{call.name}."
        joined = {port: self._node(node, path, nodes) for port, node in zip(block.ports, call.nodes, strict=True)}
        inner_scope = self._scope(scope, block.parameters, block.locals, given, call)
        inner_known = {**known, **{child.name: child for child in block.subcircuits}} if block.subcircuits else known
        inner_models = models
        if block.models:
            inner_models = {**models, **{model.name: f"{inner_path[:-1]}:{model.name}" for model in block.models}}
            self.models += [_evaluated_model(m, inner_scope, inner_models[m.name]) for m in block.models]
        self._expand(block.devices, inner_path, joined, inner_scope, inner_known, inner_models, multiplier)

    def _scope(
        self,
        outer: _Scope,
        formals: Mapping[str, str],
        own: Mapping[str, str],
        given: Mapping[str, str],
        call: Device | None = None,
    ) -> _Scope:
        """The values that a block sees: those of its callers, and its own.

        In ngspice a call may set any parameter of the block, and every expression is evaluated in the block: numbers
        first, then the expressions in the order of the definitions (measured on ngspice 39.3). Elsewhere the
        expressions of the call belong to the calling block.
        """
        definitions = {**formals, **own}
        if not definitions:
            return outer
        scope = dict(outer)
        order = self._ordered(definitions, outer, own, call)
        if not self.sequential:
            if self.overriding and (formals or call):  # not of the netlist itself
                given = {**given, **{name: outer[name] for name in self.overriding & definitions.keys()}}
            early = {name: _value(text, outer) for name, text in given.items()}
            for name in order:
                scope[name] = early[name] if name in early else _value(definitions[name], scope)
            return scope
        texts = {name: given.get(name, definitions[name]) for name in order}
        numbers = [name for name in order if _numeric(texts[name]) is not None]
        for name in (*numbers, *(name for name in order if name not in numbers)):
            scope[name] = _value(texts[name], scope)
        return scope

    def _ordered(
        self, definitions: Mapping[str, str], outer: _Scope, own: Mapping[str, str], call: Device | None
    ) -> tuple[str, ...]:
        """The names of definitions so that each stands behind those that it names, level by level.

        A formal parameter that names itself means the one outside; one of the block's `own` must not.
        """
        key = tuple(definitions.items())
        known = self._orders.get(key)
        if known is not None:
            return known
        uses = {name: names_of(text) & definitions.keys() for name, text in definitions.items()}
        for name, used in uses.items():
            if name in used and (name not in outer or name in own):
                raise _at(call, f"the parameter {name!r} is defined by itself: {definitions[name]!r}")
        levels: dict[str, int] = {}
        left = list(definitions)
        while left:
            ready = [name for name in left if all(used in levels for used in uses[name] - {name})]
            if not ready:
                raise _at(call, f"these parameters are defined by each other: {', '.join(sorted(left))}")
            levels |= dict.fromkeys(ready, max(levels.values(), default=-1) + 1)
            left = [name for name in left if name not in levels]
        order = self._orders[key] = tuple(sorted(definitions, key=lambda name: levels[name]))
        return order

    # one device

    def _node(self, node: str, path: str, nodes: Mapping[str, str]) -> str:
        if node in self.globals or not path:
            return node
        return nodes.get(node) or f"{path}{node}"

    def _placed(
        self,
        device: Device,
        path: str,
        nodes: Mapping[str, str],
        scope: _Scope,
        models: Mapping[str, str],
        multiplier: float | str,
    ) -> Device:
        """A device as it stands in the flat circuit."""

        def place(node: str) -> str:
            return self._node(node, path, nodes)

        def rename(name: str) -> str:
            return f"{name[0]}.{path}{name}" if path else name

        parameters = {key: _parameter(key, text, scope) for key, text in device.parameters.items()}
        if "$sub" in parameters:
            parameters["$sub"] = place(device.parameters["$sub"])
        if path and device.letter in "efgh" and _BARE_NODES.match(device.value or ""):
            raise _at(device, f"{device.name} names nodes without v(): they cannot be told from numbers inside a block")
        copies = device.letter in _MULTIPLIED or (device.letter == "b" and (device.value or "").startswith("i"))
        if multiplier != 1.0 and device.letter in "hb" and _senses(device):
            message = f"{device.name} senses a current, and is called with m: the current of one copy is not to be had"
            raise _at(device, message)
        if multiplier != 1.0 and device.letter in _WHOLE:
            raise _at(device, f"{device.name} is called with m, and {device.letter.upper()} elements have none")
        if multiplier != 1.0 and (copies or device.letter == "x"):
            own = parameters.get("m", "1")
            parameters["m"] = _text(_times(multiplier, own))
        return replace(
            device,
            name=rename(device.name),
            nodes=tuple([place(node) for node in device.nodes]),
            model=models.get(device.model, device.model) if device.model else None,
            value=None if device.value is None else _device_value(device, scope, place, rename),
            parameters=parameters,
            controls=tuple([rename(name) for name in device.controls]),
            kind=device.kind,
        )


def _senses(device: Device) -> bool:
    return device.letter == "h" or bool(references(device.value or "")[1])


def _device_value(device: Device, scope: _Scope, place: _Rename, rename: _Rename) -> str:
    value = device.value or ""
    if device.letter in "vi":
        return parse_source(value, lambda word: _value(word.strip("{}"), scope)).text(_braced)
    if device.letter == "a":
        return value
    if device.letter == "b":
        return value[:2] + _behaviour(value[2:], scope, place, rename)
    if device.letter in "efgh" and (value.startswith("poly") or (len(device.nodes) == 2 and not device.controls)):
        return _form(value, scope, place, rename)
    return _value(value, scope)


def _behaviour(text: str, scope: _Scope, place: _Rename, rename: _Rename) -> str:
    """An expression of voltages: names of nodes and sources placed, parameters replaced by their values."""
    return rewrite(text, name=lambda name: _operand(name, scope), node=place, source=rename)


def _form(text: str, scope: _Scope, place: _Rename, rename: _Rename) -> str:
    """A polynomial or another form: expressions in braces evaluated, names in `v()` and `i()` placed."""

    def change(match: re.Match[str]) -> str:
        inner = match[0][1:-1]
        if not any(references(inner)):
            return _braced(_value(inner, scope))
        return "{" + _behaviour(inner, scope, place, rename) + "}"

    parts = re.split(r"(\{[^{}]*\})", text)
    return "".join(
        re.sub(r".*", change, part, count=1) if part.startswith("{") else rewrite(part, node=place, source=rename)
        for part in parts
    )


def _operand(name: str, scope: _Scope) -> str:
    value = scope.get(name)
    return name if value is None else f"({value})"


def _braced(text: str) -> str:
    return text if _numeric(text) is not None else f"{{{text}}}"


def _parameter(key: str, text: str, scope: _Scope) -> str:
    if text[:1] == '"' or key == "version" or key.startswith("$"):
        return text
    if text[:1] == "[":
        return f"[{' '.join(_value(term, scope) for term in text[1:-1].split())}]"
    return ",".join(_value(term, scope) for term in terms(key, text))


def _value(text: str, scope: _Scope) -> str:
    """The value of an expression as text: a number if every name in it has one."""
    plain = _numeric(text)
    if plain is not None:
        return _text(plain)
    used = names(text)
    known = {name: _numeric(scope[name]) for name in used if name in scope}
    if len(known) == len(used) and all(value is not None for value in known.values()):
        return _text(evaluate(text, {name: value for name, value in known.items() if value is not None}))
    grown = rewrite(text, name=lambda name: _operand(name, scope)) if known else text
    if len(grown) > _LONGEST:
        raise InputError(f"the expression {text[:60]!r} grows beyond {_LONGEST} characters when names are put in")
    return grown


def _text(value: float | str) -> str:
    return value if isinstance(value, str) else repr(value).removesuffix(".0")


def _times(first: float | str, second: float | str) -> float | str:
    left = first if isinstance(first, float) else _numeric(first)
    right = second if isinstance(second, float) else _numeric(second)
    if left is None or right is None:
        return f"({_text(first)})*({_text(second)})"
    return left * right


def _numeric(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return number(text)
    except InputError:
        return None


def names_of(text: str) -> frozenset[str]:
    """The parameters that the value of a parameter names; none for texts, lists and vectors."""
    if text[:1] in {'"', "["}:
        return frozenset()
    found: frozenset[str] = frozenset()
    for term in terms("ic", text):
        try:
            found |= names(term)
        except InputError:
            return frozenset()
    return found - _SIMULATOR


def _evaluated_model(model: Model, scope: _Scope, name: str) -> Model:
    parameters = {key: _parameter(key, text, scope) for key, text in model.parameters.items()}
    return Model(name, model.type, parameters, model.location)


def _size(device: Device, known: Mapping[str, Subcircuit], counts: dict[int, int], depth: int) -> int:
    """How many devices one device becomes; counts each block once, so that bombs are seen without exploding."""
    block = known.get(device.model or "") if device.letter == "x" else None
    if block is None:
        return 1
    if depth > _DEEPEST:
        raise _at(device, f"blocks call each other deeper than {_DEEPEST}")
    if id(block) in counts:
        if counts[id(block)] < 0:
            raise _at(device, f"the subcircuit {block.name!r} calls itself")
        return counts[id(block)]
    counts[id(block)] = -1
    inner = {**known, **{child.name: child for child in block.subcircuits}} if block.subcircuits else known
    # an empty block counts as well, so that blocks that multiply are seen even if nothing is in them
    counts[id(block)] = max(1, sum(_size(child, inner, counts, depth + 1) for child in block.devices))
    return counts[id(block)]


def _at(device: Device | None, message: str) -> NetlistError:
    place = device.location if device else None
    if place is None:
        return NetlistError(message)
    return NetlistError(message, file=place.file, line=place.line, column=place.column)
