"""Models that predict what a simulation would say; they choose what to simulate, and are never a result."""

from eda.surrogate.autoregressive import Autoregressive
from eda.surrogate.ensemble import Ensemble, Output
from eda.surrogate.quantities import GUARDS, Quantity
from eda.surrogate.samples import Samples
from eda.surrogate.surrogate import Prediction, Surrogate

__all__ = ["GUARDS", "Autoregressive", "Ensemble", "Output", "Prediction", "Quantity", "Samples", "Surrogate"]
