"""`TabularRegressor`: numbers from a raw table, without tuning."""

from __future__ import annotations

import math
from typing import Any

from sklearn.base import RegressorMixin

from descend.errors import DataError
from descend.estimators.mlp.moment import as_it_is
from descend.estimators.tabular.base import BaseTabular
from descend.estimators.tabular.documentation import documented
from descend.estimators.tabular.intervals import PredictsIntervals
from descend.estimators.tabular.metrics import NUMBER_METRICS
from descend.estimators.tabular.targets import NumberTarget, number_target, numbers_of
from descend.typing import Array


@documented
class TabularRegressor(PredictsIntervals, RegressorMixin, BaseTabular):  # type: ignore[misc]
    """Numbers from a raw table, without tuning: a blend of networks.

    {what_it_does}

    Networks learn z-scores of y by their squared error; answers never leave the range of the training rows. y of
    shape (n, k) has k numbers for each row, learnt together.

    Parameters
    ----------
    {effort}
    eval_metric : str or None, default None
        What members are chosen and weighed by: "rmse", "mae", "mape", "median_absolute_error" or "r2" (of several
        numbers the mean), computed by scikit-learn on out-of-fold rows, in y's units. None: the squared error that the
        networks descend; only then do the bits not depend on the instructions that NumPy chooses.
    {rows}
    {machine}

    Attributes
    ----------
    {attributes}

    {notes}

    Examples
    --------
    >>> from descend import TabularRegressor
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
    >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, y)
    >>> net.score(X, y) > 0.5
    True
    """

    _metrics = NUMBER_METRICS
    _target: NumberTarget

    def predict(self, X: Any) -> Array:
        """Return the predicted number of every row, (m,); (m, k) for k numbers.

        X is a table as in `fit`; or one record, a dict of cells by their columns' names, or a list of such: that takes
        microseconds a record.
        """
        now = as_it_is(self)
        outputs = now._outputs(X)
        return now._target.answers(outputs)

    # ------------------------------------------------------------ what y is

    def _labels(self, y: Any, name: str) -> Array:
        return numbers_of(y, self._name, name)

    def _find_target(self, y: Array) -> NumberTarget:
        return number_target(y)

    def _known(self, target: NumberTarget, y: Array, name: str) -> Array:
        columns = len(target.mean)
        if (y.shape[1] if y.ndim == 2 else 1) != columns:
            raise DataError(f"{self._name}: {name} must have {columns} columns as in `fit`; got shape {y.shape}.")
        return y

    def _again(self, target: NumberTarget, y: Array) -> NumberTarget:
        del target
        return number_target(y)

    def _class_weights(self, y: Array) -> tuple[Array, None]:
        return y, None

    def _words(self, loss: float) -> str:
        if len(self._target.mean) > 1:
            return f"loss {loss:.3g}"
        return f"RMSE {math.sqrt(2.0 * loss) * float(self._target.scale[0]):.3g}"
