"""`TabularClassifier`: classes from a raw table, without tuning."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight

from descend.estimators.mlp.moment import as_it_is
from descend.estimators.mlp.soft import SoftLabels
from descend.estimators.tabular.base import BaseTabular
from descend.estimators.tabular.deciding import Deciding
from descend.estimators.tabular.documentation import documented
from descend.estimators.tabular.intervals import PredictsSets
from descend.estimators.tabular.metrics import CLASS_METRICS
from descend.estimators.tabular.targets import ClassTarget, class_target, labels_of
from descend.typing import Array


@documented
class TabularClassifier(Deciding, PredictsSets, ClassifierMixin, BaseTabular):  # type: ignore[misc]
    """Classes from a raw table, without tuning: a blend of networks.

    {what_it_does}

    Labels are texts, whole numbers, booleans or floats, in any container, none missing. y of shape (n, k) holds k
    labels at once (0 and 1, also sparse), or k columns of classes; each then has sigmoid outputs of its own. k columns
    of fractions are soft labels: a row says how probable each of k classes is, and sums to 1; names of a data frame's
    columns are the classes, else 0 … k − 1. They are learnt as they are (cross-entropy); where a label is needed, in
    folds, in `score` and by `eval_metric`, the likeliest class is taken.

    Parameters
    ----------
    {effort}
    eval_metric : str or None, default None
        What members are chosen and weighed by: "log_loss", "accuracy", "balanced_accuracy", "roc_auc",
        "average_precision" or "f1" (the last three: the second of two classes, else the mean over classes), computed
        by scikit-learn on out-of-fold rows. None: the log-loss that the networks descend; only then do the bits not
        depend on the instructions that NumPy chooses.
    {rows}
    class_weight : dict, list of dict, "balanced" or None, default None
        Weight of each class, times `sample_weight`; "balanced": n / (k · rows of the class). A list has one dict for
        each of several columns, whose weights are multiplied. Probabilities are then those of rows weighted so.
    prior_correction : bool, default False
        Whether `predict_proba` puts probabilities back to the shares of the training rows, where `class_weight` moved
        them; `predict` still answers what the weights make of them.
    threshold : {"f1", "accuracy", "balanced_accuracy", "mcc"}, float or None, default None
        Of two classes, from which probability of the second one on `predict` answers it, 0 < threshold < 1; or the
        metric by which that is chosen, on out-of-fold rows. None: the likelier class. `predict_proba` does not change.
    costs : array_like of shape (k, k), or None, default None
        ``costs[i][j]`` ≥ 0: what it costs to say class j where class i is true, in the order of `classes_`; `predict`
        answers the class of the least expected cost. Of two classes the threshold whose costs are the least on
        out-of-fold rows decides. Not with `threshold`.
    {machine}

    Attributes
    ----------
    classes_ : ndarray, or list of ndarray
        The labels, in the order of `predict_proba`'s columns; for several columns of classes one array each.
    threshold_ : float or None
        The threshold; 0.5 if none was asked for; None if there are not just two classes in one column.
    decision_ : dict or None
        What threshold or costs are worth out of fold: `by` and `metric`, `threshold`, `score`, and `plain_score`, that
        of 0.5 or the likeliest class. None: neither was asked for.
    calibration_ : dict or None
        Whether probabilities can be believed, out of fold: `of` ("second class", or of more than two "likeliest
        class"), `rows`, `error` (the expected calibration error), `floor` (what it would be by chance if all were
        right), `bins` (each with `predicted`, `observed`, `low` and `high`, 95 %, and `rows`), and `mended`: whether a
        scaling of the probabilities is `used`, the log-loss `before` and `after` it, and the standard `error` of the
        difference; it is used if that is smaller than what is gained. Of soft labels each class of a row counts as a
        row, by its share. None for several labels or columns, and for soft labels with `class_weight`.
    {attributes}

    {notes}

    Examples
    --------
    >>> import pandas as pd
    >>> from descend import TabularClassifier
    >>> from descend.tables.datasets import dataset_path
    >>> penguins = pd.read_csv(dataset_path("penguins"))
    >>> X, y = penguins.drop(columns="species"), penguins["species"]
    >>> net = TabularClassifier(quality="fast", random_state=0).fit(X, y)
    >>> net.predict(X[:2]).tolist(), net.score(X, y) > 0.98
    (['Adelie', 'Adelie'], True)
    >>> net.leaderboard_[0]["member"], net.leaderboard_[0]["networks"]
    ('quick', 3)
    """

    _metrics = CLASS_METRICS
    class_weight: Any
    classes_: Any
    _target: ClassTarget

    def __init__(
        self,
        *,
        quality: str = "good",
        restarts: int = 1,
        select: str = "blend",
        time_limit: float | None = None,
        eval_metric: str | None = None,
        groups: str | None = None,
        time: str | None = None,
        class_weight: Any = None,
        prior_correction: bool = False,
        threshold: Any = None,
        costs: Any = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: bool | int = False,
    ) -> None:
        super().__init__(
            quality=quality,
            restarts=restarts,
            select=select,
            time_limit=time_limit,
            eval_metric=eval_metric,
            groups=groups,
            time=time,
            n_jobs=n_jobs,
            random_state=random_state,
            verbose=verbose,
        )
        self.class_weight = class_weight
        self.prior_correction = prior_correction
        self.threshold = threshold
        self.costs = costs

    def predict(self, X: Any) -> Any:
        """Return the likeliest label of every row, or by `threshold` or `costs`, (m,); (m, k) for k columns.

        X is a table as in `fit`; or one record, a dict of cells by their columns' names, or a list of such: that takes
        microseconds a record.
        """
        now = as_it_is(self)
        outputs = now._outputs(X)
        return now._answered(outputs)

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of every class, (m, k), in the order of `classes_`; for several columns a list."""
        now = as_it_is(self)
        outputs = now._outputs(X)
        return now._shown(outputs)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of `predict_proba`; −∞ where it is 0."""
        found = self.predict_proba(X)
        with np.errstate(divide="ignore"):
            return [np.log(one) for one in found] if isinstance(found, list) else np.log(found)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the (weighted) share of rows that are right; of several labels or columns all must be."""
        y = labels_of(y, self._name)
        y = y.likeliest() if isinstance(y, SoftLabels) else y
        if isinstance(getattr(self, "classes_", None), list):
            right = (self.predict(X) == np.asarray(y)).all(axis=1)
            return float(np.average(right, weights=sample_weight))
        return float(super().score(X, y, sample_weight))

    # ------------------------------------------------------------ what y is

    def _labels(self, y: Any, name: str) -> Any:
        y = labels_of(y, self._name, name)
        return y if issparse(y) or isinstance(y, SoftLabels) else np.asarray(y)

    def _find_target(self, y: Any) -> ClassTarget:
        target = class_target(y, self._name)
        self._check_asked(target, y)
        self.classes_ = target.classes.labels
        return target

    def _known(self, target: ClassTarget, y: Any, name: str) -> Any:
        target.check_known(y, name)
        return y

    def _class_weights(self, y: Any) -> tuple[Any, Array | None]:
        if self.class_weight is None:
            return y, None
        if isinstance(y, SoftLabels):
            return y.weighted(self.class_weight)
        weights: Array = compute_sample_weight(self.class_weight, y.toarray() if issparse(y) else y)
        return y, weights

    def _words(self, loss: float) -> str:
        return f"log-loss {loss:.3g}"

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
