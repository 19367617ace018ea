import numpy as np
import pytest

from eda.errors import InputError
from eda.netlist import parse_netlist
from eda.problem import SizingProblem, load_task
from eda.sizing import Bayesian, size
from eda.sizing.gm_id import Characteristic, characterise, gm_id_starts
from eda.testbench import OpAmpTestbench


def test_a_density_is_found_by_its_efficiency():
    densities = np.array([0.01, 0.1, 1.0, 10.0])
    one = Characteristic(densities, np.array([25.0, 20.0, 10.0, 4.0]))
    assert one.density(20.0) == pytest.approx(0.1)
    assert one.density(15.0) == pytest.approx(np.sqrt(0.1))  # half way, in decades
    assert one.density(40.0) == pytest.approx(0.01)
    assert one.density(1.0) == pytest.approx(10.0)


@pytest.mark.ngspice
@pytest.mark.parametrize("model", ["nmos", "pmos"])
def test_the_square_law_is_found_again(ota_problem, model):
    problem = ota_problem()
    one = characterise(problem, model, 1e-6)
    # in strong inversion gm/ID = 2/Vov and ID/W is as the square of Vov
    strong = one.density(5.0) / one.density(10.0)
    assert strong == pytest.approx(4.0, rel=0.1)


@pytest.mark.ngspice
def test_transistors_have_the_efficiencies_that_were_asked_for(ota_problem):
    problem = ota_problem()
    designs = gm_id_starts(problem, inputs=[16.0, 10.0], others=[9.0], currents=[1.0])
    assert len(designs) == 2
    for design, asked in zip(designs, (16.0, 10.0), strict=True):
        point = problem.operating_point(design)
        assert point["m1"].gm_over_id == pytest.approx(asked, rel=0.1)
        assert point["m3"].gm_over_id == pytest.approx(9.0, rel=0.1)


@pytest.mark.ngspice
def test_others_keep_the_efficiency_of_the_netlist(ota_problem):
    problem = ota_problem()
    (design,) = gm_id_starts(problem, inputs=[12.0], others=[None], currents=[2.0])
    usual = problem.operating_point({name: problem.circuit.defaults()[name] for name in problem.space.names})
    assert problem.operating_point(design)["m3"].gm_over_id == pytest.approx(usual["m3"].gm_over_id, rel=0.1)
    assert design["ib"] == pytest.approx(2 * problem.circuit.defaults()["ib"])


@pytest.mark.ngspice
def test_starts_are_designs_of_the_space_that_a_search_begins_with(ota_problem, tmp_path):
    problem = ota_problem()
    starts = gm_id_starts(problem)
    for design in starts:
        assert problem.space.decode(problem.space.encode(design)) == design
    result = size(problem, Bayesian(), budget=len(starts), start=starts, run_dir=tmp_path, progress=False)
    assert [dict(one.design) for one in result.evaluations] == starts


@pytest.mark.ngspice
@pytest.mark.sky130
def test_it_is_the_technology_that_is_characterised(pool):
    problem = load_task("netlists/opamp/two_stage_miller/two_stage_miller.toml", simulator=pool).problem
    (design,) = gm_id_starts(problem, inputs=[18.0], others=[14.0], currents=[1.0])
    point = problem.operating_point(design)
    assert point["m1"].gm_over_id == pytest.approx(18.0, rel=0.05)
    assert point["m7"].gm_over_id == pytest.approx(14.0, rel=0.05)


@pytest.mark.ngspice
def test_a_circuit_without_widths_to_choose_is_refused(pool):
    devices = "r1 inp out {r}\nr2 inn vss {r}\nr3 vdd vss 1k"
    text = f"* r\n.subckt r inp inn out vdd vss r=1k\n*@ r = 100..10k\n{devices}\n.ends\n"
    problem = SizingProblem(
        parse_netlist(text, name="r.sp"),
        technology="generic",
        testbench=OpAmpTestbench(vdd="3 V"),
        specs=["dc_gain >= 1 dB"],
        simulator=pool,
    )
    with pytest.raises(InputError, match="no variable that is the width"):
        gm_id_starts(problem)
