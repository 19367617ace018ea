"""The random functions of model libraries, as parameters that a Monte Carlo sample sets.

`agauss(n, a, s)` of ngspice is a normal number with mean n and standard deviation a/s, `gauss(n, r, s)` one with
standard deviation n r/s, `aunif(n, a)` and `unif(n, r)` are uniform within n +- a and n +- n r (ngspice 39 manual,
section 2.8.4). Each occurrence becomes an expression in a deviate of its own: normal with mean 0 and standard
deviation 1, or uniform in -1..1.
"""

from __future__ import annotations

import re
from typing import Final

from eda.errors import TechnologyError

__all__ = ["UNIFORM", "Deviates"]

UNIFORM: Final = "u"
"""Last letter of the prefix of deviates that are uniform rather than normal."""
_RANDOM: Final = re.compile(r"\b(?P<absolute>a?)(?P<shape>gauss|unif)\s*\(")


class Deviates:
    """Names for the random numbers in expressions.

    Args:
        prefix: what the names begin with.

    Attributes:
        names: those given so far.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.names: list[str] = []

    def named(self, text: str, owner: str) -> str:
        """An expression with a deviate in place of each random function.

        Args:
            text: the expression, lower case.
            owner: the parameter that it belongs to, after which its deviates are named.

        Raises:
            TechnologyError: a call that is not closed, or lacks an argument.
        """
        count = 0
        while match := _RANDOM.search(text):
            arguments, end = _arguments(text, match.end())
            kind = UNIFORM if match["shape"] == "unif" else ""
            name = f"{self.prefix}{kind}_{owner}" + (f"_{count}" if count else "")
            count += 1
            if name not in self.names:
                self.names.append(name)
            try:
                nominal, spread = arguments[0], arguments[1]
                scaled = f"({spread})*{name}" + ("" if kind else f"/({arguments[2]})")
            except IndexError:
                raise TechnologyError(f"{match[0].strip()}...) of {owner} in the library lacks an argument") from None
            value = f"(({nominal})+{scaled})" if match["absolute"] else f"(({nominal})*(1+{scaled}))"
            text = text[: match.start()] + value + text[end:]
        return text


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """Arguments of a call whose opening parenthesis stands before `start`, and where it ends."""
    depth, parts = 1, [""]
    for at in range(start, len(text)):
        character = text[at]
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return parts, at + 1
        if character == "," and depth == 1:
            parts.append("")
        else:
            parts[-1] += character
    raise TechnologyError(f"a parenthesis of {text[:80]!r} in the model library is not closed")
