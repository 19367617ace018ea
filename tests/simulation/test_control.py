from eda.simulation import Ac, Deck, Fourier, Noise, Tran
from eda.simulation.control import control_text, measures_in

RC = "v1 in 0 1 ac 1\nr1 in out 1k\nc1 out 0 1n"


def _deck(*analyses, **settings):
    return Deck("", RC, {"x": 1.0}, analyses, ("v(out)",), **settings)


def test_the_control_block_runs_each_analysis_with_a_file_of_its_own():
    deck = _deck(Tran(1e-9, 1e-6), Fourier(1e6, "v(out)"), Noise("v(out)", "v1"), measures=("tran a max v(out)",))
    block = control_text(deck, {"x": 2.0}).split(".control\n")[1].splitlines()
    assert ".param x=2.0" in control_text(deck, {"x": 2.0})
    assert block == [
        *("set filetype=binary", "set appendwrite"),
        *("tran 1e-09 1e-06", "write 0.raw", "echo eda-measure a", "meas tran a max v(out)", "echo eda-measure"),
        "destroy all",
        *("save all", "noise v(out) v1 dec 20 1 10000000000", "delete all", "save v(out)"),
        *("write 2.raw", "setplot previous", "write 2.raw", "echo eda-measure", "destroy all"),
        *("quit", ".endc", ".end"),
    ]


def test_measurements_are_found_between_their_marks():
    deck = _deck(Ac(), measures=("ac a max v(out)", "ac b min v(out)"))
    said = "eda-measure a\na   =  1.5e+00 at= 2\neda-measure b\n meas ac b failed!\neda-measure\nnoise"
    found = measures_in(deck, said, "Error: measure  b  min(MIN) : out of interval")
    assert found == {"a": 1.5, "b": "Error: measure  b  min(MIN) : out of interval"}
