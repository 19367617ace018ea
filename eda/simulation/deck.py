"""A deck: one circuit with stimuli and analyses, as a function of its parameters."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, did_you_mean
from eda.simulation.analyses import Ac, Dc, Fourier, Op, Tran
from eda.simulation.elaboration import Elaboration, elaborate, printed
from eda.simulation.reading import OWN_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.simulation.analyses import Analysis
    from eda.technology import ModelBin

__all__ = ["Deck", "Setting", "folded"]

Setting = float | tuple[float, ...]
"""A value that an analysis sets: a number, or the numbers of a waveform."""

_PLAIN: Final = frozenset({"op", "ac", "dc", "tran"})
# ngspice 39 measures in no others; `meas sp` and `meas op` have ended the process
_MEASURED: Final = frozenset({"ac", "dc", "tran"})
_BLOCK: Final = re.compile(r"^[ \t]*\.subckt\b.*?^[ \t]*\.ends\b", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_PARAM: Final = re.compile(r"^[ \t]*\.param\b(.*(?:\n[ \t]*\+.*)*)", re.IGNORECASE | re.MULTILINE)
_SET: Final = re.compile(r"\b(\w+)\s*=(?!=)")
# of a transistor; others, such as its power, ngspice works out of the node voltages of whatever was solved last
_KEPT: Final = re.compile(r"@m.*\[(id|gm|gds|gmbs|vgs|vds|vbs|vth|von|vdsat|cgg|cgs|cgd|w|l|m)\]")
# options that stay in ngspice when another circuit is loaded
_LASTING: Final = re.compile(r"^\s*\.opt[^\n]*\b(scale|cshunt|interp)\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Deck:
    """What ngspice simulates; sizes go in as parameters, never by editing text.

    Attributes:
        models: text of the model cards.
        body: text of the circuit and its stimuli.
        parameters: top-level parameters with their nominal values, SI.
        analyses: analyses to run, each with a name of its own.
        saved: vectors to keep, such as `v(out)`, `i(vdd)`, `@m.xdut.m1[gm]`.
        temperature: degrees Celsius.
        setup: ngspice commands that must run before the deck is loaded.
        bins: model cards of which a design needs those that its sizes fall into.
        options: of ngspice, such as `wnflag=1`.
        deviates: parameters that a Monte Carlo sample sets; nominally 0.
        nodesets: voltages by node with which the search for the operating point starts, V.
        transistors: ngspice paths of the MOS transistors, by the names that a user knows.
        title: first line of the text.
        initial_conditions: voltages by node at the start of a transient, V.
        measures: measurements as behind `.meas`, such as `ac gain max vdb(out)`; the first word is the kind of an
            analysis (the first one of it counts) or the name of one.
        switched: what analyses set, with its usual value, which is the deck's own: values of devices, such as
            `@vin[dc]`, and options of ngspice.
        settings: by analysis, what of `switched` has another value while it runs.
        asked: quantities of MOS transistors that they are asked for behind the operating point; see `lean`.

    Raises:
        InputError: two analyses, measurements or parameters of one name, a parameter without a finite value or set by
            the body as well, or something that refers to an analysis that is not there.
    """

    models: str
    body: str
    parameters: Mapping[str, float]
    analyses: tuple[Analysis, ...]
    saved: tuple[str, ...]
    temperature: float = 27.0
    setup: tuple[str, ...] = ()
    bins: tuple[ModelBin, ...] = ()
    options: tuple[str, ...] = ()
    deviates: tuple[str, ...] = ()
    nodesets: Mapping[str, float] = field(default_factory=dict)
    transistors: Mapping[str, str] = field(default_factory=dict, compare=False)
    title: str = field(default="eda", compare=False)
    initial_conditions: Mapping[str, float] = field(default_factory=dict)
    measures: tuple[str, ...] = ()
    switched: Mapping[str, Setting] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", folded(self.parameters))
        names = [analysis.name for analysis in self.analyses]
        for name in names:
            if names.count(name) > 1:
                raise InputError(
                    f"analyses of a deck have different names, but {names.count(name)} are called {name!r}"
                )
        self._check_parameters()
        self._check_order()
        self._check_ports()
        self._check_measures()
        self._check_settings()

    @cached_property
    def elaboration(self) -> Elaboration | str:
        """The deck as devices; or the reason why ngspice alone can evaluate it."""
        return elaborate(self)

    def __getstate__(self) -> dict[str, object]:
        # functions cannot be sent to another process, which makes its own in milliseconds
        return {name: value for name, value in self.__dict__.items() if name != "elaboration"}

    def values(self, values: Mapping[str, float] | None = None) -> dict[str, float]:
        """Every parameter: those given, the others nominal."""
        return {**self.parameters, **folded(values or {})}

    @cached_property
    def job_bytes(self) -> int:
        """About how many bytes the values of all parameters take on the way to a worker."""
        return sum(len(name) + 10 for name in self.parameters)

    def text(self, values: Mapping[str, float] | None = None, *, cards: bool = True) -> str:
        """The deck as ngspice text, as plain `ngspice -b` takes it.

        Where model cards have bins it is the flat circuit, each transistor with the bin that its size falls into:
        ngspice 39 takes sizes up to 1 nm outside a bin for sizes in it, and then the first card that it finds.

        Args:
            values: parameter values that replace the nominal ones.
            cards: whether the analyses and measurements stand in it.
        """
        merged = self.values(values)
        flat = self.flat(merged) if self.bins else None
        parameters = [f".param {name}={value!r}" for name, value in merged.items()]
        circuit = [flat] if flat else [*parameters, self.models, *(one.text for one in self.bins), self.body]
        return self.framed(circuit, cards=cards)

    def flat(self, values: Mapping[str, float]) -> str | None:
        """The circuit as a flat one with numbers; `None` where only ngspice can tell what is wrong with it.

        Args:
            values: every parameter.
        """
        if isinstance(self.elaboration, str):
            return None
        try:
            numbers = self.elaboration.values(values)
        except InputError:
            return None
        chosen = self.elaboration.choose(numbers)
        return None if chosen is None else self.elaboration.text(printed(numbers), chosen, values)

    def impossible(self, values: Mapping[str, float]) -> str:
        """Why no simulator needs to be asked for a design; empty when one does.

        Args:
            values: every parameter.
        """
        return "" if isinstance(self.elaboration, str) else self.elaboration.impossible(values)

    def framed(self, circuit: list[str], title: str = "", *, cards: bool = True) -> str:
        """A circuit with the title, temperature, options, saved vectors and analyses of the deck.

        Args:
            circuit: lines of the circuit and its models.
            title: in place of the deck's.
            cards: whether the analyses and measurements stand in it.
        """
        options = self.options
        analyses = self.analyses
        if self.keeps_operating_point and (self.plain or not cards):
            options = (*options, "keepopinfo")
            analyses = tuple(analysis for analysis in analyses if not isinstance(analysis, Op))
        lines = [f"* {title or self.title}", *circuit, f".temp {self.temperature:g}"]
        lines += [f".option {' '.join(options)}"] if options else []
        lines += [f".nodeset {_voltages(self.nodesets)}"] if self.nodesets else []
        lines += [f".ic {_voltages(self.initial_conditions)}"] if self.initial_conditions else []
        lines += [f".save {' '.join(group)}" for group in _groups(self.saved)]
        if cards:
            # named vectors keep out what these analyses are run for
            lines += [".save all"] if any(analysis.kind in OWN_KINDS for analysis in analyses) else []
            lines += [f".{analysis}" for analysis in analyses]
            lines += [f".meas {text}" for analysis in self.analyses for text in self.measures_of(analysis)]
        return "\n".join((*lines, ".end", ""))

    @property
    def plain(self) -> bool:
        """Whether ngspice gives every result by the deck's cards.

        Of other decks it loses some: `-r` keeps `.meas` from being evaluated, `.save` keeps out what noise, transfer
        functions, poles and sensitivities give, and two cards of one kind cannot be told apart. Theirs are commands.
        """
        kinds = {analysis.kind for analysis in self.analyses}
        several = len(kinds) < len(self.analyses)
        moved = bool(self.asked) and not kinds <= {"op", "ac"}  # from the operating point, before they are asked
        return not (self.measures or self.settings or several or moved) and kinds <= _PLAIN

    @property
    def keeps_operating_point(self) -> bool:
        """Whether the operating point is the one that the frequency response starts from, computed once."""
        first, second = (*self.analyses, None, None)[:2]
        return isinstance(first, Op) and isinstance(second, Ac) and not self.settings.get(first.name)

    def before(self, analysis: Analysis, previous: Analysis | None = None) -> tuple[str, ...]:
        """Commands that give what is switched the values of an analysis.

        Args:
            analysis: which is to run.
            previous: which has run before; everything is as the deck has it when it is `None`.
        """
        old = {} if previous is None else self.settings.get(previous.name, {})
        return self._switching(old, self.settings.get(analysis.name, {}))

    def after(self, last: Analysis) -> tuple[str, ...]:
        """Commands that give what is switched the values of the deck again, behind the last analysis."""
        return self._switching(self.settings.get(last.name, {}), {})

    def _switching(self, old: Mapping[str, Setting], new: Mapping[str, Setting]) -> tuple[str, ...]:
        usual = self.switched
        targets = [t for t in usual if old.get(t, usual[t]) != new.get(t, usual[t])]
        values = {target: _setting(new.get(target, usual[target])) for target in targets}
        return tuple(f"{'alter' if t[0] == '@' else 'option'} {t}={value}" for t, value in values.items())

    @cached_property
    def isolated(self) -> bool:
        """Whether it leaves settings in ngspice that another deck would feel: set-up commands, lasting options."""
        texts = (self.models, self.body, *(f".option {option}" for option in self.options))
        return bool(self.setup) or any(_LASTING.search(text) for text in texts)

    @cached_property
    def remembers(self) -> bool:
        """Whether an evaluation must begin afresh: ngspice's sweeps are wrong once a transient has run before."""
        return {"dc", "tran"} <= {analysis.kind for analysis in self.analyses}

    def saved_by(self, kind: str) -> tuple[str, ...]:
        """The vectors that an analysis gives: quantities of devices (`@...`) only at the operating point."""
        if kind == "op":
            return (*self.saved, *self.asked)
        return tuple(name for name in self.saved if not name.startswith("@"))

    def lean(self) -> Deck:
        """A deck with the same results, and quicker analyses, for the library alone.

        What ngspice saves of a transistor it looks up at every point of every analysis, which takes up to half of the
        time. A transistor still has its operating point behind `op` and `ac`, and can be asked for it once.
        """
        asked = tuple(name for name in self.saved if _KEPT.fullmatch(name))
        return replace(self, saved=tuple(name for name in self.saved if name not in asked), asked=asked)

    def measures_of(self, analysis: Analysis) -> tuple[str, ...]:
        """The measurements of one analysis, as ngspice takes them: with its kind as the first word."""
        first = next(other.name for other in self.analyses if other.kind == analysis.kind)
        words = {analysis.name, *([analysis.kind] if first == analysis.name else [])}
        split = [text.split(maxsplit=1) for text in self.measures]
        return tuple(f"{analysis.kind} {rest}" for word, rest in split if word in words)

    def _check_parameters(self) -> None:
        outside = _BLOCK.sub("", self.body)
        set_twice = {name.lower() for line in _PARAM.findall(outside) for name in _SET.findall(line)}
        if taken := next((name for name in self.parameters if name in set_twice), None):
            raise InputError(f"the body of a deck leaves its parameters alone, but a `.param` sets {taken!r} again")

    def _check_order(self) -> None:
        transients: set[str] = set()
        for analysis in self.analyses:
            if isinstance(analysis, Dc) and transients:
                # ngspice 39 keeps the coefficients of integration, and takes charges for currents in the sweep
                raise InputError(f"sweeps stand before transients in a deck, but {analysis.name!r} is behind one")
            if isinstance(analysis, Tran):
                transients.add(analysis.name)
            elif isinstance(analysis, Fourier) and analysis.transient not in transients:
                raise InputError(f"{analysis.name!r} needs a transient {analysis.transient!r} before it in the deck")

    def _check_ports(self) -> None:
        kinds = {analysis.kind for analysis in self.analyses}
        if not kinds & {"sp", "pz", "sens"}:
            return
        ports = re.search(r"\bportnum\b", self.body, re.IGNORECASE)
        if "sp" in kinds and not ports:
            raise InputError("S-parameters need ports, voltage sources such as `v1 in 0 dc 0 ac 1 portnum 1 z0 50`")
        if kinds & {"pz", "sens"} and ports:
            # ngspice 39 ends the process over sensitivities, and takes the input of poles and zeros for shorted
            raise InputError(
                "poles, zeros and sensitivities of a circuit with ports (`portnum`) need a deck without them"
            )

    def _check_settings(self) -> None:
        known = [analysis.name for analysis in self.analyses]
        for name, values in self.settings.items():
            if name not in known:
                raise InputError(f"there are settings for an analysis {name!r}. {did_you_mean(name, known)}")
            if wrong := next((target for target in values if target not in self.switched), None):
                raise InputError(f"{name!r} sets {wrong!r}, which must be in `switched` with its usual value")

    def _check_measures(self) -> None:
        known = {word for a in self.analyses if a.kind in _MEASURED for word in (a.name, a.kind)}
        names: set[str] = set()
        for text in self.measures:
            words = text.split()
            if len(words) < 3 or re.search(r"[\n;`]", text) or words[1] in names:
                raise InputError(
                    f"a measurement reads `analysis name what ...` with a name of its own, but got {text!r}"
                )
            if words[0] not in known:
                kinds = ", ".join(sorted(_MEASURED))
                raise InputError(f"{text!r} needs an analysis {words[0]!r} ({kinds}) in the deck")
            names.add(words[1])


def _setting(value: Setting) -> str:
    """A value as `alter` takes it; several in brackets."""
    if isinstance(value, tuple):
        return f"[ {' '.join(f'{float(part):.16g}' for part in value)} ]"
    return f"{float(value):.16g}"


def _voltages(nodes: Mapping[str, float]) -> str:
    return " ".join(f"v({node})={float(value)!r}" for node, value in nodes.items())


def _groups(names: tuple[str, ...], size: int = 8) -> list[tuple[str, ...]]:
    """Names in groups that keep lines readable."""
    return [names[start : start + size] for start in range(0, len(names), size)]


def folded(values: Mapping[str, float]) -> dict[str, float]:
    """Values of parameters under lower-case names, as ngspice has them.

    Raises:
        InputError: two names are one, or a value is no finite number.
    """
    lower: dict[str, float] = {}
    for name, value in values.items():
        if (key := name.lower()) in lower:
            raise InputError(f"names of parameters differ by more than case, but got {key!r} twice")
        try:
            lower[key] = float(value)
        except (TypeError, ValueError):
            raise InputError(f"the parameter {name!r} must be a number, but got {value!r}") from None
        if not math.isfinite(lower[key]):
            raise InputError(f"the parameter {name!r} must be finite, but got {value!r}")
    return lower
