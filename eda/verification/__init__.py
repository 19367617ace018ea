"""Verification of a sized circuit over corners, temperatures and supplies, and in samples of the process."""

from eda.verification.monte_carlo import MonteCarlo
from eda.verification.verify import Verification, VerificationRow, verify

__all__ = ["MonteCarlo", "Verification", "VerificationRow", "verify"]
