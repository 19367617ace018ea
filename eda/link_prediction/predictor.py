"""The link predictor: to which net an open terminal belongs, and which connections look wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from safetensors.torch import save
from torch_geometric.utils import scatter

from eda.errors import InputError, did_you_mean
from eda.graph.encoding import to_graph
from eda.graph.incidence import ROLES
from eda.link_prediction.network import LinkNetwork
from eda.link_prediction.openings import Openings, questions, without_bulks
from eda.nn.pin_network import PinShape
from eda.nn.pins import Pins
from eda.nn.weights import load_weights, save_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from eda.netlist import Circuit

__all__ = ["SHIPPED", "Candidate", "Connection", "LinkPredictor"]

SHIPPED: Final = Path(__file__).with_name("predictor.safetensors")
"""The weights that come with the package."""

_COMMAND: Final = "python scripts/train_link_prediction.py"
_FORMAT: Final = 1
_PINS: Final = 20_000  # that are encoded at once
_SHARE: Final = 50  # of the terminals of a large circuit one in so many is opened at a time, fewer than in training

Ranker = Callable[[Openings], tuple[torch.Tensor, torch.Tensor]]
"""From openings to logarithms of probabilities, as `LinkNetwork`."""

Terminal = tuple[str, str]
"""Name of a device of the flat circuit, and role of its terminal."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A net that a terminal may belong to.

    Attributes:
        net: its name; `None` is a net of its own.
        probability: that it does, by the predictor.
    """

    net: str | None
    probability: float


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of a circuit, judged.

    Attributes:
        terminal: device and role.
        net: on which it lies.
        probability: that it belongs there, were it open.
        better: where it would rather lie.
    """

    terminal: Terminal
    net: str
    probability: float
    better: Candidate


class LinkPredictor:
    """Predicts connections from the structure of a circuit; names, sizes and values are not looked at.

    Args:
        networks: trained ones, or others that rank as they do; their probabilities are averaged.
        card: what they were trained on. Its `temperature` divides the logarithms of probabilities.
    """

    def __init__(self, networks: Sequence[Ranker], card: Mapping[str, Any]) -> None:
        self.networks, self.card = list(networks), dict(card)
        self.temperature = float(self.card.get("temperature", 1))

    @classmethod
    def load(cls, path: Path | None = None) -> LinkPredictor:
        """Read weights; nothing in them is executed.

        Args:
            path: what `save` wrote; the weights of the package when it is not given.

        Raises:
            InputError: they are missing or damaged, or of another version.
        """
        path = path or SHIPPED
        tensors, card = load_weights(path, _COMMAND)
        if card.get("format") != _FORMAT or card.get("roles") != list(ROLES):
            raise InputError(
                f"{path} must be the weights of a link predictor of this version; train it again: {_COMMAND}"
            )
        try:
            networks = [LinkNetwork(PinShape(**card["shape"])) for _ in range(card["networks"])]
            for number, network in enumerate(networks):
                own = {name.removeprefix(f"{number}/"): one.float() for name, one in tensors.items()
                       if name.startswith(f"{number}/")}  # fmt: skip
                network.load_state_dict(own)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise InputError(
                f"{path} does not hold the networks of its card ({error}); train them again: {_COMMAND}"
            ) from None
        return cls([network.eval() for network in networks], card)

    def save(self, path: Path) -> None:
        """Write weights in half precision, and their card with the ending `.json`.

        Raises:
            OSError: a file cannot be written.
        """
        networks = [network for network in self.networks if isinstance(network, LinkNetwork)]
        tensors = {
            f"{number}/{name}": one.half().contiguous()
            for number, network in enumerate(networks)
            for name, one in network.state_dict().items()
        }
        shape = asdict(networks[0].shape)
        card = {**self.card, "format": _FORMAT, "networks": len(networks), "shape": shape, "roles": list(ROLES)}
        save_weights(path, save(tensors), card)

    @torch.inference_mode()
    def probabilities(self, openings: Openings) -> tuple[torch.Tensor, torch.Tensor]:
        """Of each pair of `openings.pairs()`, and of a new net for each of the `q` open terminals."""
        terminal, _ = openings.pairs()
        of_nets, of_new = torch.zeros(len(terminal)), torch.zeros(len(openings.device))
        for network in self.networks:
            found, new = network(openings)
            found, new = torch.exp(found / self.temperature), torch.exp(new / self.temperature)
            total = new + scatter(found, terminal, 0, len(new), "sum")
            of_nets += found / total[terminal]
            of_new += new / total
        return of_nets / len(self.networks), of_new / len(self.networks)

    def rank(
        self, circuit: Circuit, terminals: Iterable[Terminal], *, masters: Mapping[str, str] | None = None
    ) -> list[list[Candidate]]:
        """Where each terminal may belong, were it alone open.

        Args:
            circuit: any circuit; hierarchy is flattened.
            terminals: devices of the flat circuit (`m.x1.m2` for `m2` in `x1`), and roles; `pin2` is the third of a
                call.
            masters: element letters of undefined masters, see `to_graph`.

        Returns:
            For each terminal all nets and a new one, the most probable first; probabilities add up to 1.

        Raises:
            InputError: there is no such device or terminal, or the circuit cannot be encoded.
        """
        encoded = _Encoded(circuit, masters)
        opened = [torch.tensor([encoded.pin(terminal)]) for terminal in terminals]
        return [row for _, row in self._ranked(encoded, opened)]

    def judge(self, circuit: Circuit, *, masters: Mapping[str, str] | None = None) -> list[Connection]:
        """All connections that are not bulks, the most suspicious first: wiring errors should be among the first.

        The circuit is encoded once for each terminal, or about fifty times where it has more: then several terminals
        that do not lie together are opened at a time.

        Args:
            circuit: any circuit; hierarchy is flattened.
            masters: element letters of undefined masters, see `to_graph`.

        Raises:
            InputError: the circuit cannot be encoded.
        """
        encoded = _Encoded(circuit, masters)
        asked = questions(encoded.pins, least=2)
        together = max(1, len(asked) // _SHARE)
        # those that are opened together lie far apart in the netlist
        rounds = -(-len(asked) // together)
        opened = [asked[start::rounds] for start in range(rounds)]
        found = []
        for pin, row in self._ranked(encoded, opened):
            net = encoded.nets[int(encoded.pins.net[pin])]
            own = next((one.probability for one in row if one.net == net), 0.0)
            better = next(one for one in row if one.net != net)
            found.append(Connection(encoded.terminal(pin), net, own, better))
        return sorted(found, key=lambda one: one.probability)

    def _ranked(self, encoded: _Encoded, opened: Sequence[torch.Tensor]) -> Iterator[tuple[int, list[Candidate]]]:
        """Each opened pin and its candidates; the pins of one tensor are opened together."""
        size = max(1, _PINS // max(1, len(encoded.pins.net)))
        count = len(encoded.nets)
        for start in range(0, len(opened), size):
            some = opened[start : start + size]
            whole = Pins.joined([encoded.pins] * len(some))
            asked = torch.cat([pins + place * len(encoded.pins.net) for place, pins in enumerate(some)])
            openings = Openings.of(whole, asked)
            of_nets, of_new = self.probabilities(openings)
            there = openings.there.view(len(some), count)[openings.circuit]
            for pin, row, new, known in zip(
                torch.cat(list(some)).tolist(), of_nets.view(-1, count), of_new.tolist(), there, strict=True
            ):
                nets = torch.nonzero(known)[:, 0]
                every = [(None, new), *zip((encoded.nets[net] for net in nets.tolist()), row[nets].tolist(),
                                           strict=True)]  # fmt: skip
                yield pin, [Candidate(*one) for one in sorted(every, key=lambda one: -one[1])]


class _Encoded:
    """A circuit as pins, with the names of its terminals and nets."""

    def __init__(self, circuit: Circuit, masters: Mapping[str, str] | None) -> None:
        graph = to_graph(circuit, masters=masters)
        self.pins = without_bulks(Pins.of(graph))
        self.nets: list[str] = graph["net"].name
        self._devices: list[str] = graph["device"].name
        self._pins: dict[Terminal, int] | None = None

    def pin(self, terminal: Terminal) -> int:
        """The place of a terminal."""
        if self._pins is None:
            self._pins = {self.terminal(pin): pin for pin in range(len(self.pins.net))}
        if terminal not in self._pins:
            roles = [role for device, role in self._pins if device == terminal[0]]
            advice = did_you_mean(terminal[1], roles) if roles else "Names are those of the flat circuit."
            raise InputError(f"the circuit has no terminal {terminal[0]}.{terminal[1]}. {advice}")
        return self._pins[terminal]

    def terminal(self, pin: int) -> Terminal:
        """The name of a place."""
        role = int(self.pins.role[pin])
        name = ROLES[role] if role < len(ROLES) else f"pin{role - len(ROLES)}"
        return self._devices[int(self.pins.device[pin])], name
