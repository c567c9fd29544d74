"""``descend step``: one round of SGD on one row of a table, with the numbers plugged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from descend.cli.command import Fold, Member, ModelFile, TableFile, command
from descend.cli.errors import raise_usage
from descend.errors import DataError, quoted

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table


@command
def step(
    model: ModelFile,
    table: TableFile,
    row: Annotated[int, typer.Option("--row", help="The row, counted from 1.", show_default=False)],
    learning_rate: Annotated[float, typer.Option("--learning-rate", help="η of the round.")] = 0.1,
    layer: Annotated[
        list[int] | None,
        typer.Option("--layer", help="Only this layer, 1 … d; may be given several times.", show_default=False),
    ] = None,
    member: Member = None,
    fold: Fold = None,
    full: Annotated[
        bool, typer.Option("--full", help="Write out long sums and large layers.", show_default=False)
    ] = False,
    digits: Annotated[int, typer.Option("--digits", help="Significant digits; 17 is exact.")] = 6,
    as_json: Annotated[
        bool, typer.Option("--json", help="All numbers as JSON, with full precision.", show_default=False)
    ] = False,
) -> None:
    """Show one round of SGD on one row, with the numbers plugged in.

    The forward pass, the loss, the backward pass and the new weights. The model file is not changed.
    """
    from descend.cli.models import chosen_net, load_table_model, net_words
    from descend.cli.round import one_round, say_as_json, say_round

    _check_options(learning_rate, digits)
    loaded = load_table_model(model)
    net = chosen_net(loaded, "step", member, fold)
    _check_layers(layer, net.network.spec.depth)
    one = _one_row(loaded, loaded.preprocessing.table_of(table), table, row)
    r = one_round(loaded, net, one, learning_rate, digits, full)
    if as_json:
        say_as_json(loaded, net, one, row, r)
    else:
        say_round(loaded, net, one, f"Row {row:,} of {table}{net_words(loaded, net)}", r, layer)


def _check_options(learning_rate: float, digits: int) -> None:
    problems = []
    if not 0 <= learning_rate < float("inf"):
        problems.append(f"--learning-rate must be a number ≥ 0; got {learning_rate}.")
    if not 1 <= digits <= 17:
        problems.append(f"--digits must be from 1 to 17; got {digits}.")
    raise_usage("step", problems)


def _check_layers(layers: list[int] | None, depth: int) -> None:
    wrong = [str(one) for one in layers or () if not 1 <= one <= depth]
    if wrong:
        raise_usage("step", [f"--layer must be from 1 to {depth}, the layers of this network; got {', '.join(wrong)}."])


def _one_row(model: Model, table: Table, source: str, row: int) -> Table:
    """Return a table of the one row, after making sure that it is there and has its target."""
    target = model.preprocessing.target
    if not 1 <= row <= table.rows:
        raise DataError(f"{source}: --row counts from 1, and the table has {table.rows:,} rows; got {row}.")
    one = table.take([row - 1])
    if one.column(target).missing[0]:
        raise DataError(
            f"{source}: row {row} has no value of the target {quoted(target)}, which the loss needs; take another row."
        )
    return one
