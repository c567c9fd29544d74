"""`MLPClassifier`: scikit-learn's, with what was refused there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target
from sklearn.utils.validation import check_is_fitted

from descend.estimators.mlp.base import BaseMLP
from descend.estimators.mlp.documentation import documented
from descend.estimators.mlp.intervals import PredictsSets
from descend.estimators.mlp.labels import as_labels
from descend.estimators.mlp.moment import all_or_nothing, as_it_is
from descend.estimators.mlp.parameters import CLASSIFIER_CONSTRAINTS, DEFAULT_SIZES
from descend.estimators.mlp.soft import SoftLabels, soft_labels
from descend.estimators.mlp.targets import (
    Classes,
    ColumnClasses,
    accuracy,
    are_columns,
    column_classes,
    find_classes,
    same_labels,
)
from descend.estimators.solvers.settings import Settings
from descend.typing import Array


@documented
class MLPClassifier(PredictsSets, ClassifierMixin, BaseMLP):  # type: ignore[misc]
    """Multi-layer network that predicts classes; a drop-in for scikit-learn's `MLPClassifier`.

    {drop_in}

    Parameters
    ----------
    {one_run}
    class_weight : dict, list of dict, "balanced" or None, default None
        Weight of each class, times `sample_weight`; "balanced": n / (k · rows of the class). A list has one dict for
        each of several columns, whose weights are multiplied.
    {many_runs}

    Attributes
    ----------
    classes_ : ndarray, or list of ndarray
        The labels, in the order of `predict_proba`'s columns; for several columns of classes one array each.
    {attributes}

    Examples
    --------
    >>> from descend import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier((16,), solver="lbfgs", max_iter=500, restarts=4, random_state=0).fit(X, y)
    >>> net.score(X, y) > 0.97
    True

    Soft labels, (m, k) of fractions whose rows sum to 1, are learnt as probabilities of k classes; the classes are the
    names of a data frame's columns, else 0 … k − 1:

    >>> soft = 0.8 * (y[:, None] == [0, 1, 2]) + 0.2 / 3
    >>> net.fit(X, soft).predict_proba(X[:1]).round(1).tolist()
    [[0.9, 0.1, 0.1]]
    """

    _parameter_constraints = CLASSIFIER_CONSTRAINTS
    loss = "log_loss"
    class_weight: Any
    classes_: Any
    _classes: Classes | ColumnClasses

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = DEFAULT_SIZES,
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: bool | int = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool | str = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        l2: float | None = None,
        dropout: float | Sequence[float] = 0.0,
        class_weight: Any = None,
        restarts: int = 1,
        select: str = "best",
        race: str | None = None,
        n_jobs: int | None = None,
        reservoir: float | None = None,
    ) -> None:
        self._keep(locals())

    @available_if(lambda self: self._is_stochastic())  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> MLPClassifier:
        """Learn one epoch from these rows, going on from where the last call ended.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : array_like or None
            All labels there will be; needed in the first call. For k columns of classes a list of k arrays.

        Returns
        -------
        MLPClassifier
            Itself.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                'partial_fit: class_weight="balanced" needs all rows at once. Give a dict, for example from '
                "sklearn.utils.class_weight.compute_class_weight."
            )
        if classes is None and self.class_weight is None and self._streamed(X, y, sample_weight):
            return self

        def learn(new: MLPClassifier) -> None:
            new._take_classes(y, classes)
            new._fit(X, y, sample_weight, incremental=True)

        all_or_nothing(self, learn)
        return self

    def predict(self, X: Any) -> Any:
        """Return the likeliest label of every row, (m,); (m, k) for k columns, 0 and 1 for multilabel."""
        now = as_it_is(self)
        v = now._outputs(X)
        return now._classes.decode(v)

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of every class, (m, k), in the order of `classes_`; for several columns a list."""
        now = as_it_is(self)
        v = now._outputs(X)
        return now._classes.probabilities(v)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of `predict_proba`."""
        found = self.predict_proba(X)
        return [np.log(one) for one in found] if isinstance(found, list) else np.log(found)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the (weighted) share of rows that are right; of several labels or columns all must be."""
        y = self._labels(y, "y")
        y = y.likeliest() if isinstance(y, SoftLabels) else y
        if isinstance(getattr(self, "_classes", None), ColumnClasses):
            right = (self.predict(X) == np.asarray(y)).all(axis=1)
            return float(np.average(right, weights=sample_weight))
        return float(super().score(X, y, sample_weight))

    def predict_one(self, row: Any) -> Any:
        """Return the label of one row, (n_features,), without scikit-learn's checks: for loops that cannot wait."""
        now = self.__dict__  # of one moment, whatever a fit in another thread puts in place
        if "_fitted" not in now:
            check_is_fitted(self)
        v, classes = now["_fitted"].output_of_one(row), now["_classes"]
        if isinstance(classes, ColumnClasses) or classes.multilabel or len(classes.labels) == 1:
            return classes.decode(v[None])[0]
        return classes.labels[v.argmax() if len(v) > 1 else int(v[0] > 0.5)]

    # ------------------------------------------------------------ what y is

    def _take_classes(self, y: Any, classes: Any) -> None:
        """Note the `classes` of a first partial_fit; those of a later one must be the same."""
        first = not self.__sklearn_is_fitted__()
        several = not first and isinstance(self._classes, ColumnClasses)
        if classes is not None and (several or are_columns(classes)):
            given = column_classes([as_labels(one, f"classes[{j}]", "entry") for j, one in enumerate(classes)])
            if first:
                self._classes, self.classes_ = given, given.labels
            elif not same_labels(given.labels, self.classes_):
                raise ValueError(f"`classes={classes!r}` is not the same as on last call to partial_fit.")
        elif first and _check_partial_fit_first_call(self, as_labels(classes, "classes", "entry")):
            multilabel = type_of_target(as_labels(y)).startswith("multilabel")
            self._classes = Classes(self.classes_, multilabel, bool(multilabel and issparse(y)))
        elif classes is not None:
            _check_partial_fit_first_call(self, as_labels(classes, "classes", "entry"))

    def _output_activation(self) -> str:
        return self._classes.output

    def _checked_y(self, y: Any, settings: Settings, *, reset: bool, incremental: bool) -> Any:
        if np.ndim(y) == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not incremental and (reset or not hasattr(self, "classes_")):
            self._classes = find_classes(y)
            self.classes_ = self._classes.labels
            return y
        if settings.warm_start and not incremental:
            self._check_same_classes(y)
        if len(self._classes.unknown(y)):
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has "
                f"{find_classes(y).labels}."
            )
        return y

    def _check_same_classes(self, y: Any) -> None:
        if not self._classes.same_as_in(y):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous call to fit. Previously "
                f"got {self.classes_}, `y` has {find_classes(y).labels}"
            )

    def _encoded(self, y: Any, dtype: np.dtype[Any]) -> Array:
        return self._classes.encode(y, dtype)

    def _quickly_encoded(self, y: Any, X: Array) -> Array | None:
        classes = self._classes
        if isinstance(classes, ColumnClasses) or classes.multilabel:
            return None
        if type(y) is not np.ndarray or y.shape != (len(X),) or y.dtype != classes.labels.dtype:
            return None
        try:
            place = np.searchsorted(classes.labels, y)
        except TypeError:  # objects that are not all text
            return None
        known = place.max() < len(classes.labels) and (classes.labels[place] == y).all()
        return classes.encode_places(place, X.dtype) if known else None

    def _labels(self, y: Any, name: str) -> Any:
        soft = soft_labels(y, type(self).__name__, name)
        return as_labels(y, name) if soft is None else soft

    def _encoded_row(self, y: Any) -> Array:
        several = isinstance(self._classes, ColumnClasses)
        row: Array = self._classes.encode(np.array([y], object if several else None), np.dtype(np.float64))[0]
        return row

    def _class_weights(self, y: Any, settings: Settings) -> tuple[Any, Array | None]:
        if settings.class_weight is None:
            return y, None
        if isinstance(y, SoftLabels):
            return y.weighted(settings.class_weight)
        weights: Array = compute_sample_weight(settings.class_weight, y.toarray() if issparse(y) else y)
        return y, weights

    def _score_output(self) -> Callable[[Array, Array, Array | None], float]:
        return partial(accuracy, self._classes)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
