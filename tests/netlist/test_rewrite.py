import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.netlist.expressions import evaluate
from eda.netlist.rewrite import references, rewrite


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a+b", "<a>+<b>"),
        ("2*a", "[2]*<a>"),
        ("1.5u*w", "[1.5u]*<w>"),
        ("1e-3+.5meg", "[1e-3]+[.5meg]"),
        ("2k7", "[2k7]"),
        ("1µ", "[1µ]"),
        ("w1", "<w1>"),
        ("x1.y", "<x1.y>"),
        ("_a", "<_a>"),
        ("max(a,2)", "!max!(<a>,[2])"),
        ("max (a)", "!max! (<a>)"),
        ("a**2", "<a>**[2]"),
        ("a>1?b:c", "<a>>[1]?<b>:<c>"),
        ("v(a)", "v(@a)"),
        ("V( a , b )", "V(@a,@b)"),
        ("i(v1)", "i(#v1)"),
        ("v(1)", "v(@1)"),
        ("v(n-1)", "v(@n-1)"),
        ("2*v(a)+v", "[2]*v(@a)+<v>"),
        ("v(a,b)*i(v1)", "v(@a,@b)*i(#v1)"),
        ("iv(a)", "!iv!(<a>)"),
        ("", ""),
    ],
)
def test_every_part_is_changed_once(text, expected):
    changed = rewrite(
        text,
        name=lambda part: f"<{part}>",
        number=lambda part: f"[{part}]",
        function=lambda part: f"!{part}!",
        node=lambda part: f"@{part}",
        source=lambda part: f"#{part}",
    )
    assert changed == expected


@given(st.text("ab1.2u()+-*/^,?: vi_eE", max_size=30))
def test_without_changes_the_text_stays(text):
    assert rewrite(text) == text
    same = rewrite(text, name=str, number=str, function=str)
    assert same == text


@pytest.mark.parametrize(
    ("text", "nodes", "sources"),
    [
        ("v(a)-v(b,c)+v(a)", ["a", "b", "c", "a"], []),
        ("i(v1)*V(x1.y)", ["x1.y"], ["v1"]),
        ("v(a)*i(vb)", ["a"], ["vb"]),
        ("a+max(v,i)", [], []),
    ],
)
def test_references(text, nodes, sources):
    assert references(text) == (nodes, sources)


def test_a_replaced_name_may_be_an_expression():
    text = rewrite("2*a^b", name=lambda name: {"a": "(1+2)", "b": "(2)"}[name])
    assert evaluate(text) == 18
