"""``descend predict``: predictions for the rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from descend.cli.command import ModelFile, TableFile, Threshold, command
from descend.cli.errors import raise_usage

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.typing import Array


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
    interval: Annotated[
        str | None,
        typer.Option(
            "--interval",
            metavar="COVERAGE",
            help="Numbers: also columns `lower` and `upper`, between which such a share of new rows is.",
            show_default=False,
        ),
    ] = None,
    quantiles: Annotated[
        str | None,
        typer.Option(
            "--quantiles",
            metavar="Q,Q,…",
            help="Numbers: also a column `quantile_<q>` for each, such as 0.1,0.5,0.9.",
            show_default=False,
        ),
    ] = None,
    set_of: Annotated[
        str | None,
        typer.Option(
            "--set",
            metavar="COVERAGE",
            help="Classes: also a column `set`: the likely ones, | between; such a share of new rows is in theirs.",
            show_default=False,
        ),
    ] = None,
    no_empty_sets: Annotated[
        bool,
        typer.Option(
            "--no-empty-sets",
            help="No set is empty: the likeliest class is in each; more rows than asked for may be right then.",
            show_default=False,
        ),
    ] = False,
    threshold: Threshold = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain",
            help="Also what each column adds: `contribution_<column>`, which with `base_value` sum to the prediction; "
            "of two classes to the second one's probability, of more to that of the predicted one.",
            show_default=False,
        ),
    ] = False,
    draws: Annotated[
        int,
        typer.Option(
            "--draws",
            metavar="N",
            help="Draws that an explanation is the mean of: more take longer, and are less noisy.",
        ),
    ] = 192,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Fail, and write nothing, if TABLE differs from the training rows by more than chance.",
            show_default=False,
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over whatever there is under the output's name.", show_default=False)
    ] = False,
) -> None:
    """Predict the target for every row of a table.

    Columns: `prediction`, for classes `probability_<class>` for each class, and what options below ask for.
    """
    from descend.cli.explained import explained_columns
    from descend.cli.kept import write_kept
    from descend.cli.models import load_table_model
    from descend.cli.notes import note, told_already, warnings_as_notes
    from descend.cli.output import prediction_problems
    from descend.cli.strict import refuse_drift
    from descend.cli.uncertain import Uncertain, check_kind, threshold_problems, uncertain_columns, with_threshold
    from descend.describe.numbers import count
    from descend.tables.convert import cells_of
    from descend.tables.write import write_predictions

    output = None if output == Path("-") else output
    asked = Uncertain(interval, quantiles, set_of, not no_empty_sets)
    problems = [
        *asked.problems(),
        *prediction_problems(output, (str(model), table), force),
        *threshold_problems(threshold),
    ]
    if draws < 1:
        problems.append(f"--draws must be a whole number ≥ 1; got {draws}.")
    raise_usage("predict", problems)
    loaded = with_threshold(load_table_model(model), threshold, "predict")
    check_kind(loaded, asked)
    source = cells_of(table, with_records=keep)
    with warnings_as_notes():
        rows = loaded.preprocessing.table_of(source, with_target=False)
        if strict:
            refuse_drift(loaded, rows)
        as_text = output is None or output.suffix.lower() != ".parquet"
        outputs = loaded.outputs(rows)
        columns = predicted_columns(loaded, outputs, as_text)
        with told_already():
            columns |= uncertain_columns(loaded, rows, outputs, asked, as_text)
            columns |= explained_columns(loaded, rows, draws) if explain else {}
    if keep:
        write_kept(source, columns, output)
    else:
        write_predictions(columns, output)
    if output is not None:
        note(f"{count(rows.rows, 'prediction')} written to {output}.")


def predicted_columns(model: Model, outputs: Array, as_text: bool = True) -> dict[str, Any]:
    """Return the columns that are written: `prediction`, then the probabilities of the classes.

    Classes are written as in the table that was learnt; where a file has types (not `as_text`), as values.
    """
    task = model.preprocessing.task
    predicted: Any = model.predictions(outputs)
    if task.labels and as_text:
        labels = dict(zip(task.classes, task.labels, strict=True))
        predicted = [labels[one] for one in predicted.tolist()]
    columns: dict[str, Any] = {"prediction": predicted}
    if task.kind == "classify":
        probabilities = model.probabilities(outputs)
        columns |= {f"probability_{name}": probabilities[:, k] for k, name in enumerate(task.written)}
    return columns
