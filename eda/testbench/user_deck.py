"""The user's own deck as a testbench: stimuli, analyses and `.meas` cards around an instance of the circuit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from eda.errors import InputError, did_you_mean
from eda.netlist import Circuit, evaluate, format_netlist, parse_netlist, read_netlist
from eda.netlist.expressions import evaluate_all
from eda.simulation import Deck, Op
from eda.simulation.cards import parse_analysis
from eda.simulation.reading import is_own
from eda.technology import with_deviates
from eda.testbench.guards import Guard, check_regions, conducting, read_regions, saturated
from eda.testbench.measurements import Undefined
from eda.testbench.metric import Metric
from eda.testbench.testbench import ACCURATE, Conditions, Measurement, Testbench, asked_metrics

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from eda.netlist import Device
    from eda.simulation import Analysis, Simulation
    from eda.technology import Technology
    from eda.testbench.measurements import Value

__all__ = ["DeckTestbench"]

_ANALYSES: Final = frozenset({".op", ".ac", ".dc", ".tran", ".noise", ".tf"})
_KEPT: Final = frozenset({".nodeset", ".ic"})
_UNUSED: Final = frozenset({".save", ".print", ".plot", ".probe", ".title", ".end"})
_OPTIONS: Final = frozenset({".option", ".options"})
_READ: Final = re.compile(r"\b(v|vm|vp|vr|vi|vdb|i|im|ip|ir|ii|idb)\(([^()]+)\)", re.IGNORECASE)
_VALUE: Final = re.compile(r"\s*=\s*('[^']*'|\{[^{}]*\}|[^\s=]+)")
_NUMBER: Final = re.compile(r"[+-]?[\d.]+(?:e[+-]?\d+)?[a-z]*", re.IGNORECASE)
_TITLE: Final = "the testbench of a deck"


@dataclass(frozen=True, slots=True)
class _Vector:
    """A metric that is the last value of a vector."""

    analysis: str
    name: str


class DeckTestbench(Testbench):
    """Measures a circuit by a SPICE deck of the user.

    The deck has one instance of the circuit (`xdut in out vdd 0 my_filter`), stimuli, analyses and `.meas` cards. The
    sizes go to the instance as parameters; those that the deck itself sets on it stay as they are. Models come from
    the technology, and the temperature from the conditions; a factor on the supply multiplies the deck's `.param vdd`.

    Args:
        deck: path of the deck, or its text when it has more than one line.
        metrics: by name of a `.meas` card its unit, `"dB"`, with `log` behind it where designs differ by factors
            (`"Hz log"`); or unit, analysis and vector whose last value counts (`"V op v(out)"`). Every `.meas` card
            without a unit when it is `None`.
        regions: by transistor of the circuit, the region that a guard asks for; see `eda.testbench.guards.REGIONS`.

    Raises:
        InputError: the deck cannot be read, or a metric names nothing in it.
        NetlistError: something in it is not understood, with its place.
    """

    def __init__(
        self,
        deck: str | Path,
        metrics: Mapping[str, str] | None = None,
        regions: Mapping[str, str] | None = None,
    ) -> None:
        text = str(deck)
        self.name = "the deck" if "\n" in text else Path(text).name
        self.source = parse_netlist(text) if "\n" in text else read_netlist(text)
        self.regions = read_regions(regions)
        self.analyses, self.measures, self.options, self.kept = _cards(self.source)
        known = {text.split()[1]: text for text in self.measures}
        self._vectors: dict[str, _Vector] = {}
        self._metrics = {}
        for name, meaning in (dict.fromkeys(known, "") if metrics is None else metrics).items():
            self._metrics[name.lower()] = self._metric(name.lower(), meaning, known)

    def _metric(self, name: str, meaning: str, known: Mapping[str, str]) -> Metric:
        words = meaning.split()
        logarithmic = "log" in words
        unit, *place = [word for word in words if word != "log"] or [""]
        if place:
            vector = _Vector(*place) if len(place) == 2 else None
            there = {"op", *(analysis.name for analysis in self.analyses)}
            if vector is None or vector.analysis not in there:
                kinds = ", ".join(sorted(there))
                raise InputError(
                    f"the metric {name!r} reads like 'V op v(out)' with an analysis of {self.name} ({kinds}), "
                    f"but got {meaning!r}"
                )
            self._vectors[name] = vector
            return Metric(name, unit, f"last value of {vector.name} in {vector.analysis}", logarithmic)
        if name not in known:
            raise InputError(f"{self.name} has no `.meas` card {name!r}. {did_you_mean(name, known)}")
        return Metric(name, unit, f".meas {known[name]}", logarithmic)

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics by name."""
        return self._metrics

    def describe(self) -> Mapping[str, str]:
        """The settings as text; the deck itself is in the hash of the whole one."""
        regions = {"regions": str(dict(sorted(self.regions.items())))} if self.regions else {}
        metrics = {one.name: f"{one.unit}: {one.definition}" for one in self._metrics.values()}
        return {"kind": "deck", "deck": self.name, "metrics": str(metrics), **regions}

    def deck(
        self, circuit: Circuit, technology: Technology, conditions: Conditions, asked: Collection[str] | None = None
    ) -> Deck:
        """The user's deck with a bound circuit, its models and sizes."""
        wanted = asked_metrics(self._metrics if asked is None else asked, self._metrics, _TITLE)
        instance = self._instance(circuit)
        cards = technology.cards(conditions.corner, technology.devices(circuit), conditions.variation)
        circuit, mismatch = with_deviates(circuit, cards.mismatch)
        parameters = {n: v for n, v in circuit.free_parameters().items() if n not in instance.parameters}
        passed = {**instance.parameters, **{name: f"dut_{name}" for name in parameters}}
        transistors = technology.transistor_paths(circuit, instance.name)
        check_regions(self.regions, transistors)
        self._check_nodes()
        names = {one.name for one in wanted}
        measures = tuple(self._with_values(text, conditions) for text in self.measures if text.split()[1] in names)
        return Deck(
            models=cards.text,
            body=self._body(circuit, replace(instance, parameters=passed), conditions),
            parameters={**{f"dut_{n}": value for n, value in parameters.items()}, **dict.fromkeys(cards.deviates, 0.0)},
            analyses=self._needed(names),
            saved=(*self._saved(measures, names), *(f"@{path}[{q}]" for path in transistors.values() for q in _POINT)),
            temperature=conditions.temperature,
            setup=cards.setup,
            bins=cards.bins,
            deviates=(*(f"dut_{name}" for name in mismatch), *cards.deviates),
            options=(*cards.options, *ACCURATE, *self.options),
            transistors=transistors,
            title=f"{circuit.name} in {self.name}, {technology.name} {conditions.population}",
            measures=measures,
        )

    def measure(self, simulation: Simulation, deck: Deck) -> Measurement:
        """Metrics, and the guards on the operating point."""
        values: dict[str, Value] = dict(simulation.measures)
        values |= {name: Undefined(reason) for name, reason in simulation.failed_measures.items()}
        for name, vector in self._vectors.items():
            waves = simulation.analyses.get(vector.analysis)
            if waves is not None and vector.name in waves.vectors:
                values[name] = float(
                    abs(waves[vector.name][-1]) if vector.analysis[:2] == "ac" else waves.real(vector.name)[-1]
                )
            elif waves is not None and vector.name in waves.totals:
                values[name] = waves.totals[vector.name]
        return Measurement(values, self._guards(simulation, deck))

    def _guards(self, simulation: Simulation, deck: Deck) -> tuple[Guard, ...]:
        """Every transistor conducts; where regions are given, those with one are in it."""
        found = Guard("operating point", 1.0, "there is one")
        if not deck.transistors:
            return (found,)
        point = simulation.analyses["op"]
        conducts = conducting(point, deck.transistors, self.regions)
        if not self.regions:
            return (found, conducts)
        others = dict.fromkeys(deck.transistors, "any")
        return (found, conducts, saturated(point, deck.transistors, others | self.regions))

    def _instance(self, circuit: Circuit) -> Device:
        """The deck's line that calls the circuit.

        Raises:
            InputError: there is none, or more than one, or it has another number of nodes.
        """
        calls = [device for device in self.source.devices if device.letter == "x"]
        found = [device for device in calls if device.model == circuit.top.name]
        if len(found) != 1:
            names = [device.model or "" for device in calls]
            raise InputError(
                f"{self.name} must call {circuit.top.name!r} once, such as `xdut {' '.join(circuit.ports)} "
                f"{circuit.top.name}`, but does so {len(found)} times. {did_you_mean(circuit.top.name, names)}"
            )
        (instance,) = found
        if len(instance.nodes) != len(circuit.ports):
            raise InputError(
                f"{instance.name} of {self.name} connects {len(instance.nodes)} nodes, but {circuit.top.name} has the "
                f"ports {' '.join(circuit.ports)}"
            )
        return instance

    def _body(self, circuit: Circuit, instance: Device, conditions: Conditions) -> str:
        """The circuit, and the deck's elements with the instance that has its sizes."""
        own = {block.name for block in circuit.subcircuits}
        whole = replace(
            circuit,
            subcircuits=(*circuit.subcircuits, *(one for one in self.source.subcircuits if one.name not in own)),
            devices=tuple(instance if device.name == instance.name else device for device in self.source.devices),
            models=(*circuit.models, *self.source.models),
            parameters={**circuit.parameters, **self._parameters(conditions)},
            globals=self.source.globals,
        )
        return "\n".join((format_netlist(whole).partition("\n")[2], *self.kept))

    def _parameters(self, conditions: Conditions) -> dict[str, str]:
        """The deck's own parameters, with the factor on its supply.

        Raises:
            InputError: there is a factor, but nothing that it changes.
        """
        own = dict(self.source.parameters)
        if conditions.supply == 1.0:
            return own
        others = [text for name, text in own.items() if name != "vdd"]
        values = [text for one in self.source.devices for text in (one.value or "", *one.parameters.values())]
        if "vdd" not in own or not any(re.search(r"\bvdd\b", text) for text in (*others, *values)):
            raise InputError(
                f"a factor on the supply needs `.param vdd=...` in {self.name}, and a source that uses it, such as "
                "`v1 vdd 0 {vdd}`"
            )
        return own | {"vdd": f"({own['vdd']})*{conditions.supply!r}"}

    def _with_values(self, text: str, conditions: Conditions) -> str:
        """A measurement with numbers for expressions of parameters, which ngspice would take for zero.

        Raises:
            InputError: one has no value.
        """

        def number_of(match: re.Match[str]) -> str:
            term = match[1].strip("'{}")
            if _NUMBER.fullmatch(term) or term == "last" or _READ.search(term) or term.startswith("par("):
                return match[0]
            try:
                value = evaluate(term, evaluate_all(self._parameters(conditions), {}))
            except InputError as error:
                raise InputError(f"`.meas {text}` of {self.name}: {error}") from None
            return f"={value!r}"

        return _VALUE.sub(number_of, text)

    def _needed(self, names: Collection[str]) -> tuple[Analysis, ...]:
        """The operating point, and the analyses that some metrics are read from."""
        words = {text.split()[0] for text in self.measures if text.split()[1] in names}
        words |= {vector.analysis for name, vector in self._vectors.items() if name in names}
        # the first analysis of a kind is called so by `.meas`
        used = [a for a in self.analyses if a.name in words and not isinstance(a, Op)]
        return (Op(), *sorted(used, key=lambda analysis: analysis.kind == "tran"))  # sweeps before transients

    def _saved(self, measures: Collection[str], names: Collection[str]) -> tuple[str, ...]:
        """The vectors that measurements and metrics read."""
        analyses = {one.name: one for one in (Op(), *self.analyses)}
        # what an analysis is run for it gives whatever is saved
        vectors = [
            vector.name
            for name, vector in self._vectors.items()
            if name in names and not is_own(analyses[vector.analysis], vector.name)
        ]
        for text in measures:
            for letter, inside in _READ.findall(text):
                nodes = [node.strip() for node in inside.split(",")] if letter[0] in "vV" else [inside.strip()]
                vectors += [f"{letter[0]}({node})".lower() for node in nodes]
        return tuple(dict.fromkeys(vectors)) or ("all",)

    def _check_nodes(self) -> None:
        """A measurement of a node that is not there would fail in every evaluation."""
        nodes = {node for device in self.source.devices for node in device.nodes}
        read = {f"`.meas {text}`": text for text in self.measures}
        read |= {f"the metric {name!r}": vector.name for name, vector in self._vectors.items()}
        for what, text in read.items():
            for letter, inside in _READ.findall(text):
                for node in inside.lower().split(",") if letter[0] in "vV" else ():
                    if node.strip() not in {"0", *nodes} and "." not in node:
                        raise InputError(
                            f"{what} of {self.name} reads the node {node.strip()!r}, which is not there. "
                            f"{did_you_mean(node.strip(), nodes)}"
                        )


_POINT: Final = ("id", "vds", "vdsat")  # what the guards read


def _cards(source: Circuit) -> tuple[tuple[Analysis, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Analyses, measurements, options, and what else stays in the text.

    Raises:
        InputError: a card that has no place in a testbench.
    """
    analyses: list[Analysis] = []
    measures: list[str] = []
    options: list[str] = []
    kept: list[str] = []
    for text in source.statements:
        word, _, rest = text.partition(" ")
        word = word.lower()
        if word in _ANALYSES:
            analyses.append(parse_analysis(text, [analysis.name for analysis in analyses]))
        elif word in {".meas", ".measure"}:
            measures.append(_measurable(rest.strip().lower()))
        elif word in _OPTIONS:
            options += rest.split()
        elif word in _KEPT:
            kept.append(text)
        elif word not in _UNUSED:
            hint = ": the temperature is one of the conditions" if word == ".temp" else ""
            raise InputError(f"a testbench deck has no use for {text!r}{hint}; leave it out")
    if not analyses:
        raise InputError("a testbench deck needs an analysis, such as `.ac dec 10 1 1g`")
    return tuple(analyses), tuple(measures), tuple(options), tuple(kept)


def _measurable(text: str) -> str:
    """A measurement that is one of a waveform.

    Raises:
        InputError: it is computed from others, which ngspice does at the end of a batch run only.
    """
    words = text.split()
    if len(words) < 3:
        raise InputError(f"a measurement reads `.meas analysis name what ...`, but got `.meas {text}`")
    if len(words) > 2 and words[2].startswith("param"):
        raise InputError(
            f"a measurement is one of a waveform, but got `.meas {text}`, which is computed from others: leave it out, "
            "and compute it from their metrics"
        )
    return text


def from_table(table: Mapping[str, Any], folder: Path) -> DeckTestbench:
    """The testbench of a task's table `[testbench]` of kind `deck`.

    Args:
        table: `deck`, a path relative to the folder, and `metrics` and `regions`.
        folder: of the task.

    Raises:
        InputError: a key is missing or unknown.
    """
    known = ("kind", "deck", "metrics", "regions")
    for key in table:
        if key not in known:
            raise InputError(f"unknown key {key!r} in [testbench] of kind 'deck'. {did_you_mean(key, known)}")
    if not isinstance(table.get("deck"), str):
        raise InputError("[testbench] of kind 'deck' needs the path of one: deck = \"bench.sp\"")
    for key in ("metrics", "regions"):
        given = table.get(key)
        if given is not None and not (isinstance(given, dict) and all(isinstance(one, str) for one in given.values())):
            raise InputError(f"{key} of [testbench] are a table of texts by name, but got {given!r}")
    return DeckTestbench(folder / table["deck"], table.get("metrics"), table.get("regions"))
