"""`TabularRegressor`: numbers from a raw table, without tuning."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin

from descend.estimators.tabular.base import BaseTabular, Learnt
from descend.models.blends.descent import Goal
from descend.preprocessing.folds import Dealing
from descend.typing import Array


class TabularRegressor(RegressorMixin, BaseTabular):  # type: ignore[misc]
    """Numbers from a raw table."""

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
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def predict(self, X: Any) -> Any:
        """Return the number of every row."""
        return self._answers(self._outputs(X))

    def _answers(self, outputs: Array) -> Array:
        found = outputs * self._scale + self._mean
        return found[:, 0] if self._flat else found

    def _learnt(self, y: Any, rows: int, weight: Array | None, reset: bool) -> Learnt:
        y = np.asarray(y, dtype=np.float64)
        self._flat = y.ndim == 1
        y = y.reshape(rows, -1)
        self._mean = y.mean(axis=0)
        self._scale = np.where(y.std(axis=0) > 0, y.std(axis=0), 1.0)
        z = (y - self._mean) / self._scale
        return Learnt(Goal("identity", "squared", z.astype(np.float32), weight), z, Dealing(order=z.sum(axis=1)))
