"""Where the expected growth of the dominated hypervolume is greatest: the part of qLogNEHVI that needs torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
from botorch.acquisition.multi_objective.objective import IdentityMCMultiOutputObjective
from botorch.optim.optimize import optimize_acqf
from botorch.sampling.normal import SobolQMCNormalSampler
from botorch.utils.multi_objective.hypervolume import infer_reference_point
from botorch.utils.multi_objective.pareto import is_non_dominated

from eda.sizing.botorch_models import LearnedModels, quiet, utilities

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from eda.sizing.optimizer import Outcome

__all__ = ["propose"]

_RESTARTS, _RAW, _ITERATIONS, _SAMPLES = 2, 64, 15, 32  # bound the time of a proposal


def propose(models: LearnedModels, known: Outcome, batch: int, seed: int) -> NDArray[np.float64]:
    """The next round.

    Args:
        models: of objectives and slacks.
        known: outcomes so far.
        batch: number of points, each chosen with those before it pending.
        seed: of every random number drawn here.

    Returns:
        `batch x d` points in the unit cube.
    """
    points = torch.as_tensor(known.points, dtype=torch.double)
    dimension = points.shape[1]
    if not models.learned:
        # no model, no preference
        return np.random.default_rng(seed).random((batch, dimension))
    values = utilities(known.objectives)
    seen = torch.as_tensor(known.violations == known.violations.min())
    front = values[seen][is_non_dominated(values[seen])]
    with quiet(seed):
        (model,) = models.conditioned(known)
        criterion = qLogNoisyExpectedHypervolumeImprovement(
            model=model,
            ref_point=infer_reference_point(front),
            X_baseline=points[seen][is_non_dominated(values[seen])],  # without noise no others can be in the front
            sampler=SobolQMCNormalSampler(torch.Size([_SAMPLES]), seed=seed),
            objective=IdentityMCMultiOutputObjective(outcomes=list(range(values.shape[1]))),
            constraints=[_output(values.shape[1] + place) for place in range(known.slacks.shape[1])],
            prune_baseline=False,
            cache_root=False,  # through it a proposal takes ten times as long
        )
        found, _ = optimize_acqf(
            criterion,
            bounds=torch.stack((torch.zeros(dimension), torch.ones(dimension))).to(torch.double),
            q=batch,
            num_restarts=_RESTARTS,
            raw_samples=_RAW,
            sequential=True,
            options={"maxiter": _ITERATIONS},
        )
    return np.asarray(found.detach().numpy())


def _output(place: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """One of the outputs of posterior samples; constraints are met where it is at most 0."""
    return lambda samples: samples[..., place]
