"""One surrogate for many topologies: a network over the pins of the sized circuit.

The circuit is seen with its sizes and its ports by name, so that circuits of one block (op-amps) share one network, and
one that it has not seen is no other input than those that it has. What the metrics depend on besides stands with every
device: supply, load, and the least length of the technology.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from safetensors.torch import save
from torch import nn
from torch.nn import functional

from eda.errors import InputError
from eda.graph import to_graph
from eda.graph.schema import DEVICE_COLUMNS
from eda.nn.pin_network import PinNetwork, PinShape
from eda.nn.pins import NET_FLAGS, ROLE_COUNT, Pins
from eda.nn.threads import one_thread
from eda.nn.training import Schedule, train
from eda.nn.weights import digest, load_weights, save_weights
from eda.surrogate.quantities import Quantity, unscaled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from eda.problem import SizingProblem

__all__ = ["SizedCircuits", "TopologySurrogate"]

_COMMAND: Final = "python scripts/train_opamp_surrogate.py"
_FORMAT: Final = 1
_PORTS: Final = ("inp", "inn", "out", "vdd", "vss")
_LOGARITHMS: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name.startswith("log10_")]
_GIVEN: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name.endswith("_given")]
_USUAL: Final = {"log10_w": -5.0, "log10_l": -6.0, "log10_value": -6.0}  # decades around which values lie
_AROUND: Final = [_USUAL.get(DEVICE_COLUMNS[place].name, 0.0) for place in _LOGARITHMS]
_ABOUT: Final = 3  # supply, load, least length
_BATCH: Final = 32  # designs
_AT_ONCE: Final = 512
_RATE: Final = 3e-3
_MUON: Final = 2e-2
_FINE: Final = 5e-4
_FINE_MUON: Final = 5e-3
_DECAY: Final = 1e-4


@dataclass(frozen=True, slots=True)
class SizedCircuits:
    """Designs of one topology.

    Attributes:
        name: of the topology.
        pins: the circuit.
        devices: `n x devices x DEVICE_WIDTH` features of the devices, with the sizes of each design.
        ports: `k x 5`: which net is the port inp, inn, out, vdd or vss.
        about: supply, V; decades of the load from 1 pF; decades of the least length from 1 um.
    """

    name: str
    pins: Pins
    devices: torch.Tensor
    ports: torch.Tensor
    about: torch.Tensor

    @classmethod
    def of(cls, problem: SizingProblem, points: NDArray[np.float64]) -> SizedCircuits:
        """Designs of a problem.

        Args:
            problem: of an op-amp with one output.
            points: `n x d` points in the unit cube of its design space.

        Raises:
            InputError: the circuit lacks a port.
        """
        lacking = [port for port in _PORTS if port not in problem.circuit.ports]
        if lacking:
            raise InputError(
                f"a surrogate of op-amps needs the ports {', '.join(_PORTS)}, but {problem.name} lacks "
                f"{', '.join(lacking)}"
            )
        graphs = [to_graph(problem.circuit.sized(problem.space.decode(point))) for point in points]
        names = graphs[0]["net"].name
        ports = torch.tensor([[float(name == port) for port in _PORTS] for name in names])
        technology, testbench = problem.technology, problem.testbench
        used = {device.model for device in problem.circuit.top.devices}
        lengths = [one.min_length for name, one in technology.transistors.items() if name in used]
        about = torch.tensor([
            getattr(testbench, "vdd", None) or technology.supply,
            float(np.log10(getattr(testbench, "load", 1e-12) / 1e-12)),
            float(np.log10(min(lengths, default=1e-6) / 1e-6)),
        ])  # fmt: skip
        return cls(problem.name, Pins.of(graphs[0]), torch.stack([one["device"].x for one in graphs]), ports, about)

    def __len__(self) -> int:
        return len(self.devices)


class _Network(nn.Module):
    def __init__(self, shape: PinShape, outputs: int) -> None:
        super().__init__()
        self.shape = shape
        width = shape.width
        self.devices = nn.Linear(len(DEVICE_COLUMNS) + _ABOUT, width)
        self.nets = nn.Linear(len(NET_FLAGS) + ROLE_COUNT + len(_PORTS), width)
        self.layers = PinNetwork(shape)
        self.head = nn.Sequential(
            nn.Linear((2 + len(_PORTS)) * width, 2 * width), nn.GELU(), nn.Linear(2 * width, width), nn.GELU(),
            nn.Linear(width, outputs),
        )  # fmt: skip

    def forward(self, circuits: SizedCircuits, rows: torch.Tensor) -> torch.Tensor:
        """`b x outputs` scaled metrics of `b` designs of one topology."""
        one, count = circuits.pins, len(rows)
        whole = Pins.joined([one] * count)
        sized = circuits.devices[rows].clone()
        sized[..., _LOGARITHMS] = (sized[..., _LOGARITHMS] - torch.tensor(_AROUND)) * sized[..., _GIVEN]
        about = circuits.about.expand(*sized.shape[:2], _ABOUT)
        devices = self.devices(torch.cat((sized, about), dim=2)).flatten(0, 1)
        nets = self.nets(torch.cat((one.nets, torch.log1p(one.counts()), circuits.ports), dim=1)).repeat(count, 1)
        devices, nets = self.layers(devices, nets, whole)
        devices, nets = devices.view(count, -1, self.shape.width), nets.view(count, -1, self.shape.width)
        at_ports = torch.einsum("kp,bkw->bpw", circuits.ports, nets).flatten(1)
        found: torch.Tensor = self.head(torch.cat((devices.mean(1), devices.amax(1), at_ports), dim=1))
        return found

    @property
    def hidden(self) -> list[nn.Parameter]:
        """Matrices between hidden states."""
        return [*self.layers.hidden, *(one for one in self.head[:-1].parameters() if one.dim() == 2)]

    def loss(self, batch: tuple[SizedCircuits, torch.Tensor, torch.Tensor]) -> torch.Tensor:
        """What training makes small, a scalar; unknown targets do not count."""
        circuits, rows, targets = batch
        known = ~torch.isnan(targets)
        return functional.smooth_l1_loss(self(circuits, rows)[known], targets[known], beta=0.1)


class TopologySurrogate:
    """Predicts metrics of op-amps of any topology in one technology.

    Args:
        network: trained.
        quantities: the metrics.
        scales: `mean` and `deviation` of each.
        card: what it was trained on.
    """

    def __init__(
        self,
        network: _Network,
        quantities: Sequence[Quantity],
        scales: Mapping[str, torch.Tensor],
        card: Mapping[str, Any],
    ) -> None:
        self.network, self.quantities = network.eval(), tuple(quantities)
        self.scales, self.card = dict(scales), dict(card)

    @classmethod
    def fit(
        cls,
        samples: Sequence[tuple[SizedCircuits, Mapping[str, NDArray[np.float64]]]],
        quantities: Sequence[Quantity],
        *,
        shape: PinShape | None = None,
        rounds: int = 20,
        seed: int = 0,
        begin: TopologySurrogate | None = None,
        state: Path | None = None,
        card: Mapping[str, Any] | None = None,
    ) -> TopologySurrogate:
        """Train on simulations.

        Args:
            samples: of each topology its designs, and by metric `n` values in its unit, NaN where undefined.
            quantities: the metrics, see `quantities_of`.
            shape: of the network.
            rounds: over all designs.
            seed: of weights and order.
            begin: a surrogate that goes on learning, slower, on the scales that it has.
            state: file where training is kept, so that it can be stopped.
            card: what is to be remembered besides.
        """
        scaled = [
            torch.as_tensor(np.column_stack([one.scaled(values[one.name]) for one in quantities]), dtype=torch.float32)
            for _, values in samples
        ]
        every = torch.cat(scaled)
        with one_thread(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            if begin is None:
                mean = torch.nanmean(every, 0)
                deviation = torch.nanmean((every - mean) ** 2, 0).sqrt().clamp(min=1e-9)
                network = _Network(shape or PinShape(48, 4), len(quantities))
            else:
                mean, deviation = begin.scales["mean"], begin.scales["deviation"]
                network = _Network(begin.network.shape, len(quantities))
                network.load_state_dict(begin.network.state_dict())
            targets = [(one - mean) / deviation for one in scaled]

            def batches(number: int) -> Iterator[tuple[SizedCircuits, torch.Tensor, torch.Tensor]]:
                generator = torch.Generator().manual_seed(1_000_003 * seed + number)
                parts = [
                    (at, rows)
                    for at, (circuits, _) in enumerate(samples)
                    for rows in torch.split(torch.randperm(len(circuits), generator=generator), _BATCH)
                ]
                for place in torch.randperm(len(parts), generator=generator).tolist():
                    at, rows = parts[place]
                    yield samples[at][0], rows, targets[at][rows]

            told = {f"{at} {one.name}": one.devices for at, (one, _) in enumerate(samples)}
            told |= {f"{at} targets": one for at, one in enumerate(targets)}
            about = {"samples": digest(told), "shape": asdict(network.shape)}
            rate, muon = (_RATE, _MUON) if begin is None else (_FINE, _FINE_MUON)
            seconds = train(
                network, batches, network.loss, Schedule(rounds, rate=rate, decay=_DECAY, muon=muon), seed=seed,
                hidden=network.hidden, state=state, about=about,
            )  # fmt: skip
        card = {
            **(card or {}), "topologies": [one.name for one, _ in samples], "designs": [len(one) for one, _ in samples],
            "seconds of a processor": round(seconds),
        }  # fmt: skip
        return cls(network, quantities, {"mean": mean, "deviation": deviation}, card)

    @classmethod
    def load(cls, path: Path) -> TopologySurrogate:
        """Read what `save` wrote; nothing in it is executed.

        Raises:
            InputError: a file is missing or damaged, or of another version.
        """
        tensors, card = load_weights(path, _COMMAND)
        try:
            if card["format"] != _FORMAT or card["columns"] != [column.name for column in DEVICE_COLUMNS]:
                raise KeyError("format")  # noqa: TRY301 - told below
            quantities = [Quantity(**one) for one in card["quantities"]]
            network = _Network(PinShape(**card["shape"]), len(quantities))
            scales = {name.removeprefix("scales/"): one for name, one in tensors.items() if name.startswith("scales/")}
            network.load_state_dict(
                {name: one.float() for name, one in tensors.items() if not name.startswith("scales/")}
            )
        except (KeyError, TypeError, RuntimeError) as error:
            raise InputError(
                f"{path} must be a surrogate of op-amps of this version, but {error}; train it: {_COMMAND}"
            ) from None
        return cls(network, quantities, scales, card)

    def save(self, path: Path) -> None:
        """Write weights in half precision, and the card beside them (`.json`).

        Raises:
            InputError: a file cannot be written.
        """
        tensors = {name: one.half().contiguous() for name, one in self.network.state_dict().items()}
        tensors |= {f"scales/{name}": one for name, one in self.scales.items()}
        card = {
            **self.card,
            "format": _FORMAT,
            "shape": asdict(self.network.shape),
            "quantities": [asdict(one) for one in self.quantities],
            "columns": [column.name for column in DEVICE_COLUMNS],
        }
        try:
            save_weights(path, save(tensors), card)
        except OSError as error:
            raise InputError(f"cannot write the surrogate {path}: {error.strerror}") from None

    @torch.inference_mode()
    def predict(self, circuits: SizedCircuits) -> dict[str, NDArray[np.float64]]:
        """Metrics of designs, `n` values each in its unit."""
        rows = torch.split(torch.arange(len(circuits)), _AT_ONCE)
        found = torch.cat([self.network(circuits, some) for some in rows])
        scaled = (found * self.scales["deviation"] + self.scales["mean"]).double()
        columns = unscaled(self.quantities, scaled).numpy().T
        return {one.name: column for one, column in zip(self.quantities, columns, strict=True)}
