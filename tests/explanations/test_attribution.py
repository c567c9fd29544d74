"""Expected gradients: exact where the truth is known, sums that hold, the same bits however rows are handed over."""

import functools

import numpy as np
import pytest

from descend import MLPClassifier, MLPRegressor, Network
from descend.errors import DataError
from descend.explanations.arrays import Alone, ArrayRows, encode
from descend.explanations.draws import make_draws
from descend.explanations.explain import Answering, attribute, explain, share_slopes, slope_of, slope_of_share
from descend.explanations.gradients import Part

RANDOM = np.random.default_rng(0)
X, B = RANDOM.normal(size=(300, 4)), RANDOM.normal(size=(50, 4))


def asked(*networks, scale=1.0, labels=(), share=False):
    n_d = networks[0].spec.sizes[-1]
    parts = tuple(Part(net, [Alone(name) for name in "abcd"], 1.0 / len(networks)) for net in networks)

    def answers(rows):
        v = sum(net.predict(rows.X) for net in networks) / len(networks) * scale
        return v / v.sum(axis=1, keepdims=True) if share else v

    slopes = [slope_of_share(k) if share else slope_of(k, scale) for k in range(n_d)]
    return Answering(tuple("abcd"), parts, encode, answers, slopes, labels)


def linear(weights):
    net = Network([4, 1], dtype="float64", seed=0)
    net.W = [[[w] for w in (*weights, 0.5)]]
    return net


@functools.cache
def product():
    """A network that has learnt x0 · x1, and that x2 and x3 say nothing."""
    random = np.random.default_rng(1)
    rows = random.uniform(-1, 1, (2_000, 4))
    net = Network([4, 32, 1], dtype="float64", seed=0)
    return net.fit(rows, rows[:, 0] * rows[:, 1], epochs=60, learning_rate=0.01, optimizer="adam", restarts=1).best


class TestALinearNetwork:
    weights = np.array([3.0, -2.0, 0.0, 0.5])

    def test_is_explained_exactly(self):
        found = attribute(asked(linear(self.weights), scale=10.0), [0], ArrayRows(X), ArrayRows(B))
        wanted = 10.0 * self.weights * (X - B.mean(axis=0))
        assert np.abs(found.values[..., 0] - wanted).max() < 1e-9
        assert np.abs(found.rest).max() < 1e-9
        assert np.allclose(found.base, 10.0 * (B @ self.weights + 0.5).mean())

    def test_so_are_several_networks_with_their_shares(self):
        other = -self.weights
        both = asked(linear(self.weights), linear(other))
        found = attribute(both, [0], ArrayRows(X), ArrayRows(B[:1]), draws=64)
        assert np.abs(found.values).max() < 1e-9  # their mean is 0 everywhere


def test_values_sum_to_prediction_less_base_value_whatever_the_draws():
    net = product()
    for draws in (1, 7, 192):
        found = explain(asked(net), ArrayRows(X), ArrayRows(B), draws=draws)
        whole = found.base_value + found.values.sum(axis=1)
        assert np.abs(whole - found.prediction).max() < 1e-12
        assert np.array_equal(found.prediction, net.predict(X)[:, 0])


def test_a_product_is_shared_out_as_it_should_be_and_noise_gets_nothing():
    rows, compared = np.clip(X, -1, 1), np.clip(B, -1, 1)
    found = explain(asked(product()), ArrayRows(rows), ArrayRows(compared), draws=500).values
    for j, k in ((0, 1), (1, 0)):
        wanted = ((rows[:, None, j] - compared[:, j]) * (rows[:, None, k] + compared[:, k]) / 2).mean(axis=1)
        assert np.abs(found[:, j] - wanted).mean() < 0.1 * np.abs(wanted).mean()
    assert np.abs(found[:, 2:]).mean() < 0.05 * np.abs(found[:, :2]).mean()


def test_more_draws_leave_less():
    rest = [np.abs(explain(asked(product()), ArrayRows(X), ArrayRows(B), draws=n).rest).mean() for n in (8, 800)]
    assert rest[1] < 0.3 * rest[0]


def test_a_row_has_the_same_bits_alone_and_among_others_and_by_any_number_of_threads():
    many = explain(asked(product()), ArrayRows(X), ArrayRows(B), n_jobs=2).values
    assert many.tobytes() == explain(asked(product()), ArrayRows(X), ArrayRows(B), n_jobs=1).values.tobytes()
    for row in (0, 127, 128, 299):
        assert explain(asked(product()), ArrayRows(X[[row]]), ArrayRows(B)).values.tobytes() == many[row].tobytes()


def test_the_reference_engine_explains_as_the_compiled_one_does():
    net = product()
    readable = Network.from_spec(net.spec, net.theta, dtype="float64", engine="reference")
    one, other = (explain(asked(which), ArrayRows(X[:20]), ArrayRows(B)).values for which in (net, readable))
    assert np.allclose(one, other, rtol=1e-9, atol=1e-12)


def test_no_rows_are_explained_by_none():
    assert explain(asked(linear([1.0, 0, 0, 0])), ArrayRows(X[:0]), ArrayRows(B)).values.shape == (0, 4)


def test_a_large_background_is_thinned_and_a_small_one_repeated():
    found = explain(asked(linear([1.0, 0, 0, 0])), ArrayRows(X), ArrayRows(B), draws=10)
    assert np.isclose(found.base_value, B[::5, 0].mean() + 0.5)
    assert np.isclose(
        explain(asked(linear([1.0, 0, 0, 0])), ArrayRows(X), ArrayRows(B[:3])).base_value, B[:3, 0].mean() + 0.5
    )


class TestDraws:
    def test_give_networks_their_shares_and_each_row_of_the_background_the_same(self):
        draws = make_draws([0.5, 0.3, 0.2], 20, 50)
        assert np.bincount(draws.net).tolist() == [30, 18, 12]
        assert set(np.bincount(draws.row).tolist()) == {3}

    def test_are_spread_evenly_over_the_way(self):
        places = np.sort(make_draws([1.0], 1, 100).place)
        assert np.abs(places - (np.arange(100) + 0.5) / 100).max() < 0.02


class TestClasses:
    def net(self, output, loss="log_loss"):
        net = Network([4, 8, 3], output=output, loss=loss, dtype="float64", seed=2)
        net.theta[:] *= 3.0
        return net

    def test_of_a_softmax_sum_to_nothing_over_the_classes(self):
        found = explain(asked(self.net("softmax"), labels=("x", "y", "z")), ArrayRows(X), ArrayRows(B))
        assert found.values.shape == (300, 4, 3)
        assert found.outputs == ("x", "y", "z")
        assert (np.abs(found.values.sum(axis=2)).max(axis=1) <= np.abs(found.rest).sum(axis=1) + 1e-12).all()

    def test_of_sigmoids_are_shares_of_their_sum(self):
        whole = asked(self.net("sigmoid", "squared"), labels=("x", "y", "z"), share=True)
        found = explain(whole, ArrayRows(X), ArrayRows(B), draws=300)
        assert np.abs(found.rest).mean() < 0.05 * np.abs(found.values).mean()

    def test_one_class_and_the_predicted_one_are_what_all_say_of_them(self):
        whole = asked(self.net("softmax"), labels=("x", "y", "z"))
        every = explain(whole, ArrayRows(X), ArrayRows(B))
        one = explain(whole, ArrayRows(X), ArrayRows(B), of="y")
        assert np.array_equal(one.values, every.values[..., 1])
        own = explain(whole, ArrayRows(X), ArrayRows(B), of="predicted")
        k = every.prediction.argmax(axis=1)
        assert own.outputs == tuple("xyz"[j] for j in k)
        assert np.array_equal(own.values, np.take_along_axis(every.values, k[:, None, None], axis=2)[..., 0])
        assert np.allclose(own.base_value + own.values.sum(axis=1), own.prediction)
        assert own.to_dict()["base_value"].tolist() == own.base_value.tolist()

    def test_slopes_of_shares_are_derivatives(self):
        v, step = np.array([[0.2, 0.7, 0.4]]), 1e-6
        for k in range(3):
            for j in range(3):
                up, down = v.copy(), v.copy()
                up[0, j] += step
                down[0, j] -= step
                apart = up[0, k] / up.sum() - down[0, k] / down.sum()
                assert np.isclose(share_slopes(v, k)[0, j], apart / (2 * step))

    def test_that_nobody_knows_are_refused(self):
        whole = asked(self.net("softmax"), labels=("x", "y", "z"))
        with pytest.raises(DataError, match=r"`of` must be a class \('x', 'y', 'z'\), \"predicted\" or None; got 'w'"):
            explain(whole, ArrayRows(X), ArrayRows(B), of="w")
        with pytest.raises(DataError, match="`of` chooses a class; numbers are predicted"):
            explain(asked(linear([1.0, 0, 0, 0])), ArrayRows(X), ArrayRows(B), of="predicted")


def test_wrong_draws_and_an_empty_background_are_refused():
    with pytest.raises(DataError, match="`draws` must be a whole number ≥ 1; got 0"):
        explain(asked(linear([1.0, 0, 0, 0])), ArrayRows(X), ArrayRows(B), draws=0)
    with pytest.raises(DataError, match="`background` must have rows; got 0"):
        explain(asked(linear([1.0, 0, 0, 0])), ArrayRows(X), ArrayRows(B[:0]))


class TestMLPEstimators:
    y = 2.0 * X[:, 0] + X[:, 1] * X[:, 2]

    def test_a_regressor(self):
        net = MLPRegressor((16,), max_iter=60, tol=0.1, random_state=0, learning_rate_init=0.01).fit(X, self.y)
        found = net.explain(X, X)
        assert np.abs(found.base_value + found.values.sum(axis=1) - net.predict(X)).max() < 1e-5
        assert next(iter(found.importance())) == "x0"
        assert found.columns == ("x0", "x1", "x2", "x3")

    def test_a_classifier_of_two_classes_has_one_output(self):
        net = MLPClassifier((8,), max_iter=60, tol=0.1, random_state=0).fit(X, np.where(self.y > 0, "yes", "no"))
        found = net.explain(X[:20], X)
        assert found.outputs == ("yes",)
        assert np.abs(found.base_value + found.values.sum(axis=1) - net.predict_proba(X[:20])[:, 1]).max() < 1e-6
        no = net.explain(X[:20], X, of="no")
        assert np.allclose(no.values, -found.values, atol=1e-6)

    def test_several_columns_of_classes_are_refused(self):
        net = MLPClassifier((4,), max_iter=20, tol=1.0, n_iter_no_change=1, random_state=0)
        net.fit(X, np.column_stack([self.y > 0, np.digitize(self.y, [-1, 1])]).astype(object))
        with pytest.raises(ValueError, match="several columns of classes are not explained"):
            net.explain(X, X)
