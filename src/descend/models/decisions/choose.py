"""How a model of classes will answer, decided on rows that were not learnt: its threshold, its mended probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.models.decisions.costs import mean_cost
from descend.models.decisions.decision import COSTS, NUMBER, WEIGHTS, Asked, Decision
from descend.models.decisions.metrics import METRICS
from descend.models.decisions.reliability import Calibration, calibration
from descend.models.decisions.scaling import Mended, Scaling, mend
from descend.models.decisions.threshold import choose_threshold, gain_at, gain_of_costs, threshold_of_costs
from descend.typing import Array

OWN_FOLDS = 5  # where all rows were held out together
LEAST_ROWS = 50  # to mend probabilities by


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Rows that networks answered which have not learnt them.

    Parameters
    ----------
    probability : ndarray of float64, shape (m, k)
        Of each class, by the networks.
    truth : ndarray of int64, shape (m,)
        The true class.
    weight : ndarray of float64, shape (m,)
        What each row counts by the user's weights, not by those of classes.
    fold : ndarray of int64, shape (m,)
        By which networks it was answered.
    row : ndarray of int64, shape (m,), or None
        Of which row it is a part, from 0 on; None: each is a row.
    """

    probability: Array
    truth: Array
    weight: Array
    fold: Array
    row: Array | None = None

    @classmethod
    def of_shares(cls, probability: Array, shares: Array, weight: Array, fold: Array) -> HeldOut:
        """Return rows whose classes are known by shares, (m, k): a row for each class of it, which counts its share.

        Examples
        --------
        >>> p, shares = np.array([[0.5, 0.5], [0.2, 0.8]]), np.array([[1.0, 0.0], [0.25, 0.75]])
        >>> held = HeldOut.of_shares(p, shares, np.ones(2), np.array([0, 1]))
        >>> held.truth.tolist(), held.weight.tolist(), held.fold.tolist()
        ([0, 0, 1], [1.0, 0.25, 0.75], [0, 1, 1])
        """
        row, truth = np.nonzero(shares)
        return cls(probability[row], truth, weight[row] * shares[row, truth], fold[row], row)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.truth) if self.row is None else int(self.row[-1]) + 1

    @property
    def folds(self) -> Array:
        """The folds; if all rows are of one, five of them, dealt one row after the other."""
        return self.fold if len(np.unique(self.fold)) > 1 else np.arange(len(self.fold)) % OWN_FOLDS


@dataclass(frozen=True)
class Decided:
    """How a model will answer, and what that is worth on the rows that were held out.

    Parameters
    ----------
    decision : Decision
        How it answers.
    calibration : Calibration
        Whether its probabilities can be believed, as users see them.
    scores : dict or None
        What the threshold or the costs are worth; None: the likeliest class is answered.
    mended : Mended or None
        A scaling that was tried, and what it was worth; None: none was.
    """

    decision: Decision
    calibration: Calibration
    scores: dict[str, Any] | None
    mended: Mended | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records: `calibration` and `decision`."""
        mended = self.mended and {
            "used": self.mended.helps,
            "before": self.mended.before,
            "after": self.mended.after,
            "error": self.mended.error,
        }
        return {"calibration": self.calibration.to_dict() | {"mended": mended}, "decision": self.scores}


def decide(held: HeldOut, asked: Asked, class_weights: Sequence[float] | None = None) -> Decided:
    """Decide how a model will answer.

    Parameters
    ----------
    held : HeldOut
        Rows that were not learnt, at least one of which counts.
    asked : Asked
        Checked.
    class_weights : sequence of float or None, default None
        What the rows of each class counted in training, if classes were weighted. Probabilities are then those of a
        world in which the classes are as frequent as that makes them, and are not mended, unless they are put back.

    Examples
    --------
    >>> p = (np.arange(400) + 0.5) / 400
    >>> truth = (np.arange(400) * 37 % 100 < 100 * p).astype(int)
    >>> held = HeldOut(np.stack([1 - p, p], axis=1), truth, np.ones(400), np.arange(400) % 4)
    >>> found = decide(held, Asked(costs=[[0, 1], [4, 0]]))
    >>> round(found.decision.threshold, 1), found.scores["score"] < found.scores["plain_score"]
    (0.2, True)
    >>> found.mended.helps, found.decision.scaling is None
    (False, True)
    """
    scaling, mended = _put_back(asked, class_weights), None
    if (class_weights is None or scaling is not None) and held.rows >= LEAST_ROWS:
        seen = held.probability if scaling is None else scaling.of(held.probability)
        mended = mend(seen, held.truth, held.weight / held.weight.mean(), held.folds)
        if mended.helps:
            scaling = mended.scaling if scaling is None else mended.scaling.after(scaling)
    seen = held.probability if scaling is None else scaling.of(held.probability)
    decision, scores = _answers(seen, held, asked, class_weights)
    found = Decision(decision.threshold, decision.costs, decision.by, scaling)
    return Decided(found, calibration(seen, held.truth, held.weight, held.row), scores, mended)


def decide_blindly(asked: Asked, class_weights: Sequence[float] | None = None) -> Decision:
    """Decide how a model will answer without rows that were not learnt: what its probabilities say is believed.

    A threshold by a metric cannot be chosen then; the likeliest class is answered. Parameters as of `decide`.

    Examples
    --------
    >>> decide_blindly(Asked(costs=[[0, 1], [4, 0]])).threshold, decide_blindly(Asked("f1")).threshold
    (0.2, None)
    """
    scaling = _put_back(asked, class_weights)
    if asked.cost_matrix is not None:
        costs = asked.cost_matrix
        threshold = threshold_of_costs(costs) if len(costs) == 2 else None
        return Decision(threshold, tuple(tuple(row) for row in costs.tolist()), COSTS, scaling)
    if asked.threshold is not None and not isinstance(asked.threshold, str):
        return Decision(float(asked.threshold), None, NUMBER, scaling)
    if scaling is not None and asked.threshold is None and class_weights is not None:
        return replace(_as_weighted(class_weights), scaling=scaling)
    return Decision(scaling=scaling)


def _put_back(asked: Asked, class_weights: Sequence[float] | None) -> Scaling | None:
    """What undoes the weights of classes in probabilities: p_k / w_k, made to sum to 1."""
    if class_weights is None or not asked.prior_correction:
        return None
    return Scaling(1.0, tuple(-math.log(one) for one in class_weights))


def _answers(
    seen: Array, held: HeldOut, asked: Asked, class_weights: Sequence[float] | None
) -> tuple[Decision, dict[str, Any] | None]:
    """Which class is answered, given the probabilities that users see; and what that is worth."""
    if asked.costs is not None:
        return _by_costs(seen, held, asked)
    if isinstance(asked.threshold, str):
        gain = METRICS[asked.threshold]
        positive = held.truth == 1
        threshold = choose_threshold(seen[:, 1], positive, held.weight, gain)
        worth = {
            name: gain_at(seen[:, 1], positive, held.weight, at, gain)
            for name, at in (("score", threshold), ("plain_score", 0.5))
        }
        decision = Decision(threshold, None, asked.threshold)
        return decision, {"by": asked.threshold, "metric": asked.threshold, "threshold": threshold} | worth
    if asked.threshold is not None:
        decision = Decision(float(asked.threshold), None, NUMBER)
    elif class_weights is not None and asked.prior_correction:
        decision = _as_weighted(class_weights)
    else:
        return Decision(), None
    return decision, _shares_right(decision, seen, held)


def _by_costs(seen: Array, held: HeldOut, asked: Asked) -> tuple[Decision, dict[str, Any]]:
    """By the least expected cost; of two classes by the threshold whose costs are the least out of fold."""
    costs = asked.cost_matrix
    assert costs is not None
    threshold = None
    if len(costs) == 2:
        threshold = choose_threshold(seen[:, 1], held.truth == 1, held.weight, gain_of_costs(costs))
    decision = Decision(threshold, tuple(tuple(row) for row in costs.tolist()), COSTS)
    worth = {
        name: mean_cost(one.places(seen), held.truth, costs, held.weight)
        for name, one in (("score", decision), ("plain_score", Decision()))
    }
    return decision, {"by": COSTS, "metric": "cost", "threshold": threshold} | worth


def _as_weighted(class_weights: Sequence[float]) -> Decision:
    """The likeliest class of the weighted world, where probabilities are put back: what is wrong costs its weight."""
    w = list(class_weights)
    if len(w) == 2:
        return Decision(w[0] / (w[0] + w[1]), None, WEIGHTS)
    costs = tuple(tuple(0.0 if i == j else one for j in range(len(w))) for i, one in enumerate(w))
    return Decision(None, costs, WEIGHTS)


def _shares_right(decision: Decision, seen: Array, held: HeldOut) -> dict[str, Any]:
    """Accuracy of a decision, and of the likeliest class; balanced, if weights of classes decide."""
    balanced = decision.by == WEIGHTS
    metric = "balanced_accuracy" if balanced else "accuracy"
    right = {
        name: _share_right(one.places(seen), held, balanced)
        for name, one in (("score", decision), ("plain_score", Decision()))
    }
    return {"by": decision.by, "metric": metric, "threshold": decision.threshold} | right


def _share_right(said: Array, held: HeldOut, balanced: bool) -> float:
    group = held.truth if balanced else np.zeros(len(said), dtype=np.int64)
    total = np.bincount(group, held.weight)
    right = np.bincount(group, held.weight * (said == held.truth))
    there = total > 0.0
    return float(np.add.reduce(right[there] / total[there]) / np.count_nonzero(there))
