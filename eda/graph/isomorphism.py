"""Whether two circuits are the same up to names and order: a canonical hash, and an exact test.

Sources: the hash is that of Shervashidze et al., "Weisfeiler-Lehman graph kernels", JMLR 12, 2011, on the graph of
devices and nets with an edge a pin, run until the colours are stable; the exact test individualises vertices and
refines, as in McKay, "Practical graph isomorphism", Congressus Numerantium 30, 1981, part by part.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from eda.errors import InputError, did_you_mean
from eda.graph.incidence import ROLES, incidence, is_text_form
from eda.graph.matching import Parts, match, parts, with_chosen
from eda.graph.refinement import LabelledGraph, refine, signatures
from eda.graph.values import canonical_source, canonical_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from eda.graph.incidence import Incidence
    from eda.netlist import Circuit

__all__ = ["canonical_hash", "is_isomorphic"]

Ports = Literal["named", "renumbered", "anonymous"]

_MOST_REFINEMENTS: Final = 256
_MOST_WORK: Final = 200_000  # vertices refined in all
_PORT_LABELS: Final[dict[str, Callable[[str], str]]] = {
    "named": lambda name: name,
    "renumbered": lambda name: re.sub(r"\d+$", "", name),
    "anonymous": lambda _: "",
}


def canonical_hash(circuit: Circuit, *, ports: Ports = "named", values: bool = False) -> str:
    """A hash of the structure of a circuit: equal for isomorphic circuits, in any process and on any machine.

    Names of devices and of inner nets and the order of lines never matter. Terminals are told apart, except the two
    of a resistor, a capacitor, or an inductor that nothing couples or senses. Circuits that colour refinement cannot
    tell apart, even with one vertex fixed, share a hash: none was found in public data (`is_isomorphic` is exact).

    Args:
        circuit: any circuit; hierarchy is flattened. Nets of a deck are anonymous, but for ground and `.global`.
        ports: port nets are told apart by name (`"named"`), by name less its trailing digits, so that `vb1` and
            `vb3` are alike (`"renumbered"`), or not at all (`"anonymous"`).
        values: whether values and parameters count, as numbers of nine digits.

    Returns:
        32 hexadecimal digits.

    Raises:
        InputError: the circuit cannot be flattened, a control names two devices, or `ports` is unknown.

    Source:
        Shervashidze et al., JMLR 12, 2011; the refinement of Weisfeiler and Leman, 1968.
    """
    return _digest(_labelled(circuit, ports, values=values))


def is_isomorphic(a: Circuit, b: Circuit, *, ports: Ports = "named", values: bool = False) -> bool:
    """Whether two circuits are the same up to the names and the order of devices and inner nets; exact.

    Args:
        a: one circuit.
        b: the other.
        ports: what tells port nets apart, see `canonical_hash`.
        values: whether values and parameters count.

    Raises:
        InputError: a circuit cannot be flattened, a control names two devices, or `ports` is unknown.

    Source:
        McKay, "Practical graph isomorphism", 1981 (individualisation and refinement).
    """
    return match(_labelled(a, ports, values=values), _labelled(b, ports, values=values)) is not None


def _digest(graph: LabelledGraph) -> str:
    colour = refine(graph)
    hashed = _quotient(graph, colour)
    for word in sorted(_individualised(graph, colour)):
        hashed.update(word)
    return hashed.hexdigest()


def _individualised(graph: LabelledGraph, colour: NDArray[np.int64]) -> list[bytes]:
    """A digest of each part in which colours repeat: what refinement makes of it from each vertex of one cell.

    Refinement alone takes two rings that are twisted differently for one. None for graphs so symmetric that it would
    take long, which is decided by sizes that isomorphic graphs share.
    """
    found = Parts(graph, colour)
    tasks = []
    for members in found.members:
        if not found.is_rainbow(members):
            own = colour[members]
            sizes = np.bincount(own)
            cell = own[np.argmin(np.where(sizes[own] > 1, sizes[own], len(own) + 1))]
            tasks.append((members, np.flatnonzero(own == cell)))
    refinements = sum(len(cell) for _, cell in tasks)
    work = sum(len(cell) * len(members) for members, cell in tasks)
    if refinements > _MOST_REFINEMENTS or work > _MOST_WORK:
        return []
    digests = []
    for members, cell in tasks:
        labels = colour[members].astype(np.uint64)
        views = []
        for vertex in cell.tolist():
            part = graph.induced(members, with_chosen(labels, vertex))
            views.append(_quotient(part, refine(part)).digest())
        digests.append(hashlib.blake2b(b"".join(sorted(views)), digest_size=16).digest())
    return digests


def _quotient(graph: LabelledGraph, colour: NDArray[np.int64]) -> hashlib.blake2b:
    """A hash of the quotient graph of stable colours."""
    vertex = np.unique(colour, return_index=True)[1]
    seen = signatures(graph, colour)[vertex]
    hashed = hashlib.blake2b(digest_size=16)
    # the quotient graph, and the connected parts: two rings of three stages are not one ring of six
    for array in (np.array([len(colour)]), colour[vertex], graph.label[vertex], seen, np.sort(parts(graph, colour)[1])):
        hashed.update(array.astype("<u8").tobytes())
    return hashed


def _labelled(circuit: Circuit, ports: str, *, values: bool) -> LabelledGraph:
    """The graph whose vertices are the devices and then the nets."""
    if ports not in _PORT_LABELS:
        raise InputError(f"ports must be one of its forms, but got {ports!r}. {did_you_mean(ports, _PORT_LABELS)}")
    graph = incidence(circuit)
    labels = [*_device_labels(graph, values=values), *_net_labels(graph, _PORT_LABELS[ports])]
    pins = np.stack([graph.device, len(graph.letters) + graph.net], axis=1)
    ends = np.concatenate([pins, graph.controls[:, [0, 2]]])
    roles = [*_pin_roles(graph), *_control_roles(graph)]
    return LabelledGraph.of(_words(labels), ends, _words(roles), _words(f"of {role}" for role in roles))


def _words(texts: Iterable[str]) -> NDArray[np.uint64]:
    known: dict[str, int] = {}
    words = []
    for text in texts:
        if (word := known.get(text)) is None:
            word = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
            known[text] = word
        words.append(word)
    return np.array(words, dtype=np.uint64)


def _device_labels(graph: Incidence, *, values: bool) -> Iterable[str]:
    for index, device in enumerate(graph.flat.devices):
        letter = device.letter
        label = [letter, device.model or ""]
        absent = graph.absent.get(index, ())
        # the inductors that a K couples have no order
        label += sorted(name.split()[1] for name in absent) if letter == "k" else absent
        if letter == "a":
            label.append(device.value or "")
        elif is_text_form(device) and (form := re.match(r"[a-z]+", (device.value or "").lower())):
            label.append(form[0])
        if values:
            label.append(canonical_source(device, graph.texts.get(index), graph.flat.scope))
            # $sub is a net, and an edge
            sizes = {name: text for name, text in device.parameters.items() if name != "$sub"}
            label += sorted(f"{name}={canonical_value(text, graph.flat.scope)}" for name, text in sizes.items())
        yield repr(label)


def _net_labels(graph: Incidence, port_label: Callable[[str], str]) -> Iterable[str]:
    ports, named = frozenset(graph.flat.ports), frozenset(graph.flat.circuit.globals)
    for net in graph.nets:
        if net == "0":
            yield "ground"
        elif net in ports:
            yield f"port {port_label(net)}"
        else:
            yield f"global {net}" if net in named else "net"


def _pin_roles(graph: Incidence) -> Iterable[str]:
    symmetric = {index for index, device in enumerate(graph.flat.devices) if device.letter in {"r", "c", "l"}}
    symmetric -= set(graph.controls[:, 2].tolist())
    for index, role, position in zip(graph.device.tolist(), graph.role.tolist(), graph.position.tolist(), strict=True):
        name = ROLES[role]
        yield "end" if index in symmetric and name in {"plus", "minus"} else f"{name} {position}"


def _control_roles(graph: Incidence) -> Iterable[str]:
    for index, position, _ in graph.controls.tolist():
        yield "coupled" if graph.letters[index] == "k" else f"control {position}"
