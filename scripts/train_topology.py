"""Train the generator of transistor-level topologies on AnalogGenie's circuits; killed, it goes on where it was.

    python scripts/train_topology.py --seed 0 --rounds 400 --output topology.safetensors

Two cores take 16 s a round of 1,024 walks.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import sys
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch.nn import functional

from eda.nn.decoder import Decoder, DecoderShape
from eda.nn.training import Schedule, train
from eda.topology.device.batches import IGNORED, batches, drawn
from eda.topology.device.corpus import examples
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.novelty import topology_key
from eda.topology.device.vocabulary import VOCABULARY

WALKS = 1024  # a round
WORDS = 8192  # a batch


def main() -> None:
    """Parse the arguments and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--rate", type=float, default=1e-3, help="of learning, at its highest")
    parser.add_argument("--weights", type=Path, help="begin with these, and their shape, in place of random ones")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    found, refused = examples()
    print(f"{len(found)} circuits, {len(refused)} refused", flush=True)
    torch.manual_seed(args.seed)
    begun = TopologyGenerator.load(args.weights) if args.weights else None
    shape = DecoderShape(len(VOCABULARY), args.width, args.layers, args.width // 32, dropout=args.dropout)
    network = begun.network if begun else Decoder(shape)

    def content(number: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        rng = random.Random(f"{args.seed} {number}")
        return list(batches(drawn(found, WALKS, rng), WORDS, rng))

    def loss(batch: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
        words, targets = batch
        logits = network(words).float()
        return functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)

    begin = time.monotonic()

    losses: list[float] = []

    def after(number: int, value: float) -> None:
        losses.append(value)
        print(json.dumps({"round": number, "loss": round(value, 4), "s": round(time.monotonic() - begin)}), flush=True)

    train(
        network,
        content,
        loss,
        Schedule(args.rounds, rate=args.rate, half=True),
        seed=args.seed,
        state=args.output.with_suffix(".state"),
        about={"shape": asdict(network.shape), "circuits": len(found)},
        after=after,
    )
    known = sorted({topology_key(one.topology) for one in found})
    card = {
        "about": "a decoder of walks over circuits of transistors, conditioned on their class",
        "data": "AnalogGenie (github.com/xz-group/AnalogGenie at efc2535, MIT): every circuit that the grammar accepts",
        "circuits": len(found),
        "refused": len(refused),
        "command": shlex.join(["python", "scripts/train_topology.py", *sys.argv[1:]]),
        "seed": args.seed,
        "rounds": args.rounds,
        "walks a round": WALKS,
        "loss": losses[-1] if losses else None,
        "known": known,
    }
    TopologyGenerator(network, card).save(args.output)


if __name__ == "__main__":
    main()
