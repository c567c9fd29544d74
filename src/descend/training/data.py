"""The rows of `Network.fit`: given arrays, checked; validation rows given or split off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from descend.spec.data import Data
from descend.spec.indexed import IndexedRows, Samples
from descend.spec.network import NetworkSpec
from descend.training.arrays import as_weights, as_X, as_Y
from descend.training.executors import of_rows, scaled_weights
from descend.training.options import FitOptions
from descend.training.seeds import split_generator
from descend.typing import Array


def rows_of_fit(
    spec: NetworkSpec,
    X: ArrayLike | IndexedRows,
    Y: ArrayLike,
    options: FitOptions,
    dtype: np.dtype[Any],
    entropy: int,
    problems: list[str],
) -> Data:
    """Return the rows of a call, training and validation, or note what is wrong with them."""
    rows = as_X(X, spec, dtype, problems)
    if problems:
        return Data(np.zeros((1, spec.sizes[0]), dtype), np.zeros((1, spec.sizes[-1]), dtype))
    targets = as_Y(Y, spec, len(rows), dtype, problems)
    weights = as_weights(options.sample_weight, len(rows), problems)
    if problems:
        return Data(rows, targets)
    if options.validation is None:
        return Data(rows, targets, scaled_weights(weights, dtype))
    if isinstance(options.validation, tuple | list):
        return _with_validation(spec, rows, targets, weights, options.validation, problems)
    return _split(rows, targets, weights, options.validation, entropy, problems)


def _with_validation(
    spec: NetworkSpec, X: Samples, Y: Array, weights: Array | None, given: Sequence[Any], problems: list[str]
) -> Data:
    if len(given) not in (2, 3):
        problems.append(f"`validation` must be (X, Y) or (X, Y, sample_weight), or a share; got {len(given)} entries.")
        return Data(X, Y)
    if isinstance(given[0], IndexedRows) != isinstance(X, IndexedRows):
        here, there = ("by index", "an array") if isinstance(X, IndexedRows) else ("an array", "rows by index")
        problems.append(
            f"validation X must be {here}, as `X` is; got {there}. Give both by index, or `expanded()` rows for both."
        )
        return Data(X, Y)
    X_validation = as_X(given[0], spec, X.dtype, problems, "validation X")
    Y_validation = as_Y(given[1], spec, len(X_validation), X.dtype, problems, "validation Y")
    more = given[2] if len(given) == 3 else None
    validation_weight = as_weights(more, len(X_validation), problems, "validation sample_weight")
    if problems:
        return Data(X, Y)
    return Data(
        X, Y, scaled_weights(weights, X.dtype), X_validation, Y_validation, scaled_weights(validation_weight, X.dtype)
    )


def _split(X: Samples, Y: Array, weights: Array | None, share: Any, entropy: int, problems: list[str]) -> Data:
    """Hold out a share of the rows, chosen at random from the seed."""
    is_share = isinstance(share, float | np.floating) and 0 < share < 1
    held = round(len(X) * float(share)) if is_share else 0
    if not 0 < held < len(X):
        problems.append(
            "`validation` must be (X, Y) or a share of the rows between 0 and 1 that leaves rows on both sides; "
            f"got {share!r} of {len(X)} rows."
        )
        return Data(X, Y)
    shuffled = split_generator(entropy).permutation(len(X))
    out, kept = np.sort(shuffled[:held]), np.sort(shuffled[held:])
    if weights is not None and not (weights[kept].any() and weights[out].any()):
        problems.append(
            f"`sample_weight` is 0 on all {held} rows that `validation` holds out, or on all others. "
            "Give (X, Y) for `validation`, or leave out the rows of weight 0."
        )
        return Data(X, Y)
    return of_rows(Data(X, Y, weights), kept, out)
