"""Expected gradients: what each column adds to the answers of networks, from the average answer to a row's own.

Of a row x and a row b of the background, the inputs go straight from those of b to those of x; on this way an answer
changes by Σ_j ∫ (x_j − b_j) ∂f/∂x_j. Each draw takes one point of one such way, with the exact gradient there.

G. Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and expected
gradients", 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from descend.explanations.draws import Draws
from descend.explanations.sharing import SHARED, Sharing
from descend.nets.network import Network
from descend.typing import Array, Floats

Encode = Callable[[Sequence[Any], Any, dict[int, Array]], Array]  # encoders, rows, what was made before -> X
POINTS = 2_048  # that go through a network together
Slopes = Callable[[Network, Array], Array]  # a network and its inputs (r, n_0) -> ∂answer/∂output, (r, n_d)


@dataclass(frozen=True, eq=False)
class Part:
    """A network that answers, and how it sees rows.

    Parameters
    ----------
    network : Network
        From inputs to outputs.
    encoders : sequence of encoder
        From columns to inputs.
    share : float
        What it counts among those that answer together.
    """

    network: Network
    encoders: Sequence[Any]
    share: float


@dataclass(frozen=True, eq=False)
class Shared:
    """Inputs of a network that one encoder makes of several columns."""

    sharing: Sharing
    own: slice
    columns: Array
    theirs: Any  # of the rows of the background


@dataclass(frozen=True, eq=False)
class Way:
    """What is known of a network before rows come.

    Parameters
    ----------
    part : Part
        The network.
    B : ndarray, shape (draws, n_0)
        The row of the background that each of its draws begins from, encoded.
    place : ndarray, shape (draws,)
        Where on its way each draw is.
    starts, columns : ndarray of int64
        Runs of inputs that one column makes, and the column's number; −1: several make it.
    shared : tuple of Shared
        The others.
    """

    part: Part
    B: Array
    place: Floats
    starts: Array
    columns: Array
    shared: tuple[Shared, ...]


def ways_of(parts: Sequence[Part], draws: Draws, background: Any, names: Sequence[str], encode: Encode) -> list[Way]:
    """Return the ways of those networks that have draws.

    Parameters
    ----------
    parts : sequence of Part
        The networks.
    draws : Draws
        Which of them looks from which row.
    background : Inputs
        Rows that others are compared with.
    names : sequence of str
        Columns, in the order in which they are explained.
    encode : callable
        (encoders, rows, made) -> X.
    """
    number = {name: k for k, name in enumerate(names)}
    ways = []
    for k in np.unique(draws.net).tolist():
        own = np.flatnonzero(draws.net == k)
        rows = background.take(draws.row[own])
        ways.append(_way(parts[k], rows, draws.place[own], number, encode))
    return ways


def _way(part: Part, rows: Any, place: Floats, number: dict[str, int], encode: Encode) -> Way:
    B = encode(part.encoders, rows, {})
    widths = [len(encoder.feature_names) for encoder in part.encoders]
    starts, columns, shared = [], [], []
    for encoder, (first, last) in zip(part.encoders, pairwise(accumulate([0, *widths])), strict=True):
        if first == last:
            continue
        starts.append(first)
        columns.append(-1)
        if encoder.kind in SHARED:
            sharing = SHARED[encoder.kind](encoder)
            whose = np.array([number[one.column] for one in sharing.inputs], dtype=np.int64)
            shared.append(Shared(sharing, slice(first, last), whose, sharing.of(rows)))
        else:
            columns[-1] = number[encoder.name if hasattr(encoder, "name") else encoder.columns[0]]
    return Way(part, B, place, np.array(starts), np.array(columns), tuple(shared))


def add_way(
    way: Way, rows: Any, made: dict[int, Array], slopes: Sequence[Slopes], encode: Encode, total: Floats
) -> None:
    """Add what the draws of a network say of rows.

    Parameters
    ----------
    way : Way
        Of the network.
    rows : Inputs
        That are explained, (m,).
    made : dict
        What encoders made of them before, by their identity.
    slopes : sequence of callable
        For each of K answers, what it changes by with a network's outputs.
    encode : callable
        (encoders, rows, made) -> X.
    total : ndarray of float64, shape (2, m, columns, K)
        What is added to: what each column adds in each draw, and its square.
    """
    network = way.part.network
    X = encode(way.part.encoders, rows, made)
    mine = [one.sharing.of(rows) for one in way.shared]
    step = max(1, POINTS // max(1, len(X)))
    for first in range(0, len(way.B), step):
        own = slice(first, first + step)
        D = X - way.B[own, None, :]
        P = way.B[own, None, :] + way.place[own].astype(X.dtype)[:, None, None] * D
        points = P.reshape(-1, X.shape[1])
        for k, slope in enumerate(slopes):
            G = network._door().input_gradient(network.spec, network.theta, points, slope(network, points))
            G = G.reshape(D.shape)
            for draw in range(len(D)):
                one = _by_column(way, mine, first + draw, G[draw], D[draw], total.shape[2])
                total[0, :, :, k] += one
                total[1, :, :, k] += one * one


def _by_column(way: Way, mine: list[Any], draw: int, G: Array, D: Array, columns: int) -> Floats:
    """What each column has of Σ G D in each row, (m, columns)."""
    out = np.zeros((len(G), columns))
    by_run = np.add.reduceat(G * D, way.starts, axis=1, dtype=np.float64)
    for run, column in enumerate(way.columns.tolist()):
        if column >= 0:
            out[:, column] += by_run[:, run]
    for one, own in zip(way.shared, mine, strict=True):
        parts = one.sharing.shares(own, one.theirs, draw, G[:, one.own], D[:, one.own])
        for k, column in enumerate(one.columns.tolist()):
            out[:, column] += parts[:, k]
    return out
