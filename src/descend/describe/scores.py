"""What scores say, in words: their names, what they are worth, the baseline, and whether anything was learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from descend.describe.decisions import CHEAPEST, calibration_words, decided_words
from descend.describe.facts import Grid
from descend.describe.numbers import count, listing, with_error
from descend.describe.weights import weighted_words
from descend.errors import cut
from descend.models.weights import recorded_weighting

if TYPE_CHECKING:
    from descend.models.scores import Evaluation
    from descend.models.train import Trained

LABELS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log-loss",
    "f1": "F1",
    "mcc": "Matthews' correlation",
    "cost": "mean cost of a row",
    "r2": "R²",
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
}
MOST_CLASSES = 12
RECORDED = {
    "test": "untouched rows",
    "validation": "validation rows (optimistic)",
    "out_of_fold": "out of fold (optimistic)",
}
OF_A_STUDENT = {False: "held-out rows", True: "held out; its teacher knows some (optimistic)"}  # for "test"
ERROR_WORDS = "± is one standard error: about two of three times another so many rows would fall within it."
SAME_MEANING = "Check that these rows mean what the training rows meant: same units, same categories."
NO_HONEST_SCORE = "No rows were held out, so there is no honest score"  # how to get one, a face says


def label(name: str) -> str:
    """Return the words for the name of a score.

    Examples
    --------
    >>> label("r2"), label("some_other")
    ('R²', 'some other')
    """
    return LABELS.get(name, name.replace("_", " "))


def scores_grid(
    columns: Mapping[str, Mapping[str, float]], errors: Mapping[str, Mapping[str, float]] | None = None
) -> Grid:
    """Return scores side by side.

    Parameters
    ----------
    columns : mapping
        Head -> scores by name; the first column says which scores there are.
    errors : mapping or None, default None
        Head -> standard errors by name, where there are some.

    Examples
    --------
    >>> scores_grid({"score": {"accuracy": 0.9}, "baseline": {"accuracy": 0.75}})
    Grid(heads=('', 'score', 'baseline'), rows=(('accuracy', '0.9000', '0.7500'),), words=(0,))
    """
    names, known = list(next(iter(columns.values()))), errors or {}
    rows = [
        (label(name), *(with_error(one.get(name), known.get(head, {}).get(name)) for head, one in columns.items()))
        for name in names
    ]
    return Grid(("", *columns), tuple(rows))


def baseline_words(evaluation: Evaluation) -> str:
    """Say what the baseline is.

    Parameters
    ----------
    evaluation : Evaluation
        On rows of any kind.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> baseline_words(Evaluation("regress", 9, {}))
    'The baseline always answers the mean of the training rows.'
    """
    words = f"The baseline always answers {_guess(evaluation.task)} of the training rows."
    return f"{words} {CHEAPEST}" if "cost" in evaluation.baseline else words


def _guess(task: str) -> str:
    return "the most frequent class" if task == "classify" else "the mean"


def compared_by(record: Mapping[str, Any], decided: bool = False) -> str:
    """Return the score by which a model is compared with the baseline, for `learnt_nothing`.

    Parameters
    ----------
    record : mapping
        `Model.record`; by balanced accuracy if classes were weighted, or a threshold or costs choose the answers.
    decided : bool, default False
        Whether they do, whatever the record says.

    Examples
    --------
    >>> compared_by({}), compared_by({"weights": {"column": None, "classes": [1.0, 3.0], "balanced": False}})
    ('accuracy', 'balanced_accuracy')
    """
    decided = decided or bool((record.get("scores") or {}).get("decision"))
    return "accuracy" if recorded_weighting(record).classes is None and not decided else "balanced_accuracy"


def learnt_nothing(evaluation: Evaluation, by: str = "accuracy") -> str:
    """Say that a model is no better than the baseline, or nothing if it is.

    Parameters
    ----------
    evaluation : Evaluation
        On rows of any kind.
    by : {"accuracy", "balanced_accuracy"}, default "accuracy"
        The score of classes; from `compared_by`.

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
    else:
        better = not baseline or scores[by] > baseline[by]
    if better:
        return ""
    start = f"On these rows the model is no better than always answering {_guess(evaluation.task)}"
    if by != "accuracy":
        return f"{start}, by {label(by)}: it has learnt nothing."
    if baseline.get("log_loss", 0.0) > scores.get("log_loss", 0.0):
        return f"{start}; only its probabilities say more than the shares of the classes do."
    return f"{start}: it has learnt nothing."


def confusion(evaluation: Evaluation) -> tuple[str, Grid]:
    """Return the confusion matrix below what it is; for many classes only the pairs that are confused most.

    Parameters
    ----------
    evaluation : Evaluation
        Of classes.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.models.scores import Evaluation
    >>> confusion(Evaluation("classify", 3, {}, {}, np.array([[2, 0], [1, 0]]), ("no", "yes")))[1].rows
    (('no', '2', '·'), ('yes', '1', '·'))
    """
    matrix = evaluation.confusion
    assert matrix is not None
    names = [cut(str(name)) for name in evaluation.classes]
    if len(names) <= MOST_CLASSES:
        rows = [(name, *(f"{int(n):,}" if n else "·" for n in row)) for name, row in zip(names, matrix, strict=True)]
        return "Confusion matrix: rows are the truth, columns the predictions", Grid(("", *names), tuple(rows))
    places = [(i, j) for i in range(len(names)) for j in range(len(names)) if i != j and matrix[i, j]]
    worst = sorted(places, key=lambda place: (-int(matrix[place]), place))[:MOST_CLASSES]
    rows = [(names[i], names[j], f"{int(matrix[i, j]):,}") for i, j in worst]
    title = f"Confused most often ({len(names)} classes: {listing(names)})"
    return title, Grid(("truth", "predicted", "rows"), tuple(rows), words=(0, 1))


# ---------------------------------------------------------------- after a training


def trained_scores(trained: Trained) -> Grid | None:
    """Return the scores on untouched rows and on validation rows next to the baseline's; None if no rows were held out.

    Parameters
    ----------
    trained : Trained
        What a training on a table gave.
    """
    folds = trained.model.record.get("scores", {}).get("out_of_fold") is not None
    judged = {"untouched rows": trained.test, "out of fold" if folds else "validation rows": trained.validation}
    columns = {head: one.scores for head, one in judged.items() if one is not None}
    errors = {head: one.errors for head, one in judged.items() if one is not None}
    if not columns:
        return None
    first = trained.test or trained.validation
    return scores_grid(columns | ({"baseline": first.baseline} if first and first.baseline else {}), errors)


def worth_words(trained: Trained) -> list[str]:
    """Say what the scores of a training are worth: which are honest, which optimistic, and what the baseline is.

    Parameters
    ----------
    trained : Trained
        What a training on a table gave.
    """
    words = []
    if trained.test is not None:
        rows = count(trained.test.rows, "untouched row")
        honest = f"The {rows} took no part in training or choosing: this score is honest."
        words.append(learnt_words(trained.test) or honest)
    words += chosen_words(trained)
    judged = trained.test or trained.validation
    if judged is not None and judged.errors:
        words.append(ERROR_WORDS)
    if judged is not None and judged.baseline:
        words.append(baseline_words(judged))
    told, held = trained.model.record.get("scores", {}), trained.model.record.get("members") is not None
    words += decided_words(told, [str(one) for one in judged.classes] if judged is not None else [])
    words += calibration_words(told.get("calibration"), "out of fold" if held else "on the validation rows")
    if judged is not None:
        weighting = recorded_weighting(trained.model.record)
        put_back = weighting.classes is not None and trained.model.decision.scaling is not None
        words += weighted_words(weighting, judged, put_back)
    return words


def chosen_words(trained: Trained) -> list[str]:
    """Say what the score on the rows that chose is worth, and that a blend was learnt again.

    Parameters
    ----------
    trained : Trained
        What a training on a table gave.
    """
    recipe, words = trained.model.record.get("recipe", {}), []
    if trained.validation is not None:
        rows = trained.validation.rows
        if recipe.get("folds", 1) > 1:
            words.append(
                f"Out of fold, the {count(rows, 'row')} are answered by networks that have not learnt them; but they "
                "chose the weights: that score is optimistic."
            )
        else:
            what = "the weights and the best epochs" if "members" in recipe else "the winner and its best epoch"
            words.append(f"The {count(rows, 'validation row')} chose {what}: that score is optimistic.")
    if recipe.get("refit") and trained.model.record["finished"]:
        words.append(
            "All networks were then learnt again on all rows, these too: the model that is kept has no untouched rows "
            "left, and the scores are those of before."
        )
    return words


def learnt_words(evaluation: Evaluation) -> str:
    """Say how many of the rows that judge are equal to rows that were learnt, or nothing.

    Parameters
    ----------
    evaluation : Evaluation
        On rows of any kind.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> learnt_words(Evaluation("regress", 100, {}, learnt=40))
    '40 of these 100 rows are equal to rows that the model has learnt or was chosen by: the score is too good.'
    >>> learnt_words(Evaluation("regress", 100, {}, learnt=0))
    ''
    """
    if not evaluation.learnt:
        return ""
    return (
        f"{evaluation.learnt:,} of these {evaluation.rows:,} rows are equal to rows that the model has learnt or was "
        "chosen by: the score is too good."
    )


def recorded_scores(record: Mapping[str, Any]) -> Grid:
    """Return the scores of the day of training.

    Parameters
    ----------
    record : mapping
        `Model.record`, with scores on untouched or validation rows; of a student, on rows held out from it alone.

    Examples
    --------
    >>> scores = {"test": {"scores": {"r2": 0.75}, "baseline": {"r2": 0.0}}}
    >>> recorded_scores({"scores": scores}).heads, recorded_scores({"scores": scores, "distilled": {}}).heads
    (('', 'untouched rows', 'baseline'), ('', 'held-out rows', 'baseline'))
    """
    heads, student = RECORDED, record.get("distilled")
    if student is not None:
        heads = heads | {"test": OF_A_STUDENT[bool(student.get("learnt"))]}
    judged = {head: one for name, head in heads.items() if (one := record["scores"].get(name))}
    baseline = next(iter(judged.values())).get("baseline") or {}
    columns = {head: one["scores"] for head, one in judged.items()} | {"baseline": baseline}
    errors = {head: one.get("errors") or {} for head, one in judged.items()}
    return scores_grid({head: scores for head, scores in columns.items() if scores}, errors)
