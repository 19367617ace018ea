"""Gaussian processes of BoTorch for the outcomes of a search."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
from botorch.exceptions.errors import ModelFittingError
from botorch.exceptions.warnings import BotorchWarning
from botorch.fit import fit_gpytorch_mll
from botorch.models import SingleTaskGP
from botorch.models.transforms.outcome import Standardize
from botorch.models.utils.gpytorch_modules import get_covar_module_with_dim_scaled_prior
from gpytorch.mlls import ExactMarginalLogLikelihood
from gpytorch.utils.warnings import GPInputWarning, NumericalWarning
from linear_operator.utils.errors import NotPSDError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from eda.sizing.optimizer import Outcome

__all__ = ["LearnedModels", "fitted", "length_scales", "quiet", "utilities"]

_FIRST, _NEXT = 30, 15  # iterations of a fit from nothing, and of one that begins where the last one ended
_REFIT = 1.1  # hyperparameters are learned anew when there is a tenth more data
_LEARNED = 200  # designs that they are learned from, the latest; predictions are made from all


class LearnedModels:
    """Models of objectives and slacks, whose hyperparameters are learned from time to time.

    Args:
        constrained: whether slacks are modelled one by one; else the score that ranks designs is, alone.
        together: whether objectives and slacks are outputs of one model.
    """

    def __init__(self, *, constrained: bool, together: bool = False) -> None:
        self.constrained, self.together = constrained, together
        self.learned: list[dict[str, torch.Tensor]] = []
        self.fitted = 0

    def learn(self, known: Outcome) -> None:
        """Learn hyperparameters anew when there is enough news; none are known when that fails."""
        count = len(known.points)
        if count < self.fitted * _REFIT:
            return
        self.fitted = count
        latest = known.chosen(np.arange(max(count - _LEARNED, 0), count))
        with quiet(seed=count):
            try:
                models = self.conditioned(latest)
                for model in models:
                    _fit(model, iterations=_NEXT if self.learned else _FIRST)
            except (ModelFittingError, NotPSDError):
                self.learned = []
            else:
                # not how outcomes are standardized, which data tell
                self.learned = [{n: v.detach().clone() for n, v in model.named_parameters()} for model in models]

    def conditioned(self, known: Outcome) -> list[SingleTaskGP]:
        """Models of utilities and, when constrained, of slacks with the other sign, as learned so far."""
        points = torch.as_tensor(known.points, dtype=torch.double)
        values = [utilities(known.objectives if self.constrained else _scores(known)[:, None])]
        if self.constrained:
            values.append(-_bilog(torch.as_tensor(known.slacks, dtype=torch.double)))
        models = [_model(points, one) for one in ([torch.hstack(values)] if self.together else values)]
        for model, learned in zip(models, self.learned, strict=False):
            model.load_state_dict(learned, strict=False)
        return models


@contextmanager
def quiet(seed: int) -> Iterator[None]:
    """With one thread (models are small, other cores simulate), seeded, and without warnings on approximations."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            torch.manual_seed(seed)
            for category in (BotorchWarning, GPInputWarning, NumericalWarning, RuntimeWarning):
                warnings.simplefilter("ignore", category)
            # raised inside gpytorch's own code
            warnings.filterwarnings("ignore", module="linear_operator")
            yield
    finally:
        torch.set_num_threads(threads)


def utilities(costs: NDArray[np.float64]) -> torch.Tensor:
    """`n x m` what is to be maximized, of `n x m` costs; of undefined ones the least of the others."""
    values = torch.as_tensor(costs, dtype=torch.double)
    finite = torch.isfinite(values)
    worst = torch.where(finite, values, -torch.inf).max(dim=0).values
    return -torch.where(finite, values, torch.where(torch.isfinite(worst), worst, 0.0))


def _scores(known: Outcome) -> NDArray[np.float64]:
    """Numbers in the order of designs: costs of feasible ones from 0 to 1, whatever their unit, then the violations."""
    scores, feasible = known.scores(), known.violations == 0
    costs = known.costs[feasible & np.isfinite(known.costs)]
    if len(costs) and costs.max() > costs.min():
        scores[feasible] = np.minimum((known.costs[feasible] - costs.min()) / (costs.max() - costs.min()), 1.0)
    return scores


def fitted(points: torch.Tensor, values: torch.Tensor) -> SingleTaskGP | None:
    """A model of `n x m` values at `n x d` points; `None` when none can be fitted."""
    model = _model(points, values)
    try:
        _fit(model, iterations=_FIRST)
    except (ModelFittingError, NotPSDError):
        return None
    return model


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


def length_scales(model: SingleTaskGP) -> torch.Tensor:
    """`d` length scales of a model, relative to their geometric mean."""
    kernel = getattr(model.covar_module, "base_kernel", model.covar_module)
    scales: torch.Tensor = kernel.lengthscale.detach().reshape(-1)
    return scales / torch.exp(torch.log(scales).mean())
