"""Model <-> file. A `.descend` file holds a `Model`, a `Network` or an estimator; `docs/file-format.md` specifies it.

Here is what the document and the tensors mean; `container` is the shell around them, `estimators.saving` knows what an
estimator is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.errors import DescendError, SpecError
from descend.files.atomic import write_atomically
from descend.files.container import DAMAGED, pack, plain_data, read_file, refuse, shown
from descend.models.model import Model
from descend.nets.network import Network
from descend.spec.network import NetworkSpec, spec_from_dict
from descend.training.doors import ENGINES
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.transform import Preprocessing

KINDS = ("model", "network", "estimator")
# kinds that a face knows how to make -> its module, with `read(document, tensors, path)`; loaded when one is met
READERS = {"estimator": "descend.estimators.mlp.file"}
PREFIX = "preprocessing."


def save_model(thing: Model | Network, path: str | Path) -> None:
    """Write a model or a network to a file.

    The file is complete or not there: it is written under a temporary name and renamed. Equal models give equal bytes.

    Parameters
    ----------
    thing : Model or Network
        What `load` shall return.
    path : str or Path
        The file; by custom it ends in ``.descend``. Its folder is made if it is absent.

    Raises
    ------
    SpecError
        If the network has a user's own activation (code cannot be saved), or weights that are not finite.
    OSError
        If the disk is full or the folder cannot be written; a file that was there is intact.

    Examples
    --------
    >>> import tempfile, pathlib, descend
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "net.descend"
    >>> net = descend.Network([2, 3, 1], seed=0)
    >>> save_model(net, path)
    >>> bool((load(path).theta == net.theta).all())
    True
    """
    content = to_bytes(thing)
    write_atomically(path, lambda file: file.write(content))


def load(path: str | Path) -> Any:
    """Read what `save_model`, `descend train` or `save` of a model, a network or an estimator wrote.

    Everything is checked before it is believed; nothing in a file is ever run.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Model, Network, MLPClassifier or MLPRegressor
        What was saved; predictions have the same bits.

    Raises
    ------
    FileError
        If the file is absent, of another kind, of a later version, cut off or damaged: names what is wrong.
    """
    document, tensors = read_file(path)
    kind = read_field(
        document, "kind", lambda kind: _is_name(kind) and kind in KINDS, '"model", "network" or "estimator"', path
    )
    if kind in READERS:
        return import_module(READERS[kind]).read(document, tensors, path)
    network = _read_network(document, tensors, path)
    if kind == "network":
        check_names(tensors, weight_names(network.spec), path)
        return network
    preprocessing = _read_preprocessing(document, tensors, network.spec, path)
    record = read_field(document, "record", is_object, "an object", path)
    return Model(network, preprocessing, record)


def to_bytes(thing: Model | Network) -> bytes:
    """Return the bytes of the file.

    Raises
    ------
    SpecError
        As in `save_model`.
    """
    network = thing.network if isinstance(thing, Model) else thing
    spec = network.spec
    if not np.isfinite(network.theta).all():
        raise SpecError("save: the network's weights must be finite; some are not. Save one that did not diverge.")
    document: dict[str, Any] = {
        "kind": "model" if isinstance(thing, Model) else "network",
        "network": spec.to_dict(),
        "dtype": network.dtype.name,
        "seed": network.seed,
        "engine": network.engine,
    }
    tensors = dict(zip(weight_names(spec), spec.weights(network.theta), strict=True))
    if isinstance(thing, Model):
        parts, arrays = thing.preprocessing.to_parts()
        document |= {"preprocessing": parts, "record": plain_data(thing.record)}
        tensors |= {PREFIX + name: array for name, array in arrays.items()}
    return pack(document, tensors)


def weight_names(spec: NetworkSpec) -> list[str]:
    """Return the names of a network's tensors, W_0 … W_{d−1}."""
    return [f"W_{layer}" for layer in range(spec.depth)]


# ---------------------------------------------------------------- the network


def _read_network(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Network:
    spec = read_spec(read_field(document, "network", is_object, "an object", path), path)
    dtype = read_field(document, "dtype", is_dtype, '"float32" or "float64"', path)
    seed = read_field(document, "seed", lambda seed: type(seed) is int and seed >= 0, "a whole number ≥ 0", path)
    engine = read_field(
        document, "engine", lambda name: _is_name(name) and name in ENGINES, '"native" or "reference"', path
    )
    named = zip(weight_names(spec), spec.shapes, strict=True)
    matrices = [read_tensor(tensors, name, shape, np.dtype(dtype), path) for name, shape in named]
    theta = np.concatenate([W.ravel() for W in matrices])
    return Network.from_spec(spec, theta, dtype=dtype, seed=seed, engine=engine)


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
        return spec_from_dict(data)
    except DescendError as error:
        refuse(path, f"field `network`: {error} {DAMAGED}", error)


def _is_name(value: Any) -> bool:
    return isinstance(value, str)


def _is_one_of(names: Collection[str]) -> Callable[[Any], bool]:
    return lambda value: _is_name(value) and value in names


def is_dtype(value: Any) -> bool:
    """Whether a field names a type of weights."""
    return _is_name(value) and value in ("float32", "float64")


def is_object(value: Any) -> bool:
    """Whether a field holds an object of JSON."""
    return isinstance(value, dict)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _list_of(is_right: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda values: isinstance(values, list) and all(is_right(value) for value in values)


_NETWORK_FIELDS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "sizes": ("a list of whole numbers from 1 to 2³¹ − 1", _list_of(lambda n: type(n) is int and 1 <= n < 2**31)),
    "activation": ("a list of names", _list_of(_is_name)),
    "output": ("a name", _is_name),
    "loss": ("a name", _is_name),
    "loss_parameter": ("a list of numbers", _list_of(_is_number)),
    "bias": ("a list of numbers", _list_of(_is_number)),
    "init": ("a name", _is_name),
    "step_surrogate": ("a name or null", lambda value: value is None or _is_name(value)),
}


# ---------------------------------------------------------------- the preprocessing


def _read_preprocessing(
    document: dict[str, Any], tensors: dict[str, Array], spec: NetworkSpec, path: str | Path
) -> Preprocessing:
    from descend.preprocessing.transform import preprocessing_from_parts

    parts = read_field(document, "preprocessing", is_object, "an object", path)
    weights = weight_names(spec)
    arrays = {name.removeprefix(PREFIX): one for name, one in tensors.items() if name not in weights}
    check_names(tensors, [*weights, *(name for name in tensors if name.startswith(PREFIX))], path)
    for name, one in arrays.items():
        _check_finite(PREFIX + name, one, path)
    try:
        preprocessing = preprocessing_from_parts(parts, arrays)
    except DescendError as error:
        refuse(path, f"{error} {DAMAGED}", error)
    ends = (preprocessing.n_features, preprocessing.n_outputs)
    if ends != (spec.sizes[0], spec.sizes[-1]):
        refuse(
            path,
            f"field `preprocessing` makes {ends[0]} inputs and {ends[1]} outputs, but `network.sizes` is "
            f"{shown(list(spec.sizes))}. {DAMAGED}",
        )
    return preprocessing


# ---------------------------------------------------------------- checks


def read_field(
    document: dict[str, Any], name: str, is_right: Callable[[Any], bool], rule: str, path: str | Path
) -> Any:
    """Return a field of the document.

    Raises
    ------
    FileError
        If it is absent or not `is_right`: names the field, the `rule` and what is there.
    """
    value = document.get(name)
    if not is_right(value):
        refuse(path, f"field `{name}` must be {rule}; got {shown(value)}. {DAMAGED}")
    return value


def read_tensor(
    tensors: dict[str, Array], name: str, shape: tuple[int, ...], dtype: np.dtype[Any], path: str | Path
) -> Array:
    """Return a tensor of this shape and type, its numbers finite.

    Raises
    ------
    FileError
        If it is absent or anything else: names the tensor.
    """
    if name not in tensors:
        refuse(path, f"tensor `{name}` is missing. {DAMAGED}")
    given = tensors[name]
    if given.shape != shape or given.dtype != dtype:
        refuse(path, f"tensor `{name}` must be {dtype} {shape}; got {given.dtype} {given.shape}. {DAMAGED}")
    _check_finite(name, given, path)
    return given


def _check_finite(name: str, values: Array, path: str | Path) -> None:
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        refuse(path, f"tensor `{name}` must be finite; it holds {values[~np.isfinite(values)][0]}. {DAMAGED}")


def check_names(tensors: dict[str, Array], expected: Collection[str], path: str | Path) -> None:
    """Refuse tensors that nobody reads.

    Raises
    ------
    FileError
        Naming the first.
    """
    unknown = sorted(set(tensors) - set(expected))
    if unknown:
        refuse(path, f"tensor `{unknown[0]}` is unknown. {DAMAGED}")
