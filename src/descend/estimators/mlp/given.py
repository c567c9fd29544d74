"""What the user gives to an estimator, checked: rows, targets, weights, held-out rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from descend.estimators.mlp.soft import SoftLabels
from descend.estimators.solvers.result import Fitted
from descend.estimators.solvers.rows import Rows
from descend.estimators.solvers.settings import Settings
from descend.typing import Array

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


@contextmanager
def _hint_at_texts() -> Iterator[None]:
    """Add to scikit-learn's error about texts in X what to do."""
    try:
        yield
    except ValueError as error:
        if "could not convert string to float" in str(error):
            error.add_note(
                "X must hold numbers, and so must y of a regressor. TabularClassifier and TabularRegressor read text "
                "columns as they are; for this estimator encode them first."
            )
        raise


class Given:
    """The checks of both estimators; the subclasses say what y is."""

    _fitted: Fitted
    n_features_in_: int

    _labels: Callable[..., Any]  # (y, name): y of any container as scikit-learn takes it, labels of one type
    _checked_y: Callable[..., Any]  # (y, settings, reset, incremental): y, its classes known
    _encoded: Callable[[Any, np.dtype[Any]], Array]  # (y, dtype): Y of the network
    _class_weights: Callable[[Any, Settings], tuple[Any, Array | None]] | None = None  # y, and what rows count by it
    _y_numeric = False

    def _checked_rows(
        self, X: Any, y: Any, sample_weight: Any, settings: Settings, *, reset: bool, incremental: bool, name: str = "y"
    ) -> Rows:
        if not self._takes_as_they_are(X, y, reset=reset):
            y = self._labels(y, name)
            with _hint_at_texts():
                X, checked = validate_data(
                    self,
                    X,
                    y.shares if isinstance(y, SoftLabels) else y,
                    accept_sparse=["csr", "csc"],
                    multi_output=True,
                    y_numeric=self._y_numeric,
                    dtype=(np.float64, np.float32),
                    reset=reset,
                )
            y = y if isinstance(y, SoftLabels) else checked
        y = self._checked_y(y, settings, reset=reset, incremental=incremental)
        weight = own = None if sample_weight is None else _check_sample_weight(sample_weight, X)
        y, by_class = self._class_weights(y, settings) if self._class_weights else (y, None)
        if by_class is not None:
            weight = by_class if weight is None else weight * by_class
        if weight is not None and not ((weight >= 0).all() and weight.any()):
            raise ValueError(
                f"{type(self).__name__}: `sample_weight` must be ≥ 0 and not 0 everywhere. Negative values in data "
                "passed to `sample_weight`, or nothing but zeros."
            )
        dense = _aligned(X.toarray() if issparse(X) else X)
        return Rows(dense, _aligned(self._encoded(y, dense.dtype)), _aligned(weight), _aligned(own))

    def _takes_as_they_are(self, X: Any, y: Any, *, reset: bool) -> bool:
        """Whether `validate_data` would return these plain arrays as they are; then do the rest of its work."""
        plain = type(X) is np.ndarray and type(y) is np.ndarray and y.shape == X.shape[:1]
        if not plain or X.dtype not in _FLOATS or y.dtype.kind not in ("biuf" if self._y_numeric else "biufU"):
            return False
        n_features = X.shape[1] if reset and X.ndim == 2 else self.__dict__.get("n_features_in_", -1)
        if not _is_plain(X, X.dtype, n_features) or (y.dtype.kind == "f" and not np.isfinite(y).all()):
            return False
        if "feature_names_in_" in self.__dict__:
            return False
        self.n_features_in_ = n_features
        return True

    def _checked_eval_set(self, eval_set: Any, settings: Settings) -> Rows:
        if not isinstance(eval_set, tuple | list) or len(eval_set) not in (2, 3):
            raise ValueError(f"fit: `eval_set` must be (X, y) or (X, y, sample_weight); got {type(eval_set).__name__}.")
        X, y, weight = (*eval_set, None)[:3]
        return self._checked_rows(X, y, weight, settings, reset=False, incremental=True, name="y of eval_set")

    def _checked_X(self, X: Any) -> Array:
        """Rows to predict, dense, in the network's type; plain arrays take the short way."""
        if "_fitted" not in self.__dict__:
            check_is_fitted(self)
        dtype = self._fitted.network.dtype
        if _is_plain(X, dtype, self.n_features_in_) and "feature_names_in_" not in self.__dict__:
            rows: Array = X
            return rows
        X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
        return np.require(X.toarray() if issparse(X) else X, dtype, ["C", "A"])


def _aligned(array: Any) -> Any:
    """The array, or a copy where its numbers begin anywhere in memory: so they come over a network, as Dask's do."""
    return array if array is None else np.require(array, requirements="A")


def _is_plain(X: Any, dtype: np.dtype[Any], n_features: int) -> bool:
    """Whether X is what `validate_data` would return as it is."""
    plain = type(X) is np.ndarray and X.dtype == dtype and X.ndim == 2 and X.shape[1] == n_features and X.size
    return bool(plain and X.flags.aligned and np.isfinite(X).all())
