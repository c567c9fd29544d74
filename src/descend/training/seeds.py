"""Randomness is an argument: one seed makes the restarts, their orders of samples, their dropout, the validation rows.

A restart's seed is ``SeedSequence(entropy, spawn_key=(r,))``: it names the whole experiment (entropy) and the restart
(r), so ``fit(seed=training.restarts[r].seed, restarts=1)`` repeats restart r to the bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.files.document import MOST_DIGITS

_ORDER_KEY = 0x6F72646572  # "order"
_SPLIT_KEY = 0x73706C6974  # "split"
_DROPOUT_KEY = 0x64726F70  # "drop"
_BLOCK_KEY = 0x626C6F636B  # "block"

Seed = int | np.random.SeedSequence | None


def fresh_entropy() -> int:
    """Draw a seed from the operating system, to be kept and reported; 0 … 2⁶³ − 1."""
    return int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> np.uint64(1))


def checked_seed(seed: Any, otherwise: int) -> tuple[int, int]:
    """Return (entropy, number of the first restart) for a user's `seed`.

    None means `otherwise`, the network's; a restart's own seed begins with that restart.

    Raises
    ------
    SpecError
        If it is something else.

    Examples
    --------
    >>> checked_seed(7, 0)
    (7, 0)
    >>> checked_seed(restart_seed(7, 3), 0)
    (7, 3)
    """
    if seed is None:
        return otherwise, 0
    if isinstance(seed, np.random.SeedSequence):
        if isinstance(seed.entropy, int) and seed.entropy < 10**MOST_DIGITS and len(seed.spawn_key) <= 1:
            return seed.entropy, int(seed.spawn_key[0]) if seed.spawn_key else 0
    elif isinstance(seed, int | np.integer) and not isinstance(seed, bool) and 0 <= seed < 10**MOST_DIGITS:
        return int(seed), 0
    got = f"one of more than {MOST_DIGITS} digits" if isinstance(seed, int) and seed > 0 else repr(seed)
    raise SpecError(
        f"`seed` must be a whole number ≥ 0 of at most {MOST_DIGITS} digits, a restart's seed, or None; got {got}."
    )


def restart_seed(entropy: int, number: int) -> np.random.SeedSequence:
    """Seed of restart `number`: its initial weights."""
    return np.random.SeedSequence(entropy, spawn_key=(number,))


def order_seed(entropy: int, number: int | None) -> int:
    """Seed of the order of samples, a uint64: shared by all restarts (`number` None), or a restart's own."""
    key = (_ORDER_KEY,) if number is None else (_ORDER_KEY, number)
    return int(np.random.SeedSequence(entropy, spawn_key=key).generate_state(1, np.uint64)[0])


def block_seed(entropy: int) -> int:
    """Seed of the order of blocks, a uint64: shared by all restarts, for all share a pass over the rows."""
    return int(np.random.SeedSequence(entropy, spawn_key=(_BLOCK_KEY,)).generate_state(1, np.uint64)[0])


def dropout_seed(entropy: int, number: int) -> int:
    """Seed of the dropout of restart `number`, a uint64: a child of the restart's own seed."""
    key = (number, _DROPOUT_KEY)
    return int(np.random.SeedSequence(entropy, spawn_key=key).generate_state(1, np.uint64)[0])


def split_generator(entropy: int) -> np.random.Generator:
    """Random numbers for choosing validation rows."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy, spawn_key=(_SPLIT_KEY,))))
