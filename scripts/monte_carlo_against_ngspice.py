"""Monte Carlo of an op-amp by eda's compiled cards, and by plain `ngspice -b` with the kit's own statistical sections.

    python scripts/monte_carlo_against_ngspice.py --samples 500 --output benchmarks/results/monte_carlo.json

The plain runs use the full sky130 library (sections `tt_mm` for mismatch, `mc` for process), the kit's random
functions and ngspice's own random numbers; nothing of eda's decks, cards or draws takes part in them. They are kept in
`--keep` as they come, so the same command goes on where it was stopped.

ngspice 39 turns a `.param` whose text has a random function into a function: every reference draws again, so that the
kit's process parameters differ from transistor to transistor. eda draws them once, which is what the kit's comments
ask for. So process is compared twice: the kit as it is with a deviate of eda for each transistor; and eda's own process
variation with a copy of the library in which each random number has a parameter of its own, which ngspice draws once.

Means are compared by their difference in standard errors, standard deviations by the difference of their logarithms in
standard errors (from the fourth moment). Exit code 0 when all are below 3.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import eda
from eda.simulation import Ac, Deck, Job, Op, WorkerPool, draw
from eda.technology import ModelBin, Variation
from eda.testbench import Conditions

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Arm:
    """One comparison: a section of the plain library, and what eda varies for it."""

    name: str
    section: str
    variation: Variation
    drawn_once: bool = False
    per_transistor: bool = False


ARMS = (
    Arm("mismatch", "tt_mm", Variation.MISMATCH),
    Arm("process, drawn at every reference", "mc", Variation.PROCESS, per_transistor=True),
    Arm("process, drawn once", "mc", Variation.PROCESS, drawn_once=True),
)
LIMIT = 3.0  # standard errors
NETLIST = Path("netlists/opamp/two_stage_miller/two_stage_miller.sp")
DECK = """* plain deck with the kit's own Monte Carlo
{library}
.include "{netlist}"
Vdd vdd 0 dc 1.8
Vin inp 0 dc 0.9 ac 1
Lfb out inn 1e12
Cfb inn 0 1e3
Cload out 0 2p
Xdut {call}
.options reltol=1e-6 vntol=1e-9
.nodeset v(out)=0.9 v(inn)=0.9
.control
op
let offset = v(inp)-v(inn)
print offset
ac dec 10 0.1 1
meas ac gain find vdb(out) at=0.1
.endc
.end
"""


def plain_sample(deck: str) -> tuple[float, float]:
    """Offset (V) and DC gain (dB) of one run of plain ngspice."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        Path(folder, "deck.sp").write_text(deck)
        Path(folder, ".spiceinit").write_text("set ngbehavior=hsa\nset num_threads=1\n")
        environment = {**os.environ, "HOME": folder, "OMP_THREAD_LIMIT": "1"}
        command = ["ngspice", "-b", "deck.sp"]
        output = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        ).stdout
    found = {line.split("=")[0].strip(): line.split("=")[1].split()[0] for line in output.splitlines() if "=" in line}
    return float(found["offset"]), float(found["gain"])


def plain_library(section: str, folder: Path, *, drawn_once: bool) -> str:
    """The lines that include a section of the kit, or of a copy in which a random number is a parameter of its own."""
    library = eda.load_technology("sky130").library
    if not drawn_once:
        return library.full(section)
    copy = folder / "continuous"
    shutil.copytree(library.path.parent, copy, dirs_exist_ok=True)
    random = re.compile(r"^\.param (\w+) = (.*?)(A?GAUSS\([^()]*\))(.*)$", re.MULTILINE)

    def drawn(match: re.Match[str]) -> str:
        name, before, call, after = match.groups()
        text = f"{before}{name}_drawn{after}".replace("{", "(").replace("}", ")")
        return f".param {name}_drawn = {call}\n.param {name} = {{{text}}}"

    for file in copy.glob("parameters_*.spice"):
        file.write_text(random.sub(drawn, file.read_text()))
    return f'.lib "{copy / library.path.name}" {section}'


def plain_samples(arm: Arm, count: int, folder: Path, workers: int) -> NDArray[np.float64]:
    """Offsets and gains, `count x 2`; those in the folder are not run again."""
    technology = eda.load_technology("sky130")
    circuit = technology.bind(eda.read_netlist(NETLIST))
    plain, keep = folder / "circuit.sp", folder / f"{arm.name.replace(' ', '_')}.jsonl"
    circuit.write(plain)
    call = " ".join(["0" if port == "vss" else port for port in circuit.ports] + [circuit.top.name])
    library = plain_library(arm.section, folder.resolve(), drawn_once=arm.drawn_once)
    deck = DECK.format(library=library, netlist=plain.resolve(), call=call)
    done = [json.loads(line) for line in keep.read_text().splitlines()] if keep.is_file() else []
    with ThreadPoolExecutor(workers) as pool, keep.open("a") as file:
        for sample in pool.map(plain_sample, [deck] * (count - len(done))):
            done.append(list(sample))
            file.write(json.dumps(done[-1]) + "\n")
            file.flush()
            if len(done) % 50 == 0:
                sys.stderr.write(f"{arm.name}: {len(done)} of {count} by plain ngspice\n")
    return np.array(done[:count])


def deck_per_transistor(deck: Deck) -> Deck:
    """A deck whose transistors have cards, and so process deviates, of their own."""
    body, bins, names, blocks = deck.body, list[ModelBin](), list[str](), list[str]()
    calls = [line for line in body.splitlines() if line.startswith("xm")]
    for number, call in enumerate(calls):
        (block,) = re.findall(r"\bsky130_fd_pr__\w+", call)
        body = body.replace(call, call.replace(block, f"{block}__t{number}"))
        definition = re.search(rf"^\.subckt {block} .*?^\.ends {block}$", deck.models, re.MULTILINE | re.DOTALL)
        assert definition
        (family,) = {one.family for one in deck.bins if f" {one.family} " in definition[0]}
        own = (
            definition[0]
            .replace(f"subckt {block}", f"subckt {block}__t{number}")
            .replace(family, f"{family}__t{number}")
        )
        blocks.append(own.replace(f"ends {block}", f"ends {block}__t{number}"))
        names += (renamed := [f"{name}__t{number}" for name in deck.deviates])
        for one in deck.bins:
            if one.family == family:
                text = one.text.replace(family, f"{family}__t{number}")
                for old, new in zip(deck.deviates, renamed, strict=True):
                    text = text.replace(old, new)
                bins.append(replace(one, family=f"{family}__t{number}", text=text))
    parameters = {**{n: v for n, v in deck.parameters.items() if n not in deck.deviates}, **dict.fromkeys(names, 0.0)}
    models = "\n".join(blocks)
    return replace(deck, models=models, body=body, bins=tuple(bins), deviates=tuple(names), parameters=parameters)


def our_samples(arm: Arm, count: int, seed: int) -> NDArray[np.float64]:
    """The same by compiled cards, `count x 2`."""
    technology = eda.load_technology("sky130")
    circuit = technology.bind(eda.read_netlist(NETLIST))
    deck = eda.OpAmpTestbench(vdd="1.8 V").deck(circuit, technology, Conditions(variation=arm.variation))
    deck = replace(deck, analyses=(Op(), Ac(0.1, 1, 10)), saved=("v(out)", "v(inp)", "v(inn)"))
    if arm.per_transistor:
        deck = deck_per_transistor(deck)
    with WorkerPool() as pool:
        results = pool.simulate([Job(deck, draw(deck.deviates, seed, sample)) for sample in range(count)])
    rows = []
    for result in results:
        op, ac = result.analyses["op"], result.analyses["ac"]
        rows.append((op.value("v(inp)") - op.value("v(inn)"), 20 * np.log10(abs(ac["v(out)"][0]))))
    return np.array(rows)


def comparison(ours: NDArray[np.float64], plain: NDArray[np.float64]) -> dict[str, float]:
    """Moments of both, and their differences in standard errors."""
    means, sigmas = (ours.mean(), plain.mean()), (ours.std(ddof=1), plain.std(ddof=1))
    mean_error = np.sqrt(ours.var(ddof=1) / len(ours) + plain.var(ddof=1) / len(plain))
    # of the logarithm of a standard deviation: (kurtosis - 1) / (4 n)
    spread = [(np.mean((x - x.mean()) ** 4) / x.var() ** 2 - 1) / (4 * len(x)) for x in (ours, plain)]
    return {
        "mean, eda": float(means[0]),
        "mean, ngspice": float(means[1]),
        "mean differs by (standard errors)": float((means[0] - means[1]) / mean_error),
        "sigma, eda": float(sigmas[0]),
        "sigma, ngspice": float(sigmas[1]),
        "sigma differs by (standard errors)": float(np.log(sigmas[0] / sigmas[1]) / np.sqrt(sum(spread))),
    }


def main() -> int:
    """Run both and compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--samples", type=int, default=500, help="plain runs for each kind of variation")
    parser.add_argument("--ours", type=int, default=5000, help="samples of eda for each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2, help="plain runs at a time")
    parser.add_argument("--keep", type=Path, default=Path("runs/monte_carlo"), help="folder for the plain runs")
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    rows = []
    for arm in ARMS:
        plain = plain_samples(arm, options.samples, options.keep, options.workers)
        ours = our_samples(arm, options.ours, options.seed)
        for column, quantity in enumerate(("offset, V", "DC gain, dB")):
            row = {"variation": arm.name, "section": arm.section, "quantity": quantity}
            rows.append({**row, **comparison(ours[:, column], plain[:, column])})
            print(json.dumps(rows[-1], indent=1))
    agree = all(abs(value) < LIMIT for row in rows for key, value in row.items() if "standard errors" in key)
    if options.output:
        with WorkerPool(1) as pool:
            versions = {"simulator": pool.version, "analog-eda": version("analog-eda"), "numpy": np.__version__}
        record = {
            "about": "Monte Carlo of the two-stage op-amp, sky130: compiled cards against the kit itself by ngspice -b",
            "command": " ".join(["python", "scripts/monte_carlo_against_ngspice.py", *sys.argv[1:]]),
            "samples": {"ngspice -b": options.samples, "eda": options.ours, "seed of eda": options.seed},
            "versions": versions,
            "rows": rows,
            "agree": agree,
        }
        options.output.write_text(json.dumps(record, indent=2) + "\n")
    print("agree" if agree else "DIFFER")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
