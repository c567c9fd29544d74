"""The rule of patience: what counts as an improvement, and when a run is over."""

import math

import pytest

from descend.spec.patience import LossPatience, after_epoch, improved


@pytest.mark.parametrize(
    ("loss", "best", "tol", "expected"),
    [
        (1.0, math.inf, 0.5, True),  # the first loss improves on nothing at all
        (0.5, 1.0, 0.5, True),  # by exactly tol
        (0.5000001, 1.0, 0.5, False),
        (1.0, 1.0, 0.0, True),
        (1.0000001, 1.0, 0.0, False),
        (1.5, 1.0, -1.0, True),
        (1.0, math.inf, math.inf, False),
        (math.nan, 1.0, 0.0, False),
    ],
)
def test_a_loss_improves_if_it_lies_tol_below_the_best(loss, best, tol, expected):
    assert improved(loss, best, tol) is expected


def test_a_loss_that_falls_by_less_than_tol_is_the_best_from_then_on_but_no_improvement():
    assert after_epoch(0.9, 1.0, 2, tol=0.2) == (0.9, 3)
    assert after_epoch(0.75, 0.9, 3, tol=0.2) == (0.75, 4)  # 0.75 lies 0.25 below 1.0, but not below 0.9
    assert after_epoch(1.1, 0.9, 3, tol=0.2) == (0.9, 4)


@pytest.mark.parametrize("loss", [math.nan, -math.inf, math.inf])
def test_a_loss_that_is_no_number_is_not_kept(loss):
    assert after_epoch(loss, 0.5, 0, tol=0.0)[0] == 0.5


def test_a_run_is_over_after_more_epochs_without_improvement_than_are_allowed():
    for epochs in range(4):
        patience = LossPatience(tol=0.0, epochs=epochs)
        assert not patience.is_over(1.0)
        assert [patience.is_over(2.0) for _ in range(epochs + 1)] == [False] * epochs + [True]
        assert patience.numbers() == (0.0, epochs, 1.0, epochs + 1)
