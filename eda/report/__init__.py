"""Views of results for people: one self-contained HTML file."""

from eda.report.html import save_report

__all__ = ["save_report"]
