"""The parameters: scikit-learn's signature and defaults, its errors, and what is new."""

import inspect
import re

import numpy as np
import pytest
import sklearn
import sklearn.neural_network as theirs
from sklearn.base import clone

import descend

X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
PAIRS = [(descend.MLPClassifier, theirs.MLPClassifier), (descend.MLPRegressor, theirs.MLPRegressor)]
NEW = {"l2", "dropout", "restarts", "select", "race", "n_jobs", "reservoir", "class_weight", "loss_parameter"}


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_signature_and_defaults_are_those_of_scikit_learn(ours, theirs):
    mine, other = (list(inspect.signature(cls).parameters.values()) for cls in (ours, theirs))
    known = [p.name for p in other]
    shared = [p for p in mine if p.name in known]
    described = [(p.name, p.default) for p in other]
    if "loss" not in known and shared is not mine:  # scikit-learn 1.6
        mine = [p for p in mine if p.name != "loss"]
    assert [(p.name, p.default) for p in shared] == described
    assert {p.name for p in mine} - set(known) <= NEW


@pytest.mark.parametrize("cls", [descend.MLPClassifier, descend.MLPRegressor])
def test_the_docstring_describes_every_parameter_in_the_order_of_the_signature(cls):
    text = inspect.getdoc(cls)
    sections = dict(re.findall(r"^(Parameters|Attributes)\n-+\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE))
    described = {name: re.findall(r"^(\w[\w, ]*) : ", part, re.MULTILINE) for name, part in sections.items()}
    assert ", ".join(described["Parameters"]).split(", ") == list(inspect.signature(cls).parameters)
    assert {"coefs_, intercepts_", "loss_curve_", "network_", "health_"} <= set(described["Attributes"])
    assert not re.search(r"\{\w+\}", text)  # the shared texts have been put in


@pytest.mark.parametrize("cls", [descend.MLPClassifier, descend.MLPRegressor])
def test_a_subclass_may_keep_a_parameter_its_own_way(cls):
    class Rounded(cls):
        @property
        def alpha(self):
            return self._alpha

        @alpha.setter
        def alpha(self, value):
            self._alpha = round(value, 1)

    net = Rounded(alpha=0.123, max_iter=7)
    assert (net.alpha, net.max_iter, net.tol, "self" in vars(net)) == (0.1, 7, 1e-4, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"solver": "newton"},
        {"alpha": -1},
        {"batch_size": 0},
        {"learning_rate": "linear"},
        {"learning_rate_init": 0},
        {"max_iter": 0},
        {"momentum": 2},
        {"validation_fraction": 1},
        {"beta_1": 1.0},
        {"epsilon": 0},
        {"n_iter_no_change": 0},
        {"max_fun": 0.5},
        {"shuffle": "yes"},
        {"hidden_layer_sizes": (3, 0)},
        {"hidden_layer_sizes": (3, -2)},
    ],
)
@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_errors_of_wrong_parameters_are_those_of_scikit_learn(ours, theirs, wrong):
    with pytest.raises(ValueError) as expected:
        theirs(**wrong).fit(X, y)
    with pytest.raises(ValueError) as got:
        ours(**wrong).fit(X, y)
    assert sorted(re.split("[ ,{}]+", str(got.value))) == sorted(
        re.split("[ ,{}]+", str(expected.value))
    )  # sets of names
    assert type(got.value) is type(expected.value)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"activation": "relo"}, "'activation' parameter of MLPClassifier must be a str among"),
        ({"activation": ["relu", "tanh"]}, "`activation` needs one name, or one per hidden layer (1); got 2."),
        ({"early_stopping": "score"}, "'early_stopping' parameter of MLPClassifier must be"),
        ({"restarts": 0}, "'restarts' parameter of MLPClassifier must be an int in the range [1, inf)"),
        ({"select": "mean"}, "'select' parameter of MLPClassifier must be a str among"),
        (
            {"race": "halving"},
            'race="halving" needs held-out rows, and solver "sgd" or "adam": set early_stopping=True or',
        ),
        ({"reservoir": 1.0}, "'reservoir' parameter of MLPClassifier must be None or a float in the range (0.0, 1.0)"),
        ({"class_weight": "even"}, "'class_weight' parameter of MLPClassifier must be"),
        ({"n_jobs": 0, "restarts": 2}, "`n_jobs` must be a whole number, not 0"),
    ],
)
def test_errors_of_new_parameters_name_them(wrong, named):
    with pytest.raises(ValueError) as got:
        descend.MLPClassifier(**wrong).fit(X, y)
    assert named in str(got.value)


def test_validation_of_parameters_can_be_switched_off_as_in_scikit_learn():
    with sklearn.config_context(skip_parameter_validation=True):
        net = descend.MLPRegressor(solver="lbfgs", tol=-1.0, max_iter=3, hidden_layer_sizes=(2,))
        with pytest.warns(sklearn.exceptions.ConvergenceWarning):
            net.fit(X, y)


@pytest.mark.parametrize("given", [7, (7,), [7], np.array([7])])
def test_sizes_in_the_place_of_loss_are_sizes(given):
    net = descend.MLPRegressor(given, solver="lbfgs", max_iter=5000, random_state=0).fit(X, y)
    assert net.coefs_[0].shape == (2, 7)
    assert net.loss is given
    assert clone(net).fit(X, y).coefs_[0].shape == (2, 7)


def test_sizes_and_activation_in_the_old_order():
    net = descend.MLPRegressor((3,), "tanh", solver="lbfgs", max_iter=5000, random_state=0).fit(X, y)
    assert [row.name for row in net.network_.spec.activations] == ["tanh", "identity"]


def test_sizes_given_twice_are_an_error():
    with pytest.raises(ValueError) as got:
        descend.MLPRegressor((3,), (4,)).fit(X, y)
    assert str(got.value) == (
        "MLPRegressor: the sizes are given twice, (3,) in the place of `loss` and (4,) as `hidden_layer_sizes`. Give "
        "them once, by name."
    )


def test_without_hidden_layers_it_is_a_linear_model():
    net = descend.MLPRegressor(hidden_layer_sizes=(), solver="lbfgs", alpha=0, tol=1e-8, random_state=0)
    net.fit(X, 3 * X[:, 0] + 1)
    assert net.n_layers_ == 2
    assert np.allclose(net.predict(X), 3 * X[:, 0] + 1, atol=1e-4)
