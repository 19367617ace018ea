"""Options that say under which conditions a circuit is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.errors import InputError

if TYPE_CHECKING:
    from eda.problem.task import VerificationPlan

__all__ = [
    "CornersOption",
    "MonteCarloOption",
    "SuppliesOption",
    "TemperaturesOption",
    "VariationOption",
    "asked_conditions",
]

CornersOption = Annotated[str | None, typer.Option("--corners", help="'all', or names such as 'tt,ss'.")]
TemperaturesOption = Annotated[
    str | None, typer.Option("--temperatures", help="Degrees Celsius, such as ' -40,27,125'.")
]
SuppliesOption = Annotated[str | None, typer.Option("--supplies", help="Factors on the supply, such as '0.9,1,1.1'.")]
MonteCarloOption = Annotated[
    int, typer.Option("--monte-carlo", min=0, help="Samples of process spread and mismatch as well.")
]
VariationOption = Annotated[str, typer.Option("--variation", help="What varies: process, mismatch or both.")]


def asked_conditions(
    corners: str | None, temperatures: str | None, supplies: str | None, plan: VerificationPlan | None
) -> dict[str, Any]:
    """Corners, temperatures and supplies as options say, else as a plan does; nothing without either.

    Raises:
        InputError: an option is no list of numbers.
    """
    return {
        "corners": [word.strip() for word in corners.split(",")] if corners else plan.corners if plan else (),
        "temperatures": _numbers(temperatures, "--temperatures") if temperatures else plan.temperatures if plan else (),
        "supplies": _numbers(supplies, "--supplies") if supplies else plan.supplies if plan else (),
    }


def _numbers(text: str, option: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        such = "-40,27,125" if option == "--temperatures" else "0.9,1,1.1"
        raise InputError(f"{option} takes numbers such as {such}, but got {text!r}") from None
