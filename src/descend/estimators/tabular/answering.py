"""From a table or a record to what the blend of a fitted estimator answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from descend.errors import DivergenceError
from descend.estimators.tabular.rows import is_records, rows_given
from descend.models.blends.blend import Blend
from descend.models.rows import inputs_of
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.transform import Preprocessing
from descend.typing import Array


class Answering:
    """A part of both estimators for tables."""

    n_jobs: int | None
    _blend: Blend
    _columns: Preprocessing
    _watch: Callable[..., None]

    @property
    def _name(self) -> str:
        return type(self).__name__

    def _outputs(self, X: Any) -> Array:
        """What the blend answers, float64, (m, n_d)."""
        check_is_fitted(self)
        outputs = self._blend.record_outputs(self._columns, X) if is_records(X) else None
        if outputs is not None:
            return self._finite(outputs)
        inputs = self._read(X)
        outputs = self._of_inputs(inputs)
        self._watch(inputs, outputs)
        return outputs

    def _of_inputs(self, inputs: Inputs) -> Array:
        return self._finite(self._blend.outputs(inputs, self.n_jobs))

    def _finite(self, outputs: Array) -> Array:
        if not np.isfinite(outputs).all():
            raise DivergenceError(f"{self._name}: the networks answer with numbers that are not finite.")
        return outputs

    def _read(self, X: Any) -> Inputs:
        """The columns of a table or of records, as the networks' encoders take them."""
        rows = X if is_records(X) else rows_given(self, X, reset=False)
        return inputs_of(self._columns, self._columns.table_of(rows, with_target=False))

    def _inputs(self, X: Any) -> Inputs:
        """The same, and a warning if they differ from those of `fit`."""
        inputs = self._read(X)
        self._watch(inputs, None)
        return inputs
