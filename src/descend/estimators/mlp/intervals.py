"""How far answers may be off: what `MLPRegressor` and `MLPClassifier` say of the residuals of held-out rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from descend.errors import DataError
from descend.estimators.mlp.instead import Instead
from descend.estimators.mlp.moment import as_it_is
from descend.estimators.mlp.targets import Classes, ColumnClasses
from descend.typing import Array

if TYPE_CHECKING:
    from descend.estimators.solvers.result import Fitted
    from descend.estimators.solvers.rows import Rows
    from descend.models.uncertainty.calibrate import Uncertainty
    from descend.models.uncertainty.numbers import NumberUncertainty

LARGEST = float(np.finfo(np.float64).max)
UNKNOWN = (
    "the estimator must have held-out rows, whose residuals say how far it may be off; it has none. Set "
    "early_stopping=True or give `eval_set`, and call `fit`."
)


def held_out_uncertainty(fitted: Fitted, held: Rows | None, rows: Rows, classes: Any) -> Any:
    """Return what the held-out rows of a fit say of new ones.

    Parameters
    ----------
    fitted : Fitted
        What predicts.
    held : Rows or None
        The user's own held-out rows; None: those that were split off, if any.
    rows : Rows
        What the fit was given.
    classes : Classes, ColumnClasses or None
        Of a classifier; weights of classes say nothing of rows as they come, and do not count here.

    Returns
    -------
    NumberUncertainty, ClassUncertainty or None
        None without held-out rows, and for several labels or columns of classes.
    """
    if held is None and fitted.split is not None:
        held = rows.take(fitted.split.held)
    if held is None or isinstance(classes, ColumnClasses) or (classes is not None and classes.multilabel):
        return None
    from descend.models.uncertainty.calibrate import network_uncertainty
    from descend.models.uncertainty.numbers import Units

    weight = None if held.own_weight is None else held.own_weight.astype(np.float64)
    v, Y = fitted.output(held.X).astype(np.float64), held.Y.astype(np.float64)
    if classes is not None:
        whole = np.hstack([1.0 - Y, Y]) if Y.shape[1] == 1 else Y
        return network_uncertainty(classes.probabilities(v), whole, weight)
    mean, scale = _center(Y)
    ends = np.full(len(mean), LARGEST)
    return network_uncertainty((v - mean) / scale, (Y - mean) / scale, weight, Units(mean, scale, -ends, ends))


def _center(Y: Array) -> tuple[Array, Array]:
    """Mean and deviation of each column, (n_d,); 1 where all are the same."""
    mean = np.add.reduce(Y, axis=0) / len(Y)
    scale = np.sqrt(np.add.reduce((Y - mean) * (Y - mean), axis=0) / len(Y))
    return mean, np.where(scale > 0.0, scale, 1.0)


class PredictsIntervals:
    """A part of `MLPRegressor`."""

    _outputs: Callable[[Any], Array]
    _learnt_levels: Array | None
    _uncertainty: Uncertainty | None

    predict_set = Instead("predict_interval", "numbers")

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Return between which two numbers each row's number is, (m, 2); (m, k, 2) for k outputs, each by itself.

        Intervals are split conformal: the residuals of the held-out rows of `fit` (`early_stopping` or `eval_set`), in
        units of what is usual for such an answer. These rows chose when to stop, so a little less than the share
        `coverage` of new rows may be inside. After `partial_fit` there are none.

        Parameters
        ----------
        X : array_like, data frame or sparse matrix
            As in `predict`.
        coverage : float, default 0.9
            Between 0 and 1.

        Raises
        ------
        ValueError
            If there are no held-out rows, or too few for the coverage; for several quantiles.

        Examples
        --------
        >>> import numpy as np
        >>> from descend import MLPRegressor
        >>> X = np.random.default_rng(0).normal(size=(400, 2))
        >>> y = X[:, 0] + 0.1 * X[:, 1]
        >>> net = MLPRegressor((8,), learning_rate_init=0.02, early_stopping=True, random_state=0).fit(X, y)
        >>> low, high = net.predict_interval(X, coverage=0.9).T
        >>> bool(((low <= y) & (y <= high)).mean() > 0.8)
        True
        """
        now = as_it_is(self)
        known = now._known_numbers("predict_interval")
        return now._around(X, known, known.ends(coverage))

    def predict_quantiles(self, X: Any, quantiles: Any = (0.05, 0.5, 0.95)) -> Array:
        """Return numbers that a row's number exceeds with some probability, (m, q); otherwise as `predict_interval`.

        Parameters
        ----------
        X : array_like, data frame or sparse matrix
            As in `predict`.
        quantiles : sequence of float, default (0.05, 0.5, 0.95)
            The probabilities not to exceed them, between 0 and 1, in any order. They never cross.

        Raises
        ------
        ValueError
            As `predict_interval`.
        """
        now = as_it_is(self)
        known = now._known_numbers("predict_quantiles")
        return now._around(X, known, known.levels(quantiles))

    def _known_numbers(self, who: str) -> NumberUncertainty:
        from descend.models.uncertainty.ask import known_numbers

        check_is_fitted(self)
        who = f"{type(self).__name__}.{who}"
        if self._learnt_levels is not None:
            raise DataError(f"{who}: the estimator has learnt quantiles; `predict` returns them.")
        return known_numbers(self.__dict__.get("_uncertainty"), False, who, UNKNOWN)

    def _around(self, X: Any, known: NumberUncertainty, scores: list[Array]) -> Array:
        from descend.models.uncertainty.disagreement import Answers

        units = known.units
        z = (self._outputs(X).astype(np.float64) - units.mean) / units.scale
        found = known.around(Answers.alone(z), scores, units.mean, units.scale)
        return found[:, 0] if found.shape[1] == 1 else found


class PredictsSets:
    """A part of `MLPClassifier`."""

    _outputs: Callable[[Any], Array]
    _classes: Any

    predict_interval = Instead("predict_set", "classes")
    predict_quantiles = Instead("predict_set", "classes")

    def predict_set(self, X: Any, coverage: float = 0.9, allow_empty: bool = True) -> Array:
        """Return which classes each row may be of, bool, (m, k), in the order of `classes_`.

        A class is in the set if the probability that it gets is no lower than what true classes mostly got on the
        held-out rows of `fit` (`early_stopping` or `eval_set`). After `partial_fit` there are none.

        Parameters
        ----------
        X : array_like, data frame or sparse matrix
            As in `predict`.
        coverage : float, default 0.9
            Share of new rows whose class is to be in its set, between 0 and 1.
        allow_empty : bool, default True
            Whether a set may be empty, where no class is as probable as true classes mostly are; if not, it then holds
            the likeliest: where classes are told apart more surely than `coverage`, more rows than that are right.

        Raises
        ------
        ValueError
            If there are no held-out rows, or too few for the coverage; for several labels or columns of classes.

        Examples
        --------
        >>> from descend import MLPClassifier
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> net = MLPClassifier((8,), early_stopping=True, validation_fraction=0.3, random_state=0).fit(X, y)
        >>> net.predict_set(X[:1]).shape
        (1, 3)
        """
        from descend.models.uncertainty.ask import known_classes

        now = as_it_is(self)
        check_is_fitted(now)
        who = f"{type(self).__name__}.predict_set"
        if not isinstance(now._classes, Classes) or now._classes.multilabel:
            raise DataError(
                f"{who}: y must be one column of classes; there are several labels or columns. Fit an estimator for "
                "each."
            )
        known = known_classes(now.__dict__.get("_uncertainty"), True, who, UNKNOWN)
        most = known.most(coverage)
        return known.sets(now._classes.probabilities(now._outputs(X)).astype(np.float64), most, allow_empty)
