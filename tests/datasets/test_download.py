import threading
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from eda.datasets import DATASETS, store
from eda.errors import InputError

FILES = {"LICENSE": b"BSD", "sub folder/a file .sp": b"* title\r\nr1 a b 1k\r\n"}
SET = DATASETS["analoggym"]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def server(tmp_path):
    """A folder, and the address under which its files are served."""
    folder = tmp_path / "served"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.fixture
def registered(server, monkeypatch):
    lines = [
        f'"{name}" {sha256(data).hexdigest()} {server[1]}/{name.replace(" ", "%20")}' for name, data in FILES.items()
    ]
    monkeypatch.setattr(store, "_registry", lambda name: "\n".join(lines))
    return server[0]


def test_the_files_come_as_they_are_and_only_once(home, registered, capfd):
    folder = SET.locate()
    assert folder == home / SET.folder
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == FILES
    assert [path.name for path in home.iterdir()] == [SET.folder]
    (registered / "LICENSE").unlink()
    assert SET.locate() == folder
    assert "".join(capfd.readouterr()) == ""


def test_a_changed_file_is_refused_and_a_later_call_completes_the_set(home, registered):
    (registered / "sub folder/a file .sp").write_bytes(b"* another title\n")
    with pytest.raises(InputError, match=r"'sub folder/a file \.sp' .* must have the sha256 [0-9a-f]{64}") as caught:
        SET.locate()
    assert str(home) not in str(caught.value)
    assert SET.find() is None
    (registered / "LICENSE").unlink()  # it came before
    (registered / "sub folder/a file .sp").write_bytes(FILES["sub folder/a file .sp"])
    assert (SET.locate() / "LICENSE").read_bytes() == b"BSD"


def test_a_missing_file_is_named_with_its_address_and_what_to_do(home, registered):
    (registered / "LICENSE").unlink()
    with pytest.raises(InputError, match=r"'LICENSE'.*from http://127.*/LICENSE \(HTTPError\).*EDA_DATA_DIR") as caught:
        SET.locate()
    assert str(home) not in str(caught.value)
    assert SET.find() is None
