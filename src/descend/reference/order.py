"""Random numbers as functions of their place: the order of samples, and the nodes that dropout leaves out.

No stream is stored, so bits do not depend on who computes when.

The compiled engine has the same in `contract/order.hpp`; `engine/README.md` is the contract.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.typing import Array

GOLDEN = 0x9E3779B97F4A7C15
UINT64_MAX = 2**64 - 1


def hash_of(z: int) -> int:
    """Finaliser of SplitMix64 (Steele, Lea & Flood 2014), 0 … 2⁶⁴ − 1.

    Examples
    --------
    >>> hash_of(0), hash_of(1)
    (0, 6238072747940578789)
    """
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & UINT64_MAX
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & UINT64_MAX
    return z ^ (z >> 31)


def hashes(z: Array) -> Array:
    """`hash_of`, elementwise on an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def key_of(seed: int, number: int) -> int:
    """Key of one epoch or one round of a seed: hash(hash(seed + G) + (number + 1) G)."""
    return hash_of((hash_of((seed + GOLDEN) & UINT64_MAX) + (number + 1) * GOLDEN) & UINT64_MAX)


def stream(keys: Array, count: int) -> Array:
    """random(i) = hash(key + (i + 1) G) for i = 0 … count − 1 of each key: uint64, (..., count)."""
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
    return hashes(np.asarray(keys, dtype=np.uint64)[..., None] + steps)


# ---------------------------------------------------------------- order of samples


def epoch_order(order_seed: int, epoch: int, rows: int, sampling: str = "shuffle") -> Array:
    """Return which samples epoch `epoch` visits: a function of (seed, epoch), so that no random stream is stored.

    Parameters
    ----------
    order_seed : int
        0 … 2⁶⁴ − 1.
    epoch : int
        0, 1, …
    rows : int
        Number of training rows, 1 … 2³² − 1.
    sampling : {"shuffle", "replacement", "sequential"}
        A fresh permutation (Fisher & Yates), uniform draws, or 0 … rows − 1.

    Returns
    -------
    ndarray of int64, shape (rows,)

    Examples
    --------
    >>> sorted(epoch_order(7, 0, 5).tolist())
    [0, 1, 2, 3, 4]
    """
    if sampling == "sequential":
        return np.arange(rows)
    steps = np.arange(1, rows + 1, dtype=np.uint64)
    high = stream(np.array(key_of(order_seed, epoch), np.uint64), rows) >> np.uint64(32)
    if sampling == "replacement":
        return np.asarray((high * np.uint64(rows)) >> np.uint64(32)).astype(np.int64)
    partner = ((high * steps) >> np.uint64(32)).tolist()  # below(random(i), i + 1)
    order = list(range(rows))
    for i in range(rows - 1, 0, -1):
        order[i], order[partner[i]] = order[partner[i]], order[i]
    return np.array(order, dtype=np.int64)


# ---------------------------------------------------------------- dropout
#
# In training, each sample leaves out some nodes of the hidden layers, drawn anew in every round:
#
#     v_l = m_l ⊙ σ(s_l),   m_l,j = 0 with probability p, else 1 / (1 − p)
#
# (Srivastava et al. 2014, in the inverted form: nothing is scaled when predicting.) Whether a node is left out is a
# function of the restart's seed, the round, the sample's place in the batch, layer and node, and of nothing else.


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
        keys = hashes(samples + np.uint64((layer * GOLDEN) & UINT64_MAX))
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
