"""What every network of a blend answers: learnt once, so that rules can be compared without learning again."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.accuracy import scores
from benchmarks.accuracy.splits import split
from benchmarks.accuracy.tasks import CLASSIFY
from descend.estimators.tabular.base import _FOLDS_KEY
from descend.estimators.tabular.prepare import Counted, prepare
from descend.estimators.tabular.targets import class_target, labels_of, number_target, numbers_of
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.blocks import generator
from descend.models.blends.descent import Goal
from descend.models.blends.fit import BlendFit, BlendOptions
from descend.models.blends.members import Member
from descend.models.blends.qualities import QUALITIES, Quality
from descend.models.blends.result import BlendTraining
from descend.models.rows import inputs_of
from descend.preprocessing.folds import make_folds

Array = np.ndarray[Any, np.dtype[Any]]
Where = tuple[str, int]  # member, fold
WHO = "ablation"


@dataclass(frozen=True, eq=False)
class Truth:
    """What the rows that judge really are, and how outputs of networks become predictions of them.

    Parameters
    ----------
    kind : {"classify", "regress"}
        What is predicted.
    target : ClassTarget or NumberTarget
        What the training rows said of it.
    y : ndarray, shape (m,)
        Whole numbers 0 … k − 1 of classes, or numbers.
    """

    kind: str
    target: Any
    y: Array

    def judge(self, outputs: Array) -> dict[str, float]:
        """Return "loss" (log-loss, or RMSE / standard deviation) and "error" (error rate, or the same)."""
        found = self.target.answers(outputs)
        if self.kind != CLASSIFY:
            rmse = scores.number_scores(found, self.y)["rmse"]
            return {"loss": rmse, "error": rmse}
        labels = self.target.classes.labels
        probability = np.zeros((len(found), max(int(self.y.max()), int(labels.max())) + 1))
        probability[:, labels] = found
        judged = scores.class_scores(probability, self.y)
        return {"loss": judged["log_loss"], "error": judged["error"]}


@dataclass(frozen=True, eq=False)
class Learnt:
    """A blend that was learnt on the training rows of a split.

    Parameters
    ----------
    fit : BlendFit
        Its networks.
    training : BlendTraining
        What came out.
    train, test : Inputs
        The rows that learn, and those that judge.
    truth : Truth
        Of the latter.
    keep : int or None
        Members that go on after the first fold by default.
    """

    fit: BlendFit
    training: BlendTraining
    train: Any
    test: Any
    truth: Truth
    keep: int | None

    @property
    def seconds(self) -> float:
        """Of all descents, added."""
        return sum(net.seconds for net in self.fit.nets.values())


def learn(
    table: Any,
    kind: str,
    quality: Quality | None = None,
    seed: int = 0,
    everything: bool = False,
    members: Sequence[Member] | None = None,
) -> Learnt:
    """Learn a task's first split as `TabularClassifier` and `TabularRegressor` do.

    Parameters
    ----------
    table : DataFrame
        The last column is the target.
    kind : {"classify", "regress"}
        Whether it is a class.
    quality : Quality or None
        Folds, members and how many go on; None: the default.
    seed : int, default 0
        Of the blend; the split is that of seed 0.
    everything : bool, default False
        Whether all members go on.
    members : sequence of Member or None
        Others than those of the quality.
    """
    quality = quality or QUALITIES["good"]
    X, target = table.iloc[:, :-1], table.iloc[:, -1].to_numpy()
    parts = split(target, kind, 0)
    y = np.unique(target, return_inverse=True)[1] if kind == CLASSIFY else target.astype(float)
    train, test = (X.iloc[rows].reset_index(drop=True) for rows in (parts.train, parts.test))
    counted, found = _counted(train, y[parts.train], kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is told about columns
        prepared = prepare(counted, found, None, WHO)
        inputs = inputs_of(prepared.columns, prepared.columns.table_of(test, with_target=False))
    folds = make_folds(prepared.dealing, quality.folds_of(len(train)), generator(seed, _FOLDS_KEY))
    blocks = prepared.blocks(found.for_encoders(counted.Y), None, folds, seed, None)
    keep = quality.kept(len(train), prepared.columns.n_features)
    options = BlendOptions(starts=quality.starts, keep=None if everything else keep, seed=seed)
    fit = BlendFit(blocks, Goal(found.output, found.loss, counted.Y), members or quality.table, options)
    return Learnt(fit, fit.run(), prepared.inputs, inputs, Truth(kind, found, y[parts.test]), keep)


def _counted(X: Any, y: Array, kind: str) -> tuple[Counted, Any]:
    y = labels_of(y, WHO) if kind == CLASSIFY else numbers_of(y, WHO)
    target = class_target(y, WHO) if kind == CLASSIFY else number_target(y)
    return Counted(X, None, y, target.encode(y), None, len(y)), target


# ---------------------------------------------------------------- answers


@dataclass(frozen=True, eq=False)
class Answers:
    """What each network answers, for rows that it has not learnt.

    Parameters
    ----------
    output : str
        Of the networks.
    Y : ndarray of float32, shape (n, n_d)
        What they learnt.
    folds : tuple of ndarray of int64
        Rows that each fold holds out.
    held, test : dict of (str, int) to ndarray of float32
        Member and fold -> outputs for the rows that the fold holds out, for the rows that judge.
    seconds : dict of (str, int) to float
        Member and fold -> time of the descent.
    truth : Truth
        Of the rows that judge.
    keep : int or None
        Members that go on after the first fold by default.
    """

    output: str
    Y: Array
    folds: tuple[Array, ...]
    held: dict[Where, Array]
    test: dict[Where, Array]
    seconds: dict[Where, float]
    truth: Truth
    keep: int | None

    def members(self, folds: int) -> list[str]:
        """Return those that have a network on each of the first folds; one that went astray somewhere is none."""
        names = dict.fromkeys(member for member, _ in self.held)
        return [name for name in names if all((name, fold) in self.held for fold in range(folds))]

    def out_of_fold(self, member: str, folds: int) -> Array:
        """Return its answers for all rows, NaN for those that none of the first folds holds out."""
        answers = np.full(self.Y.shape, np.nan)
        for fold in range(folds):
            answers[self.folds[fold]] = self.held[member, fold]
        return answers

    def rows(self, folds: int) -> Array:
        """Return the rows that the first folds hold out."""
        return np.sort(np.concatenate(self.folds[:folds]))


def answers_of(learnt: Learnt) -> Answers:
    """Ask every network of a blend, of several starts only the first. Kept in float32, in which they compute."""
    held, test, seconds = {}, {}, {}
    folds = tuple(fold.validation for fold in learnt.fit.blocks.folds)
    for place, net in sorted(learnt.fit.nets.items()):
        if place.start == 0:
            alone, where = Blend((BlendMember(place.member, 1.0, (net,)),)), (place.member, place.fold)
            rows = learnt.train.take(folds[place.fold])
            held[where], test[where] = (alone.outputs(one).astype(np.float32) for one in (rows, learnt.test))
            seconds[where] = net.seconds
    order = {member.name: number for number, member in enumerate(learnt.fit.members)}
    held = dict(sorted(held.items(), key=lambda one: (order[one[0][0]], one[0][1])))
    goal = learnt.fit.goal
    return Answers(goal.output, goal.Y, folds, held, test, seconds, learnt.truth, learnt.keep)
