import pytest

from eda.simulation.measures import measured, split_measures


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["gain                =  -1.947671e+00 at=  1.000000e+00"], -1.947671),
        (["GAIN = 2"], 2.0),
        (["again = 2"], "again = 2"),
        (["gain = nan"], "gain = nan"),
        (["out of interval", " meas ac gain when vdb(out)=9 failed!"], "out of interval"),
        ([], "`meas ac gain max x` failed"),
    ],
)
def test_printed_measurements_are_numbers_or_reasons(lines, found):
    assert measured("ac gain max x", lines) == found


def test_numbers_and_reasons_are_parted():
    assert split_measures({"a": 1.0, "b": "out of interval"}) == ({"a": 1.0}, {"b": "out of interval"})
