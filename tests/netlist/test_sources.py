import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.errors import InputError
from eda.netlist.elements import quoted
from eda.netlist.sources import WAVEFORMS, SourceValue, parse_source

# what stands behind the nodes -> its canonical text
TEXTS = {
    "": "",
    "1.8": "1.8",
    "dc 1.8": "1.8",
    "DC=1.8": "1.8",
    "1.8 ac 1": "dc 1.8 ac 1",
    "ac": "ac 1",
    "ac 1 90": "ac 1 90",
    "ac=1,90": "ac 1 90",
    "ac 1 dc 2": "dc 2 ac 1",
    "dc -1": "-1",
    "sin(0 1 1k)": "sin(0 1 1k)",
    "SINE (0 1 1k)": "sin(0 1 1k)",
    "sin 0 1 1k": "sin(0 1 1k)",
    "pulse(0,1,0,1n,1n,5n,10n) dc 0": "dc 0 pulse(0 1 0 1n 1n 5n 10n)",
    "dc 1 ac 1 pwl(0 0 1n 1)": "dc 1 ac 1 pwl(0 0 1n 1)",
    "pwl(0 0 1n 1) r=0 td=1n": "pwl(0 0 1n 1) r=0 td=1n",
    "pwl(0 0 1n 1 r 0 td 1n)": "pwl(0 0 1n 1) r=0 td=1n",
    "portnum 1 z0 50": "portnum=1 z0=50",
    "dc {a + b} sin({x} 1 'f')": "dc {a + b} sin({x} 1 {f})",
    "external": "external()",
}


def _bare(word):
    return word[1:-1] if word[0] in "{'\"" else word


@pytest.mark.parametrize("text", TEXTS)
def test_the_canonical_text(text):
    canonical = parse_source(text, _bare).text(quoted)
    assert canonical == TEXTS[text]
    assert parse_source(canonical, _bare) == parse_source(text, _bare)


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("1 2", "'2' is not understood"),
        ("1 dc 2", "dc is given twice"),
        ("dc 1 dc 2", "dc is given twice"),
        ("ac 1 ac 2", "ac is given twice"),
        ("sin(0 1", "parenthesis of sin is not closed"),
        ("sin(0 1) pulse(1 2)", "one transient function, but got sin and pulse"),
        ("snn(0 1)", "where no transient function was begun"),
        ("dc 0 sni 0 1", "Did you mean 'sin'"),
        (")", "where no transient function was begun"),
        ("sin((0 1)", "parenthesis"),
        ("portnum", "portnum has no value"),
        ("{1", "is not understood"),
    ],
)
def test_a_source_that_cannot_be_read_is_refused(text, fragment):
    with pytest.raises(InputError, match=fragment):
        parse_source(text)


def test_every_expression_is_mapped():
    source = parse_source("dc a ac b c sin(d e) portnum f").mapped(lambda text: text * 2)
    assert source == SourceValue("aa", ("bb", "cc"), "sin", ("dd", "ee"), (("portnum", "ff"),))


_terms = st.sampled_from(["0", "1.8", "-2.5", "10u", "w1", "2*(a+b)", "a > 1 ? b : c"])
_sources = st.builds(
    SourceValue,
    st.none() | _terms,
    st.lists(_terms, max_size=2).map(tuple),
    st.sampled_from(["", *sorted(WAVEFORMS)]),
    st.lists(_terms, max_size=6).map(tuple),
    st.sampled_from([(), (("portnum", "1"),), (("portnum", "1"), ("z0", "50"))]),
).map(lambda source: source if source.waveform else SourceValue(source.dc, source.ac, "", (), source.others))


@given(_sources)
def test_reading_the_text_of_a_source_gives_the_source(source):
    assert parse_source(source.text(quoted), _bare) == source
