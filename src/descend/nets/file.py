"""A network <-> the document and the tensors of a model file: plain data, both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DescendError, SpecError
from descend.files.container import DAMAGED, refuse, shown
from descend.files.fields import is_count, is_dtype, is_name, is_number, is_object, list_of, read_field, read_tensor
from descend.spec.network import NetworkSpec, spec_from_dict
from descend.training.doors import ENGINES
from descend.typing import Array


def weight_names(spec: NetworkSpec) -> list[str]:
    """Return the names of a network's tensors, W_0 … W_{d−1}."""
    return [f"W_{layer}" for layer in range(spec.depth)]


# ---------------------------------------------------------------- writing


def document_of(
    spec: NetworkSpec, theta: Array, dtype: np.dtype[Any], seed: int, engine: str
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the document and the tensors of a file that holds a network.

    Raises
    ------
    SpecError
        If the network has a user's own activation (code cannot be saved), or weights that are not finite.
    """
    if not np.isfinite(theta).all():
        raise SpecError("save: the network's weights must be finite; some are not. Save one that did not diverge.")
    document: dict[str, Any] = {
        "kind": "network",
        "network": spec.to_dict(),
        "dtype": dtype.name,
        "seed": seed,
        "engine": engine,
    }
    return document, dict(zip(weight_names(spec), spec.weights(theta), strict=True))


# ---------------------------------------------------------------- reading


def parts_of(
    document: dict[str, Any], tensors: dict[str, Array], path: str | Path
) -> tuple[NetworkSpec, Array, str, int, str]:
    """Return spec, theta, dtype, seed and engine of the network in a file; `path` is for messages.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    spec = read_spec(read_field(document, "network", is_object, "an object", path), path)
    dtype = read_field(document, "dtype", is_dtype, '"float32" or "float64"', path)
    seed = read_field(document, "seed", lambda seed: is_count(seed, 0), "a whole number ≥ 0", path)
    engine = read_field(
        document, "engine", lambda name: is_name(name) and name in ENGINES, '"native" or "reference"', path
    )
    return spec, read_theta(tensors, spec, weight_names(spec), np.dtype(dtype), path), dtype, seed, engine


def read_spec(data: dict[str, Any], path: str | Path) -> NetworkSpec:
    """Return the network that field `network` describes.

    Raises
    ------
    FileError
        Naming the field that is wrong.
    """
    # the types of the fields here; `spec_from_dict` checks what they say
    for name, (rule, is_right) in _NETWORK_FIELDS.items():
        if name in data and not is_right(data[name]):
            refuse(path, f"field `network.{name}` must be {rule}; got {shown(data[name])}. {DAMAGED}")
    try:
        spec = spec_from_dict(data)
    except DescendError as error:
        refuse(path, f"field `network`: {error} {DAMAGED}", error)
    for name, value in spec.to_dict().items():
        if value != data[name]:  # other names of the same, such as scikit-learn's
            refuse(path, f"field `network.{name}` must be {shown(value)}; got {shown(data[name])}. {DAMAGED}")
    return spec


def read_theta(
    tensors: dict[str, Array], spec: NetworkSpec, names: list[str], dtype: np.dtype[Any], path: str | Path
) -> Array:
    """Return the weights of the tensors with these names, one for each layer, as one vector in theta's order.

    Raises
    ------
    FileError
        Naming the tensor that is absent or wrong.
    """
    named = zip(names, spec.shapes, strict=True)
    return np.concatenate([read_tensor(tensors, name, shape, dtype, path).ravel() for name, shape in named])


def _is_field(one: Any) -> bool:
    if not isinstance(one, list) or len(one) != 4:
        return False
    kind, first, count, value = one
    return is_name(kind) and is_count(first, 0) and is_count(count) and is_number(value)


_NETWORK_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "sizes": ("a list of whole numbers from 1 to 2³¹ − 1", list_of(lambda n: is_count(n) and n < 2**31)),
    "activation": ("a list of names", list_of(is_name)),
    "output": ("a name", is_name),
    "loss": ("a name", is_name),
    "loss_parameter": ("a list of numbers", list_of(is_number)),
    "bias": ("a list of numbers", list_of(is_number)),
    "init": ("a name", is_name),
    "step_surrogate": ("a name or null", lambda value: value is None or is_name(value)),
    "init_last": ('"zero", or absent', lambda value: value == "zero"),
    "fields": (
        "a list of [kind, first, count, value], or absent",
        lambda value: bool(value) and list_of(_is_field)(value),
    ),
}
