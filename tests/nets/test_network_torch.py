"""Networks from and to PyTorch: predictions stay equal, there and back."""

import sys

import numpy as np
import pytest

from descend import Network, SpecError


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("ends", [("identity", "squared", 2), ("softmax", "log_loss", 3), ("sigmoid", "log_loss", 1)])
@pytest.mark.parametrize(
    "activation", ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus"]
)
def test_to_torch_and_back_predictions_are_equal(activation, ends, dtype):
    torch = pytest.importorskip("torch")
    final, loss, n_out = ends
    net = Network([3, 5, 4, n_out], activation, final, loss, dtype=dtype, seed=1, bias=0.5)
    net.theta += np.random.default_rng(0).normal(size=net.theta.size).astype(dtype) * 0.3
    X = np.random.default_rng(1).normal(size=(20, 3)).astype(dtype)
    module = net.to_torch()
    near = {"rtol": 1e-5, "atol": 2e-6} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    assert np.allclose(module(torch.from_numpy(X)).detach().numpy(), net.predict(X), **near)
    assert np.allclose(Network.from_torch(module).predict(X), net.predict(X), **near)


def test_torch_modules_that_have_no_counterpart_are_errors():
    nn = pytest.importorskip("torch").nn
    with pytest.raises(SpecError, match=r"from_torch: module 1 is BatchNorm1d"):
        Network.from_torch(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3)))
    with pytest.raises(SpecError, match=r"from_torch: module 1 is LeakyReLU\(negative_slope=0.2\)"):
        Network.from_torch(nn.Sequential(nn.Linear(2, 3), nn.LeakyReLU(0.2), nn.Linear(3, 1)))
    with pytest.raises(SpecError, match="there is no Linear layer"):
        Network.from_torch(nn.Sequential())
    with pytest.raises(SpecError, match='activation "step" of layer 1 has no module'):
        Network([2, 3, 1], "step", step_surrogate="straight_through").to_torch()


def test_without_torch_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(SpecError, match=r"^to_torch needs torch; install it with: pip install torch$"):
        Network([2, 1], seed=0).to_torch()
