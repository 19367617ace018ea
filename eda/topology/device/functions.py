"""What the classes of circuits do, and how a simulation shows it.

Each is a crude test, of the kind that a dead circuit fails: an amplifier amplifies, an oscillator oscillates, a
regulator follows its reference and holds against its load. How well is the business of testbenches and specs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eda.topology.device.functions_at_rest import Amplifies, Copies, Refers, Regulates
from eda.topology.device.functions_over_time import Converts, Decides, Mixes, Oscillates, Responds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eda.topology.device.function import Function

__all__ = ["FUNCTIONS"]

FUNCTIONS: Final[Mapping[str, Function]] = {
    "opamp": Amplifies(),
    "general": Amplifies(),
    "filter": Amplifies(),
    "power_amplifier": Amplifies(slow=False),
    "mirror": Copies(),
    "comparator": Decides(),
    "ldo": Regulates(),
    "voltage_regulator": Regulates(),
    "bandgap": Refers(),
    "oscillator": Oscillates(),
    "pll": Oscillates(),
    "power_converter": Converts(),
    "mixer": Mixes(),
    "switched_capacitor": Responds(),
    "data_converter": Responds(),
}
"""What circuits do, by class."""
