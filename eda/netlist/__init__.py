"""Netlists: immutable circuits, the device table, expressions, reader, writer and rule check."""

from eda.netlist.check import Finding, Severity, check
from eda.netlist.circuit import Circuit, Device, Model, Subcircuit, Variable
from eda.netlist.devices import DEVICE_TYPES, DeviceType
from eda.netlist.expressions import evaluate, names, number
from eda.netlist.reader import parse_netlist, parse_variable, read_netlist
from eda.netlist.writer import format_netlist, write_netlist

__all__ = [
    "DEVICE_TYPES",
    "Circuit",
    "Device",
    "DeviceType",
    "Finding",
    "Model",
    "Severity",
    "Subcircuit",
    "Variable",
    "check",
    "evaluate",
    "format_netlist",
    "names",
    "number",
    "parse_netlist",
    "parse_variable",
    "read_netlist",
    "write_netlist",
]
