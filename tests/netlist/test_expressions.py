import math
import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import InputError
from eda.netlist.expressions import evaluate, names, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5u", 1.5e-6),
        ("1M", 1e-3),
        ("1m", 1e-3),
        ("1MEG", 1e6),
        ("2.5Meg", 2.5e6),
        ("3T", 3e12),
        ("3g", 3e9),
        ("4k7", None),
        ("10kohm", 1e4),
        ("1F", 1e-15),
        ("0.18um", 0.18e-6),
        ("7µ", 7e-6),
        ("7μ", 7e-6),  # the Greek letter looks the same
        ("2a", 2.0),  # amperes: ngspice 39 has no atto
        ("2e-18", 2e-18),
        ("1e", 1.0),
        ("1e-3", 1e-3),
        ("-.5n", -0.5e-9),
        ("+5.p", 5e-12),
        ("3V", 3.0),
        ("", None),
        ("w1", None),
        ("1 u", None),
        ("--1", None),
    ],
)
def test_number(text, value):
    if value is None:
        with pytest.raises(InputError, match="a SPICE number"):
            number(text)
    else:
        assert number(text) == value


def test_mil_is_a_thousandth_of_an_inch():
    assert number("2mil") == pytest.approx(50.8e-6, rel=1e-15)


@given(
    digits=st.integers(0, 10**6),
    point=st.integers(0, 6),
    suffix=st.sampled_from([*zip("tkunpf", (12, 3, -6, -9, -12, -15), strict=True), ("meg", 6)]),
)
def test_a_suffix_gives_the_same_double_as_the_exponent(digits, point, suffix):
    text = f"{digits / 10**point:.{point}f}"
    assert number(text + suffix[0]) == float(f"{text}e{suffix[1]}")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2+3*4", 14),
        ("(2+3)*4", 20),
        ("10-2-3", 5),
        ("64/4/2", 8),
        ("2*3^2", 18),
        ("2**-1", 0.5),
        ("7%4", 3),
        ("-3+5", 2),
        ("2*-3", -6),
        ("1+2 < 4", 1),
        ("1 < 2 == 1", 1),
        ("0 && 0 || 1", 1),
        ("!0 + 1", 2),
        ("1 >= 2", 0),
        ("3 != 3", 0),
        ("0 ? 1 : 2", 2),
        ("1 ? 2 : 0 ? 3 : 4", 2),
        ("0 ? 2 : 0 ? 3 : 4", 4),
        ("3 > 2 ? 10 : 20", 10),
        ("{2*W1}", 20e-6),
        ("'w1 + l1'", 10.5e-6),
        ("pi", math.pi),
        ("1k + 1MEG", 1_001_000),
        ("sqrt(16)", 4),
        ("ln(exp(2))", 2),
        ("log(100)", math.log(100)),
        ("log10(100)", 2),
        ("abs(-2)", 2),
        ("min(1, 2) + max(1, 2)", 3),
        ("int(-1.5)", -1),
        ("floor(-1.5)", -2),
        ("ceil(-1.5)", -1),
        ("nint(1.6)", 2),
        ("sgn(-3)", -1),
        ("pow(2, 3)", 8),
        ("atan(1)", math.pi / 4),
        ("ternary_fcn(0, 1, 2)", 2),
    ],
)
def test_evaluate(text, value):
    assert evaluate(text, {"w1": 10e-6, "l1": 0.5e-6}) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "value"),
    [("(-2)^3", 8), ("(-2)**3", 8), ("pwr(-2, 2)", 4), ("pow(-2, 3)", -8), ("2**3**2", 64), ("-2^2", -4)],
)
def test_powers_are_those_of_ngspice(text, value):
    # truth: `.param` in ngspice 39, which raises the magnitude of the base for ^, ** and pwr, but not for pow
    assert evaluate(text) == value


def test_ternary_evaluates_only_the_chosen_branch():
    assert evaluate("x > 0 ? 1/x : 0", {"x": 0.0}) == 0


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("widht*2", "'widht' is not defined. Did you mean 'width'?"),
        ("1/0", "has no value"),
        ("1%0", "has no value"),
        ("sqrt(-1)", "has no value"),
        ("ln(0)", "has no value"),
        ("10^400", "has no value"),
        ("1e308*10", "no finite value"),
        ("1e999", "no finite value"),
        ("sqr(2)", "unknown function 'sqr'.*'sqrt'"),
        ("min(1)", "min takes 2 arguments, but got 1"),
        ("(1+2", r"'\)' was expected but got 'the end'"),
        ("1 ? 2", "':' was expected"),
        ("1+", "ends where a value was expected"),
        ("", "ends where a value was expected"),
        ("1 2", "unexpected '2'"),
        ("a@b", "unexpected '@'"),
        ("* 2", r"a value was expected but got '\*'"),
        ("__import__('os')", "unexpected"),
    ],
)
def test_evaluate_refuses(text, fragment):
    with pytest.raises(InputError, match=fragment):
        evaluate(text, {"width": 1.0, "length": 2.0})


@pytest.mark.parametrize("text", ["(" * 100 + "1" + ")" * 100, "-" * 100 + "1", "sqrt(" * 100 + "1" + ")" * 100])
def test_depth_is_bounded(text):
    with pytest.raises(InputError, match="nested deeper than"):
        evaluate(text)


def test_length_is_bounded():
    with pytest.raises(InputError, match="characters, but got 5001"):
        evaluate("1" * 5001)


@pytest.mark.parametrize("function", [evaluate, names])
def test_a_long_flat_sum_ends_in_a_value_or_an_error(function):
    try:
        result = function("+".join(["1"] * 1500))
    except InputError:
        return
    assert result == (1500 if function is evaluate else frozenset())


def test_names_are_the_parameters_but_not_functions_or_constants():
    assert names("{2*W1 + sqrt(l1/pi) > x.y ? 1u : ib}") == {"w1", "l1", "x.y", "ib"}


# random trees: SPICE text beside the value that Python gives to the same tree

_OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "<": operator.lt,
}
_OPERATORS["**"] = lambda a, b: abs(a) ** b  # the text says abs() too
_LEAVES = st.one_of(
    st.integers(0, 99).map(lambda n: (str(n), float(n))),
    st.integers(1, 999).map(lambda n: (f"{n}m", float(f"{n}e-3"))),
    st.sampled_from([("w1", 1.25), ("L_2", 0.5)]),
)
_ORDER = {"?": 0, "<": 1, "+": 2, "-": 2, "*": 3, "/": 3, "neg": 4, "**": 5}


def _branches(children):
    return st.one_of(
        st.tuples(st.sampled_from(sorted(_OPERATORS)), children, children),
        st.tuples(st.just("neg"), children),
        st.tuples(st.sampled_from(["min", "max"]), children, children),
        st.tuples(st.just("?"), children, children, children),
    )


def _truth(tree):
    match tree:
        case (str(), float()):
            return tree[1]
        case ("neg", a):
            return -_truth(a)
        case ("?", c, a, b):
            return _truth(a) if _truth(c) else _truth(b)
        case ("min" | "max" as name, a, b):
            return {"min": min, "max": max}[name](_truth(a), _truth(b))
        case (symbol, a, b):
            value = float(_OPERATORS[symbol](_truth(a), _truth(b)))
            if not math.isfinite(value):
                raise OverflowError
            return value


def _text(tree):
    """The tree with only the parentheses that precedence and left association need."""

    def inside(child, least):
        leaf = isinstance(child[1], float)
        text = _text(child)
        return text if leaf or child[0] in {"min", "max"} or _ORDER[child[0]] >= least else f"({text})"

    match tree:
        case (str(), float()):
            return tree[0]
        case ("neg", a):
            return f"-{inside(a, 5)}"
        case ("?", c, a, b):
            return f"{inside(c, 1)} ? {_text(a)} : {_text(b)}"
        case ("min" | "max" as name, a, b):
            return f"{name}({_text(a)},{_text(b)})"
        case ("**", a, b):
            return f"abs({_text(a)})**{inside(b, 6)}"
        case (symbol, a, b):
            return f"{inside(a, _ORDER[symbol])} {symbol} {inside(b, _ORDER[symbol] + 1)}"


@settings(max_examples=300)
@given(st.recursive(_LEAVES, _branches, max_leaves=12))
def test_random_expressions_agree_with_python(tree):
    try:
        truth = _truth(tree)
    except ArithmeticError:
        with pytest.raises(InputError, match=r"no (finite )?value"):
            evaluate(_text(tree), {"w1": 1.25, "l_2": 0.5})
        return
    assert evaluate(_text(tree), {"w1": 1.25, "l_2": 0.5}) == pytest.approx(truth, rel=1e-12)
