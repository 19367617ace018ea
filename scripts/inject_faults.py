"""Evaluations with faults among them: every good one must come out right, every bad one with its status.

    python scripts/inject_faults.py --evaluations 10000 --output benchmarks/results/faults.json

The good evaluations are AutoCkt's two-stage op-amp in 45 nm (data set `autockt`, found by EDA_DATA_DIR) at random
sizes; 5 % of all are poison, spread evenly over the kinds below and shuffled among the good ones. While the run goes
on, workers are killed with SIGKILL in the middle of evaluations, as often as there is poison of one kind; such an
evaluation is none of the bad ones: it must come out right. The good results are compared, to the last bit, with a clean
run. Then the same with private folders on a full file system; and a run whose parent gets SIGINT, again and again, must
leave no process and no folder.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.benchmark.opamp_decks import autockt
from eda.simulation import Deck, Job, Op, Simulation, Status, Tran, WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SHARE = 0.05
TIMEOUT = 2.0  # seconds; a good evaluation takes a thousandth of it
RC = "v1 in 0 dc 1 ac 1\nr1 in out 1k\nc1 out 0 1n"


def poison(good: Deck) -> dict[str, tuple[Deck, dict[str, float], Status]]:
    """Kinds of bad evaluations: deck, values and the status that is right."""

    def deck(body: str, **changes: Any) -> Deck:
        return Deck("", body, {}, changes.pop("analyses", (Op(),)), ("v(out)",), **changes)

    wide = replace(good, body=good.body.replace("w=wp1", "w={wp1*wide}"), parameters={**good.parameters, "wide": 1.0})
    assert wide.body != good.body
    return {
        "undefined parameter": (deck(f"{RC}\nr2 out 0 {{missing}}"), {}, Status.BAD_DECK),
        "singular matrix": (deck(f"{RC}\nv2 in 0 2"), {}, Status.SINGULAR_MATRIX),
        "no convergence": (deck(f"{RC}\nb1 x 0 v=v(x)*v(x)+1"), {}, Status.NO_CONVERGENCE),
        "endless": (deck("v1 out 0 sin(0 1 1g)\nr1 out 0 1", analyses=(Tran(1e-11, 1.0),)), {}, Status.TIMEOUT),
        "missing include": (deck(f'.include "/no/such/file.sp"\n{RC}'), {}, Status.BAD_DECK),
        "unknown model": (deck(f"{RC}\nm1 out in 0 0 nomodel w=1u l=1u"), {}, Status.BAD_DECK),
        "zero width": (wide, {"wide": 0.0}, Status.IMPOSSIBLE_SIZE),
    }


def main() -> int:
    """Run everything; 0 when no result was wrong and nothing was left."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--evaluations", type=int, default=10_000)
    parser.add_argument("--interrupts", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--modes", nargs="+", default=["exact", "fast"], choices=["exact", "fast"])
    parser.add_argument("--output", type=Path)
    parser.add_argument("--until-interrupted", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.until_interrupted is not None:
        return run_until_interrupted(options.until_interrupted)
    rows = []
    for mode in options.modes:
        rows += noted(faults(mode, options.evaluations, options.seed))
    rows += noted([full_file_system(options.evaluations // 10, options.seed)])
    rows += noted([interrupts(options.interrupts, options.seed)])
    good = all(row["right"] == row["evaluations"] and not row["left behind"] for row in rows)
    if options.output:
        with WorkerPool(1) as pool:
            versions = {"simulator": pool.version, "analog-eda": version("analog-eda"), "numpy": np.__version__}
        record = {
            "about": (__doc__ or "").partition("\n")[0],
            "command": " ".join(["python", "scripts/inject_faults.py", *sys.argv[1:]]),
            "circuit": "AutoCkt two-stage op-amp, 45 nm: op and ac dec 10 1 1e10",
            "versions": versions,
            "rows": rows,
            "all right": good,
        }
        options.output.write_text(json.dumps(record, indent=2) + "\n")
    return 0 if good else 1


def noted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, printed as soon as they are there."""
    for row in rows:
        print(json.dumps(row), flush=True)
    return rows


def faults(mode: str, evaluations: int, seed: int) -> list[dict[str, Any]]:
    """One run with poison and killed workers; a row per kind."""
    specimen, order = autockt(), random.Random(seed)
    kinds = poison(specimen.deck)
    each = round(evaluations * SHARE / (len(kinds) + 1))
    plan = ["good"] * (evaluations - each * len(kinds)) + [kind for kind in kinds for _ in range(each)]
    order.shuffle(plan)
    designs = iter(specimen.anywhere(evaluations, seed))
    jobs = [Job(specimen.deck, next(designs)) if kind == "good" else Job(*kinds[kind][:2]) for kind in plan]
    truth = clean_run(mode, [job for job, kind in zip(jobs, plan, strict=True) if kind == "good"])
    start = time.perf_counter()
    with WorkerPool(2, timeout=TIMEOUT, mode=mode) as pool:
        traces = Traces(pool)
        kills = Killer(pool, each, order, plan)
        results: dict[int, Simulation] = {}
        answers: Counter[int] = Counter()
        for index, result in pool.run(jobs):
            answers[index] += 1
            results[index] = result
            traces.note()
            kills.due(len(results) / len(jobs))
    seconds = time.perf_counter() - start
    left = traces.left()
    expected = iter(truth)
    rows = []
    right: Counter[str] = Counter()
    for index, kind in enumerate(plan):
        result = results[index]
        once = answers[index] == 1
        if kind == "good":
            right[kind] += once and same(result, next(expected), exact=mode == "exact")
        else:
            right[kind] += once and result.status is kinds[kind][2]
    for kind in ["good", *kinds]:
        statuses = Counter(results[i].status.name for i, k in enumerate(plan) if k == kind)
        rows.append(
            {
                "fault": "none" if kind == "good" else kind,
                "mode": mode,
                "evaluations": plan.count(kind),
                "right": right[kind],
                "statuses": dict(statuses),
                "left behind": left,
            }
        )
    rows[0] |= {"workers killed by SIGKILL": kills.done, "seconds": seconds}
    return rows


def clean_run(mode: str, jobs: Sequence[Job]) -> list[Simulation]:
    """The good evaluations by themselves."""
    with WorkerPool(2, mode=mode) as pool:
        return pool.simulate(jobs)


def same(one: Simulation, other: Simulation, *, exact: bool) -> bool:
    """Whether two results are equal: to the last bit, or as near as `fast` promises."""
    if one.status is not other.status:
        return False
    pairs = [
        (waves.vectors[n], other.analyses[k].vectors[n]) for k, waves in one.analyses.items() for n in waves.vectors
    ]
    if exact:
        return all(np.array_equal(a, b) for a, b in pairs)
    return all(np.allclose(a, b, rtol=1e-6, atol=1e-12 * float(np.max(np.abs(a)))) for a, b in pairs)


class Traces:
    """Processes and folders that a pool has had."""

    def __init__(self, pool: WorkerPool) -> None:
        self.pool, self.pids, self.folders = pool, set[int](), set[Path]()

    def note(self) -> None:
        """Remember those of now."""
        self.pids.update(self.pool.processes)
        self.folders.update(self.pool.folders)

    def left(self) -> list[str]:
        """What is still there a moment after the end."""
        time.sleep(0.5)
        return [f"process {pid}" for pid in self.pids if running(pid)] + [str(f) for f in self.folders if f.exists()]


def running(pid: int) -> bool:
    """Whether a process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


class Killer:
    """Kills a worker with SIGKILL at moments spread over a run.

    It takes one that is at a good evaluation: whoever kills an endless one, and then its second try, is right to be
    told of a crash, and not of a timeout.
    """

    def __init__(self, pool: WorkerPool, count: int, order: random.Random, plan: Sequence[str]) -> None:
        self.pool, self.order, self.plan, self.done, self.due_kills = pool, order, plan, 0, 0
        self.moments = sorted(order.uniform(0.02, 0.98) for _ in range(count))

    def due(self, progress: float) -> None:
        """Kill when the next moment has come, once there is a worker to kill; a little later, in mid-evaluation."""
        while self.due_kills < len(self.moments) and progress >= self.moments[self.due_kills]:
            self.due_kills += 1
        if self.done < self.due_kills:
            workers = self.pool._alive  # noqa: SLF001 - nobody else needs to know what a worker is at
            good = [worker for worker in workers if worker.tasks and self.plan[worker.tasks[0]] == "good"]
            if good:
                self.done += 1
                process = self.order.choice(good).process
                threading.Timer(self.order.uniform(0, 1e-3), process.kill).start()


def full_file_system(evaluations: int, seed: int) -> dict[str, Any]:
    """Workers whose private folders are on a file system without a free byte."""
    specimen = autockt()
    jobs = [Job(specimen.deck, design) for design in specimen.anywhere(evaluations, seed)]
    truth = clean_run("exact", jobs)
    with tempfile.TemporaryDirectory() as name:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", name], check=False).returncode == 0
        try:
            with suppressed_space(), Path(name, "filler").open("wb", buffering=0) as file:
                while True:
                    file.write(b"0" * 1024)
            with WorkerPool(2, folder=Path(name)) as pool:
                results = pool.simulate(jobs)
            left = [str(path) for path in Path(name).glob("eda-worker-*")]
        finally:
            subprocess.run(["umount", name], check=False)
    return {
        "fault": "full file system",
        "mode": "exact",
        "evaluations": len(jobs),
        "right": sum(same(a, b, exact=True) for a, b in zip(results, truth, strict=True)) if mounted else 0,
        "statuses": dict(Counter(result.status.name for result in results)),
        "left behind": left,
    }


@contextmanager
def suppressed_space() -> Iterator[None]:
    """Ends the filling of a file system."""
    with suppress(OSError):
        yield


def interrupts(times: int, seed: int) -> dict[str, Any]:
    """Runs whose parent gets SIGINT: they end with what they have, and leave nothing."""
    order, left, right = random.Random(seed), list[str](), 0
    for number in range(times):
        command = [sys.executable, __file__, "--until-interrupted", str(seed + number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
            assert parent.stdout
            lines = [line.split() for line in iter(parent.stdout.readline, "ready\n")]
            time.sleep(order.uniform(0.05, 0.5))
            parent.send_signal(signal.SIGINT)
            output, error = parent.communicate(timeout=30)
        time.sleep(0.5)
        left += [line[0] for line in lines if running(int(line[0]))] + [f for _, f in lines if Path(f).exists()]
        right += "KeyboardInterrupt" in error and "WRONG" not in output
    return {
        "fault": "SIGINT of the parent",
        "mode": "exact",
        "evaluations": times,
        "right": right,
        "statuses": {},
        "left behind": left,
    }


def run_until_interrupted(seed: int) -> int:
    """Evaluate without end; says its workers first."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what is in its background without
    specimen = autockt()
    with WorkerPool(2) as pool:
        pool.simulate([Job(specimen.deck)] * 4)
        for pid, folder in zip(pool.processes, pool.folders, strict=True):
            print(pid, folder, flush=True)
        print("ready", flush=True)
        jobs = [Job(specimen.deck, design) for design in specimen.anywhere(100_000, seed)]
        for _, result in pool.run(jobs):
            if not result.ok:
                print("WRONG", result.status, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
