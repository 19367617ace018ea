"""Sizing problems: what may change, what must be achieved, and how a candidate is evaluated."""

from eda.problem.evaluation import Evaluation
from eda.problem.problem import SizingProblem
from eda.problem.space import DesignSpace
from eda.problem.spec import Spec
from eda.problem.task import Task, load_task

__all__ = ["DesignSpace", "Evaluation", "SizingProblem", "Spec", "Task", "load_task"]
