"""Transistors as a surrogate sees them: what one of a model does follows from its width and its length.

One small network for each model tells it, the same wherever in the circuit the transistor stands, so that all of them
teach it. Models of a kit are made of bins, each for some sizes; where the next one takes over, slopes change.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import nn

from eda.netlist import names
from eda.netlist.expressions import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eda.netlist import Variable
    from eda.problem import SizingProblem

__all__ = ["Kind", "Size", "Transistors", "kinds_of"]

_HIDDEN: Final = 48
_FEATURES: Final = 12
_MICRO: Final = 1e-6
_ROUNDING: Final = 1e-9
_LEAST: Final = 1e-3  # um: a linear variable may be asked for below its low end


@dataclass(frozen=True, slots=True)
class Size:
    """A width or length that a variable of the design space sets.

    Attributes:
        variable: its number; of a size that is always the same, any.
        low: at the low end of the variable, um; decades of that where it is logarithmic.
        high: at the high end.
        logarithmic: whether the variable is.
    """

    variable: int
    low: float
    high: float
    logarithmic: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """The transistors of one model in a circuit, alike ones once.

    Attributes:
        sizes: width and length of each.
        knots: 0 for widths or 1 for lengths, and decades of 1 um at which another bin takes over.
    """

    sizes: Sequence[tuple[Size, Size]]
    knots: Sequence[tuple[int, float]]

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Kind:
        """What `dataclasses.asdict` and JSON made of one."""
        return cls(
            [(Size(**width), Size(**length)) for width, length in told["sizes"]],
            [(which, place) for which, place in told["knots"]],
        )


def kinds_of(problem: SizingProblem) -> list[Kind]:
    """The transistors of a circuit, by model: those whose sizes are variables, multiples of one, or fixed.

    Args:
        problem: whose technology says where bins of its models end.
    """
    technology, circuit = problem.technology, problem.source
    variables = {one.name: (at, one) for at, one in enumerate(problem.space.variables)}
    fixed = {name: value for name, value in circuit.free_parameters().items() if name not in variables}
    found: dict[str, dict[tuple[Size, Size], None]] = {}
    for device in circuit.top.devices:
        model = device.model or ""
        if device.letter != "m" or model not in technology.transistors or "nf" in device.parameters:
            continue
        width, length = (_size(device.parameters.get(size, ""), variables, fixed) for size in "wl")
        if width and length and (width.low != width.high or length.low != length.high):
            found.setdefault(model, {})[width, length] = None
    return [Kind(list(sizes), _knots(sizes, technology.bin_ends(model))) for model, sizes in found.items()]


def _size(text: str, variables: Mapping[str, tuple[int, Variable]], fixed: Mapping[str, float]) -> Size | None:
    """What sets a size; nothing where it is not written, or follows from variables otherwise than in proportion."""
    named = names(text) if text else frozenset()
    free = sorted(named & variables.keys())
    if not text or len(free) > 1 or not named <= variables.keys() | fixed.keys():
        return None
    at, variable = variables[free[0]] if free else (0, None)
    reach = (variable.low, variable.high) if variable else (1.0, 1.0)
    low, high = (evaluate(text, {**fixed, **dict.fromkeys(free, end)}) / _MICRO for end in reach)
    if min(low, high) <= 0 or not math.isclose(low * reach[1], high * reach[0], rel_tol=_ROUNDING):
        return None
    if variable and variable.scale != "log":
        return Size(at, low, high, logarithmic=False)
    return Size(at, math.log10(low), math.log10(high), logarithmic=True)


def _knots(
    sizes: Iterable[tuple[Size, Size]], ends: tuple[Sequence[float], Sequence[float]]
) -> list[tuple[int, float]]:
    """Ends of bins within what some transistor of a model can have."""
    knots = []
    for which, places in enumerate(ends):
        reached = [
            [end if one[which].logarithmic else math.log10(end) for end in (one[which].low, one[which].high)]
            for one in sizes
        ]
        low, high = min(one[0] for one in reached), max(one[1] for one in reached)
        knots += [(which, place) for place in (math.log10(end / _MICRO) for end in places if end) if low < place < high]
    return knots


class Transistors(nn.Module):
    """Inputs, and beside them what is told of the transistors.

    Args:
        kinds: transistors by model.
    """

    def __init__(self, kinds: Sequence[Kind]) -> None:
        super().__init__()
        self.of_models = nn.ModuleList(_OfModel(kind) for kind in kinds)
        self.features = _FEATURES * sum(len(kind.sizes) for kind in kinds)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """`... x (d + features)`.

        Args:
            inputs: `... x d` points in [-1, 1].
        """
        return torch.cat((inputs, *(of_model(inputs).flatten(-2) for of_model in self.of_models)), dim=-1)


class _OfModel(nn.Module):
    """What is told of the transistors of one model, `... x t x features`."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        sizes = [size for pair in kind.sizes for size in pair]
        self.variables = [size.variable for size in sizes]
        self.which = [which for which, _ in kind.knots]
        for name, values in {
            "low": [size.low for size in sizes],
            "span": [(size.high - size.low) / 2 for size in sizes],
            "logarithmic": [size.logarithmic for size in sizes],
            "places": [place for _, place in kind.knots],
        }.items():
            self.register_buffer(name, torch.tensor(values), persistent=False)
        self.layers = nn.Sequential(nn.Linear(2 + len(kind.knots), _HIDDEN), nn.SiLU(), nn.Linear(_HIDDEN, _FEATURES))
        for name, parameter in self.layers.named_parameters():
            if name.endswith("weight"):
                nn.init.kaiming_normal_(parameter, nonlinearity="relu")
            else:
                nn.init.zeros_(parameter)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        sizes = self.get_buffer("low") + (inputs[..., self.variables] + 1) * self.get_buffer("span")
        sizes = torch.where(self.get_buffer("logarithmic"), sizes, sizes.clamp(min=_LEAST).log10())
        sizes = sizes.view(*sizes.shape[:-1], -1, 2)
        beyond = torch.relu(sizes[..., self.which] - self.get_buffer("places"))
        told: torch.Tensor = self.layers(torch.cat((sizes, beyond), dim=-1))
        return told
