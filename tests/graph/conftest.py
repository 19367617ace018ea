"""Small circuits, and the changes of a circuit that must not matter."""

import random
from dataclasses import replace

import pytest
from hypothesis import strategies as st

from eda.netlist import Circuit, Device, Model, Subcircuit


def deck(*devices, **rest):
    return Circuit(devices=tuple(devices), **rest)


def block(ports, *devices, **rest):
    return Circuit(subcircuits=(Subcircuit("top", tuple(ports.split()), devices=tuple(devices)),), **rest)


def mos(name, nodes, model="nch", **parameters):
    return Device(name, tuple(nodes.split()), model, parameters=parameters)


def two(name, plus, minus, value="1000"):
    return Device(name, (plus, minus), value=value)


def ring(stages, rings=1):
    """Ring oscillators of inverters on one supply."""
    return deck(
        *(
            mos(f"m{kind}{r}_{i}", f"n{r}_{(i + 1) % stages} n{r}_{i} {rail} {rail}", f"{kind}ch")
            for r in range(rings)
            for i in range(stages)
            for kind, rail in (("n", "0"), ("p", "vdd"))
        )
    )


def renamed(circuit, seed):
    """The same circuit: devices in another order, other names of devices and of nets that are no ports."""
    shuffle = random.Random(seed)
    devices = list(circuit.devices or circuit.subcircuits[0].devices)
    kept = {"0", *circuit.globals, *(circuit.subcircuits[0].ports if circuit.subcircuits else ())}
    nets = sorted({node for device in devices for node in device.nodes} - kept)
    shuffle.shuffle(devices)
    shuffle.shuffle(nets)
    net = {node: f"net{place}" for place, node in enumerate(nets)}
    name = {device.name: f"{device.name[0]}new{place}" for place, device in enumerate(devices)}
    new = tuple(
        replace(
            device,
            name=name[device.name],
            nodes=tuple(net.get(node, node) for node in device.nodes),
            controls=tuple(name[control] for control in device.controls),
        )
        for device in devices
    )
    if circuit.devices:
        return replace(circuit, devices=new)
    return replace(circuit, subcircuits=(replace(circuit.subcircuits[0], devices=new),))


@st.composite
def circuits(draw, size=8):
    """Decks and blocks with multi-pins, parallel devices, controls and ports."""
    node = st.sampled_from(["0", "a", "b", "c", "d"])
    number = st.sampled_from(["1", "2.5", "1e-06", "-4"])
    devices = []
    for place in range(draw(st.integers(1, size))):
        letter = draw(st.sampled_from("rclvmmqgx"))
        nodes = tuple(draw(node) for _ in range({"m": 4, "q": 3, "g": 4, "x": 3}.get(letter, 2)))
        model = draw(st.sampled_from(["one", "two"])) if letter in "mqx" else None
        parameters = draw(st.dictionaries(st.sampled_from(["w", "l", "m", "ad"]), number)) if letter in "mx" else {}
        devices.append(Device(f"{letter}{place}", nodes, model, None if model else draw(number), parameters))
    for letter, sensed, count in (("f", "v", 1), ("k", "l", 2)):
        names = [device.name for device in devices if device.letter == sensed]
        if len(names) >= count and draw(st.booleans()):
            nodes = () if letter == "k" else (draw(node), draw(node))
            controls = tuple(draw(st.permutations(names))[:count])
            devices.append(Device(f"{letter}c", nodes, value=draw(number), controls=controls))
    if draw(st.booleans()):
        return deck(*devices)
    return block("a vb1", *devices)


@pytest.fixture
def ota():
    """A five-transistor amplifier whose sizes are parameters of the block."""
    devices = (
        mos("m1", "x inp tail vss", w="w1", l="5e-07"),
        mos("m2", "out inn tail vss", w="w1", l="5e-07"),
        mos("m3", "x x vdd vdd", "pch", w="{2*w1}", l="5e-07", m="2"),
        mos("m4", "out x vdd vdd", "pch", w="{2*w1}", l="5e-07", m="2"),
        mos("m5", "tail vb1 vss vss", w="4u", l="1u", nf="4", ad="1e-12"),
        Device("cl", ("out", "vss"), value="1e-12", parameters={"ic": "0.5"}),
    )
    top = Subcircuit("ota", ("inp", "inn", "out", "vb1", "vdd", "vss"), {"w1": "10u"}, devices=devices)
    return Circuit("an amplifier", (top,), models=(Model("nch", "nmos"), Model("pch", "pmos", {"vto": "-0.4"})))
