"""Putting a circuit together from statements, whatever dialect they were in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.errors import did_you_mean
from eda.netlist.circuit import Circuit, Include, Location, Model, Subcircuit, Variable
from eda.netlist.expressions import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.netlist.circuit import Device
    from eda.netlist.lines import Line

__all__ = ["Builder"]


_DEEPEST: Final = 50  # definitions inside definitions


@dataclass(slots=True)
class _Scope:
    """A block under construction; the outermost one is the file."""

    name: str = ""
    line: Line | None = None
    ports: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    locals: dict[str, str] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    subcircuits: dict[str, Subcircuit] = field(default_factory=dict)
    variables: dict[str, tuple[Variable, Line]] = field(default_factory=dict)
    directions: dict[str, str] = field(default_factory=dict)


class Builder:
    """The circuit that grows while a netlist is read.

    Attributes:
        title: of the netlist.
        statements: cards kept as text.
        masters: element letters of models that are defined elsewhere.
    """

    def __init__(self) -> None:
        self.title = ""
        self.statements: list[str] = []
        self.masters: dict[str, str] = {}
        self._globals: dict[str, None] = {}
        self._includes: list[Include] = []
        self._scopes = [_Scope()]

    @property
    def depth(self) -> int:
        """How many subcircuits are open."""
        return len(self._scopes) - 1

    @property
    def name(self) -> str:
        """Name of the open subcircuit; empty outside any."""
        return self._scopes[-1].name

    def device(self, device: Device, line: Line) -> None:
        """Add a device to the open block."""
        first = self._scopes[-1].devices.setdefault(device.name, device)
        if first is not device:
            raise line.error(f"the name {device.name!r} is already used by the element at {first.location}")

    def model(self, name: str, kind: str, parameters: Mapping[str, str], line: Line, word: int) -> None:
        """Add a model card to the open block."""
        models = self._scopes[-1].models
        if name in models:
            raise line.word_error(f"the model {name!r} is defined twice", word)
        models[name] = Model(name, kind, parameters, Location(line.file, line.number))

    def parameters(self, parameters: Mapping[str, str], line: Line) -> None:
        """Set parameters in the open block; a later value replaces an earlier one."""
        refuse_functions(line, parameters)
        self._scopes[-1].locals.update(parameters)

    def formals(self, parameters: Mapping[str, str], line: Line) -> None:
        """Add formal parameters to the open block (Spectre's `parameters`)."""
        refuse_functions(line, parameters)
        self._scopes[-1].parameters = {**self._scopes[-1].parameters, **parameters}

    def global_nodes(self, nodes: list[str]) -> None:
        """Make nodes global."""
        self._globals |= dict.fromkeys(nodes)

    def unread(self, path: str, section: str | None, line: Line) -> None:
        """Keep an include that is not read."""
        if self.depth:
            raise line.error("an include that is kept unread cannot stand inside a subcircuit", 0, "move it out")
        self._includes.append(Include(path, section, Location(line.file, line.number)))

    def variable(self, variable: Variable, line: Line) -> None:
        """Bounds of a parameter of the open block."""
        if variable.name in self._scopes[-1].variables:
            raise line.error(f"bounds of {variable.name!r} are given twice")
        self._scopes[-1].variables[variable.name] = variable, line

    def directions(self, directions: Mapping[str, str]) -> None:
        """Directions of ports of the open block."""
        if self.depth:
            self._scopes[-1].directions.update(directions)

    def open(self, name: str, ports: list[str], parameters: Mapping[str, str], line: Line, word: int) -> None:
        """Open a subcircuit."""
        refuse_functions(line, parameters)
        if self.depth >= _DEEPEST:
            raise line.error(f"subcircuits are defined inside each other deeper than {_DEEPEST}")
        if name in self._scopes[-1].subcircuits:
            raise line.word_error(f"the subcircuit {name!r} is defined twice", word)
        seen: set[str] = set()
        for at, port in enumerate(ports, word + 1):
            if port in seen:
                raise line.word_error(f"the port {port!r} is listed twice", at)
            seen.add(port)
        self._scopes.append(_Scope(name, line, tuple(ports), parameters))

    def close(self, name: str | None, line: Line, card: str) -> None:
        """Close the open subcircuit."""
        if not self.depth:
            raise line.error(f"{card} without a subcircuit")
        scope = self._scopes.pop()
        assert scope.line is not None
        if name is not None and name.lower() != scope.name:
            raise line.word_error(f"{card} {name} closes the subcircuit {scope.name!r}", 1)
        for variable, place in scope.variables.values():
            if variable.name not in scope.parameters:
                raise place.error(
                    f"bounds are given for {variable.name!r}, which is no parameter of {scope.name!r}",
                    hint=did_you_mean(variable.name, scope.parameters),
                )
        self._scopes[-1].subcircuits[scope.name] = Subcircuit(
            scope.name,
            scope.ports,
            scope.parameters,
            scope.locals,
            tuple(scope.devices.values()),
            tuple(scope.models.values()),
            tuple(scope.subcircuits.values()),
            tuple(variable for variable, _ in scope.variables.values()),
            Location(scope.line.file, scope.line.number),
            {port: scope.directions[port] for port in scope.ports if port in scope.directions},
        )

    def circuit(self, dialect: str, spelling: Mapping[str, str]) -> Circuit:
        """The finished circuit."""
        if self.depth:
            opened = self._scopes[-1]
            assert opened.line is not None
            end = "ends" if dialect == "spectre" else ".ends"
            raise opened.line.error(f"the subcircuit {opened.name!r} is not closed", hint=f"close it with {end}")
        file = self._scopes[0]
        return Circuit(
            title=self.title,
            subcircuits=tuple(file.subcircuits.values()),
            devices=tuple(file.devices.values()),
            models=tuple(file.models.values()),
            parameters=file.locals,
            globals=tuple(self._globals),
            statements=tuple(self.statements),
            includes=tuple(self._includes),
            dialect=dialect,
            spelling=spelling,
        )


def refuse_functions(line: Line, parameters: Mapping[str, str]) -> None:
    """Refuse parameters that are called like a function of ngspice: it takes them for calls."""
    for name in parameters:
        if name in FUNCTIONS:
            offset = line.text.lower().find(f"{name}=")
            message = f"{name!r} is a function of ngspice and cannot be a parameter"
            raise line.error(message, max(offset, 0), "rename it")
