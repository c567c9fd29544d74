"""Networks from and to other libraries: scikit-learn's MLP, PyTorch's `nn.Sequential`. Predictions stay equal.

The other library is imported only when it is asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.nets.network import Network
from descend.spec.activations import LEAK
from descend.spec.network import NetworkSpec, make_spec
from descend.typing import Array

SKLEARN_LOSSES = {"squared_error": "squared", "poisson": "poisson", "log_loss": "log_loss"}


# ---------------------------------------------------------------- scikit-learn


def network_from_sklearn(mlp: Any) -> Network:
    """Make a network from a fitted `MLPClassifier` or `MLPRegressor` of scikit-learn.

    Parameters
    ----------
    mlp : estimator
        Fitted; its weights are copied, float32 stays float32.

    Returns
    -------
    Network
        Its outputs are the probabilities (one output for two classes), or the predictions.

    Raises
    ------
    SpecError
        If it is not fitted.

    Examples
    --------
    >>> from sklearn.neural_network import MLPRegressor
    >>> mlp = MLPRegressor(hidden_layer_sizes=3, tol=1.0, random_state=0)
    >>> mlp = mlp.fit([[0.0], [1.0], [2.0]], [1.0, 2.0, 3.0])
    >>> bool(abs(network_from_sklearn(mlp).predict([[1.0]])[0, 0] - mlp.predict([[1.0]])[0]) < 1e-12)
    True
    """
    if not hasattr(mlp, "coefs_") or not hasattr(mlp, "out_activation_"):
        raise SpecError(f"from_sklearn: the {type(mlp).__name__} must be fitted. Call its fit(X, y) first.")
    sizes = [len(mlp.coefs_[0]), *(W.shape[1] for W in mlp.coefs_)]
    loss = SKLEARN_LOSSES[getattr(mlp, "loss", "squared_error")]
    spec = make_spec(sizes, mlp.activation, mlp.out_activation_, loss)
    theta = np.concatenate([np.vstack([W, b]).ravel() for W, b in zip(mlp.coefs_, mlp.intercepts_, strict=True)])
    dtype = "float32" if mlp.coefs_[0].dtype == np.float32 else "float64"
    return Network.from_spec(spec, theta, dtype=dtype)


# ---------------------------------------------------------------- PyTorch


def _torch_modules() -> dict[str, Any]:
    """Activation by its name here -> a function that makes PyTorch's module."""
    from torch import nn  # type: ignore[import-not-found]

    return {
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "relu": nn.ReLU,
        "leaky_relu": lambda: nn.LeakyReLU(LEAK),
        "elu": nn.ELU,
        "selu": nn.SELU,
        "gelu": nn.GELU,
        "silu": nn.SiLU,
        "mish": nn.Mish,
        "softplus": nn.Softplus,
        "softmax": lambda: nn.Softmax(dim=-1),
    }


def network_to_torch(net: Network) -> Any:
    """Return an `nn.Sequential` with the same predictions, in the network's dtype.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    SpecError
        If an activation has no module there (step, exp, a user's own).
    """
    import torch
    from torch import nn

    makers, layers = _torch_modules(), []
    dtype = torch.float32 if net.dtype == np.float32 else torch.float64
    for layer, W in enumerate(net.spec.weights(net.theta)):
        layers.append(_linear(net.spec, layer, W, dtype))
        name = net.spec.activation(layer + 1).name
        if name in makers:
            layers.append(makers[name]())
        elif name != "identity":
            raise SpecError(f'to_torch: activation "{name}" of layer {layer + 1} has no module in torch.nn.')
    return nn.Sequential(*layers)


def _linear(spec: NetworkSpec, layer: int, W: Array, dtype: Any) -> Any:
    """Return `nn.Linear` for W_l; the bias node's constant goes into the bias."""
    import torch
    from torch import nn

    constant, n_in = spec.bias[layer], spec.sizes[layer]
    linear = nn.Linear(n_in, spec.sizes[layer + 1], bias=constant != 0, dtype=dtype)
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(W[:n_in].T)))
        if constant != 0:
            linear.bias.copy_(torch.from_numpy(np.ascontiguousarray(W[n_in] * constant)))
    return linear


def network_from_torch(module: Any, loss: str | None = None) -> Network:
    """Make a network from an `nn.Sequential` of Linear layers and activations; Dropout and Identity are passed over.

    Parameters
    ----------
    module : torch.nn.Sequential
        Weights are copied; float32 and float64 are kept.
    loss : str or None
        The loss of the network; None: log_loss for softmax and sigmoid outputs, else squared.

    Raises
    ------
    SpecError
        Naming the first module that has no counterpart.
    """
    linears, names = _torch_layers(module)
    sizes = [linears[0].in_features, *(linear.out_features for linear in linears)]
    output = names[-1]
    chosen = loss or ("log_loss" if output in ("softmax", "sigmoid") else "squared")
    bias = [float(linear.bias is not None) for linear in linears]
    spec = make_spec(sizes, names[:-1], output, chosen, bias=bias)
    arrays = [[p.detach().cpu().numpy() for p in (one.weight, one.bias) if p is not None] for one in linears]
    theta = np.concatenate([np.vstack([one[0].T, *one[1:]]).ravel() for one in arrays])
    return Network.from_spec(spec, theta, dtype="float64" if theta.dtype == np.float64 else "float32")


def _torch_layers(module: Any) -> tuple[list[Any], list[str]]:
    """Linear layers, and the name of the activation after each."""
    from torch import nn

    kinds = {type(make()): name for name, make in _torch_modules().items()}
    linears: list[Any] = []
    names: list[str] = []
    for place, one in enumerate(module):
        if isinstance(one, nn.Linear):
            linears.append(one)
            names.append("identity")
        elif isinstance(one, nn.Dropout | nn.Identity):
            continue
        elif linears and names[-1] == "identity" and type(one) in kinds and _is_default(one):
            names[-1] = kinds[type(one)]
        else:
            raise SpecError(
                f"from_torch: module {place} is {one!r}; it must be Linear, Dropout, or after each Linear one of "
                f"{', '.join(sorted(kind.__name__ for kind in kinds))} with its default options."
            )
    if not linears:
        raise SpecError("from_torch: there is no Linear layer.")
    return linears, names


def _is_default(one: Any) -> bool:
    """Whether a module computes the function of our table: slopes, approximations and axes as there."""
    wanted = {"negative_slope": LEAK, "alpha": 1.0, "approximate": "none", "beta": 1.0, "threshold": 20.0}
    plain = all(getattr(one, name, value) == value for name, value in wanted.items())
    return plain and getattr(one, "dim", -1) in (-1, 1)
