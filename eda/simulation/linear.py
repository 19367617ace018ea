"""Exact analysis of linear circuits, many at a time: gains, poles, zeros, crossings of unity, phase and stability.

The circuits are resistors, capacitors and voltage-controlled current sources, driven by a voltage source at one node.
Nodal analysis (C. W. Ho, A. E. Ruehli, P. A. Brennan, "The modified nodal approach to network analysis", IEEE Trans.
CAS 22(6), 1975) gives `(G + sC) v = -(g + sc) v_in`. An eigendecomposition of `(G + aC)^-1 C`, whose eigenvalues are
`1/(a - s)` at the poles, makes a response a sum of as many terms as there are nodes. Poles lie up to twelve decades
apart, which costs digits of the slow ones; so it serves for a first look at poles and crossings of unity, which are
then polished by solving the equations themselves. What crosses twice within a fortieth of a decade, no pole or zero
between, is not seen.

This module needs torch, and is imported by its own name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch

from eda.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Element", "LinearNetworks", "Response"]

_S: Final = 1e-3  # S and F in which matrices are kept: mS, pF and, of rates, Grad/s are all near 1
_F: Final = 1e-12
_RATE: Final = _S / _F
_LOWEST: Final = 1e-3  # Hz, from where to where crossings are looked for
_HIGHEST: Final = 1e13
_A_DECADE: Final = 40  # frequencies
_HALVINGS: Final = 12  # of a fortieth of a decade, before the equations are solved
_SECANTS: Final = 6  # steps to the last digit from there
_STRIDE: Final = 0.06  # of a logarithm, the longest of these steps: a fortieth of a decade
_REFINEMENTS: Final = 2  # of a pole; the iteration converges cubically
_SHIFT: Final = 1.2345  # Grad/s, the `a` above; no pole will be exactly there
_INFINITE: Final = 1e-14  # of the largest eigenvalue; smaller ones are poles at infinity
_BESIDE: Final = 1e-7  # of a pole: matrices are solved beside it, as at the pole itself they are singular
_CLOSE: Final = 0.1  # of a pole: what moves further has gone to another one
_DEFECTIVE: Final = 1e9  # condition of the eigenvectors beyond which frequencies are solved one by one


@dataclass(frozen=True, slots=True)
class Element:
    """A resistor `R`, capacitor `C`, or voltage-controlled current source `G`.

    Attributes:
        letter: which of them.
        plus: a node; of a source, where its current leaves the circuit, as in SPICE.
        minus: the other.
        value: ohm, farad or siemens.
        control: node whose voltage to ground controls a source.
    """

    letter: str
    plus: str
    minus: str
    value: float
    control: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What is read off the responses of `b` networks; NaN where there is none.

    Attributes:
        dc_gain: `b` gains for direct current, V/V, with sign.
        unity_gain_frequency: `b` frequencies at which the gain first falls through unity, Hz.
        phase: `b` phases there, degrees, followed from that at direct current: 0, or 180 where the gain is negative.
        crossings: `b` numbers of crossings.
        least_phase_margin: `b` distances of the phase from -180 degrees, at the crossing where it is least.
        stable: `b` truth values: every pole is in the left half-plane.
    """

    dc_gain: torch.Tensor
    unity_gain_frequency: torch.Tensor
    phase: torch.Tensor
    crossings: torch.Tensor
    least_phase_margin: torch.Tensor
    stable: torch.Tensor

    @property
    def dc_gain_db(self) -> torch.Tensor:
        """`b` gains for direct current, dB."""
        return 20 * torch.log10(self.dc_gain.abs())

    @property
    def phase_margin(self) -> torch.Tensor:
        """`b` phase margins where the gain first falls through unity, degrees."""
        return 180 + self.phase


class LinearNetworks:
    """A batch of linear circuits.

    Args:
        conductance: `b x n x n` matrices, S, without the rows and columns of ground and input.
        capacitance: `b x n x n` matrices, F.
        input_conductance: `b x n` columns of the input, S.
        input_capacitance: `b x n` columns of the input, F.
        output: `b` numbers of the output nodes.
    """

    def __init__(
        self,
        conductance: torch.Tensor,
        capacitance: torch.Tensor,
        input_conductance: torch.Tensor,
        input_capacitance: torch.Tensor,
        output: torch.Tensor,
    ) -> None:
        self.conductance, self.capacitance = conductance / _S, capacitance / _F
        self.input_conductance, self.input_capacitance = input_conductance / _S, input_capacitance / _F
        self.output = output

    @classmethod
    def of(
        cls,
        circuits: Sequence[Sequence[Element]],
        *,
        source: str = "in",
        output: str = "out",
        device: torch.device | str = "cpu",
    ) -> LinearNetworks:
        """Networks of elements; ground is `0`.

        Args:
            circuits: their elements.
            source: node that the voltage source drives.
            output: node that is read.
            device: where they are analysed.

        Raises:
            InputError: a circuit has no such output, or an element is none of the three, or has no value,
                or a control that is no node.
        """
        numbered = [_numbered(circuit, source, output) for circuit in circuits]
        size = max((len(nodes) for nodes in numbered), default=1)
        places: list[tuple[int, int, int, int]] = []
        values: list[float] = []
        for row, (circuit, nodes) in enumerate(zip(circuits, numbered, strict=True)):
            columns = {**nodes, source: size}
            for element in circuit:
                for kind, one, other, value in _stamps(element):
                    if one in nodes and other in columns:  # the voltages of ground and input are known
                        places.append((kind, row, nodes[one], columns[other]))
                        values.append(value)
            places += [(0, row, unused, unused) for unused in range(len(nodes), size)]
            values += [_S] * (size - len(nodes))
        matrices = torch.zeros(2, len(circuits), size, size + 1, dtype=torch.float64)
        if places:
            index = torch.tensor(places).T
            matrices.index_put_(tuple(index), torch.tensor(values, dtype=torch.float64), accumulate=True)
        g, c = matrices.to(device)
        where = torch.tensor([nodes[output] for nodes in numbered], dtype=torch.long, device=device)
        return cls(g[..., :size], c[..., :size], g[..., size], c[..., size], where)

    def __len__(self) -> int:
        return len(self.output)

    def __getitem__(self, rows: torch.Tensor) -> LinearNetworks:
        """Some of the networks, by their numbers; one may come several times."""
        return LinearNetworks(
            self.conductance[rows] * _S,
            self.capacitance[rows] * _F,
            self.input_conductance[rows] * _S,
            self.input_capacitance[rows] * _F,
            self.output[rows],
        )

    def at(self, frequencies: torch.Tensor) -> torch.Tensor:
        """The responses, each frequency solved by itself.

        Args:
            frequencies: `b x f` or `f`, Hz.

        Returns:
            `b x f` complex ratios of output to input; NaN where a node has no voltage of its own.
        """
        s = (2j * math.pi * frequencies / _RATE).expand(len(self), -1)
        matrices = self.conductance[:, None] + s[..., None, None] * self.capacitance[:, None]
        columns = -(self.input_conductance[:, None] + s[..., None] * self.input_capacitance[:, None])
        found, singular = torch.linalg.solve_ex(matrices, columns)
        found[singular > 0] = torch.nan  # a node that nothing but capacitors join, at direct current
        read: torch.Tensor = found.gather(2, self.output[:, None, None].expand(-1, found.shape[1], 1))[..., 0]
        return read

    def poles(self) -> torch.Tensor:
        """`b x n` poles, rad/s; infinite where there are fewer."""
        values, vectors = torch.linalg.eig(self.shifted(self.capacitance))
        g, c = self.conductance.to(values.dtype), self.capacitance.to(values.dtype)
        return _polished(_rates(values), vectors, g, c)

    def shifted(self, columns: torch.Tensor) -> torch.Tensor:
        """The inverse of `G + aC` times `b x n x m` columns."""
        found: torch.Tensor = torch.linalg.solve(self.conductance + _SHIFT * self.capacitance, columns)
        return found

    def zeros(self) -> torch.Tensor:
        """`b x (n + 1)` zeros, rad/s; infinite where there are fewer.

        There the output rests while the others move: eigenvalues of the matrices with the input's column and, as the
        last row, the output's voltage. A network that passes nothing has none.
        """
        g = self._bordered(self.conductance, self.input_conductance)
        c = self._bordered(self.capacitance, self.input_capacitance)
        c[:, -1] = 0
        solved, singular = torch.linalg.solve_ex(g + _SHIFT * c, c)
        solved[singular > 0] = 0  # it passes nothing at any frequency
        return _rates(torch.linalg.eigvals(solved))

    def _bordered(self, matrix: torch.Tensor, column: torch.Tensor) -> torch.Tensor:
        count, size = column.shape
        found = matrix.new_zeros(count, size + 1, size + 1)
        found[:, :size, :size], found[:, :size, size] = matrix, column
        found[torch.arange(count), size, self.output] = 1
        return found

    def stable(self) -> torch.Tensor:
        """`b` truth values: every pole is in the left half-plane."""
        poles = self.poles()
        return ((poles.real < 0) | poles.real.isinf()).all(dim=-1)

    def _looked_at(self) -> torch.Tensor:
        """`b x f` frequencies between which unity is looked for, Hz: a grid, and those of poles and zeros."""
        count = round(_A_DECADE * math.log10(_HIGHEST / _LOWEST)) + 1
        low, high = math.log10(_LOWEST), math.log10(_HIGHEST)
        grid = torch.logspace(low, high, count, dtype=torch.float64, device=self.output.device)
        poles = _rates(torch.linalg.eigvals(self.shifted(self.capacitance)))
        special = torch.cat((poles, self.zeros()), dim=1).abs() / (2 * math.pi)
        special = special.nan_to_num(_HIGHEST, _HIGHEST).clamp(_LOWEST, _HIGHEST)
        return torch.cat((grid.expand(len(self), -1), special), dim=1).sort(dim=1).values

    def response(self) -> Response:
        """Gain, crossings of unity, phase and stability."""
        modes = _Modes(self)
        frequencies = self._looked_at()
        sampled = modes.at(torch.arange(len(self), device=frequencies.device), frequencies)
        dc_gain = self.at(frequencies.new_zeros(1))[:, 0].real
        above = sampled.abs() > 1
        rows, columns = torch.nonzero(above[:, 1:] != above[:, :-1], as_tuple=True)
        falling = above[rows, columns]
        crossed = modes.crossings(rows, frequencies[rows, columns], frequencies[rows, columns + 1], falling=falling)
        here = self[rows].at(crossed[:, None])[:, 0]
        near = _followed(sampled, dc_gain)[rows, columns + 1]
        phases = torch.rad2deg(near + torch.angle(here * torch.exp(-1j * near)))
        first = _least(crossed[falling], rows[falling], len(self))
        chosen = falling & (crossed == first[rows])
        phase = torch.full_like(first, torch.nan)
        phase[rows[chosen]] = phases[chosen]
        least = _least(180 + phases, rows, len(self))
        crossings = torch.bincount(rows, minlength=len(self))
        return Response(dc_gain, first, phase, crossings, least, self.stable())


def _polished(poles: torch.Tensor, vectors: torch.Tensor, g: torch.Tensor, c: torch.Tensor) -> torch.Tensor:
    """Poles by Rayleigh quotients of inverse iterations (G. H. Golub, C. F. Van Loan, "Matrix computations", 8.2).

    Args:
        poles: `b x n` first guesses, rad/s, infinite where there are fewer.
        vectors: `b x n x n` eigenvectors in their columns.
        g: `b x n x n` matrices, complex.
        c: `b x n x n` matrices, complex.
    """
    right = vectors.mT[..., None]
    left = right.conj()
    g, c = g[:, None], c[:, None]
    found = torch.where(poles.isfinite(), poles, torch.zeros_like(poles)) / _RATE
    for _ in range(_REFINEMENTS):
        shifted = g + found[..., None, None] * (1 + _BESIDE) * c
        factors = torch.linalg.lu_factor_ex(shifted)[:2]
        right = _unit(torch.linalg.lu_solve(*factors, c @ right))
        left = _unit(torch.linalg.lu_solve(*factors, c.mH @ left, adjoint=True))
        quotient = -((left.mH @ g @ right) / (left.mH @ c @ right))[..., 0, 0]
        close = (quotient - found).abs() < _CLOSE * found.abs()
        found = torch.where(close, quotient, found)
    return torch.where(poles.isfinite(), found * _RATE, poles)


def _unit(vectors: torch.Tensor) -> torch.Tensor:
    unit: torch.Tensor = vectors / torch.linalg.vector_norm(vectors, dim=-2, keepdim=True)
    return unit


def _least(values: torch.Tensor, rows: torch.Tensor, count: int) -> torch.Tensor:
    """The least of the values of each of `count` rows; NaN where there are none."""
    found = values.new_full((count,), torch.inf).scatter_reduce(0, rows, values, "amin")
    return torch.where(found.isinf(), torch.nan, found)


class _Modes:
    """Responses as sums over eigenvalues."""

    def __init__(self, networks: LinearNetworks) -> None:
        self._networks = networks
        self._values, vectors = torch.linalg.eig(networks.shifted(networks.capacitance))
        columns = torch.stack((networks.input_conductance, networks.input_capacitance), dim=-1)
        parts = torch.linalg.solve(vectors, networks.shifted(columns).to(vectors.dtype))
        index = networks.output[:, None, None].expand(-1, 1, vectors.shape[1])
        self._shares = -parts * vectors.gather(1, index)[:, 0, :, None]
        self._defective = torch.linalg.cond(vectors) > _DEFECTIVE

    def at(self, rows: torch.Tensor, frequencies: torch.Tensor) -> torch.Tensor:
        """Responses of `m` networks, by their numbers, at `m x f` frequencies, Hz."""
        s = (2j * math.pi * frequencies / _RATE)[..., None]
        shares = self._shares[rows, None]
        found: torch.Tensor = (
            (shares[..., 0] + s * shares[..., 1]) / (1 + (s - _SHIFT) * self._values[rows, None])
        ).sum(dim=-1)
        bad = torch.nonzero(self._defective[rows])[:, 0]
        if len(bad):
            found[bad] = self._networks[rows[bad]].at(frequencies[bad])
        return found

    def crossings(
        self, rows: torch.Tensor, low: torch.Tensor, high: torch.Tensor, *, falling: torch.Tensor
    ) -> torch.Tensor:
        """Where the gain of `m` networks crosses unity between `m` pairs of frequencies, Hz."""
        low, high = low.log(), high.log()
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            beyond = (self.at(rows, middle.exp()[:, None])[:, 0].abs() > 1) != falling
            low, high = torch.where(beyond, low, middle), torch.where(beyond, middle, high)
        networks = self._networks[rows]

        def gain(logarithm: torch.Tensor) -> torch.Tensor:
            return networks.at(logarithm.exp()[:, None])[:, 0].abs().log()

        last, here = low, high
        gain_last, gain_here = gain(last), gain(here)
        for _ in range(_SECANTS):
            slope = (gain_here - gain_last) / (here - last)
            step = torch.where(slope.isfinite() & (slope != 0), -gain_here / slope, 0.0).clamp(-_STRIDE, _STRIDE)
            last, gain_last = here, gain_here
            here = here + step
            gain_here = gain(here)
        return torch.as_tensor(here.exp())


def _followed(sampled: torch.Tensor, dc_gain: torch.Tensor) -> torch.Tensor:
    """`b x f` phases of responses, radians, from that at direct current on without jumps."""
    first = torch.angle(sampled[:, 0] * torch.sign(dc_gain)) + torch.where(dc_gain < 0, math.pi, 0.0)
    steps = torch.angle(sampled[:, 1:] * sampled[:, :-1].conj())
    return torch.cat((first[:, None], steps), dim=1).cumsum(dim=1)


def _rates(eigenvalues: torch.Tensor) -> torch.Tensor:
    """Rates of growth `a - 1/e`, rad/s, of eigenvalues `e`."""
    finite = eigenvalues.abs() > _INFINITE * eigenvalues.abs().amax(dim=-1, keepdim=True)
    rates = (_SHIFT - 1 / torch.where(finite, eigenvalues, torch.ones_like(eigenvalues))) * _RATE
    return torch.where(finite, rates, torch.full_like(rates, torch.inf))


def _numbered(circuit: Sequence[Element], source: str, output: str) -> dict[str, int]:
    """Numbers of the nodes whose voltages are unknown."""
    nodes: dict[str, int] = {}
    for element in circuit:
        if element.letter not in _VALUE:
            raise InputError(f"an element must be {', '.join(_VALUE)}, but got {element.letter!r}")
        if element.letter != "G" and not element.value > 0:
            raise InputError(f"a value of {element.letter} must be above 0, but got {element.value:g}")
        for node in (element.plus, element.minus):
            if node not in {"0", source}:
                nodes.setdefault(node, len(nodes))
    controls = {element.control for element in circuit if element.letter == "G"}
    if unknown := controls - nodes.keys() - {"0", source}:
        raise InputError(f"the control {min(unknown)!r} of a source must be a node, which nothing else is joined to")
    if output not in nodes:
        raise InputError(f"the output {output!r} must be a node of the circuit, which has {', '.join(nodes) or 'none'}")
    return nodes


_VALUE: Final = {"R": 0, "C": 1, "G": 0}  # the matrix that an element belongs to


def _stamps(element: Element) -> tuple[tuple[int, str, str, float], ...]:
    """Matrix, row, column and value of what an element adds."""
    kind, plus, minus = _VALUE[element.letter], element.plus, element.minus
    if element.letter == "G":
        return (kind, plus, element.control, element.value), (kind, minus, element.control, -element.value)
    value = 1 / element.value if element.letter == "R" else element.value
    return (
        (kind, plus, plus, value),
        (kind, minus, minus, value),
        (kind, plus, minus, -value),
        (kind, minus, plus, -value),
    )
