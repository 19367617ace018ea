from __future__ import annotations

import subprocess
import sys

import pytest

import eda


def modules_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    return set(output.splitlines()[-1].split())


def test_import_eda_loads_nothing_heavy():
    assert not modules_after("import eda") & {"torch", "numpy", "scipy", "matplotlib", "rich", "typer"}


def test_the_help_of_the_command_line_loads_no_numerics():
    statement = "import sys\nfrom eda.cli.main import app\ntry:\n    app(['--help'])\nexcept SystemExit:\n    pass"
    assert not modules_after(statement) & {"torch", "numpy", "scipy", "matplotlib"}


def test_reading_and_simulating_loads_no_torch():
    assert "torch" not in modules_after("import eda; eda.SizingProblem; eda.size; eda.verify; eda.Report")


def test_every_public_name_is_there():
    assert len(eda.__all__) <= 25
    for name in eda.__all__:
        assert getattr(eda, name).__name__ == name
    assert set(eda.__all__) <= set(dir(eda))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        eda.no_such_name  # noqa: B018
