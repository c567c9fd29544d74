"""``descend check``: back-propagation against finite differences, on the user's own model and data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from descend.cli.command import Fold, Member, ModelFile, TableFile, command
from descend.cli.errors import FAILED
from descend.errors import DataError, quoted

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table

MOST_ROWS = 20
MANY_WEIGHTS = 20_000  # from here on the work, which grows with their square, is done on fewer rows
SOME_WEIGHTS = 1_000  # so many of them are then checked
WIDTH = 24  # of the labels


@command
def check(model: ModelFile, table: TableFile, member: Member = None, fold: Fold = None) -> None:
    """Check the gradients of a model on a table by finite differences.

    Back-propagation against central differences of the loss, in double precision. Leaves with 1 if they disagree.
    """
    from descend.cli.console import say
    from descend.cli.models import chosen_net, load_table_model, net_words
    from descend.cli.notes import warnings_as_notes
    from descend.describe.gradient_check import check_facts, verdict
    from descend.describe.numbers import count

    loaded = load_table_model(model)
    net = chosen_net(loaded, "check", member, fold)
    weights = net.network.spec.theta_size
    rows = rows_to_check(loaded.preprocessing.table_of(table), loaded, weights)
    with warnings_as_notes():
        X, Y = loaded.inputs_and_targets(rows, net)
    most = SOME_WEIGHTS if weights > MANY_WEIGHTS else weights
    some = f", {most:,} of them checked, evenly spread" if most < weights else ""
    say(f"{model}{net_words(loaded, net)} on {count(rows.rows, 'row')} of {table}: {count(weights, 'weight')}{some}")
    result = net.network.gradient_check(X, Y, most=most)
    say(*(f"  {label:<{WIDTH}} {words}" for label, words in check_facts(result)), verdict(result))
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


def rows_to_check(table: Table, model: Model, weights: int) -> Table:
    """Return rows spread evenly over the table, all with a target."""
    target = model.preprocessing.target
    known = (~table.column(target).missing).nonzero()[0]
    if not len(known):
        raise DataError(f"{table.source}: the target column {quoted(target)} has no values; the check needs some.")
    n = min(most_rows(weights), len(known))
    return table.take(known[evenly(n, len(known))])


def evenly(n: int, of: int) -> list[int]:
    """Return `n` places out of `of`, from the first to the last, evenly spread.

    Examples
    --------
    >>> evenly(1, 9), evenly(3, 9), evenly(4, 9)
    ([0], [0, 4, 8], [0, 3, 5, 8])
    """
    step = (of - 1) / max(n - 1, 1)
    return [round(i * step) for i in range(n)]
