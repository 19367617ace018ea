"""What a design promises, by a model of its slacks and cost: how far it gets towards feasibility, then below the best.

Sources: composite Bayesian optimisation (R. Astudillo, P. Frazier, ICML 2019) for the sum of what is missing, which is
a known function of modelled slacks; constrained expected improvement (M. Schonlau, W. Welch, D. Jones, 1998) with the
numerically stable logarithm (S. Ament et al., "Unexpected improvements to expected improvement", NeurIPS 2023).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erfcx, log_ndtr, logsumexp, ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["promise_of_front", "promise_of_improvement", "promise_of_repair", "undominated_cells"]

_TINY = 1e-300


def promise_of_repair(
    means: NDArray[np.float64], deviations: NDArray[np.float64], violation: float, draws: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Logarithm of the expected decrease of the violation, while nothing is feasible.

    Args:
        means: `m x c` predicted slacks.
        deviations: `m x c` their standard deviations.
        violation: least sum of missing slack so far.
        draws: `s x c` standard normal numbers, the same for all designs.
    """
    slacks = means + deviations * draws[:, None, :]
    missing = -np.minimum(slacks, 0).sum(axis=2)
    return np.asarray(np.log(np.maximum(violation - missing, 0).mean(axis=0) + _TINY))


def promise_of_improvement(
    means: NDArray[np.float64], deviations: NDArray[np.float64], best: float
) -> NDArray[np.float64]:
    """Logarithm of the expected decrease of the cost, times the probability that every slack is at least zero.

    Args:
        means: `m x (c + 1)` predicted slacks and, last, costs.
        deviations: `m x (c + 1)` their standard deviations.
        best: least cost of a feasible design so far.
    """
    improvement = _log_improvement(best - means[:, -1], deviations[:, -1])
    return np.asarray(improvement + log_ndtr(means[:, :-1] / deviations[:, :-1]).sum(axis=1))


def promise_of_front(
    means: NDArray[np.float64], deviations: NDArray[np.float64], cells: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Logarithm of the expected growth of the dominated hypervolume, times the probability of feasibility.

    Objectives are independent under the model, so that the expectation is a sum over boxes of products of one-
    dimensional ones (M. Emmerich et al., "Hypervolume-based expected improvement", CEC 2011); its logarithm is
    what qLogNEHVI maximizes, without noise and one design at a time.

    Args:
        means: `m x (c + k)` predicted slacks and, last, `k` costs.
        deviations: `m x (c + k)` their standard deviations.
        cells: `2 x b x k` least and greatest costs of the boxes that no feasible design dominates.
    """
    objectives = cells.shape[2]
    gains = [bounds - means[:, None, -objectives:] for bounds in cells]  # to the least and the greatest costs
    spread = np.broadcast_to(deviations[:, None, -objectives:], gains[0].shape)
    whole = _log_improvement(gains[1], spread)
    beyond = np.where(np.isfinite(gains[0]), _log_improvement(np.nan_to_num(gains[0], neginf=0.0), spread), -np.inf)
    lengths = whole + np.log1p(-np.minimum(np.exp(beyond - whole), 1 - 1e-12))
    feasible = log_ndtr(means[:, :-objectives] / deviations[:, :-objectives]).sum(axis=1)
    return np.asarray(logsumexp(lengths.sum(axis=2), axis=1) + feasible)


def undominated_cells(costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """The boxes between a front and a reference point a tenth of the spread of all feasible costs beyond the worst.

    Args:
        costs: `n x k` costs of feasible designs.

    Returns:
        `2 x b x k` least (minus infinity where open) and greatest costs of each box.
    """
    import torch  # noqa: PLC0415 - two seconds, which only several objectives need
    from botorch.utils.multi_objective.box_decompositions import FastNondominatedPartitioning  # noqa: PLC0415

    worst, size = costs.max(axis=0), np.ptp(costs, axis=0)
    reference = worst + 0.1 * np.where(size > 0, size, np.maximum(np.abs(worst), 1e-3))
    partitioning = FastNondominatedPartitioning(torch.as_tensor(-reference), torch.as_tensor(-costs))
    low, high = (bounds.numpy() for bounds in partitioning.get_hypercell_bounds())
    return np.stack((-high, -low))


def _log_improvement(gain: NDArray[np.float64], spread: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logarithm of the expected positive part of a normal number, by its mean and standard deviation."""
    z = gain / spread
    # spread (density(z) + z cdf(z)); far below zero both terms cancel, and the scaled error function has what is left
    down = np.maximum(-z, 1.0)
    rest = 1 - down * np.sqrt(np.pi / 2) * erfcx(down / np.sqrt(2))
    tail = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) + np.log(np.maximum(rest, _TINY))
    near = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) + z * ndtr(z)
    return np.asarray(np.log(spread) + np.where(z < -1, tail, np.log(np.maximum(near, _TINY))))
