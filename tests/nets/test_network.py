"""`Network` at its border: what it accepts, what it refuses and in which words, what it keeps."""

from __future__ import annotations

import numpy as np
import pytest

from descend import DataError, Network, SpecError

X = np.random.default_rng(0).normal(size=(20, 3))
Y = X[:, 0] - X[:, 1] * X[:, 2]


def message(error):
    return str(error.value)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"sizes": [4]}, "Network: `sizes` must be at least 2 whole numbers ≥ 1, inputs first, outputs last; got [4]."),
        (
            {"sizes": [4, 0, 1]},
            "Network: `sizes` must be at least 2 whole numbers ≥ 1, inputs first, outputs last; got [4, 0, 1].",
        ),
        ({"activation": "rely"}, 'Network: activation: "rely" is not known. Did you mean "relu"?'),
        ({"output": "sigmod"}, 'Network: activation: "sigmod" is not known. Did you mean "sigmoid"?'),
        (
            {"sizes": [3, 4, 4, 1], "activation": "softmax"},
            'Network: activation "softmax" may stand in the output layer only.',
        ),
        ({"activation": ["relu", "tanh"]}, "Network: `activation` needs one name, or one per hidden layer (1); got 2."),
        ({"activation": "softmax"}, 'Network: activation "softmax" may stand in the output layer only.'),
        (
            {"output": "softmax", "sizes": [3, 4, 2]},
            'Network: loss "squared" does not fit output "softmax"; it fits: identity, sigmoid, tanh, relu, '
            "leaky_relu, "
            "elu, selu, gelu, silu, mish, softplus, step, custom. Choose another `output` or `loss`.",
        ),
        (
            {"loss": "log_loss"},
            'Network: loss "log_loss" does not fit output "identity"; it fits: sigmoid, softmax. '
            "Choose another `output` or `loss`.",
        ),
        (
            {"loss": "quantile", "loss_parameter": 1.5},
            'Network: `loss_parameter` of "quantile" must be between 0 and 1, both excluded; got 1.5.',
        ),
        (
            {"bias": [1.0, 1.0, 1.0]},
            "Network: `bias` must be one finite constant, or one per layer 0 … d−1 (2); got [1.0, 1.0, 1.0].",
        ),
        ({"dtype": "float16"}, 'Network: `dtype` must be "float32" or "float64"; got \'float16\'.'),
        ({"engine": "fast"}, 'Network: `engine` must be "native" or "reference"; got \'fast\'.'),
        (
            {"seed": -1},
            "`seed` must be a whole number ≥ 0 of at most 100 digits, a restart's seed, or None; got -1.",
        ),
        (
            {"seed": 10**100},
            "`seed` must be a whole number ≥ 0 of at most 100 digits, a restart's seed, or None; got one of more than "
            "100 digits.",
        ),
    ],
)
def test_a_wrong_parameter_is_refused_in_words(arguments, text):
    with pytest.raises(SpecError) as error:
        Network(**({"sizes": [3, 4, 1]} | arguments))
    assert message(error) == text


def test_all_problems_of_a_network_are_told_at_once():
    with pytest.raises(SpecError) as error:
        Network([3, 4, 1], activation="rely", init="lucky", step_surrogate="yes")
    assert message(error) == (
        "Network: 3 problems:\n"
        '  - activation: "rely" is not known. Did you mean "relu"?\n'
        '  - `init` must be "auto" or one of glorot_uniform, glorot_normal, he_uniform, he_normal, lecun_uniform, '
        'lecun_normal; got "lucky".\n'
        "  - `step_surrogate` must be None or \"straight_through\"; got 'yes'."
    )


def test_all_problems_of_a_fit_are_told_at_once_before_any_work():
    targets = Y.copy()
    targets[4] = np.nan
    with pytest.raises(SpecError) as error:
        Network([3, 4, 1]).fit(X, targets, epochs=0, optimizer="adm", learning_rate=-1, l2=-0.1, patience=3)
    assert message(error) == (
        "fit: 6 problems:\n"
        "  - `epochs` must be a whole number ≥ 1; got 0.\n"
        "  - `patience` needs validation rows: give `validation`, (X, Y) or a share of the rows.\n"
        "  - `optimizer` 'adm' is not known. Did you mean \"adam\"?\n"
        "  - `l2` must be a number from 0 to below inf; got -0.1.\n"
        "  - `learning_rate` must be a finite number ≥ 0, a sequence of them, or a function of the round; got -1.\n"
        "  - `Y` must be finite; row 5, column 1 is nan (1 such entries). Fill or remove them."
    )


@pytest.mark.parametrize(
    ("x", "y", "text"),
    [
        (X[:, :2], Y, "fit: `X` must have shape (m, 3) with m ≥ 1; got (20, 2)."),
        (X[0], Y[:1], "fit: `X` must have shape (m, 3); got one row of shape (3,). Write [X] or X.reshape(1, -1)."),
        (np.empty((0, 3)), [], "fit: `X` must have shape (m, 3) with m ≥ 1; got (0, 3)."),
        (X, Y[:5], "fit: `Y` must have shape (20, 1) or (20,); got (5,)."),
        (
            X.astype(str),
            Y,
            None,
        ),
        (
            np.where(np.arange(60).reshape(20, 3) == 7, np.inf, X),
            Y,
            "fit: `X` must be finite; row 3, column 2 is inf (1 such entries). Fill or remove them.",
        ),
        (
            [["a", "b", "c"]],
            [1.0],
            "fit: `X` must hold numbers; got list. Text and categories need a table: see `descend train`.",
        ),
    ],
)
def test_wrong_arrays_are_refused_in_words(x, y, text):
    if text is None:  # text that spells numbers is converted, as NumPy does
        Network([3, 4, 1], seed=0).fit(x, y, epochs=1)
        return
    with pytest.raises(DataError) as error:
        Network([3, 4, 1]).fit(x, y)
    assert message(error).startswith(text)


def test_targets_out_of_the_losss_domain_are_refused():
    with pytest.raises(DataError) as error:
        Network([3, 2], output="softmax", loss="log_loss").fit(X[:2], [[0.5, 0.5], [1.0, 1.0]])
    assert message(error) == (
        'fit: `Y` of loss "log_loss" must be a number from 0 to 1, each row summing to 1; row 2 sums to 2.'
    )
    with pytest.raises(DataError) as error:
        Network([3, 1], output="exp", loss="poisson").fit(X, Y)
    row = int(np.flatnonzero(Y < 0)[0])
    assert message(error) == (
        f'fit: `Y` of loss "poisson" must be a number ≥ 0; row {row + 1}, column 1 is {np.float32(Y[row])}.'
    )
    with pytest.raises(DataError) as error:
        Network([3, 4], output="softmax", loss="log_loss").fit(X, np.arange(20) % 4)
    assert message(error) == (
        "fit: `Y` must have shape (20, 4); got (20,). For class numbers 0 … 3 write numpy.eye(4)[Y]."
    )


def test_equal_hidden_nodes_are_refused_with_the_reason():
    net = Network([3, 4, 1], seed=0)
    with pytest.raises(SpecError) as error:
        net.W = [np.zeros((4, 4)), np.zeros((5, 1))]
    assert message(error) == (
        "W: all weights are 0, so every hidden node computes the same and gets the same gradient; "
        "SGD keeps them equal for ever. Draw them at random (leave W as it was initialised), or change one."
    )
    with pytest.raises(SpecError) as error:
        net.W = [np.ones((4, 4)) * [[1], [2], [3], [4]], np.ones((5, 1))]
    assert message(error).startswith(
        "W: the 4 nodes of hidden layer 1 have equal incoming columns and equal outgoing rows, "
    )
    net.W = [np.zeros((4, 4)), np.arange(5.0).reshape(5, 1)]  # outgoing rows differ: allowed
    linear = Network([3, 1])
    linear.W = [np.zeros((4, 1))]  # no hidden layer: nothing to be symmetric


def test_equal_hidden_nodes_made_in_place_are_refused_by_fit():
    net = Network([3, 4, 1], seed=0)
    net.theta[:] = 0.0
    with pytest.raises(SpecError, match="W: all weights are 0"):
        net.fit(X, Y)


def test_weights_are_checked_views():
    net = Network([3, 4, 1], seed=0, dtype="float64")
    net.W[0] = np.arange(16.0).reshape(4, 4)
    assert net.theta[5] == 5.0
    net.W[0][1, 1] = -2.0
    assert net.theta[5] == -2.0
    for matrix, text in [
        (np.zeros((3, 4)), "W[0]: shape must be (4, 4), the bias node's row last; got (3, 4)."),
        (np.full((4, 4), np.inf), "W[0]: weights must be finite; got inf."),
    ]:
        with pytest.raises(SpecError) as error:
            net.W[0] = matrix
        assert message(error) == text
    with pytest.raises(SpecError) as error:
        net.W = [np.zeros((4, 4))]
    assert message(error) == "W: needs 2 matrices, one for each layer 0 … 1; got 1."


@pytest.mark.parametrize("call", ["fit", "loss_and_gradient", "gradient_check", "trace"])
def test_training_through_a_binary_step_is_refused_without_a_surrogate(call):
    net = Network([3, 4, 1], activation="step", seed=0)
    arguments = (X[0], Y[0]) if call == "trace" else (X, Y)
    with pytest.raises(SpecError) as error:
        getattr(net, call)(*arguments)
    assert message(error) == (
        'activation "step" in layer 1: its derivative is 0 wherever it exists, so nothing below it would ever learn. '
        'Train with step_surrogate="straight_through" (backward as if σ\' = 1 on [−1, 1]), or use "sigmoid" or '
        '"tanh". Prediction works as it is.'
    )
    assert net.predict(X).shape == (20, 1)


def test_identity_hidden_layers_give_a_warning():
    with pytest.warns(UserWarning, match="all hidden layers are identity") as caught:
        Network([3, 4, 1], activation="identity")
    assert str(caught[0].message) == (
        "Network: all hidden layers are identity, so the network is one linear layer, however deep. "
        'Use a non-linear activation such as "tanh" or "relu".'
    )


def test_a_seed_is_drawn_and_kept_if_none_is_given():
    one, other = Network([3, 4, 1]), Network([3, 4, 1])
    assert one.seed != other.seed
    assert (Network([3, 4, 1], seed=one.seed).theta == one.theta).all()


def test_initial_weights_have_the_variance_of_their_name_and_bias_rows_0():
    for activation, init, variance in [
        ("tanh", "auto", 2 / (200 + 300)),
        ("relu", "auto", 2 / 200),
        ("tanh", "he_normal", 2 / 200),
        ("relu", "lecun_uniform", 1 / 200),
        ("relu", "glorot_normal", 2 / 500),
    ]:
        W = Network([200, 300, 1], activation=activation, init=init, seed=0, dtype="float64").W[0]
        assert W[:200].var() == pytest.approx(variance, rel=0.03)
        assert (W[200] == 0).all()


def test_a_validation_share_is_held_out_by_the_seed_and_weights_go_along():
    random = np.random.default_rng(0)
    many, targets = random.normal(size=(100, 3)), random.normal(size=100)
    net = Network([3, 4, 1], seed=1)
    training = net.fit(many, targets, epochs=2, validation=0.3)
    assert (training.plan.rows, training.plan.validation_rows) == (70, 30)
    again = net.fit(many, targets, epochs=2, validation=0.3)
    assert (again.best.theta == training.best.theta).all()
    other = net.fit(many, targets, epochs=2, validation=0.3, seed=2)
    assert not (other.best.theta == training.best.theta).all()
    for share in (0.0, 1.0, 3, "x"):
        with pytest.raises(DataError) as error:
            net.fit(many, targets, validation=share)
        assert message(error) == (
            "fit: `validation` must be (X, Y) or a share of the rows between 0 and 1 that leaves rows on both sides; "
            f"got {share!r} of 100 rows."
        )


def test_step_sizes_may_be_a_sequence_or_a_function():
    net = Network([3, 4, 1], seed=0, dtype="float64")
    rates = [0.1 / (1 + t) for t in range(40)]
    by_list = net.fit(X, Y, epochs=2, learning_rate=rates).best
    by_function = net.fit(X, Y, epochs=2, learning_rate=lambda t: 0.1 / (1 + t)).best
    assert (by_list.theta == by_function.theta).all()
    with pytest.raises(SpecError) as error:
        net.fit(X, Y, epochs=3, learning_rate=rates)
    assert message(error) == (
        "fit: `learning_rate` has 40 entries, but the run has 60 rounds; give one for each round."
    )


def test_predictions_of_a_row_do_not_depend_on_the_batch():
    net = Network([3, 40, 17, 2], seed=0)
    whole = net.predict(X)
    np.testing.assert_array_equal(np.vstack([net.predict(X[i : i + 1]) for i in range(20)]), whole)


def test_a_network_too_large_for_the_memory_is_refused_before_the_work_starts():
    net = Network([3, 1000, 1000, 1], seed=0)
    with pytest.raises(SpecError) as error:
        net.fit(X, Y, restarts=100_000)
    assert message(error).startswith("fit: 100000 restarts × 4.0 MB of state (1,006,001 weights) need 40")
    assert message(error).endswith("GB are free. Use fewer restarts or a smaller network.")


@pytest.mark.parametrize("scale", [1e-300, 1e-46, 1.0, 1e38, 1e300])
def test_sample_weights_may_have_any_scale(scale):
    net = Network([3, 4, 1], seed=0, dtype="float64")
    w = np.linspace(1.0, 2.0, 20)
    expected = net.fit(X, Y, epochs=2, sample_weight=w).best
    np.testing.assert_allclose(net.fit(X, Y, epochs=2, sample_weight=w * scale).best.theta, expected.theta, rtol=1e-12)


def test_weights_that_are_0_on_one_side_of_the_split_are_refused():
    w = np.zeros(20)
    w[3] = 1.0
    with pytest.raises(DataError) as error:
        Network([3, 4, 1], seed=0).fit(X, Y, validation=0.2, sample_weight=w)
    assert message(error) == (
        "fit: `sample_weight` is 0 on all 4 rows that `validation` holds out, or on all others. "
        "Give (X, Y) for `validation`, or leave out the rows of weight 0."
    )


def test_weights_too_many_for_the_memory_are_refused_when_the_network_is_made():
    with pytest.raises(SpecError) as error:
        Network([30_000, 40_000, 20_000])
    assert message(error).startswith(
        "Network: sizes [30000, 40000, 20000] make 2,000,060,000 weights, which need 40.0 GB; "
    )


def test_numbers_too_large_for_float32_are_named():
    with pytest.raises(DataError) as error:
        Network([3, 4, 1]).fit(np.where(np.arange(60).reshape(20, 3) == 7, 1e39, X), Y)
    assert message(error) == (
        'fit: `X` has numbers too large for float32, such as 1e+39. Scale them, or use dtype="float64".'
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"learning_rate": [0.1] * 1000, "schedule": "cosine"},
            'fit: `schedule` "cosine" shapes a constant `learning_rate`; a sequence or function is complete.',
        ),
        (
            {"learning_rate": True},
            "fit: `learning_rate` must be a finite number ≥ 0, a sequence of them, or a function of the round; got "
            "True.",
        ),
        ({"time_limit": "a"}, "fit: `time_limit` must be a number of seconds > 0, or None; got 'a'."),
        ({"validation": [X]}, "fit: `validation` must be (X, Y) or (X, Y, sample_weight), or a share; got 1 entries."),
        ({"validation": (X, Y, -(Y**2))}, "fit: `validation sample_weight` must be finite, ≥ 0, and not 0 everywhere."),
    ],
    ids=["schedule", "bool", "time", "short", "weight"],
)
def test_options_are_refused_rather_than_ignored(options, text):
    with pytest.raises((SpecError, DataError)) as error:
        Network([3, 4, 1], seed=0).fit(X, Y, **options)
    assert message(error) == text


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"bias": "a"}, "Network: `bias` must be one finite constant, or one per layer 0 … d−1 (2); got 'a'."),
        (
            {"loss": "huber", "loss_parameter": np.inf},
            "Network: `loss_parameter` must be one finite number, or one per output (1); got inf.",
        ),
    ],
    ids=["bias", "parameter"],
)
def test_parameters_that_are_no_numbers_are_refused(arguments, text):
    with pytest.raises(SpecError) as error:
        Network([3, 4, 1], **arguments)
    assert message(error) == text


def test_validation_may_be_a_list_or_a_numpy_number():
    net = Network([3, 4, 1], seed=0)
    assert net.fit(X, Y, epochs=1, validation=np.float32(0.25)).plan.validation_rows == 5
    assert net.fit(X, Y, epochs=1, validation=[X, Y]).plan.validation_rows == 20


def test_threads_of_a_prediction_are_counted_as_in_fit():
    net = Network([3, 4, 1], seed=0)
    np.testing.assert_array_equal(net.predict(X, n_jobs=-1), net.predict(X))
    with pytest.raises(SpecError, match="`n_jobs` must be a whole number, not 0"):
        net.predict(X, n_jobs=0)


def test_with_a_zero_last_layer_every_restart_begins_with_one_answer_and_learns():
    X = np.random.default_rng(0).uniform(-1.0, 1.0, (200, 2))
    net = Network([2, 16, 1], init_last="zero", seed=3)
    assert not net.W[-1].any()
    assert net.W[0].any()
    assert not net.predict(X).any()
    training = net.fit(X, X[:, 0] * X[:, 1], epochs=60, restarts=3)
    curves = [one.loss_curve for one in training.restarts]
    assert len({curve[-1] for curve in curves}) == 3
    assert all(curve[-1] < curve[0] / 4 for curve in curves)
    with pytest.raises(SpecError, match=r'`init_last` must be None or "zero"; got 0\.'):
        Network([2, 3, 1], init_last=0)
