"""Train the surrogates of op-amps: one for each task, beside its netlist, and one for all topologies.

    python scripts/train_opamp_surrogate.py five_transistor_ota two_stage_miller --simulations 10000 --run-dir runs

Simulations and networks are stored: stopped, the same command goes on. Surrogates that are there are not trained again,
nor are those of `eda bench surrogate`, where `--run-dir` is the folder of its results.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

import numpy as np

from eda.benchmark.surrogate_data import stored, trained
from eda.benchmark.surrogate_topologies import working_designs
from eda.errors import EDAError
from eda.nn.pin_network import PinShape
from eda.problem import load_task
from eda.simulation import WorkerPool
from eda.surrogate.quantities import quantities_of
from eda.surrogate.samples import Samples
from eda.surrogate.topologies import SizedCircuits, TopologySurrogate

FOLDER = Path(__file__).parents[1] / "netlists" / "opamp"
METRICS = ("dc_gain", "gbw", "phase_margin", "output_swing", "power", "slew_rate_rising", "settling_time")


def main() -> None:
    """Parse the arguments, simulate and train."""
    args = arguments()
    card = {"command": shlex.join(["python", "scripts/train_opamp_surrogate.py", *sys.argv[1:]])}
    known = {}
    with WorkerPool() as pool:
        for name in args.tasks:
            task = FOLDER / name / f"{name}.toml"
            told = stored(task, METRICS, args.simulations, 0, args.run_dir, pool)
            known[name] = load_task(task).problem, Samples.load(told["_designs"])
            path = task.with_suffix(".surrogate.safetensors")
            if path.exists():
                continue
            folder = args.run_dir / "surrogates"
            found = trained(*known[name], rounds=args.rounds, seed=args.seed, folder=folder)
            found.card |= card
            found.save(path)
            print(json.dumps({"surrogate": path.name, **found.card["determination"]}), flush=True)
    if args.output and not args.output.exists():
        _of_all(args, known, card)


def _of_all(args: argparse.Namespace, known: dict, card: dict) -> None:
    """One surrogate for all topologies."""
    generator = np.random.default_rng(args.seed)
    chosen = {name: (problem, working_designs(designs, args.designs, generator))
              for name, (problem, designs) in known.items()}  # fmt: skip
    every = {key: np.concatenate([designs.values[key] for _, designs in chosen.values()]) for key in METRICS}
    first, _ = next(iter(chosen.values()))
    quantities = quantities_of(first, every, np.ones(len(every[METRICS[0]]), dtype=bool))
    samples = [(SizedCircuits.of(problem, designs.points), designs.values) for problem, designs in chosen.values()]
    found = TopologySurrogate.fit(
        samples, quantities, shape=PinShape(48, 4), rounds=args.rounds_of_all, seed=args.seed,
        state=args.run_dir / "opamps.state", card=card,
    )  # fmt: skip
    found.save(args.output)
    print(json.dumps(found.card), flush=True)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tasks", nargs="+", help="names of op-amps in netlists/opamp")
    parser.add_argument("--simulations", type=int, default=10_000, help="of each task")
    parser.add_argument("--rounds", type=int, default=60, help="of each surrogate")
    parser.add_argument("--seed", type=int, default=0, help="of weights and draws")
    parser.add_argument("--designs", type=int, default=1000, help="of each topology, for the one of all of them")
    parser.add_argument("--rounds-of-all", type=int, default=60)
    parser.add_argument("--output", type=Path, help="where the one for all topologies is kept; none without it")
    parser.add_argument("--run-dir", type=Path, default=Path("runs"))
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except EDAError as error:
        sys.exit(f"error: {error}")
