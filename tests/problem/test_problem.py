import pytest

from eda.errors import InputError, TechnologyError
from eda.netlist import Variable, parse_netlist
from eda.problem import DesignSpace, Spec
from eda.simulation import Status
from eda.testbench import Conditions, OpAmpTestbench

PORTS = "inp inn out vdd vss"


def _circuit(ports=PORTS, model="nmos"):
    return parse_netlist(
        f"* t\n.subckt amp {ports} w=10u\n*@ w = 1u..100u log\nm1 out inp vss vss {model} w={{w}} l=1u\n"
        "r1 vdd out 10k\nr2 inn vss 1meg\n.ends\n"
    )


def test_a_variable_that_is_no_parameter_is_refused_with_the_nearest(make_problem):
    with pytest.raises(InputError, match=r"'w11' is no parameter of .*'five_transistor_ota'. Did you mean 'w1'"):
        make_problem(space=DesignSpace((Variable("w11", 1e-6, 2e-6),)))


def test_a_missing_port_is_refused_by_name(make_problem):
    with pytest.raises(InputError, match=r"lacks 'out'.*inp inn output vdd vss.*Did you mean 'output'"):
        make_problem(circuit=_circuit("inp inn output vdd vss"))


def test_an_unknown_model_is_refused_with_the_nearest(make_problem):
    with pytest.raises(TechnologyError, match=r"nmoss.*Did you mean 'nmos'"):
        make_problem(circuit=_circuit(model="nmoss"))


def test_an_unknown_technology_is_refused_with_the_nearest(make_problem):
    with pytest.raises(TechnologyError, match=r"'genric'. Did you mean 'generic'"):
        make_problem(technology="genric")


def test_an_unknown_corner_is_refused_with_the_known_ones(make_problem):
    with pytest.raises(InputError, match=r"no corner 'xx'.*tt"):
        make_problem(conditions=Conditions("xx"))


def test_specs_may_be_objects_and_keep_their_bounds(make_problem):
    metrics = OpAmpTestbench().metrics
    spec = Spec(metrics["gbw"], ">=", 10.12345e6)
    assert make_problem([spec]).specs == (spec,)


def test_the_space_is_the_netlists_own_unless_another_is_given(make_problem, ota):
    assert make_problem().space == DesignSpace.of(ota)
    space = DesignSpace((Variable("w1", 1e-6, 2e-6),))
    assert make_problem(space=space).space == space


def test_equal_problems_have_equal_descriptions(make_problem):
    assert make_problem().describe() == make_problem().describe()
    assert make_problem().fingerprint() == make_problem().fingerprint()


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("specs", {"specs": ["dc_gain >= 31 dB", "gbw >= 5 MHz", "minimize power"]}),
        ("specs", {"specs": ["dc_gain >= 30.0001 dB", "gbw >= 5 MHz", "minimize power"]}),
        ("testbench", {"testbench": OpAmpTestbench(vdd="3 V", load="3 pF")}),
        ("testbench", {"testbench": OpAmpTestbench(vdd="3 V", load="2.0001 pF")}),
        ("testbench", {"testbench": OpAmpTestbench(vdd="3 V", vcm="1.5 V")}),
        ("conditions", {"conditions": Conditions("ss")}),
        ("conditions", {"conditions": Conditions(temperature=28)}),
        ("conditions", {"conditions": Conditions(supply=1.1)}),
        ("space", {"space": DesignSpace((Variable("w1", 1e-6, 2e-6),))}),
        ("circuit", {"circuit": _circuit()}),
    ],
)
def test_another_problem_has_another_fingerprint(make_problem, key, changes):
    plain, other = make_problem(), make_problem(**changes)
    assert plain.describe()[key] != other.describe()[key]
    assert plain.fingerprint() != other.fingerprint()


def test_supplies_a_thousandth_apart_are_different_conditions(make_problem):
    one, other = (make_problem(conditions=Conditions(supply=supply)) for supply in (1.051, 1.052))
    assert one.fingerprint() != other.fingerprint()


def test_another_size_in_the_netlist_is_another_problem(make_problem, ota):
    assert make_problem(circuit=ota.sized({"w1": 21e-6})).fingerprint() != make_problem().fingerprint()


def test_the_corner_of_the_models_shows(make_problem):
    plain, slow = (make_problem(conditions=Conditions(corner)).describe()["models_sha256"] for corner in ("tt", "ss"))
    assert plain != slow


@pytest.mark.ngspice
class TestEvaluation:
    def test_results_come_in_order_and_repeat(self, make_problem, ota, pool):
        problem = make_problem(simulator=pool)
        designs = [{**ota.defaults(), "ib": ib * 1e-6} for ib in (80, 5, 40, 10, 20, 160)]
        first = problem.evaluate(designs)
        assert [evaluation.design for evaluation in first] == designs
        powers = [evaluation.metrics["power"] for evaluation in first]
        assert sorted(range(6), key=powers.__getitem__) == [1, 3, 4, 2, 0, 5]
        assert problem.evaluate(designs) == first
        assert problem.evaluate(designs[::-1]) == first[::-1]

    def test_a_design_may_leave_sizes_at_their_defaults(self, make_problem, ota, pool):
        problem = make_problem(simulator=pool)
        partial, full = problem.evaluate([{"ib": 30e-6}, {**ota.defaults(), "ib": 30e-6}])
        assert partial.metrics == full.metrics

    def test_a_size_that_the_circuit_does_not_have_is_refused(self, make_problem, pool):
        with pytest.raises(InputError, match="ibb"):
            make_problem(simulator=pool).evaluate([{"ibb": 30e-6}])

    def test_conditions_matter(self, make_problem, ota, pool):
        problem = make_problem(simulator=pool)
        points = [(ota.defaults(), Conditions(corner)) for corner in ("tt", "ss", "tt")]
        found = dict(problem.stream(points))
        assert found[0] == found[2]
        assert found[0].metrics["gbw"] != found[1].metrics["gbw"]

    def test_no_designs_give_no_results(self, make_problem, pool):
        assert make_problem(simulator=pool).evaluate([]) == []

    @pytest.mark.parametrize("ib", [1e-15, 1e-12, 1e-10])
    def test_a_dead_design_is_never_feasible_however_loose_the_specs(self, make_problem, ota, pool, ib):
        problem = make_problem(["dc_gain >= -500 dB", "power <= 1 MW", "minimize power"], simulator=pool)
        dead, alive = problem.evaluate([{**ota.defaults(), "ib": ib}, ota.defaults()])
        assert alive.meets(problem.specs)
        assert not dead.meets(problem.specs)
        assert dead.rank(problem.specs) > alive.rank(problem.specs)
        assert any(sentence.startswith("conducting") for sentence in dead.failures(problem.specs))

    def test_an_undefined_metric_counts_only_where_a_spec_asks_for_it(self, make_problem, ota, pool):
        asked = make_problem(["maximize gain_margin"], simulator=pool)
        (evaluation,) = asked.evaluate([ota.defaults()])
        assert evaluation.status is Status.UNDEFINED_METRIC
        assert not evaluation.meets(asked.specs)
        (evaluation,) = make_problem(simulator=pool).evaluate([ota.defaults()])
        assert evaluation.status is Status.OK
        assert "gain_margin" in evaluation.undefined
