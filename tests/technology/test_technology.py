import pytest

from eda.errors import InputError, TechnologyError
from eda.netlist import evaluate, format_netlist, parse_netlist
from eda.simulation import Deck, Job, Op
from eda.technology import load_technology

sky130 = pytest.mark.sky130
BOTH = pytest.mark.parametrize("name", ["generic", pytest.param("sky130", marks=sky130)])


def _bound(name, lines, models=""):
    circuit = parse_netlist(f"* t\n{models}.subckt amp a b w1=2u\n{lines}\n.ends\n", name="a.sp")
    return load_technology(name).bind(circuit)


def _devices(name, lines, models=""):
    return {device.name: device for device in _bound(name, lines, models).top.devices}


@BOTH
def test_corners_are_known_by_name(name):
    kit = load_technology(name)
    assert [kit.corner(c.upper()) for c in kit.corners] == ["tt", "ff", "ss", "sf", "fs"]
    with pytest.raises(InputError, match=r"no corner 'ttt'\. Did you mean 'tt'"):
        kit.corner("ttt")
    assert set(kit.corners) <= set(kit.library.sections())


def test_generic_keeps_metres_and_adds_junctions():
    m1 = _devices("generic", "m1 a b 0 0 nmos w={w1*2} l=0.5u m=3")["m1"]
    assert m1.model == "generic_nmos"
    assert dict(m1.parameters) == {
        "l": "0.5u",
        "w": "(w1*2)",
        "ad": "(w1*2)*1.5e-06",
        "as": "(w1*2)*1.5e-06",
        "pd": "2*((w1*2)+1.5e-06)",
        "ps": "2*((w1*2)+1.5e-06)",
        "m": "3",
    }


@sky130
def test_sky130_wraps_and_takes_micrometres():
    m1 = _devices("sky130", "m1 a b 0 0 pmos w=w1 l={w1/4} ad=1p m=2")["xm1"]
    assert (m1.model, m1.nodes) == ("sky130_fd_pr__pfet_01v8", ("a", "b", "0", "0"))
    assert m1.parameters["w"] == "w1*1e6"
    assert m1.parameters["l"] == "(w1/4)*1e6"
    assert m1.parameters["ad"] == "1p*1e12"  # the user's own
    assert m1.parameters["as"] == "w1*1e6*0.29"
    assert m1.parameters["m"] == "2"


@BOTH
def test_a_device_without_sizes_gets_the_smallest(name):
    kit = load_technology(name)
    device = next(iter(_devices(name, "m1 a b 0 0 nmos").values()))
    small = kit.transistors["nmos"]
    for key, smallest in (("w", small.min_width), ("l", small.min_length)):
        assert evaluate(device.parameters[key], {}) == pytest.approx(smallest / small.unit)


@BOTH
def test_binding_keeps_everything_else_and_can_be_written(name):
    lines = "r1 a b 1k\nc1 a 0 1p\ni1 a 0 dc 1u\nm1 a b 0 0 nmos w=w1 l=1u"
    bound = _bound(name, lines)
    assert [d.name for d in bound.top.devices[:3]] == ["r1", "c1", "i1"]
    assert parse_netlist(format_netlist(bound)).top.devices == bound.top.devices


@BOTH
def test_paths_and_models_of_nested_blocks(name):
    text = "* t\n.subckt in a b\nm1 a b 0 0 nmos\n.ends\n.subckt top a b\nx1 a b in\nm2 a b 0 0 pmos\n.ends\n"
    kit = load_technology(name)
    bound = kit.bind(parse_netlist(text))
    n, p = kit.transistors["nmos"], kit.transistors["pmos"]
    assert kit.devices(bound) == {n.model, p.model}
    wrapped = (f"m.xdut.x1.xm1.{n.inner}", f"m.xdut.xm2.{p.inner}")
    paths = wrapped if n.wrapped else ("m.xdut.x1.m1", "m.xdut.m2")
    assert kit.transistor_paths(bound, "xdut") == dict(zip(("x1.m1", "m2"), paths, strict=True))


@pytest.mark.ngspice
@pytest.mark.sky130
def test_the_netlists_own_models_feel_nothing_of_a_kit_that_scales_lengths(batch):
    # sky130's library sets `.option scale=1u`, its compiled cards do not
    bench = "v1 d 0 1\nv2 g 0 1\nm1 d g 0 0 mine w=10u l=1u ad=10p\n.model mine nmos level=1 kp=100u vto=0.5"
    kit = load_technology("sky130")
    cards = kit.cards("tt", ["sky130_fd_pr__nfet_01v8"])
    beside = "\nx1 d g 0 0 sky130_fd_pr__nfet_01v8 w=1 l=0.15"
    alone = Deck("", bench, {}, (Op(),), ("@m1[id]",))
    both = Deck(cards.text, bench + beside, {}, (Op(),), ("@m1[id]",), bins=cards.bins, options=cards.options)
    one, other = (r.analyses["op"].value("@m1[id]") for r in batch.simulate([Job(alone), Job(both)]))
    assert one == pytest.approx(0.5 * 100e-6 * 10 * 0.5**2)
    assert other == one


def test_the_netlists_own_models_stay():
    m1 = _devices("generic", "m1 a b 0 0 mine w=1u l=1u", models=".model mine nmos level=1\n")["m1"]
    assert (m1.model, dict(m1.parameters)) == ("mine", {"w": "1u", "l": "1u"})


@BOTH
def test_an_unknown_model_is_told_with_its_place(name):
    with pytest.raises(TechnologyError, match=r"a\.sp:3:1: the model 'nmoss' of m1 is unknown .* Did you mean 'nmos'"):
        _bound(name, "m1 a b 0 0 nmoss w=1u l=1u")
