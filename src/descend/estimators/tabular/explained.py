"""What estimators for tables say of their answers: what each column adds, and what it is worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from descend.errors import DataError
from descend.estimators.mlp.moment import as_it_is
from descend.estimators.mlp.targets import ColumnClasses
from descend.estimators.tabular.given import Together, together
from descend.estimators.tabular.prepare import Counted, Prepared, prepare, rows_of
from descend.estimators.tabular.targets import ClassTarget
from descend.models.blends.blend import Blend
from descend.models.decisions.decision import Decision
from descend.models.scores import losses_of
from descend.models.sections import Sections
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.folds import Fold
from descend.preprocessing.transform import Preprocessing
from descend.registry import find
from descend.typing import Array

if TYPE_CHECKING:
    from descend.explanations.explain import Answering
    from descend.explanations.importance import Importance
    from descend.explanations.result import Explanation


class Explained:
    """Methods of both estimators for tables that explain them."""

    n_jobs: int | None
    _blend: Blend
    _columns: Preprocessing
    _target: Any
    _sections: Sections
    _planned: tuple[int, tuple[int, ...]]
    oof_prediction_: Any
    n_features_in_: int
    groups: Any
    time: Any
    _read: Callable[[Any], Inputs]  # columns of what a user gives
    _inputs: Callable[[Any], Inputs]  # the same, and a warning if they differ from those of `fit`
    _shown: Callable[[Array], Any]  # probabilities or numbers, of outputs
    _counted: Callable[..., Counted]
    _dealt: Callable[[Prepared, int, int], Sequence[Fold]]

    def explain(self, X: Any, background: Any = None, of: Any = None, draws: int = 192) -> Explanation:
        """Say what each column adds to each prediction: expected gradients.

        The values of a row and the base value sum to its prediction: a number in y's units, or the probability of a
        class. They say what the networks do, not what causes what.

        Parameters
        ----------
        X : data frame, array_like or sparse matrix
            Rows that are explained, (m, n_features), as in `predict`.
        background : the same, or None
            Rows with whose average prediction each prediction is compared; of more than `draws` rows so many are
            taken, evenly spaced. None: made rows, which are distributed as the training rows were.
        of : label, "predicted" or None, default None
            The class whose probability is explained; "predicted": of each row the class that is predicted. None: of
            two classes the second, of more all.
        draws : int, default 192
            Pairs of a row of the background and a place on the way from it, at least; more: less noise, more time.

        Returns
        -------
        Explanation
            With ``values`` (m, n_features), or (m, n_features, K) of all classes or of several numbers,
            ``base_value`` and ``prediction``. A column that is no input has values of 0.

        Raises
        ------
        ValueError
            As in `predict`; if there is no such class; for y of several columns of classes.

        Warns
        -----
        UserWarning, DriftWarning
            Of X, as `predict` does.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, y)
        >>> found = net.explain(X[:5])
        >>> found.values.shape, sorted(list(found.importance())[:2])
        ((5, 10), ['bmi', 's5'])
        >>> bool(abs(found.base_value + found.values.sum(axis=1) - net.predict(X[:5])).max() < 1e-6)
        True
        """
        from descend.explanations.explain import explain
        from descend.models.explain import background_of

        check_is_fitted(self)
        now = as_it_is(self)
        rows = now._inputs(X)
        if background is None:
            compared = background_of(now._sections.summary, draws, f"{type(self).__name__}: explain")
        else:
            compared = now._read(background)
        return explain(now._answering(), rows, compared, of, draws, self.n_jobs)

    def permutation_importance(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        repeats: int = 5,
        out_of_fold: bool = False,
        groups: Any = None,
        time: Any = None,
    ) -> Importance:
        """Measure how much worse answers become when the cells of a column change places among the rows.

        Parameters
        ----------
        X, y, sample_weight
            Rows that have not been learnt, as in `fit`; or, `out_of_fold`, those that were given to `fit`.
        repeats : int, default 5
            Permutations of each column.
        out_of_fold : bool, default False
            Whether the rows are those of `fit`: each is then answered by the networks that have not learnt it.
        groups, time
            Of `fit`, if they were given to it and `out_of_fold`.

        Returns
        -------
        Importance
            Columns, the largest increase of the loss first, with standard errors: of the RMSE in y's units (of
            several numbers of the root of the mean squared z-score), or of the log-loss.

        Raises
        ------
        ValueError
            As in `fit`; with `out_of_fold` if these are not the rows of `fit`, or the estimator was refitted or comes
            from a file, or had rows of its own that chose.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True, as_frame=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, y)
        >>> found = net.permutation_importance(X, y, repeats=3, out_of_fold=True)
        >>> sorted(found.columns[:2]), found.metric, bool(found.increase[0] > 2 * found.error[0])
        (['bmi', 's5'], 'RMSE', True)
        """
        check_is_fitted(self)
        now = as_it_is(self)
        counted = now._counted(X, y, sample_weight, reset=False)
        inputs = now._read(rows_of(counted))
        parts = [(np.arange(inputs.rows), now._blend)]
        if out_of_fold:
            parts = now._out_of_fold(counted, groups, time)
        used = np.sort(np.concatenate([own for own, _ in parts]))  # with times not all are held out
        place = np.empty(inputs.rows, dtype=np.int64)
        place[used] = np.arange(len(used))
        parts = [(place[own], blend) for own, blend in parts]
        weight = None if counted.weight is None else counted.weight[used]
        return now._importance_of(inputs.take(used), counted.Y[used], weight, parts, repeats)

    def _importance_of(
        self, inputs: Inputs, Y: Array, weight: Array | None, parts: Sequence[tuple[Array, Blend]], repeats: int = 5
    ) -> Importance:
        """As `permutation_importance`, of rows that have been read; `parts`: which networks answer which of them."""
        from descend.explanations.importance import permutation_importance

        truth = Y.astype(np.float64)
        metric = "log-loss" if isinstance(self._target, ClassTarget) else "RMSE"
        return permutation_importance(
            inputs, lambda rows: self._losses(_outputs_of(rows, parts), truth), weight, metric, repeats
        )

    def report(self, X: Any, y: Any, path: str | Path) -> None:
        """Write a page about the estimator: scores against a linear model, answers, columns, drift, networks.

        One HTML file that needs no network and no script, at most 500 kB. It needs matplotlib and Jinja2.

        Parameters
        ----------
        X, y
            Rows that judge, as in `score`; at best rows that were not learnt.
        path : str or Path
            Where; a file that is there is replaced once the new one is complete.

        Raises
        ------
        ValueError
            As in `score`.
        SpecError
            If matplotlib or Jinja2 is not installed.
        OSError
            If the file cannot be written.
        """
        check_is_fitted(self)
        find("Tabular.report")(as_it_is(self), X, y, path)

    # ------------------------------------------------------------ inside

    def _answering(self) -> Answering:
        from descend.explanations.explain import Answering, slope_of
        from descend.models.explain import class_slopes, encode_as, parts_of

        target, network = self._target, next(self._blend.nets).network
        parts, encode = parts_of(self._blend, network, ()), encode_as(network.dtype)
        if not isinstance(target, ClassTarget):
            slopes = [slope_of(k, scale) for k, scale in enumerate(target.scale.tolist())]
            return Answering(self._names(), parts, encode, self._explained_answers, slopes)
        if isinstance(target.classes, ColumnClasses):
            raise DataError(
                f"{type(self).__name__}: explain: y must be one column, or labels of 0 and 1; several columns of "
                "classes are not explained. Fit an estimator for each."
            )
        labels, decision = tuple(target.classes.labels.tolist()), self._sections.decision or Decision()
        slopes = class_slopes(network, decision.scaling) if target.single else [slope_of(k) for k in range(len(labels))]
        answers, single = self._explained_answers, target.single
        return Answering(self._names(), parts, encode, answers, slopes, labels, single, decision.places)

    def _explained_answers(self, inputs: Inputs) -> Array:
        """Numbers or probabilities, (m, K)."""
        outputs = self._blend.outputs(inputs, self.n_jobs)
        if isinstance(self._target, ClassTarget) and not self._target.single:
            return outputs
        return np.asarray(self._shown(outputs)).reshape(len(outputs), -1)

    def _names(self) -> tuple[str, ...]:
        """Names of the columns of X, in their order; those of an array are x0, x1, and so on."""
        given = self.__dict__.get("feature_names_in_")
        return tuple(f"x{k}" for k in range(self.n_features_in_)) if given is None else tuple(map(str, given))

    def _losses(self, outputs: Array, truth: Array) -> Array:
        """The loss of each row, (m,)."""
        if not isinstance(self._target, ClassTarget):
            error = (outputs - truth) * (self._target.scale if len(self._target.scale) == 1 else 1.0)
            return np.asarray(np.add.reduce(error * error, axis=1) / error.shape[1])
        if self._target.single:
            return losses_of(self._shown(outputs), np.argmax(truth, axis=1), True)
        each = [losses_of(np.stack([1.0 - p, p], axis=1), y, True) for p, y in zip(outputs.T, truth.T, strict=True)]
        return np.asarray(np.add.reduce(each, axis=0))

    def _out_of_fold(self, counted: Counted, groups: Any, time: Any) -> list[tuple[Array, Blend]]:
        """Rows of each fold, and the networks that have not learnt them."""
        by = together(Together("groups", self.groups, groups), Together("time", self.time, time), type(self).__name__)
        prepared = prepare(counted, self._target, by, type(self).__name__)
        seed, sizes = self._planned
        folds = self._dealt(prepared, len(counted.Y), seed)
        if tuple(len(fold.train) for fold in folds) != sizes or "oof_prediction_" not in self.__dict__:
            raise DataError(_NOT_OUT_OF_FOLD.format(type(self).__name__))
        parts = [(fold.validation, self._blend.of_fold(k)) for k, fold in enumerate(folds)]
        found, kept = self._shown(_outputs_of(prepared.inputs, parts)), self.oof_prediction_
        several = isinstance(kept, list)
        for mine, there in zip(found if several else [found], kept if several else [kept], strict=True):
            if not _alike(mine, there[counted.places]):
                raise DataError(_NOT_OUT_OF_FOLD.format(type(self).__name__))
        return parts


_NOT_OUT_OF_FOLD = (
    "{}: permutation_importance: with `out_of_fold` X, y, weights, groups and times must be those that `fit` was "
    "given, and the networks those that it left: not refitted, not read from a file, not chosen by an `eval_set`. "
    "Give rows that have not been learnt, without `out_of_fold`."
)


def _alike(one: Array, other: Array) -> bool:
    """Whether answers are the same but for rounding, and missing in the same rows."""
    size = float(np.max(np.abs(other[~np.isnan(other)]), initial=0.0))
    return np.allclose(one, other, rtol=0.0, atol=1e-3 * size, equal_nan=True)


def _outputs_of(rows: Inputs, parts: Sequence[tuple[Array, Blend]]) -> Array:
    """Outputs, (m, n_d): of each part's rows by its own networks; NaN elsewhere."""
    found = [(own, blend.outputs(rows if len(own) == rows.rows else rows.take(own))) for own, blend in parts]
    out = np.full((rows.rows, found[0][1].shape[1]), np.nan)
    for own, outputs in found:
        out[own] = outputs
    return out
