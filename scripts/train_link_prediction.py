"""Train the predictor of connections on AnalogGenie's and Image2Net's circuits; killed, it goes on where it was.

    python scripts/train_link_prediction.py --seed 0 --networks 2 --output predictor.safetensors

A part of the circuits (by topology) is held out: on it the probabilities are calibrated, and the card says how well
nets are ranked there.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from functools import partial
from pathlib import Path

from eda.benchmark.link_data import SOURCES, divided, identity, samples
from eda.benchmark.link_prediction import calibrated, measured
from eda.errors import EDAError
from eda.link_prediction.predictor import LinkPredictor
from eda.link_prediction.training import trained
from eda.nn.pin_network import PinShape
from eda.nn.threads import one_thread


def main() -> None:
    """Parse the arguments and train."""
    args = arguments()
    if args.output.exists():
        print(f"{args.output} is trained already", flush=True)
        return
    train, held_out = [], []
    for name in SOURCES:
        known = [one for one in samples(name, args.output.parent / "graphs") if one.entry.label not in args.without]
        parts = divided(known, "topology", args.seed, held_out=args.hold_out)
        train += parts[0]
        held_out += parts[1]
    print(f"{len(train)} circuits, {len(held_out)} held out", flush=True)
    shape = PinShape(args.width, args.layers)
    with one_thread():
        networks, seconds = zip(*(
            trained(
                [one.pins for one in train],
                shape,
                rounds=args.rounds,
                seed=args.seed + number,
                state=args.output.with_suffix(f".{number}.state"),
                about={"data": identity(train)},
                after=partial(said, number),
            )
            for number in range(args.networks)
        ), strict=True)  # fmt: skip
        predictor = LinkPredictor(networks, {})
        temperature = calibrated(predictor, held_out, seed=args.seed)
        card = {
            "about": "networks that rank the nets of a circuit for a terminal that is open",
            "data": "AnalogGenie (github.com/xz-group/AnalogGenie at efc2535, MIT), Image2Net "
            "(github.com/LAD021/ci2n_datasets at 2bc0e75, Apache-2.0; github.com/24Hoursss/Image2Net at ca29c46, MIT)",
            "classes left out": args.without,
            "circuits": len(train),
            "command": shlex.join(["python", "scripts/train_link_prediction.py", *sys.argv[1:]]),
            "seed": args.seed,
            "rounds": args.rounds,
            "seconds of a processor": round(sum(seconds)),
            "temperature": temperature,
        }
        predictor = LinkPredictor(networks, card)
        card["held out"] = {"circuits": len(held_out), **measured(predictor.probabilities, held_out, asked=20, seed=0)}
    LinkPredictor(networks, card).save(args.output)
    print(json.dumps(card, indent=2), flush=True)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the split, the weights and the draws")
    parser.add_argument("--networks", type=int, default=2, help="whose probabilities are averaged")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--hold-out", type=float, default=0.1, help="share of the circuits, by topology")
    parser.add_argument("--without", action="append", default=[], help="a class of circuits that is not learned from")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


def said(network: int, number: int, loss: float) -> None:
    """A line a round."""
    print(json.dumps({"network": network, "round": number, "loss": round(loss, 4)}), flush=True)


if __name__ == "__main__":
    try:
        main()
    except EDAError as error:
        sys.exit(f"error: {error}")
