import pytest

from eda.errors import InputError
from eda.graph import convert, to_graph
from eda.graph.encoding import dismantle

from .conftest import deck, mos, ring, two


@pytest.fixture
def data_set(ota):
    return [ota, ring(3), deck(two("r1", "a", "0")), deck()]


def equal(one, other):
    """Whether two lists of graphs are the same, tensor by tensor."""
    for a, b in zip(map(dismantle, one), map(dismantle, other), strict=True):
        assert a[1] == b[1]
        assert a[0].keys() == b[0].keys()
        for key in a[0]:
            assert a[0][key].dtype == b[0][key].dtype
            assert a[0][key].equal(b[0][key]) or key == "device.raw"
            assert a[0][key].nan_to_num(-1).equal(b[0][key].nan_to_num(-1))
    return True


def test_the_cache_gives_what_conversion_gives(data_set, tmp_path):
    done = []
    first = convert(data_set, cache=tmp_path / "new", progress=lambda count, all_: done.append((count, all_)))
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
    again = convert(data_set, cache=tmp_path / "new", progress=lambda *_: pytest.fail("converted again"))
    assert equal(first, map(to_graph, data_set))
    assert equal(again, first)
    assert again[1].to_dict().keys() == first[1].to_dict().keys()
    assert again[1].edge_types == first[1].edge_types


def test_an_empty_data_set(tmp_path):
    assert convert([], cache=tmp_path) == convert([], cache=tmp_path) == []


def test_another_content_is_another_file(data_set, tmp_path):
    convert(data_set, cache=tmp_path)
    convert(data_set[:2], cache=tmp_path)
    convert([deck(mos("m1", "d g s b", w="1"))], cache=tmp_path)
    convert([deck(mos("m1", "d g s b", w="2"))], cache=tmp_path)
    convert([deck(mos("m1", "d g s b", w="2"))], masters={"nfet": "m"}, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text", "folder"])
def test_a_damaged_cache_is_made_anew(data_set, tmp_path, capsys, damage):
    first = convert(data_set, cache=tmp_path)
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
    path.write_bytes({"cut": content[:-100], "flip": content, "empty": b"", "text": b"no tensors"}.get(damage, b""))
    assert equal(convert(data_set, cache=tmp_path), first)
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert f"the graph cache {path} is damaged" in message
    assert list(tmp_path.iterdir()) == [path]
    convert(data_set, cache=tmp_path, progress=lambda *_: pytest.fail("converted again"))


def test_a_failed_write_leaves_no_file_behind(data_set, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eda.graph.cache.save_file", fail)
    with pytest.raises(InputError, match=r"must be writable, but .* \(No space left on device\)"):
        convert(data_set, cache=tmp_path)
    assert list(tmp_path.iterdir()) == []
