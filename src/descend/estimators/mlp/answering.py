"""An MLP estimator as `descend.explanations` takes it: networks, and what they answer."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import DataError
from descend.estimators.mlp.targets import ColumnClasses
from descend.explanations.arrays import Alone, ArrayRows, encode
from descend.explanations.explain import Answering, slope_of
from descend.explanations.gradients import Part
from descend.typing import Array


def answering(estimator: Any) -> Answering:
    """Return the networks that predict, and their answers: numbers, or probabilities.

    Raises
    ------
    DataError
        For several columns of classes.
    """
    fitted, classes = estimator._fitted, getattr(estimator, "_classes", None)
    given = getattr(estimator, "feature_names_in_", None)
    names = tuple(f"x{k}" for k in range(estimator.n_features_in_)) if given is None else tuple(map(str, given))
    alone = [Alone(name) for name in names]
    parts = tuple(Part(fitted.networks[r], alone, 1.0 / len(fitted.chosen)) for r in fitted.chosen)
    if isinstance(classes, ColumnClasses):
        raise DataError(
            f"{type(estimator).__name__}: explain: y must be one column, or labels of 0 and 1; several columns of "
            "classes are not explained. Fit an estimator for each."
        )
    of_one = classes is not None and classes.n_outputs == 1 and not classes.multilabel

    def answers(rows: ArrayRows) -> Array:
        v = fitted.output(rows.X).astype(np.float64)
        return np.concatenate([1.0 - v, v], axis=1) if of_one else v

    slopes = [slope_of(k) for k in range(fitted.network.spec.sizes[-1])]
    if of_one:  # of two classes one output
        slopes = [slope_of(0, -1.0), slope_of(0)]
    labels = () if classes is None else tuple(classes.labels.tolist())
    single = classes is None or not classes.multilabel
    return Answering(names, parts, encode, answers, slopes, labels, single)
