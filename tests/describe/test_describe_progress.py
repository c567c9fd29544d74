"""What is said while the restarts run, and of a gradient check."""

import numpy as np

from descend.describe.gradient_check import check_facts, verdict
from descend.describe.progress import leader_words, progress_words, standings
from descend.reference.gradient_check import GradientCheck
from descend.training.observers import Progress

NAN, INF = np.nan, np.inf


def progress(loss=(0.5, 0.25), validation=(NAN, NAN), best=(INF, INF), status=("running", "running"), leader=1):
    return Progress(3, 9, np.array(loss), np.array(validation), np.array(best), status, leader)


def test_states_are_counted_in_the_order_in_which_they_are_met():
    seen = progress((0.5,) * 3, (NAN,) * 3, (INF,) * 3, ("killed", "running", "killed"), 1)
    assert progress_words(seen, 75.0, 3720.0) == "epoch 3 of 9 · 2 killed, 1 running · 1 min 15 s, about 1 h 2 min left"


def test_no_rest_is_told_when_it_is_short_or_nothing_runs():
    assert progress_words(progress(), 0.25, 0.99) == "epoch 3 of 9 · 2 running · 0.2 s"
    ended = progress(status=("finished", "diverged"))
    assert progress_words(ended, 0.25, 99.0) == "epoch 3 of 9 · 1 finished, 1 diverged · 0.2 s"


def test_the_best_is_that_on_validation_rows_where_there_are_some():
    assert leader_words(progress()) == "best training loss 0.25 (restart 1)"
    assert leader_words(progress(best=(0.625, 0.75), leader=0)) == "best validation loss 0.625 (restart 0)"


def test_of_many_restarts_the_best_are_shown_in_the_order_of_their_numbers_the_gone_ones_last():
    best = (0.5, 0.1, 0.05, 0.2, INF)
    status = ("running", "running", "killed", "stopped early", "diverged")
    seen = progress((1.0,) * 5, (1.0,) * 5, best, status, 1)
    shown = standings(seen, [3, 3, 2, 3, 1], most=4)
    assert [(one.restart, one.leads, one.alive) for one in shown] == [
        (0, False, True),
        (1, True, True),
        (2, False, False),
        (3, False, True),
    ]
    assert shown[2].cells == ("2", "2", "1.00000", "1.00000", "0.05000", "killed")


def test_losses_that_are_no_ordinary_numbers_are_short():
    seen = progress((1e-5, 123456.0), (NAN, INF))
    assert [one.cells[2:5] for one in standings(seen, [3, 3])] == [("1e-05", "–", "–"), ("123456", "–", "–")]


def test_a_gradient_check_is_told_with_its_verdict():
    passed = GradientCheck(2.5e-10, (1, 2, 0), 0, 12_000)
    assert check_facts(passed) == [
        ("largest relative error", "2.50e-10, at W_1[2,0]"),
        ("left out", "0 of 12,000 weights, too near to a kink"),
    ]
    assert verdict(passed) == "Gradient check passed: back-propagation gives the gradient of the loss."
    assert check_facts(GradientCheck(0.0, (0, 0, 0), 0, 10))[0] == ("largest relative error", "0, but for rounding")


def test_a_gradient_check_that_fails_says_why():
    assert verdict(GradientCheck(1e-3, (0, 1, 2), 0, 10)) == "Gradient check FAILED: the error must be below 1e-6."
    assert verdict(GradientCheck(1e-9, (0, 1, 2), 6, 100)) == "Gradient check FAILED: too many entries were left out."
    assert "passed" in verdict(GradientCheck(1e-9, (0, 1, 2), 5, 100))
    assert verdict(GradientCheck(1e-3, (0, 1, 2), 5, 100)).endswith("FAILED: the error must be below 1e-6.")
