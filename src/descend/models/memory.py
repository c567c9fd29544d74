"""What a training on a table holds in memory: refused, with the sum in words, before the work starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from descend.errors import SpecError
from descend.machine import available_memory, resolve_jobs
from descend.models.blends.block_table import Kinds
from descend.models.recipe import Recipe
from descend.spec.network import NetworkSpec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.training.memory import bytes_held

BYTES_PER_CELL = 8 + 4  # a prepared number, in float64 while it is prepared and in the network's float32
BYTES = 4  # of a number in a block


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


def check_blend_fits(counts: Mapping[str, int], kinds: Kinds, inputs: int, outputs: int) -> int:
    """Add up what a blend needs; return the bytes.

    Parameters
    ----------
    counts : mapping of str to int
        Number of rows: train, validation, test.
    kinds : Kinds
        The inputs of the members.
    inputs, outputs : int
        Columns of the block "plain", and of the networks' outputs.

    Raises
    ------
    SpecError
        If that is not free, with the sum in words.
    """
    rows, learning, jobs = sum(counts.values()), counts["train"] + counts["validation"], resolve_jobs(None)
    blocks, widest = block_columns(kinds, inputs, outputs)
    needed = {
        "rows": rows * (inputs + outputs) * BYTES_PER_CELL,
        "blocks": learning * blocks * BYTES,
        "networks": 2 * jobs * learning * widest * BYTES,  # as a member sees its rows, and as the engine reads them
    }
    parts = (
        f"{learning:,} rows × {blocks:,} columns of what the members see × {BYTES} bytes = {_size(needed['blocks'])}; "
        f"{jobs} networks at once × {learning:,} rows × {widest:,} inputs, twice: {_size(needed['networks'])}"
    )
    remedy = 'Use fewer rows or columns (`drop`), or the `preset` "single".'
    return _checked(needed, rows, inputs + outputs, parts, remedy)


def block_columns(kinds: Kinds, plain: int, outputs: int) -> tuple[int, int]:
    """Return how many columns all blocks have that are held together, and those of the widest member; at the most.

    Parameters
    ----------
    kinds : Kinds
        The inputs.
    plain : int
        Columns of the block "plain".
    outputs : int
        Outputs of the networks.

    Examples
    --------
    >>> from descend.preprocessing.encoders.inputs import Input
    >>> block_columns(Kinds((Input("a"), Input("b")), (), ()), 3, 2)
    (1245, 419)
    """
    numbers, categories = len(kinds.numbers), len(kinds.categories)
    ramps, directions = 0 if kinds.wide else numbers, min(max(outputs - 1, 1), 4)
    shared = plain + numbers * (1 + 40) + ramps * kinds.bins(24) + categories * 33 + 64
    fine, coarse = ramps * kinds.bins(32) + 12, ramps * kinds.bins(16)
    means, found, leaves = categories * outputs, 32 * directions, 384
    widest = plain + max(fine, coarse + means + max(found + categories * 33, leaves))
    return shared + 2 * (fine + coarse + means + found + leaves), widest  # of two folds at a time


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
