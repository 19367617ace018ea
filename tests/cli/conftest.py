from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import pytest

from eda.cli.main import main


@dataclass
class Outcome:
    code: int
    out: str
    err: str

    @property
    def data(self):
        return json.loads(self.out)


@pytest.fixture
def eda_command(monkeypatch, capsys):
    """Runs the command line in this process, as the console script does."""

    def run(*words: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["eda", *map(str, words)])
        with pytest.raises(SystemExit) as caught:
            main()
        out, err = capsys.readouterr()
        code = caught.value.code
        return Outcome(0 if code is None else int(code), out, err)

    return run


@pytest.fixture
def task(tmp_path):
    """A task that any machine with ngspice can run in a second."""
    from pathlib import Path

    folder = Path(__file__).parents[2] / "netlists" / "opamp"
    (tmp_path / "ota.sp").write_text((folder / "five_transistor_ota" / "five_transistor_ota.sp").read_text())
    path = tmp_path / "ota.toml"
    path.write_text(
        """
netlist = "ota.sp"
technology = "generic"
specs = ["dc_gain >= 30 dB", "phase_margin >= 45 deg", "minimize power"]
[testbench]
kind = "opamp"
vdd = "3 V"
[verification]
temperatures = [0, 80]
"""
    )
    return path
