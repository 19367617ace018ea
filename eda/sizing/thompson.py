"""Constrained Thompson sampling in a trust region: the part of TuRBO that needs torch.

Source: D. Eriksson, M. Poloczek, "Scalable constrained Bayesian optimization", AISTATS 2021, algorithm 1; the models
and the sampling rule are BoTorch's.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import torch
from botorch.exceptions.errors import ModelFittingError
from botorch.exceptions.warnings import BotorchWarning
from botorch.fit import fit_gpytorch_mll
from botorch.generation.sampling import ConstrainedMaxPosteriorSampling, MaxPosteriorSampling
from botorch.models import SingleTaskGP
from botorch.models.transforms.outcome import Standardize
from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.utils.warnings import GPInputWarning, NumericalWarning
from linear_operator.utils.errors import NotPSDError
from torch.quasirandom import SobolEngine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eda.sizing.optimizer import Outcome

__all__ = ["propose", "sensitivities"]

_FIT_ITERATIONS = 30  # bounds the time of a proposal; compared with 75 on three runs only
_PERTURBED = 20  # coordinates that differ from the centre on average, as in the paper


def propose(
    known: Outcome,
    centre: NDArray[np.float64],
    length: float,
    *,
    batch: int,
    candidates: int,
    seed: int,
    constrained: bool = True,
) -> NDArray[np.float64]:
    """Points that Thompson samples of the models like best.

    Args:
        known: outcomes since the last restart.
        centre: `d` coordinates of the best point.
        length: side of the trust region.
        batch: number of points.
        candidates: points in the trust region to choose from.
        seed: of every random number drawn here.
        constrained: whether slacks are modelled one by one (SCBO); else the score that ranks designs is (TuRBO).

    Returns:
        `batch x d` points in the unit cube.
    """
    threads = torch.get_num_threads()
    # one thread: the models are small, the other cores simulate, and sums do not depend on the number of cores
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            torch.manual_seed(seed)
            warnings.simplefilter("ignore", BotorchWarning)
            for category in (GPInputWarning, NumericalWarning):
                warnings.simplefilter("ignore", category)
            return _propose(known, centre, length, batch, candidates, seed, constrained=constrained)
    finally:
        torch.set_num_threads(threads)


def _propose(
    known: Outcome,
    centre: NDArray[np.float64],
    length: float,
    batch: int,
    candidates: int,
    seed: int,
    *,
    constrained: bool,
) -> NDArray[np.float64]:
    points = torch.as_tensor(known.points, dtype=torch.double)
    middle = torch.as_tensor(centre, dtype=torch.double)
    try:
        objective = _fitted(points, _utility(known, constrained=constrained))
        constraints = (
            _fitted(points, -_bilog(torch.as_tensor(known.slacks, dtype=torch.double))) if constrained else None
        )
    except (ModelFittingError, NotPSDError):
        # no model, no preference: points spread over the trust region
        return np.asarray(_candidates(middle, length, batch, torch.ones(len(centre)), seed).numpy())
    cloud = _candidates(middle, length, candidates, _length_scales(objective), seed)
    sampler = (
        MaxPosteriorSampling(objective, replacement=False)
        if constraints is None
        else ConstrainedMaxPosteriorSampling(objective, constraints, replacement=False)
    )
    with torch.no_grad():
        chosen = sampler(cloud, num_samples=batch)
    return np.asarray(chosen.numpy())


def _utility(known: Outcome, *, constrained: bool) -> torch.Tensor:
    """`n x 1` what the objective's model predicts, to be maximized."""
    costs = torch.as_tensor(known.costs if constrained else known.scores(), dtype=torch.double)
    finite = torch.isfinite(costs)
    worst = costs[finite].max() if finite.any() else torch.tensor(0.0, dtype=torch.double)
    return -torch.where(finite, costs, worst).unsqueeze(-1)


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
    outputs = {"objective": _utility(known, constrained=True)[:, 0] * -1}
    outputs |= {f"slack {n}": torch.as_tensor(column) for n, column in enumerate(known.slacks.T)}
    region, local = {}, {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, values in outputs.items():
            if float(torch.as_tensor(values).std()) == 0:
                continue
            try:
                model = _fitted(points, values.to(torch.double).unsqueeze(-1))
            except (ModelFittingError, NotPSDError):
                continue
            shares = 1 / _length_scales(model)
            region[name] = (shares / shares.sum()).tolist()
            middle = torch.as_tensor(centre, dtype=torch.double).unsqueeze(0).requires_grad_()
            (slope,) = torch.autograd.grad(model.posterior(middle).mean.sum(), middle)
            local[name] = (slope[0] * length).tolist()
    return {"region": region, "local": local}


def _bilog(slacks: torch.Tensor) -> torch.Tensor:
    """SCBO's transform, which stretches the neighbourhood of 0, where feasibility is decided.

    Changed: the factor of 10, because slacks lie within [-1, 1], where the paper's transform is nearly linear.
    """
    return torch.sign(slacks) * torch.log1p(10 * torch.abs(slacks))


def _fitted(points: torch.Tensor, values: torch.Tensor) -> SingleTaskGP:
    """Independent Gaussian processes (Matern 5/2, a length scale a dimension) for `n x m` values."""
    outputs = values.shape[-1]
    batch_shape = torch.Size([outputs]) if outputs > 1 else torch.Size()
    kernel = get_covar_module_with_dim_scaled_prior(points.shape[-1], batch_shape=batch_shape, use_rbf_kernel=False)
    model = SingleTaskGP(points, values, covar_module=kernel, outcome_transform=Standardize(outputs))
    likelihood = ExactMarginalLogLikelihood(model.likelihood, model)
    fit_gpytorch_mll(likelihood, optimizer_kwargs={"options": {"maxiter": _FIT_ITERATIONS}})
    return model


def _length_scales(model: SingleTaskGP) -> torch.Tensor:
    """`d` length scales of a model, relative to their geometric mean."""
    kernel = getattr(model.covar_module, "base_kernel", model.covar_module)
    scales: torch.Tensor = kernel.lengthscale.detach().reshape(-1)
    return scales / torch.exp(torch.log(scales).mean())


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
