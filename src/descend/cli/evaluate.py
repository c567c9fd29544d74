"""``descend evaluate``: how good a model is on a table, against the trivial baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.cli.app import ModelFile, TableFile, command, load_table_model

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from descend.models.scores import Evaluation

LABELS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log-loss",
    "r2": "R²",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
}
MOST_CLASSES = 12


@command
def evaluate(model: ModelFile, table: TableFile) -> None:
    """Score a model on a table that has the target column.

    Rows that the model was trained on or chosen by make the scores too good.
    """
    from descend.cli.console import count, say, warnings_as_notes
    from descend.tables.read import read_table

    loaded = load_table_model(model)
    rows = read_table(table)
    with warnings_as_notes():
        evaluation = loaded.evaluate(rows)
    say(f"{model} on {table}: {count(evaluation.rows, 'row')}, target {loaded.preprocessing.target}", "")
    say(scores_table({"score": evaluation.scores, "baseline": evaluation.baseline}), "")
    say(baseline_words(evaluation.task))
    if verdict := learnt_nothing(evaluation):
        say(f"{verdict} Check that these rows mean what the training rows meant: same units, same categories.")
    if evaluation.confusion is not None:
        say("", *confusion_parts(evaluation))


def scores_table(columns: dict[str, dict[str, float]]) -> Table:
    """Return scores side by side: heads -> scores by name."""
    from descend.cli.console import score, table

    names = list(next(iter(columns.values())))
    cells = [[label(name), *(score(scores.get(name, float("nan"))) for scores in columns.values())] for name in names]
    return table(["", *columns], cells)


def label(name: str) -> str:
    """Return the words for the name of a score."""
    return LABELS.get(name, name.replace("_", " "))


def baseline_words(task: str) -> str:
    """Say what the baseline is."""
    guess = "the most frequent class" if task == "classify" else "the mean"
    return f"The baseline always answers {guess} of the training rows."


def learnt_nothing(evaluation: Evaluation) -> str:
    """Say that a model is no better than the baseline, or nothing if it is.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> learnt_nothing(Evaluation("regress", 9, {"r2": -0.1, "rmse": 2.0}, {"r2": 0.0, "rmse": 1.9}))
    'On these rows the model is no better than always answering the mean: it has learnt nothing.'
    >>> learnt_nothing(Evaluation("classify", 9, {"accuracy": 0.9}, {"accuracy": 0.8}))
    ''
    >>> rare = {"accuracy": 0.9, "log_loss": 0.2}, {"accuracy": 0.9, "log_loss": 0.3}
    >>> learnt_nothing(Evaluation("classify", 9, *rare)).partition("; ")[2]
    'only its probabilities say more than the shares of the classes do.'
    """
    scores, baseline = evaluation.scores, evaluation.baseline
    if evaluation.task == "regress":
        better = scores["rmse"] < baseline["rmse"] if baseline else not scores["r2"] <= 0
        guess = "the mean"
    else:
        better = not baseline or scores["accuracy"] > baseline["accuracy"]
        guess = "the most frequent class"
    if better:
        return ""
    start = f"On these rows the model is no better than always answering {guess}"
    if baseline.get("log_loss", 0.0) > scores.get("log_loss", 0.0):
        return f"{start}; only its probabilities say more than the shares of the classes do."
    return f"{start}: it has learnt nothing."


def confusion_parts(evaluation: Evaluation) -> list[RenderableType]:
    """Return the confusion matrix; for many classes only the pairs that are confused most."""
    from descend.cli.console import listing, table

    matrix = evaluation.confusion
    assert matrix is not None
    names = [str(name) for name in evaluation.classes]
    if len(names) > MOST_CLASSES:
        pairs = [
            (int(matrix[i, j]), i, j) for i in range(len(names)) for j in range(len(names)) if i != j and matrix[i, j]
        ]
        worst = sorted(pairs, key=lambda pair: (-pair[0], pair[1:]))[:MOST_CLASSES]
        cells = [[names[i], names[j], f"{n:,}"] for n, i, j in worst]
        return [
            f"Confused most often ({len(names)} classes: {listing(names)})",
            table(["truth", "predicted", "rows"], cells, (0, 1)),
        ]
    cells = [[name, *(f"{int(n):,}" if n else "·" for n in row)] for name, row in zip(names, matrix, strict=True)]
    return ["Confusion matrix: rows are the truth, columns the predictions", table(["", *names], cells)]
