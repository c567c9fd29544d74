"""Dropout: which nodes are left out, what that does to the passes, and that nothing of it is left when predicting."""

from __future__ import annotations

import numpy as np
import pytest

from combinations import HIDDEN, targets
from descend import Network
from descend.errors import SpecError
from descend.reference.forward import forward
from descend.reference.gradient_check import gradient_check
from descend.reference.order import draw_masks
from descend.spec.init import initial_theta
from descend.spec.network import make_spec

X = np.random.default_rng(0).normal(size=(40, 3))
Y = np.sin(2 * X[:, 0]) * X[:, 1]


class TestThePasses:
    def test_a_network_with_masks_is_the_network_without_those_nodes(self):
        spec = make_spec([3, 4, 1], "tanh")
        W = spec.weights(initial_theta(spec, np.random.default_rng(1)))
        kept = np.array([1, 3])
        mask = np.zeros((1, 4))
        mask[:, kept] = 2.0
        smaller = make_spec([3, 2, 1], "tanh")
        weights = [W[0][:, kept], np.vstack([2.0 * W[1][kept], W[1][4:]])]
        got = forward(spec, W, X[:1], [mask]).output
        np.testing.assert_allclose(got, forward(smaller, weights, X[:1]).output, rtol=1e-14)

    @pytest.mark.parametrize("hidden", HIDDEN)
    def test_gradient_is_that_of_the_masked_network(self, hidden):
        spec, random = make_spec([3, 5, 4, 2], hidden, "softmax", "log_loss"), np.random.default_rng(2)
        masks = draw_masks(spec.sizes, [0.3, 0.5], seed=3, at_round=0, rows=20)
        theta = initial_theta(spec, random) + random.normal(0, 0.1, spec.theta_size)
        result = gradient_check(spec, theta, X[:20], targets(spec, 20, random), l2=0.1, masks=masks)
        assert result.passed, result

    def test_public_gradient_check_takes_dropout(self):
        net = Network([3, 6, 1], seed=4)
        plain, dropped = net.gradient_check(X, Y), net.gradient_check(X, Y, dropout=0.4)
        assert plain.passed
        assert dropped.passed
        assert plain.max_relative_error != dropped.max_relative_error


class TestFit:
    NET = Network([3, 16, 8, 1], "tanh", seed=3, dtype="float64")

    def best(self, **options):
        return self.NET.fit(X, Y, epochs=5, **{"batch_size": 8, "n_jobs": 1} | options).best.theta

    def test_dropout_changes_training_and_a_share_of_0_does_not(self):
        plain = self.best()
        assert (self.best(dropout=0.0) == plain).all()
        assert (self.best(dropout=[0.0, 0.0]) == plain).all()
        assert (self.best(dropout=0.2) != plain).any()
        assert (self.best(dropout=[0.2, 0.0]) != self.best(dropout=0.2)).any()

    def test_a_schedule_of_zeros_is_no_dropout(self):
        assert (self.best(dropout=0.5, dropout_schedule=[0.0] * 25) == self.best()).all()
        assert (self.best(dropout=0.5, dropout_schedule="cosine") != self.best(dropout=0.5)).any()

    def test_the_engines_agree(self):
        reference = Network.from_spec(self.NET.spec, self.NET.theta, dtype="float64", seed=3, engine="reference")
        expected = reference.fit(X, Y, epochs=5, batch_size=8, dropout=0.3).best.theta
        np.testing.assert_allclose(self.best(dropout=0.3), expected, rtol=1e-10, atol=1e-12)

    def test_a_restart_repeats_alone_whoever_ran_beside_it(self):
        training = self.NET.fit(X, Y, epochs=5, restarts=17, dropout=0.3, n_jobs=2)
        alone = self.NET.fit(X, Y, epochs=5, restarts=1, dropout=0.3, seed=training.restarts[3].seed)
        assert (alone.best.theta == training.restarts[3].network.theta).all()

    def test_restarts_drop_different_nodes(self):
        training = self.NET.fit(X, Y, rounds=1, restarts=2, dropout=0.5, learning_rate=0.1)
        still = [
            (one.network.theta == self.NET.fit(X, Y, rounds=1, seed=one.seed, learning_rate=0.0).best.theta)[:48]
            for one in training.restarts
        ]
        assert (still[0] != still[1]).any()  # columns of W_0 into nodes that the sample left out do not move

    def test_validation_uses_all_nodes(self):
        """At every look, and so at the best, which is not the last: the judges' targets are the other way round."""
        best = self.NET.fit(X, Y, epochs=9, dropout=0.5, validation=(X, -Y)).restarts[0]
        curve = best.validation_curve
        assert curve.min() < curve[-1]
        assert best.best_loss == curve.min()
        by_hand = np.mean((best.network.predict(X)[:, 0] + Y) ** 2) / 2
        assert best.best_loss == pytest.approx(by_hand, rel=1e-12)

    @pytest.mark.parametrize("wrong", [1.0, -0.1, "much", [0.1], [0.1, float("nan")], None, True])
    def test_refuses_what_is_no_share(self, wrong):
        with pytest.raises(SpecError) as caught:
            self.NET.fit(X, Y, dropout=wrong)
        assert str(caught.value) == (
            f"fit: `dropout` must be from 0 to below 1: one number, or one per hidden layer (2); got {wrong!r}."
        )
