"""Sizes that no bin of a model covers are told before anything is simulated."""

import time

import pytest

from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.technology import ModelBin, ModelLibrary, Technology, Transistor, load_technology
from eda.technology.limits import covered


def _bin(lengths, widths):
    return ModelBin("n", ".model n.0 nmos", tuple(x * 1e-6 for x in lengths), tuple(x * 1e-6 for x in widths))


GRID = [_bin(lengths, widths) for lengths in ((0.18, 0.5), (0.5, 2)) for widths in ((0.3, 1), (1, 10))]


@pytest.mark.parametrize(
    ("bins", "expected"),
    [
        (GRID, ["l 0.18..2 um x w 0.3..10 um"]),
        (GRID[:3], ["l 0.18..0.5 um x w 0.3..10 um", "l 0.5..2 um x w 0.3..1 um"]),
        ([GRID[0], GRID[3]], ["l 0.18..0.5 um x w 0.3..1 um", "l 0.5..2 um x w 1..10 um"]),
        (
            [*GRID, _bin((0.18, 0.5), (20, 30))],
            ["l 0.18..0.5 um x w 0.3..10 and 20..30 um", "l 0.5..2 um x w 0.3..10 um"],
        ),
        ([*GRID, _bin((4, 5), (0.3, 10))], ["l 0.18..2 um x w 0.3..10 um", "l 4..5 um x w 0.3..10 um"]),
    ],
)
def test_bins_are_listed_compactly(bins, expected):
    assert covered(reversed(bins)) == expected


@pytest.fixture
def holed(tmp_path):
    """A kit without a bin for wide and long transistors."""
    cards = "".join(
        f".model n.{i} nmos level=1 lmin={b.lengths[0]} lmax={b.lengths[1]} wmin={b.widths[0]} wmax={b.widths[1]}\n"
        for i, b in enumerate(GRID[:3])
    )
    (tmp_path / "a.lib").write_text(f".lib tt\n{cards}.endl\n")
    n = Transistor("n", "", 1.0, 0.3e-6, 0.18e-6, 10e-6, 2e-6, 0.5e-6)
    return Technology("holed", ModelLibrary(tmp_path / "a.lib"), ("tt",), {"nmos": n}, 1.8)


def _circuit(line, **sizes):
    parameters = " ".join(f"{name}={value}" for name, value in sizes.items())
    return parse_netlist(f"* t\n.subckt amp a b {parameters}\n{line}\n.ends\n", name="a.sp")


M1 = "m1 a b 0 0 nmos w={w1} l={2*l1}"


@pytest.mark.parametrize(("w", "length"), [(1e-6, 0.2e-6), (9e-6, 0.1e-6), (0.3e-6, 0.99e-6), (0.9e-6, 0.5e-6)])
def test_sizes_within_the_bins_pass(holed, w, length):
    holed.check_sizes(_circuit(M1, w1="1u", l1="0.2u"), {"w1": w, "l1": length})


def test_a_size_in_no_bin_is_told_with_the_bins_that_there_are(holed):
    message = (
        r"no bin of n has l=1e-06 with w=2e-06, which m1 can have; it has l 0\.18\.\.0\.5 um x w 0\.3\.\.10 um; "
        r"l 0\.5\.\.2 um x w 0\.3\.\.1 um\. Change"
    )
    with pytest.raises(InputError, match=message):
        holed.check_sizes(_circuit(M1, w1="1u", l1="0.2u"), {"w1": 2e-6, "l1": 0.5e-6})


def test_upper_ends_of_bins_are_outside_as_ngspice_has_it(holed):
    with pytest.raises(InputError, match="no bin of n has l=2e-06"):
        holed.check_sizes(_circuit(M1, w1="0.5u", l1="1u"), {})


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        # sky130's bins go by the width of a finger, those of gf180 by that of all
        pytest.param("sky130", "m1 a b 0 0 nmos w=1.2u l=1u nf=2", None, marks=pytest.mark.sky130),
        pytest.param("sky130", "m1 a b 0 0 nmos w=1500u l=1u nf=2", None, marks=pytest.mark.sky130),
        pytest.param(
            "sky130", "m1 a b 0 0 nmos w=0.8u l=1u nf=2", r"4\.2e-07 <= w/nf <= 0\.001", marks=pytest.mark.sky130
        ),
        pytest.param("gf180", "m1 a b 0 0 nmos w=0.4u l=1u nf=2", None, marks=pytest.mark.gf180),
        pytest.param("gf180", "m1 a b 0 0 nmos w=150u l=1u nf=2", r"2\.2e-07 <= w <= 0\.0001", marks=pytest.mark.gf180),
        pytest.param("gf180", "m1 a b 0 0 nmos_native_6v w=1u l=1u", r"1\.8e-06 <= l", marks=pytest.mark.gf180),
        ("generic", "m1 a b 0 0 nmos w=1u l=1u nf=0", "nf >= 1 must hold for m1, but nf can be 0"),
    ],
)
def test_fingers_count_as_the_models_take_them(name, line, message):
    kit = load_technology(name)
    if name == "generic":
        kit = Technology(kit.name, kit.library, kit.corners, kit.transistors, 3.0, options=("wnflag=1",))
    if message is None:
        kit.check_sizes(_circuit(line), {})
    else:
        with pytest.raises(InputError, match=message):
            kit.check_sizes(_circuit(line), {})


def test_sizes_of_inner_blocks_count(holed):
    inner = ".subckt stage a b k=1u\nm1 a b 0 0 nmos w={k} l=1u\n.ends"
    circuit = parse_netlist(f"* t\n.subckt amp a b w1=1u\nx1 a b stage k={{2*w1}}\n.ends\n{inner}\n").with_top("amp")
    holed.check_sizes(circuit, {"w1": 0.2e-6})
    with pytest.raises(InputError, match=r"no bin of n has l=1e-06 with w=2e-06, which m\.x1\.m1 can have"):
        holed.check_sizes(circuit, {"w1": 1e-6})


@pytest.mark.sky130
@pytest.mark.parametrize(("supply", "made_for"), [(1.98, []), (3.0, [1.8]), (5.5, [1.8]), (6.0, [1.8, 5.0])])
def test_transistors_that_a_supply_may_break_are_told(supply, made_for):
    kit = load_technology("sky130")
    circuit = kit.bind(_circuit("m1 a b 0 0 nmos w=1u l=1u\nm2 a b 0 0 nmos_5v w=1u l=1u"))
    assert sorted(kit.overdriven(circuit, supply).values()) == made_for
    assert load_technology("generic").overdriven(circuit, supply) == {}


@pytest.mark.parametrize(
    "name",
    [pytest.param("sky130", marks=pytest.mark.sky130), pytest.param("gf180", marks=pytest.mark.gf180)],
)
def test_the_bins_of_our_kits_have_no_hole(name):
    kit = load_technology(name)
    for model in {t.model for t in kit.transistors.values()}:
        assert len(covered(kit.cards("tt", [model]).bins)) == 1, model


def test_checking_a_design_again_is_cheap(holed):
    circuit = _circuit(M1, w1="1u", l1="0.2u")
    holed.check_sizes(circuit, {})
    start = time.perf_counter()
    for i in range(100):
        holed.check_sizes(circuit, {"w1": (1 + i / 20) * 1e-6})
    assert time.perf_counter() - start < 1  # s; compiling takes 10 to 100 ms each time


def test_ends_of_bins_are_told(holed):
    widths, lengths = holed.bin_ends("nmos")
    assert lengths == pytest.approx((0.18e-6, 0.5e-6, 2e-6))
    assert widths == pytest.approx((0.3e-6, 1e-6, 10e-6))
    assert load_technology("generic").bin_ends("nmos") == ((), ())
