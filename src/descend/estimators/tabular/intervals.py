"""How far answers may be off: what `TabularRegressor` and `TabularClassifier` say of residuals out of fold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_is_fitted

from descend.errors import DataError
from descend.estimators.mlp.instead import Instead
from descend.estimators.mlp.moment import as_it_is
from descend.estimators.tabular.targets import ClassTarget, NumberTarget
from descend.models.blends.blend import Blend
from descend.models.sections import Sections
from descend.models.uncertainty.ask import known_classes, known_numbers
from descend.models.uncertainty.calibrate import Uncertainty, as_shares
from descend.models.uncertainty.classes import ClassUncertainty
from descend.models.uncertainty.disagreement import blend_answers
from descend.models.uncertainty.numbers import NumberUncertainty, Units
from descend.models.uncertainty.sets import blend_sets
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.encoders.inputs import Inputs

UNKNOWN = (
    "the estimator must keep residuals of rows that it has not learnt; this one has none: it imitates another "
    "estimator (`distil`; ask that one), its fit was cut short, or its file is of before. Fit it again."
)


def units_of(target: ClassTarget | NumberTarget) -> Units | None:
    """Return what z-scores are of; None for classes."""
    if isinstance(target, ClassTarget):
        return None
    return Units(target.mean, target.scale, target.low, target.high)


def refitted(known: Uncertainty | None, target: ClassTarget | NumberTarget) -> Uncertainty | None:
    """Return what is kept after a refit: the residuals of the fit, and the range of the new rows too."""
    if isinstance(known, NumberUncertainty) and isinstance(target, NumberTarget):
        return known.widened(target.low, target.high)
    return known.whole() if isinstance(known, ClassUncertainty) else known


class PredictsIntervals:
    """A part of `TabularRegressor`."""

    n_jobs: int | None
    _name: str
    _blend: Blend
    _target: NumberTarget
    _sections: Sections
    _inputs: Callable[[Any], Inputs]

    predict_set = Instead("predict_interval", "numbers")

    def predict_interval(self, X: Any, coverage: float = 0.9) -> Array:
        """Return between which two numbers each row's number is, (m, 2); (m, k, 2) for k numbers, each by itself.

        Intervals are cross-conformal: out-of-fold residuals, in units of what is usual for such an answer where the
        members disagree so much. Rows like those of `fit` are in theirs with about the share `coverage`.

        Parameters
        ----------
        X : data frame, array_like, sparse matrix, dict or list of dict
            As in `predict`.
        coverage : float, default 0.9
            Between 0 and 1.

        Raises
        ------
        ValueError
            If it is no coverage, or one that is too high for the rows of `fit`.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X[:342], y[:342])
        >>> low, high = net.predict_interval(X[342:], coverage=0.8).T
        >>> bool(abs(((low <= y[342:]) & (y[342:] <= high)).mean() - 0.8) < 0.1)
        True
        """
        now = as_it_is(self)
        known = now._known_numbers("predict_interval")
        return now._around(X, known, known.ends(coverage))

    def predict_quantiles(self, X: Any, quantiles: Any = (0.05, 0.5, 0.95)) -> Array:
        """Return numbers that a row's number exceeds with some probability, (m, q); (m, k, q) for k numbers.

        Parameters
        ----------
        X : data frame, array_like, sparse matrix, dict or list of dict
            As in `predict`.
        quantiles : sequence of float, default (0.05, 0.5, 0.95)
            The probabilities not to exceed them, between 0 and 1, in any order. They never cross. That of 0.5 is a
            median; `predict` returns a mean.

        Raises
        ------
        ValueError
            If they are no quantiles, or too far out for the rows of `fit`.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, y)
        >>> low, middle, high = net.predict_quantiles(X[:1], quantiles=(0.1, 0.5, 0.9))[0]
        >>> bool(low < middle < high)
        True
        """
        now = as_it_is(self)
        known = now._known_numbers("predict_quantiles")
        return now._around(X, known, known.levels(quantiles))

    def _known_numbers(self, who: str) -> NumberUncertainty:
        check_is_fitted(self)
        return known_numbers(self._sections.uncertainty, False, f"{self._name}.{who}", UNKNOWN)

    def _around(self, X: Any, known: NumberUncertainty, scores: list[Array]) -> Array:
        answers = blend_answers(self._blend, self._inputs(X), self.n_jobs)
        found = known.around(answers, scores, self._target.mean, self._target.scale)
        return found[:, 0] if self._target.flat else found


class PredictsSets:
    """A part of `TabularClassifier`."""

    n_jobs: int | None
    _name: str
    _blend: Blend
    _target: ClassTarget
    _sections: Sections
    _inputs: Callable[[Any], Inputs]
    _outputs: Callable[[Any], Array]

    predict_interval = Instead("predict_set", "classes")
    predict_quantiles = Instead("predict_set", "classes")

    def predict_set(self, X: Any, coverage: float = 0.9, allow_empty: bool = True) -> Array:
        """Return which classes each row may be of, bool, (m, k), in the order of `classes_`.

        A class is in the set if the networks of the folds find it no less probable than they mostly found the classes
        of rows that they held out: rows like those of `fit` have theirs in the set with about the share `coverage`.

        Parameters
        ----------
        X : data frame, array_like, sparse matrix, dict or list of dict
            As in `predict`.
        coverage : float, default 0.9
            Between 0 and 1.
        allow_empty : bool, default True
            Whether a set may be empty, where no class is as probable as true classes mostly are; if not, it then holds
            the likeliest: where classes are told apart more surely than `coverage`, more rows than that are right.

        Raises
        ------
        ValueError
            If it is no coverage, or one that is too high for the rows of `fit`; for several columns or labels at once.

        Examples
        --------
        >>> from descend import TabularClassifier
        >>> from sklearn.datasets import load_iris
        >>> X, y = load_iris(return_X_y=True)
        >>> net = TabularClassifier(quality="fast", random_state=0).fit(X, y)
        >>> net.predict_set(X[[0, 77]], coverage=0.99).tolist()
        [[True, False, False], [False, True, True]]
        """
        now = as_it_is(self)
        check_is_fitted(now)
        if not now._target.single:
            raise DataError(
                f"{now._name}.predict_set: y must be one column of classes; there are several labels or columns. Fit "
                "an estimator for each."
            )
        known = known_classes(now._sections.uncertainty, True, f"{now._name}.predict_set", UNKNOWN)
        most = known.most(coverage)
        if known.folds is not None:
            return blend_sets(known.folds, now._blend, now._inputs(X), coverage, allow_empty, now.n_jobs)
        return known.sets(as_shares(now._outputs(X)), most, allow_empty)
