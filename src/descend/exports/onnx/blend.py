"""Networks that answer together: the mean of their outputs, and how far they are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from descend.exports.onnx.graph import DOUBLE, Graph, floats_of
from descend.typing import Array

if TYPE_CHECKING:
    from descend.exports.described import Net


FEW_OUTPUTS = 16


@dataclass(frozen=True)
class Spread:
    """How far networks are apart: values of float64, (N, n_d), as `models.uncertainty.disagreement.Answers` has them.

    Parameters
    ----------
    spread, between : str
        Deviation of the members of one fold, and variance of the folds about their mean; "" for one network alone.
    """

    spread: str = ""
    between: str = ""


def mean(g: Graph, nets: Sequence[Net], outputs: Sequence[str]) -> str:
    """Return the weighted mean of several networks' outputs, float64 (N, n_d)."""
    weights = np.array([one.share for one in nets])
    return _Sums(g, nets).of(weights[:, None], g.cast(g.beside(outputs), DOUBLE))


@dataclass(frozen=True)
class _Sums:
    """Weighted sums over networks, of values that stand side by side: float64 (N, a · n_d)."""

    g: Graph
    nets: Sequence[Net]

    def of(self, weights: Array, values: str) -> str:
        """Return the sums by weights (a, b): (N, b · n_d).

        A product of matrices of all rows is many times faster than one small product for each row; with many outputs
        most of such a matrix would be zeros.
        """
        g, outputs = self.g, self.nets[0].spec.sizes[-1]
        if outputs <= FEW_OUTPUTS:
            return g.op("MatMul", values, g.const(np.kron(weights, np.eye(outputs)), DOUBLE))
        apart = g.rows(values, [len(weights), outputs])
        return g.rows(g.op("MatMul", g.const(weights.T, DOUBLE), apart), [weights.shape[1] * outputs])


def spread(g: Graph, nets: Sequence[Net], outputs: Sequence[str]) -> Spread:
    """Return how far the members of each fold are apart, and the folds; nothing of one network."""
    if len(nets) == 1:
        return Spread()
    members, folds, of_member, of_fold = _weights(nets)
    evenly, sums = np.full((folds, 1), 1.0 / folds), _Sums(g, nets)
    each = sums.of(members, g.cast(g.beside(outputs), DOUBLE))  # members of folds
    means = sums.of(of_fold, each)  # folds
    away = g.op("Sub", each, sums.of(of_member, means))
    variance = sums.of(of_fold @ evenly, g.op("Mul", away, away))
    apart = g.op("Sub", means, sums.of(evenly @ np.ones((1, folds)), means))
    between = sums.of(evenly, g.op("Mul", apart, apart))
    return Spread(g.op("Sqrt", variance), between)


def _weights(nets: Sequence[Net]) -> tuple[Array, int, Array, Array]:
    """What networks count in the mean of a member in a fold, and these in the mean of the fold.

    Returns
    -------
    members : ndarray, shape (networks, members of folds)
    folds : int
    of_member : ndarray, shape (folds, members of folds)
        1 where a member is of that fold.
    of_fold : ndarray, shape (members of folds, folds)
    """
    pairs = list(dict.fromkeys((one.fold, one.member) for one in nets))
    folds = sorted({fold for fold, _ in pairs})
    weight: dict[str, float] = {}
    for one in nets:
        weight[one.member] = weight.get(one.member, 0.0) + one.share
    members, of_fold = np.zeros((len(nets), len(pairs))), np.zeros((len(pairs), len(folds)))
    for k, one in enumerate(nets):
        members[k, pairs.index((one.fold, one.member))] = 1.0
    for k, (fold, member) in enumerate(pairs):
        of_fold[k, folds.index(fold)] = weight[member]
    of_member = (of_fold.T > 0.0).astype(np.float64)
    return members / members.sum(axis=0), len(folds), of_member, of_fold / of_fold.sum(axis=0)


def clipped(g: Graph, value: str, clip: tuple[Array, Array] | None) -> str:
    """Return outputs of float64 between the least and the largest of the training rows."""
    return value if clip is None else g.clip(value, clip[0], clip[1], DOUBLE)


def outputs_type(nets: Sequence[Net]) -> str:
    """Return the type of the networks' numbers."""
    return floats_of(nets[0].weights[0].dtype)
