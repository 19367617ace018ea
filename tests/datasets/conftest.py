import pytest


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty user's data folder, and no `EDA_DATA_DIR`."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("EDA_DATA_DIR", raising=False)
    return tmp_path / "share" / "eda" / "data"
