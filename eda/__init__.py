"""eda designs analog circuits and proves every number it states with ngspice.

The names below load what they need when they are first used: `import eda` loads neither torch nor numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eda.errors import EDAError
    from eda.generation import generate
    from eda.graph import to_graph
    from eda.link_prediction import complete
    from eda.netlist import Circuit, Variable, check, parse_netlist, read_netlist, write_netlist
    from eda.netlist.pyspice import from_pyspice, to_pyspice
    from eda.problem import DesignSpace, SizingProblem, load_task
    from eda.report import Report
    from eda.sizing import Bayesian, Result, SizingEnv, load_run, size
    from eda.surrogate import Surrogate
    from eda.technology import load_technology
    from eda.testbench import OpAmpTestbench
    from eda.verification import verify

__version__ = "0.1.0"

_ROOMS = {
    "eda.errors": ("EDAError",),
    "eda.netlist": ("Circuit", "Variable", "check", "parse_netlist", "read_netlist", "write_netlist"),
    "eda.netlist.pyspice": ("from_pyspice", "to_pyspice"),
    "eda.graph": ("to_graph",),
    "eda.link_prediction": ("complete",),
    "eda.technology": ("load_technology",),
    "eda.testbench": ("OpAmpTestbench",),
    "eda.problem": ("DesignSpace", "SizingProblem", "load_task"),
    "eda.sizing": ("Bayesian", "Result", "SizingEnv", "load_run", "size"),
    "eda.surrogate": ("Surrogate",),
    "eda.verification": ("verify",),
    "eda.generation": ("generate",),
    "eda.report": ("Report",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "Bayesian",
    "Circuit",
    "DesignSpace",
    "EDAError",
    "OpAmpTestbench",
    "Report",
    "Result",
    "SizingEnv",
    "SizingProblem",
    "Surrogate",
    "Variable",
    "check",
    "complete",
    "from_pyspice",
    "generate",
    "load_run",
    "load_task",
    "load_technology",
    "parse_netlist",
    "read_netlist",
    "size",
    "to_graph",
    "to_pyspice",
    "verify",
    "write_netlist",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'eda' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
