"""What is said of scores: what they are worth, the baseline, whether anything was learnt, what is confused."""

from types import SimpleNamespace as Plain

import numpy as np
import pytest

from descend.describe import scores
from descend.models.scores import Evaluation

GOOD = Evaluation("classify", 69, {"accuracy": 0.9, "log_loss": 0.3}, {"accuracy": 0.5, "log_loss": 0.7})
NUMBERS = Evaluation("regress", 1200, {"r2": 0.5, "rmse": 2.0, "mae": 1.5}, {})
BARE = Plain(record={}, preprocessing=Plain(task=Plain(written=("a", "b"))), decision=Plain(scaling=None))


def test_scores_stand_side_by_side_under_their_names():
    grid = scores.scores_grid({"score": GOOD.scores, "baseline": {"accuracy": 0.5}})
    assert grid.heads == ("", "score", "baseline")
    assert grid.rows == (("accuracy", "0.9000", "0.5000"), ("log-loss", "0.3000", "–"))
    assert grid.words == (0,)


def test_scores_of_untouched_rows_are_honest_and_those_that_chose_are_not():
    trained = Plain(test=GOOD, validation=GOOD, model=BARE)
    assert scores.trained_scores(trained).heads == ("", "untouched rows", "validation rows", "baseline")
    assert scores.worth_words(trained) == [
        "The 69 untouched rows took no part in training or choosing: this score is honest.",
        "The 69 validation rows chose the winner and its best epoch: that score is optimistic.",
        "The baseline always answers the most frequent class of the training rows.",
    ]


def test_without_untouched_rows_only_the_optimistic_score_is_told():
    trained = Plain(test=None, validation=NUMBERS, model=BARE)
    grid = scores.trained_scores(trained)
    assert grid.heads == ("", "validation rows")
    assert [row[0] for row in grid.rows] == ["R²", "root mean squared error", "mean absolute error"]
    assert scores.worth_words(trained) == [
        "The 1,200 validation rows chose the winner and its best epoch: that score is optimistic."
    ]


def test_without_held_out_rows_there_are_no_scores():
    trained = Plain(test=None, validation=None, model=BARE)
    assert (scores.trained_scores(trained), scores.worth_words(trained)) == (None, [])


@pytest.mark.parametrize(
    ("task", "found", "baseline", "text"),
    [
        ("classify", {"accuracy": 0.6}, {"accuracy": 0.5}, ""),
        ("classify", {"accuracy": 0.6}, {}, ""),
        ("classify", {"accuracy": 0.5}, {"accuracy": 0.5}, "the most frequent class: it has learnt nothing."),
        (
            "classify",
            {"accuracy": 0.5, "log_loss": 0.2},
            {"accuracy": 0.5, "log_loss": 0.3},
            "the most frequent class; only its probabilities say more than the shares of the classes do.",
        ),
        ("regress", {"r2": 0.1, "rmse": 1.0}, {"rmse": 2.0}, ""),
        ("regress", {"r2": 0.1, "rmse": 2.0}, {"rmse": 2.0}, "the mean: it has learnt nothing."),
        ("regress", {"r2": 0.0, "rmse": 2.0}, {}, "the mean: it has learnt nothing."),
        ("regress", {"r2": float("nan"), "rmse": 2.0}, {}, ""),
    ],
)
def test_no_better_than_the_baseline_is_told(task, found, baseline, text):
    said = scores.learnt_nothing(Evaluation(task, 9, found, baseline))
    start = "On these rows the model is no better than always answering "
    assert said == (start + text if text else "")


def test_few_classes_make_a_matrix():
    title, grid = scores.confusion(Evaluation("classify", 9, {}, {}, np.array([[1200, 0], [3, 4]]), (False, True)))
    assert title == "Confusion matrix: rows are the truth, columns the predictions"
    assert (grid.heads, grid.rows) == (("", "False", "True"), (("False", "1,200", "·"), ("True", "3", "4")))


def test_of_many_classes_the_pairs_that_are_confused_most_are_told_the_first_among_equals():
    matrix = np.eye(15, dtype=np.int64) * 100
    matrix[4, 2], matrix[1, 0], matrix[3, 9] = 7, 2, 7
    title, grid = scores.confusion(Evaluation("classify", 9, {}, {}, matrix, tuple(range(15))))
    assert title == "Confused most often (15 classes: 0, 1, 2, 3, 4, 5, 6, 7, … 7 more)"
    assert (grid.heads, grid.words) == (("truth", "predicted", "rows"), (0, 1))
    assert grid.rows == (("3", "9", "7"), ("4", "2", "7"), ("1", "0", "2"))


def test_recorded_scores_stand_before_one_baseline():
    judged = {"scores": {"accuracy": 0.9}, "baseline": {"accuracy": 0.5}}
    both = scores.recorded_scores({"scores": {"test": judged, "validation": judged}})
    assert both.heads == ("", "untouched rows", "validation rows (optimistic)", "baseline")
    assert both.rows == (("accuracy", "0.9000", "0.9000", "0.5000"),)
    bare = scores.recorded_scores({"scores": {"test": None, "validation": {"scores": {"accuracy": 0.9}}}})
    assert (bare.heads, bare.rows) == (("", "validation rows (optimistic)"), (("accuracy", "0.9000"),))
