"""``descend predict``: predictions for the rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from descend.cli.command import ModelFile, TableFile, Threshold, command
from descend.cli.errors import raise_usage


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
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on where predicting a large table into a file was interrupted.", show_default=False
        ),
    ] = False,
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

    Columns: `prediction`, for classes `probability_<class>` for each class, and what options below ask for. TABLE may
    be a folder, or a pattern such as "days/*.parquet"; a large one is read and written in pieces.
    """
    from descend.cli.models import load_table_model
    from descend.cli.output import prediction_problems
    from descend.cli.predict_steps import Job, predict_rows
    from descend.cli.uncertain import Uncertain, check_kind, threshold_problems, with_threshold

    output = None if output == Path("-") else output
    asked = Uncertain(interval, quantiles, set_of, not no_empty_sets)
    problems = [
        *asked.problems(),
        *prediction_problems(output, (str(model), table), force),
        *threshold_problems(threshold),
    ]
    if resume and output is None:
        problems.append("--resume needs --output, the file to go on with.")
    if draws < 1:
        problems.append(f"--draws must be a whole number ≥ 1; got {draws}.")
    raise_usage("predict", problems)
    loaded = with_threshold(load_table_model(model), threshold, "predict")
    check_kind(loaded, asked)
    predict_rows(Job(loaded, model, table, output, asked, threshold, draws if explain else 0, keep, strict, resume))
