"""`leaderboard_`: what each member was worth, as users read it."""

from __future__ import annotations

from typing import Any

from descend.estimators.tabular.metrics import Scorer
from descend.models.blends.descent import Net
from descend.models.blends.members import MEMBERS
from descend.models.blends.result import Standing


def signed(score: float, scorer: Scorer) -> float:
    """Return a loss as its metric is read: where more is better, more is better."""
    return -score if scorer.metric.greater else score


def leaderboard_row(one: Standing, scorer: Scorer | None) -> dict[str, Any]:
    """One row of `leaderboard_`."""
    return {
        "member": one.name,
        "summary": MEMBERS[one.name].summary,
        "weight": one.weight,
        "loss": one.loss,
        "score": None if scorer is None else signed(one.score, scorer),
        "first_fold_loss": one.first_loss,
        "networks": len(one.nets),
        "inputs": max((net.network.spec.sizes[0] for net in one.nets), default=0),
        "seconds": sum(net.seconds for net in one.nets),
    }


def distilled_row(net: Net) -> dict[str, Any]:
    """One row, of a network that imitates a blend; its loss is that of its answers as a guess at the blend's."""
    return {
        "member": net.place.member,
        "summary": "one network that imitates a blend",
        "weight": 1.0,
        "loss": net.loss,
        "score": None,
        "first_fold_loss": net.loss,
        "networks": 1,
        "inputs": net.network.spec.sizes[0],
        "seconds": net.seconds,
    }
