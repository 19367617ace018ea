from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE = """
import os, signal, socket, subprocess

from eda.netlist import *
from eda.netlist import parse_netlist as real

def parse_netlist(text, **options):
    {}

def read_netlist(path, **options):
    return parse_netlist(path.read_bytes().decode("latin-1"), **options)
"""


def run(folder, *words, reader=None):
    """The exit code and the record of a run of the script, without data sets."""
    environment = {name: value for name, value in os.environ.items() if name != "EDA_DATA_DIR"}
    if reader is not None:
        (folder / "planted.py").write_text(FAKE.format(textwrap.indent(reader, "    ").strip()))
        environment["PYTHONPATH"] = str(folder)
        words = (*words, "--reader", "planted")
    command = [
        sys.executable,
        ROOT / "scripts/fuzz_netlists.py",
        *words,
        "--reduce",
        "1",
        "--output",
        folder / "record.json",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads((folder / "record.json").read_text())


def findings(folder, reader, mutations=10):
    code, record = run(folder, "--mutations", str(mutations), "--later-every", "1", reader=reader)
    assert bool(code) == bool(record["findings"])
    return {(found["stage"], found["kind"], found["what"]): found for found in record["findings"]}


def test_some_hundred_mutations_end_in_circuits_and_errors(tmp_path):
    code, record = run(tmp_path, "--mutations", "400", "--later-every", "2")
    assert (code, record["findings"]) == (0, [])
    # on a busy machine some are slow at first; those that are so again, alone, are findings
    assert set(record["outcomes"]) - {"slow"} == {"Circuit", "NetlistError", "written, flattened and checked"}
    assert record["outcomes"]["Circuit"] > 40
    assert record["outcomes"]["written, flattened and checked"] > 20
    assert str(tmp_path.parent) not in json.dumps({**record, "command": ""})


def test_the_real_reader_passes_when_it_is_given_by_name(tmp_path):
    assert findings(tmp_path, "return real('* title\\nr1 a 0 1k\\n')") == {}


FAULTS = {
    "raises KeyError": ("raise KeyError('x')", "exception", "KeyError"),
    "recurses": ("return parse_netlist(text)", "exception", "RecursionError"),
    "eats memory": ("return [0] * 10**10", "exception", "MemoryError"),
    "opens a file": ("open('/etc/hostname')", "forbidden", "open"),
    "opens a file and hides it": (
        "try: open('/etc/hostname')\nexcept BaseException: return real(text)",
        "forbidden",
        "open",
    ),
    "writes a file": ("open('owned', 'w')", "forbidden", "open"),
    "leaves by a link": ("open('link.inc')", "forbidden", "open"),
    "lists a folder": ("os.listdir('/')", "forbidden", "os.listdir"),
    "starts a process": ("subprocess.run(['true'])", "forbidden", "subprocess.Popen"),
    "runs a shell": ("os.system('true')", "forbidden", "os.system"),
    "forks": ("os.fork()", "forbidden", "os.fork"),
    "opens a socket": ("socket.socket()", "forbidden", "socket.__new__"),
    "looks up a host": ("socket.gethostbyname('localhost')", "forbidden", "socket.gethostbyname"),
    "removes a file": ("os.remove('sibling.inc')", "forbidden", "os.remove"),
    "imports a module": ("import wave", "forbidden", "import"),
    "compiles": ("compile('1', 'x', 'eval')", "forbidden", "compile"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_caught(tmp_path, name):
    code, kind, what = FAULTS[name]
    found = findings(tmp_path, code)
    assert ("read", kind, what) in found
    assert found["read", kind, what]["count"] == 10
    assert found["read", kind, what]["input"] == ""  # the smallest input that shows it


def test_a_hang_is_caught(tmp_path):
    found = findings(tmp_path, "while True: pass", mutations=2)
    assert found["read", "slow", "Slow"]["count"] == 2


def test_a_worker_that_dies_is_caught(tmp_path):
    found = findings(tmp_path, "signal.raise_signal(signal.SIGKILL)", mutations=3)
    assert found["read", "died", "the process ended"]["count"] == 3
