import json

import numpy as np
import pytest

from eda.errors import InputError
from eda.simulation import Deck, Job, Op, Waveforms, operating_point, saved_quantities

PATHS = {"M1": "m1", "M2": "m2", "M3": "m3", "M4": "m4"}
# a saturated n-channel device, one in triode, one that is off, and a saturated p-channel one
BODY = """vd d 0 1.8
vt t 0 0.1
vg g 0 1
m1 d g 0 0 n w=10u l=1u
m2 t g 0 0 n w=10u l=1u
m3 d 0 0 0 n w=10u l=1u
m4 0 g d d p w=10u l=1u"""
LEVEL1 = f"{BODY}\n.model n nmos vto=0.5 kp=100u\n.model p pmos vto=-0.5 kp=50u"
BSIM4 = f"{BODY}\n.model n nmos level=14 version=4.8\n.model p pmos level=14 version=4.8"


def _point(simulator, body, threshold):
    saved = saved_quantities(PATHS.values(), threshold=threshold)
    (result,) = simulator.simulate([Job(Deck("", body, {}, (Op(),), saved, transistors=PATHS))])
    assert result.ok, result.log
    return operating_point(result.analyses["op"], PATHS)


@pytest.mark.ngspice
def test_level_1_devices_have_the_textbook_values(simulator):
    point = _point(simulator, LEVEL1, "von")
    assert [transistor.region for transistor in point.transistors] == ["saturation", "triode", "cutoff", "saturation"]
    m1, m2, m4 = point["M1"], point["M2"], point["M4"]
    assert m1.id == pytest.approx(0.5 * 100e-6 * 10 * 0.5**2, rel=1e-6)
    assert m1.gm == pytest.approx(2 * m1.id / 0.5, rel=1e-6)
    assert (m1.vth, m1.vov, m1.vdsat) == pytest.approx((0.5, 0.5, 0.5))
    assert m1.gm_over_id == pytest.approx(4, rel=1e-6)
    assert m2.id == pytest.approx(100e-6 * 10 * (0.5 * 0.1 - 0.1**2 / 2), rel=1e-6)
    assert (m4.vth, m4.vov, m4.vdsat) == pytest.approx((0.5, 0.3, 0.3))  # p-channel, seen as an n-channel device
    assert m4.id == pytest.approx(0.5 * 50e-6 * 10 * 0.3**2, rel=1e-6)


@pytest.mark.ngspice
def test_bsim4_devices_are_read_with_the_same_signs(simulator):
    point = _point(simulator, BSIM4, "vth")
    assert [transistor.region for transistor in point.transistors] == ["saturation", "triode", "cutoff", "saturation"]
    assert all(transistor.vth > 0 for transistor in point.transistors)
    assert all(transistor.id >= 0 for transistor in point.transistors)
    assert point["M1"].vov > 0
    assert 1 < point["M1"].gm_over_id < 40


def _waveforms(**changed):
    values = {"id": 1e-6, "gm": 25e-6, "gds": 1e-7, "vgs": 0.3, "vds": 0.5, "vdsat": 0.1, "vth": 0.4} | changed
    return Waveforms(np.empty(0), {f"@m1[{name}]": np.array([value]) for name, value in values.items()})


@pytest.mark.parametrize(
    ("changed", "region"),
    [
        ({}, "saturation"),  # weak inversion is a way of working, not off
        ({"vds": 0.05}, "triode"),
        ({"vds": -0.5}, "saturation"),
        ({"id": 1e-9}, "cutoff"),
        ({"id": 1e-9, "vgs": 0.5}, "saturation"),
        ({"vds": 0.1}, "saturation"),
    ],
)
def test_the_region_follows_its_criterion(changed, region):
    assert operating_point(_waveforms(**changed), {"M1": "m1"})["M1"].region == region


def test_the_table_has_a_row_each_and_the_dictionary_plain_numbers():
    point = operating_point(_waveforms(), {"M1": "m1"})
    head, row = str(point).splitlines()
    assert head.split() == ["region", "id", "gm", "gds", "gm/id", "vgs", "vth", "vov", "vds", "vdsat"]
    assert row.split()[:4] == ["M1", "saturation", "1", "uA"]
    data = json.loads(json.dumps(point.to_dict()))["M1"]
    assert data["gm_over_id"] == pytest.approx(25)
    assert data["vov"] == pytest.approx(-0.1)
    with pytest.raises(KeyError):
        point["M9"]


def test_a_quantity_that_was_not_saved_is_named():
    with pytest.raises(InputError, match=r"must save `@m2\[id\]`"):
        operating_point(_waveforms(), {"M2": "m2"})
