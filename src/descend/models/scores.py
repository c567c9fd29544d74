r"""How good predictions are, and how good a trivial model would have been: plain formulas on arrays.

| score | formula | best |
| --- | --- | --- |
| accuracy | share of rows whose label is right | 1 |
| balanced_accuracy | mean over the classes present of the share of their rows that is right | 1 |
| log_loss | −mean of log p(true class), p at least 1e-15 | 0 |
| f1, mcc, cost | if they chose a threshold: 2 tp / (2 tp + fp + fn), a correlation, mean cost of a row | 1, 1, 0 |
| r2 | 1 − Σ(y − y')² / Σ(y − ȳ)² | 1 |
| rmse | √ mean (y − y')² | 0 |
| mae | mean \|y − y'\| | 0 |

A score of m rows is uncertain; its standard error says by how much another m rows like these would move it. Each score
is a mean over rows, of e_i, or a smooth function of such means: √(Σ w_i² (e_i − ē)²) / Σ w_i for a mean (all w_i = 1
without weights; of an accuracy p this is √(p(1 − p)/m)), and by its derivatives for the others.

The trivial model knows the target of the training rows and nothing else: it gives every row the most frequent class
(and, for the log-loss, the shares of the classes), or the mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.errors import DataError
from descend.models.decisions.costs import cheapest
from descend.models.decisions.decision import Decision
from descend.models.decisions.reliability import Calibration, calibration
from descend.models.decisions.scores import decision_scores
from descend.spec.data import normalised
from descend.typing import Array

LEAST_PROBABILITY = 1e-15
LIKELIEST = Decision()


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores on rows whose target is known.

    Parameters
    ----------
    task : str
        ``"classify"`` or ``"regress"``.
    rows : int
        Number of rows judged.
    scores : dict of str to float
        accuracy, log_loss, balanced_accuracy, and what chose the answers, if that is another: f1, mcc or cost; or r2,
        rmse, mae (in the units of the target). r2 is nan if all targets are equal.
    baseline : dict of str to float
        The same scores of the trivial model; empty if what it needs was not recorded.
    confusion : ndarray or None
        Rows of class i that were predicted as class j, int64 (classes, classes); None for numbers.
    classes : tuple
        Labels of the classes, in the order of `confusion`.
    learnt : int or None
        How many of the rows the model has learnt or was chosen by; None if that is not known.
    weighted : bool
        Whether scores and baseline count each row by its weight. `rows` and `confusion` count rows alike.
    errors : dict of str to float
        Standard error of each score; nan if one row alone counts.
    calibration : Calibration or None
        Whether the probabilities of classes can be believed; None for numbers.

    Examples
    --------
    >>> from descend.models.options import TrainOptions
    >>> from descend.models.train import train
    >>> from descend.models.understand import understand
    >>> table = {"size": list(range(60)), "kind": ["low"] * 30 + ["high"] * 30}
    >>> model = train(understand(table, "kind", TrainOptions(hidden=(4,), epochs=60, restarts=2))).model
    >>> found = model.evaluate({"size": [1.0, 2.0, 58.0], "kind": ["low", "low", "high"]})
    >>> found.scores["accuracy"], found.classes, found.confusion.tolist()
    (1.0, ('high', 'low'), [[1, 0], [0, 2]])
    """

    task: str
    rows: int
    scores: dict[str, float]
    baseline: dict[str, float] = field(default_factory=dict)
    confusion: Array | None = None
    classes: tuple[Any, ...] = ()
    weighted: bool = False
    learnt: int | None = None
    errors: dict[str, float] = field(default_factory=dict)
    calibration: Calibration | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records; numbers that are not finite become None."""
        finite = {
            name: {key: value if math.isfinite(value) else None for key, value in scores.items()}
            for name, scores in (("scores", self.scores), ("errors", self.errors), ("baseline", self.baseline))
        }
        return {"rows": self.rows} | finite


def evaluate_classes(
    probability: Array,
    true_class: Array,
    class_shares: Sequence[float] | None = None,
    classes: Sequence[Any] = (),
    weight: Array | None = None,
    decision: Decision = LIKELIEST,
) -> Evaluation:
    """Judge probabilities of classes.

    Parameters
    ----------
    probability : ndarray, (m, k)
        Each row sums to 1.
    true_class : ndarray of int, (m,)
        0 … k−1.
    class_shares : sequence of float or None, default None
        Share of each class in the training rows, (k,), for the trivial model.
    classes : sequence, default ()
        Labels, for the reader of `Evaluation.confusion`.
    weight : ndarray or None, default None
        What each row counts in the scores, (m,), finite, ≥ 0 and not all 0; None: all alike.
    decision : Decision, default the likeliest class
        Which class is answered; by default the likeliest, the first among ties.

    Raises
    ------
    DataError
        If there are no rows.

    Examples
    --------
    >>> import numpy as np
    >>> probability = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.5, 0.5]])
    >>> evaluation = evaluate_classes(probability, np.array([0, 1, 1, 0]), [0.75, 0.25])
    >>> evaluation.scores["accuracy"], evaluation.scores["balanced_accuracy"]
    (0.75, 0.75)
    >>> evaluation.confusion.tolist()
    [[2, 0], [1, 1]]
    >>> evaluation.baseline["accuracy"]
    0.5
    """
    _need_rows(len(true_class))
    k = probability.shape[1]
    said = decision.places(probability)
    confusion = _confusion(said, true_class, k)
    counts = None if weight is None else normalised(weight, len(weight))
    scores, errors = _class_scores(probability, true_class, counts, said)
    own, own_errors = decision_scores(decision, said, true_class, counts)
    baseline: dict[str, float] = {}
    if class_shares is not None:
        shares = np.asarray(class_shares, dtype=np.float64)
        constant = np.broadcast_to(shares, (len(true_class), k))
        said = constant.argmax(axis=1)
        baseline = _class_scores(constant, true_class, counts, said)[0]
        said = cheapest(constant, np.array(decision.costs)) if "cost" in own else said
        baseline |= decision_scores(decision, said, true_class, counts)[0]
    return Evaluation(
        "classify",
        len(true_class),
        scores | own,
        baseline,
        confusion,
        tuple(classes),
        weight is not None,
        errors=_known(errors | own_errors, len(true_class), counts),
        calibration=calibration(probability.astype(np.float64), true_class, counts),
    )


def evaluate_numbers(
    predicted: Array, y: Array, training_mean: float | None = None, weight: Array | None = None
) -> Evaluation:
    """Judge predicted numbers.

    Parameters
    ----------
    predicted, y : ndarray, (m,)
        Predictions and true targets, in the target's units.
    training_mean : float or None, default None
        Mean target of the training rows, for the trivial model.
    weight : ndarray or None, default None
        As in `evaluate_classes`.

    Raises
    ------
    DataError
        If there are no rows.

    Examples
    --------
    >>> import numpy as np
    >>> evaluate_numbers(np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.0, 3.0]), 2.0).scores
    {'r2': -1.0, 'rmse': 1.1547005383792515, 'mae': 0.6666666666666666}
    """
    _need_rows(len(y))
    counts = None if weight is None else normalised(weight, len(weight))
    baseline = {} if training_mean is None else _number_scores(np.full(len(y), training_mean), y, counts)[0]
    scores, errors = _number_scores(predicted, y, counts)
    return Evaluation(
        "regress", len(y), scores, baseline, weighted=weight is not None, errors=_known(errors, len(y), counts)
    )


def _known(errors: dict[str, float], rows: int, counts: Array | None) -> dict[str, float]:
    """Standard errors, which are not known (nan) if one row alone counts: then nothing says how rows differ."""
    several = (rows if counts is None else np.count_nonzero(counts)) > 1
    return errors if several else dict.fromkeys(errors, math.nan)


def _need_rows(rows: int) -> None:
    if not rows:
        raise DataError("evaluate: there must be at least 1 row with a known target; got 0.")


def _confusion(predicted: Array, true_class: Array, k: int, counts: Array | None = None) -> Array:
    matrix = np.bincount(true_class * k + predicted, counts, minlength=k * k).reshape(k, k)
    return matrix.astype(np.int64 if counts is None else np.float64)


Scores = tuple[dict[str, float], dict[str, float]]  # and their standard errors


def _class_scores(probability: Array, true_class: Array, counts: Array | None, predicted: Array) -> Scores:
    confusion = _confusion(predicted, true_class, probability.shape[1], counts)
    of_truth = probability[np.arange(len(true_class)), true_class].astype(np.float64)
    loss = -np.log(np.maximum(of_truth, LEAST_PROBABILITY))
    per_class = confusion.sum(axis=1)
    present = per_class > 0
    recall = confusion.diagonal()[present] / per_class[present]
    right = (predicted == true_class).astype(np.float64)
    scores = {
        "accuracy": float(confusion.trace() / confusion.sum()),
        "log_loss": _mean(loss, counts),
        "balanced_accuracy": float(recall.mean()),
    }
    errors = {
        "accuracy": standard_error(right, scores["accuracy"], counts),
        "log_loss": standard_error(loss, scores["log_loss"], counts),
        "balanced_accuracy": _error_of_recall(right, true_class, counts, len(per_class)),
    }
    return scores, errors


def as_probabilities(output: Array) -> Array:
    """Return outputs as probabilities, float64: each row divided by its sum.

    Outputs of softmax sum to 1 but for rounding; sigmoid outputs, one for each class, are made to. If all are 0, the
    classes are equally probable.

    Examples
    --------
    >>> as_probabilities(np.array([[0.5, 0.5, 1.0], [0.0, 0.0, 0.0]])).round(2).tolist()
    [[0.25, 0.25, 0.5], [0.33, 0.33, 0.33]]
    """
    values = np.maximum(output.astype(np.float64), 0.0)
    sums = values.sum(axis=1, keepdims=True)
    return np.asarray(np.where(sums == 0, 1.0 / values.shape[1], values / np.where(sums == 0, 1.0, sums)))


def losses_of(answers: Array, truth: Array, classes: bool) -> Array:
    """Return the loss of each row, float64, (m,): −log p of the true class, or the squared error of a number.

    Parameters
    ----------
    answers : ndarray of float64, shape (m, k)
        Probabilities, or one number.
    truth : ndarray, shape (m,)
        Class numbers, or numbers.
    classes : bool
        Which.

    Examples
    --------
    >>> losses_of(np.array([[3.0], [1.0]]), np.array([1.0, 1.0]), False).tolist()
    [4.0, 0.0]
    """
    from scipy.special import xlogy

    if not classes:
        error = answers[:, 0] - truth
        return np.asarray(error * error)
    own = answers[np.arange(len(truth)), truth.astype(np.int64)]
    return np.asarray(-xlogy(1.0, np.maximum(own, LEAST_PROBABILITY)))


def standard_error(each: Array, mean: float, counts: Array | None = None) -> float:
    """Return the standard error of the mean of what each row gives.

    Parameters
    ----------
    each : ndarray of float64, shape (m,)
        What the rows give.
    mean : float
        Their mean, by `counts`.
    counts : ndarray or None, default None
        What each row counts, (m,); None: all alike.

    Examples
    --------
    >>> import numpy as np
    >>> right = np.array([1.0, 1.0, 1.0, 0.0])
    >>> standard_error(right, 0.75) == math.sqrt(0.75 * 0.25 / 4)
    True
    """
    own = each - mean if counts is None else counts * (each - mean)
    total = len(each) if counts is None else counts.sum()
    return math.sqrt(float((own * own).sum())) / float(total)


def _error_of_recall(right: Array, true_class: Array, counts: Array | None, k: int) -> float:
    """Of the mean of the classes' recalls; each class's rows are a sample of their own."""
    w = np.ones(len(right)) if counts is None else counts
    total = np.bincount(true_class, w, minlength=k)
    recall = np.bincount(true_class, w * right, minlength=k) / np.where(total > 0, total, 1.0)
    own = w * (right - recall[true_class])
    squares = np.bincount(true_class, own * own, minlength=k)[total > 0] / total[total > 0] ** 2
    return math.sqrt(float(squares.sum())) / int((total > 0).sum())


def _mean(values: Array, counts: Array | None) -> float:
    return float(values.mean() if counts is None else np.average(values, weights=counts))


def mean_of(y: Array, weight: Array | None = None) -> float:
    """Mean of numbers of any size, by their weights if they have some; their sum need not be a float64.

    Examples
    --------
    >>> import numpy as np
    >>> mean_of(np.array([1e308, 1.5e308]))
    1.25e+308
    >>> mean_of(np.array([1.0, 4.0]), np.array([2.0, 1.0]))
    2.0
    """
    unit, exponent = _to_unit(np.asarray(y, dtype=np.float64))
    return float(np.ldexp(_mean(unit, None if weight is None else normalised(weight, len(y))), exponent))


def _to_unit(values: Array) -> tuple[Array, int]:
    """Return (u, e): values = u 2^e with |u| ≤ 1. A power of 2, so that no bit of an ordinary number changes."""
    exponent = int(np.frexp(np.abs(values).max())[1])
    return np.ldexp(values, -exponent), exponent


def _number_scores(predicted: Array, y: Array, counts: Array | None) -> Scores:
    """Scale before squaring: neither 1e300 nor 1e-300 leaves the range of float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        both, common = _to_unit(np.stack([predicted.astype(np.float64), np.asarray(y, dtype=np.float64)]))
        error, of_error = _to_unit(both[0] - both[1])
        unit = _to_unit(np.asarray(y, dtype=np.float64))
        deviation, of_deviation = _to_unit(unit[0] - _mean(unit[0], counts))
        each = 1.0 if counts is None else counts
        squares, variation = float((each * error**2).sum()), float((each * deviation**2).sum())
        apart = common + of_error - unit[1] - of_deviation
        root, size = math.sqrt(squares / len(y)), np.abs(error)
        mae = _mean(size, counts)
        root_error = standard_error(error**2, squares / len(y), counts) / (2.0 * root) if root > 0 else 0.0
        ratio = squares / variation if variation > 0 else math.nan
        own = standard_error(error**2 - ratio * deviation**2, 0.0, counts) * len(y) / variation if ratio >= 0 else ratio
        scores = {
            "r2": float(1.0 - np.ldexp(ratio, 2 * apart)),
            "rmse": float(np.ldexp(root, common + of_error)),
            "mae": float(np.ldexp(mae, common + of_error)),
        }
        errors = {
            "r2": float(np.ldexp(own, 2 * apart)),
            "rmse": float(np.ldexp(root_error, common + of_error)),
            "mae": float(np.ldexp(standard_error(size, mae, counts), common + of_error)),
        }
    return scores, errors
