"""`TabularClassifier`: classes from a raw table, without tuning."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight

from descend.estimators.mlp.labels import as_labels
from descend.estimators.mlp.targets import Classes, find_classes
from descend.estimators.tabular.base import BaseTabular, Learnt
from descend.models.blends.descent import Goal
from descend.preprocessing.folds import Dealing
from descend.typing import Array


class TabularClassifier(ClassifierMixin, BaseTabular):  # type: ignore[misc]
    """Classes from a raw table."""

    _classes: Classes

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
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: bool | int = False,
    ) -> None:
        self.quality = quality
        self.restarts = restarts
        self.select = select
        self.time_limit = time_limit
        self.eval_metric = eval_metric
        self.groups = groups
        self.time = time
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any) -> Any:
        """Return the likeliest label of every row."""
        return self.classes_[self._outputs(X).argmax(axis=1)]

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of every class."""
        return self._answers(self._outputs(X))

    def _answers(self, outputs: Array) -> Array:
        return np.asarray(outputs / np.add.reduce(outputs, axis=1, keepdims=True))

    def _learnt(self, y: Any, rows: int, weight: Array | None, reset: bool) -> Learnt:
        y = as_labels(y)
        if reset:
            self._classes = find_classes(y)
            self.classes_ = self._classes.labels
        count = len(self.classes_)
        place = np.searchsorted(self.classes_, y)
        Y = np.zeros((rows, count), dtype=np.float32)
        Y[np.arange(rows), place] = 1.0
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, y)
            weight = by_class if weight is None else weight * by_class
        encoded = Y[:, 1:] if count == 2 else Y
        return Learnt(Goal("softmax", "log_loss", Y, weight), encoded.astype(np.float64), Dealing(strata=place))
