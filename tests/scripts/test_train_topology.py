import importlib.util
import json
import sys
from pathlib import Path

import pytest

from eda.errors import InputError
from eda.topology.device import Part, Topology
from eda.topology.device.batches import drawn
from eda.topology.device.corpus import Example
from eda.topology.device.generator import TopologyGenerator
from eda.topology.device.language import PINS

SCRIPTS = Path(__file__).parents[2] / "scripts"


def mirror(count):
    """A mirror with some outputs."""
    parts = [Part("nmos", ("iin1", "iin1", "vss", "vss"))]
    parts += [Part("nmos", (f"iout{number}", "iin1", "vss", "vss")) for number in range(1, count + 1)]
    return Example(str(count), "mirror", Topology(tuple(parts)), composed=False)


@pytest.fixture
def script(monkeypatch):
    spec = importlib.util.spec_from_file_location("train_topology", SCRIPTS / "train_topology.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "examples", lambda: ([mirror(1), mirror(2), mirror(3)], {"5": "no ground"}))
    for name, value in {"WALKS": 8, "EVERY": 1, "TRIES": 3}.items():
        monkeypatch.setattr(module, name, value)
    return module


@pytest.fixture
def train(script, monkeypatch, capsys):
    def run(*options):
        monkeypatch.setattr(sys, "argv", ["train_topology.py", "--width", "32", "--layers", "1", *map(str, options)])
        script.main()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]

    return run


def test_a_training_ends_with_weights_and_a_card(train, tmp_path):
    said = train("--rounds", 3, "--output", tmp_path / "own.safetensors", "--hold-out", 0.34)
    assert [row["round"] for row in said] == [0, 1, 2]
    assert all(row["held out"] > 0 for row in said)
    card = TopologyGenerator.load(tmp_path / "own.safetensors").card
    assert (card["circuits"], card["held out"], card["refused"]) == (2, 1, 1)
    assert len(card["known"]) == 2
    assert card["commands"] == [
        (
            f"python scripts/train_topology.py --width 32 --layers 1 --rounds 3 --output {tmp_path}/own.safetensors "
            "--hold-out 0.34"
        )
    ]


def test_walks_over_pins_can_be_learned(train, tmp_path):
    said = train("--rounds", 2, "--pins", "--output", tmp_path / "pins.safetensors", "--hold-out", 0.34)
    assert [row["round"] for row in said] == [0, 1]
    assert TopologyGenerator.load(tmp_path / "pins.safetensors").language is PINS


def test_a_stopped_training_goes_on(train, script, tmp_path, monkeypatch):
    whole = train("--rounds", 3, "--output", tmp_path / "whole.safetensors")
    loop = script.train

    def stopped(*arguments, after, **options):
        def stop(number, value):
            after(number, value)
            if number == 1:
                raise KeyboardInterrupt

        loop(*arguments, after=stop, **options)

    monkeypatch.setattr(script, "train", stopped)
    with pytest.raises(KeyboardInterrupt):
        train("--rounds", 3, "--output", tmp_path / "own.safetensors")
    monkeypatch.setattr(script, "train", loop)
    rest = train("--rounds", 3, "--output", tmp_path / "own.safetensors")
    assert [row["round"] for row in rest] == [0, 1, 2]  # the first two before it was stopped
    assert rest[2]["loss"] == whole[2]["loss"]


def dead(count):
    """A mirror whose transistors have no current to copy."""
    parts = tuple(Part(part.kind, ("vss", *part.nets[1:])) for part in mirror(count).topology.parts)
    return Example(f"dead {count}", "mirror", Topology((*parts, *mirror(1).topology.parts[1:])), composed=False)


@pytest.mark.ngspice
def test_what_works_in_practice_is_learned_from(train, script, tmp_path, monkeypatch):
    train("--rounds", 1, "--output", tmp_path / "first.safetensors")
    monkeypatch.setattr(
        script, "fresh", lambda *_, seed, **options: iter([mirror(4), dead(4)] if seed < 1500 else [dead(5)])
    )
    options = ("--rounds", 2, "--weights", tmp_path / "first.safetensors", "--practice", 1)
    said = train(*options, "--output", tmp_path / "second.safetensors")
    assert len(said) == 2
    card = TopologyGenerator.load(tmp_path / "second.safetensors").card
    assert len(card["practised"]) == 1
    assert len(card["commands"]) == 2
    about, first, second = (tmp_path / "second.jsonl").read_text().splitlines()
    assert json.loads(about)["practice"] == 1
    assert [row["id"] for row in json.loads(first)] == ["4"]
    assert json.loads(second) == []


@pytest.mark.ngspice
def test_what_works_of_the_data_is_learned_from_more(train, script, tmp_path, monkeypatch):
    monkeypatch.setattr(script, "examples", lambda: ([mirror(1), dead(2)], {}))
    learned = []

    def drawn_of(given, count, *rest):
        learned.append(([one.id for one in given], count))
        return drawn(given, count, *rest)

    monkeypatch.setattr(script, "drawn", drawn_of)
    train("--rounds", 1, "--working", "--output", tmp_path / "own.safetensors")
    assert learned == [(["1", "dead 2"], 4), (["1"], 4)]
    assert TopologyGenerator.load(tmp_path / "own.safetensors").card["practised"] == []


def test_what_is_recombined_is_tried_once_before_the_first_round(train, script, tmp_path, monkeypatch):
    asked = []

    def fresh(source, *, count, **options):
        asked.append((type(source).__name__, count))
        return iter([mirror(3 + len(asked))])

    monkeypatch.setattr(script, "fresh", fresh)
    monkeypatch.setattr(script, "working", lambda examples, folder: examples)
    train("--rounds", 2, "--recombined", 5, "--practice", 1, "--output", tmp_path / "own.safetensors")
    assert asked == [("Recombination", 5), ("LearnedSource", 1), ("LearnedSource", 1)]
    assert len((tmp_path / "own.jsonl").read_text().splitlines()) == 4
    (tmp_path / "own.state").unlink()
    with pytest.raises(InputError, match=r"own\.jsonl was kept by another training"):
        train("--rounds", 2, "--recombined", 6, "--practice", 1, "--output", tmp_path / "own.safetensors")


def test_a_training_from_other_weights_is_another_one(train, tmp_path):
    for seed in (0, 1):
        train("--rounds", 1, "--seed", seed, "--output", tmp_path / f"{seed}.safetensors")
    options = ("--rounds", 1, "--output", tmp_path / "own.safetensors")
    train(*options, "--weights", tmp_path / "0.safetensors")
    card = (tmp_path / "own.json").read_text()
    assert train(*options, "--weights", tmp_path / "0.safetensors") == []
    assert (tmp_path / "own.json").read_text() == card
    with pytest.raises(InputError, match="kept by another training"):
        train(*options, "--weights", tmp_path / "1.safetensors")


def test_what_is_held_out_was_not_learned_before(train, tmp_path):
    train("--rounds", 1, "--output", tmp_path / "all.safetensors")
    options = ("--rounds", 1, "--hold-out", 0.34, "--output", tmp_path / "own.safetensors")
    with pytest.raises(InputError, match=r"what is held out must be new to .* but 1 of 1 circuits are not"):
        train(*options, "--weights", tmp_path / "all.safetensors")
