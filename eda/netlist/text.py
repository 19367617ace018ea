"""What all writers share: names that the target can spell, expressions in its grammar, and reasons to refuse."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eda.errors import InputError
from eda.netlist.expressions import FUNCTIONS, number
from eda.netlist.rewrite import rewrite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eda.netlist.circuit import Circuit, Device, Subcircuit, Variable
    from eda.netlist.dialects import Dialect

__all__ = ["Text", "is_number", "renamed_nodes", "terms"]

WIDTH: Final = 110


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
        self._functions = {neutral: own for own, neutral in dialect.functions.items()}
        self._nodes = renamed_nodes(circuit, dialect)

    def refuse(self, what: str, why: str) -> None:
        """Note something that cannot be expressed."""
        self.reasons.append(f"{what}: {why}")

    # names

    def spelled(self, name: str) -> str:
        """A name as the source spells it, in characters that the target reads."""
        known = self._spellings.get(name)
        if known is None:
            known = self._spellings[name] = self.legal(self.circuit.spelling.get(name, name))
        return known

    def legal(self, name: str) -> str:
        """The name as the target writes it."""
        if any(char in "(){}[]'\",=; \t" for char in name):
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
        """A number in the target."""
        return text

    def expression(self, text: str, what: str) -> str:
        """An expression in the target's grammar, without quotes."""
        if is_number(text):
            return self.number(text)
        if "?" in text and self.dialect.name == "ltspice":
            self.refuse(what, f"`?:` in {text!r} has no counterpart")
        return rewrite(text, number=self.number, function=lambda name: self._function(name, what))

    def _function(self, name: str, what: str) -> str:
        if name in self._functions:
            return self._functions[name]
        if (name == "ternary_fcn" and self.dialect.name != "ngspice") or name not in FUNCTIONS:
            self.refuse(what, f"the function {name!r} has no counterpart")
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
