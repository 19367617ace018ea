"""Train the generator of behavioural op-amps on random ones with exact labels; killed, it goes on where it was.

    python scripts/train_behavioural.py --seed 0 --output opamps.safetensors

One core takes 25 minutes. `eda bench topology-behavioural` trains in the same way, and measures.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

from eda.nn.threads import one_thread
from eda.topology.behavioural.labelled import LabelledOpAmps, random_opamps
from eda.topology.behavioural.training import trained_generator


def main() -> None:
    """Parse the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the op-amps and of the networks")
    parser.add_argument("--circuits", type=int, default=100_000, help="op-amps to learn from")
    parser.add_argument("--predictor", type=int, default=30, help="rounds of the predictor")
    parser.add_argument("--autoencoder", type=int, default=20, help="rounds of the autoencoder")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    rounds = {"predictor": args.predictor, "autoencoder": args.autoencoder}
    folder = args.output.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    data = LabelledOpAmps.of(random_opamps(args.circuits, args.seed))

    def after(network: str, number: int, loss: float) -> None:
        print(json.dumps({"network": network, "round": number, "loss": round(loss, 4)}), flush=True)

    with one_thread():
        found = trained_generator(data, seed=args.seed, rounds=rounds, folder=folder, after=after)
    found.card["command"] = shlex.join(["python", "scripts/train_behavioural.py", *sys.argv[1:]])
    found.save(args.output)


if __name__ == "__main__":
    main()
