"""Random numbers as functions of their place: the order of samples, and the masks of dropout."""

from __future__ import annotations

import numpy as np
import pytest

from descend.reference.order import draw_masks, epoch_order


def test_every_epoch_is_a_fresh_permutation_and_replacement_draws_uniformly():
    orders = [epoch_order(7, epoch, 50) for epoch in range(20)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({tuple(order) for order in orders}) == 20
    assert tuple(epoch_order(8, 0, 50)) != tuple(orders[0])
    draws = np.concatenate([epoch_order(7, epoch, 50, "replacement") for epoch in range(400)])
    counts = np.bincount(draws, minlength=50)
    assert len(counts) == 50
    assert ((counts - 400) ** 2 / 400).sum() < 100  # χ² with 49 degrees of freedom: 100 has p = 2e-5


def test_shuffles_are_uniform_over_permutations():
    seen: dict[tuple[int, ...], int] = {}
    for epoch in range(6000):
        order = tuple(epoch_order(3, epoch, 3).tolist())
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    assert sum((n - 1000) ** 2 / 1000 for n in seen.values()) < 30  # χ² with 5 degrees of freedom: p = 1e-5


def test_sequential_sampling_visits_the_rows_as_they_come():
    assert epoch_order(5, 3, 4, "sequential").tolist() == [0, 1, 2, 3]


class TestTheMasks:
    def test_leave_out_the_asked_share_and_keep_the_mean(self):
        low, high = draw_masks([3, 200, 300, 1], [0.1, 0.75], seed=5, at_round=3, rows=500)
        assert np.mean(low == 0) == pytest.approx(0.1, abs=0.01)
        assert np.mean(high == 0) == pytest.approx(0.75, abs=0.01)
        assert np.unique(low).tolist() == [0.0, 1 / 0.9]
        assert np.unique(high).tolist() == [0.0, 4.0]
        assert low.mean() == pytest.approx(1.0, abs=0.01)

    def test_differ_between_seeds_rounds_places_layers_and_nodes(self):
        first, second = draw_masks([1, 64, 64, 1], [0.5, 0.5], seed=1, at_round=0, rows=64)
        next_round = draw_masks([1, 64, 64, 1], [0.5, 0.5], seed=1, at_round=1, rows=64)[0]
        other_seed = draw_masks([1, 64, 64, 1], [0.5, 0.5], seed=2, at_round=0, rows=64)[0]
        for one in (second, next_round, other_seed, first.T, np.roll(first, 1, axis=0), np.roll(first, 1, axis=1)):
            assert np.mean(first == one) == pytest.approx(0.5, abs=0.06)

    def test_of_a_place_do_not_depend_on_the_size_of_the_batch(self):
        few = draw_masks([1, 9, 1], [0.5], seed=1, at_round=7, rows=2)[0]
        many = draw_masks([1, 9, 1], [0.5], seed=1, at_round=7, rows=50)[0]
        np.testing.assert_array_equal(few, many[:2])

    def test_at_the_ends_of_the_range(self):
        assert (draw_masks([1, 50, 1], [0.0], 1, 0, 50)[0] == 1.0).all()
        almost_all = draw_masks([1, 50, 1], [1 - 1e-12], 1, 0, 50)[0]
        assert (almost_all == 0.0).all()
