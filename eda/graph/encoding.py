"""Circuits to graphs for learning, and back.

A graph is a `HeteroData` of two node types. An edge joins a device and a net for each pin; its type is the terminal's
role, and an edge of the opposite direction, `rev_` and the role, stands at the same place of its own list. Every
graph has every edge type, empty or not: PyTorch Geometric can only batch graphs of the same types. `describe_schema()`
lists the columns.

| where | attribute | is |
|---|---|---|
| `device` | `x` | `n x d` float32, `DEVICE_COLUMNS` |
| | `raw` | `n x q` float64, `QUANTITIES`, SI, NaN where absent |
| | `kind` | `n` places in `KINDS` |
| | `model` | `n` places in `model_names` of this graph, -1 without a model |
| | `model_names`, `name` | lists of text |
| | `text` | list of JSON text: what the tensors do not hold |
| `net` | `x`, `name` | `k x d` float32, `NET_COLUMNS`; list of text |
| `(device, role, net)` | `edge_index` | `2 x pins` |
| | `position` | of `pin` and `sense` only: place among the nodes, or in the text |
| `(device, controls, device)` | `edge_index`, `position` | from F, H, W, K or a text to what it senses or couples |
| the graph | `circuit` | JSON text: ports, parameters, models, statements |
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch_geometric.data import HeteroData

from eda.graph.features import device_features, kinds, net_features, quantities
from eda.graph.flat import quantity
from eda.graph.frame import fill_frame, frame_of
from eda.graph.incidence import ROLES, incidence
from eda.graph.schema import KINDS, QUANTITIES
from eda.netlist import DEVICE_TYPES, Device

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from eda.graph.incidence import Incidence
    from eda.netlist import Circuit

__all__ = ["EDGES", "assemble", "dismantle", "from_graph", "to_graph"]

EDGES: Final = (*((role, ("device", role, "net")) for role in ROLES), ("controls", ("device", "controls", "device")))
"""Names of the forward edges and their types."""

_POSITIONED: Final = frozenset({"pin", "sense", "controls"})
_NODE_TENSORS: Final = (("device", "x"), ("device", "raw"), ("device", "kind"), ("device", "model"), ("net", "x"))
_NODE_TEXTS: Final = (("device", "model_names"), ("device", "name"), ("device", "text"), ("net", "name"))


def to_graph(circuit: Circuit, *, masters: Mapping[str, str] | None = None) -> HeteroData:
    """Encode a circuit as a graph of devices and nets.

    Args:
        circuit: any circuit; hierarchy is flattened.
        masters: element letter by name of a master that the netlist does not define, such as
            `{"sky130_fd_pr__nfet_01v8": "m"}`: its calls become transistors with a drain, gate, source and bulk.

    Returns:
        The graph; its attributes are in the table at the head of this module. Features do not depend on names of
        devices, and of nets only on whether they are ground or a supply.

    Raises:
        InputError: the circuit cannot be flattened, a letter is unknown, or a control names two devices.
    """
    graph = incidence(circuit, masters)
    raw = quantities(graph)
    devices = graph.flat.devices
    models = {name: place for place, name in enumerate(dict.fromkeys(d.model for d in devices if d.model))}
    arrays = {
        "device.x": device_features(graph, raw),
        "device.raw": raw,
        "device.kind": kinds(graph),
        "device.model": np.array([models.get(d.model or "", -1) for d in devices], dtype=np.int64),
        "net.x": net_features(graph),
        "controls.edge_index": graph.controls[:, [0, 2]].T,
        "controls.position": graph.controls[:, 1],
    }
    for place, role in enumerate(ROLES):
        mine = graph.role == place
        arrays[f"{role}.edge_index"] = np.stack([graph.device[mine], graph.net[mine]])
        if role in _POSITIONED:
            arrays[f"{role}.position"] = graph.position[mine]
    texts = {
        "circuit": frame_of(graph.flat.circuit),
        "device.model_names": list(models),
        "device.name": [device.name for device in devices],
        "device.text": list(_remainders(graph)),
        "net.name": list(graph.nets),
    }
    return assemble({key: torch.from_numpy(np.ascontiguousarray(array)) for key, array in arrays.items()}, texts)


def assemble(tensors: Mapping[str, Tensor], texts: Mapping[str, Any]) -> HeteroData:
    """A graph from the parts that `dismantle` gives."""
    data = HeteroData()
    for store, name in _NODE_TENSORS:
        data[store][name] = tensors[f"{store}.{name}"]
    for store, name in _NODE_TEXTS:
        data[store][name] = texts[f"{store}.{name}"]
    for name, (source, role, target) in EDGES:
        edge_index = tensors[f"{name}.edge_index"]
        store = data[source, role, target]
        store["edge_index"] = edge_index
        if name in _POSITIONED:
            store["position"] = tensors[f"{name}.position"]
        if role != "controls":
            data[target, f"rev_{role}", source]["edge_index"] = edge_index.flip(0)
    data.circuit = texts["circuit"]
    return data


def dismantle(data: HeteroData) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and the texts of a graph by name, without the reverse edges, which follow from the others."""
    tensors = {f"{store}.{name}": data[store][name] for store, name in _NODE_TENSORS}
    for name, edge_type in EDGES:
        store = data[edge_type]
        tensors[f"{name}.edge_index"] = store["edge_index"]
        if name in _POSITIONED:
            tensors[f"{name}.position"] = store["position"]
    texts = {f"{store}.{name}": data[store][name] for store, name in _NODE_TEXTS}
    return tensors, {**texts, "circuit": data.circuit}


def _remainders(graph: Incidence) -> Iterator[str]:
    """What the tensors do not hold of each device, as JSON text."""
    columns = {column.name for column in QUANTITIES[1:]}
    scope = graph.flat.scope
    for index, device in enumerate(graph.flat.devices):
        rest: dict[str, object] = {}
        if device.letter != device.name[0] or device.letter != graph.letters[index]:
            rest["kind"] = device.letter
        if device.value is not None and math.isnan(quantity(device.value, scope)):
            rest["value"] = device.value
        parameters = {
            name: text
            for name, text in device.parameters.items()
            if name not in columns or math.isnan(quantity(text, scope))
        }
        if parameters:
            rest["parameters"] = parameters
        if index in graph.absent or index in graph.texts:
            rest["controls"] = device.controls
        yield json.dumps(rest) if rest else "{}"


def from_graph(data: HeteroData) -> Circuit:
    """The circuit that a graph of `to_graph` encodes.

    Args:
        data: one graph, not a batch.

    Returns:
        A flat circuit, isomorphic to the one that was encoded, values included; its names are kept.
    """
    names, nets = data["device"].name, data["net"].name
    nodes = _nodes(data)
    controls: list[dict[int, str]] = [{} for _ in names]
    store = data["device", "controls", "device"]
    for position, source, target in zip(store.position.tolist(), *store.edge_index.tolist(), strict=True):
        controls[source][position] = names[target]
    raw = data["device"].raw.tolist()
    models = [*data["device"].model_names, None]  # an id of -1 is the last
    devices = []
    for index, name in enumerate(names):
        rest = json.loads(data["device"].text[index])
        letter = rest.get("kind", KINDS[int(data["device"].kind[index])])
        value, *sizes = (None if math.isnan(number) else repr(number).removesuffix(".0") for number in raw[index])
        given = {column.name: size for column, size in zip(QUANTITIES[1:], sizes, strict=True) if size is not None}
        devices.append(
            Device(
                name,
                tuple(nets[net] for _, net in sorted(nodes[index].items())),
                models[int(data["device"].model[index])],
                rest.get("value", value),
                {**rest.get("parameters", {}), **given},
                tuple(rest.get("controls", [source for _, source in sorted(controls[index].items())])),
                kind="" if letter == name[0] else letter,
            )
        )
    return fill_frame(data.circuit, tuple(devices))


def _nodes(data: HeteroData) -> list[dict[int, int]]:
    """The nets of each device by their place on its line."""
    kinds_ = data["device"].kind.tolist()
    nodes: list[dict[int, int]] = [{} for _ in kinds_]
    for role in ROLES:
        edges = data["device", role, "net"].edge_index.tolist()
        if role == "pin":
            for position, device, net in zip(data["device", "pin", "net"].position.tolist(), *edges, strict=True):
                nodes[device][position] = net
        elif role != "sense":
            for device, net in zip(*edges, strict=True):
                nodes[device][DEVICE_TYPES[KINDS[kinds_[device]]].pins.index(role)] = net
    return nodes
