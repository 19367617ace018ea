from dataclasses import replace

import numpy as np
import pytest

from eda.errors import InputError
from eda.netlist import read_netlist
from eda.problem import Evaluation, Spec
from eda.simulation import Status
from eda.sizing import Bayesian, DifferentialEvolution, RandomSearch, Sobol, TuRBO, load_run, size
from eda.sizing.examination import Examination, Screening, at_worst
from eda.testbench import Conditions, Guard, Metric
from eda.testbench.guards import closed_loop

GAIN, POWER = Metric("gain", "dB", "how much"), Metric("power", "W", "what it takes", logarithmic=True)
SPECS = (Spec(GAIN, ">=", 60.0), Spec(POWER, "minimize", None))
PLACES = [Conditions("tt"), Conditions("ss"), Conditions("ff"), Conditions("sf")]
TEMPERATURES = (-13, 7, 47, 67)  # the sum is 0.4, 0.2, -0.2, -0.4 more than at 27


def _evaluation(gain, power=1e-6, margin=0.5):
    metrics = {"gain": gain, "power": power} if gain is not None else {"power": power}
    undefined = {} if gain is not None else {"gain": "no output"}
    status = Status.OK if gain is not None else Status.UNDEFINED_METRIC
    return Evaluation({"w": 1e-6}, status, metrics, undefined, (Guard("alive", margin, "it is"),))


def _examination(screening=Screening.LEARNED, specs=SPECS):
    return Examination(specs, PLACES, screening)


def _point(value):
    return np.full((1, 2), value)


def _study(examination, gains, point=0.5, power=1e-6):
    """Examine one design, whose gain is given by place, until nothing is wanted; the places in their order."""
    (design,) = designs = examination.begin(_point(point))
    order = []
    while wanted := examination.wanted(designs):
        assert {number for number, _ in wanted} == {design}
        for _, place in wanted:
            examination.add(design, place, _evaluation(gains[place], power))
            order.append(place)
    return design, order


def test_a_design_that_fails_at_nominal_costs_one_simulation():
    assert _study(_examination(), [50, 70, 70, 70])[1] == [0]


def test_the_first_design_that_meets_everything_at_nominal_is_simulated_everywhere():
    assert _study(_examination(), [70, 50, 50, 50])[1] == [0, 1, 2, 3]


def test_later_ones_are_simulated_where_they_are_most_likely_to_fail_until_one_says_no():
    examination = _examination()
    _study(examination, [70, 68, 66, 55])
    assert _study(examination, [71, 69, 67, 56])[1] == [0, 3]


def test_groups_grow_while_a_design_holds():
    examination = _examination()
    _study(examination, [70, 68, 66, 55])
    design, order = _study(examination, [80, 78, 76, 65])
    assert order == [0, 3, 2, 1]
    assert examination.holds(design)


def test_a_design_that_would_be_no_better_is_left_where_that_is_known():
    examination = _examination()
    _study(examination, [70, 70, 70, 70], power=1e-6)
    assert _study(examination, [80, 80, 80, 80], power=2e-6)[1] == [0]
    assert _study(examination, [80, 80, 80, 80], power=0.5e-6)[1] == [0, 1, 2, 3]


def test_without_screening_every_design_is_simulated_everywhere():
    assert _study(_examination(Screening.NONE), [50, 50, 50, 50])[1] == [0, 1, 2, 3]


def test_in_order_a_design_is_simulated_until_it_fails():
    examination = _examination(Screening.ORDERED)
    assert _study(examination, [70, 65, 50, 40])[1] == [0, 1, 2]


def test_what_was_not_simulated_is_told_as_designs_near_by_changed():
    examination = _examination()
    _study(examination, [70, 68, 66, 55], point=0.5)
    near, _ = _study(examination, [59, 0, 0, 0], point=0.5)  # it fails at nominal
    slacks = examination.outcome([near]).slacks
    assert slacks[0, 0] == pytest.approx((59 - 15 - 60) / 60)
    assert slacks[0, 1] == 0.5


def test_designs_near_by_count_more_than_others():
    examination = _examination()
    _study(examination, [70, 70, 70, 69], point=0.9)
    _study(examination, [70, 70, 70, 40], point=0.1, power=0.5e-6)
    like_the_first, _ = _study(examination, [59, 0, 0, 0], point=0.88)
    like_the_second, _ = _study(examination, [59, 0, 0, 0], point=0.12)
    one, other = examination.outcome([like_the_first, like_the_second]).slacks[:, 0]
    assert one > -0.1
    assert other < -0.4


def test_at_its_worst_a_design_has_the_least_of_every_spec_and_guard():
    found = {0: _evaluation(70, 1e-6, 0.5), 1: _evaluation(65, 2e-6, 0.1), 2: _evaluation(68, 3e-6, 0.2)}
    worst = at_worst(found, PLACES[:3], SPECS)
    assert dict(worst.metrics) == {"gain": 65, "power": 3e-6}
    assert worst.guards[0].margin == 0.1
    assert "(at ss 27 °C)" in worst.guards[0].detail
    assert worst.meets(SPECS)


def test_a_design_that_was_not_simulated_everywhere_is_not_feasible_and_says_so():
    worst = at_worst({0: _evaluation(70)}, PLACES, SPECS)
    assert not worst.meets(SPECS)
    assert worst.failures(SPECS) == ["all conditions: simulated under 1 of 4 conditions"]


def test_a_metric_that_is_undefined_somewhere_is_undefined():
    worst = at_worst({0: _evaluation(70), 1: _evaluation(None)}, PLACES[:2], SPECS)
    assert worst.undefined["gain"] == "no output (at ss 27 °C)"
    assert worst.status is Status.UNDEFINED_METRIC


def test_of_several_bounds_on_a_metric_the_nearest_counts():
    specs = (Spec(GAIN, ">=", 60.0), Spec(GAIN, "<=", 70.0))
    for gains, expected in (((62, 69), 69), ((61, 66), 61)):
        found = {place: _evaluation(gain) for place, gain in enumerate(gains)}
        assert at_worst(found, PLACES[:2], specs).metrics["gain"] == expected


@pytest.mark.parametrize("powers", [(3e-6, 8e-7), (8e-7, 3e-6), (3e-6, 2e-6)])
def test_an_objective_that_leaves_its_bound_somewhere_is_shown_there(powers):
    specs = (Spec(POWER, ">=", 1e-6), Spec(POWER, "minimize", None))
    found = {place: _evaluation(70, power) for place, power in enumerate(powers)}
    worst = at_worst(found, PLACES[:2], specs)
    assert worst.metrics["power"] == (8e-7 if 8e-7 in powers else 3e-6)
    assert worst.meets(specs) == all(one.meets(specs) for one in found.values())


def test_a_failed_simulation_is_the_worst():
    failed = Evaluation({"w": 1e-6}, Status.NO_CONVERGENCE, log="it did not")
    assert at_worst({0: _evaluation(70), 2: failed}, PLACES, SPECS) is failed


def test_an_unknown_screening_is_an_error(bowl, tmp_path):
    with pytest.raises(InputError, match="Did you mean 'ordered'"):
        _size(bowl(), tmp_path, screening="ordred")


def _size(problem, folder, optimizer=None, budget=120, **options):
    asked = {"temperatures": TEMPERATURES, **options}
    return size(problem, optimizer or Bayesian(), budget=budget, run_dir=folder, progress=False, **asked)


@pytest.mark.parametrize("screening", ["learned", "ordered", "none"])
def test_what_is_called_feasible_was_simulated_everywhere_and_holds(bowl, tmp_path, screening):
    result = _size(bowl(), tmp_path, Bayesian(members=1), screening=screening, budget=100)
    assert result.feasible
    assert result.best.metrics["sum"] >= 1.2
    # the sum is least at 67 degrees: 0.4 less than at 27
    assert sum(result.best.design.values()) == pytest.approx(result.best.metrics["sum"] + 0.4)
    places = [
        place for place, one in zip(result.places, result.evaluations, strict=True) if one.design == result.best.design
    ]
    assert sorted(set(places)) == [0, 1, 2, 3, 4]
    assert str(result.conditions[4]) == "tt 67 °C"


def test_screening_needs_far_fewer_simulations(bowl, tmp_path):
    specs = ("sum >= 2 V",)
    needed = {
        screening: _size(bowl(specs=specs), tmp_path, Sobol(), 1000, screening=screening).first_feasible
        for screening in ("learned", "none")
    }
    assert needed["learned"] < needed["none"] / 2


@pytest.mark.parametrize("optimizer", [Bayesian(seed=1, members=1), DifferentialEvolution(seed=1, population=8)])
@pytest.mark.parametrize("screening", ["learned", "none"])
def test_a_run_under_several_conditions_resumes_bit_for_bit(bowl, calculator, tmp_path, optimizer, screening):
    whole = _size(bowl(), tmp_path / "whole", optimizer, 70, screening=screening)
    for cut in (3, 17, 43):
        with pytest.raises(KeyboardInterrupt):
            _size(bowl(calculator(cut)), tmp_path / str(cut), optimizer, 70, screening=screening)
        rest = calculator()
        resumed = _size(bowl(rest), tmp_path / str(cut), optimizer, 70, screening=screening)
        assert (resumed.evaluations, resumed.places) == (whole.evaluations, whole.places)
        assert len(rest.seen) == 70 - cut


def test_a_run_is_read_again_with_its_conditions(bowl, tmp_path):
    result = _size(bowl(), tmp_path, Sobol(), monte_carlo=2, variation="mismatch", temperatures=())
    loaded = load_run(result.folder, bowl())
    assert loaded.conditions == result.conditions
    assert loaded.trace == result.trace
    assert [str(one) for one in loaded.conditions] == ["tt 27 °C", "tt 27 °C mismatch 0:0", "tt 27 °C mismatch 0:1"]


def test_the_problems_own_conditions_count_once(bowl, tmp_path):
    result = _size(bowl(), tmp_path, Sobol(), temperatures=(27, 67))
    assert [one.temperature for one in result.conditions] == [27, 67]


def test_an_unknown_corner_is_an_error_before_anything_is_simulated(bowl, tmp_path):
    with pytest.raises(InputError, match="corner"):
        _size(bowl(), tmp_path, corners=("fast",))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("optimizer", [Sobol(), TuRBO(initial=8, candidates=50), RandomSearch(batch=4)])
def test_no_design_is_simulated_twice_when_more_is_known_of_others(bowl, tmp_path, optimizer):
    result = _size(bowl(specs=("sum >= 1.6 V", "minimize bowl")), tmp_path, optimizer, budget=80)
    done = [(tuple(one.design.values()), place) for one, place in zip(result.evaluations, result.places, strict=True)]
    assert len(set(done)) == len(done)


def test_a_smaller_budget_leaves_what_a_larger_one_found(bowl, tmp_path):
    optimizer = Bayesian(members=1, initial=6)
    whole = _size(bowl(), tmp_path, optimizer, budget=40)
    kept = (whole.folder / "best.sp").read_text()
    part = _size(bowl(), tmp_path, optimizer, budget=7)
    assert (whole.folder / "best.sp").read_text() == kept
    assert whole.netlist == whole.folder / "best.sp"
    assert part.netlist == whole.folder / "best_of_7.sp"
    assert read_netlist(part.netlist).defaults() == part.best.design != whole.best.design


def test_a_guard_that_holds_everywhere_tells_of_the_worst_place():
    found = {
        place: replace(_evaluation(69), guards=(closed_loop(degrees),)) for place, degrees in enumerate((66.0, 61.0))
    }
    (guard, _) = at_worst(found, PLACES[:2], (Spec(GAIN, ">=", 60.0),)).guards
    assert guard.detail == f"the phase margin is 61 degrees (at {PLACES[1]})"


def test_an_objective_is_the_worst_of_it_also_where_it_has_a_bound_on_the_other_side():
    specs = (Spec(GAIN, "<=", 70.0), Spec(GAIN, "maximize", None))
    assert at_worst({0: _evaluation(69), 1: _evaluation(50)}, PLACES[:2], specs).metrics["gain"] == 50
