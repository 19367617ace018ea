from pathlib import Path

import numpy as np
import pytest

from eda.problem import load_task
from eda.surrogate import Surrogate

NETLISTS = Path(__file__).parents[2] / "netlists"
SHIPPED = sorted(NETLISTS.glob("**/*.surrogate.safetensors"))


def test_six_op_amps_have_one():
    assert len(SHIPPED) == 6


@pytest.mark.ngspice
@pytest.mark.sky130
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name.split(".")[0])
def test_what_it_predicts_is_what_ngspice_measures(path, pool):
    task = path.with_name(path.name.replace(".surrogate.safetensors", ".toml"))
    problem = load_task(task, simulator=pool).problem
    surrogate = Surrogate.load(path, problem)
    assert surrogate.card["command"].startswith("python scripts/train_opamp_surrogate.py")

    anywhere = problem.space.snap(np.random.default_rng(0).random((4000, problem.space.dimension)))
    points = anywhere[surrogate.predict(anywhere).margins > 0.02][:10]
    asked = problem.with_specs([f"minimize {name}" for name in surrogate.metrics])
    found = asked.evaluate([problem.space.decode(point) for point in points])
    assert sum(all(guard.margin >= 0 for guard in one.guards) for one in found) >= 8

    told, inside = surrogate.predict(points), []
    for name in surrogate.metrics:
        values = np.array([one.metrics.get(name, np.nan) for one in found])
        held = (told.low[name] <= values) & (values <= told.high[name])
        inside += list(held[np.isfinite(values)])
    assert np.mean(inside) > 0.7


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name.split(".")[0])
def test_dead_circuits_are_not_thought_to_be_anything(path):
    surrogate = Surrogate.load(path)
    anywhere = np.random.default_rng(1).random((4000, surrogate.space.dimension))
    _, deviations = surrogate.scaled(anywhere)
    of_working = surrogate.scales["deviation"].numpy()
    assert np.all(deviations <= 1.0001 * of_working)
    assert np.any(deviations > 0.9 * of_working)  # there are dead ones among them
