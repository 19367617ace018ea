"""Train the generator of transistor-level topologies on AnalogGenie's circuits; killed, it goes on where it was.

    python scripts/train_topology.py --seed 0 --rounds 400 --output topology.safetensors
    python scripts/train_topology.py --weights topology.safetensors --rounds 60 --rate 3e-4 --working \
--recombined 60 --practice 60 --output practised.safetensors

One core takes 20 s a round of 1,024 walks. With `--practice` the generator is fine-tuned on simulated reward: before
every tenth round it draws so many circuits of each class, and those that are new and do in ngspice what their class
does are learned from beside the data; `--recombined` begins with circuits in which blocks of the data have changed
places, and with `--working` those circuits of the data that work count as found in practice. What was tried out is kept
beside the output, in `tried.jsonl`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shlex
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from eda.benchmark.units import run_units
from eda.datasets.split import split
from eda.errors import EDAError, InputError
from eda.generation.practice import as_example, as_unit, fresh, works
from eda.generation.source import LearnedSource
from eda.nn.decoder import IGNORED, Decoder, DecoderShape
from eda.nn.training import Schedule, train
from eda.topology.device.batches import batches, drawn
from eda.topology.device.blocks import block_keys
from eda.topology.device.corpus import Example, examples
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.language import NETS, PINS
from eda.topology.device.novelty import topology_key
from eda.topology.device.recombination import Recombination

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.generation.source import Source

WALKS = 1024  # a round
WORDS = 4096  # a batch
EVERY = 10  # rounds between two practices
OWN = 0.5  # share of the walks that are over circuits known to work
TRIES = 40  # choices of sizes and biases of a circuit in practice
SECONDS = 2.0  # that a simulation may take in practice


def main() -> None:
    """Parse the arguments and train."""
    args = arguments()
    found, refused = examples()
    print(f"{len(found)} circuits, {len(refused)} refused", flush=True)
    found, held_out = divided(found, args.hold_out, args.seed)
    begun = TopologyGenerator.load(args.weights) if args.weights else None
    learned = frozenset(begun.card["known"]) if begun else frozenset()
    if seen := [one.id for one in held_out if topology_key(one.topology) in learned]:
        raise InputError(
            f"what is held out must be new to {args.weights}, but {len(seen)} of {len(held_out)} circuits are not, "
            f"such as {seen[0]}; begin with weights of a training with the same --hold-out and --seed"
        )
    known = sorted(learned | {topology_key(one.topology) for one in found})
    apart = working(found, args.output.parent) if args.working else []
    if apart:
        print(f"{len(apart)} of them work", flush=True)
    torch.manual_seed(args.seed)
    language = begun.language if begun else PINS if args.pins else NETS
    shape = DecoderShape(len(language.words), args.width, args.layers, args.width // 32, dropout=args.dropout)
    network = begun.network if begun else Decoder(shape)
    source = LearnedSource(TopologyGenerator(network, {"known": known}, language))
    practices = (args.recombined, Recombination(found)), (args.practice, source)
    about = {
        "shape": asdict(network.shape),
        "circuits": len(found),
        "weights": hashlib.sha256(args.weights.read_bytes()).hexdigest()[:16] if args.weights else None,
        "practice": args.practice,
        "recombined": args.recombined,
        "working": args.working,
    }
    own = Practice(args.output.with_suffix(".jsonl"), *practices, args.seed, about)

    def content(number: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        rng = random.Random(f"{args.seed} {number}")
        more = apart + own.before(number)
        count = round(OWN * WALKS) if more else 0
        texts = drawn(found, WALKS - count, rng, language) + (drawn(more, count, rng, language) if count else [])
        return list(batches(texts, WORDS, rng))

    begin = time.monotonic()
    losses: list[float] = []

    def after(number: int, value: float) -> None:
        losses.append(value)
        said = {"round": number, "loss": round(value, 4), "s": round(time.monotonic() - begin)}
        if held_out and (number + 1) % EVERY == 0:
            said["held out"] = round(unseen(), 4)
        print(json.dumps(said), flush=True)

    @torch.inference_mode()
    def unseen() -> float:
        """The loss of a text for each circuit that was held out."""
        rng = random.Random(args.seed)
        texts = [language.write(one.topology, one.kind, rng) for one in held_out]
        total = words = 0.0
        for batch in batches(texts, WORDS, rng):
            count = int((batch[1] != IGNORED).sum())
            total, words = total + float(network.loss(batch)) * count, words + count
        return total / words

    train(
        network,
        content,
        network.loss,
        Schedule(args.rounds, rate=args.rate, half=True),
        seed=args.seed,
        state=args.output.with_suffix(".state"),
        about=about,
        after=after,
    )
    if not losses and args.output.exists():
        print(f"{args.output} is trained already", flush=True)
        return
    command = shlex.join(["python", "scripts/train_topology.py", *sys.argv[1:]])
    card = {
        "about": f"a decoder of {language.name} of circuits of transistors, conditioned on their class",
        "data": "AnalogGenie (github.com/xz-group/AnalogGenie at efc2535, MIT): every circuit that the grammar accepts",
        "circuits": len(found),
        "refused": len(refused),
        "commands": [*(begun.card["commands"] if begun else ()), command],
        "seed": args.seed,
        "rounds": args.rounds,
        "walks a round": WALKS,
        "loss": losses[-1] if losses else None,
        **({"held out": len(held_out), "loss of those held out": unseen()} if held_out else {}),
        "known": known,
        "practised": sorted(
            {*(begun.practised if begun else ()), *(topology_key(one.topology) for one in own.found())}
        ),
    }
    TopologyGenerator(network, card, language).save(args.output)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--rate", type=float, default=1e-3, help="of learning, at its highest")
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--pins", action="store_true", help="learn walks over pins, AnalogGenie's, without a grammar")
    parser.add_argument("--weights", type=Path, help="begin with these, and their shape, in place of random ones")
    parser.add_argument("--practice", type=int, default=0, help="circuits of each class drawn before every tenth round")
    parser.add_argument("--recombined", type=int, default=0, help="circuits of each class recombined, tried at first")
    parser.add_argument(
        "--working", action="store_true", help="learn those of the data that work like those found in practice"
    )
    parser.add_argument("--hold-out", type=float, default=0.0, help="share of the circuits, by block, kept for a test")
    parser.add_argument("--output", type=Path, required=True)
    return parser.parse_args()


def divided(found: list[Example], share: float, seed: int) -> tuple[list[Example], list[Example]]:
    """Circuits to learn from, and those that are held out: no block is on both sides."""
    if not share:
        return found, []
    keys = dict(zip((one.id for one in found), block_keys(found), strict=True))
    parts = split(found, lambda one: keys[one.id], {"learned": 1 - share, "held out": share}, seed=seed)
    return parts["learned"], parts["held out"]


def working(examples: Sequence[Example], folder: Path) -> list[Example]:
    """Those that do what their class does; what was tried is kept in the folder."""
    units = [{**as_unit(one), "tries": TRIES, "seconds": SECONDS} for one in examples]
    tried = run_units(works, units, run_dir=folder, name="tried")
    return [one for one, result in zip(examples, tried, strict=True) if result["works"]]


class Practice:
    """Circuits found in practice, kept in a file: a line that says of which training, and one for each practice.

    Attributes:
        path: of the file.
        first: how many circuits of each class are tried once, before the first round, and where they come from.
        then: how many before every tenth round, and from where.
        seed: of the draws.
        about: the training, as JSON data.
    """

    def __init__(
        self, path: Path, first: tuple[int, Source], then: tuple[int, Source], seed: int, about: Mapping[str, Any]
    ) -> None:
        self.path, self.first, self.then, self.seed = path, first, then, seed
        self.about = {"seed": seed, **about}

    def before(self, number: int) -> list[Example]:
        """What is known before a round; practises first where its turn has come."""
        turns = self._turns()
        while len(turns) < self._due(number):
            turns.append(self._practise(len(turns), {topology_key(one.topology) for turn in turns for one in turn}))
            lines = [self.about, *([as_unit(one) for one in turn] for turn in turns)]
            part = self.path.with_suffix(".part")
            part.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
            part.replace(self.path)
        return [one for turn in turns for one in turn]

    def found(self) -> list[Example]:
        """What was found until now."""
        return [one for turn in self._turns() for one in turn]

    def _turns(self) -> list[list[Example]]:
        if not self._due(0) or not self.path.exists():
            return []
        about, *turns = map(json.loads, self.path.read_text().splitlines())
        if about != self.about:
            raise InputError(
                f"{self.path} was kept by another training ({about}, not {self.about}); remove it, or give another "
                "--output"
            )
        return [[as_example(row) for row in turn] for turn in turns]

    def _due(self, number: int) -> int:
        """How many practices there are until a round."""
        return bool(self.first[0]) + (number // EVERY + 1 if self.then[0] else 0)

    def _practise(self, turn: int, seen: set[str]) -> list[Example]:
        count, source = self.first if self.first[0] and turn == 0 else self.then
        drawn = fresh(source, count=count, seed=self.seed + 1000 * (turn + 1), seen=seen)
        found = working(list(drawn), self.path.parent)
        print(f"practice {turn}: {len(found)} new circuits work of {count} in each class", flush=True)
        return found


if __name__ == "__main__":
    try:
        main()
    except EDAError as error:
        sys.exit(f"error: {error}")
