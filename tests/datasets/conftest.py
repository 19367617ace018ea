import os

import pytest


@pytest.fixture
def folder():
    """The folder of a data set that must not be downloaded by a test."""

    def find(dataset):
        found = dataset.find()
        if found is None:
            missing = f"the data set {dataset.name} is neither in EDA_DATA_DIR nor in the user's data folder"
            if os.environ.get("CI") and os.environ.get("EDA_DATA_DIR"):
                pytest.fail(missing)
            pytest.skip(missing)
        return found

    return find


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty user's data folder, and no `EDA_DATA_DIR`."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("EDA_DATA_DIR", raising=False)
    return tmp_path / "share" / "eda" / "data"
