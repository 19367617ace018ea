import pytest

from eda.errors import NetlistError
from eda.netlist.dialects import DIALECTS
from eda.netlist.lines import logical_lines


def _lines(text):
    return list(logical_lines(text, "a.sp", DIALECTS["ngspice"].comment))


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("r1 a b 1 ; load", ["r1 a b 1"]),
        ("r1 a b 1 $ load", ["r1 a b 1"]),
        ("r1 a b 1 // load", ["r1 a b 1"]),
        ("r1 a$b c 1 $load", ["r1 a$b c 1"]),
        (".lib $PDK_ROOT/sky130.lib tt", [".lib $PDK_ROOT/sky130.lib tt"]),
        ("* comment\n\n  ; another\n// more\n$ more", []),
        ("*@ w = 1..2 log", ["*@ w = 1..2 log"]),
        ("r1 a b\n+ 1k", ["r1 a b 1k"]),
        ("r1 a ; x\n\n* comment\n  + b $ y\n+1k // z\nr2 c d 2", ["r1 a b 1k", "r2 c d 2"]),
        ("r1 a b 1\r\nr2 c d 2\r\n", ["r1 a b 1", "r2 c d 2"]),
    ],
)
def test_statements(text, statements):
    assert [line.text for line in _lines(text)] == statements


@pytest.mark.parametrize("text", ["+ 1k", "* c\n\n+ 1k", "*@ w = 1..2\n+ log"])
def test_continuation_needs_a_statement(text):
    with pytest.raises(NetlistError, match="no statement before it") as caught:
        _lines(text)
    assert (caught.value.file, caught.value.line, caught.value.column) == ("a.sp", len(text.splitlines()), 1)


def test_tokens_keep_braces_and_quotes_together_and_separate_equals():
    (line,) = _lines("m1 (d,g) w={2 * {a}} l='x y' s = \"p q\"")
    assert line.words() == [
        *("m1", "(d", "g)", "w", "=", "{2 * {a}}", "l", "=", "'x y'", "s", "=", '"p q"'),
    ]


@pytest.mark.parametrize(
    ("text", "word"), [("r1 a {b c", "{b"), ("r1 {a {b} c", "{a"), ("r1 a 'b c", "'b"), ('r1 a "b', '"b')]
)
def test_an_open_brace_or_quote_is_pointed_at(text, word):
    (line,) = _lines(text)
    with pytest.raises(NetlistError, match="is not closed") as caught:
        line.words()
    assert caught.value.column == text.index(word) + 1


def test_every_word_of_a_continued_line_is_located_in_its_own_source_line():
    text = "  r1 aa ; x\n* comment\n\t+  bb cc\n\n+dd"
    (line,) = _lines(text)
    sources = text.split("\n")
    for index, word in enumerate(line.words()):
        error = line.word_error("here", index)
        assert error.text == sources[error.line - 1]
        assert error.text[error.column - 1 :].startswith(word)
