"""What rows that were held out of a table's training say of new ones: the residuals of its blend or its network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from descend.models.rows import PreparedRows
from descend.models.uncertainty.calibrate import Uncertainty, blend_uncertainty, network_uncertainty
from descend.models.uncertainty.classes import ClassUncertainty
from descend.models.uncertainty.numbers import NumberUncertainty, Units
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.blends.result import BlendTraining
    from descend.models.understand import Understanding
    from descend.preprocessing.transform import Preprocessing


def units_of(columns: Preprocessing, rows: Sequence[PreparedRows]) -> Units | None:
    """Return what the z-scores of a target are of, and the range of some rows; None for classes."""
    if columns.task.kind == "classify":
        return None
    truth = np.concatenate([part.truth for part in rows])
    ends = columns.target_mean, columns.target_std, truth.min(), truth.max()
    return Units(*(np.array([end], dtype=np.float64) for end in ends))


def blend_residuals(understanding: Understanding, training: BlendTraining, relearnt: bool) -> Uncertainty | None:
    """Return what the out-of-fold answers of a blend say; `relearnt`: its networks learnt again, from all rows."""
    data = understanding.blend
    assert data is not None
    parts = [part for part in (understanding.train_rows, understanding.validation_rows) if part is not None]
    columns = understanding.preprocessing
    weights = [part.weight for part in parts if part.weight is not None]
    weight = np.concatenate(weights) if len(weights) == len(parts) else None
    found = _of_all(understanding, blend_uncertainty(training, data.goal, weight, units_of(columns, parts)))
    if relearnt and isinstance(found, NumberUncertainty):
        every = units_of(columns, understanding.all_rows)
        assert every is not None
        return found.widened(every.low, every.high)
    return found.whole() if relearnt and isinstance(found, ClassUncertainty) else found


def network_residuals(understanding: Understanding, outputs: Array | None) -> Uncertainty | None:
    """Return what a network's answers to the validation rows say; None if there are none."""
    rows = understanding.validation_rows
    if rows is None or outputs is None:
        return None
    units = units_of(understanding.preprocessing, [understanding.train_rows, rows])
    return _of_all(understanding, network_uncertainty(outputs, rows.Y, rows.weight, units))


def _of_all(understanding: Understanding, found: Uncertainty | None) -> Uncertainty | None:
    """The same with the range of all rows, where those above are a sample of them."""
    if understanding.on_disk is None or not isinstance(found, NumberUncertainty):
        return found
    low, high = understanding.on_disk.ends("truth")
    return found.widened(np.atleast_1d(low), np.atleast_1d(high))
