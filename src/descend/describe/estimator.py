"""A fitted estimator in words: its networks, how its restarts ended, what its members count."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from descend.describe.facts import Fact, Grid
from descend.describe.network import layers_grid, network_words
from descend.describe.numbers import count, duration, listing, number, score


def mlp_parts(estimator: Any) -> list[list[Fact] | Grid]:
    """Return what an MLPClassifier or MLPRegressor has learnt, in the order in which it is read.

    Parameters
    ----------
    estimator : MLPClassifier or MLPRegressor
        Fitted.

    Examples
    --------
    >>> from descend import MLPRegressor
    >>> net = MLPRegressor((3,), solver="lbfgs", random_state=0).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0])
    >>> facts, _ = mlp_parts(net)
    >>> facts[0]
    ('Network', '1 → 3 relu → 1 identity, loss squared; 10 weights')
    """
    restarts, network = estimator.restarts_, estimator.network_
    facts: list[Fact] = [("Network", network_words(network.spec))]
    facts += _restarts_facts(restarts, len(estimator._fitted.chosen))
    if getattr(estimator, "loss_", None) is not None:
        facts.append(("Loss", f"{number(float(estimator.loss_))} after {count(int(estimator.n_iter_), 'iteration')}"))
    if getattr(estimator, "best_validation_score_", None) is not None:
        facts.append(("", f"best score of held-out rows {number(float(estimator.best_validation_score_))}"))
    return [facts, layers_grid(network.spec)]


def _restarts_facts(restarts: Any, answering: int) -> list[Fact]:
    ended = listing(f"{n} {status}" for status, n in Counter(one.status for one in restarts).items())
    facts: list[Fact] = [("Restarts", f"{len(restarts)}: {ended}")]
    losses = sorted(one.best_loss for one in restarts if math.isfinite(one.best_loss))
    if len(losses) > 1:
        facts.append(("", f"losses from {number(losses[0])} to {number(losses[-1])}"))
    if answering > 1:
        facts.append(("", f"{answering} of them answer together"))
    return facts


def tabular_parts(estimator: Any) -> list[list[Fact] | Grid]:
    """Return what a TabularClassifier or TabularRegressor has learnt, in the order in which it is read.

    Parameters
    ----------
    estimator : TabularClassifier or TabularRegressor
        Fitted.
    """
    board = estimator.leaderboard_
    networks, seconds = sum(len(one.nets) for one in estimator.members_), sum(one["seconds"] for one in board)
    facts: list[Fact] = [
        ("Columns", f"{count(estimator.n_features_in_, 'column')}, {len(estimator.left_out_)} of them left out"),
        ("Blend", f"{count(networks, 'network')} of {count(len(estimator.members_), 'member')} answer together"),
        ("", f"learnt in {duration(seconds)} of one core"),
    ]
    if getattr(estimator, "oof_loss_", None) is not None:  # a student has none
        facts.append(
            ("Loss", f"{number(float(estimator.oof_loss_))} on rows held out (optimistic: they chose the weights)")
        )
    return [facts, _board_grid(board)]


def _board_grid(board: list[dict[str, Any]]) -> Grid:
    rows = [
        (
            str(one["member"]),
            f"{one['weight']:.2f}" if one["weight"] > 0 else "·",
            _loss(one["loss"]),
            str(one["networks"]),
            str(one["summary"]),
        )
        for one in board
    ]
    return Grid(("member", "weight", "loss", "networks", "what it is"), tuple(rows), words=(0, 4))


def _loss(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else score(float(value))
