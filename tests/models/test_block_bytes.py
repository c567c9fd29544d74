"""What blocks hold of a row is never more than what a training counts on beforehand, and not far below."""

from __future__ import annotations

import numpy as np
import pytest

from descend.models.blends.block_table import TARGETED, UNTARGETED
from descend.models.blends.blocks import Blocks
from descend.models.blends.members import MEMBERS
from descend.models.memory import BYTES_PER_CELL, block_bytes
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.folds import Dealing, make_folds
from descend.preprocessing.transform import fit_inputs
from descend.spec.indexed import arrays_of
from descend.tables.convert import as_table

ROWS = 600


def cells(kinds: str) -> dict:
    random = np.random.default_rng(7)
    numbers = {f"x{j}": random.normal(size=ROWS) for j in range({"numbers": 70, "wide": 260}.get(kinds, 6))}
    if kinds in ("numbers", "wide"):
        return numbers
    texts = {
        f"c{j}": [f"level {one}" for one in random.integers(levels, size=ROWS)] for j, levels in enumerate((5, 30))
    }
    if kinds == "many levels":
        texts |= {f"m{j}": [f"level {one}" for one in random.integers(2000, size=ROWS)] for j in range(3)}
    whole = {"count": random.integers(9, size=ROWS).astype(float), "flag": random.random(ROWS) < 0.5}
    return numbers | texts | whole | {"day": np.datetime64("2024-01-01") + random.integers(400, size=ROWS)}


def target(table: dict, goal: str) -> tuple[np.ndarray, int]:
    """Something that pairs tell of, and outputs of the networks."""
    score = table["x0"] * table["x1"] + 0.5 * table["x2"]
    if goal == "number":
        return ((score - score.mean()) / score.std())[:, None], 1
    if goal == "two classes":
        return (score > 0).astype(float)[:, None], 2
    return np.eye(6)[np.digitize(score, np.quantile(score, np.arange(1, 6) / 6))], 6


def held(made: object) -> int:
    return sum(array.nbytes for array in arrays_of(made))


@pytest.mark.parametrize(
    ("kinds", "goal"),
    [
        ("mixed", "number"),
        ("mixed", "six classes"),
        ("many levels", "two classes"),
        ("numbers", "number"),
        ("wide", "number"),
    ],
)
def test_no_more_is_held_than_was_counted(kinds, goal):
    raw = cells(kinds)
    Y, outputs = target(raw, goal)
    table = as_table(raw)
    columns = fit_inputs(table, table.names, {})
    inputs = Inputs({name: table.column(name) for name in columns.input_names})
    dealing = Dealing(order=Y[:, 0])
    blocks = Blocks(inputs, columns.encoders, Y, None, dealing, make_folds(dealing, 3, np.random.default_rng(0)), 0)
    counted = block_bytes(blocks.kinds, columns.encoders, outputs)

    shared = sum(held(blocks.shared(name)[1]) for name in ("plain", *UNTARGETED)) / ROWS
    assert 0.8 * counted.shared <= shared <= counted.shared

    of_fold = sum(sum(map(held, blocks.of_fold(name, 0)[1:])) for name in TARGETED) / ROWS
    assert of_fold <= counted.of_fold - len(blocks.kinds.all) * BYTES_PER_CELL

    for member in MEMBERS.values():
        seen = blocks.seen(member.blocks, 0)
        assert (held(seen.train) + held(seen.validation)) / ROWS <= counted.widest
