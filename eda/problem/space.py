"""The design space: bounds, scale and grid of every variable, and its map to the unit cube."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.errors import InputError, require_type
from eda.netlist import Variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from eda.netlist import Circuit

__all__ = ["DesignSpace"]


@dataclass(frozen=True, slots=True)
class DesignSpace:
    """The variables of a sizing problem.

    Attributes:
        variables: one per dimension.
    """

    variables: tuple[Variable, ...]

    def __post_init__(self) -> None:
        require_type("variables", self.variables, Sequence, "(eda.Variable('w1', 1e-6, 100e-6),)")
        for variable in self.variables:
            require_type("a variable", variable, Variable, "eda.Variable('w1', 1e-6, 100e-6)")
        if not self.variables:
            raise InputError(
                "a design space needs at least one variable, but got none; give bounds in the netlist, "
                "inside the .subckt: *@ w1 = 1u..100u log"
            )

    @classmethod
    def of(cls, circuit: Circuit) -> DesignSpace:
        """The space that a circuit's own bounds (`*@` lines) describe."""
        return cls(circuit.top.variables)

    @property
    def names(self) -> tuple[str, ...]:
        """Variable names."""
        return tuple(variable.name for variable in self.variables)

    @property
    def dimension(self) -> int:
        """Number of variables."""
        return len(self.variables)

    @property
    def designs(self) -> float:
        """Number of designs on the grid; infinite where a variable has none."""
        ends = [(0, math.inf) if one.step is None else _grid_ends(one) for one in self.variables]
        return math.prod(1 + high - low for low, high in ends)

    def decode(self, unit: ArrayLike) -> dict[str, float]:
        """The design at a point of the unit cube, on the grid.

        Args:
            unit: `d` coordinates in [0, 1].

        Returns:
            Values by variable name, SI.
        """
        point = np.asarray(unit, dtype=float)
        return {v.name: _on_grid(v, float(_from_unit(v, float(u)))) for v, u in zip(self.variables, point, strict=True)}

    def snap(self, unit: NDArray[np.float64]) -> NDArray[np.float64]:
        """The nearest points of the unit cube whose designs lie on the grid.

        Args:
            unit: `n x d` coordinates in [0, 1].

        Returns:
            `n x d` coordinates; what `decode` makes of a point and of its nearest one is the same.
        """
        snapped = np.array(unit, dtype=float)
        for column, variable in enumerate(self.variables):
            if variable.step is not None:
                low, high = _grid_ends(variable)
                values = _from_unit(variable, snapped[:, column])
                steps = np.clip(np.round(values / variable.step), low, high) * variable.step
                # rounded, so that a point found by another way is the same to the last bit
                snapped[:, column] = np.clip(np.round(_to_unit(variable, steps), 12), 0, 1)
        return snapped

    def encode(self, values: Mapping[str, float], *, beyond: bool = False) -> NDArray[np.float64]:
        """The point of the unit cube of a design.

        Args:
            values: values by variable name, SI, within the bounds.
            beyond: whether values outside of the bounds are points outside of the cube, and not refused.

        Returns:
            `d` coordinates, in [0, 1] within the bounds.

        Raises:
            InputError: a value is missing or outside its bounds, or, of a logarithmic variable, not above 0.
        """
        unit = []
        for variable in self.variables:
            if variable.name not in values:
                raise InputError(f"the design lacks a value for {variable.name!r}")
            value = values[variable.name]
            require_type(f"the value of {variable.name}", value, Real, "10e-6")
            slack = 1e-9 * (variable.high - variable.low)
            within = variable.low - slack <= value <= variable.high + slack
            if beyond and variable.scale == "log" and not value > 0:
                raise InputError(f"{variable.name} > 0 must hold, but got {value:g}")
            if not within and not (beyond and np.isfinite(value)):
                raise InputError(
                    f"{variable.low:g} <= {variable.name} <= {variable.high:g} must hold, but got {value:g}"
                )
            place = float(_to_unit(variable, value))
            unit.append(min(max(place, 0.0), 1.0) if within else place)
        return np.array(unit)


_ROUNDING = 1e-12


def _from_unit(variable: Variable, unit: Any) -> Any:
    """The value at a coordinate; numbers or arrays."""
    if variable.scale == "log":
        return variable.low * (variable.high / variable.low) ** unit
    return variable.low + unit * (variable.high - variable.low)


def _to_unit(variable: Variable, value: Any) -> Any:
    """The coordinate of a value; numbers or arrays."""
    if variable.scale == "log":
        return np.log(value / variable.low) / np.log(variable.high / variable.low)
    return (value - variable.low) / (variable.high - variable.low)


def _grid_ends(variable: Variable) -> tuple[int, int]:
    """Numbers of the first and the last step of a variable's grid; a bound on it, but for rounding, is one of them."""
    assert variable.step is not None
    low, high = variable.low / variable.step, variable.high / variable.step
    return int(np.ceil(low - _ROUNDING * abs(low))), int(np.floor(high + _ROUNDING * abs(high)))


def _on_grid(variable: Variable, value: float) -> float:
    if variable.step is not None:
        value = int(np.clip(round(value / variable.step), *_grid_ends(variable))) * variable.step
    # 12 digits, as they are written into a netlist: what is evaluated is what is written
    return float(f"{value:.12g}")
