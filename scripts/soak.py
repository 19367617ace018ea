"""Evaluate for a while and watch: throughput and memory must stay flat.

    python scripts/soak.py --minutes 20 --output benchmarks/results/soak.json

Two workers evaluate AutoCkt's two-stage op-amp in 45 nm (data set `autockt`, found by EDA_DATA_DIR) at random sizes in
rounds; each round notes evaluations per second, the memory of the workers and of this process, and wrong or lost
results (a round's first design is always the same, and must come out equal within 1e-6). A straight line through
the rounds after the first tenth says what 24 hours would bring.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from eda.benchmark.opamp_decks import autockt
from eda.simulation import Job, WorkerPool

ROUND = 2000  # evaluations
DAY = 24 * 3600.0


def main() -> int:
    """Soak; 0 when memory and throughput are flat and every result is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--mode", default="fast", choices=["exact", "fast"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    specimen = autockt()
    rounds: list[dict[str, Any]] = []
    first = None
    wrong = 0
    with WorkerPool(2, mode=options.mode) as pool:
        start = time.perf_counter()
        while (now := time.perf_counter() - start) < 60 * options.minutes:
            designs = [dict(specimen.centre), *specimen.anywhere(ROUND - 1, options.seed + len(rounds))]
            begin = time.perf_counter()
            results = pool.simulate([Job(specimen.deck, design) for design in designs])
            seconds = time.perf_counter() - begin
            vector = results[0].analyses["ac"].vectors["v(net6)"]
            first = vector if first is None else first
            wrong += not np.allclose(vector, first, rtol=1e-6, atol=0) or sum(not result.ok for result in results)
            rounds.append(
                {
                    "at, s": now,
                    "per second": ROUND / seconds,
                    "workers, MB": resident(pool.processes) / 1e6,
                    "parent, MB": resident([os.getpid()]) / 1e6,
                }
            )
            if len(rounds) % 10 == 0:
                sys.stderr.write(f"{now:.0f} s: {json.dumps(rounds[-1])}\n")
        simulator = pool.version
    report = {
        "about": (__doc__ or "").partition("\n")[0],
        "command": " ".join(["python", "scripts/soak.py", *sys.argv[1:]]),
        "circuit": "AutoCkt two-stage op-amp, 45 nm: op and ac dec 10 1 1e10",
        "versions": {"simulator": simulator, "analog-eda": version("analog-eda"), "numpy": np.__version__},
        "evaluations": ROUND * len(rounds),
        "wrong or lost": int(wrong),
        **trends(rounds[len(rounds) // 10 :]),
        "rounds": rounds[:: max(1, len(rounds) // 40)],
    }
    print(json.dumps({key: value for key, value in report.items() if key != "rounds"}, indent=1))
    if options.output:
        options.output.write_text(json.dumps(report, indent=2) + "\n")
    return 0 if not wrong else 1


def trends(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Straight lines through the rounds: values at their ends, and what a day would add."""
    at = np.array([row["at, s"] for row in rounds])
    found = {}
    for key in ("per second", "workers, MB", "parent, MB"):
        slope, level = np.polyfit(at, [row[key] for row in rounds], 1)
        found[key] = {
            "median": float(np.median([row[key] for row in rounds])),
            "line, first": float(level + slope * at[0]),
            "line, last": float(level + slope * at[-1]),
            "per 24 hours": float(slope * DAY),
        }
    return found


def resident(pids: list[int]) -> float:
    """Resident memory of processes, bytes."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) for pid in pids)
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main())
