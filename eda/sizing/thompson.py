"""Constrained Thompson sampling in a trust region: the part of TuRBO that needs torch.

Source: D. Eriksson, M. Poloczek, "Scalable constrained Bayesian optimization", AISTATS 2021, algorithm 1; models and
samples are BoTorch's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from botorch.generation.sampling import MaxPosteriorSampling
from botorch.sampling.pathwise import draw_matheron_paths
from torch.quasirandom import SobolEngine

from eda.sizing.botorch_models import LearnedModels, fitted, length_scales, quiet, utilities

if TYPE_CHECKING:
    from botorch.models import SingleTaskGP
    from numpy.typing import NDArray

    from eda.problem import DesignSpace
    from eda.sizing.optimizer import Outcome

__all__ = ["propose", "sensitivities"]

_TOGETHER = 64  # points that a function is evaluated at: its features of so many stay in the processor's cache
_PERTURBED = 20  # coordinates that differ from the centre on average, as in the paper


def propose(
    models: LearnedModels,
    space: DesignSpace,
    known: Outcome,
    centre: NDArray[np.float64],
    length: float,
    *,
    batch: int,
    candidates: int,
    seed: int,
) -> NDArray[np.float64]:
    """Points that Thompson samples of the models like best.

    Args:
        models: of objective and slacks, or of the score.
        space: whose grid they lie on.
        known: outcomes since the last restart.
        centre: `d` coordinates of the best point.
        length: side of the trust region.
        batch: number of points.
        candidates: points in the trust region to choose from.
        seed: of every random number drawn here.

    Returns:
        `batch x d` points in the unit cube, which lie on the grid.
    """
    middle = torch.as_tensor(centre, dtype=torch.double)
    with quiet(seed), torch.no_grad():
        if not models.learned:
            # no model, no preference: points spread over the trust region
            return space.snap(_candidates(middle, length, batch, torch.ones(len(centre)), seed).numpy())
        objective, *constraints = [model.eval() for model in models.conditioned(known)]
        cloud = _untried(space, known, _candidates(middle, length, candidates, length_scales(objective), seed), batch)
        scores = _sampled(objective, cloud, batch)
        for slacks in constraints:
            scores = _constrained(scores, _sampled(slacks, cloud, batch))
        chosen = MaxPosteriorSampling(objective, replacement=False).maximize_samples(cloud, scores, batch)
        return np.asarray(chosen.numpy())


def _untried(space: DesignSpace, known: Outcome, cloud: torch.Tensor, batch: int) -> torch.Tensor:
    """Candidates on the grid, each once, and none that is known, unless hardly any other is near."""
    snapped = np.unique(space.snap(cloud.numpy()), axis=0)
    tried = {point.tobytes() for point in space.snap(known.points)}
    new = np.array([point.tobytes() not in tried for point in snapped])
    return torch.as_tensor(snapped[new] if new.sum() >= batch else space.snap(cloud.numpy()))


def _sampled(model: SingleTaskGP, cloud: torch.Tensor, count: int) -> torch.Tensor:
    """`count x n x m` values at `n x d` points, of functions drawn from a model with `m` outputs.

    Drawn as whole functions, by random features and an update with the data (J. T. Wilson et al., "Efficiently sampling
    functions from Gaussian process posteriors", ICML 2020): a joint sample would take time by the cube of `n`.
    """
    function = draw_matheron_paths(model, torch.Size([count]))
    values = torch.cat([function(points) for points in torch.split(cloud, _TOGETHER)], dim=-1)
    return values.unsqueeze(-1) if model.num_outputs == 1 else values.transpose(-1, -2)


def _constrained(scores: torch.Tensor, excess: torch.Tensor) -> torch.Tensor:
    """`count x n x 1` scores with no infeasible point, or where a sample has no other, violations in their place."""
    feasible = (excess <= 0).all(dim=-1, keepdim=True)
    violation = excess.clamp(min=0).sum(dim=-1, keepdim=True)
    return torch.where(feasible.any(dim=-2, keepdim=True), torch.where(feasible, scores, -torch.inf), -violation)


def sensitivities(known: Outcome, centre: NDArray[np.float64], length: float) -> dict[str, dict[str, list[float]]]:
    """How much each variable matters, over the whole region and at its centre.

    Args:
        known: outcomes.
        centre: `d` coordinates of the region's centre.
        length: side of the region.

    Returns:
        `region`: for the objective and each slack, `d` shares, the inverse length scales divided by their sum;
        `local`: likewise `d` changes of the predicted mean from one side of the region to the other, along its slope at
        the centre. Empty when no model can be fitted.
    """
    points = torch.as_tensor(known.points, dtype=torch.double)
    outputs = {"objective": -utilities(known.objectives)[:, 0]}
    outputs |= {f"slack {n}": torch.as_tensor(column) for n, column in enumerate(known.slacks.T)}
    region, local = {}, {}
    with quiet(seed=0):
        for name, values in outputs.items():
            if float(values.std()) == 0:
                continue
            model = fitted(points, values.to(torch.double).unsqueeze(-1))
            if model is None:
                continue
            shares = 1 / length_scales(model)
            region[name] = (shares / shares.sum()).tolist()
            middle = torch.as_tensor(centre, dtype=torch.double).unsqueeze(0).requires_grad_()
            (slope,) = torch.autograd.grad(model.posterior(middle).mean.sum(), middle)
            local[name] = (slope[0] * length).tolist()
    return {"region": region, "local": local}


def _candidates(centre: torch.Tensor, length: float, count: int, scales: torch.Tensor, seed: int) -> torch.Tensor:
    """Points of the trust region; with more than 20 coordinates they differ from its centre in some of them only."""
    dimension = len(centre)
    low = torch.clamp(centre - scales * length / 2, 0, 1)
    high = torch.clamp(centre + scales * length / 2, 0, 1)
    engine = SobolEngine(dimension, scramble=True, seed=seed)  # type: ignore[no-untyped-call]  # torch has no types here
    cloud = low + (high - low) * engine.draw(count, dtype=torch.double)
    moved = torch.rand(count, dimension, dtype=torch.double) <= min(_PERTURBED / dimension, 1.0)
    still = ~moved.any(dim=1)
    moved[still, torch.randint(0, dimension, (int(still.sum()),))] = True
    return torch.where(moved, cloud, centre)
