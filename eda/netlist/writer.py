"""Circuits to text of any dialect; what the dialect cannot express is refused, with every reason at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from eda.errors import InputError
from eda.netlist.dialects import dialect_named
from eda.netlist.spectre_text import SpectreText
from eda.netlist.spice_text import SpiceText

if TYPE_CHECKING:
    from eda.netlist.circuit import Circuit

__all__ = ["format_netlist", "write_netlist"]

_SHOWN: Final = 60  # reasons in a message


def write_netlist(
    circuit: Circuit,
    path: str | Path,
    *,
    dialect: str = "ngspice",
    statements: Literal["keep", "drop"] = "keep",
) -> Path:
    """Write a circuit as a netlist file; returns its path.

    Args:
        circuit: the circuit.
        path: the file.
        dialect: `"ngspice"`, `"hspice"`, `"ltspice"`, `"spectre"` or `"cdl"`.
        statements: `"drop"` leaves out analyses and options, so that the circuit alone is written.

    Raises:
        InputError: the dialect cannot express the circuit, or the file cannot be written.
    """
    path = Path(path)
    text = format_netlist(circuit, dialect=dialect, statements=statements)
    try:
        path.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"cannot write the netlist {path}: {reason}; choose a writable folder") from None
    return path


def format_netlist(circuit: Circuit, *, dialect: str = "ngspice", statements: Literal["keep", "drop"] = "keep") -> str:
    """A circuit as text of a dialect; reading it back gives the same circuit.

    Args:
        circuit: the circuit.
        dialect: as for `write_netlist`.
        statements: as for `write_netlist`.

    Raises:
        InputError: the dialect cannot express the circuit; the message lists why.
    """
    target = dialect_named(dialect)
    if statements not in {"keep", "drop"}:
        raise InputError(f"statements must be 'keep' or 'drop', but got {statements!r}")
    kind = SpectreText if target.name == "spectre" else SpiceText
    text = kind(circuit, target, with_statements=statements == "keep")
    lines = text.lines()
    if not text.same:
        for name in sorted(circuit.overriding):
            text.refuse(f"the parameter {name}", "in HSPICE it sets those of its name in the blocks (parhier=global)")
    if text.reasons:
        reasons = list(dict.fromkeys(text.reasons))
        more = f"\n  and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
        listed = "".join(f"\n  {reason}" for reason in reasons[:_SHOWN])
        raise InputError(f"{target.name} cannot express this circuit:{listed}{more}")
    return "\n".join(lines) + "\n"
