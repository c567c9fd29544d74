"""How right the predictions are."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
LEAST = 1e-15  # probability of what is called impossible


def class_scores(probability: Array, code: Array, predicted: Array | None = None) -> dict[str, float]:
    """Return error rate and log-loss; of two classes also AUC, and average precision of the rarer one.

    Parameters
    ----------
    probability : ndarray, shape (m, k)
        Of each class; rows are made to sum to 1.
    code : ndarray of int, shape (m,)
        The true class, 0 … k − 1.
    predicted : ndarray of int, shape (m,), optional
        The class that is answered; None: the likeliest.

    Examples
    --------
    >>> p = np.array([[0.75, 0.25], [0.5, 0.5], [0.25, 0.75], [0.125, 0.875]])
    >>> {name: round(score, 3) for name, score in class_scores(p, np.array([0, 1, 0, 1])).items()}
    {'error': 0.5, 'log_loss': 0.625, 'auc': 0.75, 'average_precision': 0.833}
    """
    check_finite(probability)
    p = np.asarray(probability, float)
    p = p / p.sum(axis=1, keepdims=True)
    answer = p.argmax(axis=1) if predicted is None else predicted
    true = np.clip(p[np.arange(len(p)), code], LEAST, 1.0)
    found = {"error": float((answer != code).mean()), "log_loss": float(-np.log(true).mean())}
    return found | (_two_classes(p, code) if p.shape[1] == 2 else {})


def _two_classes(p: Array, code: Array) -> dict[str, float]:
    from sklearn.metrics import average_precision_score, roc_auc_score

    rare = int((code == 1).mean() <= 0.5)
    precision = average_precision_score(code == rare, p[:, rare])
    return {"auc": float(roc_auc_score(code, p[:, 1])), "average_precision": float(precision)}


def number_scores(predicted: Array, y: Array) -> dict[str, float]:
    """Return the root of the mean square of the errors, over the standard deviation of `y`.

    Examples
    --------
    >>> number_scores(np.array([1.0, 1.0, 1.0]), np.array([0.0, 1.0, 2.0]))
    {'rmse': 1.0}
    """
    check_finite(predicted)
    y = np.asarray(y, float)
    return {"rmse": float(np.sqrt(((np.asarray(predicted, float).ravel() - y) ** 2).mean()) / y.std())}


def check_finite(values: Array) -> None:
    """Refuse predictions that are no numbers.

    Raises
    ------
    ValueError
        If there is one.
    """
    bad = int((~np.isfinite(np.asarray(values, float))).sum())
    if bad:
        raise ValueError(f"predictions must be finite; {bad} are not.")
