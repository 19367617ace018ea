"""The estimator of parasitics: capacitances of a netlist before it is laid out."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from safetensors.torch import save

from eda.errors import InputError
from eda.graph import to_graph
from eda.graph.incidence import ROLES
from eda.graph.schema import DEVICE_COLUMNS, KINDS
from eda.netlist import Device
from eda.netlist.conventions import is_ground
from eda.nn.pin_network import PinShape
from eda.nn.pins import NET_FLAGS, Pins
from eda.nn.weights import load_weights, save_weights
from eda.parasitics.interconnect import Interconnect, farads
from eda.parasitics.network import ParasiticNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eda.netlist import Circuit

__all__ = ["SHIPPED", "Estimate", "ParasiticEstimator", "annotated"]

SHIPPED: Final = Path(__file__).with_name("estimator.safetensors")
"""The weights that come with the package."""

_COMMAND: Final = "python scripts/train_parasitics.py"
_FORMAT: Final = 1
_MOS: Final = KINDS.index("m")
_SUPPLY, _LOW, _GROUND = (NET_FLAGS.index(name) for name in ("is_supply", "is_low_rail", "is_ground"))
_TERMINALS: Final = tuple(ROLES.index(name) for name in ("drain", "gate", "source"))
_SIZES: Final = ("w", "l")
_COLUMN: Final = {column.name: place for place, column in enumerate(DEVICE_COLUMNS)}
_LEAST: Final = 1e-18  # F: what is smaller is not written


@dataclass(frozen=True, slots=True)
class Estimate:
    """Capacitances of a circuit.

    Attributes:
        grounds: by net, its capacitance to ground and that of its pins, F.
        couplings: by two nets, what the pins of one transistor couple them with, F. Wires that lie side by side are not
            in it: a netlist does not say which do.
        remarks: how far the circuit is from what was learned from.
    """

    grounds: Mapping[str, float]
    couplings: Mapping[tuple[str, str], float]
    remarks: tuple[str, ...]


class ParasiticEstimator:
    """Estimates capacitances from the transistors of a netlist, their sizes and connections.

    Args:
        network: trained.
        card: what it was trained on; `sizes` holds the ranges of widths and lengths, m.
    """

    def __init__(self, network: ParasiticNetwork, card: Mapping[str, Any]) -> None:
        self.network, self.card = network.eval(), dict(card)

    @classmethod
    def load(cls, path: Path | None = None) -> ParasiticEstimator:
        """Read weights; nothing in them is executed.

        Args:
            path: what `save` wrote; the weights of the package when it is not given.

        Raises:
            InputError: they are missing or damaged, or of another version.
        """
        path = path or SHIPPED
        tensors, card = load_weights(path, _COMMAND)
        try:
            if card["format"] != _FORMAT or card["roles"] != list(ROLES):
                raise KeyError("format")  # noqa: TRY301 - told below
            network = ParasiticNetwork(PinShape(**card["shape"]))
            network.load_state_dict({name: one.float() for name, one in tensors.items()})
        except (KeyError, TypeError, RuntimeError) as error:
            raise InputError(
                f"{path} must be an estimator of parasitics of this version, but {error}; train it: {_COMMAND}"
            ) from None
        return cls(network, card)

    def save(self, path: Path) -> None:
        """Write weights in half precision, and their card with the ending `.json`.

        Raises:
            OSError: a file cannot be written.
        """
        tensors = {name: one.half().contiguous() for name, one in self.network.state_dict().items()}
        card = {**self.card, "format": _FORMAT, "shape": asdict(self.network.shape), "roles": list(ROLES)}
        save_weights(path, save(tensors), card)

    @torch.inference_mode()
    def estimate(self, circuit: Circuit, *, masters: Mapping[str, str] | None = None) -> Estimate:
        """Capacitances of the nets of a circuit.

        Args:
            circuit: any circuit; hierarchy is flattened. Only MOS transistors are looked at.
            masters: element letters of undefined masters, see `to_graph`.

        Raises:
            InputError: the circuit has no MOS transistor, or one without a width or length.
        """
        graph = to_graph(circuit, masters=masters)
        pins = Pins.of(graph)
        mos = pins.devices[:, _MOS] > 0
        if not mos.any():
            raise InputError(
                "parasitics are estimated from MOS transistors, but the circuit has none; call masters that stand for "
                "transistors by names with nfet, pfet, nmos or pmos in them"
            )
        pins = replace(pins, devices=_side_by_side(pins.devices))
        remarks = self._remarks(pins.devices, mos)
        wanted = torch.tensor(_TERMINALS)
        pins = pins.keeping(mos[pins.device] & torch.isin(pins.role, wanted))
        low = (pins.nets[:, _LOW] > 0) | (pins.nets[:, _GROUND] > 0)
        whole = Interconnect(pins, (pins.nets[:, _SUPPLY] > 0) | low)
        states = self.network.encode(whole)
        grounds = farads(self.network.grounds(states, whole.nets)[:, 0].clamp(0, 1), "ground")
        names: list[str] = graph["net"].name
        of_nets = torch.zeros(whole.nets).index_add(0, whole.net_of(torch.arange(whole.places)), grounds)
        used = torch.bincount(pins.net, minlength=whole.nets) > 0
        to_ground = {name: float(of_nets[at]) for at, name in enumerate(names) if used[at] and not low[at]}
        return Estimate(to_ground, self._couplings(whole, states, names), tuple(remarks))

    def _couplings(
        self, whole: Interconnect, states: torch.Tensor, names: Sequence[str]
    ) -> dict[tuple[str, str], float]:
        """What couples nets at one transistor, as far as it is there at all."""
        ends = same_device(whole)
        pairs = whole.pairs(ends, torch.full((len(ends),), 1))
        found = self.network.couplings(states, pairs)
        values = farads(found[:, 0].clamp(0, 1), "coupling") * torch.sigmoid(found[:, -1])
        total: dict[tuple[str, str], float] = {}
        for (one, other), value in zip(whole.net_of(ends).tolist(), values.tolist(), strict=True):
            key = (names[min(one, other)], names[max(one, other)])
            total[key] = total.get(key, 0.0) + value
        return total

    def _remarks(self, devices: torch.Tensor, mos: torch.Tensor) -> list[str]:
        """How far sizes lie outside of those learned from."""
        told = []
        left = int((~mos).sum())
        if left:
            told.append(f"{left} of {len(mos)} devices are no MOS transistors: they are left out")
        for name in _SIZES:
            column = _COLUMN[f"log10_{name}"]
            given = devices[mos, _COLUMN[f"{name}_given"]] > 0
            if not given.all():
                raise InputError(
                    f"every MOS transistor must have a {name} that is a number, but {int((~given).sum())} have none; "
                    "give values to the parameters of the netlist"
                )
            values = devices[mos, column]
            low, high = (math.log10(end) for end in self.card["sizes"][name])
            beyond = torch.maximum(low - values, values - high)
            if (beyond > 0.02).any():
                told.append(
                    f"{name} of {int((beyond > 0.02).sum())} transistors lies outside of {10**low:.3g} to "
                    f"{10**high:.3g} m, which was learned from, by a factor of up to "
                    f"{10 ** float(beyond.max()):.3g}: an extrapolation"
                )
        return told


def _side_by_side(devices: torch.Tensor) -> torch.Tensor:
    """Devices with the width of all their parallel copies."""
    devices = devices.clone()
    devices[:, _COLUMN["log10_w"]] += devices[:, _COLUMN["log10_m"]]
    devices[:, [_COLUMN["log10_m"], _COLUMN["m_given"]]] = 0
    return devices


def same_device(whole: Interconnect) -> torch.Tensor:
    """Pairs of pins of one device on different nets, `m x 2` places."""
    pins = whole.pins
    order = torch.argsort(pins.device, stable=True)
    found = []
    for step in (1, 2):  # of three terminals
        one, other = order[:-step], order[step:]
        near = (pins.device[one] == pins.device[other]) & (pins.net[one] != pins.net[other])
        found.append(torch.stack((one[near], other[near]), dim=1))
    return torch.cat(found) + whole.nets


def annotated(circuit: Circuit, estimate: Estimate) -> Circuit:
    """A circuit with its estimated capacitances as capacitors `cpar1`, `cpar2` ...; parameters stay what they are.

    Args:
        circuit: that was estimated.
        estimate: of it. Nets inside of subcircuits are left out: every call would have to be another one.
    """
    block = bool(circuit.subcircuits and not circuit.devices)
    devices = circuit.top.devices if block else circuit.devices
    nets = {node for device in devices for node in device.nodes}
    low = next((net for net in sorted(nets) if is_ground(net)), "0")
    total: dict[tuple[str, str], float] = {(net, low): value for net, value in estimate.grounds.items()}
    for ends, value in estimate.couplings.items():
        key = ends[::-1] if ends[::-1] in total else ends
        total[key] = total.get(key, 0.0) + value
    taken = {device.name for device in devices}
    names = (name for number in count(1) if (name := f"cpar{number}") not in taken)
    added = tuple(
        Device(next(names), ends, value=f"{value:.4g}")
        for ends, value in total.items()
        if value >= _LEAST and ends[0] != ends[1] and nets.issuperset({*ends} - {low})
    )
    if not block:
        return replace(circuit, devices=(*devices, *added))
    top = circuit.top
    whole = replace(top, devices=(*devices, *added))
    return replace(circuit, subcircuits=tuple(whole if one is top else one for one in circuit.subcircuits))
