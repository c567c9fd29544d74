"""Random numbers as functions of their place: no stream is stored, so bits do not depend on who computes when.

The compiled engine has the same in `engine/order.hpp`; `engine/README.md` is the contract.
"""

from __future__ import annotations

import numpy as np

from descend.typing import Array

GOLDEN = 0x9E3779B97F4A7C15
MASK = 2**64 - 1


def hash_of(z: int) -> int:
    """Finaliser of SplitMix64 (Steele, Lea & Flood 2014), 0 … 2⁶⁴ − 1.

    Examples
    --------
    >>> hash_of(0), hash_of(1)
    (0, 6238072747940578789)
    """
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def hashes(z: Array) -> Array:
    """`hash_of`, elementwise on an array of uint64."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def key_of(seed: int, number: int) -> int:
    """Key of one epoch or one round of a seed: hash(hash(seed + G) + (number + 1) G)."""
    return hash_of((hash_of((seed + GOLDEN) & MASK) + (number + 1) * GOLDEN) & MASK)


def stream(keys: Array, count: int) -> Array:
    """random(i) = hash(key + (i + 1) G) for i = 0 … count − 1 of each key: uint64, (..., count)."""
    steps = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN)
    return hashes(np.asarray(keys, dtype=np.uint64)[..., None] + steps)
