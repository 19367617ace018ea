from hypothesis import given
from hypothesis import strategies as st

from eda.datasets.entries import Names


def test_names_are_folded_and_keep_their_spelling():
    names = Names()
    assert [names.of("VDD"), names.of("net1"), names.of("VDD")] == ["vdd", "net1", "vdd"]
    assert names.spelling == {"vdd": "VDD"}


def test_names_that_differ_only_in_case_stay_distinct():
    names = Names()
    assert [names.of("000q"), names.of("000Q"), names.of("000q")] == ["000q", "000q_2", "000q"]
    assert names.spelling == {"000q_2": "000Q_2"}


def test_characters_with_a_meaning_in_netlists_are_replaced():
    assert Names().of("NON-INVERTING INPUT") == "non-inverting_input"
    assert Names().of("CLK$3'") == "clk$3_"
    assert Names().of(r"VIN\+") == "vin_+"


@given(st.lists(st.text(st.sampled_from("aAbB_2 ="), min_size=1)))
def test_distinct_sources_have_distinct_names(sources):
    names = Names()
    given_names = {source: names.of(source) for source in sources}
    assert len(set(given_names.values())) == len(given_names)
    assert all(name == name.lower() and " " not in name and "=" not in name for name in given_names.values())
    assert all(spelled.lower() == name for name, spelled in names.spelling.items())
