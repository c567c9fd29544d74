"""Labels and numbers <-> Y of the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

Array = NDArray[Any]


@dataclass(frozen=True)
class Classes:
    """The classes of a classifier, and how the network's outputs stand for them.

    Parameters
    ----------
    labels : ndarray
        The classes in order, (k,); for multilabel targets 0 … k − 1.
    multilabel : bool, default False
        One sigmoid output per label, instead of one output (2 classes) or softmax (more).
    sparse : bool, default False
        Multilabel targets came as a sparse matrix; so do predictions.

    Examples
    --------
    >>> import numpy as np
    >>> classes = Classes(np.array(["a", "b", "c"]))
    >>> classes.encode(np.array(["c", "a"]), np.dtype(float)).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    >>> classes.decode(np.array([[0.2, 0.7, 0.1]])).tolist()
    ['b']
    """

    labels: Array
    multilabel: bool = False
    sparse: bool = False

    @property
    def n_outputs(self) -> int:
        """Number of outputs of the network."""
        return len(self.labels) if self.multilabel or len(self.labels) > 2 else 1

    @property
    def output(self) -> str:
        """Output activation."""
        return "sigmoid" if self.multilabel or len(self.labels) <= 2 else "softmax"

    def encode(self, y: Any, dtype: np.dtype[Any]) -> Array:
        """Y, (m, n_outputs), entries 0 and 1; the labels must be known."""
        if self.multilabel:
            return np.ascontiguousarray((y.toarray() if issparse(y) else np.asarray(y)) != 0, dtype)
        place = np.searchsorted(self.labels, y)
        if self.n_outputs == 1:
            return np.ascontiguousarray((place == 1).reshape(-1, 1), dtype)
        Y = np.zeros((len(place), len(self.labels)), dtype)
        Y[np.arange(len(place)), place] = 1
        return Y

    def decode(self, v: Array) -> Any:
        """Labels of outputs (m, n_outputs): the likeliest class, or every label above ½."""
        if self.multilabel:
            found = (v > 0.5).astype(np.int64)
            return csr_matrix(found) if self.sparse else found
        if self.n_outputs > 1:
            return self.labels[v.argmax(axis=1)]
        if len(self.labels) == 1:
            return np.repeat(self.labels, len(v))
        return self.labels[(v[:, 0] > 0.5).astype(np.intp)]

    def unknown(self, y: Any) -> Array:
        """Return the labels in y that are not known."""
        if self.multilabel:
            return np.arange(len(self.labels), y.shape[1] if np.ndim(y) == 2 or issparse(y) else 0)
        return np.setdiff1d(unique_labels(y), self.labels)


def find_classes(y: Any) -> Classes:
    """Return the classes of a target.

    Raises
    ------
    ValueError
        If y is no target of a classifier.

    Examples
    --------
    >>> find_classes([3, 1, 1]).labels.tolist()
    [1, 3]
    """
    if type(y) is np.ndarray and y.ndim == 1 and y.dtype.kind in "biuU":
        return Classes(np.unique(y))  # what the long way finds, too
    kind = type_of_target(y, input_name="y")
    if kind == "multiclass-multioutput":
        raise ValueError(
            "MLPClassifier: `y` must be one column of classes, or 0 and 1 for each label; got several columns of "
            "classes. Train one network per column: sklearn.multioutput.MultiOutputClassifier(MLPClassifier())."
        )
    check_classification_targets(y)
    if kind == "multilabel-indicator":
        return Classes(np.arange(y.shape[1]), multilabel=True, sparse=issparse(y))
    return Classes(unique_labels(y))


def accuracy(classes: Classes, Y: Array, v: Array, weight: Array | None) -> float:
    """Weighted share of rows whose labels (for multilabel: all of them) are right."""
    if classes.n_outputs > 1 and not classes.multilabel:
        right = v.argmax(axis=1) == Y.argmax(axis=1)
    else:
        right = ((v > 0.5) == (Y > 0.5)).all(axis=1)
    return float(np.average(right, weights=weight))


def r2(Y: Array, v: Array, weight: Array | None) -> float:
    """R², averaged over outputs; an output that is constant in Y counts 1 if it is predicted exactly, else 0.

    Examples
    --------
    >>> import numpy as np
    >>> r2(np.array([[1.0], [3.0]]), np.array([[1.0], [2.0]]), None)
    0.5
    """
    w = np.ones(len(Y)) if weight is None else weight
    Y, v = Y.astype(np.float64), v.astype(np.float64)
    residual = w @ (Y - v) ** 2
    total = w @ (Y - np.average(Y, axis=0, weights=w)) ** 2
    constant = total == 0
    share = residual / np.where(constant, 1.0, total)
    return float(np.where(constant, np.where(residual == 0, 1.0, 0.0), 1.0 - share).mean())
