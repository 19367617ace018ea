"""Compiled cards against the whole library: every transistor of a kit, over sizes, corners and temperatures."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eda.benchmark.opamp_decks import two_stage
from eda.simulation import Ac, BatchSimulator, Deck, Job, Op, Simulation, Tran
from eda.simulation.circuits import largest_difference
from eda.technology import ModelBin, load_technology
from eda.testbench import ACCURATE, Conditions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from eda.technology import Cards, Technology

__all__ = ["compare_devices", "compare_opamp"]

_QUANTITIES = ("id", "gm", "gds", "cgg")
_FATAL = re.compile(r"of device instance m\.x(\d+)\.")
_BIAS = {"n": (1.0, 0.9, -0.1), "p": (-1.0, -0.9, 0.1)}  # drain, gate, bulk, V
_AT_ONCE = 100  # transistors a deck


@dataclass(frozen=True, slots=True)
class _Device:
    """A transistor of a kit: its subcircuit, ports, the path of its MOS element, the bins of that one, its sizes."""

    name: str
    ports: tuple[str, ...]
    inner: str
    polarity: str
    bins: tuple[ModelBin, ...]
    sizes: tuple[str, ...]


def compare_devices(
    technology: str, *, sizes: int, corners: Sequence[str], temperatures: Sequence[float], seed: int
) -> Iterator[dict[str, Any]]:
    """Currents, conductances and gate capacitance of every MOS transistor that has bins.

    Args:
        technology: name of a kit.
        sizes: for each transistor; a third of the lengths and widths are ends of bins.
        corners: of the kit.
        temperatures: degrees Celsius.
        seed: of the sizes.

    Yields:
        A row per transistor: the largest relative difference of each quantity.
    """
    kit = load_technology(technology)
    for device in _devices(kit):
        random = np.random.default_rng([seed, len(device.name), *device.name.encode()])
        points = [_size(device, kit, random) for _ in range(sizes)]
        worst = dict.fromkeys(_QUANTITIES, 0.0)
        compared = refused = disagreed = 0
        for corner in corners:
            for temperature in temperatures:
                row = _compare(kit, device, points, corner, temperature)
                compared, refused, disagreed = compared + row[0], refused + row[1], disagreed + row[2]
                worst = {name: max(worst[name], row[3][name]) for name in worst}
        sys.stderr.write(f"{technology} {device.name}: {compared} compared, worst {max(worst.values()):.1e}\n")
        yield {
            "table": "devices",
            "technology": technology,
            "transistor": device.name,
            "bins": len(device.bins),
            "sizes": sizes,
            "corners": len(corners),
            "temperatures": len(temperatures),
            "compared": compared,
            "refused by both": refused,
            "refused by one only": disagreed,
            **{f"{name}, largest difference": value for name, value in worst.items()},
        }


def _devices(kit: Technology) -> Iterator[_Device]:
    """The MOS transistors of a kit: subcircuits with one MOS element, whose card has limits."""
    for name in sorted(kit.library.names(kit.corners[0])):
        cards = kit.cards(kit.corners[0], [name])
        match = re.search(rf"^\.subckt {re.escape(name)} ([^=\n]*?)(?: \w+=.*)?$", cards.text, re.MULTILINE)
        if match is None:
            continue
        ports = tuple(match[1].split())
        deck = Deck(cards.text, f"x0 {' '.join(ports)} {name}", {}, (Op(),), (), bins=cards.bins)
        elaboration = deck.elaboration
        bins = cards.bins or tuple(_limits(cards.text))
        if isinstance(elaboration, str) or len(elaboration.transistors) != 1 or not bins:
            continue
        inner = elaboration.transistors[0].removeprefix("m.x0.")
        block = cards.text[match.start() :].partition(".ends")[0]
        sizes = tuple(key for key in ("l", "w") if re.search(rf" {key}=", block))
        yield _Device(name, ports, inner, "p" if " pmos " in bins[0].text else "n", bins, sizes)


def _limits(text: str) -> Iterator[ModelBin]:
    """The cards without bins, with the limits that they have all the same."""
    for match in re.finditer(
        r"^\.model (\S+) [np]mos lmin=(\S+) lmax=(\S+) wmin=(\S+) wmax=(\S+).*$", text, re.MULTILINE
    ):
        shortest, longest, narrowest, widest = map(float, match.groups()[1:])
        yield ModelBin(match[1], match[0], (shortest, longest), (narrowest, widest))


def _size(device: _Device, kit: Technology, random: np.random.Generator) -> tuple[float, float, int]:
    """Length, width and fingers, in the units of the kit's calls."""
    one = device.bins[random.integers(len(device.bins))]

    def within(low: float, high: float) -> float:
        if random.random() < 1 / 3:
            return low
        return float(low * (high / low) ** random.random())

    fingers = int(random.choice([1, 1, 2, 4])) if kit.options else 1
    transistor = kit.transistors.get(device.name) or kit.transistors["nmos"]
    return (
        float(f"{within(*one.lengths) / transistor.unit:.6g}"),
        float(f"{within(*one.widths) * fingers / transistor.unit:.6g}"),
        fingers,
    )


def _compare(
    kit: Technology, device: _Device, points: Sequence[tuple[float, float, int]], corner: str, temperature: float
) -> tuple[int, int, int, dict[str, float]]:
    """Compared and refused sizes, those that only one of the two refuses, and the largest differences."""
    cards = kit.cards(corner, [device.name])
    worst = dict.fromkeys(_QUANTITIES, 0.0)
    compared = refused = disagreed = 0
    with BatchSimulator(timeout=300) as simulator:
        for start in range(0, len(points), _AT_ONCE):
            left = dict(enumerate(points[start : start + _AT_ONCE]))
            mine, gone = _simulated(simulator, device, left, cards, kit, temperature)
            (theirs,) = simulator.simulate([Job(_deck(device, left, None, kit, corner, temperature))])
            refused += len(gone)
            if gone:  # the whole library must refuse what the compiled cards refuse
                number, point = next(iter(gone.items()))
                (one,) = simulator.simulate([Job(_deck(device, {number: point}, None, kit, corner, temperature))])
                disagreed += one.ok
            if not (mine.ok and theirs.ok):
                disagreed += len(left) if mine.ok or theirs.ok else 0
                refused += 0 if mine.ok or theirs.ok else len(left)
                continue
            compared += len(left)
            for number in left:
                for name in _QUANTITIES:
                    key = f"@m.x{number}.{device.inner}[{name}]"
                    a, b = (result.analyses["op"].value(key) for result in (mine, theirs))
                    worst[name] = max(worst[name], abs(a - b) / max(abs(b), 1e-30))
    return compared, refused, disagreed, worst


def _simulated(
    simulator: BatchSimulator,
    device: _Device,
    left: dict[int, tuple[float, float, int]],
    cards: Cards,
    kit: Technology,
    temperature: float,
) -> tuple[Simulation, dict[int, tuple[float, float, int]]]:
    """The compiled deck, without the sizes that the model itself refuses, which are taken out of `left`."""
    gone: dict[int, tuple[float, float, int]] = {}
    while True:
        (result,) = simulator.simulate([Job(_deck(device, left, cards, kit, "", temperature))])
        fatal = _FATAL.findall(result.log)
        if result.ok or not fatal:
            return result, gone
        for number in set(map(int, fatal)):
            gone[number] = left.pop(number)


def _deck(
    device: _Device,
    points: dict[int, tuple[float, float, int]],
    cards: Cards | None,
    kit: Technology,
    corner: str,
    temperature: float,
) -> Deck:
    drain, gate, bulk = _BIAS[device.polarity]
    nodes = {"d": "d", "g": "g", "s": "0", "b": "b"}
    calls = [
        f"x{number} {' '.join(nodes.get(port, '0') for port in device.ports)} {device.name}"
        + "".join(f" {key}={size}" for key, size in (("l", length), ("w", width)) if key in device.sizes)
        + (f" nf={fingers}" if fingers > 1 else "")
        for number, (length, width, fingers) in points.items()
    ]
    body = "\n".join([f"vd d 0 {drain}", f"vg g 0 {gate}", f"vb b 0 {bulk}", *calls])
    saved = tuple(f"@m.x{number}.{device.inner}[{name}]" for number in points for name in _QUANTITIES)
    if cards is None:
        return Deck(kit.library.full(corner), body, {}, (Op(),), saved, temperature, kit.setup, options=ACCURATE)
    options = (*cards.options, *ACCURATE)
    return Deck(cards.text, body, {}, (Op(),), saved, temperature, bins=cards.bins, options=options)


def compare_opamp(
    netlists: Path, technology: str, *, corners: Sequence[str], temperatures: Sequence[float]
) -> dict[str, Any]:
    """Frequency response and step response of the two-stage op-amp over corners and temperatures."""
    worst = {"ac": 0.0, "tran": 0.0}
    points = 0
    with BatchSimulator(timeout=300) as simulator:
        for corner in corners:
            for temperature in temperatures:
                specimen = two_stage(netlists, technology, Conditions(corner, temperature))
                for kind, decks in _responses([specimen.deck, specimen.full]):
                    one, other = simulator.simulate([Job(deck) for deck in decks])
                    worst[kind] = max(worst[kind], largest_difference(_on_one_grid(one), _on_one_grid(other)))
                points += 1
    return {
        "table": "op-amp",
        "technology": technology,
        "conditions": points,
        "frequency response, largest difference": worst["ac"],
        "step response, largest difference": worst["tran"],
    }


def _responses(decks: Iterable[Deck | None]) -> Iterator[tuple[str, list[Deck]]]:
    """The decks with the frequency response, and as followers of a step."""
    given = [deck for deck in decks if deck is not None]
    yield "ac", [replace(deck, analyses=(Ac(1.0, 10e9, 10),), saved=("v(out)",)) for deck in given]
    followers = []
    for deck in given:
        body = re.sub(r"^(Lfb|Cfb|Vshift|Vinp) .*\n?", "", deck.body, flags=re.MULTILINE)
        step = "Vinp inp 0 pulse(0.8 1.0 100n 1n 1n 1u 2u)\nVfb out inn dc 0"
        followers.append(
            replace(deck, body=f"{body}\n{step}", analyses=(Tran(1e-9, 2e-6),), saved=("v(out)",), nodesets={})
        )
    yield "tran", followers


def _on_one_grid(result: Simulation) -> Simulation:
    """Transients at the same times: the steps that the simulator chose may differ by one."""
    if "tran" not in result.analyses:
        return result
    waves = result.analyses["tran"]
    times = np.linspace(0, 2e-6, 2001)
    vector = np.interp(times, waves.scale, waves.real("v(out)"))
    return replace(result, analyses={"tran": replace(waves, scale=times, vectors={"v(out)": vector})})
