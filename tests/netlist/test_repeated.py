"""The quick way must give what the whole grammar gives, errors included: only the speed may differ."""

from __future__ import annotations

import re
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eda.errors import NetlistError
from eda.netlist import DIALECTS, parse_netlist
from eda.netlist.repeated import Repeated

FAMILY = [name for name in DIALECTS if name != "spectre"]


def read(text, dialect):
    """The circuit with everything that is not compared otherwise (locations, spelling), or the error."""
    try:
        return repr(parse_netlist(text, dialect=dialect))
    except NetlistError as error:
        return str(error)


def both(lines, dialect):
    text = "\n".join(["* t", *lines]) + "\n"
    quick = read(text, dialect)
    with patch.object(Repeated, "device", lambda _, line: None):
        return quick, read(text, dialect)


def test_the_quick_way_is_taken():
    lines = ["m1 d g s b nch w=1u", "m2 d g s b nch w=1u", "m3 d g s b nch w=2u l=1e-6", "r1 a gnd 1k"]
    found = []
    quick = Repeated.device

    def device(self, line):
        found.append(quick(self, line))
        return found[-1]

    with patch.object(Repeated, "device", device):
        parse_netlist("\n".join(["* t", *lines]))
    assert [one and one.name for one in found] == [None, "m2", "m3", "r1"]
    assert found[2].parameters == {"w": "2u", "l": "1e-6"}
    assert found[3].nodes == ("a", "0")


LINES = [
    # numbers: suffixes, units, exponents, none at all, too large, of other scripts
    *(f"r1 a b {value}" for value in ("1e3", "1.e3", "1e+3", "1e-3meg", "1meg", "1mil", "1m", "10pF", "10pf", "1f")),
    *(f"r1 a b {value}" for value in ("0", "00", ".5", "5.", "-1", "1k5", "2k7", "1x", "1_0", "1.5.2", "1e", "e1")),
    *(f"c1 a b {value}" for value in ("1e400", "9" * 400, "1e-400", "١", "10²", "1µ", "{1}", "'1'", "a*2", "1/2")),
    *(f"m1 d g s b nch w={value}" for value in ("1e", "1.", "1mil", "1m", "10pF", "1e400", "١", "1_0", "1.5.2", "1k5")),
    # names
    *("r1 A b 1k", "R1 a b 1k", "R1 A B 1K", "r_ a b 1", "r a b 1", "rx.y a b 1", "r-1 a b 1", "r١ a b 1", "r1 ١ b 1"),
    *("r1 a: b 1", "r1 a.b b 1", "r1 ( b 1", "r1 a b=1k", "r=1 a b 1k", "r1 on off 1k", "r1 a b on", "r1 a / 1"),
    *("M1 d g s b nch w=1u", "m1 d g s b NCH w=1u", "m1 d g s b Nch W=1u", "m1 d g s b pch w=1u", "m1 d g s b 1n w=1u"),
    # ground of some dialects
    *("r1 gnd b 1", "r1 GND b 1", "r1 gnd! b 1", "r1 ground b 1", "m1 gnd gnd! ground 0 nch w=1u"),
    # blanks, commas, comments, continuations
    *("r1\ta\tb\t1k", "  r1 a b 1k", "r1 a b\u00a01k", "r1 a\x0bb 1k", "r1 a b 1k\x0c", "r1 a,b 1k", "r1 a b,1k"),
    *("r1 a b 1k $ x", "r1 a b 1k $x", "r1 a b 1k ; x", "r1 a b 1k // x", "m1 d g s b nch w=1u $x=1", "m1 $ g s b nch"),
    *(
        "r1 a b 1k\n+ tc1=1",
        "r1 a\n+ b 1k",
        "r1 a b 1k\n+",
        "m1 d g s b nch\n+ w=1u",
        "m1 d g s b nch w=1\n* x\n+ l=1",
    ),
    *("m1 d g s b nch\tw=1u", "m1 d g s b  nch   w=1u\tl=1u", "m1 d,g s b nch w=1u", "m1 d g s b nch,w=1u"),
    # words too few, too many, twice
    *("r1 a b", "r1 a 1k", "r1 a b 1 k", "r1 a b 1k 2", "m1 d g s nch w=1u", "m1 d g s b w=1u nch", "m1 d=1 g s b nch"),
    *("m1 d g s b nch x", "m1 d g s b nch off", "m1 d g s b nch w=1u x", "m1 d g s b", "r1 a b 1\nr1 a b 1"),
    # parameters
    *("m1 d g s b nch w=1u w=2u", "m1 d g s b nch w=1 W=2", "m1 d g s b nch w =1u", "m1 d g s b nch w= 1u"),
    *("m1 d g s b nch w=", "m1 d g s b nch w==1", "m1 d g s b nch 1=1", "m1 d g s b nch =1", "m1 d g s b nch w=1=2"),
    *("m1 d g s b nch ic=1", "m1 d g s b nch ic=1,2", "m1 d g s b nch ic=1 2 3", "c1 a b 1u ic=1", "r1 a b 1k tc=1"),
    *("m1 d g s b nch tc=1", "m1 d g s b nch tc=1,2 tc1=3", "m1 d g s b nch tc=1 2 3", "m1 d g s b nch tc1=1 tc=1 2"),
    *("m1 d g s b nch version=4.5", "m1 d g s b nch version=4.5.0", "m1 d g s b nch w=[1 2]", "m1 d g s b nch sin=1"),
    *("m1 d g s b nch params: w=1u", "m1 d g s b nch w={1}", "m1 d g s b nch w='a + b' l=1", "m1 d g s b nch w=f(1)"),
    *("m1 d g s b $[pch] w=1", "m1 d g s b nch $sub=gnd", "m1 d g s b nch w={{x}}", "r1 a b {{x}}"),
]
SEEDS = [
    [],
    ["m0 d g s b nch w=1u l=1u"],
    ["M0 D G S B NCH W=1U L=1U", "R0 a b 1k"],
    ["m0 d gnd gnd! ground nch ic=1", "r0 gnd gnd! 1m"],
]


@pytest.mark.parametrize("dialect", FAMILY)
@pytest.mark.parametrize("line", LINES)
def test_a_line_reads_the_same_whatever_was_read_before(line, dialect):
    # the same words once more, under another name, are what the quick way remembers
    again = re.sub(r"^(\s*[a-z])\w*", r"\g<1>9", line, flags=re.IGNORECASE)
    for seed in SEEDS:
        quick, slow = both([*seed, line, again], dialect)
        assert quick == slow


@pytest.mark.parametrize(
    "lines",
    [
        # a word that stands where the tail of another line stood
        ["m1 d,g s b nch w=1u", "m2 d g s b w=1u"],
        ["m1 d,g s b nch w=1u", "m2 d g nch b w=1u"],
        ["m1 d , g s b nch w=1u", "m2 d , g s b nch w=1u", "m3 d g s b b nch w=1u"],
        # what was read before a card that changes how words are read
        ["m1 d g s b nch w=1m", "*.MEGA", "m2 d g s b nch w=1m", "m3 d g s b nch w=2m", "r1 a b 1m"],
        ["m1 d g s b nch w=1u", ".model nch nmos", "m2 d g s b nch w=1u"],
        ["m1 d g s b nch w=1u", ".alter", "m2 d g s b nch w=1u"],
        ["m1 d g s b nch w=1u", ".control", "m2 d g s b nch w=1u"],
        [".param cc=1p", "c1 a b cc", "c2 a b cc", "m1 d g s b cc w=1", "m2 d g s b cc w=1"],
    ],
    ids=" | ".join,
)
@pytest.mark.parametrize("dialect", FAMILY)
def test_lines_that_could_mislead_each_other(lines, dialect):
    quick, slow = both(lines, dialect)
    assert quick == slow


CALL = "m{} d g s b nch w=f(1)"


@pytest.mark.parametrize(
    "order",
    [
        ["file", "block"],
        ["block", "file"],
        ["block", "other"],
        ["block", "plain"],
        ["plain", "block"],
        ["file", "block", "plain", "other", "file"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("everywhere", [True, False])
def test_a_function_of_one_block_is_not_taken_for_that_of_another(order, everywhere):
    """`file`: outside any block; `block` and `other`: with an f of their own; `plain`: a block without."""
    lines = [".func f(x) {2*x}"] if everywhere else []
    for index, where in enumerate(order):
        own = {"block": [".func f(x) {3*x}"], "other": [".param f(x)='5*x'"]}.get(where, [])
        call = CALL.format(index)
        lines += [call] if where == "file" else [f".subckt s{index} a", *own, call, ".ends"]
    quick, slow = both(lines, "ngspice")
    assert quick == slow


# random netlists, of words that are the same often enough to be remembered

_values = st.sampled_from(["1", "1u", "2.5meg", "1e3", "1m", "10pF", "1mil", "1e400", "k", "f(1)", "{k}", "'k+1'", "K"])
_keys = st.sampled_from(["w", "W", "l", "m", "ic", "tc", "tc1", "version", "sin", "$x", "1", ""])
_words = st.sampled_from(["a", "b", "A", "0", "gnd", "GND", "gnd!", "ground", "nch", "NCH", "a,b", "n.1", "x:y", "1k"])
_gaps = st.sampled_from([" ", " ", " ", "  ", "\t", ",", " , ", "\n+ ", " = "])
_cards = st.sampled_from(
    [
        *(".subckt s{} a b", ".ends", ".func f(x) {{x*2}}", ".param f(x)='x*{}' k=1", ".model nch nmos"),
        *("*.MEGA", "* comment", "+ w=1u", ".param k=2"),
    ]
)


@st.composite
def _elements(draw):
    letter = draw(st.sampled_from("mmmrclMR"))
    nodes = draw(st.lists(_words, min_size=2, max_size=2)) if letter in "rclR" else ["d", draw(_words), "s", "b"]
    tail = [draw(_values)] if letter in "rclR" else [draw(st.sampled_from(["nch", "nch", "NCH", "pch"]))]
    pairs = draw(st.lists(st.builds("{}={}".format, _keys, _values), max_size=2))
    words = [*nodes, *tail, *pairs]
    return f"{letter}{{}}" + "".join(f"{draw(_gaps)}{word}" for word in words).replace("{", "{{").replace("}", "}}")


@pytest.mark.parametrize("dialect", FAMILY)
@settings(max_examples=300, deadline=None)
@given(lines=st.lists(_elements() | _cards, min_size=1, max_size=8), repeats=st.integers(1, 2))
def test_random_netlists_read_the_same(dialect, lines, repeats):
    # errors end a reading, so every line is also read after the first alone
    for some in [lines * repeats, *([lines[0], line, line] for line in lines[1:])]:
        quick, slow = both([line.format(index) for index, line in enumerate(some)], dialect)
        assert quick == slow
