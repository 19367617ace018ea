"""Benchmark suites: definitions in TOML, runs against ngspice, tables with every baseline."""

from eda.benchmark.suite import Report, Suite, find_suites, load_suite, run_suite

__all__ = ["Report", "Suite", "find_suites", "load_suite", "run_suite"]
