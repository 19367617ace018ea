"""Reading the files of a netlist: only under allowed folders, bounded in number, depth and size."""

from __future__ import annotations

import codecs
from contextlib import suppress
from dataclasses import dataclass, field
from errno import ENOENT
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from eda.errors import NetlistError, files_beside

if TYPE_CHECKING:
    from eda.netlist.lines import Line

__all__ = ["Files", "Opened", "decode", "read_text"]

_DEEPEST: Final = 20
_MOST: Final = 1_000  # files of one netlist
_LARGEST: Final = 512 * 2**20  # bytes in all; the largest extracted netlists in use are far below


Opened = tuple[tuple[Path, str | None], ...]
"""Files being read, outermost first, each with the section of it that is read."""


@dataclass(slots=True)
class Files:
    """The files that one netlist may read.

    Attributes:
        roots: resolved folders.
        count: files read so far.
        size: their bytes.
    """

    roots: tuple[Path, ...]
    count: int = 0
    size: int = 0
    _texts: dict[Path, str] = field(default_factory=dict)

    def resolve(self, named: str, section: str | None, opened: Opened, line: Line, offset: int) -> Path:
        """The file of an include, checked against the allowed folders and against cycles.

        Args:
            named: path as written, relative to the file that includes.
            section: of a library, `None` for a whole file.
            opened: the files and sections being read, outermost first.
            line: the statement, for messages.
            offset: place of the name in it.

        Raises:
            NetlistError: it is not allowed, or includes itself.
        """
        target = None
        with suppress(ValueError, OSError, RuntimeError):  # a name that no file can have, or links in a circle
            target = (opened[-1][0].parent / named.replace("\\", "/")).resolve()
        if target is None or not any(target.is_relative_to(root) for root in self.roots):
            folders = ", ".join(map(str, self.roots)) or "none"
            hint = f'allowed (roots=, --root): {folders}; or keep it unread (includes="keep", --keep-includes)'
            raise line.error(f"the include {named} leaves the allowed folders", offset, hint)
        if (target, section) in opened or (target, None) in opened[1:]:
            raise line.error(f"{named} includes itself", offset)
        if len(opened) > _DEEPEST:
            raise line.error(f"includes are nested deeper than {_DEEPEST}", offset)
        return target

    def text(self, path: Path, line: Line | None = None) -> str:
        """The text of a file.

        Raises:
            NetlistError: it cannot be read, is too large, or one file too many.
        """
        text = self._texts.get(path)
        if text is None:
            text = read_text(path, line)
        self.count += 1
        self.size += len(text)
        if self.count > _MOST or self.size > _LARGEST:
            message = f"a netlist may read {_MOST} files and {_LARGEST >> 20} MB in all; includes that multiply?"
            raise line.error(message) if line else NetlistError(message, file=str(path))
        if line is not None:
            self._texts[path] = text
        return text


def read_text(path: Path, line: Line | None = None) -> str:
    """The text of a netlist file.

    Raises:
        NetlistError: it cannot be read, or is no text.
    """

    def fail(message: str, hint: str = "") -> NoReturn:
        raise line.error(message, 0, hint) if line else NetlistError(message, file=str(path), hint=hint)

    try:
        if path.is_dir():
            fail(f"a netlist file was expected, but {path} is a folder")
        if not path.is_file() and path.exists():
            fail(f"a netlist file was expected, but {path} is a device or pipe")
        if path.stat().st_size > _LARGEST:
            fail(f"{path} is larger than {_LARGEST >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        hint = files_beside(path) if error.errno == ENOENT else ""
        fail(f"cannot read {path if line else 'it'}: {error.strerror}", hint)
    except (ValueError, RuntimeError):  # a null byte in the name, or links in a circle
        fail(f"no file can be called {str(path)!r}")
    text = decode(data)
    if text is None:
        fail(f"{path} is no text: it holds null bytes")
    return text


def decode(data: bytes) -> str | None:
    """Text in UTF-8, UTF-16 (with a byte order mark, or as LTspice writes it without one) or Latin-1.

    Returns:
        The text, or `None` when it is none.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in data[:2000]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "latin-1"]
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            return None if "\0" in text else text
    return None
