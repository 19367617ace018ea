"""Feature matrices of devices and nets, as the tables of `eda.graph.schema` say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from eda.graph.flat import quantity
from eda.graph.incidence import ROLES
from eda.graph.schema import DEVICE_COLUMNS, KINDS, NET_COLUMNS, QUANTITIES
from eda.graph.values import device_value
from eda.netlist.conventions import is_ground, is_supply, polarity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.graph.incidence import Incidence

__all__ = ["device_features", "kinds", "net_features", "quantities"]

_TRANSISTORS: Final = frozenset("mqjz")
_SIGN: Final = {"n": 1, "p": -1, "": 0}
_NET: Final = {column.name: place for place, column in enumerate(NET_COLUMNS)}
_DEVICE: Final = {column.name: place for place, column in enumerate(DEVICE_COLUMNS)}


def kinds(graph: Incidence) -> NDArray[np.int64]:
    """The kind of each device, `n` places in `KINDS`."""
    place = {letter: index for index, letter in enumerate(KINDS)}
    return np.array([place[letter] for letter in graph.letters], dtype=np.int64)


def quantities(graph: Incidence) -> NDArray[np.float64]:
    """Values and sizes of the devices, `n x q` in SI, NaN where the netlist has no number."""
    names = [column.name for column in QUANTITIES[1:]]
    scope = graph.flat.scope
    raw = np.full((len(graph.letters), len(QUANTITIES)), np.nan)
    for row, device in enumerate(graph.flat.devices):
        raw[row, 0] = device_value(device, scope)
        for column, name in enumerate(names, start=1):
            if name in device.parameters:
                raw[row, column] = quantity(device.parameters[name], scope)
    return raw


def device_features(graph: Incidence, raw: NDArray[np.float64]) -> NDArray[np.float32]:
    """The devices' features.

    Args:
        graph: the circuit, `n` devices.
        raw: their quantities, `n x q`.

    Returns:
        `n x d`, columns as in `DEVICE_COLUMNS`.
    """
    features = np.zeros((len(raw), len(DEVICE_COLUMNS)), dtype=np.float32)
    features[np.arange(len(raw)), kinds(graph)] = 1
    polarity = _polarities(graph)
    features[:, _DEVICE["polarity_n"]] = polarity > 0
    features[:, _DEVICE["polarity_p"]] = polarity < 0
    features[:, _DEVICE["value_sign"]] = np.nan_to_num(np.sign(raw[:, 0]))
    for column, quantity_ in enumerate(QUANTITIES):
        size = np.abs(raw[:, column])
        features[:, _DEVICE[f"log10_{quantity_.name}"]] = np.log10(size, out=np.zeros_like(size), where=size > 0)
        features[:, _DEVICE[f"{quantity_.name}_given"]] = ~np.isnan(size)
    return features


def _polarities(graph: Incidence) -> NDArray[np.int64]:
    """1 for n-type, -1 for p-type, 0 for what has no polarity or hides it."""
    circuit = graph.flat.circuit
    blocks = circuit.subcircuits
    types = {model.name: model.type for models in (circuit.models, *(b.models for b in blocks)) for model in models}
    known: dict[str, int] = {}
    return np.array(
        [
            known.setdefault(model, _SIGN[polarity(model, types.get(model))]) if letter in _TRANSISTORS and model else 0
            for letter, model in zip(graph.letters, (d.model for d in graph.flat.devices), strict=True)
        ],
        dtype=np.int64,
    )


def net_features(graph: Incidence) -> NDArray[np.float32]:
    """The nets' features, `k x d`, columns as in `NET_COLUMNS`."""
    features = np.zeros((len(graph.nets), len(NET_COLUMNS)), dtype=np.float32)
    named = frozenset(graph.flat.circuit.globals)
    ports = frozenset(graph.flat.ports)
    for row, net in enumerate(graph.nets):
        features[row, _NET["is_port"]] = net in ports
        features[row, _NET["is_ground"]] = net == "0"
        features[row, _NET["is_supply"]] = net != "0" and (net in named or is_supply(net) or is_ground(net))
        features[row, _NET["is_low_rail"]] = is_ground(net)
    counts = np.bincount(graph.net * len(ROLES) + graph.role, minlength=len(graph.nets) * len(ROLES))
    features[:, -len(ROLES) :] = np.log1p(counts.reshape(-1, len(ROLES)))
    return features
