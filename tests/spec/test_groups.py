"""Factors of η and λ for groups of parameters, what changes from round to round, and smoothed labels."""

from __future__ import annotations

import numpy as np
import pytest

from descend import Network
from descend.errors import SpecError
from descend.reference.backward import loss_and_gradient
from descend.spec.losses import smoothed

random = np.random.default_rng(0)
X = random.normal(size=(60, 3))
Y = np.tanh(X[:, 0]) + 0.1 * X[:, 1]
NET = Network([3, 4, 1], "tanh", seed=3, dtype="float64")
NET.theta[:] = random.normal(size=NET.spec.theta_size)  # bias rows that are not 0
ONE_ROUND = {"batch_size": 60, "sampling": "sequential", "rounds": 1, "learning_rate": 0.1}
GROUP_OF = np.repeat([0, 1, 2, 3], [12, 4, 4, 1])  # W̃_0, its bias row, W̃_1, its bias row


@pytest.mark.parametrize("engine", ["native", "reference"])
class TestOneRound:
    def net(self, engine):
        return Network.from_spec(NET.spec, NET.theta, dtype="float64", seed=3, engine=engine)

    def test_every_group_has_its_own_step_and_decay(self, engine):
        rates = {"weights": [0.5, 2.0], "bias": [0.0, 3.0]}
        decay = {"weights": [1.0, 0.0], "bias": [0.25, 0.5]}
        got = self.net(engine).fit(X, Y, learning_rate_factors=rates, decay_factors=decay, l2=0.3, **ONE_ROUND)
        gradient = loss_and_gradient(NET.spec, NET.theta, X, Y[:, None])[1]
        eta = 0.1 * np.array([0.5, 0.0, 2.0, 3.0])[GROUP_OF]
        lam = 0.3 * np.array([1.0, 0.25, 0.0, 0.5])[GROUP_OF]
        expected = NET.theta - eta * (gradient + lam * NET.theta)
        np.testing.assert_allclose(got.best.theta, expected, rtol=1e-12)
        penalty = 0.5 * (lam * expected**2).sum()
        before = NET.loss(X, Y)
        assert got.restarts[0].loss_curve[0] == pytest.approx(before + penalty, rel=1e-12)

    def test_adamws_decay_is_that_of_the_groups_step(self, engine):
        options = ONE_ROUND | {"optimizer": "adamw", "l2": 0.3, "learning_rate_factors": {"bias": 0.5}}
        decayed = self.net(engine).fit(X, Y, decay_factors={"bias": 1.0}, **options).best.theta
        plain = self.net(engine).fit(X, Y, **options).best.theta
        difference = 0.1 * 0.3 * np.array([0.0, 0.5, 0.0, 0.5])[GROUP_OF] * NET.theta
        np.testing.assert_allclose(plain - decayed, difference, rtol=1e-9, atol=1e-15)

    def test_decay_of_a_round_is_its_schedules(self, engine):
        net = self.net(engine)
        options = ONE_ROUND | {"rounds": 3, "l2": 0.3}
        got = net.fit(X, Y, decay_schedule=[1.0, 0.0, 0.5], **options)
        expected = net
        for l2 in (0.3, 0.0, 0.15):
            expected = expected.fit(X, Y, **ONE_ROUND | {"l2": l2}).best
        np.testing.assert_allclose(got.best.theta, expected.theta, rtol=1e-12)
        penalty = 0.15 / 2 * sum((W[:-1] ** 2).sum() for W in got.best.W)
        before = NET.fit(X, Y, **ONE_ROUND | {"rounds": 2, "l2": 0.3}, decay_schedule=[1.0, 0.0]).best
        assert got.restarts[0].loss_curve[2] == pytest.approx(before.loss(X, Y) + penalty, rel=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate_factors": {"weights": 1.0, "bias": [1, 1], "front_scale": 1}},
        {"decay_factors": {"weights": [1.0, 1.0], "bias": 0}},
        {"decay_schedule": "constant", "dropout_schedule": "constant"},
    ],
)
def test_the_usual_factors_change_nothing(options):
    plain = NET.fit(X, Y, epochs=3, l2=0.1)
    said = NET.fit(X, Y, epochs=3, l2=0.1, **options)
    assert (plain.best.theta == said.best.theta).all()
    assert said.plan == plain.plan


def test_a_layer_can_stay_frozen():
    training = NET.fit(X, Y, epochs=3, learning_rate_factors={"weights": [0, 1], "bias": [0, 1]}, optimizer="adam")
    assert (training.best.W[0] == NET.W[0]).all()
    assert (training.best.W[1] != NET.W[1]).all()


def test_many_restarts_have_the_bits_of_one_alone():
    options = {"epochs": 3, "learning_rate_factors": {"bias": 0.1}, "l2": 0.1, "decay_schedule": "linear"}
    many = NET.fit(X, Y, restarts=17, n_jobs=2, **options)
    alone = NET.fit(X, Y, seed=many.restarts[16].seed, **options)
    assert (alone.best.theta == many.restarts[16].network.theta).all()


def test_what_was_asked_for_is_in_the_record():
    options = {"dropout": 0.25, "front_scale": True, "learning_rate_factors": {"bias": 0.5}, "rounds": 2}
    plan = NET.fit(X, Y, decay_schedule="cosine", dropout_schedule=[1.0, 0.5], **options).record()["plan"]
    assert plan["dropout"] == [0.25]
    assert plan["front_scale"] is True
    assert plan["learning_rate_factors"] == [1.0, 0.5, 1.0, 0.5, 1.0]
    assert (plan["decay_schedule"], plan["dropout_schedule"]) == ("cosine", "2 numbers from 1.0 to 0.5")


class TestLabelSmoothing:
    CLASSES = np.eye(3)[np.arange(60) % 3]

    def net(self, output):
        return Network([3, 4, 3], output=output, loss="log_loss", seed=1, dtype="float64")

    @pytest.mark.parametrize("output", ["softmax", "sigmoid"])
    def test_is_training_on_smoothed_targets_with_true_labels_for_validation(self, output):
        net, said = self.net(output), {"epochs": 3, "validation": (X, self.CLASSES)}
        smooth = net.fit(X, self.CLASSES, label_smoothing=0.3, **said)
        middle = 1 / 3 if output == "softmax" else 1 / 2
        by_hand = net.fit(X, 0.7 * self.CLASSES + 0.3 * middle, **said)
        np.testing.assert_allclose(smooth.best.theta, by_hand.best.theta, rtol=1e-12)
        assert smooth.restarts[0].best_loss == pytest.approx(smooth.best.loss(X, self.CLASSES), rel=1e-12)
        assert smooth.record()["plan"]["label_smoothing"] == 0.3

    def test_keeps_the_sum_of_softmax_targets_and_their_dtype(self):
        made = smoothed(self.CLASSES.astype(np.float32), "softmax", 0.1)
        assert made.dtype == np.float32
        np.testing.assert_allclose(made.sum(axis=1), 1.0, rtol=1e-6)
        np.testing.assert_allclose(made[0], [0.9 + 0.1 / 3, 0.1 / 3, 0.1 / 3], rtol=1e-6)

    def test_held_out_rows_keep_their_labels(self):
        training = self.net("softmax").fit(X, self.CLASSES, epochs=2, label_smoothing=0.5, validation=0.3)
        assert set(np.unique(training._data.Y_validation)) == {0.0, 1.0}
        assert len(np.unique(training._data.Y)) == 2
        assert training._data.Y.min() > 0.1

    def test_needs_log_loss_and_a_share(self):
        with pytest.raises(SpecError) as caught:
            NET.fit(X, Y, label_smoothing=0.1)
        assert str(caught.value) == (
            'fit: `label_smoothing` is for loss "log_loss"; the network has "squared". Leave it at 0.'
        )
        for wrong in (1.0, -0.1, "some"):
            with pytest.raises(SpecError) as caught:
                self.net("softmax").fit(X, self.CLASSES, label_smoothing=wrong)
            text = f"fit: `label_smoothing` must be a number from 0 to below 1; got {wrong!r}."
            assert str(caught.value) == text


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"learning_rate_factors": 2.0},
            '`learning_rate_factors` must be a mapping such as {"bias": 0.1}, or None; got 2.0.',
        ),
        (
            {"decay_factors": {"weight": 2.0}},
            '`decay_factors` "weight" is no group. Did you mean "weights"?',
        ),
        (
            {"learning_rate_factors": {"weights": [1, 2, 3]}},
            '`learning_rate_factors["weights"]` must be a finite number ≥ 0, or one per layer (2); got [1, 2, 3].',
        ),
        (
            {"decay_factors": {"front_scale": -1}},
            '`decay_factors["front_scale"]` must be a finite number ≥ 0; got -1.',
        ),
        (
            {"dropout_schedule": [2.0] * 60},
            "`dropout_schedule` must be the name of a shape, or numbers from 0 to 1, one for each of the 60 rounds.",
        ),
        (
            {"decay_schedule": [1.0] * 59},
            "`decay_schedule` must be the name of a shape, or numbers ≥ 0, one for each of the 60 rounds.",
        ),
    ],
)
def test_refuses_what_does_not_fit(options, text):
    with pytest.raises(SpecError) as caught:
        NET.fit(X, Y, epochs=1, **options)
    assert str(caught.value) == f"fit: {text}"
