"""Circuits from and to PySpice, which is an optional dependency (`pip install "analog-eda[pyspice]"`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eda.errors import InputError, require_type
from eda.netlist.circuit import Circuit
from eda.netlist.reader import parse_netlist
from eda.netlist.writer import format_netlist

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


__all__ = ["from_pyspice", "to_pyspice"]


def from_pyspice(circuit: Any, *, roots: Sequence[str | Path] = ()) -> Circuit:
    """The circuit of a PySpice `Circuit` or `SubCircuit`.

    It is read from the netlist that PySpice would give to ngspice, so it is what PySpice simulates.

    Args:
        circuit: the object of PySpice.
        roots: folders that its includes may read from; others are kept unread.

    Raises:
        InputError: the object has no netlist.
        NetlistError: something in its netlist is not understood.
    """
    if not hasattr(circuit, "raw_spice"):
        raise InputError(f"from_pyspice takes a Circuit or SubCircuit of PySpice, but got {type(circuit).__name__}")
    text = str(circuit)
    return parse_netlist(text, name="PySpice circuit", dialect="ngspice", roots=roots, includes="keep")


def to_pyspice(circuit: Circuit) -> Any:
    """A PySpice `Circuit` that simulates as the given circuit.

    Its elements are given to PySpice as text (`raw_spice`), so that all of the circuit gets there; its analyses and
    options are left out, as PySpice has its own.

    Raises:
        InputError: PySpice is not installed, or it is no circuit.
    """
    require_type("circuit", circuit, Circuit, "eda.read_netlist(path)")
    try:
        from PySpice.Spice.Netlist import Circuit as PySpiceCircuit  # noqa: PLC0415 - an optional dependency
    except ImportError:
        message = 'PySpice is not installed; it is an optional part: pip install "analog-eda[pyspice]"'
        raise InputError(message) from None
    target = PySpiceCircuit(circuit.title or "circuit")
    target.raw_spice = format_netlist(circuit, statements="drop").partition("\n")[2]
    return target
