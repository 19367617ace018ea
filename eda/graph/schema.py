"""The columns of the graph tensors: one table, from which the encoding and its description are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from eda.graph.incidence import ROLES
from eda.netlist import DEVICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["DEVICE_COLUMNS", "KINDS", "NET_COLUMNS", "QUANTITIES", "Column", "describe_schema"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a tensor.

    Attributes:
        name: its name.
        unit: its unit; `1` for none.
        meaning: what it says, and when.
    """

    name: str
    unit: str
    meaning: str


KINDS: Final = tuple(DEVICE_TYPES)
"""Element letters; a device's `kind` is a place in this tuple."""

QUANTITIES: Final = (
    Column("value", "SI unit of the element", "value of the element; direct value of a source"),
    Column("w", "m", "channel width"),
    Column("l", "m", "channel length"),
    Column("m", "1", "parallel copies"),
    Column("nf", "1", "fingers"),
    Column("area", "1", "area relative to the model's device"),
)
"""Columns of `raw`: as the netlist has them, NaN where it has none."""


def _quantity_columns(quantity: Column) -> Iterable[Column]:
    yield Column(
        f"log10_{quantity.name}", quantity.unit, f"log10 of the magnitude of {quantity.name}; 0 if 0 or absent"
    )
    yield Column(f"{quantity.name}_given", "1", f"1 if the netlist gives a number for {quantity.name}")


DEVICE_COLUMNS: Final = (
    *(Column(f"is_{letter}", "1", f"1 for a {row.noun}") for letter, row in DEVICE_TYPES.items()),
    Column("polarity_n", "1", "1 for an n-type transistor, by its model card or else the name of its model"),
    Column("polarity_p", "1", "1 for a p-type transistor, likewise; both are 0 when unknown"),
    Column("value_sign", "1", "sign of the value: -1, 0 or 1"),
    *(column for quantity in QUANTITIES for column in _quantity_columns(quantity)),
)
"""Columns of the devices' `x`."""

NET_COLUMNS: Final = (
    Column("is_port", "1", "1 for a port of the block"),
    Column("is_ground", "1", "1 for node 0"),
    Column(
        "is_supply", "1", "1 for a net of .global, or named as a supply or ground: vdd, vcc, avdd, vss, gnd, vdda ..."
    ),
    Column("is_low_rail", "1", "1 for node 0, or a net named as a ground or negative supply: vss, gnd, vee ..."),
    *(Column(f"log1p_{role}", "1", f"ln(1 + number of {role} pins on the net)") for role in ROLES),
)
"""Columns of the nets' `x`."""


def describe_schema() -> str:
    """The columns of the device and net tensors as text, one a line: tensor, place, name, unit, meaning."""
    tables = {"device.x": DEVICE_COLUMNS, "device.raw": QUANTITIES, "net.x": NET_COLUMNS}
    return "\n".join(
        f"{tensor:<10} {place:>3}  {column.name:<20} {column.unit:<22} {column.meaning}"
        for tensor, columns in tables.items()
        for place, column in enumerate(columns)
    )
