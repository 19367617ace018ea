"""Constrained Thompson sampling in a trust region: the part of TuRBO that needs torch.

Source: D. Eriksson, M. Poloczek, "Scalable constrained Bayesian optimization", AISTATS 2021, algorithm 1; the models
and the sampling rule are BoTorch's.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
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
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from eda.sizing.optimizer import Outcome

__all__ = ["ThompsonSampler", "sensitivities"]

_FIRST, _NEXT = 30, 15  # iterations of a fit from nothing, and of one that begins where the last one ended
_REFIT = 1.1  # hyperparameters are learned anew when there is a tenth more data
_PERTURBED = 20  # coordinates that differ from the centre on average, as in the paper


class ThompsonSampler:
    """Models of the outcomes in one trust region, and points that samples of them like best.

    Args:
        constrained: whether slacks are modelled one by one (SCBO); else the score that ranks designs is (TuRBO).
        candidates: points in the trust region to choose from.
    """

    def __init__(self, *, constrained: bool, candidates: int) -> None:
        self.constrained, self.candidates = constrained, candidates
        self.learned: list[dict[str, torch.Tensor]] = []
        self.fitted = 0

    def learn(self, known: Outcome) -> None:
        """Learn hyperparameters anew when there is enough news.

        Args:
            known: outcomes since the last restart.
        """
        count = len(known.points)
        if count < self.fitted * _REFIT:
            return
        self.fitted = count
        with _quiet(seed=count):
            try:
                models = self._models(known)
                for model in models:
                    _fit(model, iterations=_NEXT if self.learned else _FIRST)
            except (ModelFittingError, NotPSDError):
                self.learned = []
            else:
                self.learned = [_hyperparameters(model) for model in models]

    def propose(
        self, known: Outcome, centre: NDArray[np.float64], length: float, batch: int, seed: int
    ) -> NDArray[np.float64]:
        """Points that Thompson samples of the models like best.

        Args:
            known: outcomes since the last restart.
            centre: `d` coordinates of the best point.
            length: side of the trust region.
            batch: number of points.
            seed: of every random number drawn here.

        Returns:
            `batch x d` points in the unit cube.
        """
        middle = torch.as_tensor(centre, dtype=torch.double)
        with _quiet(seed), torch.no_grad():
            if not self.learned:
                # no model, no preference: points spread over the trust region
                return np.asarray(_candidates(middle, length, batch, torch.ones(len(centre)), seed).numpy())
            objective, *constraints = [model.eval() for model in self._models(known)]
            cloud = _candidates(middle, length, self.candidates, _length_scales(objective), seed)
            sampler = MaxPosteriorSampling(objective, replacement=False)
            for slacks in constraints:
                sampler = ConstrainedMaxPosteriorSampling(objective, slacks, replacement=False)
            return np.asarray(sampler(cloud, num_samples=batch).numpy())

    def _models(self, known: Outcome) -> list[SingleTaskGP]:
        """Of the objective and, when constrained, of the slacks, with the hyperparameters learned so far."""
        points = torch.as_tensor(known.points, dtype=torch.double)
        values = [_utility(known, constrained=self.constrained)]
        if self.constrained:
            values.append(-_bilog(torch.as_tensor(known.slacks, dtype=torch.double)))
        models = [_model(points, one) for one in values]
        for model, learned in zip(models, self.learned, strict=False):
            model.load_state_dict(learned, strict=False)
        return models


@contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """With one thread (models are small, other cores simulate), seeded, and without warnings on approximations."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            torch.manual_seed(seed)
            for category in (BotorchWarning, GPInputWarning, NumericalWarning):
                warnings.simplefilter("ignore", category)
            yield
    finally:
        torch.set_num_threads(threads)


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
    with _quiet(seed=0):
        for name, values in outputs.items():
            if float(values.std()) == 0:
                continue
            model = _model(points, values.to(torch.double).unsqueeze(-1))
            try:
                _fit(model, iterations=_FIRST)
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


def _model(points: torch.Tensor, values: torch.Tensor) -> SingleTaskGP:
    """Independent Gaussian processes (Matern 5/2, a length scale a dimension) for `n x m` values."""
    outputs = values.shape[-1]
    batch_shape = torch.Size([outputs]) if outputs > 1 else torch.Size()
    kernel = get_covar_module_with_dim_scaled_prior(points.shape[-1], batch_shape=batch_shape, use_rbf_kernel=False)
    return SingleTaskGP(points, values, covar_module=kernel, outcome_transform=Standardize(outputs))


def _fit(model: SingleTaskGP, *, iterations: int) -> None:
    likelihood = ExactMarginalLogLikelihood(model.likelihood, model)
    fit_gpytorch_mll(likelihood, optimizer_kwargs={"options": {"maxiter": iterations}})


def _hyperparameters(model: SingleTaskGP) -> dict[str, torch.Tensor]:
    """What was learned of the kernel, the mean and the noise; not how outcomes are standardized, which data tell."""
    return {name: values.detach().clone() for name, values in model.named_parameters()}


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
