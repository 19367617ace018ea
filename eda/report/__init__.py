"""Views of results for people: one self-contained HTML file, and the same in a notebook."""

from eda.report.report import Report

__all__ = ["Report"]
