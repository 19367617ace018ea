"""Train the estimator of parasitics on the layout of the clock generator of CirGPS.

    python scripts/train_parasitics.py --seed 0 --output estimator.safetensors

A tenth of the nets is held out, and the card says how well their capacitances are told.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from pathlib import Path

import torch

from eda.benchmark.parasitics import divided_by_net, judged, known_of
from eda.datasets import cirgps
from eda.errors import EDAError
from eda.nn.pin_network import PinShape
from eda.nn.threads import one_thread
from eda.parasitics import ParasiticEstimator
from eda.parasitics.interconnect import coupling, ground, of_layout
from eda.parasitics.training import Recipe, trained


def main() -> None:
    """Parse the arguments and train."""
    args = arguments()
    if args.output.exists():
        print(f"{args.output} is trained already", flush=True)
        return
    layout = cirgps.layout()
    circuit, pairs, farads, to_ground = of_layout(layout)
    couplings, grounds = coupling(farads), ground(to_ground)
    split = divided_by_net(circuit, args.seed, args.hold_out)
    recipe = Recipe(args.steps, args.scattering, balanced=args.balanced)
    with one_thread():
        network, seconds = trained(
            circuit,
            known_of(split, pairs, couplings, grounds),
            PinShape(args.width, args.layers),
            recipe,
            seed=args.seed,
            state=args.output.with_suffix(".state"),
            after=said,
        )
        with torch.inference_mode():
            held_out = judged(network, split, pairs, couplings, grounds)
    card = {
        "about": "a network that estimates the capacitances of nets and pins from a netlist",
        "data": "DIGITAL_CLK_GEN of CirGPS (github.com/ShenShan123/CirGPS at 5f07ad8, MIT)",
        "sizes": {
            name: [float(values.min()), float(values.max())]
            for name, values in (("w", layout.width), ("l", layout.length))
        },
        "command": shlex.join(["python", "scripts/train_parasitics.py", *sys.argv[1:]]),
        "seed": args.seed,
        "seconds of a processor": round(seconds),
        "held out": held_out,
    }
    ParasiticEstimator(network, card).save(args.output)
    print(json.dumps(card, indent=2), flush=True)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="of the split, the weights and the draws")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--scattering", type=int, default=60, help="steps before them, without capacitances")
    parser.add_argument("--balanced", action="store_true", help="whether rare capacitances weigh as much as others")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hold-out", type=float, default=0.1, help="share of the nets")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


def said(number: int, loss: float) -> None:
    """A line every fifty steps."""
    if (number + 1) % 50 == 0:
        print(json.dumps({"step": number + 1, "loss": round(loss, 4)}), flush=True)


if __name__ == "__main__":
    try:
        main()
    except EDAError as error:
        sys.exit(f"error: {error}")
