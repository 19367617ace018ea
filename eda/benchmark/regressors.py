"""Regression without networks, with which surrogates are compared: gradient boosting and Gaussian processes."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Regressor = Callable[[Values, Values, Values, int], Values]

__all__ = ["REGRESSORS", "boosted", "gaussian"]

_NORMAL: Final = 1.645  # deviations of a normal variable that hold 90 %
_GP_HYPER, _GP_DESIGNS = 500, 3000  # its cost grows with the cube of the rows
_BOOSTING: Final = {"max_iter": 1000, "learning_rate": 0.05, "max_leaf_nodes": 31, "early_stopping": True}
_FEW: Final = {**_BOOSTING, "max_iter": 300, "early_stopping": False}
_ENOUGH: Final = 400  # rows, to hold some back and to have leaves of twenty


def boosted(inputs: Values, values: Values, seed: int) -> HistGradientBoostingRegressor:
    """Gradient boosting that has learned values; leaves are as small as few rows ask for.

    Args:
        inputs: `m x d`.
        values: `m`.
        seed: of what is held back to stop in time, where there is enough of it.
    """
    settings = _BOOSTING if len(values) >= _ENOUGH else {**_FEW, "min_samples_leaf": max(2, len(values) // 20)}
    return HistGradientBoostingRegressor(**settings, random_state=seed).fit(inputs, values)


def gaussian(inputs: Values, values: Values, asked: Values, seed: int) -> tuple[Values, Values]:
    """Values by a Gaussian process, and halves of the intervals that hold 90 %.

    Args:
        inputs: `m x d`; of many rows some, drawn at random.
        values: `m`.
        asked: `q x d`.
        seed: of the rows.
    """
    order = np.random.default_rng(seed).permutation(len(values))
    mean, deviation = values.mean(), values.std() or 1.0
    scaled = (values - mean) / deviation
    smooth = Matern(np.ones(inputs.shape[1]), (1e-2, 1e2), nu=2.5)
    kernel = ConstantKernel(1.0) * smooth + WhiteKernel(1e-4, (1e-8, 1e-1))
    few, many = order[:_GP_HYPER], order[:_GP_DESIGNS]
    with warnings.catch_warnings():  # lengths end at their bounds where a variable does not matter
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = GaussianProcessRegressor(kernel, random_state=seed).fit(inputs[few], scaled[few])
    process = GaussianProcessRegressor(fitted.kernel_, optimizer=None).fit(inputs[many], scaled[many])
    value, spread = process.predict(asked, return_std=True)
    return value * deviation + mean, _NORMAL * spread * deviation


def _by_boosting(inputs: Values, values: Values, asked: Values, seed: int) -> Values:
    return np.asarray(boosted(inputs, values, seed).predict(asked))


def _by_process(inputs: Values, values: Values, asked: Values, seed: int) -> Values:
    return gaussian(inputs, values, asked, seed)[0]


REGRESSORS: Final[Mapping[str, Regressor]] = {"gradient boosting": _by_boosting, "Gaussian process": _by_process}
"""By name what predicts values: from inputs and values that are known, inputs that are asked for, and a seed."""
