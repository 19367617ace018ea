"""What all writers share: names that the target can spell, expressions in its grammar, and reasons to refuse."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist.common import FUNCTIONS_OF, INSTANCE, SETTINGS, SOLVER_HINTS, SPECTRE_MASTERS
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.expressions import number
from eda.netlist.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.netlist.circuit import Circuit, Device, Subcircuit, Variable
    from eda.netlist.dialects import Dialect

__all__ = ["Text", "is_number", "renamed_nodes", "terms"]

WIDTH: Final = 110
# instance parameters that have another meaning, or none, in other simulators
_WITH_UNIT: Final = re.compile(r"([\d.]+(?:e[+-]?\d+)?)[ax][a-z]*", re.IGNORECASE)  # atto and mega
_OWN_MEANING: Final = frozenset({"temp", "dtemp", "trise", "geo", "isnoisy"})
_CALLS_IT_TEMP: Final = frozenset({"ltspice", "spectre"})


class Text:
    """The text of one circuit in one dialect, under construction.

    Args:
        circuit: the circuit.
        dialect: the target.
        with_statements: whether analyses and options are written.

    Attributes:
        reasons: what the target cannot express.
    """

    def __init__(self, circuit: Circuit, dialect: Dialect, *, with_statements: bool) -> None:
        self.circuit, self.dialect, self.with_statements = circuit, dialect, with_statements
        self.reasons: list[str] = []
        self._spellings: dict[str, str] = {}
        self._known = {block.name for block in circuit.walk()}
        self._functions = {neutral: own for own, neutral in dialect.functions.items()}
        self._nodes = renamed_nodes(circuit, dialect)

    @property
    def same(self) -> bool:
        """Whether the target is the dialect that the circuit was written in."""
        return self.dialect.name == self.circuit.dialect

    def refuse(self, what: str | Device, why: str) -> None:
        """Note something that cannot be expressed."""
        if isinstance(what, str):
            self.reasons.append(f"{what}: {why}")
        else:
            place = f" ({what.location})" if what.location else ""
            self.reasons.append(f"{what.name}: {why}{place}")

    def shared_parameters(self, device: Device) -> dict[str, str]:
        """The parameters of a device that the target has; others are refused, hints for a solver left out."""
        if self.same:
            return dict(device.parameters)
        allowed = INSTANCE.get(device.letter)
        kept = {}
        for key, text in device.parameters.items():
            if key in SOLVER_HINTS:
                continue
            if (allowed is not None and key not in allowed and key[0] != "$") or key in _OWN_MEANING:
                self.refuse(device, f"its parameter {key}={text} has no known counterpart")
            elif text in SETTINGS:
                self.refuse(device, f"its setting {key}={text} has no known counterpart")
            else:
                kept[key] = text
        return kept

    def require_nodes(self, device: Device) -> None:
        """Refuse a device that lacks nodes, as some data sets have them."""
        grammar = DEVICE_TYPES[device.letter]
        if len(device.nodes) < len(grammar.pins) - grammar.optional and not _is_form(device):
            self.refuse(device, f"it has {len(device.nodes)} of the nodes {', '.join(grammar.pins)}")

    def require_master(self, device: Device) -> None:
        """Refuse calls of primitives that only Spectre has."""
        if (
            not self.same
            and device.letter == "x"
            and device.model in SPECTRE_MASTERS
            and device.model not in self._known
        ):
            self.refuse(device, f"the primitive {device.model} of Spectre has no counterpart")

    # names

    def spelled(self, name: str) -> str:
        """A name as the source spells it, in characters that the target reads."""
        known = self._spellings.get(name)
        if known is None:
            known = self._spellings[name] = self.legal(self.circuit.spelling.get(name, name))
        return known

    def legal(self, name: str) -> str:
        """The name as the target writes it."""
        if any(char in "(){}'\",=;` \t" for char in name) or self.dialect.comment.search(f" {name} "):
            self.refuse(f"the name {name!r}", "it has characters that mean something else there")
        return name

    def node(self, name: str) -> str:
        """A node."""
        return self.spelled(self._nodes.get(name, name))

    def device_names(self, block: Circuit | Subcircuit) -> dict[str, str]:
        """Names of the devices of a block in the target, each beginning as the target asks."""
        taken = {device.name for device in block.devices}
        names = {}
        for device in block.devices:
            name = device.name
            if (prefix := self.prefix(device)) and not name.startswith(prefix):
                name = prefix + name
                while name in taken:
                    name += "_"
                taken.add(name)
                names[device.name] = name
            else:
                names[device.name] = self.spelled(name)
        return names

    def prefix(self, device: Device) -> str:
        """What the name of a device must begin with; empty when anything goes."""
        return device.letter

    # expressions

    def number(self, text: str) -> str:
        """A number in the target; a unit that is a scale factor there is left out."""
        match = _WITH_UNIT.fullmatch(text) if self.dialect.name in {"hspice", "cdl"} else None
        return match[1] if match else text

    def expression(self, text: str, what: str) -> str:
        """An expression in the target's grammar, without quotes."""
        if is_number(text):
            return self.number(text)
        if not self.same and "?" in text and self.dialect.name == "ltspice":
            self.refuse(what, f"`?:` in {text!r} has no counterpart")
        written = rewrite(
            text,
            number=self.number,
            function=lambda name: self._function(name, what),
            name=lambda name: self._variable(name, what),
        )
        if self.dialect.name == "ltspice":
            return written.replace("&&", "&").replace("||", "|")
        return written

    def _function(self, name: str, what: str) -> str:
        if not self.same:
            source, target = FUNCTIONS_OF[self.circuit.dialect], FUNCTIONS_OF[self.dialect.name]
            if name not in source or name not in target:
                self.refuse(what, f"the function {name!r} has no known counterpart")
            if name == "ln":
                return "log"
        return self._functions.get(name, name)

    def _variable(self, name: str, what: str) -> str:
        """A parameter, or what a simulator defines: the temperature has two names, the others mean little elsewhere."""
        if name == "temper" and self.dialect.name in _CALLS_IT_TEMP:
            return "temp"
        if name in {"time", "hertz"} and not self.same:
            self.refuse(what, f"the variable {name!r} has no known counterpart")
        return name

    def quote(self, text: str, what: str) -> str:
        """An expression as a value: bare when it is a number, else as the target quotes it."""
        written = self.expression(text, what)
        if is_number(text):
            return written
        begin, end = self.dialect.quotes
        return f"{begin}{written}{end}"

    def value(self, text: str, what: str, key: str = "") -> str:
        """The value of a parameter: an expression, a list, a text in quotes or a vector."""
        if text[:1] in {'"', "["}:
            if self.dialect.name != self.circuit.dialect:
                self.refuse(what, f"the value {text} has no counterpart")
            return text
        if key == "version":
            return text
        return ",".join(self.quote(term, what) for term in terms(key, text))

    @staticmethod
    def comments(block: Subcircuit) -> Iterator[str]:
        """Comment lines that carry bounds of variables."""
        return (_variable_line(variable) for variable in block.variables)


def _is_form(device: Device) -> bool:
    """Whether a controlled source is a function or polynomial, which has two nodes of its own."""
    return device.letter in "egfhb"


def renamed_nodes(circuit: Circuit, dialect: Dialect) -> dict[str, str]:
    """New names of nets that a dialect would take for ground."""
    blocks: list[Circuit | Subcircuit] = [circuit, *circuit.walk()]
    used = {node for block in blocks for device in block.devices for node in device.nodes}
    used |= {port for block in circuit.walk() for port in block.ports} | set(circuit.globals)
    renamed = {}
    for node in sorted(used & dialect.ground - {"0"}):
        name = f"{node.rstrip('!')}_net"
        while name in used:
            name += "_"
        used.add(name)
        renamed[node] = name
    return renamed


def terms(key: str, text: str) -> list[str]:
    """The expressions in the value of a parameter; `ic` may have several."""
    return text.split(",") if key == "ic" and "(" not in text else [text]


@lru_cache(maxsize=2**16)
def is_number(text: str) -> bool:
    """Whether a text is a plain number."""
    try:
        number(text)
    except InputError:
        return False
    return True


def _variable_line(variable: Variable) -> str:
    step = "" if variable.step is None else f" step {variable.step!r}"
    return f"*@ {variable.name} = {variable.low!r}..{variable.high!r} {variable.scale}{step}"
