"""What is known of each circuit class beforehand: ideal circuits with their answers, and `.meas` cards."""

from eda.benchmark.classes.known import Card, Truth

__all__ = ["Card", "Truth"]
