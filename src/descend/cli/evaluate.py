"""``descend evaluate``: how good a model is on a table, against the trivial baseline."""

from __future__ import annotations

from descend.cli.command import ModelFile, TableFile, command


@command
def evaluate(model: ModelFile, table: TableFile) -> None:
    """Score a model on a table that has the target column.

    Rows that the model was trained on or chosen by make the scores too good.
    """
    from descend.cli import console
    from descend.cli.console import say
    from descend.cli.models import load_table_model
    from descend.cli.notes import warnings_as_notes
    from descend.describe import scores
    from descend.describe.numbers import count
    from descend.errors import cut
    from descend.tables.read import read_table

    loaded = load_table_model(model)
    rows = read_table(table)
    with warnings_as_notes():
        evaluation = loaded.evaluate(rows)
    say(f"{model} on {table}: {count(evaluation.rows, 'row')}, target {cut(loaded.preprocessing.target)}", "")
    columns = {"score": evaluation.scores, "baseline": evaluation.baseline}
    say(console.table(scores.scores_grid(columns)), "", scores.baseline_words(evaluation.task))
    if verdict := scores.learnt_nothing(evaluation):
        say(f"{verdict} {scores.SAME_MEANING}")
    if evaluation.confusion is not None:
        title, grid = scores.confusion(evaluation)
        say("", title, console.table(grid))
