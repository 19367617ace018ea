"""Circuits: immutable, hierarchical, functions of their subcircuit parameters.

Names of nodes, devices, models and parameters are lower case, as SPICE folds them; the spelling of the source is
kept beside them for writing and never compared. Values stay expressions (text); `eda.netlist.evaluate` gives numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from eda.errors import InputError, did_you_mean
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.expressions import evaluate_all, names, number
from eda.netlist.writer import write_netlist

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["Circuit", "Device", "Include", "Location", "Model", "Subcircuit", "Variable"]

_SCALE: Final = re.compile(r"^(?:\.opt\w*|\S+\s+options)\b.*?\bscale\s*=\s*['{]?([^\s'}]+)", re.IGNORECASE | re.DOTALL)

_LOCAL: Final = re.compile(r"^\.opt.*\bparhier\s*=\s*'?local", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Location:
    """Where a statement stands: file, line and column from 1."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Variable:
    """A design variable: the bounds of one subcircuit parameter, from a line `*@ w1 = 1u..100u log step 5n`.

    Attributes:
        name: the parameter.
        low: lower bound, SI.
        high: upper bound, SI.
        scale: `"log"` or `"linear"`.
        step: grid spacing from 0, SI; `None` for a continuous variable.
    """

    name: str
    low: float
    high: float
    scale: str = "linear"
    step: float | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(
                f"`low < high` must hold for the variable {self.name!r}, but got {self.low:g}..{self.high:g}"
            )
        if self.scale not in {"linear", "log"}:
            raise InputError(f"the scale of {self.name!r} must be 'linear' or 'log', but got {self.scale!r}")
        if self.scale == "log" and self.low <= 0:
            raise InputError(f"a log scale needs bounds above 0, but {self.name!r} starts at {self.low:g}")
        if self.step is not None and not 0 < self.step <= self.high - self.low:
            raise InputError(f"the step of {self.name!r} must be in (0, high - low], but got {self.step:g}")


@dataclass(frozen=True, slots=True)
class Device:
    """One element line.

    Attributes:
        name: instance name, unique in its scope.
        nodes: nodes in the pin order of the device table; all nodes of an XSPICE device.
        model: model or subcircuit name, if it has one.
        value: expression (R, C, L, K, controlled sources), text of the source (V, I), `v=` or `i=` and an
            expression (B), or the form of the connections of an XSPICE device, `*` for each node.
        parameters: instance parameters as expressions.
        controls: controlling sources of F, H and W, coupled inductors of K.
        kind: element letter, when the name does not begin with it (Spectre, or a behavioural `e` source).
        location: where it was read.
    """

    name: str
    nodes: tuple[str, ...]
    model: str | None = None
    value: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    controls: tuple[str, ...] = ()
    location: Location | None = field(default=None, compare=False)
    kind: str = ""

    @property
    def letter(self) -> str:
        """The element letter, lower case."""
        return self.kind or self.name[0]

    @property
    def pins(self) -> tuple[str, ...]:
        """Terminal roles, one per node; of a subcircuit call the positions as text."""
        pins = DEVICE_TYPES[self.letter].pins[: len(self.nodes)]
        return pins + tuple(map(str, range(len(pins), len(self.nodes))))

    def joined_to(self, nets: Mapping[str, str]) -> Device:
        """The same device on other nodes.

        Args:
            nets: the new ones by the old ones; those that are not there stay.
        """
        return replace(self, nodes=tuple(nets.get(node, node) for node in self.nodes))


@dataclass(frozen=True, slots=True)
class Model:
    """A `.model` card: name, type (`nmos`, `npn`, `d`, ...) and parameters as expressions."""

    name: str
    type: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    location: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Subcircuit:
    """A `.subckt` block.

    Attributes:
        name: its name.
        ports: its nodes, in order.
        parameters: formal parameters with their defaults.
        locals: `.param` statements inside the block.
        devices: element lines in order.
        models: model cards inside the block.
        subcircuits: blocks nested in it.
        variables: bounds on comment lines `*@`.
        directions: direction of ports (`i`, `o`, `b`), from `*.PININFO`.
        location: where it was read.
    """

    name: str
    ports: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    locals: Mapping[str, str] = field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    models: tuple[Model, ...] = ()
    subcircuits: tuple[Subcircuit, ...] = ()
    variables: tuple[Variable, ...] = ()
    location: Location | None = field(default=None, compare=False)
    directions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Include:
    """A file that the netlist names and that was not read (`includes="keep"`).

    Attributes:
        path: as written.
        section: of a library, `None` for a plain include.
        location: where it was named.
    """

    path: str
    section: str | None = None
    location: Location | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Circuit:
    """A netlist: what one file, with its includes, describes.

    Attributes:
        title: first line of the file.
        subcircuits: its `.subckt` blocks.
        devices: elements outside any block.
        models: model cards outside any block.
        parameters: global `.param` statements.
        globals: nodes of `.global`.
        statements: other cards (`.options`, `.temp`, analyses ...), kept as text for writing.
        includes: files that were named but not read; what they define is missing here.
        dialect: in which the statements are written.
        spelling: source spelling of names that are not lower case there.
    """

    title: str = ""
    subcircuits: tuple[Subcircuit, ...] = ()
    devices: tuple[Device, ...] = ()
    models: tuple[Model, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    globals: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    dialect: str = field(default="ngspice", compare=False)
    spelling: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def top(self) -> Subcircuit:
        """The block that is the design: the only one that no other block instantiates.

        Raises:
            InputError: there is none, or more than one.
        """
        called = {device.model for block in self.walk() for device in block.devices if device.letter == "x"}
        tops = [block for block in self.subcircuits if block.name not in called]
        if len(tops) != 1:
            found = ", ".join(block.name for block in tops) or "none"
            raise InputError(
                "a design is one .subckt block that no other block uses, with the sizes as its parameters; "
                f"found: {found}. Put the circuit into one .subckt, or choose with circuit.with_top(name)."
            )
        return tops[0]

    @property
    def files(self) -> frozenset[str]:
        """The files that its blocks and elements were read from, as they were named."""
        places = [place for block in self.walk() for place in (block.location, *(d.location for d in block.devices))]
        return frozenset(one.file for one in (*places, *(d.location for d in self.devices)) if one is not None)

    @property
    def name(self) -> str:
        """Name of the top block, as spelled in the source."""
        return self.spelling.get(self.top.name, self.top.name)

    @property
    def ports(self) -> tuple[str, ...]:
        """Ports of the top block."""
        return self.top.ports

    def walk(self) -> Iterator[Subcircuit]:
        """Every block, nested ones after the block that holds them."""
        stack = list(reversed(self.subcircuits))
        while stack:
            block = stack.pop()
            yield block
            stack.extend(reversed(block.subcircuits))

    def with_top(self, name: str) -> Circuit:
        """The block `name` and the blocks that it uses; elements and statements outside any block are left out."""
        blocks = {block.name: block for block in self.subcircuits}
        if name.lower() not in blocks:
            raise InputError(f"the netlist has no subcircuit {name!r}. {did_you_mean(name, blocks)}")
        needed, stack = set(), [name.lower()]
        while stack:
            current = stack.pop()
            if current in blocks and current not in needed:
                needed.add(current)
                stack.extend(device.model or "" for device in blocks[current].devices if device.letter == "x")
        used = tuple(block for block in self.subcircuits if block.name in needed)
        return replace(self.bare(), subcircuits=used, devices=())

    @property
    def scale(self) -> float:
        """What all sizes are multiplied with, by an option: they are in metres where it is 1.

        Raises:
            InputError: the option has no number.
        """
        factors = [match[1] for text in self.statements if (match := _SCALE.search(text))]
        return number(factors[-1]) if factors else 1.0

    @property
    def overriding(self) -> frozenset[str]:
        """Parameters of the netlist that set those of the same name in every block.

        That is HSPICE's rule (`parhier=global`), unless an option says `parhier=local`, as all others have it.
        """
        if self.dialect != "hspice" or any(_LOCAL.search(text) for text in self.statements):
            return frozenset()
        own = {name for block in self.walk() for name in (*block.parameters, *block.locals)}
        return frozenset(own & self.parameters.keys())

    def bare(self) -> Circuit:
        """The circuit without analyses and options; the scale of all sizes stays, for it belongs to the circuit."""
        form = "simulatorOptions options scale={:g}" if self.dialect == "spectre" else ".option scale={:g}"
        return replace(self, statements=() if self.scale == 1 else (form.format(self.scale),))

    def defaults(self) -> dict[str, float]:
        """Default values of the top block's parameters, SI.

        Raises:
            InputError: one of them has no value.
        """
        scope = evaluate_all(self.top.parameters, evaluate_all(self.parameters, {}))
        return {name: scope[name] for name in self.top.parameters}

    def free_parameters(self) -> dict[str, float]:
        """Default values, SI, of the top block's parameters that do not depend on others."""
        values = self.defaults()
        return {name: values[name] for name, text in self.top.parameters.items() if not names(text)}

    def sized(self, values: Mapping[str, float]) -> Circuit:
        """The same circuit with other defaults of its top block's parameters.

        Args:
            values: new defaults by parameter name, SI.

        Raises:
            InputError: the top block has no such parameter.
        """
        top = self.top
        for name in values:
            if name.lower() not in top.parameters:
                raise InputError(
                    f"the subcircuit {top.name!r} has no parameter {name!r}. {did_you_mean(name, top.parameters)}"
                )
        # 12 digits: SPICE text that is read back to better than any simulator tolerance
        new = {name.lower(): f"{value:.12g}" for name, value in values.items()}
        block = replace(top, parameters={**top.parameters, **new})
        return replace(self, subcircuits=tuple(block if b.name == top.name else b for b in self.subcircuits))

    def bounded(self, variables: tuple[Variable, ...]) -> Circuit:
        """The same circuit with other bounds of its top block's parameters."""
        block = replace(self.top, variables=variables)
        return replace(self, subcircuits=tuple(block if b.name == block.name else b for b in self.subcircuits))

    def write(
        self, path: str | Path, *, dialect: str = "ngspice", statements: Literal["keep", "drop"] = "keep"
    ) -> Path:
        """Write the netlist as text of a dialect; returns the path.

        Args:
            path: the file.
            dialect: `"ngspice"`, `"hspice"`, `"ltspice"`, `"spectre"` or `"cdl"`.
            statements: `"drop"` leaves out analyses and options.

        Raises:
            InputError: the dialect cannot express the circuit, or the file cannot be written.
        """
        return write_netlist(self, path, dialect=dialect, statements=statements)
