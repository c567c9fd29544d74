"""Labels and numbers <-> Y of the network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels

from descend.estimators.mlp.soft import SoftLabels
from descend.typing import Array


@dataclass(frozen=True)
class Classes:
    """The classes of a classifier, and how the network's outputs stand for them.

    Examples
    --------
    >>> import numpy as np
    >>> classes = Classes(np.array(["a", "b", "c"]))
    >>> classes.encode(np.array(["c", "a"]), np.dtype(float)).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    >>> classes.decode(np.array([[0.2, 0.7, 0.1]])).tolist()
    ['b']
    """

    labels: Array  # the classes in order, (k,); for multilabel targets 0 … k − 1
    multilabel: bool = False  # one sigmoid output per label, instead of one output (2 classes) or softmax (more)
    sparse: bool = False  # multilabel targets came as a sparse matrix; so do predictions

    @property
    def n_outputs(self) -> int:
        """Number of outputs of the network."""
        return len(self.labels) if self.multilabel or len(self.labels) > 2 else 1

    @property
    def output(self) -> str:
        """Output activation."""
        return "sigmoid" if self.multilabel or len(self.labels) <= 2 else "softmax"

    def encode(self, y: Any, dtype: np.dtype[Any]) -> Array:
        """Y, (m, n_outputs), entries 0 and 1, of soft labels from 0 to 1; the labels must be known."""
        if isinstance(y, SoftLabels):
            shares = y.over(self.labels)
            return np.ascontiguousarray(shares[:, 1:] if self.n_outputs == 1 else shares, dtype)
        if self.multilabel:
            return np.ascontiguousarray((y.toarray() if issparse(y) else np.asarray(y)) != 0, dtype)
        return self.encode_places(np.searchsorted(self.labels, y), dtype)

    def encode_places(self, place: Array, dtype: np.dtype[Any]) -> Array:
        """Y of the places of labels among `labels`, (m,)."""
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

    def probabilities(self, v: Array) -> Array:
        """Probability of every class, (m, k): 1 for the only one, two for one output, else the outputs.

        A label's sigmoid that was rounded to 1 is taken down to the next number: no label is ever certain.
        """
        if self.multilabel:
            return np.asarray(np.minimum(v, np.nextafter(v.dtype.type(1), v.dtype.type(0))))
        if len(self.labels) == 1:
            return np.ones((len(v), 1), v.dtype)
        return np.concatenate((1 - v, v), axis=1) if self.n_outputs == 1 else v

    def places(self, v: Array) -> Array:
        """Place of the likeliest class of every row among `labels`, (m, 1); for multilabel 0 or 1, (m, k)."""
        if self.n_outputs > 1 and not self.multilabel:
            return np.asarray(v.argmax(axis=1)[:, None])
        return np.asarray((v > 0.5) & (self.multilabel or len(self.labels) > 1))  # of one class there is place 0 only

    def unknown(self, y: Any) -> Array:
        """Return the labels in y that are not known."""
        if isinstance(y, SoftLabels):
            return y.labels if self.multilabel else _not_in(y.labels, self.labels)
        if self.multilabel:
            return np.arange(len(self.labels), y.shape[1] if np.ndim(y) == 2 or issparse(y) else 0)
        return _not_in(unique_labels(y), self.labels)

    def same_as_in(self, y: Any) -> bool:
        """Whether y has exactly these labels."""
        return set(y.labels if isinstance(y, SoftLabels) else unique_labels(y)) == set(self.labels)


@dataclass(frozen=True)
class ColumnClasses:
    """The classes of several columns at once, learnt by one network whose hidden layers they share.

    A column of two classes has one sigmoid output, one of more classes a sigmoid output for each (this class against
    the others); the probabilities of a column are its outputs divided by their sum.

    Examples
    --------
    >>> import numpy as np
    >>> classes = ColumnClasses((Classes(np.array(["a", "b", "c"])), Classes(np.array([5, 7]))))
    >>> Y = classes.encode(np.array([["c", 7], ["a", 5]], dtype=object), np.dtype(float))
    >>> Y.tolist()
    [[0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 0.0, 0.0]]
    >>> classes.decode(Y).tolist()
    [['c', 7], ['a', 5]]
    """

    columns: tuple[Classes, ...]
    multilabel = False
    output = "sigmoid"

    @property
    def labels(self) -> list[Array]:
        """The classes of each column."""
        return [one.labels for one in self.columns]

    @property
    def n_outputs(self) -> int:
        """Number of outputs of the network."""
        return sum(one.n_outputs for one in self.columns)

    def _parts(self, v: Array) -> list[Array]:
        """The outputs of each column, (m, its outputs)."""
        return np.split(v, np.cumsum([one.n_outputs for one in self.columns])[:-1], axis=1)

    def encode(self, y: Any, dtype: np.dtype[Any]) -> Array:
        """Y, (m, n_outputs), entries 0 and 1; the labels must be known."""
        given = np.asarray(y)
        return np.hstack([one.encode(given[:, place], dtype) for place, one in enumerate(self.columns)])

    def places(self, v: Array) -> Array:
        """Place of the likeliest class among the labels of each column, (m, columns)."""
        return np.hstack([one.places(part) for one, part in zip(self.columns, self._parts(v), strict=True)])

    def decode(self, v: Array) -> Array:
        """The likeliest label of each column, (m, columns); object if the columns are of several types."""
        found = [one.decode(part) for one, part in zip(self.columns, self._parts(v), strict=True)]
        kinds = {"text" if one.dtype.kind in "US" else "number" if one.dtype.kind in "biuf" else "any" for one in found}
        if len(kinds) == 1:
            return np.column_stack(found)
        return np.column_stack([one.astype(object) for one in found])

    def probabilities(self, v: Array) -> list[Array]:
        """Probability of every class, (m, k) for each column."""
        return [_shares(one, part) for one, part in zip(self.columns, self._parts(v), strict=True)]

    def unknown(self, y: Any) -> Array:
        """Return the labels in y that their column does not know."""
        given = np.asarray(y)
        if given.ndim != 2 or given.shape[1] != len(self.columns):
            raise ValueError(
                f"MLPClassifier: `y` must have {len(self.columns)} columns of classes; got shape {given.shape}."
            )
        found = [_not_in(np.unique(_natural(given[:, j])), one.labels) for j, one in enumerate(self.columns)]
        return np.concatenate([one.astype(object) for one in found])

    def same_as_in(self, y: Any) -> bool:
        """Whether y has exactly these labels."""
        given = np.asarray(y)
        return [set(_natural(column).tolist()) for column in given.T] == [set(one.tolist()) for one in self.labels]


def _shares(classes: Classes, v: Array) -> Array:
    """Outputs of a column of more than two classes, divided by their sum; equal shares if all are 0."""
    if classes.n_outputs == 1:
        return classes.probabilities(v)
    total = v.sum(axis=1, keepdims=True)
    equal = np.full_like(v, 1 / v.shape[1])
    return np.asarray(np.divide(v, total, out=equal, where=total > 0))


def _natural(column: Array) -> Array:
    """A column of an object array by its own type: text, numbers or truth values."""
    return np.array(column.tolist()) if column.dtype == object else column


def _not_in(found: Array, labels: Array) -> Array:
    """Those of the different labels that are not known; text is no number, whatever it says."""
    return found if _are_text(found) != _are_text(labels) else np.setdiff1d(found, labels)


def _are_text(labels: Array) -> bool:
    return labels.dtype.kind == "U" or (labels.dtype == object and len(labels) > 0 and isinstance(labels[0], str))


def column_classes(columns: Iterable[Any]) -> ColumnClasses:
    """Return the classes of several columns, each given by its labels in any order and number.

    Examples
    --------
    >>> column_classes([[3, 1, 1], ["no", "yes"]]).labels[0].tolist()
    [1, 3]
    """
    return ColumnClasses(tuple(Classes(np.unique(_natural(np.asarray(one)))) for one in columns))


def are_columns(classes: Any) -> bool:
    """Whether `classes` of partial_fit is a list of labels for each of several columns.

    Examples
    --------
    >>> are_columns([[0, 1], ["a", "b", "c"]]), are_columns([0, 1]), are_columns(["ab", "cd"])
    (True, False, False)
    """
    return isinstance(classes, list | tuple) and len(classes) > 1 and all(np.ndim(one) == 1 for one in classes)


def same_labels(one: Sequence[Array], other: Sequence[Array]) -> bool:
    """Whether the columns have the same labels."""
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def find_classes(y: Any) -> Classes | ColumnClasses:
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
    if isinstance(y, SoftLabels):
        return Classes(y.labels)
    if type(y) is np.ndarray and y.ndim == 1 and y.dtype.kind in "biuU":
        return Classes(np.unique(y))  # what the long way finds, too
    if type(y) is np.ndarray and y.ndim == 2 and y.dtype == object:
        columns = [_natural(column) for column in y.T]  # each of its own type
        for column in columns:
            check_classification_targets(column)
        return column_classes(columns)
    kind = type_of_target(y, input_name="y")
    if kind == "multiclass-multioutput":
        return column_classes(np.asarray(y).T)
    check_classification_targets(y)
    if kind == "multilabel-indicator":
        return Classes(np.arange(y.shape[1]), multilabel=True, sparse=issparse(y))
    return Classes(unique_labels(y))


def accuracy(classes: Classes | ColumnClasses, Y: Array, v: Array, weight: Array | None) -> float:
    """Weighted share of rows that are right: in all labels, in all columns."""
    right = (classes.places(v) == classes.places(Y)).all(axis=1)
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
