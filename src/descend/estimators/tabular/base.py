"""What both estimators for tables share: from a raw table to a blend, and from a blend to answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from descend.errors import warn_user
from descend.estimators.mlp.callbacks import CallbackSupport, FitCallbacks, fit_callbacks, with_callbacks
from descend.estimators.mlp.moment import all_or_nothing, as_it_is, attributes_after
from descend.estimators.mlp.shown import ShowsWhatWasLearnt
from descend.estimators.tabular.answering import Answering
from descend.estimators.tabular.distilling import Distilling
from descend.estimators.tabular.explained import Explained
from descend.estimators.tabular.given import Together, alike, check_lengths, checked_weight, eval_parts, together
from descend.estimators.tabular.intervals import refitted, units_of
from descend.estimators.tabular.leaderboard import leaderboard_row, signed
from descend.estimators.tabular.metrics import Metric, Scorer
from descend.estimators.tabular.parameters import check_parameters
from descend.estimators.tabular.prepare import Counted, Learnt, Prepared, both, check_enough, prepare, rows_of, spread
from descend.estimators.tabular.progress import Progress
from descend.estimators.tabular.rows import row_count, rows_given
from descend.estimators.tabular.saving import Saves
from descend.estimators.tabular.updating import LearnsOn
from descend.estimators.tabular.watching import WatchesDrift, known_answers
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.blocks import generator
from descend.models.blends.descent import Goal
from descend.models.blends.fit import BlendFit
from descend.models.blends.options import BlendOptions
from descend.models.blends.qualities import QUALITIES
from descend.models.blends.refit import refit_blend
from descend.models.blends.result import BlendTraining, NetDone
from descend.models.decisions.decision import Decision
from descend.models.rows import inputs_of
from descend.models.sections import Sections, make_sections
from descend.models.uncertainty.calibrate import blend_uncertainty
from descend.preprocessing.folds import Fold, make_folds
from descend.preprocessing.transform import Preprocessing
from descend.registry import Exports
from descend.typing import Array

_FOLDS_KEY = 0x666F6C64  # "fold"


class BaseTabular(
    CallbackSupport,  # type: ignore[misc]
    ShowsWhatWasLearnt,
    Answering,
    Distilling,
    Explained,
    LearnsOn,
    WatchesDrift,
    Saves,
    Exports,
    BaseEstimator,  # type: ignore[misc]
):
    """Fit and predict; the subclasses say what y is."""

    n_features_in_: int

    _columns: Preprocessing
    _blend: Blend
    _target: Any
    _planned: tuple[int, tuple[int, ...]]  # seed, and training rows of each fold
    _sections: Sections

    _metrics: Mapping[str, Metric]
    _labels: Callable[..., Any]  # (y, name): y as an array, checked
    _find_target: Callable[[Any], Any]  # y -> what it is
    _known: Callable[[Any, Any, str], Any]  # (target, y, name): y, refused if the target does not know it
    _class_weights: Callable[[Any], tuple[Any, Array | None]]  # y -> y to learn, and what rows count by it
    _words: Callable[[float], str]  # of a network's loss

    def __init__(
        self,
        *,
        quality: str = "good",
        restarts: int = 1,
        select: str = "blend",
        time_limit: float | None = None,
        eval_metric: str | None = None,
        groups: str | None = None,
        time: str | None = None,
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: bool | int = False,
    ) -> None:
        self.quality = quality
        self.restarts = restarts
        self.select = select
        self.time_limit = time_limit
        self.eval_metric = eval_metric
        self.groups = groups
        self.time = time
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    # ------------------------------------------------------------ fitting

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, eval_set: Any = None, groups: Any = None, time: Any = None
    ) -> Self:
        """Learn from a raw table and its labels or numbers.

        Parameters
        ----------
        X : data frame, array_like, sparse matrix, or list of dict
            (n, n_features), raw: numbers, texts, categories, booleans, dates, missing cells, of any scale. A list of
            dicts, a row each, or a dict of columns is taken as pandas makes a data frame of it.
        y : array_like
            (n,), or (n, k) for several columns; none missing.
        sample_weight : array_like or None
            (n,), ≥ 0: what each row counts. Rows of weight 0 are as if they were not there.
        eval_set : (X, y), (X, y, sample_weight) or None
            The user's own rows that choose: when networks stop, which members answer, with what weights. There are
            then no folds, but as many starts of each member.
        groups : array_like or None
            (n,): rows of one group stay together, in one fold; nothing that a group has in common leaks.
        time : array_like or None
            (n,), numbers or dates: networks learn from what is earlier than the rows by which they are chosen.

        Returns
        -------
        TabularClassifier or TabularRegressor
            Itself. After an error it is what it was before; Ctrl-C keeps what has been trained, with a warning, if
            there is something; a second Ctrl-C ends the fit at once.

        Raises
        ------
        ValueError
            If parameters or data cannot be used; it lists all parameters that cannot be, and names rows and columns.
        """
        all_or_nothing(self, lambda new: new._fit(X, y, sample_weight, eval_set, groups, time))
        return self

    @with_callbacks  # type: ignore[untyped-decorator]
    def _fit(self, X: Any, y: Any, sample_weight: Any, eval_set: Any, groups: Any, time: Any) -> None:
        check_parameters(self, self._metrics)
        by = together(Together("groups", self.groups, groups), Together("time", self.time, time), self._name)
        for name in ("_only_split", "distilled_", "updates_"):
            self.__dict__.pop(name, None)
        counted = self._counted(X, y, sample_weight, reset=True, groups=groups, time=time)
        prepared = prepare(counted, self._target, by, self._name)
        self._columns, self._only_split = prepared.columns, prepared.only_split
        seed = self._seed()
        chosen = None if eval_set is None else self._chosen_by(eval_set)
        if chosen is None:
            folds = self._dealt(prepared, len(counted.Y), seed)
        else:
            n, m = len(counted.Y), len(chosen.Y)
            folds = [Fold(np.arange(n), np.arange(n, n + m))]
            prepared_held = self._columns.table_of(rows_of(chosen), with_target=False)
        held = None if chosen is None else inputs_of(self._columns, prepared_held)
        blocks = prepared.blocks(self._target.for_encoders(counted.Y), counted.weight, folds, seed, held)
        judged = counted if chosen is None else both(counted, chosen)
        goal = Goal(self._target.output, self._target.loss, judged.Y, judged.weight)
        learnt = Learnt(counted, judged, prepared.inputs, goal, self._scorer(judged))
        fit = self._blend_fit(blocks, learnt, seed, chosen is not None)
        callbacks = fit_callbacks(self, fit.planned, X=X, y=y, sample_weight=sample_weight)
        self._planned = seed, tuple(len(fold.train) for fold in folds)
        training = self._trained(fit, callbacks, learnt)
        for text in prepared.warnings:
            warn_user(text)
        self._take(learnt, training)
        if callbacks:
            callbacks.fit_end()

    def _dealt(self, prepared: Prepared, rows: int, seed: int) -> Sequence[Fold]:
        """The folds of a fit."""
        return make_folds(prepared.dealing, QUALITIES[self.quality].folds_of(rows), generator(seed, _FOLDS_KEY))

    def _counted(self, X: Any, y: Any, sample_weight: Any, *, reset: bool, name: str = "y", **more: Any) -> Counted:
        """Check rows and targets, and leave those out that count nothing."""
        X = rows_given(self, X, reset=reset)
        total = row_count(X)
        y = self._labels(y, name)
        check_lengths(total, self._name, **{name: y}, **more)
        weight = checked_weight(sample_weight, total, self._name)
        kept = None
        if weight is not None and not weight.all():
            kept = np.flatnonzero(weight)
            y, weight = y[kept], weight[kept]
        if reset:
            check_enough(y.shape[0], self._name)
            self._target = self._find_target(y)
        y = self._known(self._target, y, name)
        (y, by_class), own_weight = self._class_weights(y), weight
        if by_class is not None:
            weight = by_class if weight is None else weight * by_class
            if not weight.all():
                own = np.flatnonzero(weight)
                y, weight, kept = y[own], weight[own], own if kept is None else kept[own]
                own_weight = None if own_weight is None else own_weight[own]
                check_enough(len(own), self._name)
        return Counted(X, kept, y, self._target.encode(y), alike(weight), total, alike(own_weight))

    def _chosen_by(self, eval_set: Any) -> Counted:
        """Check the user's own rows that choose."""
        X, y, weight = eval_parts(eval_set, self._name)
        return self._counted(X, y, weight, reset=False, name="y of eval_set")

    def _scorer(self, counted: Counted) -> Scorer | None:
        """The metric that chooses, on these rows; None: the loss does."""
        if self.eval_metric is None:
            return None
        truth = self._target.truth(counted.Y) if self._target.loss == "log_loss" else counted.y
        return Scorer(self._metrics[self.eval_metric], self._target, truth, counted.weight)

    def _blend_fit(self, blocks: Any, learnt: Learnt, seed: int, own_rows: bool) -> BlendFit:
        """Return the networks' training, before it begins."""
        quality = QUALITIES[self.quality]
        options = BlendOptions(
            starts=self.restarts * quality.starts * (quality.folds if own_rows else 1),
            keep=quality.kept(len(blocks.target), self._columns.n_features),
            best=self.select == "best",
            n_jobs=self.n_jobs,
            seed=seed,
            time_limit=self.time_limit,
        )
        criterion = None if learnt.scorer is None else learnt.scorer.loss
        return BlendFit(blocks, learnt.goal, quality.table, options, criterion=criterion)

    def _trained(self, fit: BlendFit, callbacks: FitCallbacks | None, learnt: Learnt) -> BlendTraining:
        """Let the networks descend; Ctrl-C keeps what there is."""
        progress = Progress(self._words, fit.planned, self.time_limit) if self.verbose else None

        def so_far() -> dict[str, Any] | None:
            training = fit.so_far()
            return None if training is None else attributes_after(self, lambda new: new._take(learnt, training))

        def watch(done: NetDone) -> bool:
            if progress:
                progress(done)
            return bool(callbacks and callbacks.task("network", so_far))

        fit.watch = watch
        try:
            with progress or nullcontext():
                return fit.run()
        except KeyboardInterrupt as interrupt:
            training = getattr(interrupt, "training", None)
            if training is None:
                raise
            nets = sum(len(one.nets) for one in training.standings)
            warn_user(
                f"{self._name}: the fit was interrupted; {nets} network{'s' if nets > 1 else ''} of it "
                f"{'are' if nets > 1 else 'is'} kept and answer{'' if nets > 1 else 's'}."
            )
            return training  # type: ignore[no-any-return]

    def _take(self, learnt: Learnt, training: BlendTraining) -> None:
        """Set the fitted attributes."""
        counted, judged, scorer = learnt.counted, learnt.judged, learnt.scorer
        known = blend_uncertainty(training, learnt.goal, judged.own_weight, units_of(self._target))
        decision, answers = self._decided(counted, judged, training), known_answers(self._target, training.outputs)
        self._sections = replace(make_sections(learnt.inputs, known, answers), decision=decision)
        self._blend = training.blend
        self.members_: tuple[BlendMember, ...] = training.blend.members
        self.leaderboard_ = [leaderboard_row(one, scorer) for one in training.standings]
        outputs = training.outputs[: len(counted.Y)]
        held = np.flatnonzero(~np.isnan(outputs).any(axis=1))
        found = self._shown(outputs[held])
        places = counted.places[held]
        several = isinstance(found, list)
        each = [spread(one, places, counted.total) for one in (found if several else [found])]
        self.oof_prediction_ = each if several else each[0]
        self.oof_loss_ = training.loss
        self.oof_score_ = None if scorer is None else signed(training.score, scorer)
        self.stopped_ = not training.finished
        self.left_out_ = dict(self._columns.left_out)
        self.notes_ = (*self._columns.notes, *self._notes_of_answers())

    def refit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None, time: Any = None) -> Self:
        """Learn once more, from all rows (or more rows than before), with the weights and lengths that were found.

        Each network of each member that answers descends again from its seed, for as many epochs as it was best after
        (rounded up), by the schedule that was planned for it; no row is held out. `leaderboard_`, `oof_prediction_` and
        their figures stay those of `fit`, and so do the residuals of which intervals and sets are made: networks that
        know more rows are nearer to new ones, so these are rather too wide; rows of another source need a new `fit`.
        The time limit plays no part.

        Parameters
        ----------
        X, y, sample_weight, groups, time
            As in `fit`; of a classifier y holds no new class.

        Returns
        -------
        TabularClassifier or TabularRegressor
            Itself; after an error or Ctrl-C it is what it was before.

        Raises
        ------
        ValueError
            As in `fit`.

        Examples
        --------
        >>> from descend import TabularRegressor
        >>> from sklearn.datasets import load_diabetes
        >>> X, y = load_diabetes(return_X_y=True)
        >>> net = TabularRegressor(quality="fast", random_state=0).fit(X, y).refit(X, y)
        >>> net.score(X, y) > 0.5
        True
        """
        check_is_fitted(self)
        all_or_nothing(self, lambda new: new._refit(X, y, sample_weight, groups, time))
        return self

    def _refit(self, X: Any, y: Any, sample_weight: Any, groups: Any, time: Any) -> None:
        by = together(Together("groups", self.groups, groups), Together("time", self.time, time), self._name)
        old = self._target
        counted = self._counted(X, y, sample_weight, reset=False, groups=groups, time=time)
        check_enough(len(counted.Y), self._name)
        self._target = self._again(old, counted.y)
        counted = replace(counted, Y=self._target.encode(counted.y))
        prepared: Prepared = prepare(counted, self._target, by, self._name)
        seed, rows_of_fold = self._planned
        everything = [Fold(np.arange(len(counted.Y)), np.empty(0, dtype=np.int64))]
        blocks = prepared.blocks(self._target.for_encoders(counted.Y), counted.weight, everything, seed, None)
        goal = Goal(self._target.output, self._target.loss, counted.Y, counted.weight)
        self._blend = refit_blend(self._blend, blocks, goal, rows_of_fold, seed, self.n_jobs)
        self._columns, self.members_ = prepared.columns, self._blend.members
        before = self._sections
        answers = () if before.summary is None else before.summary.answers
        sections = make_sections(prepared.inputs, refitted(before.uncertainty, self._target), answers)
        self._sections = replace(sections, decision=before.decision)
        self.left_out_, self.notes_ = dict(self._columns.left_out), (*self._columns.notes, *self._notes_of_answers())

    def _again(self, target: Any, y: Any) -> Any:  # noqa: ARG002
        """What y is, on the rows of a refit: of classes what it was."""
        return target

    def _decided(self, counted: Counted, judged: Counted, training: BlendTraining) -> Decision | None:  # noqa: ARG002
        """Which class is answered; of numbers nothing is to be decided."""
        return None

    def _shown(self, outputs: Array) -> Any:
        """What users see of the outputs of a blend."""
        return self._target.answers(outputs)

    def _notes_of_answers(self) -> tuple[str, ...]:
        """What should be known of answers, beyond the obvious."""
        return ()

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def __sklearn_is_fitted__(self) -> bool:
        return "_blend" in self.__dict__

    def __getstate__(self) -> dict[str, Any]:
        return dict(super(BaseTabular, as_it_is(self)).__getstate__())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.sparse = True
        tags.target_tags.multi_output = True
        return tags
