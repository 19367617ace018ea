"""Pieces of HTML: tables and bars, with everything that comes from outside escaped."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Cell", "bullets", "page", "position_bar", "slack_bar", "table", "text", "write_page"]

text = html.escape


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is more than text.

    Attributes:
        markup: what stands in it, HTML.
        kind: its class.
        style: of its own.
    """

    markup: str
    kind: str = ""
    style: str = ""


def table(header: Sequence[str], rows: Iterable[Sequence[str | Cell]], *, conditions: bool = False) -> str:
    """A table that scrolls sideways where it must.

    Args:
        header: a word for each column.
        rows: cells, texts or markup.
        conditions: whether the rows are those of the choice of conditions, in their order.
    """
    head = "".join(f"<th>{text(word)}</th>" for word in header)
    body = "".join(
        f"<tr{f' data-condition={chr(34)}{number}{chr(34)}' if conditions else ''}>{''.join(map(_cell, row))}</tr>"
        for number, row in enumerate(rows)
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        cell = Cell(text(cell), cell if cell in {"yes", "NO"} else "")
    kind = f' class="{cell.kind}"' if cell.kind else ""
    style = f' style="{cell.style}"' if cell.style else ""
    return f"<td{kind}{style}>{cell.markup}</td>"


def slack_bar(slack: float) -> Cell:
    """A slack as a bar from the middle: to the right where it is met."""
    share = min(abs(slack), 1.0) * 50
    side = "left" if slack >= 0 else "right"
    kind = "met" if slack >= 0 else "missed"
    return Cell(f'<span class="bar"><b class="{kind}" style="{side}:50%;width:{max(share, 1):.1f}%"></b></span>')


def position_bar(share: float) -> Cell:
    """Where a value lies between its bounds, from 0 to 1."""
    return Cell(f'<span class="bar"><i style="left:calc({100 * share:.1f}% - .1rem)"></i></span>')


def bullets(items: Iterable[str]) -> str:
    """A list of texts; nothing when there are none."""
    listed = "".join(f"<li>{text(item)}</li>" for item in items)
    return f"<ul>{listed}</ul>" if listed else ""


def page(title: str, heading: str, sections: Mapping[str, str]) -> str:
    """What stands in the body of a page, or in a notebook: style and script are in it, and nothing is loaded.

    Args:
        title: of the page.
        heading: markup below the title.
        sections: markup by name; empty ones are left out.
    """
    shown = {name: part for name, part in sections.items() if part}
    own = hashlib.sha256("".join(shown.values()).encode()).hexdigest()[:6]  # a notebook may show several
    anchors = {name: f"{name.lower().replace(' ', '-')}-{own}" for name in shown}
    links = "".join(f'<a href="#{anchors[name]}">{text(name)}</a>' for name in shown)
    body = "".join(
        f'<section id="{anchors[name]}"><h2>{text(name)}</h2>{part}</section>' for name, part in shown.items()
    )
    style, script = (resources.files("eda.report").joinpath(file).read_text() for file in ("page.css", "page.js"))
    return (
        f'<div class="eda"><style>{style}</style><h1>{text(title)}</h1>{heading}<nav>{links}</nav>{body}'
        f"<script>{script}</script></div>"
    )


def write_page(path: str | Path, title: str, body: str) -> Path:
    """Write a page as an HTML file.

    Args:
        path: the file.
        title: of the browser's window.
        body: as `page` gives it.

    Raises:
        InputError: the file cannot be written.
    """
    path = Path(path)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{text(title)}</title>'
    head += "<style>:root{color-scheme:light dark}@media print{:root{color-scheme:light}}</style>"
    try:
        path.write_text(
            f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>', encoding="utf-8"
        )
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}; choose a writable folder") from None
    return path
