"""The baseline of predictors: gradient boosting on what an op-amp has between each two of its nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from eda.topology.behavioural.nodal import between

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

    from eda.topology.behavioural.labelled import LabelledOpAmps

__all__ = ["boosted"]

_SETTINGS: Final = {"max_iter": 2000, "learning_rate": 0.05, "early_stopping": True, "n_iter_no_change": 40}


def boosted(train: LabelledOpAmps, test: LabelledOpAmps, *, seed: int) -> NDArray[np.float64]:
    """`n x 3` predictions of gain, unity-gain frequency and phase margin of the second op-amps.

    Args:
        train: learned from; those whose figures are not defined are left out.
        test: predicted.
        seed: of what is held back to stop in time.
    """
    there, seen = _features(train.rows), _features(test.rows)
    columns = []
    for values in train.values.double().numpy().T:
        known = np.isfinite(values)
        model = HistGradientBoostingRegressor(**_SETTINGS, random_state=seed)
        model.fit(there[known], values[known])
        columns.append(model.predict(seen))
    return np.stack(columns, axis=1)


def _features(rows: torch.Tensor) -> NDArray[np.float64]:
    """The arrays as they are, and the sums between each two nodes; with the arrays alone errors are larger."""
    return np.column_stack((rows.flatten(1).numpy(), between(rows).double().flatten(1).numpy()))
