"""Soft labels: rows that say how probable each class is, instead of which one it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import issparse

from descend.errors import DataError, quoted
from descend.typing import Array

SLACK = 1e-3  # by which a row's sum may miss 1: rounded probabilities
BALANCED = "balanced"


@dataclass(frozen=True, eq=False)
class SoftLabels:
    """Probabilities of classes, a row for each sample.

    Parameters
    ----------
    labels : ndarray, shape (k,)
        The classes, sorted, all different.
    shares : ndarray of float64, shape (n, k)
        Each from 0 to 1; rows sum to 1.

    Examples
    --------
    >>> soft = SoftLabels(np.array(["no", "yes"]), np.array([[0.3, 0.7], [1.0, 0.0]]))
    >>> soft.likeliest().tolist(), len(soft), soft[1:].shares.tolist()
    (['yes', 'no'], 2, [[1.0, 0.0]])
    """

    labels: Array
    shares: Array
    ndim = 1  # as of labels

    def __len__(self) -> int:
        return len(self.shares)

    def __getitem__(self, rows: Any) -> SoftLabels:
        return SoftLabels(self.labels, self.shares[rows])

    @property
    def shape(self) -> tuple[int]:
        """(n,)."""
        return (len(self.shares),)

    def likeliest(self) -> Array:
        """Return the likeliest label of each row, (n,); among equals the first."""
        return np.asarray(self.labels[self.shares.argmax(axis=1)])

    def over(self, labels: Array) -> Array:
        """Return the shares of other labels, (n, len(labels)), 0 of those that are not here; all of ours are there."""
        out = np.zeros((len(self), len(labels)))
        out[:, np.searchsorted(labels, self.labels)] = self.shares
        return out

    def weighted(self, class_weight: Any) -> tuple[SoftLabels, Array]:
        """Return what to learn, and what each row counts, (n,), where the loss of each class has a weight of its own.

        Σ_k c_k p_k (−log v_k) is the loss of shares c_k p_k / w, in a row that counts w = Σ_k c_k p_k.

        Parameters
        ----------
        class_weight : dict or "balanced"
            Weight of each class, 1 if it is not there; "balanced": n / (k · sum of its shares).

        Examples
        --------
        >>> soft = SoftLabels(np.array([0, 1]), np.array([[0.5, 0.5], [1.0, 0.0]]))
        >>> shares, weights = soft.weighted({1: 3.0})
        >>> shares.shares.tolist(), weights.tolist()
        ([[0.25, 0.75], [1.0, 0.0]], [2.0, 1.0])
        """
        if isinstance(class_weight, Mapping):
            each = np.array([float(class_weight.get(one, 1.0)) for one in self.labels.tolist()])
        elif class_weight == BALANCED:
            mass = np.add.reduce(self.shares, axis=0)
            each = np.where(mass > 0.0, len(self) / (len(self.labels) * np.where(mass > 0.0, mass, 1.0)), 0.0)
        else:
            raise DataError(f'`class_weight` must be a dict, "balanced" or None for soft labels; got {class_weight!r}.')
        counted = self.shares * each
        weights = np.add.reduce(counted, axis=1)
        shares = np.where(weights[:, None] > 0.0, counted / np.where(weights > 0.0, weights, 1.0)[:, None], self.shares)
        return SoftLabels(self.labels, shares), weights


def soft_labels(y: Any, who: str, name: str = "y") -> SoftLabels | None:
    """Return y as soft labels; None if it is something else.

    Soft labels are numbers in at least two columns, one for each class, some of which are fractions. Whole numbers are
    labels, as ever, also where a 1 in each row says which class it is.

    Parameters
    ----------
    y : array_like or data frame
        (n, k). The names of a data frame's columns are the classes; of anything else they are 0 … k − 1.
    who, name : str
        The estimator, and what y is called, for errors.

    Raises
    ------
    DataError
        If a row holds something that is no probability, or does not sum to 1 (within a thousandth: it is then divided
        by its sum); if columns cannot be classes.

    Examples
    --------
    >>> soft_labels([[0.25, 0.75], [1, 0]], "fit").shares.tolist()
    [[0.25, 0.75], [1.0, 0.0]]
    >>> soft_labels([[0, 1], [1, 0]], "fit") is None
    True
    """
    shares = _fractions(y)
    if shares is None:
        return None
    finite = np.isfinite(shares) & (shares >= 0.0) & (shares <= 1.0)
    sums = np.add.reduce(np.where(finite, shares, 0.0), axis=1)
    wrong = np.flatnonzero(~finite.all(axis=1) | (np.abs(sums - 1.0) > SLACK))
    if wrong.size:
        raise DataError(_problem(shares, finite, sums, wrong, f"{who}: {name}"))
    labels = _labels_of(y, shares.shape[1], f"{who}: {name}")
    order = np.argsort(labels, kind="stable")
    return SoftLabels(labels[order], np.ascontiguousarray((shares / sums[:, None])[:, order]))


def _fractions(y: Any) -> Array | None:
    """Return y as numbers, some of them fractions, in several columns; None if it is no such thing."""
    if y is None or isinstance(y, SoftLabels) or issparse(y):
        return None
    try:
        given = np.asarray(y)
    except ValueError:  # rows of different lengths
        return None
    if given.ndim != 2 or given.shape[1] < 2 or given.dtype.kind not in "fO":
        return None
    if given.dtype.kind == "O":
        numbers = all(isinstance(one, int | float | np.number) or _is_missing(one) for one in given.flat)
        if not numbers:
            return None
        given = np.array([np.nan if _is_missing(one) else one for one in given.flat]).reshape(given.shape)
    shares: Array = given.astype(np.float64)
    known = shares[np.isfinite(shares)]
    return None if (known == np.floor(known)).all() else shares


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType"


def _problem(shares: Array, finite: Array, sums: Array, wrong: Array, where: str) -> str:
    row = int(wrong[0])
    odd = shares[row][~finite[row]]
    got = f"holds {odd[0]:g}" if odd.size else f"sums to {sums[row]:.6g}"
    if 2 * int(finite.all(axis=1).sum()) <= len(shares):  # numbers of another kind, or per cent
        return (
            f"{where} must hold labels, or probabilities of classes, each from 0 to 1, a row's sum 1; it holds numbers "
            f"with fractions in {shares.shape[1]} columns, such as {odd[0]:g} in row {row + 1}. If they are shares, "
            "divide each row by its sum; to predict numbers, use a regressor."
        )
    more = f" ({wrong.size:,} of {len(shares):,} rows are not)" if wrong.size > 1 else ""
    remedy = "Correct it, or leave the row out." if odd.size else "Divide each row by its sum, or leave the row out."
    return (
        f"{where} has fractions in {shares.shape[1]} columns, so it is taken for probabilities of classes: each from 0 "
        f"to 1, a row's sum 1; row {row + 1} {got}{more}. {remedy}"
    )


def _labels_of(y: Any, columns: int, where: str) -> Array:
    """The classes: names of a data frame's columns, or 0 … k − 1."""
    names = getattr(y, "columns", None)
    if names is None:
        return np.arange(columns)
    names = list(names)
    labels = np.array(names)
    kinds = {isinstance(one, str) for one in names}
    if len(kinds) > 1 or labels.ndim != 1 or labels.dtype.kind not in "biufU":
        raise DataError(f"{where}: the names of its columns are the classes: all must be text, or all numbers.")
    if len(set(names)) < columns:
        twice = next(one for one in names if names.count(one) > 1)
        raise DataError(f"{where}: the names of its columns are the classes; {quoted(twice)} is there twice.")
    return labels
