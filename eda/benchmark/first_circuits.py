"""How long a new user waits for circuits: `eda generate` in a process of its own that finds no cache."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from eda.errors import EDAError
from eda.generation.ladder import broken_rule
from eda.netlist import read_netlist

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["first_circuits"]

_COMMAND: Final = "from eda.cli.main import main; main()"
_SECONDS: Final = 3600.0  # for the whole of them


def first_circuits(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Generate circuits by the command, and check what it has written.

    Args:
        unit: `kind`, `seed` and `count`; `_weights`, if not those of the package.

    Returns:
        Seconds from the start of the command to its end, the draws, and the netlists that the rule check finds no error
        in.

    Raises:
        EDAError: the command failed.
    """
    kind, seed, count = unit["kind"], unit["seed"], unit["count"]
    with TemporaryDirectory() as folder:
        out = Path(folder, "new")
        options = ["-n", str(count), "--seed", str(seed), "--out", str(out), "--json"]
        if unit["_weights"]:
            options += ["--weights", str(Path(unit["_weights"]).resolve())]
        begin = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", _COMMAND, "generate", kind, *options],
            env={**os.environ, "XDG_CACHE_HOME": folder},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        seconds = time.perf_counter() - begin
        if done.returncode != 0:
            raise EDAError(f"`eda generate {kind} {' '.join(options)}` failed: {done.stderr.strip()[-500:]}")
        said = json.loads(done.stdout)
        circuits = [read_netlist(out / Path(one["netlist"]).name) for one in said["circuits"]]
    return {
        "circuits": len(circuits),
        "checked": sum(not broken_rule(one) for one in circuits),
        "drawn": said["drawn"],
        "seconds": seconds,
    }
