"""Gaussian processes of several outputs over shared linear features of the inputs.

What circuits measure depends on ratios of sizes: a mirror's current on the ratio of its widths, a stage's balance on
two such ratios. On logarithmic axes a ratio is a linear combination of the coordinates, and a function of it is a
narrow ridge across all of them, which length scales along the axes cannot follow. So the kernel measures distance
between features, linear combinations of the coordinates that are learned, and that all outputs share; each output
weighs them by length scales of its own.

Source: F. Vivarelli, C. K. I. Williams, "Discovering hidden features with Gaussian processes regression", NIPS 1999 (a
full matrix in the distance). Changed: one matrix for all outputs, which few points suffice to learn; priors instead of
a low rank; several fits from different starts, whose disagreement is part of the predicted deviation. Kernel: Matern
5/2. The prior of length scales is that of C. Hvarfner et al., "Vanilla Bayesian optimization performs great in high
dimensions", ICML 2024.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg.lapack import dpotrf, dpotri, dpotrs, dtrtri
from scipy.optimize import minimize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["FeatureProcess", "Mixture", "Parameters"]

_LEAST_VARIANCE = 1e-7  # of predictions, in units of the outputs' variance: the rounding of single precision
_JITTER = 1e-8  # of the diagonal, in units of the outputs' variance
_NOISE = (-6.0, 1.5)  # mean and deviation of the logarithm of the noise: simulations repeat, but models jump
_MIXING = 0.5  # prior deviation of what a feature takes from other coordinates
_FIRST_SCALE = (
    0.25  # where learning begins, by the root of the dimension; from 0.5 it often takes a narrow ridge for noise
)
_SCALE_SPREAD = math.sqrt(3)
_LIMITS = {"scale": (0.02, 50.0), "variance": (0.05, 20.0), "noise": (1e-6, 0.3)}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is learned.

    Attributes:
        scales: `c x d` logarithms of length scales, one for each output and feature.
        variances: `c` logarithms of signal variances.
        noises: `c` logarithms of noise variances.
        features: `d x d` weights of the coordinates in the features, ones on the diagonal.
    """

    scales: NDArray[np.float64]
    variances: NDArray[np.float64]
    noises: NDArray[np.float64]
    features: NDArray[np.float64]

    @classmethod
    def start(cls, outputs: int, dimension: int, generator: np.random.Generator) -> Parameters:
        """Where a fit from nothing begins: features close to the coordinates."""
        return cls(
            np.full((outputs, dimension), math.log(_FIRST_SCALE * math.sqrt(dimension))),
            np.zeros(outputs),
            np.full(outputs, math.log(1e-3)),
            np.eye(dimension) + 0.05 * generator.standard_normal((dimension, dimension)) * (1 - np.eye(dimension)),
        )

    def rows(self, outputs: Sequence[int | None]) -> Parameters:
        """The parameters of other outputs: those of an output of this fit by its place, where `None` as at a start."""
        fresh = Parameters.start(1, len(self.features), np.random.default_rng(0))
        pick = [
            (fresh.scales[0], 0.0, fresh.noises[0])
            if place is None
            else (self.scales[place], self.variances[place], self.noises[place])
            for place in outputs
        ]
        scales, variances, noises = (np.array(column) for column in zip(*pick, strict=True))
        return Parameters(scales, variances, noises, self.features)

    def pack(self) -> NDArray[np.float64]:
        """All in one vector."""
        rows = np.column_stack((self.scales, self.variances, self.noises))
        return np.concatenate((rows.ravel(), (self.features - np.eye(len(self.features))).ravel()))

    @classmethod
    def unpack(cls, vector: NDArray[np.float64], outputs: int, dimension: int) -> Parameters:
        """What `pack` packed."""
        split = outputs * (dimension + 2)
        rows = vector[:split].reshape(outputs, dimension + 2)
        mixing = vector[split:].reshape(dimension, dimension)
        features = np.where(np.eye(dimension, dtype=bool), 1.0, mixing)
        return cls(rows[:, :dimension], rows[:, dimension], rows[:, dimension + 1], features)

    def weights(self, output: int) -> NDArray[np.float64]:
        """`d x d`: distances of this output are Euclidean behind it."""
        scaled: NDArray[np.float64] = np.exp(-self.scales[output])[:, None] * self.features
        return scaled


@dataclass(frozen=True, slots=True)
class FeatureProcess:
    """One fit.

    Attributes:
        points: `n x d` inputs.
        parameters: what was learned; a later fit may begin there.
        loss: negative logarithm of their posterior density; infinite where nothing was learned.
    """

    points: NDArray[np.float64]
    parameters: Parameters
    loss: float
    _mean: NDArray[np.float64] = field(repr=False)
    _deviation: NDArray[np.float64] = field(repr=False)
    _inverses: tuple[NDArray[np.float32], ...] = field(repr=False)
    _solutions: tuple[NDArray[np.float32], ...] = field(repr=False)

    @classmethod
    def fit(
        cls,
        points: NDArray[np.float64],
        values: NDArray[np.float64],
        parameters: Parameters,
        *,
        iterations: int = 0,
        predicted: int | None = None,
    ) -> FeatureProcess:
        """Fit to data, at a maximum of the posterior density of the parameters.

        Args:
            points: `n x d` inputs in the unit cube.
            values: `n x c` outputs.
            parameters: where learning begins.
            iterations: of learning; the parameters stay as they are when 0.
            predicted: how many outputs will be predicted, the first ones; all when it is `None`.
        """
        dimension, outputs = points.shape[1], values.shape[1]
        mean, deviation = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
        targets = ((values - mean) / deviation).T
        centred = points - 0.5
        loss = math.inf
        if iterations:
            found = minimize(
                _loss_and_gradient,
                parameters.pack(),
                (centred, targets),
                jac=True,
                method="L-BFGS-B",
                bounds=_bounds(outputs, dimension),
                options={"maxiter": iterations},
            )
            parameters, loss = Parameters.unpack(found.x, outputs, dimension), float(found.fun)
        inverses, solutions = [], []
        for output in range(outputs if predicted is None else predicted):
            covariance = _kernel(centred @ parameters.weights(output).T, parameters.variances[output])[0]
            factor = _factor(covariance, parameters.noises[output])
            inverses.append(np.tril(dtrtri(factor)[0].T))
            solutions.append(dpotrs(factor, targets[output])[0])
        return cls(points, parameters, loss, mean, deviation, *(_single(rows) for rows in (inverses, solutions)))

    def predict(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation of each predicted output.

        Computed in single precision: candidates are compared by the thousand, and differ by more.

        Args:
            points: `m x d` inputs.

        Returns:
            Two `m x c` arrays.
        """
        outputs = len(self._inverses)
        means, deviations = np.empty((2, len(points), outputs))
        known, asked = ((one - 0.5).astype(np.float32) for one in (self.points, points))
        for output in range(outputs):
            weights = self.parameters.weights(output).T.astype(np.float32)
            cross = _kernel(known @ weights, self.parameters.variances[output], asked @ weights)[0]
            means[:, output] = self._solutions[output] @ cross
            reduced = self._inverses[output] @ cross
            variance = np.exp(self.parameters.variances[output]) - np.einsum("ij,ij->j", reduced, reduced)
            deviations[:, output] = np.sqrt(np.maximum(variance, _LEAST_VARIANCE))
        return means * self._deviation[:outputs] + self._mean[:outputs], deviations * self._deviation[:outputs]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Several fits to the same data, taken together."""

    members: tuple[FeatureProcess, ...]

    def predict(self, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation over the members, as of `FeatureProcess.predict`; they count alike."""
        predictions = [member.predict(points) for member in self.members]
        means = np.array([mean for mean, _ in predictions])
        variances = np.array([deviation**2 for _, deviation in predictions])
        return means.mean(axis=0), np.sqrt(variances.mean(axis=0) + means.var(axis=0))


def _single(arrays: Iterable[NDArray[np.float64]]) -> tuple[NDArray[np.float32], ...]:
    return tuple(array.astype(np.float32) for array in arrays)


def _bounds(outputs: int, dimension: int) -> list[tuple[float, float]]:
    limits = {name: (math.log(low), math.log(high)) for name, (low, high) in _LIMITS.items()}
    row = [*[limits["scale"]] * dimension, limits["variance"], limits["noise"]]
    return [*row * outputs, *[(-5.0, 5.0)] * dimension**2]


def _kernel(
    known: NDArray[Any], variance: float, asked: NDArray[Any] | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Matern 5/2 between rows of features, and its derivative by the squared distance."""
    other = known if asked is None else asked
    scaled = (-2 * known) @ other.T
    scaled += np.einsum("ij,ij->i", known, known)[:, None]
    scaled += np.einsum("ij,ij->i", other, other)
    np.maximum(scaled, 0, out=scaled)
    scaled *= 5
    np.sqrt(scaled, out=scaled)
    decay = np.exp(float(variance) - scaled)
    slope = decay * (1 + scaled)
    scaled *= scaled
    scaled *= decay / 3
    scaled += slope
    slope *= -5 / 6
    return scaled, slope


def _factor(covariance: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    """Upper Cholesky factor, in Fortran's order, with anything below it; where rounding forbids one, of more noise."""
    extra = math.exp(noise) + _JITTER
    while True:
        shifted = covariance.copy()
        shifted.flat[:: len(shifted) + 1] += extra
        factor, failed = dpotrf(shifted.T, lower=0, clean=0, overwrite_a=1)
        if not failed:
            return np.asarray(factor)
        extra *= 10


def _loss_and_gradient(
    vector: NDArray[np.float64], centred: NDArray[np.float64], targets: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Negative logarithm of the posterior density of the parameters, and its gradient."""
    (outputs, count), dimension = targets.shape, centred.shape[1]
    parameters = Parameters.unpack(vector, outputs, dimension)
    loss, gradient = _prior(vector, outputs, dimension)
    rows = gradient[: outputs * (dimension + 2)].reshape(outputs, dimension + 2)
    mixing = gradient[outputs * (dimension + 2) :].reshape(dimension, dimension)
    free = 1 - np.eye(dimension)
    # matrices are symmetric: lower triangles do, with what is on the diagonal counted half
    lower = np.tril(np.ones((count, count)), -1) + 0.5 * np.eye(count)
    for output in range(outputs):
        weights = parameters.weights(output)
        covariance, slope = _kernel(centred @ weights.T, parameters.variances[output])
        factor = _factor(covariance, parameters.noises[output])
        solution = dpotrs(factor, targets[output])[0]
        loss += 0.5 * float(targets[output] @ solution) + float(np.log(np.diag(factor)).sum())
        outer = dpotri(factor, overwrite_c=1)[0].T  # the lower triangle of the inverse, in C's order as all others
        outer -= np.outer(solution, solution)
        outer *= lower
        rows[output, dimension] += float(np.vdot(outer, covariance))
        rows[output, dimension + 1] += float(np.trace(outer)) * math.exp(parameters.noises[output])
        outer *= slope
        # the sum over pairs of `outer` times the square of their difference
        weighted = (outer.sum(axis=0) + outer.sum(axis=1))[:, None] * centred
        cross = centred.T @ outer @ centred
        scatter = centred.T @ weighted - cross - cross.T
        by_weights = 2 * weights @ scatter
        rows[output, :dimension] -= np.sum(by_weights * weights, axis=1)
        mixing += np.exp(-parameters.scales[output])[:, None] * by_weights * free
    return loss, gradient


def _prior(vector: NDArray[np.float64], outputs: int, dimension: int) -> tuple[float, NDArray[np.float64]]:
    split = outputs * (dimension + 2)
    centre = np.zeros((outputs, dimension + 2))
    centre[:, :dimension] = math.sqrt(2) + 0.5 * math.log(dimension)
    centre[:, -1] = _NOISE[0]
    spread = np.ones((outputs, dimension + 2))
    spread[:, :dimension] = _SCALE_SPREAD
    spread[:, -1] = _NOISE[1]
    middle = np.concatenate((centre.ravel(), np.zeros(len(vector) - split)))
    width = np.concatenate((spread.ravel(), np.full(len(vector) - split, _MIXING)))
    distance = (vector - middle) / width
    return 0.5 * float(distance @ distance), distance / width
