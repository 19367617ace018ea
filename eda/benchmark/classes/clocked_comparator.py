"""Clocked comparators with known answers: a state that grows exponentially while the clock is high."""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, Final

from eda.benchmark.classes.known import Card, Truth
from eda.testbench.clocked_comparator import ClockedComparatorTestbench

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CARDS", "TRUTHS"]

_VDD, _OVER, _FREQUENCY, _SOURCE = 1.8, 20e-3, 5e6, 10e3
_EDGE = 1e-12
_GROWTH = 1e-9  # s, time constant of the regeneration
_ALWAYS, _DECIDING, _COUPLING = 1e6, 100e3, 2e-15  # ohm from vdd at all times and at a high clock, F from clk to inp
_AREA = 2e-6 * 1e-6


def _expected(offset: float, memory: float) -> Mapping[str, float]:
    """Metrics of a latch whose threshold is `offset`, lower by half of `memory` after a high decision, V."""
    rising = _OVER - offset - memory / 2
    falling = _OVER + offset - memory / 2
    delays = {"delay_rising": _GROWTH * log(_VDD / 2 / rising), "delay_falling": _GROWTH * log(_VDD / 2 / falling)}
    energy = _VDD**2 * (1 / _ALWAYS + 0.5 / _DECIDING) / _FREQUENCY
    kick = _SOURCE * _COUPLING
    return {
        **delays,
        "delay": max(delays.values()),
        "reset_residue": max(rising, falling),
        "energy": energy,
        "power": energy * _FREQUENCY,
        "static_current": _VDD * (1 / _ALWAYS + 1 / _DECIDING),
        "kickback": kick * _VDD / _EDGE * (1 - exp(-_EDGE / kick)),
        "area": _AREA,
    }


def _latch(offset: float, memory: float) -> str:
    """A state that follows the input in reset and regenerates otherwise; outputs are its halves; it remembers."""
    return f"""
.subckt latch inp inn clk outp outn vdd vss
Bin in 0 v = v(inp,inn) - {offset} + v(memory)
Sreset in state vdd clk clocked
Cstate state 0 1p
Bgrow 0 state i = {1e-12 / _GROWTH}*max(min(v(state), {_VDD}), -{_VDD})
Bp outp 0 v = max(min(v(state), {_VDD}), 0)
Bn outn 0 v = max(min(-v(state), {_VDD}), 0)
Elast last 0 outp outn {memory / 2 / _VDD}
Smemory last slow clk 0 clocked
Rmemory slow memory 10k
Cmemory memory 0 1p
Ralways vdd 0 {_ALWAYS}
Sdeciding vdd loaded clk 0 clocked
Rdeciding loaded 0 {_DECIDING}
Ckick clk inp {_COUPLING}
m1 vss vss vss vss nmos w=2u l=1u
.model clocked sw(vt={_VDD / 2} vh=0 ron=1m roff=1e15)
.ends
"""


_BENCH: Final = ClockedComparatorTestbench(
    vdd=_VDD, frequency=_FREQUENCY, edge=_EDGE, overdrive=_OVER, source_resistance=_SOURCE
)

TRUTHS: tuple[Truth, ...] = (
    Truth(
        "a regenerating state with an offset",
        _BENCH,
        _latch(12e-3, 0.0),
        {**_expected(12e-3, 0.0), "signed_offset": 12e-3, "offset": 12e-3},
    ),
    Truth(
        "a regenerating state that remembers its last decision",
        _BENCH,
        _latch(0.0, 16e-3),
        {**_expected(0.0, 16e-3), "hysteresis": 16e-3},
    ),
)


def _cards(bench: ClockedComparatorTestbench, supply: float) -> tuple[Card, ...]:
    """What ngspice's `.meas` can express; the others are the larger of several magnitudes, or differences of searches.

    Args:
        bench: with its settings.
        supply: supply voltage, V.
    """
    period, early = bench.period, bench.edge / 2
    edges = tuple(
        f"decision m trig at={(cycle + 0.5) * period:.12g} targ v(difference) val={sign * supply / 2:.12g} {way}"
        for cycle, sign, way in ((1, 1, "rise=1"), (2, -1, "fall=2"))  # the cycle before both is a low decision
    )
    cycles = f"decision m integ i(vdd) from={period - early:.12g} to={3 * period - early:.12g}"
    found = f"search m find v(drive) at={bench.search_time * (1 - 1e-6):.12g}"
    return (
        Card("delay_rising", lambda _: edges[0]),
        Card("delay_falling", lambda _: edges[1]),
        Card("delay", lambda ours: edges[ours["delay_falling"] > ours["delay_rising"]]),
        Card("energy", lambda _: cycles, -supply / 2),
        Card("power", lambda _: cycles, -supply / 2 * bench.frequency),
        Card("signed_offset", lambda _: found),
        Card("offset", lambda _: found, convert=lambda drive, _: abs(drive)),
    )


CARDS: Final = _cards(_BENCH, _VDD)
