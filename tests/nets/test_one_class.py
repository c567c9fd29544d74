"""`Network` is one class for its users, whatever files it stands in."""

import copy
import inspect
import pickle

import numpy as np
import pytest

from descend import Network, SpecError
from descend.nets.base import NetworkBase
from descend.nets.inspection import Inspected

X = np.random.default_rng(0).normal(size=(20, 3))


def test_its_name_and_its_signature_are_those_of_one_class():
    assert (Network.__module__, Network.__qualname__) == ("descend.nets.network", "Network")
    assert list(inspect.signature(Network).parameters)[:3] == ["sizes", "activation", "output"]
    methods = [method for _, method in inspect.getmembers(Network, inspect.isfunction)]
    of_others = {method.__name__ for method in methods if not method.__qualname__.startswith("Network.")}
    assert of_others == {"_repr_html_", "__rich__", "export"}  # notebooks call the first two
    assert {"predict", "loss", "fit", "save"} <= {method.__name__ for method in methods}


@pytest.mark.parametrize("call", [lambda: Network([2, 1], sise=3), lambda: Network([2, 1]).loss(rows=3)])
def test_pythons_own_errors_name_it(call):
    with pytest.raises(TypeError, match=r"^Network\.(__init__|loss)\(\) got an unexpected keyword argument"):
        call()


def test_options_of_fit_that_are_not_there_are_refused_with_those_that_may_be_meant():
    with pytest.raises(SpecError) as caught:
        Network([3, 1]).fit(X, X[:, 0], epoch=3, learningrate=0.1)
    assert isinstance(caught.value, TypeError)
    assert str(caught.value) == (
        "Network.fit: 2 problems:\n"
        '  - there is no `epoch`. Did you mean "epochs"?\n'
        '  - there is no `learningrate`. Did you mean "learning_rate"?'
    )
    assert list(inspect.signature(Network.fit).parameters)[:4] == ["self", "X", "Y", "epochs"]
    with pytest.raises(TypeError, match="got multiple values for argument 'X'"):
        Network([3, 1]).fit(X, X[:, 0], X=X)


def test_fields_and_constructor_stand_in_the_first_part_only():
    assert "__init__" in vars(NetworkBase)
    assert not {"__init__", "__new__", "__setattr__"} & (vars(Inspected).keys() | vars(Network).keys())
    assert vars(Network([2, 1])).keys() == NetworkBase.__annotations__.keys()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_a_pickle_gives_the_same_network(engine, protocol):
    net = Network([3, 4, 1], activation="gelu", seed=5, dtype="float64", engine=engine)
    net.predict_one(X[0])  # the compiled predictor that it keeps is no part of the pickle
    again = pickle.loads(pickle.dumps(net, protocol))
    assert type(again) is Network
    assert (again.spec, again.dtype, again.seed, again.engine) == (net.spec, net.dtype, 5, engine)
    assert repr(again) == repr(net)
    assert again.theta.tobytes() == net.theta.tobytes()
    assert again.predict(X).tobytes() == net.predict(X).tobytes()
    assert again.predict_one(X[0]).tobytes() == net.predict_one(X[0]).tobytes()
    again.W[0][0, 0] = 7.0
    assert again.theta[0] == 7.0 != net.theta[0]


@pytest.mark.parametrize("method", [Network.predict, Network.loss, Network.from_spec, Network([2, 1]).predict])
def test_methods_pickle(method):
    assert pickle.loads(pickle.dumps(method)).__name__ == method.__name__


def test_a_network_with_a_users_own_activation_can_be_copied():
    net = Network([3, 4, 1], activation=(np.sin, np.cos), engine="reference", seed=0)
    np.testing.assert_array_equal(copy.deepcopy(net).predict(X), net.predict(X))
