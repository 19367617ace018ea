"""SPICE numbers and parameter expressions, evaluated without `eval`.

Grammar and functions follow ngspice 39 (manual, section 2.11.5: `log` is the natural logarithm, `^` and `**`
are powers). Input is bounded in length and depth, so an expression of a stranger ends in a value or an error.
"""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "BINARY",
    "CONSTANTS",
    "FUNCTIONS",
    "UNARY",
    "Jump",
    "Step",
    "bare",
    "evaluate",
    "evaluate_all",
    "names",
    "number",
    "program_of",
]

_SUFFIXES: Final = {
    "t": 1e12,
    "g": 1e9,
    "meg": 1e6,
    "k": 1e3,
    "mil": 25.4e-6,
    "m": 1e-3,
    "u": 1e-6,
    "µ": 1e-6,  # U+00B5
    "μ": 1e-6,  # U+03BC
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}
_NUMBER: Final = re.compile(
    r"(?P<digits>(?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?)(?P<suffix>meg|mil|[tgkmuµμnpf])?[a-z]*", re.IGNORECASE
)
_TOKEN: Final = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER.pattern})|(?P<name>[a-z_][\w.]*)"
    r"|(?P<operator>\*\*|<=|>=|==|!=|&&|\|\||[-+*/^%<>!?:(),]))",
    re.IGNORECASE,
)
_LONGEST_NUMBER: Final = 400  # characters
_LONGEST: Final = 4_000
_DEEPEST: Final = 60


def evaluate_all(definitions: Mapping[str, str], outer: Mapping[str, float]) -> dict[str, float]:
    """The values of parameters in whatever order they are defined, beside those outside.

    Args:
        definitions: expressions by name; one that names itself means the one outside.
        outer: values outside.

    Raises:
        InputError: one has no value, or some are defined by each other.
    """
    scope, left = dict(outer), dict(definitions)
    while left:
        ready = {name: text for name, text in left.items() if not (names(text) - {name}) & left.keys()}
        if not ready:
            raise InputError(f"these parameters are defined by each other: {', '.join(sorted(left))}")
        scope |= {name: evaluate(text, scope) for name, text in ready.items()}
        left = {name: text for name, text in left.items() if name not in ready}
    return scope


def number(text: str) -> float:
    """Read a SPICE number such as `10u`, `2.5meg` or `1e-3`; letters after the suffix are a unit and ignored.

    Raises:
        InputError: it is no number.
    """
    sign, body = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    match = _NUMBER.fullmatch(body) if len(body) <= _LONGEST_NUMBER else None
    if match is None:
        raise InputError(f"a SPICE number such as 10u or 2.5meg was expected, but got {text[:60]!r}")
    value = sign * _scaled(match)
    if not math.isfinite(value):
        raise InputError(f"a finite number was expected, but got {text!r}")
    return value


def _scaled(match: re.Match[str]) -> float:
    suffix = match["suffix"]
    # "1.5e-6" and "1.5u" must be the same double, so the suffix becomes an exponent where it is a power of ten
    if suffix is None:
        return float(match["digits"])
    factor = _SUFFIXES[suffix.lower()]
    exponent = round(math.log10(factor))
    if "e" in match["digits"].lower() or not math.isclose(factor, 10.0**exponent, rel_tol=1e-12):
        return float(match["digits"]) * factor
    return float(f"{match['digits']}e{exponent}")


FUNCTIONS: Final[Mapping[str, tuple[int, Callable[..., float]]]] = {
    "sqrt": (1, math.sqrt),
    "exp": (1, math.exp),
    "ln": (1, math.log),
    "log": (1, math.log),
    "log10": (1, math.log10),
    "abs": (1, abs),
    "sin": (1, math.sin),
    "cos": (1, math.cos),
    "tan": (1, math.tan),
    "asin": (1, math.asin),
    "acos": (1, math.acos),
    "atan": (1, math.atan),
    "sinh": (1, math.sinh),
    "cosh": (1, math.cosh),
    "tanh": (1, math.tanh),
    "floor": (1, math.floor),
    "ceil": (1, math.ceil),
    "int": (1, math.trunc),
    "nint": (1, round),
    "sgn": (1, lambda x: float((x > 0) - (x < 0))),
    "min": (2, min),
    "max": (2, max),
    "pow": (2, math.pow),
    "pwr": (2, lambda x, y: abs(x) ** y),
    "ternary_fcn": (3, lambda c, a, b: a if c else b),
}
CONSTANTS: Final = {"pi": math.pi, "e": math.e}

BINARY: Final[Mapping[str, tuple[int, Callable[[float, float], float]]]] = {
    "||": (1, lambda a, b: float(bool(a) or bool(b))),
    "&&": (2, lambda a, b: float(bool(a) and bool(b))),
    "==": (3, lambda a, b: float(a == b)),
    "!=": (3, lambda a, b: float(a != b)),
    "<": (4, lambda a, b: float(a < b)),
    ">": (4, lambda a, b: float(a > b)),
    "<=": (4, lambda a, b: float(a <= b)),
    ">=": (4, lambda a, b: float(a >= b)),
    "+": (5, operator.add),
    "-": (5, operator.sub),
    "*": (6, operator.mul),
    "/": (6, operator.truediv),
    "%": (6, math.fmod),
    # ngspice 39 raises the magnitude of the base: (-2)^3 is 8
    "^": (8, lambda a, b: abs(a) ** b),
    "**": (8, lambda a, b: abs(a) ** b),
}
_UNARY_BINDING: Final = 7
UNARY: Final[Mapping[str, Callable[[float], float]]] = {
    "-": operator.neg,
    "+": operator.pos,
    "!": lambda x: float(not x),
}


@dataclass(slots=True)
class Jump:
    """A step to another place of the program: always, or when the value on the stack is zero."""

    target: int = 0
    conditional: bool = False


# one step of a program: a constant, a parameter, a function with its arity, or a jump
Step = float | str | tuple[int, "Callable[..., float]"] | Jump


class _Compiler:
    """Precedence climbing over the tokens of one expression, to a program for a stack machine.

    A program runs in a loop, so a sum of a thousand terms needs no deep recursion, and only the chosen branch of
    `?:` is evaluated.
    """

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST:
            raise InputError(f"an expression may have {_LONGEST} characters, but got {len(text)}")
        self.text = text
        self.tokens = self._tokens(text)
        self.position = 0
        self.program: list[Step] = []

    def compile(self) -> tuple[Step, ...]:
        """The program of the whole text."""
        self.expression()
        if self.position < len(self.tokens):
            raise InputError(f"unexpected {self.peek()!r} in the expression {self.text!r}")
        return tuple(self.program)

    @staticmethod
    def _tokens(text: str) -> list[re.Match[str]]:
        tokens, at, end = [], 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise InputError(f"unexpected {text[at:].strip()[0]!r} in the expression {text!r}")
            tokens.append(match)
            at = match.end()
        return tokens

    def peek(self) -> str:
        """The next token, lower case; empty at the end."""
        return self.tokens[self.position][0].strip().lower() if self.position < len(self.tokens) else ""

    def expect(self, token: str) -> None:
        """Step over a token that must stand here."""
        if self.peek() != token:
            found = self.peek() or "the end"
            raise InputError(f"{token!r} was expected but got {found!r} in the expression {self.text!r}")
        self.position += 1

    def expression(self, binding: int = 0, depth: int = 0) -> None:
        """One expression whose operators bind at least as tightly as `binding`; 0 lets `?:` in."""
        if depth > _DEEPEST:
            raise InputError(f"the expression {self.text[:60]!r}... is nested deeper than {_DEEPEST}")
        self.operand(depth)
        while (token := self.peek()) in BINARY and BINARY[token][0] >= max(binding, 1):
            self.position += 1
            level, function = BINARY[token]
            self.expression(level + 1, depth + 1)
            self.program.append((2, function))
        if binding == 0 and self.peek() == "?":
            self.choice(depth)

    def choice(self, depth: int) -> None:
        """The branches of `condition ? yes : no`; the condition has been read."""
        self.position += 1
        to_no, to_end = Jump(conditional=True), Jump()
        self.program.append(to_no)
        self.expression(0, depth + 1)
        self.expect(":")
        self.program.append(to_end)
        to_no.target = len(self.program)
        self.expression(0, depth + 1)
        to_end.target = len(self.program)

    def operand(self, depth: int) -> None:
        """A number, name, call, parenthesis or signed operand."""
        if self.position >= len(self.tokens):
            raise InputError(f"the expression {self.text!r} ends where a value was expected")
        match, token = self.tokens[self.position], self.peek()
        self.position += 1
        if token in UNARY:
            self.expression(_UNARY_BINDING, depth + 1)
            self.program.append((1, UNARY[token]))
        elif token == "(":
            self.expression(0, depth + 1)
            self.expect(")")
        elif match["number"]:
            self.program.append(_scaled(match))
        elif match["name"] and self.peek() == "(":
            self.call(token, depth)
        elif match["name"]:
            self.program.append(token)
        else:
            raise InputError(f"a value was expected but got {token!r} in the expression {self.text!r}")

    def call(self, name: str, depth: int) -> None:
        """A function call; its name has been read."""
        if name not in FUNCTIONS:
            raise InputError(f"unknown function {name!r} in {self.text!r}. {did_you_mean(name, FUNCTIONS)}")
        arity, function = FUNCTIONS[name]
        self.expect("(")
        self.expression(0, depth + 1)
        count = 1
        while self.peek() == ",":
            self.position += 1
            self.expression(0, depth + 1)
            count += 1
        self.expect(")")
        if count != arity:
            raise InputError(f"{name} takes {arity} arguments, but got {count} in {self.text!r}")
        self.program.append((arity, function))


@lru_cache(maxsize=4096)
def program_of(text: str) -> tuple[Step, ...]:
    """The program of an expression, for the stack machine of `evaluate`."""
    return _Compiler(text).compile()


def _run(program: tuple[Step, ...], scope: Mapping[str, float]) -> float:
    stack: list[float] = []
    at = 0
    while at < len(program):
        step = program[at]
        at += 1
        if isinstance(step, Jump):
            if not step.conditional or not stack.pop():
                at = step.target
        elif isinstance(step, tuple):
            arity, function = step
            arguments = stack[-arity:]
            del stack[-arity:]
            stack.append(float(function(*arguments)))
        else:
            stack.append(_parameter(step, scope) if isinstance(step, str) else step)
    return stack.pop()


def _parameter(name: str, scope: Mapping[str, float]) -> float:
    if name in scope:
        return scope[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise InputError(f"the parameter {name!r} is not defined. {did_you_mean(name, scope)}")


def bare(text: str) -> str:
    """An expression without the braces or quotes around it."""
    stripped = text.strip()
    if len(stripped) > 1 and (stripped[0], stripped[-1]) in {("{", "}"), ("'", "'"), ('"', '"')}:
        return stripped[1:-1]
    return stripped


def evaluate(text: str, scope: Mapping[str, float] | None = None) -> float:
    """Evaluate a parameter expression.

    Args:
        text: the expression, with or without its braces or quotes.
        scope: values of the parameters it may name, lower case.

    Raises:
        InputError: a syntax error, an undefined parameter, or no finite real value.
    """
    try:
        value = _run(program_of(bare(text)), scope or {})
    except (ArithmeticError, ValueError, TypeError) as error:
        raise InputError(f"the expression {text!r} has no value: {error}") from None
    if not math.isfinite(value):
        raise InputError(f"the expression {text!r} has no finite value")
    return value


def names(text: str) -> frozenset[str]:
    """The parameters that an expression names, lower case."""
    return frozenset(step for step in program_of(bare(text)) if isinstance(step, str)) - CONSTANTS.keys()
