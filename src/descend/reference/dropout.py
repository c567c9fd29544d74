"""Dropout: in training, each sample leaves out some nodes of the hidden layers, drawn anew in every round.

    v_l = m_l ⊙ σ(s_l),   m_l,j = 0 with probability p, else 1 / (1 − p)

(Srivastava et al. 2014, in the inverted form: nothing is scaled when predicting.) Whether a node is left out is a
function of the restart's seed, the round, the sample's place in the batch, layer and node, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.reference.order import GOLDEN, MASK, hashes, key_of, stream
from descend.typing import Array


def check_dropout(given: float | Sequence[float], hidden: int, problems: list[str]) -> tuple[float, ...]:
    """Return p of each hidden layer, () if all are 0; what is wrong is added to `problems`.

    Examples
    --------
    >>> check_dropout(0.1, 2, [])
    (0.1, 0.1)
    >>> check_dropout(0.0, 2, [])
    ()
    """
    try:
        shares = np.asarray(given)
        shares = shares.astype(np.float64) if shares.dtype.kind in "fiu" else np.array(np.nan)
    except (TypeError, ValueError):
        shares = np.array(np.nan)
    if not ((shares >= 0) & (shares < 1)).all() or shares.ndim > 1 or (shares.ndim == 1 and len(shares) != hidden):
        problems.append(
            f"`dropout` must be from 0 to below 1: one number, or one per hidden layer ({hidden}); got {given!r}."
        )
        return ()
    return tuple(float(p) for p in np.broadcast_to(shares, hidden)) if shares.any() else ()


def draw_masks(sizes: Sequence[int], shares: Sequence[float], seed: int, at_round: int, rows: int) -> list[Array]:
    """Masks of one round: m_l for the rows of its batch, l = 1 … d − 1.

    Parameters
    ----------
    sizes : sequence of int
        n_0 … n_d.
    shares : sequence of float
        p of layers 1 … d − 1.
    seed : int
        The restart's dropout seed, 0 … 2⁶⁴ − 1.
    at_round : int
        Rounds done before this one.
    rows : int
        Samples of the batch, at places 0 … rows − 1.

    Returns
    -------
    list of ndarray
        (rows, n_l): 0, or 1 / (1 − p).

    Examples
    --------
    >>> [mask.tolist() for mask in draw_masks([2, 4, 1], [0.5], seed=1, at_round=0, rows=2)]
    [[[0.0, 2.0, 2.0, 0.0], [2.0, 2.0, 0.0, 0.0]]]
    """
    samples = stream(np.array(key_of(seed, at_round), np.uint64), rows)
    masks = []
    for layer, share in enumerate(shares, start=1):
        keys = hashes(samples + np.uint64((layer * GOLDEN) & MASK))
        dropped = (stream(keys, sizes[layer]) >> np.uint64(40)) < np.uint64(drop_below(share))
        masks.append(np.where(dropped, 0.0, 1.0 / (1.0 - share)))
    return masks


def drop_below(share: float) -> int:
    """A node is left out if the upper 24 bits of its random number are below this: the whole number nearest p 2²⁴.

    Examples
    --------
    >>> drop_below(0.5) == 2**23, drop_below(0.0)
    (True, 0)
    """
    return int(share * 2.0**24 + 0.5)
