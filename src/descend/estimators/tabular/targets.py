"""What y is: classes, labels or numbers; what networks learn of it, and the way back from their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import column_or_1d

from descend.errors import DataError, quoted, shortened
from descend.estimators.mlp.labels import as_labels
from descend.estimators.mlp.soft import SoftLabels, soft_labels
from descend.estimators.mlp.targets import Classes, ColumnClasses, find_classes
from descend.preprocessing.encoders.robust_scale import SMALLEST
from descend.preprocessing.folds import Dealing
from descend.typing import Array

FREQUENT = 10  # rows of a combination of labels, from which on each fold gets its share of it


class Target(Protocol):
    """What y is, learnt from the training rows."""

    @property
    def output(self) -> str:
        """Output activation of the networks."""

    @property
    def loss(self) -> str:
        """Loss of the networks."""

    def encode(self, y: Any) -> Array:
        """Y of y, (n, n_d)."""

    def for_encoders(self, Y: Array) -> Array:
        """What encoders that need the target see, (n, C)."""

    def dealing(self, Y: Array) -> Dealing:
        """What rows are dealt to folds by."""

    def answers(self, outputs: Array) -> Any:
        """Probabilities, or numbers in y's units, of the outputs of a blend."""


def checked_y(y: Any, who: str, name: str) -> Any:
    """Refuse a `y` that is absent; a single column becomes flat, with scikit-learn's warning."""
    if y is None:
        raise DataError(f"This {who} estimator requires y to be passed, but the target y is None.")
    if issparse(y):
        return y
    axes = _axes(y)
    if axes == 0:
        raise DataError(f"{who}: {name} must hold a label or a number for each row; got {shortened(y)}.")
    return column_or_1d(np.asarray(y), warn=True) if axes == 2 and np.asarray(y).shape[1] == 1 else y


def _axes(y: Any) -> int:
    """Axes of a target in any container; lists of different lengths have one."""
    if hasattr(y, "ndim"):
        return int(y.ndim)
    try:
        return np.asarray(y).ndim
    except ValueError:
        return 1


# ---------------------------------------------------------------- classes


@dataclass(frozen=True)
class ClassTarget:
    """Classes: one column with a softmax, or labels or several columns with a sigmoid for each output.

    Parameters
    ----------
    classes : Classes or ColumnClasses
        Found in the training rows.
    who : str
        The estimator, for errors.
    """

    classes: Classes | ColumnClasses
    who: str = "TabularClassifier"

    @property
    def single(self) -> bool:
        """Whether each row is of one class."""
        return isinstance(self.classes, Classes) and not self.classes.multilabel

    @property
    def output(self) -> str:
        """Output activation of the networks."""
        return "softmax" if self.single else "sigmoid"

    loss = "log_loss"

    def encode(self, y: Any) -> Array:
        """Y of labels that are known, (n, n_d), entries 0 and 1; of soft labels from 0 to 1."""
        if isinstance(y, SoftLabels):
            return y.over(np.asarray(self.classes.labels)).astype(np.float32)
        if not self.single:
            return self.classes.encode(y, np.dtype(np.float32))
        labels = self.classes.labels
        Y = np.zeros((len(y), len(labels)), dtype=np.float32)
        Y[np.arange(len(y)), np.searchsorted(labels, y)] = 1.0
        return Y

    def truth(self, Y: Array) -> Array:
        """Y with the likeliest class of each row alone: what metrics of labels judge by."""
        if not self.single:
            return Y
        return np.asarray(Y.argmax(axis=1)[:, None] == np.arange(Y.shape[1]), dtype=Y.dtype)

    def check_known(self, y: Any, name: str) -> None:
        """Raise if labels are unknown, or there are other columns than in the training rows."""
        several = self.classes.labels if isinstance(self.classes, ColumnClasses) else None
        columns = len(several) if several else len(self.classes.labels) if not self.single else 1
        shape = y.shape if hasattr(y, "shape") else np.shape(y)
        if (shape[1] if len(shape) == 2 else 1) != columns:
            raise DataError(f"{self.who}: {name} must have {columns} columns as in `fit`; got shape {shape}.")
        unknown = self.classes.unknown(y)
        if len(unknown):
            raise DataError(
                f"{self.who}: {name} must hold the classes of the training rows; got "
                f"{', '.join(quoted(one) for one in unknown[:3].tolist())}. Leave such rows out, or fit with them."
            )

    def for_encoders(self, Y: Array) -> Array:
        """Columns of 0 and 1; of two classes the second one's."""
        return (Y[:, 1:] if self.single and Y.shape[1] == 2 else Y).astype(np.float64)

    def dealing(self, Y: Array) -> Dealing:
        """By class; of several labels by their combinations, the rare ones taken together."""
        if self.single:
            return Dealing(strata=Y.argmax(axis=1))
        _, place, counts = np.unique(Y, axis=0, return_inverse=True, return_counts=True)
        place = place.reshape(-1).astype(np.int64)
        return Dealing(strata=np.where(counts[place] >= FREQUENT, place, -1))

    def answers(self, outputs: Array) -> Any:
        """Probability of every class, (m, k); for several columns a list."""
        if self.single:
            return np.asarray(outputs / np.add.reduce(outputs, axis=1, keepdims=True))
        return self.classes.probabilities(outputs)

    def decode(self, outputs: Array) -> Any:
        """The likeliest labels."""
        return self.classes.labels[outputs.argmax(axis=1)] if self.single else self.classes.decode(outputs)


def labels_of(y: Any, who: str, name: str = "y") -> Any:
    """Return labels as arrays of one type, or probabilities of classes; refuses missing ones, with their row."""
    soft = soft_labels(y, who, name)
    if soft is not None:
        return soft
    return as_labels(checked_y(y, who, name), name, who=who)


def class_target(y: Any, who: str) -> ClassTarget:
    """Find the classes of labels.

    Raises
    ------
    ValueError
        If there is one class only, or y is no target of a classifier.
    """
    classes = find_classes(y)
    if isinstance(classes, Classes) and not classes.multilabel and len(classes.labels) < 2:
        only = quoted(classes.labels[0].item() if hasattr(classes.labels[0], "item") else classes.labels[0])
        raise DataError(
            f"{who}: at least two classes are needed; y (in the rows that count) has 1 class, {only}. Add rows of "
            "another class."
        )
    return ClassTarget(classes, who)


# ---------------------------------------------------------------- numbers


@dataclass(frozen=True, eq=False)
class NumberTarget:
    """Numbers: z-scores of each column, and the way back.

    Parameters
    ----------
    mean, scale, low, high : ndarray of float64, shape (n_d,)
        Of the training rows: mean, deviation (1 where it is 0), least and largest number.
    flat : bool
        Whether y is (n,), and answers are, too.
    """

    mean: Array
    scale: Array
    low: Array
    high: Array
    flat: bool

    output, loss = "identity", "squared"

    def encode(self, y: Any) -> Array:
        """z-scores of numbers, (n, n_d); halves first, so that no difference overflows."""
        numbers = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        z = (numbers * 0.5 - self.mean * 0.5) / (self.scale * 0.5)
        return np.asarray(z.astype(np.float32))

    def for_encoders(self, Y: Array) -> Array:
        """The z-scores."""
        return Y.astype(np.float64)

    def dealing(self, Y: Array) -> Dealing:
        """By the number; of several by the sum of their z-scores."""
        return Dealing(order=np.add.reduce(Y.astype(np.float64), axis=1))

    def answers(self, outputs: Array) -> Array:
        """Numbers in y's units, never outside the range of the training rows."""
        with np.errstate(over="ignore"):
            numbers = np.clip(outputs * self.scale + self.mean, self.low, self.high)
        return np.asarray(numbers[:, 0] if self.flat else numbers)


def numbers_of(y: Any, who: str, name: str = "y") -> Array:
    """Return numbers as float64, (n,) or (n, k).

    Raises
    ------
    DataError
        If one is missing, infinite or no number; names the first such row, counted from 1.
    """
    given = checked_y(y, who, name)
    given = given.toarray() if issparse(given) else given
    array = np.asarray(given)
    if array.ndim not in (1, 2):
        raise DataError(f"{who}: {name} must be (n,) or (n, k); got shape {array.shape}.")
    if array.dtype.kind == "O":
        array = _floats(array, who, name)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{who}: {name} must hold numbers; got {array.dtype}, such as {shortened(array.flat[0])}.")
    array = np.ascontiguousarray(array, dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(array).reshape(len(array), -1).all(axis=1))
    if wrong.size:
        row = int(wrong[0])
        value = array.reshape(len(array), -1)[row]
        raise DataError(
            f"{who}: {name} must be finite; row {row + 1} is {value[~np.isfinite(value)][0]} ({wrong.size} of "
            f"{len(array)} rows are not). Input contains NaN or infinity: leave such rows out, or correct them."
        )
    return array


def _floats(array: Array, who: str, name: str) -> Array:
    """Numbers out of objects; texts are none, None and NA are missing."""
    out = np.empty(array.shape, dtype=np.float64)
    for place, value in np.ndenumerate(array):
        missing = value is None or type(value).__name__ in ("NAType", "NaTType")
        try:
            if isinstance(value, str | bytes):
                raise ValueError
            out[place] = np.nan if missing else float(value)
        except (TypeError, ValueError) as error:
            raise DataError(
                f"{who}: {name} must hold numbers; row {place[0] + 1} is {shortened(value)}. Correct it, or leave the "
                "row out."
            ) from error
    return out


def number_target(y: Array) -> NumberTarget:
    """Learn mean and deviation of each column; powers of 2 keep squares from overflowing.

    Examples
    --------
    >>> target = number_target(np.array([1e300, 3e300]))
    >>> target.encode(np.array([1e300, 3e300])).tolist(), target.answers(np.array([[0.0]])).tolist()
    ([[-1.0], [1.0]], [2e+300])
    """
    numbers = y.reshape(len(y), -1)
    exponent = np.frexp(np.abs(numbers).max(axis=0))[1]
    unit = np.ldexp(numbers, -exponent)
    low, high = numbers.min(axis=0), numbers.max(axis=0)
    mean = np.clip(np.ldexp(unit.mean(axis=0), exponent), low, high)
    scale = np.maximum(np.ldexp(unit.std(axis=0), exponent), SMALLEST)
    return NumberTarget(mean, np.where(low < high, scale, 1.0), low, high, y.ndim == 1)
