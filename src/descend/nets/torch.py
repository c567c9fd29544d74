"""Networks from and to PyTorch's `nn.Sequential`; predictions stay equal. PyTorch is imported when it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.errors import SpecError, check_extra
from descend.spec.activations import LEAK
from descend.spec.network import NetworkSpec, make_spec
from descend.typing import Array


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


def to_torch(spec: NetworkSpec, theta: Array, dtype: str) -> Any:
    """Return an `nn.Sequential` that predicts as the network of this spec and these weights does, in `dtype`.

    Raises
    ------
    SpecError
        If PyTorch is not installed, or an activation has no module there (step, exp, a user's own).
    """
    check_extra("to_torch", "torch")
    import torch
    from torch import nn

    makers, layers = _torch_modules(), []
    of_torch = torch.float32 if dtype == "float32" else torch.float64
    for layer, W in enumerate(spec.weights(theta)):
        layers.append(_linear(spec, layer, W, of_torch))
        name = spec.activation(layer + 1).name
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


def from_torch(module: Any, loss: str | None = None) -> tuple[NetworkSpec, Array, str]:
    """Take the network out of an `nn.Sequential` of Linear layers and activations, over Dropout and Identity.

    Parameters
    ----------
    module : torch.nn.Sequential
        Weights are copied; float32 and float64 are kept.
    loss : str or None
        The loss of the network; None: log_loss for softmax and sigmoid outputs, else squared.

    Returns
    -------
    spec : NetworkSpec
    theta : ndarray
        All weights, (theta_size,).
    dtype : {"float32", "float64"}
        Their type.

    Raises
    ------
    SpecError
        Naming the first module that has no counterpart; or PyTorch, if it is not installed.
    """
    check_extra("from_torch", "torch")
    linears, names = _torch_layers(module)
    sizes = [linears[0].in_features, *(linear.out_features for linear in linears)]
    output = names[-1]
    chosen = loss or ("log_loss" if output in ("softmax", "sigmoid") else "squared")
    bias = [float(linear.bias is not None) for linear in linears]
    spec = make_spec(sizes, names[:-1], output, chosen, bias=bias)
    arrays = [[p.detach().cpu().numpy() for p in (one.weight, one.bias) if p is not None] for one in linears]
    theta = np.concatenate([np.vstack([one[0].T, *one[1:]]).ravel() for one in arrays])
    return spec, theta, "float64" if theta.dtype == np.float64 else "float32"


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
