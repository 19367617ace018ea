from dataclasses import replace

import numpy as np
import pytest

from eda.errors import InputError
from eda.sizing import size
from eda.sizing.agent import Agent, Policy
from eda.sizing.agent_training import _batches, train_agent
from eda.sizing.environment import Moves

TARGETS = {"sum": (1.6, 2.0)}
SPECS = ("sum >= 1.8 V",)


@pytest.fixture(scope="module")
def trained(bowl, tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    return train_agent(bowl(specs=SPECS), TARGETS, simulations=12_000, seed=0, run_dir=folder, progress=False)


def test_ppo_learns_to_reach_targets(trained):
    _, curve = trained
    assert curve[0]["met"] < 0.9
    assert curve[-2]["met"] > curve[0]["met"] + 0.05
    assert curve[-2]["length"] < curve[0]["length"]


def test_what_was_simulated_before_is_not_simulated_again(trained):
    assert trained[1][-1]["simulations"] < trained[1][-1]["moves"]


@pytest.mark.parametrize("bound", [1.65, 1.8, 1.95])
def test_an_agent_sizes_like_any_optimizer(bowl, trained, tmp_path, bound):
    problem = bowl(specs=(f"sum >= {bound} V",))
    result = size(problem, Agent(trained[0], problem.specs), budget=31, run_dir=tmp_path, progress=False)
    assert result.feasible


def test_training_that_was_interrupted_simulates_nothing_again(bowl, calculator, tmp_path):
    def train(simulator, folder):
        return train_agent(bowl(simulator, SPECS), simulations=1300, seed=3, run_dir=tmp_path / folder, progress=False)

    whole, interrupted, rest = calculator(), calculator(200), calculator()
    one, curve = train(whole, "whole")
    with pytest.raises(KeyboardInterrupt):
        train(interrupted, "parts")
    other, same_curve = train(rest, "parts")
    assert curve == same_curve
    assert not set(interrupted.seen[:176]) & set(rest.seen)  # of the round that was cut short nothing is kept
    assert len(set(interrupted.seen) | set(rest.seen)) == len(set(whole.seen)) == curve[-1]["simulations"]
    for (weights, _), (others, _) in zip(one.layers, other.layers, strict=True):
        np.testing.assert_array_equal(weights, others)


def test_ddpg_proposes_designs(bowl, tmp_path):
    problem = bowl(specs=("sum >= 1.2 V", "minimize bowl"))
    policy, curve = train_agent(problem, algorithm="ddpg", simulations=300, seed=0, run_dir=tmp_path, progress=False)
    assert policy.moves is Moves.DESIGNS
    assert np.isfinite(curve[-1]["best cost"])
    result = size(problem, Agent(policy, problem.specs), budget=60, run_dir=tmp_path, progress=False)
    episode = policy.length + 1
    starts = [tuple(result.evaluations[n].design.values()) for n in range(0, 60, episode)]
    assert starts[0] == (0.5, 0.5, 0.5)
    assert len(set(starts)) == len(starts) > 1


def test_a_saved_policy_acts_as_before(bowl, trained, tmp_path):
    policy, _ = trained
    path = tmp_path / "agent.safetensors"
    policy.save(path)
    loaded = Policy.load(path, bowl(specs=SPECS))
    seen = np.linspace(-1, 1, 6, dtype=np.float32)
    np.testing.assert_array_equal(loaded.outputs(seen), policy.outputs(seen))
    assert (loaded.moves, loaded.targets, loaded.length) == (policy.moves, policy.targets, policy.length)


def test_the_policy_computes_what_stable_baselines_does(bowl):
    import torch
    from stable_baselines3 import PPO

    from eda.sizing import SizingEnv
    from eda.sizing.agent_training import _layers

    model = PPO("MlpPolicy", SizingEnv(bowl(specs=SPECS), targets=TARGETS), n_steps=8, batch_size=8, device="cpu")
    policy = Policy(_layers(model, "ppo"), "tanh", Moves.STEPS, TARGETS, 30, {})
    seen = np.linspace(-1, 1, 6, dtype=np.float32)
    with torch.no_grad():
        logits = np.concatenate(
            [one.logits.numpy()[0] for one in model.policy.get_distribution(torch.as_tensor(seen[None])).distribution]
        )
    # logits of a distribution are normalized: differences within each variable count
    ours = policy.outputs(seen).reshape(-1, 3)
    theirs = logits.reshape(-1, 3)
    np.testing.assert_allclose(ours - ours[:, :1], theirs - theirs[:, :1], atol=1e-5)


def test_an_agent_of_another_problem_is_refused(bowl, trained, ota_problem, tmp_path):
    path = tmp_path / "agent.safetensors"
    trained[0].save(path)
    with pytest.raises(InputError, match="was trained for bowl in generic, not for"):
        Policy.load(path, ota_problem())


def test_specs_on_other_metrics_are_refused(bowl, trained):
    with pytest.raises(InputError, match="trained for specs on sum"):
        Agent(trained[0], bowl(specs=("bowl <= 1 V",)).specs)


def test_a_file_that_is_no_agent_is_refused(bowl, trained, tmp_path):
    path = tmp_path / "agent.safetensors"
    with pytest.raises(InputError, match=r"there are no weights .*eda train agent"):
        Policy.load(path, bowl(specs=SPECS))
    trained[0].save(path)
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"must be weights as eda keeps them.*eda train agent"):
        Policy.load(path, bowl(specs=SPECS))


def test_an_unknown_algorithm_is_an_error(bowl):
    with pytest.raises(InputError, match="ppo or ddpg"):
        train_agent(bowl(specs=SPECS), algorithm="sac", progress=False)


def test_agents_with_other_weights_or_games_do_not_share_runs(trained, bowl):
    policy, _ = trained
    (weights, biases), *rest = policy.layers
    specs = bowl(specs=SPECS).specs
    others = [
        replace(policy, layers=((weights + 1e-3, biases), *rest)),
        replace(policy, targets={"sum": (1.6, 1.9)}),
        replace(policy, length=20),
    ]
    known = [Agent(one, specs).describe() for one in (policy, *others)]
    assert all(one != other for place, one in enumerate(known) for other in known[:place])


@pytest.mark.parametrize("together", [1, 16])
def test_rounds_of_any_number_of_moves_are_divided_into_batches(together):
    for least in range(100 // together + 1, 1300 // together):
        steps, size = next(_batches(least, together))
        assert steps * together % size == 0
        assert 10 <= steps * together / size <= 20
        assert least <= steps < least + 8
    assert next(_batches(75, 16)) == (75, 120)  # AutoCkt's rounds


def test_an_agent_of_another_format_is_refused(trained, bowl, tmp_path):
    trained[0].save(tmp_path / "a.safetensors")
    card = tmp_path / "a.json"
    card.write_text(card.read_text().replace('"format": 1', '"format": 2'))
    with pytest.raises(InputError, match="its format is 2, and 1 is read here"):
        Policy.load(tmp_path / "a.safetensors", bowl(specs=SPECS))
