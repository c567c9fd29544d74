"""New rows against those of `fit`: what estimators for tables say of them, and warn of."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from descend.drift.answers import Answer, Answers, class_answers, number_answer, summarise_answers
from descend.drift.compare import compare
from descend.drift.result import Drift
from descend.errors import DataError
from descend.estimators.mlp.moment import as_it_is
from descend.estimators.tabular.targets import ClassTarget, NumberTarget
from descend.models.sections import Sections
from descend.models.watch import known_summary, watch
from descend.preprocessing.summaries.columns import NumberSummary
from descend.preprocessing.transform import Preprocessing
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.encoders.inputs import Inputs

INSPECTION = "sklearn.inspection"  # sets and permutes columns on purpose: that such rows differ is no news


def named_answers(target: ClassTarget | NumberTarget, outputs: Array) -> dict[str, Answer]:
    """Return what outputs (m, n_d) predict, by names: numbers, or the probability of each class.

    Parameters
    ----------
    target : ClassTarget or NumberTarget
        What y is.
    outputs : ndarray of float64, shape (m, n_d)
        Of a blend.
    """
    found = target.answers(outputs)
    if isinstance(target, NumberTarget):
        columns = zip(found.reshape(len(found), -1).T, target.scale, strict=True)
        return {"y" if target.flat else f"y {k}": number_answer(*one) for k, one in enumerate(columns)}
    labels = target.classes.labels
    if not isinstance(labels, list):
        return class_answers([str(label) for label in labels], np.asarray(found))
    answers: dict[str, Answer] = {}
    for place, (own, P) in enumerate(zip(labels, found, strict=True)):
        answers |= {f"y {place}: {name}": one for name, one in class_answers([*map(str, own)], P).items()}
    return answers


def known_answers(target: ClassTarget | NumberTarget, outputs: Array) -> tuple[NumberSummary, ...]:
    """Return what is kept of out-of-fold outputs, (n, n_d), NaN where a row has none."""
    there = outputs[np.isfinite(outputs).all(axis=1)]
    return summarise_answers(named_answers(target, there)) if len(there) else ()


def _asked_by(module: str) -> bool:
    """Whether a module, or one inside of it, is among those that led here."""
    frame = sys._getframe(1).f_back
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name == module or name.startswith(f"{module}."):
            return True
        frame = frame.f_back
    return False


class WatchesDrift:
    """A part of `TabularClassifier` and `TabularRegressor`."""

    _columns: Preprocessing
    _sections: Sections
    _target: Any

    if TYPE_CHECKING:

        @property
        def _name(self) -> str: ...
        def _read(self, X: Any) -> Inputs: ...
        def _of_inputs(self, inputs: Inputs) -> Array: ...

    def drift(self, X: Any) -> Drift:
        """Compare rows with those of `fit` (of `refit`, if that came last); it warns of nothing.

        `predict` does the same and warns, with a `descend.errors.DriftWarning`, where rows differ by more than chance.

        Parameters
        ----------
        X : data frame, array_like, sparse matrix, dict or list of dict
            As in `predict`.

        Returns
        -------
        Drift
            Per column, of all columns together, and of what is predicted: figures, p-values, and what differs by more
            than chance. `warnings` are sentences, `to_dict` is plain data.

        Raises
        ------
        ValueError
            As in `predict`; if the estimator's file was written before a summary of the rows was kept.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X[::2], y[::2])
        >>> net.drift(X[1::2]).differs
        False
        >>> found = net.drift(X[1::2].assign(bmi=X["bmi"] * 100))
        >>> found.warnings[0]
        'column "bmi": its values look × 100'
        >>> [one.name for one in found.columns if one.differs]
        ['bmi']
        """
        now = as_it_is(self)
        check_is_fitted(now)
        summary = known_summary(now._sections, f"{now._name}.drift")
        inputs = now._read(X)
        if not inputs.rows:
            raise DataError(f"{now._name}.drift: X must have at least one row; it has none.")
        return compare(summary, inputs, named_answers(now._target, now._of_inputs(inputs)))

    def _watch(self, inputs: Inputs, outputs: Array | None) -> None:
        if _asked_by(INSPECTION):
            return
        answers: Answers | None = None if outputs is None else named_answers(self._target, outputs)
        watch(self._columns, self._sections, inputs, answers, f"{self._name}: ")
