"""Netlists: immutable circuits, the device table, expressions, reader, writer and rule check."""

from eda.netlist.carried import parse_variable
from eda.netlist.check import check
from eda.netlist.circuit import Circuit, Device, Include, Location, Model, Subcircuit, Variable
from eda.netlist.devices import DEVICE_TYPES, DeviceType
from eda.netlist.dialects import DIALECTS, Detection, detect_dialect
from eda.netlist.expressions import evaluate, names, number
from eda.netlist.findings import Finding, Severity
from eda.netlist.flatten import flatten
from eda.netlist.reader import parse_netlist, read_netlist
from eda.netlist.writer import format_netlist, write_netlist

__all__ = [
    "DEVICE_TYPES",
    "DIALECTS",
    "Circuit",
    "Detection",
    "Device",
    "DeviceType",
    "Finding",
    "Include",
    "Location",
    "Model",
    "Severity",
    "Subcircuit",
    "Variable",
    "check",
    "detect_dialect",
    "evaluate",
    "flatten",
    "format_netlist",
    "names",
    "number",
    "parse_netlist",
    "parse_variable",
    "read_netlist",
    "write_netlist",
]
