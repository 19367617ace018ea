"""A process technology: which devices a circuit may use, and the model cards of its corners."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, TechnologyError, did_you_mean
from eda.netlist import flatten, names
from eda.technology.limits import bins_of, check_device
from eda.technology.variation import Variation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eda.netlist import Circuit, Device, Subcircuit
    from eda.technology.cards import Cards
    from eda.technology.library import ModelLibrary
    from eda.technology.variation import Statistics

__all__ = ["Technology", "Transistor"]

_MOST: Final = 1.11  # of the voltage that a transistor is made for: supplies have a tolerance of ten per cent


@dataclass(frozen=True, slots=True)
class Transistor:
    """How a MOS transistor of a netlist is written in a technology.

    Attributes:
        model: name of the kit's model or subcircuit.
        inner: instance name of the transistor in the model's subcircuit; empty when the model is no subcircuit.
        unit: metres per length unit of its parameters (1e-6 when the kit sets `.option scale=1u`).
        min_width: smallest drawn width, m.
        min_length: smallest drawn length, m.
        max_width: largest width that the models cover, m.
        max_length: largest length that the models cover, m.
        diffusion: length of a source or drain diffusion, m; gives junction areas where the netlist has none. The model
            estimates them itself when it is `None`.
        voltage: what it is made for, V; `None` where nothing says so.
    """

    model: str
    inner: str
    unit: float
    min_width: float
    min_length: float
    max_width: float
    max_length: float
    diffusion: float | None
    voltage: float | None = None

    @property
    def wrapped(self) -> bool:
        """Whether it is written as a subcircuit call."""
        return bool(self.inner)


@dataclass(frozen=True, slots=True)
class Technology:
    """Device models, corners, supply and size limits of one process.

    Attributes:
        name: its name.
        library: its model library.
        corners: corner names, the typical one first.
        transistors: by the names a netlist may use: roles (`nmos`, `pmos`) and the kit's own model names.
        supply: nominal supply, V.
        setup: ngspice commands to run before a deck with the library's own text is loaded.
        options: ngspice options that compiled cards need, where `setup` has an effect on results.
        statistics: where the library has its statistics; `None` when it has none.
        source: where the models come from, with version and licence.
    """

    name: str
    library: ModelLibrary
    corners: tuple[str, ...]
    transistors: Mapping[str, Transistor] = field(repr=False)
    supply: float
    setup: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    statistics: Statistics | None = None
    source: str = ""

    def corner(self, name: str) -> str:
        """The corner of that name.

        Raises:
            InputError: the technology has no such corner.
        """
        if name.lower() not in self.corners:
            raise InputError(f"{self.name} has no corner {name!r}. {did_you_mean(name, self.corners)}")
        return name.lower()

    def cards(self, corner: str, devices: Iterable[str], variation: Variation = Variation.NONE) -> Cards:
        """The model cards of a corner for a deck, compiled.

        Args:
            corner: name of the corner.
            devices: models and subcircuits of the library that the deck uses.
            variation: what a sample will vary; by default nothing, and no deviate is in the cards.

        Raises:
            InputError: there is no such corner, or the technology has no such statistics.
            TechnologyError: a device is not in the library, or an expression of it is not understood.
        """
        corner, switches = self.corner(corner), dict[str, float]()
        if variation is not Variation.NONE:
            if self.statistics is None:
                raise InputError(f"{self.name} has no statistics, so there is no {variation.value} to simulate")
            switches |= self.statistics.process if variation.process else {}
            switches |= self.statistics.mismatch if variation.mismatch else {}
            if variation.process and self.statistics.corner:
                if corner != self.corners[0]:
                    raise InputError(f"{self.name} has process spread around {self.corners[0]} only, not {corner}")
                corner = self.statistics.corner
        cards = self.library.compiled(corner, devices, switches)
        return replace(cards, options=(*cards.options, *self.options))

    def bind(self, circuit: Circuit) -> Circuit:
        """The circuit with every MOS transistor written as this technology's device.

        Roles (`nmos`, `pmos`) become the kit's models; widths and lengths stay expressions of the circuit's
        parameters. Junction areas and perimeters of single-finger devices are added where the netlist has none and the
        technology knows its diffusions.

        Raises:
            TechnologyError: a model is unknown to this technology and to the netlist.
        """
        own = {model.name for model in circuit.models}
        blocks = tuple(self._bind_block(block, circuit, own) for block in circuit.subcircuits)
        return replace(circuit, subcircuits=blocks)

    def devices(self, bound: Circuit) -> frozenset[str]:
        """Names of the library's models that a bound circuit uses."""
        own = {block.name for block in bound.walk()} | {model.name for model in bound.models}
        own |= {model.name for block in bound.walk() for model in block.models}
        used = {device.model for block in bound.walk() for device in block.devices if device.model}
        return frozenset(used - own)

    def check_sizes(self, circuit: Circuit, values: Mapping[str, float]) -> None:
        """Check that the transistors of a design, those of inner blocks too, are within what the models cover.

        Args:
            circuit: the circuit, as the user wrote it.
            values: sizes, SI, by parameter of its top block.

        Raises:
            InputError: a width or length is outside, or in no bin.
            TechnologyError: the library cannot be read.
        """
        sized = circuit.sized(values)
        scope = {**circuit.defaults(), **sized.defaults()}
        nested = any(device.letter == "x" for device in circuit.top.devices)
        for device in (flatten(sized.with_top(sized.name)) if nested else circuit).top.devices:
            transistor = self.transistors.get(device.model or "")
            if device.letter != "m" or transistor is None:
                continue
            bins = bins_of(self.library, self.corners[0], transistor.model)
            check_device(device, transistor, scope, bins, by_finger="wnflag=1" in self.options)

    def bin_ends(self, name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Widths and lengths at which another bin of a model takes over: slopes of currents are not continuous there.

        Args:
            name: of a transistor, as netlists have it.

        Returns:
            Both in metres, rising; empty where one card covers all sizes.

        Raises:
            TechnologyError: the library cannot be read.
        """
        bins = bins_of(self.library, self.corners[0], self.transistors[name].model)
        widths = {end for one in bins for end in one.widths}
        lengths = {end for one in bins for end in one.lengths}
        return tuple(sorted(widths)), tuple(sorted(lengths))

    def overdriven(self, bound: Circuit, supply: float) -> dict[str, float]:
        """Models of a bound circuit's transistors that are made for less than a supply, with the voltage that they are.

        Models of transistors know neither breakdown nor ageing.

        Args:
            bound: a circuit that `bind` returned.
            supply: V.
        """
        made_for = {t.model: t.voltage for t in self.transistors.values() if t.voltage is not None}
        return {
            name: made_for[name]
            for name in sorted(self.devices(bound) & made_for.keys())
            if supply > made_for[name] * _MOST
        }

    def transistor_paths(self, bound: Circuit, instance: str) -> dict[str, str]:
        """Paths by which ngspice knows the MOS transistors of a bound circuit, by their names in the netlist.

        Args:
            bound: a circuit that `bind` returned.
            instance: name of the X line of the top block in the deck.

        Returns:
            Paths such as `m.xdut.xm1.msky130_fd_pr__nfet_01v8` by names such as `m1`, in the order of the netlist.
        """
        wrappers = {t.model: t for t in self.transistors.values() if t.wrapped}
        return _paths(bound, bound.top, instance, wrappers)

    def _bind_block(self, block: Subcircuit, circuit: Circuit, own: set[str]) -> Subcircuit:
        known = own | {model.name for model in block.models}
        wrappers = {t.model for t in self.transistors.values() if t.wrapped}
        extra: dict[str, str] = {}
        devices = [self._bind_device(device, circuit, known) for device in block.devices]
        return replace(
            block,
            devices=tuple(_unambiguous(device, extra) if device.model in wrappers else device for device in devices),
            locals={**block.locals, **extra},
            subcircuits=tuple(self._bind_block(inner, circuit, known) for inner in block.subcircuits),
        )

    def _bind_device(self, device: Device, circuit: Circuit, own: set[str]) -> Device:
        model = device.model
        place = f"{device.location}: " if device.location else ""
        if model is None or model in own or (device.letter == "x" and model in {b.name for b in circuit.walk()}):
            return device
        transistor = self.transistors.get(model)
        if device.letter == "m" and transistor is not None:
            return _as_kit_device(device, transistor)
        known = {*self.transistors, *own}
        if device.letter == "x" and (transistor is not None or "fet_" not in model):
            known |= self.library.names(self.corners[0])
            if model in known:
                return device
        raise TechnologyError(
            f"{place}the model {model!r} of {device.name} is unknown to {self.name}. {did_you_mean(model, known)}"
        )


# powers of the length unit in the geometry parameters of a MOS transistor
_GEOMETRY: Final = {"l": 1, "w": 1, "ad": 2, "as": 2, "pd": 1, "ps": 1}


def _as_kit_device(device: Device, transistor: Transistor) -> Device:
    given = {"l": f"{transistor.min_length:g}", "w": f"{transistor.min_width:g}", **device.parameters}
    geometry = {
        name: _in_units(given[name], transistor.unit**power) for name, power in _GEOMETRY.items() if name in given
    }
    junctions = {}
    if transistor.diffusion is not None:
        diffusion = f"{transistor.diffusion / transistor.unit:.6g}"
        area, perimeter = f"{geometry['w']}*{diffusion}", f"2*({geometry['w']}+{diffusion})"
        junctions = {"ad": area, "as": area, "pd": perimeter, "ps": perimeter}
    others = {name: text for name, text in device.parameters.items() if name not in _GEOMETRY}
    sizes = {"l": geometry["l"], "w": geometry["w"]}
    parameters = {**sizes, **junctions, **geometry, **others}
    name = f"x{device.name}" if transistor.wrapped else device.name
    return replace(device, name=name, model=transistor.model, parameters=parameters)


def _unambiguous(device: Device, extra: dict[str, str]) -> Device:
    """A call of a kit's transistor whose parameters mean the same everywhere.

    In `w={w*1e6} ad={w*1e6*0.29}` ngspice takes the second `w` for the one that the call has just set. Where a value
    names a parameter of the call, local parameters (added to `extra`) carry the values.
    """
    if not any(names(text) & device.parameters.keys() for text in device.parameters.values()):
        return device
    carried = {name: f"{device.name}_{name}" for name in device.parameters}
    extra |= {carried[name]: text for name, text in device.parameters.items()}
    return replace(device, parameters=carried)


def _in_units(text: str, unit: float) -> str:
    """An expression in metres as one in a kit's own length (or area) unit."""
    atom = text if re.fullmatch(r"[\w.]+", text) else f"({text})"
    return atom if unit == 1 else f"{atom}*1e{round(-math.log10(unit))}"


def _paths(circuit: Circuit, block: Subcircuit, prefix: str, wrappers: Mapping[str, Transistor]) -> dict[str, str]:
    blocks = {inner.name: inner for inner in (*circuit.subcircuits, *block.subcircuits)}
    paths: dict[str, str] = {}
    for device in block.devices:
        if device.letter == "m":
            paths[device.name] = f"m.{prefix}.{device.name}"
        elif device.letter == "x" and (wrapper := wrappers.get(device.model or "")):
            # `bind` put the x before the name, unless the netlist had it
            name = device.name.removeprefix("x")
            paths[device.name if name in paths else name] = f"m.{prefix}.{device.name}.{wrapper.inner}"
        elif device.letter == "x" and (inner := blocks.get(device.model or "")):
            within = _paths(circuit, inner, f"{prefix}.{device.name}", wrappers)
            paths |= {f"{device.name}.{name}": path for name, path in within.items()}
    return paths
