"""Time and memory to rank the nets of one terminal as circuits grow, each measured in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import torch
from torch_geometric.data import Batch

from eda.graph import to_graph
from eda.link_prediction import LinkPredictor
from eda.link_prediction.openings import without_bulks
from eda.link_prediction.seal import Link, Seal, TerminalGraph
from eda.netlist import Circuit, Device, parse_netlist
from eda.nn.pins import Pins
from eda.nn.threads import one_thread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["chain", "measure_scale", "print_measured"]

_TIMEOUT: Final = 600  # s
_MEMORY: Final = 12 * 2**30  # that a process may take, B
_HOPS: Final = 3
_METHODS: Final = ("network", "SEAL")
_STAGE: Final = """
m1 x1 inn tail vss nmos
m2 x2 inp tail vss nmos
m3 x1 x1 vdd vdd pmos
m4 x2 x1 vdd vdd pmos
m5 tail bias vss vss nmos
m6 out x2 vdd vdd pmos
m7 out bias vss vss nmos
cc x2 out 1p
"""


def measure_scale(sizes: Sequence[int], *, repeats: int) -> list[dict[str, Any]]:
    """A row for each method and size; the methods take turns, and one that has failed is not tried on more.

    Args:
        sizes: devices of the circuits.
        repeats: of each, of which the median is shown.
    """
    found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    failed: set[str] = set()
    for _ in range(repeats):
        for size in sorted(sizes):
            for method in _METHODS:
                if method in failed:
                    continue
                found.setdefault((method, size), []).append(_in_process(method, size))
                if "why not" in found[method, size][-1]:
                    failed.add(method)
                sys.stderr.write(f"scale: {method}, {size} devices: {found[method, size][-1]}\n")
    return [
        {"method": method, "devices": size, **sorted(runs, key=lambda run: run.get("s", 1e9))[len(runs) // 2]}
        for (method, size), runs in found.items()
    ]


def chain(devices: int) -> Circuit:
    """Two-stage amplifiers one behind the other, of about so many devices, fed back over every tenth."""
    return Circuit(devices=tuple(_stages(devices)))


def _stages(devices: int) -> Iterator[Device]:
    stage = parse_netlist(f"* stage\n{_STAGE}.end\n", dialect="ngspice").devices
    for number in range(max(1, devices // len(stage))):
        shared = {"vdd": "vdd", "vss": "vss", "bias": "bias", "inp": f"out{number - 1}", "out": f"out{number}"}
        shared["inn"] = f"out{number}" if number % 2 else f"out{max(0, number - 10)}"
        if number == 0:
            shared["inp"] = "0"
        for device in stage:
            nodes = tuple(shared.get(node, f"{node}_{number}") for node in device.nodes)
            yield replace(device, name=f"{device.name}_{number}", nodes=nodes)


def _in_process(method: str, size: int) -> dict[str, Any]:
    code = f"from eda.benchmark.link_scale import print_measured; print_measured({method!r}, {size})"
    command = [sys.executable, "-c", code]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT, check=True)
    except subprocess.TimeoutExpired:
        return {"why not": f"over {_TIMEOUT} s"}
    except subprocess.CalledProcessError as error:
        return {"why not": (error.stderr.strip().splitlines() or ["killed"])[-1][:200]}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def print_measured(method: str, size: int) -> None:
    """Seconds, memory and the nets that were ranked as JSON, for the process that started this one."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    json.dump(_measured(method, size), sys.stdout)


def _measured(method: str, size: int) -> dict[str, Any]:
    circuit = chain(size)
    device = circuit.devices[len(circuit.devices) // 2].name
    before = _peak()
    begin = time.perf_counter()
    with one_thread():
        nets = _by_network(circuit, device) if method == "network" else _by_seal(circuit, device)
    return {"s": round(time.perf_counter() - begin, 3), "MB": round(_peak() - before), "nets ranked": nets}


def _by_network(circuit: Circuit, device: str) -> int:
    return len(LinkPredictor.load().rank(circuit, [(device, "drain")])[0])


@torch.inference_mode()
def _by_seal(circuit: Circuit, device: str) -> int:
    """A subgraph for each net, in batches; the weights do not matter for what it costs."""
    graph = to_graph(circuit)
    pins = without_bulks(Pins.of(graph))
    pin = int(torch.nonzero(pins.device == graph["device"].name.index(device))[0])
    whole, network, nets = TerminalGraph(pins), Seal().eval(), len(pins.nets)
    for start in range(0, nets, 50):
        some = [whole.enclosing(Link(pin, net), _HOPS) for net in range(start, min(nets, start + 50))]
        network(Batch.from_data_list(some))
    return nets


def _peak() -> float:
    """The most memory this process had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
