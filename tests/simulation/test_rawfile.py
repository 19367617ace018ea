import subprocess

import numpy as np
import pytest

from eda.simulation.rawfile import read_raw

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
