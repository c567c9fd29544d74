"""Pairs and triples of inputs as the mean of what their single effects leave over of the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.encoders.additive import fit_additive, main_directions
from descend.preprocessing.encoders.codes import Coding, fit_coding
from descend.preprocessing.encoders.inner_folds import deviations, scores
from descend.preprocessing.encoders.inputs import Codes, Input, Inputs
from descend.preprocessing.encoders.search import Counted, SearchOptions, find_terms, joint_codes
from descend.preprocessing.encoders.stopping import Look, between, go_on
from descend.typing import Array, Floats

SEARCH_PRIOR = 10.0
MOST_CLASSES = 40  # of more, the residual of the most frequent ones is looked at


@dataclass(frozen=True, eq=False)
class InteractionEncoder:
    """Pairs and triples of inputs, each as the mean residual of its cell, in deviations, clipped to ± 3; unseen: 0.

    Parameters
    ----------
    codings : tuple of Coding
        Inputs that take part.
    terms : tuple of tuple of int
        Each pair or triple: numbers of codings.
    tables : tuple of ndarray of float32, shape (cells, directions)
        For each term what each combination of codes becomes.
    """

    kind: ClassVar[str] = "interactions"
    codings: tuple[Coding, ...]
    terms: tuple[tuple[int, ...], ...]
    tables: tuple[NDArray[np.float32], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return tuple(dict.fromkeys(coding.input.column for coding in self.codings))

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        names = [" × ".join(str(self.codings[j].input) for j in term) for term in self.terms]
        if all(table.shape[1] == 1 for table in self.tables):
            return tuple(names)
        return tuple(f"{n}, {k + 1}" for n, t in zip(names, self.tables, strict=True) for k in range(t.shape[1]))

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, number of features), which holds zeros; return None."""
        codes = [coding.codes(inputs) for coding in self.codings]
        first = 0
        for term, table in zip(self.terms, self.tables, strict=True):
            own = [codes[j] for j in term]
            known = np.flatnonzero(np.logical_and.reduce([code >= 0 for code in own]))
            joint = joint_codes([code[known] for code in own], [self.codings[j].size for j in term])
            out[known, first : first + table.shape[1]] = table[joint]
            first += table.shape[1]
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        counts = [sum(len(term) == size for term in self.terms) for size in (2, 3)]
        parts = [f"{n} {what}{'s' if n > 1 else ''}" for n, what in zip(counts, ("pair", "triple"), strict=True) if n]
        return (
            f"{' and '.join(parts)} of inputs: mean of the target in each combination, beyond what each input says "
            "alone, training rows by other rows only; missing: a value of its own if training rows had it, else 0; "
            "unseen combinations: 0"
        )


def fit_interactions(
    inputs: Inputs,
    chosen: Sequence[Input],
    target: Array,
    inner: Codes,
    options: SearchOptions | None = None,
    weight: Array | None = None,
    ordered: bool = False,
    look: Look = go_on,
) -> tuple[InteractionEncoder | None, NDArray[np.float32]]:
    """Return the encoder for rows that were not in the fit, and the block of the training rows, from inner folds.

    The borders of numbers and the choice of the terms come from all training rows. The columns of a fold's rows come
    from other folds, and so do the single effects they rest on: the rest that these leave over sums to about 0 in each
    level, so that what the other folds have of it would tell what the fold itself has.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    chosen : sequence of Input
        Numbers, booleans, parts of dates and categories that may take part.
    target : ndarray of float64, shape (n, C)
        z-scores (C = 1), or centred one-hot (two classes: C = 1).
    inner : ndarray of int64, shape (n,)
        Inner fold of each row, from 0; rows that belong together are in the same.
    options : SearchOptions, optional
        How many pairs and triples are sought, and how.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.
    ordered : bool, default False
        Whether a fold may use only those before it (time).
    look : callable, optional
        Called between parts of the work; what it raises ends it.

    Returns
    -------
    encoder : InteractionEncoder or None
        None if no pair or triple explains enough.
    block : ndarray of float32, shape (n, terms × min(C − 1, 4)), one column for each term if C = 1
        Columns of the training rows.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> a, b = np.tile([0.0, 0.0, 1.0, 1.0], 64), np.tile([0.0, 1.0, 0.0, 1.0], 64)
    >>> rows = Inputs({"a": make_column("a", "number", a), "b": make_column("b", "number", b)})
    >>> target = (a == b)[:, None] * 2.0 - 1.0
    >>> encoder, block = fit_interactions(rows, [Input("a"), Input("b")], target, np.arange(256) // 32)
    >>> encoder.feature_names, encoder.tables[0].round(1).ravel().tolist(), block.shape
    (('a × b',), [1.0, -1.0, -1.0, 1.0], (256, 1))
    """
    options = options or SearchOptions()
    codings = [fit_coding(inputs, one, target, options.bins, weight) for one in between(chosen, look)]
    sizes = [one.size for one in codings]
    codes = [one.codes(inputs).astype(np.min_scalar_type(size)) for one, size in zip(codings, sizes, strict=True)]
    weights = np.ones(len(target)) if weight is None else weight
    classes = np.ascontiguousarray(_most_frequent(target, weights).T)
    residual, strengths = fit_additive(codes, sizes, classes, weights, SEARCH_PRIOR)
    directions = main_directions(residual, weights)
    counted = Counted(codes, sizes, _projected(directions, residual), weight, inner, ordered)
    terms = find_terms(counted, strengths, options, look)
    if not terms:
        return None, np.empty((len(target), 0), dtype=np.float32)
    projected = _projected(directions, classes)
    every = counted.others(None, projected)
    tables = _tables(counted, projected, terms, options.smoothing, look)
    block = np.empty((len(target), len(terms) * len(directions)), dtype=np.float32)
    columns, means = np.split(block, len(terms), axis=1), list[Floats]()
    for own, term, table in zip(columns, terms, tables, strict=True):
        found = table[inner, counted.joint(term)]
        scale = deviations(found, weights)
        own[:] = scores(found, scale)
        means.append(scores(every.means(term, options.smoothing), scale))
    return _encoder(codings, terms, means), block


def _most_frequent(target: Array, weight: Array) -> Array:
    """Columns of the target: all, or those that vary most."""
    if target.shape[1] <= MOST_CLASSES:
        return target
    spread = np.add.reduce(weight[:, None] * target * target, axis=0)
    return target[:, np.sort(np.argsort(-spread, kind="stable")[:MOST_CLASSES])]


def _projected(directions: Floats, residual: Floats) -> Floats:
    """Residual along each direction, shape (directions, n)."""
    return np.einsum("dc,cn->dn", directions, residual, optimize=False) if len(residual) > 1 else residual


def _tables(counted: Counted, target: Floats, terms: Sequence[tuple[int, ...]], a: float, look: Look) -> list[Floats]:
    """For each term the means of its cells by single effects and rows of other folds, (folds, cells, directions)."""
    found: list[list[Floats]] = [[] for _ in terms]
    for fold in between(range(int(counted.inner.max()) + 1), look):
        others = counted.others(fold, target)
        for tables, term in zip(found, terms, strict=True):
            tables.append(others.means(term, a))
    return [np.stack(tables) for tables in found]


def _encoder(
    codings: Sequence[Coding], terms: Sequence[tuple[int, ...]], tables: Sequence[Floats]
) -> InteractionEncoder:
    """Keep the inputs that take part."""
    used = sorted({j for term in terms for j in term})
    number = {j: k for k, j in enumerate(used)}
    renumbered = tuple(tuple(number[j] for j in term) for term in terms)
    small = tuple(table.astype(np.float32) + np.float32(0.0) for table in tables)  # no −0.0
    return InteractionEncoder(tuple(codings[j] for j in used), renumbered, small)
