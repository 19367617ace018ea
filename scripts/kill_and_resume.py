"""Kill a sizing run with SIGKILL at random moments, resume it, and compare it with a run that was left alone.

    python scripts/kill_and_resume.py --times 10 --output benchmarks/results/kill_and_resume.json

For every optimizer asked for: one run is left to finish; then, ten times, a fresh run of the same command is killed at
a random moment (again and again until one try finishes by itself). It must end with the same evaluations, bit by bit;
no row that was on disk at a kill may be simulated again or lost.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from eda.simulation import BatchSimulator
from eda.sizing import OPTIMIZERS
from eda.sizing.versions import versions

TASK = Path(__file__).resolve().parents[1] / "netlists" / "opamp" / "two_stage_miller" / "two_stage_miller.toml"


def main() -> int:
    """Run the experiment; 0 when every run came out equal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10, help="killed runs for each optimizer")
    parser.add_argument("--budget", type=int, default=80)
    parser.add_argument("--seed", type=int, default=0, help="of the moments of killing")
    parser.add_argument("--optimizers", nargs="+", default=["bayesian", "scbo"], choices=list(OPTIMIZERS))
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)
    runs = [
        result
        for optimizer in arguments.optimizers
        for result in experiment(optimizer, arguments.budget, arguments.times, moments)
    ]
    words = ["python", "scripts/kill_and_resume.py", *sys.argv[1:]]
    report = {
        "command": " ".join(words),
        "versions": {"simulator": BatchSimulator().version, **versions()},
        "runs": runs,
    }
    if arguments.output:
        arguments.output.write_text(json.dumps(report, indent=2) + "\n")
    good = sum(run["equal"] and not run["lost"] and not run["repeated"] for run in runs)
    print(f"{good} of {len(runs)} killed runs ended as the run that was left alone")
    return 0 if good == len(runs) else 1


def experiment(optimizer: str, budget: int, times: int, moments: random.Random) -> list[dict[str, Any]]:
    """The killed runs of one optimizer, each compared with one that was left alone."""
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.monotonic()
        command(optimizer, budget, folder / "alone").wait()
        seconds = time.monotonic() - start
        reference = rows(folder / "alone")
        for number in range(times):
            result = killed(optimizer, budget, folder / str(number), seconds, moments)
            result["equal"] = contents(rows(folder / str(number))) == contents(reference)
            results.append({"optimizer": optimizer, "budget": budget, "number": number, **result})
            print(results[-1], flush=True)
    return results


def killed(optimizer: str, budget: int, folder: Path, seconds: float, moments: random.Random) -> dict[str, Any]:
    """A run that is killed at random moments until a try finishes."""
    kills: list[int] = []
    lost = repeated = 0
    before: list[tuple[Any, ...]] = []
    while True:
        process = command(optimizer, budget, folder)
        try:
            process.wait(timeout=moments.uniform(0.1, 1.0) * seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        after = rows(folder)
        # a row that was there keeps every column, its simulation time included: it was not simulated again
        numbers = {row[0] for row in after}
        lost += sum(row[0] not in numbers for row in before)
        repeated += sum(row[0] in numbers and row not in after for row in before)
        before = after
        if process.returncode != -signal.SIGKILL:
            return {"killed at evaluations": kills, "lost": lost, "repeated": repeated}
        kills.append(len(after))


def command(optimizer: str, budget: int, folder: Path) -> subprocess.Popen[bytes]:
    """The sizing run, started."""
    words = [sys.executable, "-m", "eda.cli.main", "size", str(TASK), "--optimizer", optimizer]
    words += ["--budget", str(budget), "--run-dir", str(folder)]
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rows(folder: Path) -> list[tuple[Any, ...]]:
    """Every recorded evaluation of the only run in a folder; nothing before the run exists."""
    for path in folder.glob("*/run.sqlite"):
        with sqlite3.connect(path) as database:
            try:
                return database.execute("SELECT * FROM evaluation ORDER BY number").fetchall()
            except sqlite3.OperationalError:
                return []  # killed before the tables were made
    return []


def contents(evaluations: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows without their simulation times."""
    return [row[:-1] for row in evaluations]


if __name__ == "__main__":
    sys.exit(main())
