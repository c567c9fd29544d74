"""Which network, which row of the background, and where on the way from it to a row: one of each for every draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.typing import Floats

GOLDEN = (5.0**0.5 - 1.0) / 2.0  # its multiples are spread evenly, however many are taken


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws, each of the same weight, the same for every row that is explained.

    Parameters
    ----------
    net : ndarray of int64, shape (n,)
        Number of the network, ascending.
    row : ndarray of int64, shape (n,)
        Row of the background.
    place : ndarray of float64, shape (n,)
        Where between the row of the background (0) and the explained row (1).
    """

    net: NDArray[np.int64]
    row: NDArray[np.int64]
    place: Floats


def make_draws(shares: Sequence[float], background: int, least: int) -> Draws:
    """Return draws in which each network has its share, and each row of the background the same.

    Networks that answer together are alike, so each looks from rows of its own: as good as if all looked from all.

    Parameters
    ----------
    shares : sequence of float
        What each network counts; they sum to 1.
    background : int
        Rows of the background, at least 1.
    least : int
        Draws, at least; as many times the background as needed.

    Examples
    --------
    >>> draws = make_draws([0.75, 0.25], 2, 4)
    >>> draws.net.tolist(), draws.row.tolist(), draws.place.round(2).tolist()
    ([0, 0, 0, 1], [0, 0, 1, 1], [0.15, 0.65, 0.46, 0.96])
    """
    times = -(-least // background)
    number = np.arange(background * times)
    ends = np.cumsum(shares)
    net = np.minimum(np.searchsorted(ends, (number + 0.5) / len(number) * ends[-1], side="right"), len(ends) - 1)
    row = number // times
    place = (number % times + np.mod((row + 0.5) * GOLDEN, 1.0)) / times
    return Draws(net, row, place)
