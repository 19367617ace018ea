"""Break netlists at random and see that reading them ends in a circuit or an error, quickly, and touches nothing else.

    python scripts/fuzz_netlists.py --mutations 200000 --output benchmarks/results/fuzz_netlists.json

Every input must give a `Circuit` or a `NetlistError` within a second of a processor. While it is read, an audit hook of
Python refuses and records whatever is no reading of a file in the allowed folder: other files, processes, sockets,
imports, compiled code. Of every tenth input that could be read, the written netlist must read back equal, and
flattening and checking it must end in a result or an `EDAError` within as long. An input that is slow is tried again
alone and counts if it is slow twice. `--replay N` shows what the N-th mutation of a seed is and does.

`netlist_mutations.py` makes the inputs, from the project's netlists and the data sets in the folder that the
environment variable EDA_DATA_DIR names.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import importlib
import json
import math
import multiprocessing
import os
import platform
import re
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, fields, is_dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from netlist_mutations import SEEDS, Case, Corpus, case_of, corpus

import eda
from eda.errors import EDAError, NetlistError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(eda.__file__).resolve().parents[1]
LIMIT = 1.0  # seconds of a processor that one input may take: others may keep it waiting
MEMORY = 2 * 2**30  # bytes that a worker may take beyond what it has at its start
CHUNK = 100  # mutations that a worker takes at a time

# ---- what the code under test may do


class Forbidden(BaseException):
    """Something that reading a netlist may not do; no `except Exception` catches it."""


class Slow(BaseException):
    """The time is over."""


HARMLESS = {"object.__getattr__", "object.__setattr__", "object.__delattr__", "sys._getframe", "builtins.id"}
LISTING = {"os.scandir", "os.listdir", "pathlib.Path.glob", "pathlib.Path.rglob", "glob.glob", "glob.glob/2"}


@dataclass
class Guard:
    """An audit hook that refuses and records all but harmless events, and an alarm; both only while armed.

    Attributes:
        folders: in which files may be read.
        seen: what was refused.
    """

    armed: bool = False
    folders: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list)

    def install(self) -> None:
        """Begin to listen; a hook stays until the process ends."""
        sys.addaudithook(self.hear)
        signal.signal(signal.SIGPROF, self.ring)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """The audit hook."""
        if not self.armed or event in HARMLESS:
            return
        self.armed = False
        try:
            allowed = self.allows(event, arguments)
        finally:
            self.armed = True
        if not allowed:
            what = f"{event} {arguments[0]!r:.200}" if arguments else event
            self.seen.append(what)
            raise Forbidden(what)

    def allows(self, event: str, arguments: tuple[Any, ...]) -> bool:
        """Whether an event reads a file or lists a folder inside the allowed ones."""
        if event != "open" and event not in LISTING:
            return False
        if not isinstance(arguments[0], str | os.PathLike):
            return False
        if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            return False
        real = os.path.realpath(arguments[0])
        return any(os.path.commonpath((real, folder)) == folder for folder in self.folders)

    def ring(self, *_: object) -> None:
        """The alarm."""
        if self.armed:
            raise Slow(f"more than {LIMIT:g} s")

    @contextlib.contextmanager
    def watching(self, *folders: str) -> Iterator[None]:
        """Armed for the time of a block."""
        self.folders, self.seen = tuple(map(os.path.realpath, folders)), []
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        self.armed = True
        try:
            yield
        finally:
            self.armed = False
            signal.setitimer(signal.ITIMER_PROF, 0)


GUARD = Guard()


@dataclass(frozen=True)
class Finding:
    """Something that an input may not do.

    Attributes:
        stage: what was tried: `read`, `write`, `flatten` or `check`.
        kind: `exception`, `slow`, `forbidden`, `unplaced` (an error that is no `NetlistError`), `round trip` or `died`.
        what: class of the exception, or what was done.
        where: the innermost place in the package, or what differs.
        message: of the exception.
        number: of the mutation.
        case: its input.
    """

    stage: str
    kind: str
    what: str
    where: str
    message: str = ""
    number: int = -1
    case: Case | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Findings with one key are one bug."""
        where = re.sub(r":\d+", "", self.where) if self.kind == "slow" else self.where
        return self.stage, self.kind, self.what, where


def tried(stage: str, action: Callable[[], Any], *folders: str) -> tuple[Any, Finding | None]:
    """Do something under guard: its result or the `EDAError` that it ended in, and what was wrong about it."""
    try:
        with GUARD.watching(*folders):
            try:
                result = action()
            except EDAError as error:
                str(error)
                result = error
    except (Forbidden, Slow, Exception) as error:  # noqa: BLE001 - whatever comes is the finding
        kind = {Forbidden: "forbidden", Slow: "slow"}.get(type(error), "exception")
        what = GUARD.seen[0].split()[0] if kind == "forbidden" else type(error).__name__
        return None, Finding(stage, kind, what, place_of(error), told(error))
    if GUARD.seen:  # and hidden by the code
        return None, Finding(stage, "forbidden", GUARD.seen[0].split()[0], "hidden", GUARD.seen[0])
    return result, None


def told(error: BaseException) -> str:
    """The message of an error, without the folder of this run."""
    return re.sub(re.escape(os.environ["FUZZ_FOLDER"]) + r"/\w+", "FOLDER", str(error))[:300]


def place_of(error: BaseException) -> str:
    """The innermost place in the package; where it recurses without end, the function that it is in most often."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename.startswith(f"{ROOT}/eda/")] or frames
    last = inside[-1]
    if isinstance(error, RecursionError):
        (name, function), _ = Counter((frame.filename, frame.name) for frame in inside).most_common(1)[0]
        return f"{relative(name)} {function}"
    return f"{relative(last.filename)}:{last.lineno} {last.name}"


def relative(filename: str) -> str:
    """A file of the project from its root, any other by its name."""
    return filename.removeprefix(f"{ROOT}/") if filename.startswith(f"{ROOT}/") else Path(filename).name


# ---- trying one input


def furnish(folder: Path) -> Path:
    """Make the folder that a worker reads from, with neighbours of the netlist; one outside it has a secret."""
    inside, outside = folder / "inside", folder / "outside"
    for made in (inside, outside, inside / "sub"):
        made.mkdir()
    resistor = ".subckt sibling a b\nr1 a b 1k\n.ends\n"
    files = {
        "../outside/secret.inc": ".param secret=1\n",
        "sibling.inc": resistor,
        "sibling.scs": "subckt sibling (a b)\nr1 (a b) resistor r=1K\nends sibling\n",
        "sibling.lib": f".lib tt\n.model nch nmos level=1\n.endl tt\n.lib ff\n{resistor}.endl\n"
        ".lib loop\n.lib 'sibling.lib' loop\n.endl loop\n",
        "sub/deeper.inc": ".include ../sibling.inc\n",
        "self.inc": ".include self.inc\n",
        "open.inc": ".subckt never a b\n",
        **{f"ladder{i}.inc": f".include ladder{i + 1}.inc\n" * 10 for i in range(4)},
        "ladder4.inc": "* nothing\n",
    }
    for name, text in files.items():
        (inside / name).write_text(text)
    (inside / "binary.inc").write_bytes(bytes(range(256)) * 4)
    (inside / "link.inc").symlink_to(outside / "secret.inc")
    (inside / "away").symlink_to(outside)
    (inside / "loop").symlink_to("loop")
    os.mkfifo(inside / "pipe")
    return inside


def examined(number: int, case: Case, reader: Any, *, further: bool) -> tuple[str, list[Finding]]:
    """Read one input, and if asked and read, write, flatten and check it: the outcome, and what was wrong."""
    here = str(Path.cwd())
    options = {"dialect": case.dialect, "includes": case.includes, "control": case.control}
    if case.file:
        path = Path(here, "netlist.sp")
        path.write_bytes(case.data)
        result, finding = tried("read", lambda: reader.read_netlist(path, **options), here)
    else:
        text = case.data.decode("utf-8", "surrogateescape")
        folders = (here,) if case.rooted else ()
        result, finding = tried("read", lambda: reader.parse_netlist(text, roots=folders, **options), *folders)
    findings = [finding] if finding else []
    outcome = finding.kind if finding else type(result).__name__
    if not finding and isinstance(result, EDAError) and not isinstance(result, NetlistError):
        findings = [Finding("read", "unplaced", outcome, place_of(result), told(result))]
    if outcome == "Circuit" and further:
        findings += later(result, reader)
    return outcome, [replace(found, number=number, case=case) for found in findings]


def later(circuit: Any, reader: Any) -> Iterator[Finding]:
    """What is wrong about the later uses of a circuit."""
    text, finding = tried("write", lambda: reader.format_netlist(circuit, dialect=circuit.dialect))
    if finding:
        yield finding
    elif isinstance(text, str):
        options = {"dialect": circuit.dialect, "includes": "keep", "control": "keep", "name": "written"}
        again, finding = tried("read again", lambda: reader.parse_netlist(text, **options))
        if finding:
            yield finding
        elif isinstance(again, EDAError):
            message = getattr(again, "message", str(again))
            kind = re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "_", message)[:60]
            yield Finding("write", "round trip", f"{circuit.dialect}: not read again", kind, told(again))
        elif again != circuit:
            where, message = difference(circuit, again)
            yield Finding("write", "round trip", f"{circuit.dialect}: differs", where, message)
    for stage, action in (
        ("flatten", lambda: reader.flatten(circuit, most=20_000)),
        ("check", lambda: reader.check(circuit)),
    ):
        _, finding = tried(stage, action)
        if finding:
            yield finding


def difference(one: Any, other: Any, path: str = "") -> tuple[str, str]:
    """The first field in which two values differ, without numbers of items, and both values there."""
    if is_dataclass(one) and type(one) is type(other):
        name = getattr(one, "letter", "")
        for item in fields(one):
            first, second = getattr(one, item.name), getattr(other, item.name)
            if item.compare and first != second:
                return difference(first, second, f"{path}.{item.name}" + (f"({name})" if name else ""))
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        first, second = next((a, b) for a, b in zip(one, other, strict=True) if a != b)
        return difference(first, second, f"{path}[]")
    return path.strip("."), f"{one!r:.140} became {other!r:.140}"


# ---- workers


class Job(NamedTuple):
    """Some mutations of a seed for a worker."""

    seed: int
    numbers: tuple[int, ...]
    later_every: int


class Report(NamedTuple):
    """What a worker says of a job."""

    outcomes: Counter[str]
    findings: list[Finding]


@functools.cache
def worker(reader: str, data: str) -> tuple[Any, Corpus]:
    """Make this process a worker: alone in a folder, warm, with little memory, and watched from here on."""
    os.chdir(furnish(Path(tempfile.mkdtemp(dir=os.environ["FUZZ_FOLDER"]))))
    module, texts = importlib.import_module(reader), corpus(data)
    for coding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "idna"):
        "a".encode(coding)  # what Python imports at the first use of a coding is no doing of the reader
    GUARD.install()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    for text in SEEDS.values():  # whatever is imported at the first use
        with contextlib.suppress(Exception):
            circuit = eda.parse_netlist(text.replace("sibling", "away"), includes="keep")
            list(later(circuit, eda.netlist))
    return module, texts


def work(job: Job, reader: str, data: str) -> Report:
    """Try the mutations of a job, in a worker."""
    module, texts = worker(reader, data)
    outcomes: Counter[str] = Counter()
    smallest: dict[tuple[str, ...], Finding] = {}
    findings = []
    for number in job.numbers:
        case = case_of(number, job.seed, texts)
        further = number % job.later_every == 0
        outcome, found = examined(number, case, module, further=further)
        outcomes[outcome] += 1
        outcomes["written, flattened and checked"] += outcome == "Circuit" and further
        for finding in found:
            first = smallest.setdefault(finding.key, finding)
            known = first is not finding and finding.kind != "slow"  # every slow one is tried again
            findings.append(replace(finding, case=None) if known else finding)
    return Report(outcomes, findings)


def reduced(finding: Finding, seconds: float, reader: str, data: str) -> Case:
    """A smaller input with the same finding: lines, then characters left out while it stays (in a worker)."""
    module, _ = worker(reader, data)
    assert finding.case is not None
    case, until = finding.case, time.monotonic() + seconds

    def same(tried_data: bytes) -> bool:
        _, found = examined(0, case._replace(data=tried_data), module, further=finding.stage != "read")
        return any(other.key == finding.key for other in found)

    for separator in (b"\n", b""):
        parts = case.data.split(separator) if separator else [bytes([byte]) for byte in case.data]
        size = max(len(parts) // 2, 1)
        while size and time.monotonic() < until:
            at = 0
            while at < len(parts) and time.monotonic() < until:
                left = parts[:at] + parts[at + size :]
                if same(separator.join(left)):
                    parts = left
                else:
                    at += size
            size = size // 2 if size > 1 else 0
        case = case._replace(data=separator.join(parts))
    return case


def reports(jobs: list[Job], processes: int, reader: str, data: str) -> Iterator[Report]:
    """The reports of workers; when one dies, what it may have died of is halved until one mutation is left."""
    lost = []
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
        waiting = {}
        for job in jobs:
            try:
                waiting[pool.submit(work, job, reader, data)] = job
            except BrokenProcessPool:
                lost.append(job)
        for done in as_completed(waiting):
            try:
                yield done.result()
            except BrokenProcessPool:
                lost.append(waiting[done])
    if len(lost) == 1 and len(lost[0].numbers) == 1 and len(jobs) == 1:
        yield Report(Counter(died=1), [Finding("read", "died", "the process ended", "", number=lost[0].numbers[0])])
    elif lost:
        parts = [
            job._replace(numbers=numbers)
            for job in lost
            for half in [max(len(job.numbers) // 2, 1)]
            for numbers in (job.numbers[:half], job.numbers[half:])
            if numbers
        ]
        groups = [[job] for job in parts] if max(len(job.numbers) for job in parts) == 1 else [parts]
        for group in groups:
            yield from reports(group, processes, reader, data)


# ---- the run


def main() -> int:
    """Run the mutations; 0 when nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mutations", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--later-every", type=int, default=10, help="of how many one is also written and flattened")
    parser.add_argument("--reduce", type=float, default=15.0, help="seconds spent on making one example smaller")
    parser.add_argument("--replay", type=int, metavar="N", help="show the N-th mutation and what it does")
    parser.add_argument("--reader", default="eda.netlist", help="module under test")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    data = os.environ.get("EDA_DATA_DIR", "")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FUZZ_FOLDER"] = folder
        if arguments.replay is not None:
            return replayed(arguments, data)
        record = run(arguments, data)
    if arguments.output:
        arguments.output.write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps({key: value for key, value in record.items() if key != "findings"}, indent=2))
    for found in record["findings"]:
        print(f"{found['count']} x {found['kind']} in {found['stage']}: {found['what']} at {found['where']}")
        print(f"    {found['message']!r}\n    --replay {found['numbers'][0]}: {found['input']!r:.400}")
    return 1 if record["findings"] else 0


def run(arguments: argparse.Namespace, data: str) -> dict[str, Any]:
    """The record of a run."""
    start = time.monotonic()
    numbers = range(arguments.mutations)
    jobs = [Job(arguments.seed, tuple(numbers[at : at + CHUNK]), arguments.later_every) for at in numbers[::CHUNK]]
    outcomes: Counter[str] = Counter()
    findings: list[Finding] = []
    for report in reports(jobs, arguments.processes, arguments.reader, data):
        outcomes += report.outcomes
        findings += report.findings
    seconds = time.monotonic() - start
    slow = sorted({finding.number for finding in findings if finding.kind == "slow"})
    again = [Job(arguments.seed, (number,), arguments.later_every) for number in slow]
    twice = [found for report in reports(again, 1, arguments.reader, data) for found in report.findings]
    findings = [found for found in findings if found.kind != "slow"] + [
        found for found in twice if found.kind == "slow"
    ]
    texts = corpus(data)
    everything = "".join(text for name in sorted(texts) for text in texts[name]).encode("utf-8", "surrogateescape")
    return {
        "command": " ".join(["python", "scripts/fuzz_netlists.py", *sys.argv[1:]]),
        "versions": {"eda": version("analog-eda"), "python": platform.python_version()},
        "corpus": {name: len(texts[name]) for name in sorted(texts)},
        "corpus sha256": hashlib.sha256(everything).hexdigest(),
        "seed": arguments.seed,
        "mutations": arguments.mutations,
        "outcomes": dict(outcomes.most_common()),
        "seconds": round(seconds, 1),
        "mutations per second": round(arguments.mutations / seconds, 1),
        "slow once": len(slow),
        "findings": listed(findings, texts, arguments, data),
    }


def listed(findings: list[Finding], texts: Corpus, arguments: argparse.Namespace, data: str) -> list[dict[str, Any]]:
    """The distinct findings, most frequent first, each with its smallest input made smaller."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.key, []).append(finding)
    rows = []
    for group in sorted(groups.values(), key=len, reverse=True):
        first = min(group, key=lambda found: len(found.case.data) if found.case else math.inf)
        first = replace(first, case=first.case or case_of(first.number, arguments.seed, texts))
        case = first.case
        with (
            contextlib.suppress(BrokenProcessPool),
            ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool,
        ):
            case = pool.submit(reduced, first, arguments.reduce, arguments.reader, data).result()
        row = {"count": len(group), "kind": first.kind, "stage": first.stage, "what": first.what, "where": first.where}
        row |= {"message": first.message, "numbers": [first.number, *sorted(f.number for f in group)[:5]]}
        row["arguments"] = {name: value for name, value in case._asdict().items() if name != "data"}
        row["input"] = shortened(case.data.decode("utf-8", "backslashreplace"))
        rows.append(row)
    return rows


def shortened(text: str) -> str:
    """A text with what it repeats written once."""
    short = re.sub(r"(.{1,60}?)\1{19,}", lambda run: f"<{run[1]!r} x {len(run[0]) // len(run[1])}>", text, flags=re.S)
    return short if len(short) <= 2_000 else f"{short[:2_000]} ... ({len(text)} characters)"


def replayed(arguments: argparse.Namespace, data: str) -> int:
    """Show one mutation and what it does."""
    case = case_of(arguments.replay, arguments.seed, corpus(data))
    print(case._replace(data=b""), f"{len(case.data)} bytes:", case.data.decode("utf-8", "replace"), sep="\n")
    job = Job(arguments.seed, (arguments.replay,), 1)
    (report,) = reports([job], 1, arguments.reader, data)
    print(dict(report.outcomes))
    for finding in report.findings:
        print(finding.kind, finding.stage, finding.what, finding.where, finding.message, sep=" | ")
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
