"""Inputs by index against the same expanded: 20 numbers as ramps over 32 bins each, 640-256-1, AdamW, batch 128."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks import agreement, ours, peers, roofline, table
from benchmarks.results import Result
from benchmarks.works import Array, MakeTrainer, Problem, Trainer, Work
from descend.spec.indexed import Field, IndexedRows

NUMBERS, BINS, HIDDEN = 20, 32, 256
FIELDS = tuple(Field("ramps", BINS * place, BINS) for place in range(NUMBERS))
EXPANDED = "ours, expanded"
TITLE = f"AdamW batch 128, {NUMBERS} numbers × {BINS} bins by index, {NUMBERS * BINS}-{HIDDEN}-1"


class RampWork(Work):
    """The work, on rows whose numbers are ramps; peers get all their columns."""

    @property
    def title(self) -> str:
        """How the table calls it."""
        return TITLE

    @property
    def rows(self) -> int:
        """Rows of the data: 42 MB of columns, 2 MB by index."""
        return 16384

    def data(self, rows: int) -> tuple[Array, Array]:
        """Return the columns and the targets."""
        X, Y = make_rows(rows)
        return X.expanded(), Y


WORK = RampWork("by-index", (NUMBERS * BINS, HIDDEN, 1), batch=128, optimizer="adamw")


def make_rows(rows: int) -> tuple[IndexedRows, Array]:
    """Return evenly spread numbers, each as the bin it is in and how far it is through it; targets smooth in them."""
    random = np.random.default_rng(0)
    x = random.random((rows, NUMBERS))
    codes = np.minimum((x * BINS).astype(np.uint16), BINS - 1)
    parts = (np.empty((rows, 0), np.float32), codes, (x * BINS - codes).astype(np.float32))
    Y = np.sin(6 * x[:, :1]) + x[:, 1:2] * x[:, 2:3] + 0.1 * random.normal(size=(rows, 1))
    return IndexedRows(FIELDS, NUMBERS * BINS, *parts), Y.astype(np.float32)


def make_trainer(engine: str) -> MakeTrainer:
    """Return the maker of our trainers by index."""

    def make(problem: Problem, steps: int) -> Trainer:
        indexed = replace(problem, X=make_rows(len(problem.X))[0])  # type: ignore[arg-type]
        return ours.make_trainer(engine)(indexed, steps)

    return make


def need(work: Work = WORK, fields: int = NUMBERS) -> roofline.Need:
    """Return what a step needs by index, by the sums of engine/README.md.

    Of each field and row, a row of W goes through a multiply-add, there and back. The running sums P, the way back from
    them and rows of P that are added are sums alone, which are not counted.

    Examples
    --------
    >>> need(Work("a", (8, 3, 1), batch=5, optimizer="sgd"), fields=2).places
    176.0
    """
    (_, n_1, n_2), B = work.sizes, work.batch
    layer_0 = B * 2 * (fields + 1) * n_1  # with the bias, there and back
    layer_1 = B * (2 * (n_1 + 1) + n_1) * n_2
    places = layer_0 + layer_1 + roofline.PLACES[work.optimizer] * work.weights
    dense = roofline.need(work)
    row = fields * (2 + 4) + 4 * n_2  # a code, a share
    return replace(dense, places=float(places), moved=(dense.moved[0], roofline.Moved(work.rows * row, B * row, 0.0)))


def run_by_index(options: table.Options) -> Result:
    """Measure by index against expanded: ours, then the peers, who have no other way."""
    makers, skipped = peers.load()
    mine: dict[str, Callable[..., Any]] = {EXPANDED: ours.make_trainer(options.engine)}
    by_index = make_trainer(options.engine)
    agreed = {name: table.agrees(name, make, WORK, options.engine) for name, make in makers.items()}
    agreed["by index"] = table.agrees("by index", by_index, WORK, options.engine)
    ready = table.make_ready({table.OURS: by_index} | mine | makers, WORK, options)
    lines, details, missing = table.judged(WORK, ready, options, need())
    details |= {"distance_after_same_steps": agreed, "tolerance": agreement.TOLERANCE}
    return Result(WORK.name, TITLE, lines, [*skipped, *missing], details)
