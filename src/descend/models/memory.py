"""What a training on a table holds in memory: refused, with the sum in words, before the work starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.machine import available_memory, resolve_jobs
from descend.models.blends.block_table import PAIRS, Kinds
from descend.models.blends.blocks import KEPT
from descend.models.blends.encoded import BYTES, BYTES_OF_CODE, bytes_of_row
from descend.models.blends.members import MEMBERS
from descend.models.recipe import Recipe
from descend.preprocessing.encoders import hashed, principal
from descend.preprocessing.encoders.additive import MOST_DIRECTIONS
from descend.preprocessing.encoders.plain import MOST_LEVELS, CategoryEncoder
from descend.preprocessing.encoders.search import SearchOptions
from descend.spec.network import NetworkSpec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.training.memory import bytes_held

BYTES_PER_CELL = 8 + 4  # a prepared number, in float64 while it is prepared and in the network's float32
BYTES_OF_RAMPS, MOST_LEAVES = BYTES + BYTES_OF_CODE, 48 * BYTES_OF_CODE  # of a number's ramps, and of all trees
FOLDS_AT_ONCE = 2  # whose blocks are held together in memory


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
    row = block_bytes(kinds, plain, outputs)
    blocks = row.shared + FOLDS_AT_ONCE * row.of_fold
    needed = {
        "rows": rows * (len(plain) + outputs) * BYTES_PER_CELL,
        "blocks": learning * blocks,
        "networks": jobs * learning * row.widest,
    }
    parts = (
        f"{learning:,} rows × {blocks:,} bytes of what the members see = {_size(needed['blocks'])}; {jobs} networks at "
        f"once × {learning:,} rows × {row.widest:,} bytes: {_size(needed['networks'])}"
    )
    remedy = 'Use fewer rows or columns (`drop`), or the `preset` "single".'
    return _checked(needed, rows, len(plain) + outputs, parts, remedy)


@dataclass(frozen=True)
class BlockBytes:
    """Bytes of a row in the blocks of a table, at most.

    Parameters
    ----------
    shared : int
        In the blocks that all folds have.
    of_fold : int
        In those of one fold, with the columns that they are fitted on.
    widest : int
        As the member has it that sees most.
    """

    shared: int
    of_fold: int
    widest: int


def block_bytes(kinds: Kinds, plain: Sequence[Any], outputs: int) -> BlockBytes:
    """Return how many bytes a row has in all blocks, at most.

    Parameters
    ----------
    kinds : Kinds
        The inputs.
    plain : sequence of encoder
        Of the block "plain", fitted: one for each column.
    outputs : int
        Outputs of the networks.

    Examples
    --------
    >>> from descend.preprocessing.encoders.inputs import Input
    >>> block_bytes(Kinds((Input("a"), Input("b")), (), ()), (), 2)
    BlockBytes(shared=32, of_fold=320, widest=144)
    """
    numbers, categories = len(kinds.numbers), len(kinds.categories)
    alone = 0 if kinds.wide else numbers  # numbers that are looked at alone
    ramps = BYTES_OF_RAMPS * (min(numbers, KEPT) if kinds.wide else numbers)
    terms = SearchOptions()
    many = sum(isinstance(one, CategoryEncoder) and len(one.levels) == MOST_LEVELS for one in plain)
    shared = {
        "plain": bytes_of_row(plain),
        "ranks": BYTES * numbers,
        "ramps by rank": BYTES_OF_RAMPS * alone,
        "levels": BYTES_OF_CODE * alone,
        "frequencies": BYTES * (categories + many * hashed.WIDTH),
        "components": BYTES * min(numbers, principal.MOST),
    }
    of_fold = {
        "ramps": ramps,
        "fine ramps": ramps,
        "target means": BYTES * categories * outputs,
        "pairs": BYTES * PAIRS.pairs,
        "pairs and triples": BYTES * (terms.pairs + terms.triples) * min(max(outputs - 1, 1), MOST_DIRECTIONS),
        "leaves": MOST_LEAVES,
    }
    every = shared | of_fold
    widest = max(sum(every[block] for block in member.blocks) for member in MEMBERS.values())
    fitted_on = len(kinds.all) * BYTES_PER_CELL
    return BlockBytes(sum(shared.values()), sum(of_fold.values()) + fitted_on, widest)


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
