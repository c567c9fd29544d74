"""What a training on a table holds in memory: refused, with the sum in words, before the work starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.machine import available_memory, resolve_jobs
from descend.models.blends.block_table import Kinds
from descend.models.blends.encoded import BYTES, BYTES_OF_CODE, bytes_of_row
from descend.models.recipe import Recipe
from descend.spec.network import NetworkSpec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.training.memory import bytes_held

BYTES_PER_CELL = 8 + 4  # a prepared number, in float64 while it is prepared and in the network's float32
BYTES_OF_RAMPS, MOST_LEAVES = BYTES + BYTES_OF_CODE, 48 * BYTES_OF_CODE  # of a number's ramps, and of all trees


def check_network_fits(counts: Mapping[str, int], spec: NetworkSpec, recipe: Recipe) -> int:
    """Add up what one network and its restarts need; return the bytes.

    Parameters
    ----------
    counts : mapping of str to int
        Number of rows: train, validation, test.
    spec, recipe : NetworkSpec, Recipe
        The network, and its training.

    Raises
    ------
    SpecError
        If that is not free, with the sum in words.
    """
    rows, columns = sum(counts.values()), spec.sizes[0] + spec.sizes[-1]
    rounds = recipe.epochs * -(-counts["train"] // recipe.batch_size)
    steps = StepSizes(recipe.learning_rate, recipe.schedule, rounds)
    plan = Plan(spec, np.dtype(recipe.dtype), counts["train"], counts["validation"], rounds, steps, recipe.batch_size)
    held = bytes_held(replace(plan, optimizer=recipe.optimizer), recipe.restarts)
    needed = {"rows": rows * columns * BYTES_PER_CELL} | held
    parts = (
        f"{recipe.restarts:,} restarts for {spec.theta_size:,} weights: states {_size(needed['states'])}, networks "
        f"{_size(needed['networks'])}"
    )
    remedy = "Use fewer rows or columns (`drop`), fewer `restarts`, or smaller `hidden` layers."
    return _checked(needed, rows, columns, parts, remedy)


def check_blend_fits(counts: Mapping[str, int], kinds: Kinds, plain: Sequence[Any], outputs: int) -> int:
    """Add up what a blend needs; return the bytes.

    Parameters
    ----------
    counts : mapping of str to int
        Number of rows: train, validation, test.
    kinds : Kinds
        The inputs of the members.
    plain : sequence of encoder
        Of the block "plain": one for each column.
    outputs : int
        Outputs of the networks.

    Raises
    ------
    SpecError
        If that is not free, with the sum in words.
    """
    rows, learning, jobs = sum(counts.values()), counts["train"] + counts["validation"], resolve_jobs(None)
    blocks, widest = block_bytes(kinds, bytes_of_row(plain), outputs)
    needed = {
        "rows": rows * (len(plain) + outputs) * BYTES_PER_CELL,
        "blocks": learning * blocks,
        "networks": jobs * learning * widest,
    }
    parts = (
        f"{learning:,} rows × {blocks:,} bytes of what the members see = {_size(needed['blocks'])}; {jobs} networks at "
        f"once × {learning:,} rows × {widest:,} bytes: {_size(needed['networks'])}"
    )
    remedy = 'Use fewer rows or columns (`drop`), or the `preset` "single".'
    return _checked(needed, rows, len(plain) + outputs, parts, remedy)


def block_bytes(kinds: Kinds, plain: int, outputs: int) -> tuple[int, int]:
    """Return how many bytes of a row all blocks have that are held together, and those of the widest member; at most.

    Parameters
    ----------
    kinds : Kinds
        The inputs.
    plain : int
        Bytes of the block "plain".
    outputs : int
        Outputs of the networks.

    Examples
    --------
    >>> from descend.preprocessing.encoders.inputs import Input
    >>> block_bytes(Kinds((Input("a"), Input("b")), (), ()), 12, 2)
    (932, 152)
    """
    numbers, categories = len(kinds.numbers), len(kinds.categories)
    ramps = 0 if kinds.wide else numbers * BYTES_OF_RAMPS
    own = BYTES * (numbers + categories * 33 + 64) + ramps + numbers * BYTES_OF_CODE  # ranks, hashes, components, …
    means, pairs, triples = BYTES * categories * outputs, BYTES * 12, BYTES * 32 * min(max(outputs - 1, 1), 4)
    of_fold = 2 * ramps + pairs + means + triples + MOST_LEAVES + len(kinds.all) * BYTES_PER_CELL
    most = max(ramps + pairs, ramps + means + max(triples + BYTES * categories * 33, MOST_LEAVES))
    return plain + own + 2 * of_fold, plain + most  # of two folds at a time


def _checked(needed: Mapping[str, int], rows: int, columns: int, parts: str, remedy: str) -> int:
    total, free = sum(needed.values()), available_memory()
    if free is not None and total > free:
        raise SpecError(
            f"train: {rows:,} rows × {columns:,} inputs and outputs × {BYTES_PER_CELL} bytes = "
            f"{_size(needed['rows'])}; {parts}; together {_size(total)}; {_size(free)} of memory are free. {remedy}"
        )
    return total


def _size(count: int) -> str:
    return f"{count / 1e9:,.2f} GB" if count >= 1e9 else f"{count / 1e6:,.2f} MB"
