"""``descend evaluate``: how good a model is on a table, against the trivial baseline."""

from __future__ import annotations

from typing import Annotated

import typer

from descend.cli.command import AsJson, ModelFile, TableFile, Threshold, command


@command
def evaluate(
    model: ModelFile,
    table: TableFile,
    importance: Annotated[
        bool,
        typer.Option("--importance", help="Also how much worse scores are without each column.", show_default=False),
    ] = False,
    threshold: Threshold = None,
    as_json: AsJson = False,
) -> None:
    """Score a model on a table that has the target column.

    Rows that the model was trained on or chosen by make the scores too good. A model that learnt with a column
    of weights counts rows by it, if TABLE has it.
    """
    from descend.cli import console
    from descend.cli.console import say, say_json
    from descend.cli.errors import raise_usage
    from descend.cli.explained import importance_of_judged
    from descend.cli.models import load_table_model
    from descend.cli.notes import warnings_as_notes
    from descend.cli.predict_pieces import evaluated
    from descend.cli.uncertain import threshold_problems, with_threshold
    from descend.describe import scores
    from descend.describe.decisions import calibration_words
    from descend.describe.documents import evaluated_document
    from descend.describe.importance import importance_grid, importance_words
    from descend.describe.numbers import count
    from descend.describe.weights import weighted_words
    from descend.errors import cut
    from descend.models.weights import recorded_weighting

    raise_usage("evaluate", threshold_problems(threshold))
    loaded = with_threshold(load_table_model(model), threshold, "evaluate")
    with warnings_as_notes():
        evaluation = evaluated(loaded, table, importance, as_json)
        worth = importance_of_judged(loaded, table) if importance else None
    if as_json:
        say_json(evaluated_document(loaded, evaluation, model, table, worth))
        return
    say(f"{model} on {table}: {count(evaluation.rows, 'row')}, target {cut(loaded.preprocessing.target)}", "")
    found, errors = {"score": evaluation.scores, "baseline": evaluation.baseline}, {"score": evaluation.errors}
    say(console.table(scores.scores_grid(found, errors)), "", scores.ERROR_WORDS, scores.baseline_words(evaluation))
    weighted = weighted_words(recorded_weighting(loaded.record), evaluation, loaded.decision.scaling is not None)
    for words in filter(None, [scores.learnt_words(evaluation), *weighted]):
        say(words)
    if verdict := scores.learnt_nothing(evaluation, scores.compared_by(loaded.record, loaded.decision.by is not None)):
        say(f"{verdict} {scores.SAME_MEANING}")
    if evaluation.calibration is not None:
        say(*calibration_words(evaluation.calibration.to_dict(), "on these rows"))
    if evaluation.confusion is not None:
        title, confused = scores.confusion(evaluation)
        say("", title, console.table(confused))
    if worth is not None:
        say("", console.table(importance_grid(worth)), "", importance_words(worth))
