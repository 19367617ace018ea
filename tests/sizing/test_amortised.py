from dataclasses import replace

import numpy as np
import pytest

from eda.errors import InputError
from eda.netlist import parse_variable
from eda.problem import DesignSpace, Evaluation, Spec
from eda.problem.spec import parse_specs
from eda.simulation import Status
from eda.sizing import Outcome, size
from eda.sizing.amortised import Amortised
from eda.sizing.experience import Experience, Target, outputs_of, values_of
from eda.sizing.practice import Practice, practise
from eda.surrogate import Ensemble, ensemble
from eda.testbench import Guard, Metric

TARGETS = {"sum": (1.0, 2.0), "bowl": (0.1, 0.4)}
SPECS = ("sum >= 1 V", "bowl <= 0.4 V")


@pytest.fixture(scope="module")
def short():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ensemble, "_STEPS", 150)
        patch.setattr(ensemble, "_WIDTH", 64)
        yield


@pytest.fixture(scope="module")
def experience(short, bowl, tmp_path_factory):
    folder = tmp_path_factory.mktemp("practice")
    return practise(bowl(specs=SPECS), TARGETS, simulations=200, run_dir=folder, progress=False)


def _answer(experience, problem, tmp_path, budget=10):
    return size(problem, Amortised(experience, problem.specs), budget=budget, run_dir=tmp_path, progress=False)


@pytest.mark.parametrize("bounds", [(1.0, 0.3), (1.5, 0.2), (1.2, 0.12), (1.8, 0.35)])
def test_new_bounds_are_met_within_a_few_simulations(experience, bowl, tmp_path, bounds):
    problem = bowl(specs=(f"sum >= {bounds[0]} V", f"bowl <= {bounds[1]} V"))
    result = _answer(experience, problem, tmp_path)
    assert result.feasible
    assert len(result.evaluations) <= 3  # and it ends there: nothing is left to improve
    assert not result.findings.get("believed infeasible")


def test_an_objective_is_left_as_it_is(experience, bowl, tmp_path):
    result = _answer(experience, bowl(specs=("sum >= 1.5 V", "bowl <= 0.3 V", "minimize bowl")), tmp_path, budget=30)
    assert result.feasible
    assert len(result.evaluations) <= 3


def test_what_cannot_be_met_is_believed_to_be_so(experience, bowl, tmp_path, monkeypatch):
    # where the sum is 2.8 the bowl is at least 3 (2.8/3 - 0.3)^2 = 1.2; only who is trained well is sure of it
    monkeypatch.setattr(ensemble, "_STEPS", 1500)
    trained = Ensemble.fit(experience.points, experience.values, experience.ensemble.outputs)
    sure = replace(experience, ensemble=trained)
    result = _answer(sure, bowl(specs=("sum >= 2.8 V", "bowl <= 0.1 V")), tmp_path)
    assert not result.feasible
    assert result.findings["believed infeasible"]
    assert len(result.evaluations) == 10


def test_practice_lies_where_the_targets_are(experience):
    total, bowl = experience.values.T[:2]
    near = (np.nan_to_num(total) > 0.9) & (np.nan_to_num(bowl, nan=9) < 0.45)
    assert near[40:].mean() > 1.4 * near[:40].mean()


def test_practice_is_resumed(short, bowl, calculator, experience, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        practise(bowl(calculator(87), SPECS), TARGETS, simulations=200, run_dir=tmp_path, progress=False)
    again = practise(bowl(specs=SPECS), TARGETS, simulations=200, run_dir=tmp_path, progress=False)
    np.testing.assert_array_equal(again.points, experience.points)
    np.testing.assert_array_equal(again.ensemble.predict(np.eye(3))[0], experience.ensemble.predict(np.eye(3))[0])


def test_an_experience_comes_back_from_its_file_and_knows_its_problem(experience, bowl, ota_problem_of, tmp_path):
    path = tmp_path / "bowl.safetensors"
    experience.save(path)
    again = Experience.load(path, bowl(specs=("sum >= 1.4 V",)))  # other bounds are what it is for
    np.testing.assert_array_equal(again.points, experience.points)
    np.testing.assert_array_equal(again.values, experience.values)
    assert again.ensemble.outputs == experience.ensemble.outputs
    with pytest.raises(
        InputError,
        match="was trained for bowl in generic, not for five_transistor_ota in generic; train it: eda train sizing",
    ):
        Experience.load(path, ota_problem_of())
    experience.ensemble.save(path)
    with pytest.raises(InputError, match="without the designs it was trained on"):
        Experience.load(path, bowl())


@pytest.fixture
def ota_problem_of(ota):
    from eda.problem import SizingProblem
    from eda.testbench import OpAmpTestbench

    return lambda: SizingProblem(ota, technology="generic", testbench=OpAmpTestbench(), specs=["dc_gain >= 30 dB"])


def test_a_spec_on_another_metric_is_explained(experience, bowl):
    narrow = Target.of(parse_specs(["sum >= 1 V"], bowl().testbench.metrics), experience.ensemble.outputs)
    assert narrow.columns.tolist() == [0, 2]
    outputs = outputs_of(parse_specs(["sum >= 1 V"], bowl().testbench.metrics), {})
    with pytest.raises(InputError, match=r"the model predicts sum, but the spec 'bowl <= 400 mV'"):
        Target.of(bowl(specs=SPECS).specs, outputs)


def test_slacks_of_a_target_are_those_of_evaluations(experience, bowl):
    problem = bowl(specs=("sum >= 1.3 V", "bowl <= 0.2 V"))
    (evaluation,) = problem.evaluate([{"x1": 0.4, "x2": 0.3, "x3": 0.5}])
    target = Target.of(problem.specs, experience.ensemble.outputs)
    values = np.array([[evaluation.metrics["sum"], evaluation.metrics["bowl"], 1.0]])
    np.testing.assert_allclose(target.slacks(values)[0], evaluation.slacks(problem.specs))


def test_what_was_told_corrects_the_next_answer(experience, bowl):
    problem = bowl(specs=("sum >= 1.9 V", "bowl <= 0.36 V"))
    search = Amortised(experience, problem.specs).start(problem.space)
    first = search.ask()
    np.testing.assert_array_equal(first, search.ask())
    search.tell(Outcome(first, np.full((1, 3), -0.5), np.zeros((1, 1))))
    assert not np.array_equal(search.ask(), first)


@pytest.mark.parametrize(
    ("targets", "simulations", "message"),
    [
        ({"gain": (1, 2)}, 200, "a target is a range of bounds of a spec"),
        ({"sum": (2, 1)}, 200, "`low <= high` must hold for the target sum"),
        ({}, 10, "`simulations >= 100` must hold"),
    ],
)
def test_practice_that_cannot_be_is_refused(bowl, targets, simulations, message):
    with pytest.raises(InputError, match=message):
        Practice(bowl(specs=SPECS).specs, targets, simulations)


def test_two_bounds_on_a_metric_are_told_apart():
    level = Metric("level", "V", "where")
    specs = (Spec(level, ">=", 0.5), Spec(level, "<=", 1.3))
    outputs = outputs_of(specs, {})
    for value, expected in ((0.2, (False, True)), (0.9, (True, True)), (1.8, (True, False))):
        levels, guards = (one.scaled(np.array([given])) for one, given in zip(outputs, (value, 1.0), strict=True))
        scaled = np.column_stack([levels, guards])
        slacks = Target.of(specs, outputs).slacks(scaled)[0]
        assert tuple(slacks[:2] >= 0) == expected


def test_practice_needs_a_grid_with_designs_to_look_for(bowl, tmp_path):
    space = DesignSpace(tuple(parse_variable(f"x{n} = 0..1 step 0.25") for n in (1, 2, 3)))
    assert space.designs == 125
    with pytest.raises(InputError, match=r"the grid needs 200, twice the simulations, but has 125"):
        Practice(bowl(specs=SPECS).specs, TARGETS, 100).start(space)


def test_a_spec_that_was_practised_and_is_not_asked_for_is_named(experience, bowl, tmp_path):
    path = tmp_path / "bowl.safetensors"
    experience.save(path)
    card = path.with_suffix(".json")
    # as of a testbench whose deck depends on what is asked for
    known = bowl(specs=("sum >= 1.4 V",)).describe()["deck_sha256"]
    card.write_text(card.read_text().replace(str(known), "another"))
    with pytest.raises(InputError, match="was trained with specs on sum as well: give a spec on each of them"):
        Experience.load(path, bowl(specs=("bowl <= 1 V",)))


METRICS = {
    "settling": Metric("settling", "s", "a test's own", logarithmic=True),
    "gain": Metric("gain", "dB", "a test's own"),
}


def test_what_is_undefined_meets_no_bound():
    specs = parse_specs(["settling <= 1 us", "gain >= 20 dB"], METRICS)
    outputs = outputs_of(specs, {})
    alive = (Guard("alive", 1.0, "it is"),)
    settles, rings = (
        Evaluation({}, Status.OK, {"gain": 40.0, **more}, guards=alive) for more in ({"settling": 5e-7}, {})
    )
    values = np.array([values_of(one, outputs) for one in (settles, rings)])
    scaled = np.column_stack([output.scaled(column) for output, column in zip(outputs, values.T, strict=True)])
    slacks = Target.of(specs, outputs).slacks(scaled).min(axis=1)
    assert slacks[0] >= 0 > slacks[1]


def test_an_output_in_decades_needs_bounds_above_zero():
    specs = parse_specs(["settling >= 0 s"], METRICS)
    with pytest.raises(InputError, match="above 0, but got 0"):
        outputs_of(specs, {})
    positive = outputs_of(parse_specs(["settling >= 1 s"], METRICS), {})
    with pytest.raises(InputError, match="the bound of 'settling >= 0 s' must be above 0"):
        Target.of(specs, positive)


def test_experiences_are_told_apart_by_what_is_in_them(experience, bowl):
    specs = bowl(specs=SPECS).specs
    other = replace(experience, points=experience.points + 1e-9)
    assert Amortised(experience, specs).describe() == Amortised(replace(experience), specs).describe()
    assert Amortised(experience, specs).describe() != Amortised(other, specs).describe()
