"""Models that predict what a simulation would say; they choose what to simulate, and are never a result."""

from eda.surrogate.ensemble import Ensemble, Output
from eda.surrogate.surrogate import Prediction, Quantity, Surrogate

__all__ = ["Ensemble", "Output", "Prediction", "Quantity", "Surrogate"]
