import re
import shlex
import subprocess
import sys
from hashlib import sha256

import pytest

from eda.datasets import DATASETS, locate
from eda.datasets.store import _registry
from eda.errors import InputError

LOCAL = DATASETS["align"]


def test_the_given_folder_comes_first_and_the_users_second(home, tmp_path, monkeypatch):
    assert LOCAL.find() is None
    (home / LOCAL.folder).mkdir(parents=True)
    assert locate("align") == home / LOCAL.folder
    monkeypatch.setenv("EDA_DATA_DIR", str(tmp_path / "given"))
    assert locate("align") == home / LOCAL.folder
    (tmp_path / "given" / LOCAL.folder).mkdir(parents=True)
    assert LOCAL.find() == tmp_path / "given" / LOCAL.folder == locate("align")


@pytest.mark.parametrize("name", sorted(name for name in DATASETS if not _registry(name)))
def test_a_set_without_addresses_says_where_it_must_lie_and_where_it_comes_from(home, name):
    with pytest.raises(InputError, match=r"must lie in a folder .* Fetch it from .*set EDA_DATA_DIR") as caught:
        locate(name)
    assert "EDA_DATA_DIR (which is not set)" in str(caught.value)
    assert DATASETS[name].source in str(caught.value)
    assert str(home) not in str(caught.value)


def test_an_unknown_set_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match=r"no data set 'analoggeny'\. Did you mean 'analoggenie'"):
        locate("analoggeny")


@pytest.mark.parametrize("name", sorted(name for name in DATASETS if _registry(name)))
def test_the_registry_lists_every_file_of_the_set_at_one_commit_with_its_checksum(name, dataset_folder):
    rows = {row[0]: row[1:] for row in map(shlex.split, _registry(name).splitlines())}
    commit = DATASETS[name].source.rsplit(" ", 1)[1]
    owner = re.search(r"github\.com/(\S+)", DATASETS[name].source)[1]
    assert all(url.startswith(f"https://raw.githubusercontent.com/{owner}/{commit}/") for _, url in rows.values())
    here = dataset_folder(name)
    present = {path.relative_to(here).as_posix(): path for path in here.rglob("*") if path.is_file()}
    # the one file that this project wrote
    present.pop("PROVENANCE.md", None)
    assert {path: sha256(file.read_bytes()).hexdigest() for path, file in present.items()} == {
        path: checksum for path, (checksum, _) in rows.items()
    }


def test_importing_the_room_loads_no_network_library():
    script = "import sys, eda.datasets; sys.exit(bool({'pooch', 'requests'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
