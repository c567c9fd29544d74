"""What a blend may be chosen by, instead of the loss that its networks descend: scikit-learn's metrics, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn import metrics

from descend.estimators.mlp.targets import accuracy
from descend.estimators.tabular.targets import ClassTarget, NumberTarget
from descend.typing import Array

Of = Callable[[Any, Array, Array, Array | None], float]  # (target, Y or y, outputs or predictions, weight)


@dataclass(frozen=True)
class Metric:
    """One row of the table of metrics.

    Parameters
    ----------
    name : str
        What users write.
    of : callable
        Its value, of target, truth, answers and weights.
    greater : bool
        Whether more is better.
    """

    name: str
    of: Of
    greater: bool = True


# ---------------------------------------------------------------- classes: Y and outputs, (n, n_d)


def _by_column(of: Callable[..., float], hard: bool = False, without: float | None = 0.5) -> Of:
    """The mean of a metric over the classes or labels that some rows have and others have not; of two the second's.

    `without` stands for a column whose rows are all alike; None: it is computed all the same.
    """

    def mean(target: ClassTarget, Y: Array, outputs: Array, weight: Array | None) -> float:
        shown = _places(target, outputs) if hard else outputs
        first = int(target.single and Y.shape[1] == 2)
        values = []
        for truth, answer in zip(Y[:, first:].T > 0.5, shown[:, first:].T, strict=True):
            if without is None or (truth.any() and not truth.all()):
                values.append(float(of(truth, answer, sample_weight=weight)))
        return float(np.mean(values)) if values else float(without or 0.0)

    return mean


def _places(target: ClassTarget, outputs: Array) -> Array:
    """Outputs as decisions, 0 or 1."""
    if target.single:
        return np.asarray(outputs.argmax(axis=1)[:, None] == np.arange(outputs.shape[1]))
    return np.asarray(outputs > 0.5)


def _accuracy(target: ClassTarget, Y: Array, outputs: Array, weight: Array | None) -> float:
    if not target.single:
        return accuracy(target.classes, Y, outputs, weight)
    return float(np.average(Y.argmax(axis=1) == outputs.argmax(axis=1), weights=weight))


def _balanced(target: ClassTarget, Y: Array, outputs: Array, weight: Array | None) -> float:
    if target.single:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a class that these rows have not is predicted
            truth, found = Y.argmax(axis=1), outputs.argmax(axis=1)
            return float(metrics.balanced_accuracy_score(truth, found, sample_weight=weight))
    return _by_column(metrics.balanced_accuracy_score, hard=True)(target, Y, outputs, weight)


def _f1(truth: Array, found: Array, sample_weight: Array | None) -> float:
    return float(metrics.f1_score(truth, found, sample_weight=sample_weight, zero_division=0.0))


def _log_loss(target: ClassTarget, Y: Array, outputs: Array, weight: Array | None) -> float:
    if target.single:
        each = np.arange(Y.shape[1])
        proba = np.clip(target.answers(outputs), 1e-7, 1.0)
        proba = proba / np.add.reduce(proba, axis=1, keepdims=True)
        return float(metrics.log_loss(Y.argmax(axis=1), proba, sample_weight=weight, labels=each))
    columns = zip(Y.T > 0.5, np.clip(outputs, 1e-7, 1 - 1e-7).T, strict=True)
    losses = [metrics.log_loss(y, np.column_stack([1 - p, p]), sample_weight=weight, labels=[0, 1]) for y, p in columns]
    return float(np.sum(losses))


_CLASSES = (
    Metric("log_loss", _log_loss, greater=False),
    Metric("accuracy", _accuracy),
    Metric("balanced_accuracy", _balanced),
    Metric("roc_auc", _by_column(metrics.roc_auc_score)),
    Metric("average_precision", _by_column(metrics.average_precision_score)),
    Metric("f1", _by_column(_f1, hard=True, without=0.0)),
)
CLASS_METRICS = {row.name: row for row in _CLASSES}


# ---------------------------------------------------------------- numbers, in y's units


def _of_numbers(of: Callable[..., float]) -> Of:
    def value(target: NumberTarget, truth: Array, found: Array, weight: Array | None) -> float:
        del target
        return float(of(truth, found, sample_weight=weight))

    return value


def _rmse(truth: Array, found: Array, sample_weight: Array | None) -> float:
    each = metrics.mean_squared_error(truth, found, sample_weight=sample_weight, multioutput="raw_values")
    return float(np.mean(np.sqrt(each)))


def _r2(truth: Array, found: Array, sample_weight: Array | None) -> float:
    return float(metrics.r2_score(truth, found, sample_weight=sample_weight)) if len(truth) > 1 else 0.0


_NUMBERS = (
    Metric("rmse", _of_numbers(_rmse), greater=False),
    Metric("mae", _of_numbers(metrics.mean_absolute_error), greater=False),
    Metric("mape", _of_numbers(metrics.mean_absolute_percentage_error), greater=False),
    Metric("median_absolute_error", _of_numbers(metrics.median_absolute_error), greater=False),
    Metric("r2", _of_numbers(_r2)),
)
NUMBER_METRICS = {row.name: row for row in _NUMBERS}


@dataclass(frozen=True, eq=False)
class Scorer:
    """A metric on the rows of a fit.

    Parameters
    ----------
    metric : Metric
        Which.
    target : ClassTarget or NumberTarget
        What y is.
    truth : ndarray
        Y of classes; numbers in y's units.
    weight : ndarray of float64, shape (n,), or None
        What each row counts.
    """

    metric: Metric
    target: ClassTarget | NumberTarget
    truth: Array
    weight: Array | None

    def score(self, outputs: Array, rows: Array) -> float:
        """Return the metric of the outputs of some rows."""
        weight = None if self.weight is None else self.weight[rows]
        answers = outputs if isinstance(self.target, ClassTarget) else self.target.answers(outputs)
        return self.metric.of(self.target, self.truth[rows], answers, weight)

    def loss(self, outputs: Array, rows: Array) -> float:
        """Return it so that less is better."""
        value = self.score(outputs, rows)
        return -value if self.metric.greater else value
