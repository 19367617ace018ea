import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eda.datasets import split
from eda.errors import InputError

PARTS = {"train": 0.8, "valid": 0.1, "test": 0.1}


@given(st.lists(st.sampled_from("abcdefghij")), st.integers(0, 99))
def test_no_key_stands_in_two_parts_and_nothing_is_lost(keys, seed):
    entries = list(enumerate(keys))
    parts = split(entries, lambda entry: entry[1], PARTS, seed=seed)
    assert list(parts) == list(PARTS)
    assert sorted(entry for part in parts.values() for entry in part) == entries
    owners = [{key for _, key in part} for part in parts.values()]
    assert sum(map(len, owners)) == len(set(keys))
    assert all(part == sorted(part) for part in parts.values())


def test_shares_are_met_when_groups_are_small():
    parts = split(range(1000), lambda n: str(n // 3), PARTS, seed=1)
    assert {part: len(entries) for part, entries in parts.items()} == pytest.approx(
        {part: 1000 * share for part, share in PARTS.items()}, abs=3
    )


def test_the_seed_decides_and_the_order_does_not():
    entries = list(range(200))
    shuffled = random.Random(7).sample(entries, len(entries))
    first = split(entries, str, PARTS, seed=1)
    again = split(shuffled, str, PARTS, seed=1)
    assert {part: sorted(found) for part, found in again.items()} == first
    assert split(entries, str, PARTS, seed=2) != first


@pytest.mark.parametrize("fractions", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": 1.0, "b": 0.0}])
def test_fractions_must_be_shares_of_the_whole(fractions):
    with pytest.raises(InputError, match="must be above 0 and together 1"):
        split([1], str, fractions, seed=0)
