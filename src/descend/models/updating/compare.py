"""Two models on the same rows: by how much the new one is better, and whether that is more than chance.

What decides is what the model answers by: if it has costs, their mean; if a metric chose its threshold, this metric;
else the loss, of classes that of the probabilities that users see.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np

from descend.models.blends.weights import LEAST
from descend.models.decisions.decision import COSTS, Decision
from descend.models.decisions.metrics import METRICS
from descend.models.decisions.scores import influences
from descend.models.scores import as_probabilities, standard_error
from descend.spec.data import normalised
from descend.typing import Array

ERRORS = 2.0  # standard errors by which a difference must be above 0
LOSS, COST = "loss", "cost"  # what compares, beside metrics


@dataclass(frozen=True)
class Comparison:
    """An old and a new model on rows that the new one has not learnt.

    Parameters
    ----------
    rows : int
        How many there are.
    old, new : float
        Mean loss: log-loss, or squared difference of z-scores; or mean cost; or a metric.
    difference : float
        Above 0 the new one is better: old − new, or of a metric new − old.
    error : float
        Its standard error, of the differences row by row.
    by : str, default "loss"
        What they are compared by: "loss", "cost", or a metric.

    Examples
    --------
    >>> Comparison(100, 0.5, 0.4, 0.1, 0.03).better, Comparison(100, 0.5, 0.4, 0.1, 0.06).better
    (True, False)
    """

    rows: int
    old: float
    new: float
    difference: float
    error: float
    by: str = LOSS

    @property
    def better(self) -> bool:
        """Whether the new one is better by more than two standard errors."""
        return self.difference > ERRORS * self.error

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records."""
        return asdict(self) | {"better": self.better}


def compare(
    old: Array, new: Array, Y: Array, output: str, weight: Array | None = None, decision: Decision | None = None
) -> Comparison:
    """Compare outputs, row by row.

    Parameters
    ----------
    old, new : ndarray, shape (m, n_d)
        Probabilities of the networks, or z-scores.
    Y : ndarray, shape (m, n_d)
        The truth.
    output : {"softmax", "sigmoid", "identity"}
        What the outputs are.
    weight : ndarray of float64, shape (m,), or None
        What each row counts.
    decision : Decision or None
        How the model answers, of "softmax": its mended probabilities, its costs or its metric compare. None: plainly.

    Examples
    --------
    >>> found = compare(np.array([[1.0], [1.0]]), np.array([[0.0], [0.5]]), np.zeros((2, 1)), "identity")
    >>> found.old, found.new, found.difference
    (1.0, 0.125, 0.875)
    >>> Y, costs = np.eye(2)[[0, 1, 1, 0]], Decision(0.05, ((0.0, 1.0), (20.0, 0.0)), "costs")
    >>> found = compare(np.full((4, 2), [0.97, 0.03]), np.full((4, 2), [0.9, 0.1]), Y, "softmax", None, costs)
    >>> found.by, found.old, found.new
    ('cost', 10.0, 0.5)
    """
    counts = None if weight is None else normalised(weight, len(weight))
    if decision is not None:
        old, new = (decision.probabilities(as_probabilities(one)) for one in (old, new))
        if decision.by in METRICS:
            return _by_metric(decision.places(old), decision.places(new), Y, counts, decision.by)
    by = LOSS
    if decision is not None and decision.by == COSTS:
        before, after = (_costs(decision, one, Y) for one in (old, new))
        by = COST
    else:
        before, after = (losses(outputs, Y, output) for outputs in (old, new))
    gain = before - after
    difference = _mean(gain, counts)
    error = standard_error(gain, difference, counts)
    return Comparison(len(Y), _mean(before, counts), _mean(after, counts), difference, error, by)


def classes_count(decision: Decision | None) -> bool:
    """Whether rows that judge count by their class, too, where classes were weighted in training.

    They do where probabilities are those of a world in which classes are as frequent as the weights make them; not
    where they were put back, nor where costs or a metric compare.

    Examples
    --------
    >>> classes_count(None), classes_count(Decision(0.3, None, "f1"))
    (True, False)
    """
    return decision is None or (decision.scaling is None and decision.by not in (COSTS, *METRICS))


def _by_metric(old: Array, new: Array, Y: Array, counts: Array | None, name: str) -> Comparison:
    """Compare answers: the error is that of what each row does to the difference."""
    w = np.ones(len(Y)) if counts is None else counts
    (before, rows_before), (after, rows_after) = (
        influences(name, said, Y.astype(np.float64), w) for said in (old, new)
    )
    moved = rows_after - rows_before
    return Comparison(len(Y), before, after, after - before, sqrt(float(np.add.reduce(moved * moved))), name)


def _costs(decision: Decision, probability: Array, Y: Array) -> Array:
    """What the answer to each row costs, (m,)."""
    costs = np.array(decision.costs)
    return np.asarray(np.add.reduce(Y * costs[:, decision.places(probability)].T, axis=1))


def losses(outputs: Array, Y: Array, output: str) -> Array:
    """Return the loss of each row, float64, (m,): log-loss, summed over labels; or squared differences, summed."""
    v, Y = outputs.astype(np.float64), Y.astype(np.float64)
    if output == "identity":
        return np.asarray(np.add.reduce((v - Y) * (v - Y), axis=1))
    from scipy.special import xlogy

    if output == "softmax":
        return np.asarray(-np.add.reduce(xlogy(Y, np.clip(as_probabilities(v), LEAST, 1.0)), axis=1))
    yes, no = xlogy(Y, np.clip(v, LEAST, 1.0)), xlogy(1.0 - Y, np.clip(1.0 - v, LEAST, 1.0))
    return np.asarray(-np.add.reduce(yes + no, axis=1))


def _mean(each: Array, counts: Array | None) -> float:
    return float(np.add.reduce(each if counts is None else each * counts) / len(each))
