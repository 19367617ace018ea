import gzip

import pytest

from eda.datasets import align
from eda.errors import InputError


def test_the_files_come_out_of_the_archive(dataset_folder):
    files = align.files(dataset_folder("align"))
    folders = [file.name.split("/")[-2] for file in files]
    assert [folders.count(name) for name in ("single_ended_OTA", "fully_differential_OTA", "bias")] == [678, 348, 15]
    assert len({file.data for file in files}) == 946
    assert all(file.path is None and ".subckt" in file.text.lower() for file in files)


@pytest.mark.parametrize("line", [None, b"{", b"{}", b"[]", b'{"file": "a.sp", "text": 3}'])
def test_a_damaged_archive_is_an_input_error(tmp_path, line):
    if line is not None:
        (tmp_path / "align_unsized_ota.jsonl.gz").write_bytes(gzip.compress(line))
    with pytest.raises(InputError, match="must be a gzip file of lines") as caught:
        align.files(tmp_path)
    assert str(tmp_path) not in str(caught.value)
