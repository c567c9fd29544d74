"""``descend report``: one page about a model and how good it is on a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from descend.cli.command import ModelFile, TableFile, Threshold, command


@command
def report(
    model: ModelFile,
    table: TableFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where to write the page.", show_default="<name of MODEL>.html"
        ),
    ] = None,
    threshold: Threshold = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over whatever there is under the output's name.", show_default=False)
    ] = False,
) -> None:
    """Write a page about a model: its scores on a table that has the target column, its answers, how it was learnt.

    The page is one HTML file that needs no network. Rows that the model was trained on make its scores too good; it
    says how many there are.
    """
    from descend.cli.console import facts, say, shell_words
    from descend.cli.errors import raise_usage
    from descend.cli.interrupt import TYPED
    from descend.cli.models import load_table_model
    from descend.cli.notes import warnings_as_notes
    from descend.cli.output import report_problem
    from descend.cli.uncertain import threshold_problems, with_threshold
    from descend.describe.numbers import file_size
    from descend.report.model import report_model
    from descend.report.svg import check_installed

    check_installed()
    path = output or Path(f"{model.stem}.html")
    problems = filter(None, [*threshold_problems(threshold), report_problem(path, [str(model), table], force)])
    raise_usage("report", list(problems))
    loaded = with_threshold(load_table_model(model), threshold, "report")
    with warnings_as_notes():
        report_model(loaded, table, path, [shell_words("descend", *TYPED.get())])
    say(facts([("Report", f"{path} ({file_size(path.stat().st_size)})")]))
