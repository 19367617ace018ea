import subprocess
import sys
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.isomorphism import categorical_node_match

from eda.errors import InputError
from eda.graph import canonical_hash, is_isomorphic
from eda.netlist import Device, parse_netlist

from .conftest import block, circuits, deck, mos, renamed, ring, two


def same(a, b, **options):
    """Whether hash and test both call two circuits the same; they must agree."""
    hashes = canonical_hash(a, **options) == canonical_hash(b, **options)
    assert is_isomorphic(a, b, **options) == is_isomorphic(b, a, **options) == hashes
    return hashes


@settings(deadline=None)
@given(circuits(), st.integers(0, 99), st.booleans())
def test_names_and_order_do_not_matter(circuit, seed, values):
    assert same(circuit, renamed(circuit, seed), values=values)


@settings(deadline=None)
@given(circuits(), st.data())
def test_moving_one_pin_matters(circuit, data):
    devices = list(circuit.devices or circuit.subcircuits[0].devices)
    pins = [(d, p) for d, device in enumerate(devices) for p in range(len(device.nodes))]
    device, pin = data.draw(st.sampled_from(pins))
    nodes = list(devices[device].nodes)
    nodes[pin] = "elsewhere"
    devices[device] = replace(devices[device], nodes=tuple(nodes))
    changed = deck(*devices) if circuit.devices else block("a vb1", *devices)
    assert same(circuit, changed) == _nx_isomorphic(circuit, changed)


@settings(deadline=None)
@given(circuits(size=4), circuits(size=4))
def test_agrees_with_networkx(a, b):
    assert is_isomorphic(a, b) == _nx_isomorphic(a, b)


@settings(deadline=None, max_examples=30)  # networkx is slow here
@given(st.integers(3, 5), st.data())
def test_agrees_with_networkx_where_refinement_sees_nothing(half, data):
    def regular(seed):
        graph = nx.random_regular_graph(3, 2 * half, seed=seed)
        return deck(*(two(f"r{i}", f"n{a}", f"n{b}") for i, (a, b) in enumerate(graph.edges)))

    a, b = regular(data.draw(st.integers(0, 999))), regular(data.draw(st.integers(0, 999)))
    assert is_isomorphic(a, b) == _nx_isomorphic(a, b)


def _nx_isomorphic(a, b):
    """The same question put to networkx: a vertex for each pin, between its device and its net."""
    return nx.is_isomorphic(_nx_graph(a), _nx_graph(b), node_match=categorical_node_match("label", ""))


def _nx_graph(circuit):
    graph = nx.Graph()
    ports = circuit.subcircuits[0].ports if circuit.subcircuits else ()
    devices = circuit.devices or circuit.subcircuits[0].devices
    used = {control for device in devices for control in device.controls}
    graph.add_nodes_from((("net", port), {"label": port}) for port in ports)
    for device in devices:
        graph.add_node(device.name, label=f"{device.letter} {device.model}")
        symmetric = device.letter in "rcl" and device.name not in used
        for pin, node in zip(device.pins, device.nodes, strict=True):
            graph.add_node(("net", node), label=node if node == "0" or node in ports else "net")
            graph.add_node((device.name, pin), label="end" if symmetric else f"pin {pin}")
            nx.add_path(graph, [device.name, (device.name, pin), ("net", node)])
    for device in devices:
        for control in device.controls:
            graph.add_node((device.name, control), label="control")
            graph.add_node((device.name, control, "far"), label="controlled")
            nx.add_path(graph, [device.name, (device.name, control), (device.name, control, "far"), control])
    return graph


def test_drain_and_source_differ_but_the_ends_of_a_resistor_do_not():
    load = two("r1", "out", "vdd")
    assert not same(deck(mos("m1", "out in 0 0"), load), deck(mos("m1", "0 in out 0"), load))
    assert same(deck(mos("m1", "out in 0 0"), load), deck(mos("m1", "out in 0 0"), two("r1", "vdd", "out")))


@pytest.mark.parametrize(("letter", "alike"), [("r", True), ("c", True), ("l", True), ("v", False), ("i", False)])
def test_which_two_terminal_devices_have_a_direction(letter, alike):
    assert same(deck(two(f"{letter}1", "a", "0")), deck(two(f"{letter}1", "0", "a"))) is alike


def test_a_multi_pin_is_not_two_nets():
    assert not same(deck(mos("m1", "d d 0 0")), deck(mos("m1", "d g 0 0")))
    assert not same(deck(mos("m1", "d d s 0")), deck(mos("m1", "d s s 0")))
    # both resistors on both nets, or each on one of them
    assert not same(deck(two("r1", "a", "b"), two("r2", "a", "b")), deck(two("r1", "a", "a"), two("r2", "b", "b")))


def test_model_and_kind_matter():
    assert not same(deck(mos("m1", "d g s b")), deck(mos("m1", "d g s b", "pch")))
    assert not same(deck(two("r1", "a", "b")), deck(two("c1", "a", "b")))


def test_numbered_ports():
    one, three = block("vb1 out", mos("m1", "out vb1 0 0")), block("vb3 out", mos("m1", "out vb3 0 0"))
    other = block("vc out", mos("m1", "out vc 0 0"))
    assert not same(one, three)
    assert same(one, three, ports="renumbered")
    assert not same(one, other, ports="renumbered")
    assert same(one, other, ports="anonymous")
    inner = block("out", mos("m1", "out vb1 0 0"))
    assert not same(one, inner, ports="anonymous")


def test_an_unused_port_counts_and_the_order_of_ports_does_not():
    device = two("r1", "a", "b")
    assert same(block("a b", device), block("b a", device))
    assert not same(block("a b", device), block("a b c", device))


def test_nets_of_a_deck_have_no_name_but_ground_and_globals():
    assert same(deck(two("v1", "a", "b")), deck(two("v1", "b", "a")))
    assert not same(deck(two("v1", "a", "b")), deck(two("v1", "a", "0")))
    assert not same(deck(two("v1", "a", "vdd"), globals=("vdd",)), deck(two("v1", "a", "vcc"), globals=("vcc",)))


def test_which_source_is_sensed_matters():
    sources = two("v1", "a", "0", "1"), two("v2", "b", "0", "1"), two("r1", "a", "0")

    def sensing(name):
        return deck(*sources, Device("f1", ("c", "0"), value="2", controls=(name,)), two("r2", "c", "0"))

    assert not same(sensing("v1"), sensing("v2"))
    assert same(sensing("v1"), renamed(sensing("v1"), 1))


def test_coupled_inductors_have_a_direction_and_the_coupling_no_order():
    def coupled(first, second, order=("l1", "l2")):
        return deck(
            two("l1", *first), two("l2", *second), Device("k1", (), value="0.9", controls=order), two("v1", "a", "0")
        )

    straight = coupled(("a", "0"), ("b", "0"))
    assert same(straight, coupled(("a", "0"), ("b", "0"), ("l2", "l1")))
    assert not same(straight, coupled(("a", "0"), ("0", "b")))


def test_texts_refer_to_nodes_and_sources():
    rest = two("r1", "a", "0"), two("r2", "b", "a"), two("v1", "b", "0"), two("v2", "a", "0")

    def source(value):
        return deck(*rest, Device("b1", ("out", "0"), value=value))

    assert not same(source("v=v(a)"), source("v=v(b)"))
    assert not same(source("v=i(v1)"), source("v=i(v2)"))
    assert not same(source("v=v(a)"), source("i=v(a)"))
    assert not same(source("v=v(a)-v(b)"), source("v=v(b)-v(a)"))
    assert not same(source("v=v(a)*2"), source("v=v(a)*3"), values=True)
    assert same(source("v=v(a)*2"), source("v=v(a)*3"))
    names = deck(two("r1", "x", "0"), two("r2", "y", "x"), two("vy", "y", "0"), two("vx", "x", "0"),
                 Device("b7", ("o", "0"), value="v= v(x) * i(vy)"))  # fmt: skip
    assert same(source("v=V(a)*i(v1)"), names, values=True)


def test_sensing_has_a_direction():
    def sources(first, second):
        return deck(Device("b1", ("a", "0"), value=first), Device("b2", ("b", "0"), value=second), two("r1", "a", "0"))

    assert not same(sources("v=i(b2)", "v=1"), sources("v=1", "v=i(b1)"))


def test_polynomials_have_their_terminals_in_pairs():
    def poly(nodes, value="poly(2) 0 1 1"):
        return deck(Device("e1", ("o", "0", *nodes.split()), value=value), two("r1", "a", "0"), two("c1", "b", "0"))

    assert same(poly("a 0 b 0"), renamed(poly("a 0 b 0"), 1))
    assert not same(poly("a 0 b 0"), poly("b 0 a 0"))
    assert not same(poly("a 0 b 0"), poly("a 0 0 b"))
    assert same(poly("a 0 b 0"), poly("a 0 b 0", "poly(2) 0 1 2"))
    assert not same(poly("a 0 b 0"), poly("a 0 b 0", "poly(2) 0 1 2"), values=True)


def test_the_substrate_of_a_parameter_is_a_net():
    def resistor(substrate, driven="b"):
        marked = Device("r1", ("a", "0"), value="1", parameters={"$sub": substrate})
        return deck(marked, two("v1", driven, "0"), two("i1", "c", "0"))

    assert same(resistor("b"), resistor("x", "x"), values=True)
    assert not same(resistor("b"), resistor("c"), values=True)


def test_values_count_when_asked_and_are_numbers():
    assert same(deck(two("r1", "a", "b", "1k")), deck(two("r1", "a", "b", "2k")))
    assert not same(deck(two("r1", "a", "b", "1k")), deck(two("r1", "a", "b", "2k")), values=True)
    assert same(deck(two("r1", "a", "b", "1k")), deck(two("r1", "a", "b", "{500*2}")), values=True)
    assert same(deck(two("v1", "a", "b", "dc 1.8")), deck(two("v1", "a", "b", "1800m")), values=True)
    assert not same(deck(mos("m1", "d g s b", w="1u")), deck(mos("m1", "d g s b", l="1u")), values=True)


def test_the_sizes_of_a_block_are_those_of_its_parameters(ota):
    assert same(ota, ota.sized({"w1": 1e-5}), values=True)
    assert not same(ota, ota.sized({"w1": 2e-5}), values=True)


def test_two_small_rings_are_not_one_large_ring():
    assert not same(ring(3, rings=2), ring(6))


def test_like_parts_do_not_multiply_the_search():
    # nine like pairs of cubic graphs that refinement cannot tell apart: a search without parts needs 18! steps
    prism, bipartite = nx.circular_ladder_graph(3), nx.complete_bipartite_graph(3, 3)

    def networks(*graphs):
        return deck(*(two(f"r{g}_{i}", f"n{g}_{a}", f"n{g}_{b}")
                      for g, graph in enumerate(graphs) for i, (a, b) in enumerate(graph.edges)))  # fmt: skip

    half = networks(*[prism] * 9, *[bipartite] * 9)
    assert is_isomorphic(half, renamed(half, 1))
    assert not is_isomorphic(half, networks(*[prism] * 10, *[bipartite] * 8))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "circuit",
    [
        deck(*(mos(f"m{i}", "d g 0 0") for i in range(64))),
        ring(501),
        ring(9, rings=40),
        deck(*(two(f"r{i}_{j}", f"n{i}", f"n{j}") for i in range(30) for j in range(i))),
    ],
    ids=["64 in parallel", "501 stages", "40 rings", "complete"],
)
def test_symmetric_circuits_are_quick(circuit):
    assert same(circuit, renamed(circuit, 1))
    assert not same(circuit, deck(*circuit.devices[1:]))


def test_the_hash_is_the_same_in_every_process():
    code = (
        "import sys; from eda.graph import canonical_hash; from eda.netlist import Circuit, Device;"
        "circuit = Circuit(devices=(Device('r1', ('a', '0')), Device('c1', ('b', 'a'))));"
        "print(canonical_hash(circuit), 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [canonical_hash(deck(two("c9", "x", "y"), two("r9", "x", "0"))), "False"]


def test_errors_say_what_to_do():
    circuit = deck(two("v1", "a", "0"), two("v1", "b", "0"), Device("f1", ("a", "0"), value="1", controls=("v1",)))
    with pytest.raises(InputError, match=r"'f1' refers to 'v1', which must be one device"):
        canonical_hash(circuit)
    with pytest.raises(InputError, match="Did you mean 'named'"):
        canonical_hash(deck(two("r1", "a", "b")), ports="name")
    with pytest.raises(InputError, match="unused block 'top'"):
        canonical_hash(replace(block("a", two("r1", "a", "0")), devices=(two("r2", "a", "0"),)))


def test_a_control_that_is_not_there_counts_by_name():
    def sensing(name):
        return deck(Device("f1", ("c", "0"), value="2", controls=(name,)))

    assert same(sensing("va"), sensing("va"))
    assert not same(sensing("va"), sensing("vb"))


def test_an_empty_circuit_is_itself():
    assert same(deck(), deck())
    assert not same(deck(), block("a"))


# two inductor-loaded quadrature oscillators (AnalogGenie 542 and 543): the coupling pairs are crossed in one of them
QUADRATURE = """* quadrature oscillator
.subckt q vdd vss ib1 ib2 ib3 ib4
la vdd a 1n
lb vdd b 1n
lc vdd c 1n
ld vdd d 1n
m1 a b ib3 vss nmos
m2 b a ib3 vss nmos
m3 c d ib1 vss nmos
m4 d c ib1 vss nmos
m5 {0} c ib4 vss nmos
m6 {1} d ib4 vss nmos
m7 c b ib2 vss nmos
m8 d a ib2 vss nmos
.ends
"""


def test_rings_that_are_twisted_differently_have_different_hashes():
    straight, twisted = (parse_netlist(QUADRATURE.format(*nets)) for nets in (("a", "b"), ("b", "a")))
    assert not is_isomorphic(straight, twisted)
    assert canonical_hash(straight) != canonical_hash(twisted)
