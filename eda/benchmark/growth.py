"""Speed and memory of netlist readers as netlists grow, ours and the peers' side by side; and who reads them right."""

from __future__ import annotations

import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from eda.benchmark.judgement import verdict
from eda.benchmark.peers import PEERS, read_with
from eda.benchmark.reading import progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eda.benchmark.corpora import Specimen
    from eda.benchmark.reading import Corpora, Rows

__all__ = ["flat_netlist", "growth", "peer_verdicts"]

_REPEATS: Final = 3
_TIMEOUT: Final = 60.0  # s; a reader that takes longer is not tried on larger files
_INCLUDES: Final = re.compile(r"^\s*\.?(inc|lib)", re.IGNORECASE | re.MULTILINE)
_VERDICTS: Final = ("right", "silently wrong", "nothing to compare")
_EXAMPLES: Final = 3


def flat_netlist(devices: int, seed: int) -> Iterator[str]:
    """Lines of a flat netlist: transistors of many sizes, parasitic capacitors and resistors with values of their own.

    Names are in upper case, as one of the peers reads no others; the nets are as many as a third of the devices.
    """
    draw = random.Random(seed)
    nets = max(devices // 3, 4)
    yield "* flat netlist"
    yield ".model NCH nmos level=1"
    yield ".model PCH pmos level=1"
    for index in range(devices):
        a, b, c = (f"N{draw.randrange(nets)}" for _ in range(3))
        width = f"{draw.randrange(20, 2000) / 100:g}u"
        match index % 10:
            case 0 | 1 | 2 | 3:
                yield f"M{index} {a} {b} {c} 0 NCH w={width} l={draw.choice((0.15, 0.3, 0.5))}u"
            case 4 | 5:
                yield f"M{index} {a} {b} {c} VDD PCH w={width} l=0.15u m={draw.randrange(1, 9)}"
            case 6 | 7:
                yield f"C{index} {a} 0 {draw.randrange(1, 99999) / 1000:g}f"
            case _:
                yield f"R{index} {a} {b} {draw.randrange(1, 999999) / 1000:g}"
    yield ".end"


def growth(*, sizes: Sequence[int], peers_python: str, seed: int) -> Rows:
    """Seconds, MB/s and peak memory of every reader at every size; readers take turns, medians of three runs."""
    rows = []
    given_up: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="eda-growth-") as folder:
        for size in sizes:
            path = Path(folder) / f"flat_{size}.sp"
            path.write_text("\n".join(flat_netlist(size, seed)) + "\n", encoding="utf-8")
            rows += _measured(path, size, peers_python, given_up)
    ours = {row["devices"]: row["seconds"] for row in rows if row["reader"] == "eda"}
    for row in rows:
        row["times ours"] = row["seconds"] / ours[row["devices"]] if row["seconds"] else None
    return rows


def _measured(path: Path, size: int, peers_python: str, given_up: set[str]) -> Rows:
    readers = ["eda", *(PEERS if peers_python else ())]
    runs = defaultdict(list)
    repeats = _REPEATS if size < 1_000_000 else 1
    for turn in range(repeats):
        for reader in readers:
            if reader in given_up:
                continue
            progress(f"{size:,} devices, run {turn + 1} of {repeats}: {reader}")
            python = sys.executable if reader == "eda" else peers_python
            read = read_with(reader, path, python=python, timeout=_TIMEOUT, brief=True)
            runs[reader].append(read)
            if read.status != "read":
                given_up.add(reader)
    rows = []
    for reader, reads in runs.items():
        last = reads[-1]
        good = last.status == "read"
        seconds = median(read.seconds for read in reads) if good else None
        found = sum(last.view["counts"].values()) if good else 0
        rows.append(
            {
                "table": "speed",
                "devices": size,
                "reader": reader,
                "version": last.version,
                "outcome": "read" if good and found == size else f"{last.status}: {last.message or f'{found} devices'}",
                "seconds": seconds,
                "MB/s": path.stat().st_size / seconds / 1e6 if seconds else None,
                "peak MB": last.peak_bytes / 1e6 if good else None,
            }
        )
    return rows


def peer_verdicts(corpora: Corpora, *, peers_python: str, most: int, seed: int) -> Rows:
    """Per corpus and peer: files read right, refused, silently wrong; of large corpora a random sample.

    Right is what agrees with our circuit of the file, which the ngspice listing and the round trips check.
    """
    rows = []
    draw = random.Random(seed)
    for name, specimens in corpora.items():
        files = [s for s in specimens if s.entry is None and s.outcome[0] is not None]
        if not files:
            continue
        chosen = files if len(files) <= most else sorted(draw.sample(files, most), key=lambda s: s.name)
        for peer in PEERS if peers_python else ():
            progress(f"{peer} on {name}: {len(chosen)} files")
            rows.append(_judged(name, peer, chosen, peers_python))
    return rows


def _judged(name: str, peer: str, chosen: list[Specimen], peers_python: str) -> dict[str, Any]:
    tally: Counter[str] = Counter()
    examples: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="eda-peers-") as folder:
        for specimen in chosen:
            circuit = specimen.outcome[0]
            assert circuit is not None
            suffix = {"spectre": ".scs", "cdl": ".cdl"}.get(circuit.dialect, ".sp")
            path = specimen.folder / specimen.name
            # a reader that follows includes must find them
            if not path.is_file() or not _INCLUDES.search(specimen.text):
                path = Path(folder) / f"netlist{suffix}"
                path.write_text(specimen.text, encoding="utf-8")
            read = read_with(peer, path, python=peers_python, dialect=circuit.dialect)
            said = verdict(circuit, read)
            kind = next((kind for kind in _VERDICTS if said.startswith(kind)), "")
            tally[kind or "refused"] += 1
            if kind == "silently wrong" and len(examples) < _EXAMPLES:
                examples[specimen.name] = said[:200]
    return _verdict_row(name, peer, len(chosen), tally, examples)


def _verdict_row(name: str, peer: str, files: int, tally: Counter[str], examples: dict[str, str]) -> dict[str, Any]:
    return {
        "table": "who reads right",
        "corpus": name,
        "reader": peer,
        "files": files,
        "right": tally["right"],
        "refused": tally["refused"],
        "silently wrong": tally["silently wrong"],
        "nothing to compare": tally["nothing to compare"],
        "examples": examples,
    }
