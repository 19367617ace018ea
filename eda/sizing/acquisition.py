"""What a design promises, by a model of its slacks and cost: how far it gets towards feasibility, then below the best.

Sources: composite Bayesian optimisation (R. Astudillo, P. Frazier, ICML 2019) for the sum of what is missing, which is
a known function of modelled slacks; constrained expected improvement (M. Schonlau, W. Welch, D. Jones, 1998) with the
numerically stable logarithm (S. Ament et al., "Unexpected improvements to expected improvement", NeurIPS 2023).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erfcx, log_ndtr, ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["promise_of_improvement", "promise_of_repair"]

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
    gain, spread = best - means[:, -1], deviations[:, -1]
    z = gain / spread
    # spread (density(z) + z cdf(z)); far below zero both terms cancel, and the scaled error function has what is left
    down = np.maximum(-z, 1.0)
    rest = 1 - down * np.sqrt(np.pi / 2) * erfcx(down / np.sqrt(2))
    tail = -0.5 * z**2 - 0.5 * np.log(2 * np.pi) + np.log(np.maximum(rest, _TINY))
    near = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi) + z * ndtr(z)
    improvement = np.log(spread) + np.where(z < -1, tail, np.log(np.maximum(near, _TINY)))
    return np.asarray(improvement + log_ndtr(means[:, :-1] / deviations[:, :-1]).sum(axis=1))
