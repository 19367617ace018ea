import codecs
import os

import pytest

from eda.errors import NetlistError
from eda.netlist import files, parse_netlist, read_netlist
from eda.netlist.files import decode

TEXT = "* 10 µm\r\nR1 a b 1µ\r\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("latin-1"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8 mark", "latin-1", "utf-16", "utf-16 be mark", "utf-16 le bare", "utf-16 be bare"],
)
def test_encodings(tmp_path, data):
    assert decode(data) == TEXT
    (tmp_path / "a.net").write_bytes(data)
    circuit = read_netlist(tmp_path / "a.net")
    assert (circuit.title, circuit.devices[0].value) == ("10 µm", "1u")


@pytest.mark.parametrize("data", [b"\0\0\0abc", b"* t\n\0", b"* t\n" + b"x" * 3000 + b"\0", b"a\0b"])
def test_what_is_no_text_is_refused(tmp_path, data):
    assert decode(data) is None
    (tmp_path / "a.sp").write_bytes(data)
    with pytest.raises(NetlistError, match="is no text"):
        read_netlist(tmp_path / "a.sp")


def test_an_empty_file_is_an_empty_circuit(tmp_path):
    (tmp_path / "a.sp").write_bytes(b"")
    assert read_netlist(tmp_path / "a.sp").devices == ()


def _folder(tmp_path, **texts):
    for name, text in texts.items():
        (tmp_path / f"{name}.sp").write_text(text)
    return tmp_path / "main.sp"


def _refused(main, message):
    with pytest.raises(NetlistError, match=message) as caught:
        read_netlist(main)
    return caught.value


def test_the_number_of_files_is_bounded(tmp_path, monkeypatch):
    main = _folder(tmp_path, main="* t\n" + ".include a.sp\n" * 4, a="* nothing\n")
    monkeypatch.setattr(files, "_MOST", 4)
    assert read_netlist(main).devices == ()
    monkeypatch.setattr(files, "_MOST", 3)
    error = _refused(main, "may read 3 files")
    assert (error.file, error.line) == (str(main), 5)


def test_includes_that_multiply_are_refused_quickly(tmp_path):
    texts = {f"a{i}": f".include a{i + 1}.sp\n" * 10 for i in range(12)}
    main = _folder(tmp_path, main="* t\n.include a0.sp\n", **texts, a12="* nothing\n")
    _refused(main, "may read 1000 files")


def test_the_depth_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_DEEPEST", 3)
    texts = {f"a{i}": f".include a{i + 1}.sp\n" for i in range(5)}
    main = _folder(tmp_path, main="* t\n.include a0.sp\n", **texts, a5="r1 a b 1\n")
    assert _refused(main, "deeper than 3").file.endswith("a2.sp")
    (tmp_path / "a2.sp").write_text("r1 a b 1\n")
    assert len(read_netlist(main).devices) == 1


def test_the_size_is_bounded(tmp_path, monkeypatch):
    main = _folder(tmp_path, main="* t\n.include a.sp\n.include b.sp\n", a="*" * 600 + "\n", b="*" * 600 + "\n")
    monkeypatch.setattr(files, "_LARGEST", 2000)
    read_netlist(main)
    monkeypatch.setattr(files, "_LARGEST", 1000)
    _refused(main, "in all")
    monkeypatch.setattr(files, "_LARGEST", 500)
    _refused(main, "is larger than")


@pytest.mark.parametrize("include", ["main.sp", "./main.sp", "sub/../main.sp", "link.sp", "linked/main.sp", "loop.sp"])
def test_cycles_are_seen_through_links_and_dots(tmp_path, include):
    main = _folder(tmp_path, main=f"* t\n.include {include}\n", loop=".include link.sp\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.sp").symlink_to(main)
    (tmp_path / "linked").symlink_to(tmp_path)
    _refused(main, "includes itself")


def test_a_loop_of_links_is_an_error(tmp_path):
    (tmp_path / "a.sp").symlink_to(tmp_path / "b.sp")
    (tmp_path / "b.sp").symlink_to(tmp_path / "a.sp")
    with pytest.raises(NetlistError):
        read_netlist(tmp_path / "a.sp")
    _refused(_folder(tmp_path, main="* t\n.include a.sp\n"), "a.sp|allowed")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.sp")
    _refused(_folder(tmp_path, main="* t\n.include pipe.sp\n"), "device or pipe")


def test_a_link_out_of_the_folder_is_refused_unless_its_target_is_allowed(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "out" / "a.sp").write_text("r1 a b 1\n")
    (tmp_path / "in" / "a.sp").symlink_to(tmp_path / "out" / "a.sp")
    main = _folder(tmp_path / "in", main="* t\n.include a.sp\n")
    assert "roots=" in _refused(main, "leaves the allowed folders").hint
    assert len(read_netlist(main, roots=[tmp_path / "out"]).devices) == 1


def test_a_path_of_windows_is_read_with_slashes(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.sp").write_text("r1 a b 1\n")
    assert len(read_netlist(_folder(tmp_path, main="* t\n.include sub\\a.sp\n")).devices) == 1


def test_text_without_roots_reads_nothing(tmp_path):
    (tmp_path / "a.sp").write_text("r1 a b 1\n")
    with pytest.raises(NetlistError, match="leaves the allowed folders"):
        parse_netlist(f"* t\n.include {tmp_path}/a.sp\n")
    assert len(parse_netlist(f"* t\n.include {tmp_path}/a.sp\n", roots=[tmp_path]).devices) == 1


def test_a_cycle_is_refused_even_when_includes_are_kept(tmp_path):
    main = _folder(tmp_path, main="* t\n.include main.sp\n")
    with pytest.raises(NetlistError, match="includes itself"):
        read_netlist(main, includes="keep")
