import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import eda
from eda.errors import InputError
from eda.problem import DesignSpace, Spec
from eda.sizing.environment import Game, Moves, SizingEnv, draw_specs
from eda.testbench import Metric

TARGETS = {"sum": (1.0, 2.0)}


@pytest.fixture
def make(bowl):
    def env(specs=("sum >= 1.2 V",), **options):
        return SizingEnv(bowl(specs=specs), **options)

    return env


@pytest.mark.parametrize("moves", ["steps", "designs"])
@pytest.mark.parametrize("specs", [("sum >= 1.2 V",), ("sum >= 1.2 V", "minimize bowl")])
@pytest.mark.filterwarnings("ignore:.*WARN.*")
def test_gymnasium_finds_nothing_wrong(make, moves, specs):
    check_env(make(specs, moves=moves, targets=TARGETS), skip_render_check=True)


def test_it_is_part_of_the_package():
    assert eda.SizingEnv is SizingEnv


def test_an_episode_begins_in_the_middle(make):
    seen, info = make().reset(seed=0)
    assert dict(info["evaluation"].design) == pytest.approx({"x1": 0.5, "x2": 0.5, "x3": 0.5})
    # slack of sum >= 1.2 at 1.5, slack of the guards, and the middle of three axes
    np.testing.assert_allclose(seen, [0.25, 1, 0, 0, 0], atol=1e-6)


def test_steps_go_down_stay_and_go_up(make):
    env = make(("sum >= 2 V",))
    env.reset(seed=0)
    _, _, _, _, info = env.step(np.array([0, 1, 2]))
    assert dict(info["evaluation"].design) == pytest.approx({"x1": 0.48, "x2": 0.5, "x3": 0.52})


def test_an_action_may_be_a_whole_design(make):
    env = make(moves="designs")
    env.reset(seed=0)
    _, _, _, _, info = env.step(np.array([-1, 0, 0.6]))
    assert dict(info["evaluation"].design) == pytest.approx({"x1": 0, "x2": 0.5, "x3": 0.8})


@pytest.mark.parametrize("action", [[99], [0, 1, 3], [0, 1, -1]])
def test_what_is_no_action_is_refused(make, action):
    env = make(("sum >= 2 V",))
    env.reset(seed=0)
    with pytest.raises(InputError, match="an action is one of MultiDiscrete"):
        env.step(np.array(action))


def test_reward_is_what_is_missing_and_then_ten(make):
    env = make(("sum >= 1.54 V",))
    env.reset(seed=0)
    _, reward, over, _, _ = env.step(np.array([2, 1, 1]))  # 1.52
    assert (reward, over) == (pytest.approx(-0.02 / 1.54), False)
    _, reward, over, _, info = env.step(np.array([2, 1, 1]))
    assert (reward, over, info["is_success"]) == (10.0, True, True)


def test_with_an_objective_the_episode_goes_on_for_a_better_one(make):
    env = make(("sum >= 1.2 V", "minimize bowl"))
    env.reset(seed=0)
    _, reward, over, _, _ = env.step(np.array([1, 1, 1]))
    assert (reward, over) == (10, False)  # as good as at the start
    _, reward, _, _, _ = env.step(np.array([0, 1, 1]))
    assert reward == pytest.approx(10 + np.tanh((0.2**2 - 0.18**2) / (3 * 0.2**2)))


@pytest.mark.parametrize("objective", ["minimize bowl", "maximize bowl", "maximize sum"])
def test_rewards_are_in_the_order_of_designs(make, objective):
    env = make(("sum >= 1.4 V", objective), moves="designs", length=100)
    env.reset(seed=0)
    generator = np.random.default_rng(1)
    moves = [env.step(generator.uniform(-1, 1, 3).astype(np.float32)) for _ in range(60)]
    ranks = [info["evaluation"].rank(env.specs) for *_, info in moves]
    assert len({rank[0] for rank in ranks}) == 2  # feasible and not
    by_reward = sorted(range(60), key=lambda place: -moves[place][1])
    assert [ranks[place] for place in by_reward] == sorted(ranks)


def test_an_episode_is_cut_after_its_length(make):
    env = make(("sum >= 2.9 V",), length=3)
    env.reset(seed=0)
    assert [env.step(np.array([1, 1, 1]))[3] for _ in range(3)] == [False, False, True]


def test_two_bounds_on_one_metric_leave_room_between_them():
    level = Metric("level", "V", "where")
    specs = (Spec(level, ">=", 0.5), Spec(level, "<=", 1.3))
    generator = np.random.default_rng(0)
    for _ in range(20):
        low, high = draw_specs(specs, {"level": (0.2, 1.5)}, generator)
        assert (low.sense, high.sense) == (">=", "<=")
        assert 0.2 <= low.bound <= high.bound <= 1.5


def test_bounds_are_drawn_from_targets_and_by_the_seed(make):
    env = make(targets=TARGETS)
    drawn = set()
    for seed in (0, 0, 1, 2):
        env.reset(seed=seed)
        drawn.add(env.specs[0].bound)
    assert len(drawn) == 3
    assert all(1 <= bound <= 2 for bound in drawn)


def test_given_specs_are_played(make):
    env = make(targets=TARGETS)
    seen, _ = env.reset(options={"specs": ["sum >= 1.75 V"]})
    assert env.specs[0].bound == 1.75
    assert seen[2] == pytest.approx(0.5)  # three quarters of the range from 1 to 2


def test_several_are_run_by_gymnasium(make):
    vector = gymnasium.vector.SyncVectorEnv([make, make])
    seen, _ = vector.reset(seed=0)
    assert seen.shape == (2, 5)


def test_a_step_leads_at_least_to_the_next_value_of_the_grid():
    text = "* a\n.subckt a x\n*@ m = 1..99 log step 1\n*@ c = 0..1 step 0.5\n.param m=1 c=0\n.ends\n"
    circuit = eda.parse_netlist(text.replace(".param m=1 c=0\n", "").replace("a x\n", "a x m=1 c=0\n"), name="a.sp")
    game = Game(DesignSpace.of(circuit), Moves.STEPS)
    space, point = game.space, game.start()
    assert space.decode(point) == {"m": 10, "c": 0.5}
    assert space.decode(game.moved(point, np.array([2, 2]))) == {"m": 11, "c": 1}
    low = space.encode({"m": 1, "c": 0})
    assert space.decode(game.moved(low, np.array([2, 0]))) == {"m": 2, "c": 0}
    assert space.decode(game.moved(low, np.array([0, 1]))) == {"m": 1, "c": 0}


def test_bounds_of_logarithmic_metrics_are_uniform_in_decades():
    spec = Spec(Metric("gbw", "Hz", "how fast", logarithmic=True), ">=", 1e6)
    generator = np.random.default_rng(0)
    bounds = [draw_specs([spec], {"gbw": (1e6, 1e8)}, generator)[0].bound for _ in range(400)]
    assert np.median(np.log10(bounds)) == pytest.approx(7, abs=0.15)
    assert min(bounds) >= 1e6
    assert max(bounds) <= 1e8


def test_a_target_of_no_spec_is_an_error(make):
    with pytest.raises(InputError, match="Did you mean 'sum'"):
        make(targets={"summ": (1, 2)})


def test_targets_may_have_units(make):
    assert make(targets={"sum": ("500 mV", "2 V")}).game.targets == {"sum": (0.5, 2.0)}
    with pytest.raises(InputError, match="a target is a list of two quantities"):
        make(targets={"sum": "2 V"})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spec": ["sum >= 1 V"]}, "there is no option 'spec'"),
        ({"specs": ["sum >= 1 V", "bowl <= 1"]}, "with other bounds, in the same order"),
        ({"specs": ["sum <= 1 V"]}, "with other bounds, in the same order"),
    ],
)
def test_an_episode_has_the_specs_of_the_problem(make, options, message):
    env = make()
    with pytest.raises(InputError, match=message):
        env.reset(options=options)
    seen, _ = env.reset(options={"specs": ["sum >= 1 V"]})
    assert env.observation_space.contains(seen)


def test_moves_need_an_episode_and_a_length(make):
    with pytest.raises(InputError, match="begins with reset"):
        make().step(np.array([1, 1, 1]))
    with pytest.raises(InputError, match="`length >= 1` must hold"):
        make(length=0)


def test_an_unknown_way_to_move_is_an_error(make):
    with pytest.raises(InputError, match="Did you mean 'steps'"):
        make(moves="step")
