"""Verification of a sized circuit over corners, temperatures and supplies."""

from eda.verification.verify import Verification, VerificationRow, verify

__all__ = ["Verification", "VerificationRow", "verify"]
