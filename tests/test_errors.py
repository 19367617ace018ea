import pickle

import pytest

from eda import errors
from eda.errors import EDAError, NetlistError, SimulatorError, did_you_mean, files_beside


@pytest.mark.parametrize("name", [n for n in errors.__all__ if not n.islower()])
def test_every_error_is_in_the_tree_and_has_an_exit_code_for_failure(name):
    error = getattr(errors, name)
    assert issubclass(error, EDAError)
    assert error.exit_code == (3 if error is SimulatorError else 2)


def test_netlist_error_shows_place_line_caret_and_hint():
    error = NetlistError("bad node", file="a.sp", line=7, column=4, text="r1 x y", hint="name it")
    assert str(error).splitlines() == ["a.sp:7:4: bad node", "  r1 x y", "     ^", "hint: name it"]


def test_caret_stands_under_its_column_in_a_line_with_tabs():
    text = "\tr1\ta b 1k oops"
    error = NetlistError("unknown word", file="a.sp", line=1, column=text.index("oops") + 1, text=text)
    _, shown, caret = str(error).splitlines()
    assert shown[caret.index("^") :] == "oops"


def test_netlist_error_without_place_or_text_is_one_line():
    assert str(NetlistError("unreadable")) == "netlist: unreadable"
    assert str(NetlistError("unreadable", file="a.sp", line=3)) == "a.sp:3: unreadable"


def test_netlist_error_survives_pickling_as_it_must_to_leave_a_worker():
    error = NetlistError("bad node", file="a.sp", line=7, column=4, text="r1 x y", hint="name it")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is NetlistError
    assert str(copy) == str(error)
    assert (copy.file, copy.line, copy.column, copy.hint) == ("a.sp", 7, 4, "name it")


def test_files_beside_one_that_is_not_there(tmp_path):
    for name in ("ota.sp", "ota.toml", "mirror.toml", ".env", "notes"):
        (tmp_path / name).touch()
    assert files_beside(tmp_path / "ota") == "Did you mean 'ota.sp'?"
    assert files_beside(tmp_path / "mirror.tml") == "Did you mean 'mirror.toml'?"
    assert files_beside(tmp_path / "xyzzy.toml") == "Known: mirror.toml, ota.toml."
    assert files_beside(tmp_path / "xyzzy.raw") == files_beside(tmp_path / "xyzzy") == ""
    assert files_beside(tmp_path / "gone" / "ota.sp") == f"There is no folder {tmp_path / 'gone'}."


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("phase_margn", {"phase_margin", "gbw"}, "Did you mean 'phase_margin'?"),
        ("GBW", ["gbw", "power"], "Did you mean 'gbw'?"),
        ("tubro", ["TuRBO", "Sobol"], "Did you mean 'TuRBO'?"),
        ("xyzzy", ["gbw", "dc_gain"], "Known: dc_gain, gbw."),
        (
            "xyzzy",
            [f"m{n}" for n in range(10, 60)],
            f"Known: {', '.join(f'm{n}' for n in range(10, 50))} and 10 others.",
        ),
        ("anything", [], "None is known."),
    ],
)
def test_did_you_mean(name, known, sentence):
    assert did_you_mean(name, known) == sentence
