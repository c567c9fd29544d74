"""The data of one run: arrays of training and validation rows, and how the weights of samples are scaled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.spec.indexed import Samples
from descend.typing import Array


@dataclass(frozen=True)
class Data:
    """The arrays of a run, C-contiguous and of the plan's dtype.

    Parameters
    ----------
    X, Y : ndarray
        Training rows, (rows, n_0) and (rows, n_d). X may be `IndexedRows` with the fields of the plan's network: the
        run then goes by index.
    sample_weight : ndarray or None
        (rows,), normalised to mean 1.
    X_validation, Y_validation, validation_weight : ndarray or None
        The same for validation rows, by index if X is; weights of any scale.
    """

    X: Samples
    Y: Array
    sample_weight: Array | None = None
    X_validation: Samples | None = None
    Y_validation: Array | None = None
    validation_weight: Array | None = None


def normalised(sample_weight: Array | None, rows: int) -> Array:
    """Sample weights scaled to mean 1 over all rows, w·m/Σw; ones if there are none."""
    if sample_weight is None:
        return np.ones(rows)
    w = sample_weight.astype(np.float64)
    w = w / w.max()  # neither sum nor quotient leaves the range of the numbers, whatever the scale
    return np.asarray(w * (rows / w.sum()))
