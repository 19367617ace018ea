"""The op-amps that simulators are measured on: AutoCkt's in 45 nm, and the two-stage op-amp of `netlists/` in a kit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eda.datasets.autockt import DATASET
from eda.netlist import read_netlist
from eda.simulation import Ac, Deck, Op
from eda.technology import load_technology
from eda.testbench import ACCURATE, Conditions, OpAmpTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Specimen", "autockt", "two_stage"]

_AUTOCKT_SIZES = dict.fromkeys(("mp1", "mn1", "mp3", "mn3", "mn4", "mn5"), (1.0, 99.0)) | {"cc": (0.1e-12, 9.9e-12)}


@dataclass(frozen=True, slots=True)
class Specimen:
    """A circuit to be simulated at many points.

    Attributes:
        name: for a table.
        deck: as the product simulates it.
        full: the same by plain ngspice with the kit's whole library; `None` where the deck has no library.
        bounds: smallest and largest value of each parameter that a search changes.
        centre: a design that works.
    """

    name: str
    deck: Deck
    full: Deck | None
    bounds: Mapping[str, tuple[float, float]]
    centre: Mapping[str, float]

    def anywhere(self, count: int, seed: int) -> list[dict[str, float]]:
        """Designs uniform in the logarithm between the bounds."""
        random = np.random.default_rng([seed, 0])
        return [
            {name: float(low * (high / low) ** random.random()) for name, (low, high) in self.bounds.items()}
            for _ in range(count)
        ]

    def nearby(self, count: int, seed: int) -> list[dict[str, float]]:
        """Designs within 5 % of the centre, as in the trust region of a search, or at its corners and samples."""
        random = np.random.default_rng([seed, 1])
        return [
            {name: float(self.centre[name] * 1.05 ** random.uniform(-1, 1)) for name in self.bounds}
            for _ in range(count)
        ]


def autockt() -> Specimen:
    """AutoCkt's two-stage op-amp on its 45 nm card: operating point and 101 points of frequency.

    Raises:
        InputError: the data set is missing.
    """
    folder = DATASET.locate()
    text = (folder / "two_stage_opamp.cir").read_text(encoding="utf-8").partition(".control")[0]
    nominal = dict(re.findall(r"(\w+)=(\S+)", "\n".join(re.findall(r"\.param.*", text))))
    body = "\n".join(line for line in text.splitlines()[1:] if not line.startswith((".include", ".ac", ".param")))
    fixed = "\n".join(f".param {name}={value}" for name, value in nominal.items() if name not in _AUTOCKT_SIZES)
    centre = {"mp1": 10.0, "mn1": 38.0, "mp3": 4.0, "mn3": 9.0, "mn4": 20.0, "mn5": 60.0, "cc": 3e-12}
    deck = Deck(
        (folder / "45nm_bulk.txt").read_text(encoding="utf-8"),
        f"{fixed}\n{body}",
        centre,
        (Op(), Ac(1.0, 10e9, 10)),
        ("v(net6)", "i(vdd)", "@mn5[gm]", "@mn5[id]"),
        options=ACCURATE,
        title="AutoCkt two-stage op-amp, 45 nm",
    )
    return Specimen("45 nm op-amp", deck, None, _AUTOCKT_SIZES, centre)


def two_stage(netlists: Path, technology: str, conditions: Conditions | None = None) -> Specimen:
    """The two-stage Miller op-amp in the op-amp testbench: operating point and 101 points of frequency.

    Args:
        netlists: folder of the project's netlists.
        technology: name of a kit.
        conditions: nominal ones when left out.

    Raises:
        TechnologyError: the kit is not installed.
    """
    kit = load_technology(technology)
    conditions = conditions or Conditions(kit.corners[0])
    circuit = read_netlist(netlists / "opamp" / "two_stage_miller" / "two_stage_miller.sp")
    fets = [kit.transistors[role] for role in ("nmos", "pmos")]
    limits = {
        "l": (max(fet.min_length for fet in fets), min(fet.max_length for fet in fets)),
        "w": (max(fet.min_width for fet in fets), min(fet.max_width for fet in fets)),
    }
    deck = OpAmpTestbench().deck(kit.bind(circuit), kit, conditions, ("dc_gain",))
    deck = replace(deck, analyses=(Op(), Ac(1.0, 10e9, 10)))
    full = replace(
        deck,
        models=kit.library.full(conditions.corner),
        bins=(),
        setup=kit.setup,
        options=tuple(option for option in deck.options if option not in kit.options),
    )
    bounds = {}
    for variable in circuit.top.variables:
        low, high = limits.get(variable.name[0], (0.0, float("inf")))
        bounds[f"dut_{variable.name}"] = (max(variable.low, low), min(variable.high, high))
    centre = {f"dut_{name}": value for name, value in circuit.defaults().items()}
    return Specimen(f"{technology} two-stage op-amp", deck, full, bounds, centre)
