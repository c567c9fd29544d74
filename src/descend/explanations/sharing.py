"""Inputs of a network that several columns make together: what each column has of their difference between two rows.

Pairs and triples of inputs, leaves of trees and principal components read several columns. Of what such an input adds
to an answer, each column is given its Shapley value: the mean, over all orders in which the columns could turn from
those of one row into those of another, of what its own turning changes. Here exact, by a formula for each kind.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import accumulate
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
        self._codings = encoder.codings
        self.inputs = tuple(coding.input for coding in encoder.codings)
        widths = [table.shape[1] for table in encoder.tables]
        firsts = [0, *accumulate(widths)]
        alike: dict[tuple[int, int], list[int]] = {}  # terms of as many inputs and as many columns
        for number, (term, width) in enumerate(zip(encoder.terms, widths, strict=True)):
            alike.setdefault((len(term), width), []).append(number)
        self._groups = [
            _Terms(
                np.array([encoder.terms[k] for k in members], dtype=np.int64).T,
                [np.concatenate([encoder.tables[k], np.zeros_like(encoder.tables[k][:1])]) for k in members],
                [firsts[k] for k in members],
            )
            for members in alike.values()
        ]

    def of(self, rows: Inputs) -> Array:
        """Return the codes of rows, (codings, m)."""
        return np.stack([coding.codes(rows) for coding in self._codings])

    def shares(self, own: Array, other: Array, place: int, G: Array, D: Array) -> Floats:  # noqa: ARG002
        """See `Sharing`."""
        out = np.zeros((len(self.inputs), len(G)))
        sizes = np.array([coding.size for coding in self._codings], dtype=np.int64)[:, None]
        theirs = np.broadcast_to(other[:, place][:, None], own.shape)
        for group in self._groups:
            players = len(group.terms)
            corners = [group.corner(own, theirs, sizes, corner, G) for corner in range(2**players)]
            for k in range(players):
                np.add.at(out, group.terms[k], _shapley(corners, k, players))
        return np.asarray(out.T)


class _Terms:
    """Terms of as many inputs, whose tables have as many columns.

    `terms` is (inputs of a term, terms); each of the `tables` ends with a row of 0, for cells that are not known;
    `firsts` says where the columns of each term begin.
    """

    def __init__(self, terms: Array, tables: list[Array], firsts: list[int]) -> None:
        self.terms, self._table = terms, np.concatenate(tables)
        ends = np.cumsum([len(table) for table in tables])
        self._starts, self._unknown = (ends - [len(table) for table in tables])[:, None], (ends - 1)[:, None]
        self._columns = np.array(firsts)[:, None] + np.arange(self._table.shape[1])

    def corner(self, own: Array, theirs: Array, sizes: Array, corner: int, G: Array) -> Floats:
        """What terms add where inputs are those of the rows if `corner` has their bit, else the others', (terms, m)."""
        joint, known = np.zeros(1, dtype=np.int64), np.ones(1, dtype=bool)
        for k, ones in enumerate(self.terms):
            code = (own if corner >> k & 1 else theirs)[ones]
            joint = joint * sizes[ones] + code
            known = known & (code >= 0)
        cells = self._table[np.where(known, self._starts + joint, self._unknown)]
        return np.asarray(np.add.reduce(cells * G.T[self._columns].swapaxes(1, 2), axis=2, dtype=np.float64))


def _shapley(corners: list[Floats], k: int, players: int) -> Floats:
    """The Shapley value of player k, from the values of all coalitions, by their bits."""
    total = np.zeros(corners[0].shape)
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
        leaf = np.array([leaf for leaf, *_ in paths], dtype=np.int64)
        self._leaves, starts, of_leaf = np.unique(leaf, return_index=True, return_inverse=True)
        slot = np.arange(len(leaf)) - starts[of_leaf]  # conditions of a leaf one above the other
        shape = (int(slot.max(initial=-1)) + 1, len(self._leaves))  # a tree of one leaf has no condition
        ranking, low, high = np.full(shape, -1), np.full(shape, -np.inf), np.full(shape, np.inf)
        for k, (array, of) in enumerate(((ranking, np.int64), (low, np.float64), (high, np.float64))):
            array[slot, of_leaf] = np.array([path[k + 1] for path in paths], dtype=of)
        self._ranking, self._low, self._high = ranking, low[..., None], high[..., None]
        self._there = np.flatnonzero(ranking.ravel() >= 0)
        self._there = self._there[np.argsort(ranking.ravel()[self._there], kind="stable")]
        self._asked, self._first = np.unique(ranking.ravel()[self._there], return_index=True)

    def of(self, rows: Inputs) -> Array:
        """Return which conditions rows meet, 1 or 0, int16, (most conditions of a leaf, leaves, m); 1 where none is."""
        numbers = np.stack([one.numbers(rows) for one in self._encoder.rankings])[self._ranking]
        met = (numbers >= self._low) & (numbers < self._high) | (self._ranking < 0)[..., None]
        return np.asarray(met.astype(np.int16))

    def shares(self, own: Array, other: Array, place: int, G: Array, D: Array) -> Floats:  # noqa: ARG002
        """See `Sharing`."""
        out = np.zeros((len(G), len(self.inputs)))
        if not len(self._leaves):
            return out
        theirs = other[:, :, place, None]
        base = len(own) + 1
        unmet = np.where(theirs > 0, base, base * base)  # by what a condition that a row does not meet is counted
        met = np.where((theirs > 0) | (self._ranking < 0)[..., None], 0, 1)
        whole = np.int16 if base**3 < 2**15 else np.int64
        key = np.add.reduce(unmet, axis=0).astype(whole)
        for one, by in zip(own, (met - unmet).astype(whole), strict=True):
            key = key + one * by  # a + base c + base² (conditions that neither row meets)
        g = G.T[self._leaves] * np.float32(self._encoder.size)
        gain, loss = (g * weights[key] for weights in self._weights)
        parts = np.where(theirs > 0, loss, gain) * (own - theirs).astype(np.float32)
        by_condition = parts.reshape(-1, len(G))[self._there]
        out[:, self._asked] = np.add.reduceat(by_condition, self._first, axis=0).T
        return out

    @cached_property
    def _weights(self) -> Array:
        """(a − 1)! c! / (a + c)! and a! (c − 1)! / (a + c)! by a + base c; 0 above, float32."""
        most = len(self._ranking)
        base = most + 1
        table = np.zeros((2, (most + 1) * base * base), dtype=np.float32)
        for a in range(most + 1):
            for c in range(most + 1 - a):
                if a:
                    table[0, a + base * c] = factorial(a - 1) * factorial(c) / factorial(a + c)
                if c:
                    table[1, a + base * c] = factorial(a) * factorial(c - 1) / factorial(a + c)
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
