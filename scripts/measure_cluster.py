"""A Dask cluster of two workers on this machine against a pool of two: the same bits, and what the way there costs.

    python scripts/measure_cluster.py --output benchmarks/results/cluster.json

The circuit is AutoCkt's two-stage op-amp in 45 nm (data set `autockt`, found by EDA_DATA_DIR): operating point and
frequency response, 10 points a decade from 1 Hz to 10 GHz, at random sizes. The backends take turns, so that other load
on the machine meets all of them; a ratio is the median of the ratios within a turn. Then a worker of the cluster is
killed with SIGKILL in the middle of a run.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import re
import signal
import statistics
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import Client, LocalCluster

from eda.datasets.autockt import DATASET
from eda.simulation import Ac, Deck, ExecutorSimulator, Job, Op, Simulation, Simulator, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORKERS = 2
IN_FLIGHT = 8  # chunks; the largest chunks must still keep both workers busy
SIZES = dict.fromkeys(("mp1", "mn1", "mp3", "mn3", "mn4", "mn5"), (1.0, 99.0)) | {"cc": (0.1e-12, 9.9e-12)}


def main() -> int:
    """Run the measurement; 0 when every result is equal and nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000, help="evaluations in a run")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--seed", type=int, default=0, help="of the sizes")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    jobs = random_jobs(arguments.jobs, random.Random(arguments.seed))
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # of the killed worker
    options = {"n_workers": WORKERS, "threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster, Client(cluster) as client, WorkerPool(WORKERS) as pool:
        executor = client.get_executor(pure=False)
        backends: dict[str, Simulator] = {f"WorkerPool({WORKERS})": pool}
        for chunk in arguments.chunks:
            backends[f"Dask, chunks of {chunk}"] = ExecutorSimulator(executor, chunk=chunk, in_flight=IN_FLIGHT)
        rows, truth = compare(backends, jobs, arguments.repeats)
        with ExecutorSimulator(executor, in_flight=IN_FLIGHT) as simulator:
            killed = kill(cluster, simulator, jobs, truth)
        simulator_version = pool.version
    packages = ("analog-eda", "dask", "distributed", "numpy")
    report = {
        "command": " ".join(["python", "scripts/measure_cluster.py", *sys.argv[1:]]),
        "versions": {"simulator": simulator_version, **{name: version(name) for name in packages}},
        "circuit": "AutoCkt two-stage op-amp, 45 nm: op and ac dec 10 1 1e10",
        "jobs": len(jobs),
        "workers": WORKERS,
        "rows": rows,
        "killed worker": killed,
    }
    if arguments.output:
        arguments.output.write_text(json.dumps(report, indent=2) + "\n")
    for row in rows:
        print(f"{row['backend']:20} {row['per second']:7.0f} / s  {row['ratio']:.3f}  equal: {row['equal']}")
    print(f"killed worker: {killed}")
    good = all(row["equal"] for row in rows) and killed["equal"] and not killed["lost"]
    return 0 if good else 1


def random_jobs(count: int, rng: random.Random) -> list[Job]:
    """Jobs of the op-amp at sizes that are uniform on a logarithmic scale."""
    folder = DATASET.locate()
    text = (folder / "two_stage_opamp.cir").read_text(encoding="utf-8").partition(".control")[0]
    nominal = dict(re.findall(r"(\w+)=(\S+)", "\n".join(re.findall(r"\.param.*", text))))
    body = "\n".join(line for line in text.splitlines()[1:] if not line.startswith((".include", ".ac", ".param")))
    fixed = "\n".join(f".param {name}={value}" for name, value in nominal.items() if name not in SIZES)
    models = (folder / "45nm_bulk.txt").read_text(encoding="utf-8")
    parameters = {name: low for name, (low, _) in SIZES.items()}
    deck = Deck(models, f"{fixed}\n{body}", parameters, (Op(), Ac(1.0, 10e9, 10)), ("v(net6)", "i(vdd)"))
    return [
        Job(deck, {name: low * (high / low) ** rng.random() for name, (low, high) in SIZES.items()})
        for _ in range(count)
    ]


def compare(
    backends: Mapping[str, Simulator], jobs: Sequence[Job], repeats: int
) -> tuple[list[dict[str, Any]], list[bytes]]:
    """Time the backends in turns; a row each, and the results that all must have."""
    first = next(iter(backends))
    truth = [contents(result) for result in backends[first].simulate(jobs)]
    seconds: dict[str, list[float]] = {name: [] for name in backends}
    equal = dict.fromkeys(backends, True)
    for simulator in backends.values():
        simulator.simulate(jobs[:100])  # every worker started, every deck loaded
    for _ in range(repeats):
        for name, simulator in backends.items():
            start = time.perf_counter()
            results = simulator.simulate(jobs)
            seconds[name].append(time.perf_counter() - start)
            equal[name] &= [contents(result) for result in results] == truth
    rows = [
        {
            "backend": name,
            "per second": statistics.median(len(jobs) / s for s in times),
            "ratio": statistics.median(a / b for a, b in zip(seconds[first], times, strict=True)),
            "equal": equal[name],
            "seconds": times,
        }
        for name, times in seconds.items()
    ]
    return rows, truth


def kill(cluster: LocalCluster, simulator: Simulator, jobs: Sequence[Job], truth: Sequence[bytes]) -> dict[str, Any]:
    """Kill one of the cluster's workers after a third of a run; what became of the results."""
    found: dict[int, bytes] = {}
    repeated = 0
    for index, result in simulator.run(jobs):
        repeated += index in found
        found[index] = contents(result)
        if len(found) == len(jobs) // 3:
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
    lost = len(jobs) - len(found)
    equal = not lost and [found[index] for index in range(len(jobs))] == truth
    return {"killed after": len(jobs) // 3, "lost": lost, "yielded twice": repeated, "equal": equal}


def contents(result: Simulation) -> bytes:
    """Status and every bit of every vector."""
    waves = sorted(result.analyses.items())
    parts = [(kind, name, w.vectors[name].tobytes()) for kind, w in waves for name in sorted(w.vectors)]
    return repr((result.status.name, parts)).encode()


if __name__ == "__main__":
    sys.exit(main())
