"""Networks that answer together, with inputs by index: what a row is for them, as classes; `Ensemble` computes.

Where most inputs of a network are 0 (a category as columns of 0 and 1, a number as ramps), its first layer needs only a
few rows of its weights. A *step* makes the inputs of one encoder from the values of a row: numbers at fixed places, or
*entries*, each a row of weights and what it is multiplied by. W_0 has the rows of all numbers first, step by step, then
those of all entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any, ClassVar

import numpy as np

from descend.engine import _engine
from descend.engine.checks import NO_OPTIONS, code_of
from descend.engine.native import native_plan
from descend.spec.network import NetworkSpec
from descend.typing import Array

CHUNK = 256  # rows that go through a network together; any other gives the same bits


@dataclass(frozen=True, eq=False)
class Given:
    """Numbers that somebody else has made: so many of `given`, from a column on."""

    kind: ClassVar[str] = "given"
    column: int
    count: int


@dataclass(frozen=True, eq=False)
class CodeNumbers:
    """Numbers for each code of a column: table (codes, width), float32."""

    kind: ClassVar[str] = "code numbers"
    column: int
    table: Array


@dataclass(frozen=True, eq=False)
class CodeEntries:
    """One entry for each code of a column: place int64 and factor float32 (codes,), among so many rows."""

    kind: ClassVar[str] = "code entries"
    column: int
    place: Array
    factor: Array
    rows: int


@dataclass(frozen=True, eq=False)
class Ramps:
    """A number between borders, float64, at least 2: row 2 b with 1 and row 2 b + 1 with its share of bin b.

    Missing: both with 0; below the first border: the share 0 of the first bin; above the last: 1 of the last.
    """

    kind: ClassVar[str] = "ramps"
    column: int
    borders: Array


@dataclass(frozen=True, eq=False)
class Levels:
    """A number that equals one of some levels, float64, sorted, at least 1: its row with 1; another: with 0."""

    kind: ClassVar[str] = "levels"
    column: int
    levels: Array


@dataclass(frozen=True, eq=False)
class Components:
    """Numbers z / sqrt(1 + (z/3)²), z = (x − center) / scale, less a mean; missing: 0. Then products, clipped to ± 4.

    Parameters
    ----------
    columns : ndarray of int64, shape (d,)
        The numbers.
    scalings : ndarray of float64, shape (3, d)
        Centers, scales and means.
    factors : ndarray of float64, shape (d, components)
        Added up in the order of the numbers.
    """

    kind: ClassVar[str] = "components"
    columns: Array
    scalings: Array
    factors: Array


@dataclass(frozen=True, eq=False)
class Variable:
    """A column as one number: of codes what `by_code` says, float64; of numbers itself, or `instead` where missing."""

    of_number: bool
    column: int
    by_code: Array | None
    instead: float


@dataclass(frozen=True, eq=False)
class Coding:
    """A variable as a whole number below a size, or −1: as it is, or its bin between borders, float64.

    A number that is missing is NaN as a variable and becomes `missing`.
    """

    variable: Variable
    borders: Array
    size: int
    missing: int


@dataclass(frozen=True, eq=False)
class Cells:
    """Codings together: for each of `terms`, numbers of codings, what `tables` say, float32 (cells, width); −1: 0."""

    kind: ClassVar[str] = "cells"
    codings: tuple[Coding, ...]
    terms: tuple[tuple[tuple[int, ...], Array], ...]


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees, one entry each: the place of the leaf where a row ends.

    Parameters
    ----------
    variables : tuple of Variable
        What nodes ask for.
    roots : ndarray of int64, shape (trees,)
        First node of each.
    variable : ndarray of int64, shape (nodes,)
        Which one a node asks for.
    threshold : ndarray of float64, shape (nodes,)
        A row goes left if the variable is less.
    children : ndarray of int64, shape (nodes, 2)
        Left and right, behind their node; a leaf has itself.
    place : ndarray of int64, shape (nodes,)
        Row of a leaf; −1 for others.
    rows : int
        Leaves.
    factor : float
        What each entry is multiplied by.
    """

    kind: ClassVar[str] = "trees"
    variables: tuple[Variable, ...]
    roots: Array
    variable: Array
    threshold: Array
    children: Array
    place: Array
    rows: int
    factor: float


Step = Given | CodeNumbers | CodeEntries | Ramps | Levels | Components | Cells | Trees


@dataclass(frozen=True, eq=False)
class IndexedNet:
    """One network.

    Parameters
    ----------
    steps : tuple of int
        Numbers of the steps that make its inputs, in their order.
    W : ndarray of float32, shape (rows, n_1)
        Of the numbers of all its steps, then of their entries.
    bias : ndarray of float32, shape (n_1,)
        What every sum begins with: c W[bias], or zeros.
    activation : str
        Of layer 1; not softmax.
    rest : NetworkSpec
        From layer 1 to the outputs.
    theta : ndarray of float32
        Its weights.
    """

    steps: tuple[int, ...]
    W: Array
    bias: Array
    activation: str
    rest: NetworkSpec
    theta: Array

    def native(self) -> tuple[Any, ...]:
        """Return what the compiled module takes."""
        plan = native_plan(self.rest, np.dtype(np.float32), NO_OPTIONS | {"rows": CHUNK, "batch_size": CHUNK})
        sigma = code_of(_engine.ACTIVATIONS, self.activation, "activation")
        return self.steps, self.W, self.bias, sigma, plan, self.theta


class Ensemble:
    """Networks that answer together: Σ over shares of weight × mean of their networks' answers. Threads may share it.

    Parameters
    ----------
    numbers, given : int
        Columns of these that rows have.
    codes : sequence of int
        Codes of each code column: 0 missing, 1 unseen, then one for each level.
    steps : sequence of step
        What makes inputs; networks may share them.
    nets : sequence of IndexedNet
        With equally many outputs.
    shares : sequence of (float, sequence of int)
        Weights, and numbers of networks.

    Raises
    ------
    TypeError, ValueError
        If something does not fit; the text names it.

    Examples
    --------
    A number between borders 0, 1 and 3, of which the network makes 10 · first ramp + 20 · second, then relu, then · 2.

    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> W = np.array([[0.0], [10.0], [10.0], [20.0]], dtype=np.float32)
    >>> zero, two = np.zeros(1, dtype=np.float32), np.array([2.0], dtype=np.float32)
    >>> net = IndexedNet((0,), W, zero, "relu", make_spec([1, 1], bias=0), two)
    >>> ensemble = Ensemble(1, 0, (), [Ramps(0, np.array([0.0, 1.0, 3.0]))], [net], [(1.0, (0,))])
    >>> numbers = np.array([[-5.0, 0.5, 2.0, 9.0, np.nan]])
    >>> ensemble.answer(numbers, np.empty((0, 5), dtype=np.int64), np.empty((5, 0), dtype=np.float32)).ravel().tolist()
    [0.0, 10.0, 40.0, 60.0, 0.0]
    """

    def __init__(
        self,
        numbers: int,
        given: int,
        codes: Sequence[int],
        steps: Sequence[Step],
        nets: Sequence[IndexedNet],
        shares: Sequence[tuple[float, Sequence[int]]],
    ) -> None:
        made = [(step.kind, *astuple(step)) for step in steps]
        groups = [(weight, tuple(own)) for weight, own in shares]
        self._n_d = nets[0].rest.sizes[-1]
        self._answer = _engine.Ensemble((numbers, given, tuple(codes)), made, [net.native() for net in nets], groups)

    def answer(self, numbers: Array, codes: Array, given: Array) -> Array:
        """Return the answers, float64, shape (m, n_d); a row has the same bits alone and among others.

        Parameters
        ----------
        numbers : ndarray of float64, shape (columns, m)
            NaN where missing.
        codes : ndarray of int64, shape (code columns, m)
            Below the number of codes of their column.
        given : ndarray of float32, shape (m, columns)
            Numbers that somebody else has made.

        Raises
        ------
        TypeError, ValueError
            If an array does not fit.
        """
        output = np.empty((len(given), self._n_d))
        self._answer.answer(numbers, codes, given, output)
        return output
