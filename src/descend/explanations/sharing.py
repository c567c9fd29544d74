"""Inputs of a network that several columns make together: what each column has of their difference between two rows.

Pairs and triples of inputs, leaves of trees and principal components read several columns. Of what such an input adds
to an answer, each column is given its Shapley value: the mean, over all orders in which the columns could turn from
those of one row into those of another, of what its own turning changes. Here exact, by a formula for each kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import factorial
from typing import Any, Protocol

import numpy as np

from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.interactions import InteractionEncoder
from descend.preprocessing.encoders.leaves import LeafEncoder
from descend.preprocessing.encoders.principal import PrincipalEncoder, scaled
from descend.typing import Array, Floats


class Sharing(Protocol):
    """How the columns that an encoder reads share what it makes."""

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Columns, or parts of dates, between which is shared."""

    def of(self, rows: Inputs) -> Any:
        """Return what is to be known of rows."""

    def shares(self, own: Any, other: Any, place: int, G: Array, D: Array) -> Floats:
        """Return what each input has of Σ G D, the difference of the rows from one other row.

        Parameters
        ----------
        own, other : object
            What `of` said of the rows (m,), and of some other rows.
        place : int
            Which of the other rows.
        G, D : ndarray of float32, shape (m, width)
            Gradients by the columns that the encoder makes, and the difference of these columns.

        Returns
        -------
        ndarray of float64, shape (m, inputs)
            Rows sum to Σ G D but for rounding.
        """


# ---------------------------------------------------------------- pairs and triples


class SharedCells:
    """Of pairs and triples: by all corners between two rows, four or eight."""

    def __init__(self, encoder: InteractionEncoder) -> None:
        self._encoder = encoder
        self.inputs = tuple(coding.input for coding in encoder.codings)
        self._tables = [np.concatenate([table, np.zeros_like(table[:1])]) for table in encoder.tables]

    def of(self, rows: Inputs) -> Array:
        """Return the codes of rows, (codings, m)."""
        return np.stack([coding.codes(rows) for coding in self._encoder.codings])

    def shares(self, own: Array, other: Array, place: int, G: Array, D: Array) -> Floats:  # noqa: ARG002
        """See `Sharing`."""
        out = np.zeros((len(G), len(self.inputs)))
        first = 0
        for term, table in zip(self._encoder.terms, self._tables, strict=True):
            g = G[:, first : first + table.shape[1]]
            first += table.shape[1]
            corners = [self._corner(term, table, own, other[:, place], corner, g) for corner in range(2 ** len(term))]
            for k, one in enumerate(term):
                out[:, one] += _shapley(corners, k, len(term))
        return out

    def _corner(self, term: tuple[int, ...], table: Array, own: Array, other: Array, corner: int, g: Array) -> Floats:
        """What a term adds where inputs are those of the rows if `corner` has their bit, else those of the other."""
        joint: Any = 0
        known: Any = True
        for k, one in enumerate(term):
            code = own[one] if corner >> k & 1 else other[one]
            joint = joint * self._encoder.codings[one].size + code
            known = known & (code >= 0)
        cells = np.broadcast_to(np.where(known, joint, len(table) - 1), len(g))
        return np.asarray(np.add.reduce(table[cells] * g, axis=1, dtype=np.float64))


def _shapley(corners: list[Floats], k: int, players: int) -> Floats:
    """The Shapley value of player k, from the values of all coalitions, by their bits."""
    total = np.zeros(len(corners[0]))
    for corner in range(2**players):
        if not corner >> k & 1:
            others = corner.bit_count()
            weight = factorial(others) * factorial(players - others - 1) / factorial(players)
            total += weight * (corners[corner | 1 << k] - corners[corner])
    return total


# ---------------------------------------------------------------- components


class SharedComponents:
    """Of principal components: each number its own term of the sum; what is clipped is taken off all in proportion."""

    def __init__(self, encoder: PrincipalEncoder) -> None:
        self._encoder = encoder
        self.inputs = encoder.inputs
        self._components = np.array(encoder.components)

    def of(self, rows: Inputs) -> Floats:
        """Return the scaled numbers, (m, d)."""
        encoder = self._encoder
        ones = zip(encoder.inputs, encoder.centers, encoder.scales, strict=True)
        return np.stack([scaled(rows.numbers(one), center, scale) for one, center, scale in ones], axis=1)

    def shares(self, own: Floats, other: Floats, place: int, G: Array, D: Array) -> Floats:
        """See `Sharing`."""
        apart = own - other[place]
        whole = np.einsum("mu,ku->mk", apart, self._components, optimize=False)
        kept = np.divide(D, whole, out=np.zeros_like(whole), where=np.abs(whole) > 1e-9)
        return np.asarray(apart * np.einsum("mk,ku->mu", G * kept, self._components, optimize=False))


# ---------------------------------------------------------------- leaves


class SharedLeaves:
    """Of the leaves of trees: by the conditions of each leaf.

    A leaf is reached by a mixture of two rows if for each condition on its path the row that the mixture takes the
    input from meets it. So inputs that only the one row meets, a of them, and only the other, c of them, decide:
    the Shapley values are (a − 1)! c! / (a + c)! and −a! (c − 1)! / (a + c)! of the leaf's value (SHAP's formula for
    trees and one background row).
    """

    def __init__(self, encoder: LeafEncoder) -> None:
        self._encoder = encoder
        self.inputs = tuple(ranking.input for ranking in encoder.rankings)
        paths = _paths(encoder)
        self._ranking = np.array([ranking for _, ranking, _, _ in paths], dtype=np.int64)
        self._low, self._high = (np.array([path[k] for path in paths])[:, None] for k in (2, 3))
        leaf = np.array([leaf for leaf, *_ in paths], dtype=np.int64)
        self._leaves, self._starts = np.unique(leaf, return_index=True)  # a tree of one leaf has no condition
        self._of_leaf = np.searchsorted(self._leaves, leaf)
        self._order = np.argsort(self._ranking, kind="stable")
        self._asked, self._first = np.unique(self._ranking[self._order], return_index=True)

    def of(self, rows: Inputs) -> Array:
        """Return which conditions rows meet, (conditions, m)."""
        numbers = np.stack([one.numbers(rows) for one in self._encoder.rankings])[self._ranking]
        return np.asarray((numbers >= self._low) & (numbers < self._high))

    def shares(self, own: Array, other: Array, place: int, G: Array, D: Array) -> Floats:  # noqa: ARG002
        """See `Sharing`."""
        theirs = other[:, place]
        out = np.zeros((len(G), len(self.inputs)))
        if not len(self._starts):
            return out
        only_own, only_other = own & ~theirs[:, None], ~own & theirs[:, None]
        a, c, gone = (
            np.add.reduceat(one, self._starts, axis=0, dtype=np.int8)
            for one in (only_own, only_other, ~own & ~theirs[:, None])
        )
        g = np.where(gone == 0, G.T[self._leaves] * np.float32(self._encoder.size), np.float32(0.0))
        gain, loss = (g * weight for weight in self._weights[:, a, c])
        own_part = np.where(only_own, gain[self._of_leaf], np.float32(0.0))
        own_part -= np.where(only_other, loss[self._of_leaf], np.float32(0.0))
        out[:, self._asked] = np.add.reduceat(own_part[self._order], self._first, axis=0).T
        return out

    @cached_property
    def _weights(self) -> Array:
        """(a − 1)! c! / (a + c)! and a! (c − 1)! / (a + c)!, float32, (2, most + 1, most + 1)."""
        most = int(np.bincount(self._of_leaf).max())
        table = np.zeros((2, most + 1, most + 1), dtype=np.float32)
        for a in range(most + 1):
            for c in range(most + 1 - a):
                if a:
                    table[0, a, c] = factorial(a - 1) * factorial(c) / factorial(a + c)
                if c:
                    table[1, a, c] = factorial(a) * factorial(c - 1) / factorial(a + c)
        return table


def _paths(encoder: LeafEncoder) -> list[tuple[int, int, float, float]]:
    """Return (leaf, ranking, low, high) for each input on the way to each leaf: low ≤ its number < high."""
    found: list[tuple[int, int, float, float]] = []

    def walk(node: int, ways: dict[int, tuple[float, float]]) -> None:
        if encoder.column[node] >= 0:
            found.extend((int(encoder.column[node]), ranking, *way) for ranking, way in ways.items())
            return
        ranking, cut = int(encoder.feature[node]), float(encoder.threshold[node])
        low, high = ways.get(ranking, (-np.inf, np.inf))
        left, right = encoder.children[node]
        walk(int(left), ways | {ranking: (low, min(high, cut))})
        walk(int(right), ways | {ranking: (max(low, cut), high)})

    for root in encoder.roots:
        walk(int(root), {})
    return sorted(found)


SHARED: dict[str, Callable[[Any], Sharing]] = {
    "interactions": SharedCells,
    "principal": SharedComponents,
    "leaves": SharedLeaves,
}
