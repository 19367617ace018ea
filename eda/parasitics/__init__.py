"""Parasitics before layout: capacitances of nets and pins, and between them, estimated from a netlist."""

from eda.parasitics.estimator import Estimate, ParasiticEstimator, annotated

__all__ = ["Estimate", "ParasiticEstimator", "annotated"]
