"""``descend check``: back-propagation against finite differences, on the user's own model and data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from descend.cli.app import FAILED, ModelFile, TableFile, command, load_table_model

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.reference.gradient_check import GradientCheck
    from descend.tables.table import Table

MOST_ROWS = 20
MANY_WEIGHTS = 20_000  # from here on the work, which grows with their square, is done on fewer rows


@command
def check(model: ModelFile, table: TableFile) -> None:
    """Check the gradients of a model on a table by finite differences.

    Back-propagation against central differences of the loss, in double precision. Leaves with 1 if they disagree.
    """
    from descend.cli.console import count, say, warnings_as_notes
    from descend.tables.read import read_table

    loaded = load_table_model(model)
    rows = _some_rows(read_table(table), loaded)
    with warnings_as_notes():
        X, Y = loaded.inputs_and_targets(rows)
    say(f"{model} on {count(rows.rows, 'row')} of {table}: {count(loaded.network.spec.theta_size, 'weight')}")
    result = loaded.network.gradient_check(X, Y)
    say(*report(result))
    if not result.passed:
        raise typer.Exit(FAILED)


def most_rows(weights: int) -> int:
    """Return on how many rows a network of so many weights is checked.

    Examples
    --------
    >>> most_rows(5000), most_rows(40_000), most_rows(1_000_000)
    (20, 5, 1)
    """
    return max(1, min(MOST_ROWS, int(MOST_ROWS * (MANY_WEIGHTS / weights) ** 2)))


def _some_rows(table: Table, model: Model) -> Table:
    """Rows spread evenly over the table, all with a target."""
    import numpy as np

    from descend.errors import DataError

    target = model.preprocessing.target
    known = np.flatnonzero(~table.column(target).missing)
    if not len(known):
        raise DataError(f'{table.source}: the target column "{target}" has no values; the check needs some.')
    places = (
        np.linspace(0, len(known) - 1, min(most_rows(model.network.spec.theta_size), len(known))).round().astype(int)
    )
    return table.take(known[places])


def report(result: GradientCheck) -> list[str]:
    """Say what a gradient check found, and its verdict."""
    from descend.reference.gradient_check import LEFT_OUT_SHARE

    layer, row, column = result.where
    share = result.left_out / result.entries
    verdict = "passed: back-propagation gives the gradient of the loss"
    if not result.passed:
        too_many = share > LEFT_OUT_SHARE
        verdict = f"FAILED: {'too many entries were left out' if too_many else 'the error must be below 1e-6'}"
    error = f"{result.max_relative_error:.2e}, at W_{layer}[{row},{column}]"
    return [
        f"  largest relative error   {error if result.max_relative_error else '0, but for rounding'}",
        f"  left out                 {result.left_out:,} of {result.entries:,} weights, too near to a kink",
        f"Gradient check {verdict}.",
    ]
