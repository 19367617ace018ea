"""Check answers to AutoCkt's targets in its own deck, by plain ngspice, away from everything that found them.

The designs are those that `eda bench autockt --only "after practice"` answered with. Each is simulated by plain
`ngspice -b` in the published deck with its model card; gain, unity-gain frequency and phase margin are read off the
frequency response here, on straight lines over the logarithm of frequency. With the deck's own 10 points a decade these
lines err by up to a per cent of frequency, so the same is done with 200.

    python scripts/prove_autockt.py --output benchmarks/results/autockt_in_its_own_deck.json
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from eda.benchmark.opamp_decks import autockt
from eda.datasets.autockt import SizingTarget, published_targets
from eda.simulation import Ac, BatchSimulator, Job, Op, Simulation


def main() -> None:
    """Print, and write, how many targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run-dir", type=Path, default=Path("runs"), help="where the suite kept its results")
    parser.add_argument("--training", default="5000 simulations, seed 0", help="whose answers are checked")
    parser.add_argument("--output", type=Path, help="a JSON record")
    options = parser.parse_args()
    kept = max(options.run_dir.glob("suites-*/autockt.jsonl"), key=lambda path: path.stat().st_mtime, default=None)
    if kept is None:
        sys.exit(f"{options.run_dir} has no answers: first run eda bench autockt --only 'after practice'")
    answers = read_answers(kept, options.training)
    record = {"training": options.training, "answers": len(answers)}
    with BatchSimulator() as simulator:
        for points in (10, 200):
            record[f"met with {points} points a decade"] = count_met(answers, points, simulator)
        record["simulator"] = simulator.version
    record["command"] = " ".join(["python", *sys.argv])
    text = json.dumps(record, indent=2)
    print(text)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")


def read_answers(path: Path, training: str) -> dict[int, dict[str, float]]:
    """The design that was answered with, by number of the target."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["unit"].get("training") == training:
            found |= {one["target"]: one["design"] for one in row["result"]["rows"] if one["first"] is not None}
    return found


def count_met(answers: dict[int, dict[str, float]], points: int, simulator: BatchSimulator) -> int:
    """How many targets the designs meet in the published deck."""
    deck = replace(autockt().deck, analyses=(Op(), Ac(1.0, 10e9, points)))
    jobs = [Job(deck, design) for design in answers.values()]
    targets = published_targets()
    results = simulator.simulate(jobs)
    return sum(meets(result, targets[number]) for number, result in zip(answers, results, strict=True))


def meets(simulation: Simulation, target: SizingTarget) -> bool:
    """Whether a response and a supply current are what a target asks for."""
    response = simulation.analyses["ac"]
    gain, phase = np.abs(response["v(net6)"]), np.unwrap(np.angle(response["v(net6)"]))
    below = int(np.argmax(gain < 1))
    if gain[0] <= 1 or below == 0:
        return False
    share = np.log(gain[below - 1]) / np.log(gain[below - 1] / gain[below])
    unity = float(np.exp((1 - share) * np.log(response.scale[below - 1]) + share * np.log(response.scale[below])))
    margin = 180 + float(np.degrees((1 - share) * phase[below - 1] + share * phase[below]))
    current = abs(simulation.analyses["op"].value("i(vdd)"))
    return bool(
        gain[0] >= target.gain
        and unity >= target.unity_gain_frequency
        and margin >= target.phase_margin
        and current <= target.supply_current
    )


if __name__ == "__main__":
    main()
