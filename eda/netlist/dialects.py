"""The dialects of netlists as one table, and how to tell them apart.

Sources: ngspice 39 manual; HSPICE reference manual (commands and elements); LTspice help; Spectre reference;
auCdl as written by Cadence tools and read by layout-versus-schematic checkers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DIALECTS", "Detection", "Dialect", "detect_dialect", "dialect_named"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """What sets one dialect apart.

    Attributes:
        name: as users write it.
        letters: element letters that it has, with the meaning of the device table.
        comment: what begins a comment within a line.
        ground: names of nodes that are node 0.
        quotes: what stands around an expression.
        functions: its own function names, with those of `eda.netlist.expressions`.
        cards: analysis and output cards that are kept as text, beside those that all have.
        titled: whether the first line of a file is its title.
    """

    name: str
    letters: str
    comment: re.Pattern[str]
    ground: frozenset[str] = frozenset({"0", "gnd"})
    quotes: tuple[str, str] = ("{", "}")
    functions: Mapping[str, str] = field(default_factory=dict)
    cards: frozenset[str] = frozenset()
    titled: bool = True


_SPICE_COMMENT: Final = re.compile(r";|(?:^|\s)//|(?:^|[\s,])\$(?![\w:{}]+/)")  # not a path

DIALECTS: Final[Mapping[str, Dialect]] = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            "ngspice",
            "rcklviefghbdqjmzswtoyupnax",
            _SPICE_COMMENT,
            cards=frozenset({".csparam", ".pss", ".disto", ".sp", ".options"}),
        ),
        Dialect(
            "hspice",
            "rcklviefghdqjmtx",
            re.compile(r";|(?:^|\s)\$"),
            ground=frozenset({"0", "gnd", "gnd!", "ground"}),
            quotes=("'", "'"),
            cards=frozenset(
                {
                    ".data",
                    ".enddata",
                    ".protect",
                    ".prot",
                    ".unprotect",
                    ".unprot",
                    ".lstb",
                    ".biaschk",
                    ".graph",
                    ".check",
                }
            ),
        ),
        Dialect(
            "ltspice",
            "rcklviefghbdqjmzswtouax",
            re.compile(r";"),
            functions={"arcsin": "asin", "arccos": "acos", "arctan": "atan", "if": "ternary_fcn"},
            cards=frozenset({".backanno", ".step", ".wave", ".savebias", ".loadbias", ".net", ".machine", ".text"}),
        ),
        Dialect(
            "cdl",
            "rcldqjmx",
            re.compile(r";|(?:^|\s)\$(?=\s|$)"),
            ground=frozenset({"0"}),
            quotes=("'", "'"),
            titled=False,
        ),
        Dialect(
            "spectre",
            "rcklviefghbdqjmtx",
            re.compile(r"//"),
            ground=frozenset({"0"}),
            quotes=("", ""),
            titled=False,
        ),
    )
}
"""The dialects by name."""


@dataclass(frozen=True, slots=True)
class _Evidence:
    dialect: str
    weight: int
    pattern: re.Pattern[str]
    reason: str
    unless: re.Pattern[str] | None

    def found(self, text: str) -> bool:
        """Whether it is in a text."""
        return bool(self.pattern.search(text)) and not (self.unless and self.unless.search(text))


def _row(dialect: str, weight: int, pattern: str, reason: str, unless: str = "") -> _Evidence:
    flags = re.IGNORECASE | re.MULTILINE
    return _Evidence(dialect, weight, re.compile(pattern, flags), reason, re.compile(unless, flags) if unless else None)


_EVIDENCE: Final = (
    _row("spectre", 9, r"^[ \t]*simulator\s+lang\s*=\s*spectre", "a line `simulator lang=spectre`"),
    _row("spectre", 5, r"^[ \t]*(inline\s+)?subckt\s+\S", "`subckt` without a dot"),
    _row("spectre", 5, r"^[ \t]*(ahdl_include|include)\s+[\"']", "`include` or `ahdl_include` without a dot"),
    _row("spectre", 3, r"^[ \t]*parameters\s+\w+\s*=", "`parameters` without a dot"),
    _row("spectre", 4, r"^[ \t]*[\w.]+\s*\([^()=\n]*\)\s*[a-z]\w*(\s+\w+\s*=|\s*\\?$)", "nodes in parentheses"),
    _row("spectre", 2, r"[^*\n].*\\$", "lines continued by a backslash"),
    _row("spectre", 2, r"^[ \t]*//", "comment lines with //"),
    _row("cdl", 6, r"^\*+\s*auCdl", "the header of auCdl"),
    _row("cdl", 4, r"^\*\.(pininfo|bipolar|resi|resval|capval|megai?|scale|global|equation)\b", "comment cards *."),
    _row("cdl", 4, r"^[^*\n].*\s\$(\[|pins\b|sub\s*=|ldd)", "`$[model]`, `$SUB=` or `$PINS`"),
    _row("cdl", 3, r"^x[^={'\n]*\s/\s+\S", "a `/` before the name of a called subcircuit"),
    _row("ltspice", 6, r"^[ \t]*\.backanno", "`.backanno`"),
    _row("ltspice", 5, r"^\*\s.*\.asc\s*$", "a first line that names an .asc file"),
    _row("ltspice", 3, r"^[ \t]*\.step\s", "`.step`"),
    _row("ltspice", 3, r"^[^*\n]*\d\s*[µμ]", "µ in numbers"),
    _row("ltspice", 3, r"\b(rser|lser|rpar|cpar)\s*=", "parasitic parameters such as Rser="),
    _row("ltspice", 3, r"^[ \t]*\.lib\s+[^\s'\"]+$", "`.lib` with a file and no section", unless=r"^[ \t]*\.endl"),
    _row("hspice", 6, r"generated for:\s*hspice", "the header of a netlister for hspice"),
    _row("hspice", 2, r"hspice", "the word hspice"),
    _row("hspice", 4, r"^[ \t]*\.alter\b", "`.alter`"),
    _row("hspice", 3, r"^[ \t]*\.option.*\b(post|probe|accurate|runlvl)\b", "its options"),
    _row("hspice", 3, r"^[ \t]*(\.option|\+).*\b(ingold|artist|parhier)\b", "options that only it has"),
    _row("hspice", 3, r"^[ \t]*\.(macro|eom|data|del\s+lib|protect)\b", "`.macro`, `.data` or `.protect`"),
    _row("hspice", 3, r"\s\$(?!pins|sub\b|ldd|[xydt]\s*=)[a-z]", "comments that begin with $ and a letter"),
    _row("hspice", 2, r"^[ \t]*\.(lib|inc)\s+'", "file names in single quotes"),
    _row("ngspice", 6, r"^[ \t]*\.control\b", "a `.control` block"),
    _row("ngspice", 5, r"^[ \t]*\*@\s*\w+\s*=", "bounds of variables on lines `*@`"),
    _row("ngspice", 3, r"^[ \t]*\.(csparam|spiceinit|func)\b", "its cards"),
    _row("ngspice", 3, r"^[^*\n]*\bsky130_fd_pr__", "devices of sky130"),
    _row("ngspice", 2, r"=\s*\{", "expressions in braces"),
    _row("ngspice", 2, r"ngspice", "the word ngspice"),
)
_ENOUGH: Final = 3  # below this what was found may stand in any dialect
_WIDE: Final = 400  # characters of a line
_HEAD: Final = 2**16  # characters looked at


@dataclass(frozen=True, slots=True)
class Detection:
    """Which dialect a text is in, and why.

    Attributes:
        dialect: its name.
        reasons: what spoke for it, strongest first.
        scores: of every dialect for which something spoke.
    """

    dialect: str
    reasons: tuple[str, ...]
    scores: Mapping[str, int]

    def __str__(self) -> str:
        if not self.reasons:
            return f"{self.dialect}, as nothing speaks for another dialect"
        others = ", ".join(f"{name} {score}" for name, score in self.scores.items() if name != self.dialect)
        return f"{self.dialect}, because of {'; '.join(self.reasons)}" + (f" (others: {others})" if others else "")


def detect_dialect(text: str) -> Detection:
    """Tell the dialect of a netlist from what stands in it; ngspice when nothing speaks for another.

    Args:
        text: the netlist; its first 64 k characters are looked at.
    """
    # blank lines left out and long ones cut, so that no pattern has much to go back over
    lines = (line.strip(" \t") for line in text[:_HEAD].splitlines())
    head = "\n".join(line if len(line) <= _WIDE else line[:_WIDE] + line[-1] for line in lines if line)
    found = sorted((row for row in _EVIDENCE if row.found(head)), key=lambda row: -row.weight)
    scores: dict[str, int] = {}
    for row in found:
        scores[row.dialect] = scores.get(row.dialect, 0) + row.weight
    best = max(scores, key=lambda name: (scores[name], name == "ngspice"), default="ngspice")
    if scores.get(best, 0) < _ENOUGH:
        best = "ngspice"
    return Detection(best, tuple(row.reason for row in found if row.dialect == best), scores)


def dialect_named(name: str) -> Dialect:
    """The dialect of a name.

    Raises:
        InputError: there is none.
    """
    if name.lower() not in DIALECTS:
        raise InputError(f"unknown dialect {name!r}. {did_you_mean(name, DIALECTS)}")
    return DIALECTS[name.lower()]
