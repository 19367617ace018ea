import pytest

from eda.graph.references import References, references


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=2*V(a)", References("v=2*v(#)", ("a",), ())),
        ("i=v( x1.a , b )*i(v.s)", References("i=v(#,#)*i(#)", ("x1.a", "b"), ("v.s",))),
        ("v=max(v(a),v(a))", References("v=max(v(#),v(#))", ("a", "a"), ())),
        ("v=inv(a)+pwrv(1)", References("v=inv(a)+pwrv(1)", (), ())),
        ("table {v(a,b)} = (0,0) (1,1)", References("table {v(#,#)} = (0,0) (1,1)", ("a", "b"), ())),
    ],
)
def test_references_are_taken_out_of_the_text(text, expected):
    assert references(text) == expected
