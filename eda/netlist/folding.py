"""Expressions evaluated in part, or turned into functions: other readings of the programs of `expressions`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from eda.errors import InputError
from eda.netlist.expressions import BINARY, CONSTANTS, FUNCTIONS, UNARY, Jump, bare, program_of

if TYPE_CHECKING:
    from eda.netlist.expressions import Step

__all__ = ["Function", "compiled", "fold"]

T = TypeVar("T")

Function = Callable[[Mapping[str, float]], float]
"""An expression as a function of the parameters that it names."""


def _interpret(
    program: tuple[Step, ...], leaf: Callable[[float | str], T], apply: Callable[..., T], choose: Callable[[T, T, T], T]
) -> T:
    """Run a program over other values than numbers: `leaf` makes one, `apply` and `choose` combine them."""

    def part(at: int, end: int) -> T:
        stack: list[T] = []
        while at < end:
            step = program[at]
            at += 1
            if isinstance(step, Jump):
                # the condition is on the stack; the branch for yes ends with the jump over the one for no
                over = program[step.target - 1]
                assert isinstance(over, Jump)
                stack.append(choose(stack.pop(), part(at, step.target - 1), part(step.target, over.target)))
                at = over.target
            elif isinstance(step, tuple):
                arity, function = step
                arguments = stack[-arity:]
                del stack[-arity:]
                stack.append(apply(function, *arguments))
            else:
                stack.append(leaf(step))
        return stack.pop()

    return part(0, len(program))


def fold(text: str, scope: Mapping[str, float | str]) -> float | str:
    """Evaluate what can be evaluated: a number, or an expression in the names that `scope` lacks.

    What is multiplied by zero vanishes, also where it has no value yet.

    Args:
        text: the expression, with or without its braces or quotes.
        scope: by name, lower case: a number, or an expression that takes the place of the name.

    Raises:
        InputError: a syntax error, or a part that has no value.
    """

    def leaf(step: float | str) -> float | str:
        if isinstance(step, float):
            return step
        return scope[step] if step in scope else CONSTANTS.get(step, step)

    try:
        return _interpret(program_of(bare(text)), leaf, _folded, _chosen)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise InputError(f"the expression {text!r} has no value: {error}") from None


_INFIX: Final = {function: token for token, (_, function) in BINARY.items()}
_PREFIX: Final = {function: token for token, function in UNARY.items()}
_NAMES: Final = {function: name for name, (_, function) in FUNCTIONS.items()}
_NEUTRAL: Final[Mapping[Callable[..., float], float]] = {operator.mul: 1.0, operator.add: 0.0}


def _folded(function: Callable[..., float], *arguments: float | str) -> float | str:
    numbers = [argument for argument in arguments if not isinstance(argument, str)]
    if len(numbers) == len(arguments):
        return float(function(*numbers))
    if (function is operator.mul and 0 in numbers) or (function is operator.truediv and arguments[0] == 0):
        return 0.0
    if function in _NEUTRAL and _NEUTRAL[function] in numbers:
        return next(argument for argument in arguments if isinstance(argument, str))
    texts = [_spelled(argument) for argument in arguments]
    if function in _INFIX:
        return f"({_INFIX[function].join(texts)})"
    return f"({_PREFIX[function]}{texts[0]})" if function in _PREFIX else f"{_NAMES[function]}({','.join(texts)})"


def _chosen(condition: float | str, yes: float | str, no: float | str) -> float | str:
    if isinstance(condition, str):
        return f"({condition}?{_spelled(yes)}:{_spelled(no)})"
    return yes if condition else no


def _spelled(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return repr(value) if value >= 0 else f"({value!r})"


@lru_cache(maxsize=4096)
def compiled(text: str) -> Function:
    """An expression as a function, for evaluating it many times; what it raises is Python's own.

    Args:
        text: the expression, with or without its braces or quotes.

    Raises:
        InputError: a syntax error.
    """

    def leaf(step: float | str) -> Function:
        if isinstance(step, float):
            return lambda _scope: step
        return operator.itemgetter(step) if step not in CONSTANTS else lambda scope: scope.get(step, CONSTANTS[step])

    def apply(function: Callable[..., float], *arguments: Function) -> Function:
        if len(arguments) == 1:
            (only,) = arguments
            return lambda scope: float(function(only(scope)))
        if len(arguments) == 2:
            first, second = arguments
            return lambda scope: float(function(first(scope), second(scope)))
        return lambda scope: float(function(*(argument(scope) for argument in arguments)))

    def choose(condition: Function, yes: Function, no: Function) -> Function:
        return lambda scope: yes(scope) if condition(scope) else no(scope)

    return _interpret(program_of(bare(text)), leaf, apply, choose)
