import re
import subprocess

import numpy as np
import pytest

from eda.errors import InputError
from eda.simulation.rawfile import RawPlot, read_plots, read_raw, write_raw

pytestmark = pytest.mark.ngspice

DECK = """* title with Binary: in it
v1 in 0 dc 1 ac 1
r1 in OUT 1k
c1 out 0 1n
m1 out in 0 0 n w=1u l=1u
.model n nmos
.save v(out) i(v1) @m1[gm]
.op
.ac dec 2 1 1meg
.dc v1 0 1 0.1
.tran 1n 10n
.end
"""


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    (folder / "a.sp").write_text(DECK)
    subprocess.run(["ngspice", "-b", "-r", "a.raw", "a.sp"], cwd=folder, capture_output=True, check=False)
    return folder / "a.raw"


def test_every_analysis_is_read(raw):
    analyses = read_raw(raw)
    assert set(analyses) == {"op", "ac", "dc", "tran"}
    assert all({"v(out)", "i(v1)", "@m1[gm]"} <= set(a.vectors) for a in analyses.values())
    assert [len(analyses[kind].scale) for kind in ("op", "ac", "dc")] == [0, 13, 11]
    assert analyses["ac"].scale == pytest.approx(np.logspace(0, 6, 13))
    assert analyses["dc"].scale == pytest.approx(np.linspace(0, 1, 11))
    assert analyses["tran"].scale[-1] == pytest.approx(10e-9)
    assert np.iscomplexobj(analyses["ac"].vectors["v(out)"])
    assert not np.iscomplexobj(analyses["dc"].vectors["v(out)"])
    # vto = 0: the device conducts and its drain current flows through r1
    assert analyses["op"].value("v(out)") == pytest.approx(1 + 1e3 * analyses["op"].value("i(v1)"))


def test_a_file_that_was_cut_short_gives_only_its_complete_plots(raw, tmp_path):
    data, whole = raw.read_bytes(), read_raw(raw)
    cut = tmp_path / "cut.raw"
    seen = set()
    for length in range(0, len(data), 37):
        cut.write_bytes(data[:length])
        found = read_raw(cut)
        seen.add(len(found))
        for kind, waves in found.items():
            assert all(np.array_equal(waves.vectors[n], v) for n, v in whole[kind].vectors.items())
    assert seen == {0, 1, 2, 3}


def test_no_raw_file_has_no_analyses(tmp_path):
    path = tmp_path / "x.raw"
    path.write_bytes(b"Title: but no plot\n\x00\xff")
    assert read_raw(path) == {}


CONTROL = """* every analysis
v1 in 0 dc 1 ac 1 sin(0 1 1meg)
r1 in out 1k
c1 out 0 1n
.control
set filetype={filetype}
set appendwrite
{padding}
op
write a.raw
ac dec 2 1 1meg
meas ac gain max vdb(out)
write a.raw
dc v1 0 1 0.5
write a.raw
tran 10n 1u
write a.raw
noise v(out) v1 dec 1 1 100
write a.raw
setplot previous
write a.raw
tf v(out) v1
write a.raw
pz in 0 out 0 vol pz
write a.raw
sens v(out)
write a.raw
quit
.endc
.end
"""


@pytest.fixture(scope="module", params=[(f, p) for f in ("binary", "ascii") for p in ("", "set nopadding")], ids=str)
def written(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    filetype, padding = request.param
    (folder / "a.sp").write_text(CONTROL.format(filetype=filetype, padding=padding))
    subprocess.run(["ngspice", "-b", "a.sp"], cwd=folder, capture_output=True, check=False)
    return folder / "a.raw"


def test_every_kind_of_plot_is_read_from_every_kind_of_file(written):
    plots = read_plots(written)
    assert [plot.kind for plot in plots] == ["op", "ac", "dc", "tran", "noise", "noise", "tf", "pz", "sens"]
    by_kind = {plot.kind: plot for plot in plots}
    ac = by_kind["ac"]
    pole = 1 / (1 + 2j * np.pi * ac.vectors["frequency"].real * 1e-6)
    assert ac.vectors["v(out)"] == pytest.approx(pole, rel=1e-9)
    assert ac.vectors["gain"].shape == (1,)  # a measurement keeps its own length
    assert ac.types["frequency"] == "frequency"
    assert by_kind["op"].vectors["v(out)"] == pytest.approx([1.0])
    assert by_kind["pz"].vectors["v(pole(1))"] == pytest.approx([-1e6])
    assert by_kind["dc"].waveforms().scale == pytest.approx([0, 0.5, 1])
    assert by_kind["tran"].waveforms().scale_unit == "s"
    assert by_kind["op"].waveforms().units["i(v1)"] == "A"


@pytest.mark.parametrize("binary", [True, False])
def test_what_is_written_reads_back_equal(written, tmp_path, binary):
    plots, copy = read_plots(written), tmp_path / "copy.raw"
    write_raw(copy, plots, binary=binary)
    again = read_plots(copy)
    assert len(again) == len(plots)
    for one, other in zip(plots, again, strict=True):
        assert (one.name, one.title, dict(one.types)) == (other.name, other.title, dict(other.types))
        assert list(one.vectors) == list(other.vectors)
        for name, vector in one.vectors.items():
            np.testing.assert_array_equal(other.vectors[name], vector)


@pytest.mark.parametrize("binary", [True, False])
def test_ngspice_loads_what_is_written(tmp_path, binary):
    frequency, values = np.array([1.0, 10.0]), np.array([0.1 + 0.2, -1e-300])
    response = RawPlot(
        "AC Analysis",
        {"frequency": frequency + 0j, "v(out)": values + 1j},
        {"frequency": "frequency", "v(out)": "voltage"},
    )
    sweep = RawPlot("DC transfer characteristic", {"v-sweep": frequency, "v(a)": values}, {"v(a)": "voltage"})
    write_raw(tmp_path / "a.raw", [response, sweep], binary=binary)
    commands = "load a.raw\nset numdgt=16\nprint v(a)\nsetplot ac1\nprint v(out)\nquit"
    (tmp_path / "a.sp").write_text(f"* load\nr1 a 0 1\n.control\n{commands}\n.endc\n.end\n")
    process = subprocess.run(["ngspice", "-b", "a.sp"], cwd=tmp_path, capture_output=True, text=True, check=False)
    # a line each: index, (swept quantity,) real part, imaginary part
    rows = [re.split(r"[\s,]+", line.strip()) for line in process.stdout.splitlines() if re.match(r"[01]\t", line)]
    numbers = [[float(word) for word in row] for row in rows]
    assert len(numbers) == 4, process.stdout + process.stderr
    assert [row[-1] for row in numbers[:2]] == pytest.approx(values, rel=1e-15)
    assert [complex(*row[-2:]) for row in numbers[2:]] == pytest.approx(values + 1j, rel=1e-15)
    assert numbers[3][-2] == pytest.approx(-1e-300, rel=1e-15)


def test_nan_and_infinity_survive(tmp_path):
    plot = RawPlot("Operating Point", {"v(a)": np.array([np.nan]), "v(b)": np.array([-np.inf])})
    for binary in (True, False):
        write_raw(tmp_path / "a.raw", [plot], binary=binary)
        (again,) = read_plots(tmp_path / "a.raw")
        np.testing.assert_array_equal(again.vectors["v(a)"], plot.vectors["v(a)"])
        np.testing.assert_array_equal(again.vectors["v(b)"], plot.vectors["v(b)"])


HEADER = (
    b"Title: t\nPlotname: Operating Point\nFlags: real\nNo. Variables: 1\nNo. Points: 1\nVariables:\n\t0\ta\tvoltage\n"
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "starts with `Title:`"),
        (b"hello\n", "byte 0: expected `Title:`, but got 'hello'"),
        (b"Title: t\nno colon\n", "expected `Name: value` lines"),
        (b"Title: t\nVariables:\n", "expected a number as `no. variables`, but got 'nothing'"),
        (HEADER.replace(b"Points: 1", b"Points: -1"), "expected a number as `no. points`"),
        (HEADER.replace(b"\tvoltage", b""), "number, name and type of a variable"),
        (HEADER, "expected a line of the header, but got 'the end of the file'"),
        (HEADER + b"Binary:\n1234", "expected 8 bytes of values, but got '4'"),
        (HEADER + b"Values:\n0\n", "expected 1 values of 1 points, but got '1 of 0'"),
        (HEADER + b"Values:\n 0\tx\n", "expected numbers"),
        (HEADER + b"Values:\n 0\t1\n\t2\n", "expected 1 values of 1 points, but got '2 of 1'"),
        (HEADER + b"Else:\n", "expected `Binary:` or `Values:`"),
    ],
)
def test_a_broken_file_is_refused_with_the_place_and_what_was_expected(tmp_path, data, expected):
    path = tmp_path / "broken.raw"
    path.write_bytes(data)
    with pytest.raises(InputError, match=expected) as error:
        read_plots(path)
    assert "broken.raw" in str(error.value)


def test_names_with_blanks_cannot_be_written(tmp_path):
    with pytest.raises(InputError, match="names without blanks"):
        write_raw(tmp_path / "a.raw", [RawPlot("AC Analysis", {"v (a)": np.zeros(1)})])
