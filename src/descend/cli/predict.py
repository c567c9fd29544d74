"""``descend predict``: predictions for the rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from descend.cli.command import ModelFile, TableFile, command
from descend.cli.errors import raise_usage
from descend.errors import DataError

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table


@command
def predict(
    model: ModelFile,
    table: TableFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", help="A .csv, .tsv or .parquet file; standard output without it.", show_default=False
        ),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Write the columns of TABLE too, before the predictions.", show_default=False)
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over whatever there is under the output's name.", show_default=False)
    ] = False,
) -> None:
    """Predict the target for every row of a table.

    Columns: `prediction`, and for classes `probability_<class>` for each class.
    """
    from descend.cli.models import load_table_model
    from descend.cli.notes import note, warnings_as_notes
    from descend.cli.output import predictions_problem
    from descend.describe.numbers import count
    from descend.tables.read import read_table
    from descend.tables.write import write_predictions

    output = None if output == Path("-") else output
    problems: list[str] = []
    if output is not None and output.suffix.lower() not in (".csv", ".tsv", ".parquet"):
        problems.append(f'--output must end in .csv, .tsv or .parquet; got "{output}".')
    if output is not None and (problem := predictions_problem(output, (str(model), table), force)):
        problems.append(problem)
    raise_usage("predict", problems)
    loaded = load_table_model(model)
    rows = read_table(table)
    with warnings_as_notes():
        columns = predicted_columns(loaded, rows)
    if keep:
        columns = _kept_columns(rows, columns) | columns
    write_predictions(columns, output)
    if output is not None:
        note(f"{count(rows.rows, 'prediction')} written to {output}.")


def predicted_columns(model: Model, table: Table) -> dict[str, Any]:
    """Return the columns that are written: `prediction`, then the probabilities of the classes."""
    columns: dict[str, Any] = {"prediction": model.predict(table)}
    task = model.preprocessing.task
    if task.kind == "classify":
        probabilities = model.predict_probability(table)
        columns |= {f"probability_{name}": probabilities[:, k] for k, name in enumerate(task.classes)}
    return columns


def _kept_columns(table: Table, predicted: dict[str, Any]) -> dict[str, Any]:
    """The table's own columns; one that would be overwritten is refused."""
    clashing = [name for name in table.names if name in predicted]
    if clashing:
        raise DataError(
            f'predict --keep: the table has a column "{clashing[0]}" of its own; rename it, or leave out --keep.'
        )
    return {column.name: [column[i] for i in range(table.rows)] for column in table.columns}
