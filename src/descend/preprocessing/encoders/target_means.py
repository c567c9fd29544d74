"""A category as the mean of the target among the rows of its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.encoders.codes import Coding, fit_coding
from descend.preprocessing.encoders.inner_folds import deviations, fold_sums, gains, of_others, scores
from descend.preprocessing.encoders.inputs import Codes, Input, Inputs
from descend.typing import Array, Floats

SMOOTHINGS = (0.5, 2.0, 10.0, 40.0)


@dataclass(frozen=True, eq=False)
class TargetMeanEncoder:
    """A category as the mean target of its level, S / (N + a), in deviations, clipped to ± 3; unseen: 0, the mean.

    Parameters
    ----------
    coding : Coding
        The levels, and whether missing is one of its own (if it was in training rows; else it is unseen).
    means : ndarray of float32, shape (levels, C)
        What each level becomes: a column for numbers or two classes, one for each of more classes.
    smoothing : float
        a: as how many rows of the mean target the prior counts.
    """

    kind: ClassVar[str] = "target mean"
    coding: Coding
    means: NDArray[np.float32]
    smoothing: float

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the table's columns that it reads."""
        return (self.coding.input.column,)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        name, count = self.coding.input.column, self.means.shape[1]
        if count == 1:
            return (f"target mean of {name}",)
        return tuple(f"target mean of {name}, class {k}" for k in range(count))

    def encode(self, inputs: Inputs, out: Array) -> str | None:
        """Fill `out`, shape (m, C), which holds zeros; return None."""
        codes = self.coding.codes(inputs)
        known = codes >= 0
        out[known] = self.means[codes[known]]
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        missing = "missing: a level of its own; unseen: 0" if self.coding.missing else "missing or unseen: 0"
        return (
            f"mean of the target in each of {len(self.coding.levels):,} levels, drawn to the mean as by "
            f"{self.smoothing:g} rows, training rows by other rows only; {missing}"
        )


def fit_target_means(
    inputs: Inputs,
    name: str,
    target: Array,
    inner: Codes,
    weight: Array | None = None,
    ordered: bool = False,
    least_gain: float = 0.0,
) -> tuple[TargetMeanEncoder | None, Floats]:
    """Return the encoder for rows that were not in the fit, and the block of the training rows, from inner folds.

    The smoothing a is the one of 0.5, 2, 10, 40 by which the means of the other folds explain most of the target.

    Parameters
    ----------
    inputs : Inputs
        Training rows.
    name : str
        A category.
    target : ndarray of float64, shape (n, C)
        z-scores (C = 1), or centred one-hot (two classes: C = 1).
    inner : ndarray of int64, shape (n,)
        Inner fold of each row, from 0; rows that belong together are in the same.
    weight : ndarray of float64, shape (n,), optional
        As how many rows each row counts, > 0; 1 by default.
    ordered : bool, default False
        Whether a fold may use only those before it (time).
    least_gain : float, default 0.0
        The share of the target that must be explained, and exceeded.

    Returns
    -------
    encoder : TargetMeanEncoder or None
        None for fewer than three levels, or if the gain is too small.
    block : ndarray of float64, shape (n, C) or (n, 0)
        Columns of the training rows.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> rows = Inputs({"c": make_column("c", "category", ["a", "b", "c"] * 16)})
    >>> encoder, block = fit_target_means(rows, "c", np.tile([[-1.0], [0.0], [1.0]], (16, 1)), np.arange(48) // 6)
    >>> [round(mean, 2) for mean in encoder.means[:, 0].tolist()], encoder.smoothing, block.shape
    ([-1.23, 0.0, 1.23], 0.5, (48, 1))
    """
    nothing = None, np.empty((len(target), 0))
    coding = fit_coding(inputs, Input(name), target, 1)
    if len(coding.levels) <= 2:
        return nothing
    codes, size = coding.codes(inputs), coding.size
    weights = np.ones(len(target)) if weight is None else weight
    rows = fold_sums(codes, size, inner, weights)[:, :, None]
    sums = np.stack([fold_sums(codes, size, inner, weights * one) for one in target.T], axis=2)
    other_sums, other_rows = of_others(sums, ordered), of_others(rows, ordered)
    explained = [np.add.reduce(gains(other_sums / (other_rows + a), sums, rows), axis=None) for a in SMOOTHINGS]
    best = int(np.argmax(explained))
    if not explained[best] > least_gain * float(np.add.reduce(weights[:, None] * target * target, axis=None)):
        return nothing
    a = SMOOTHINGS[best]
    block = (other_sums / (other_rows + a))[inner, codes]
    scale = deviations(block, weights)
    means = np.add.reduce(sums, axis=0) / (np.add.reduce(rows, axis=0) + a)
    return TargetMeanEncoder(coding, scores(means, scale).astype(np.float32), a), scores(block, scale)
