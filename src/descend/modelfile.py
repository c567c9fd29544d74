"""Model <-> file. A `.descend` file holds a `Model` or a `Network`; `docs/file-format.md` specifies it.

Here is what the document and the tensors mean; `container` is the shell around them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descend.container import DAMAGED, pack, plain_data, read_file, refuse, shown
from descend.errors import DescendError, SpecError
from descend.files import write_atomically
from descend.model import Model
from descend.network import ENGINES, Network
from descend.spec import NetworkSpec, spec_from_dict

if TYPE_CHECKING:
    from descend.preprocessing import Preprocessing

Array = NDArray[Any]

KINDS = ("model", "network")
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


def load(path: str | Path) -> Model | Network:
    """Read what `save_model`, `Model.save`, `Network.save` or `descend train` wrote.

    Everything is checked before it is believed; nothing in a file is ever run.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    Model or Network
        What was saved; predictions have the same bits.

    Raises
    ------
    FileError
        If the file is absent, of another kind, of a later version, cut off or damaged: names what is wrong.
    """
    document, tensors = read_file(path)
    kind = _field(document, "kind", lambda kind: kind in KINDS, '"model" or "network"', path)
    network = _read_network(document, tensors, path)
    if kind == "network":
        _check_names(tensors, _weight_names(network.spec), path)
        return network
    preprocessing = _read_preprocessing(document, tensors, network.spec, path)
    record = _field(document, "record", _is_object, "an object", path)
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
    tensors = dict(zip(_weight_names(spec), spec.weights(network.theta), strict=True))
    if isinstance(thing, Model):
        parts, arrays = thing.preprocessing.to_parts()
        document |= {"preprocessing": parts, "record": plain_data(thing.record)}
        tensors |= {PREFIX + name: array for name, array in arrays.items()}
    return pack(document, tensors)


def _weight_names(spec: NetworkSpec) -> list[str]:
    return [f"W_{layer}" for layer in range(spec.depth)]


# ---------------------------------------------------------------- the network


def _read_network(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Network:
    spec = _read_spec(_field(document, "network", _is_object, "an object", path), path)
    dtype = _field(document, "dtype", lambda name: name in ("float32", "float64"), '"float32" or "float64"', path)
    seed = _field(document, "seed", lambda seed: type(seed) is int and seed >= 0, "a whole number ≥ 0", path)
    engine = _field(document, "engine", lambda name: name in ENGINES, '"native" or "reference"', path)
    named = zip(_weight_names(spec), spec.shapes, strict=True)
    matrices = [_tensor(tensors, name, shape, np.dtype(dtype), path) for name, shape in named]
    theta = np.concatenate([W.ravel() for W in matrices])
    return Network.from_spec(spec, theta, dtype=dtype, seed=seed, engine=engine)


def _read_spec(data: dict[str, Any], path: str | Path) -> NetworkSpec:
    """Check the types of the fields here; `spec_from_dict` checks what they say."""
    for name, (rule, is_right) in _NETWORK_FIELDS.items():
        if name in data and not is_right(data[name]):
            refuse(path, f"field `network.{name}` must be {rule}; got {shown(data[name])}. {DAMAGED}")
    try:
        return spec_from_dict(data)
    except DescendError as error:
        refuse(path, f"field `network`: {error} {DAMAGED}", error)


def _is_name(value: Any) -> bool:
    return isinstance(value, str)


def _is_object(value: Any) -> bool:
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
    from descend.preprocessing import preprocessing_from_parts

    parts = _field(document, "preprocessing", _is_object, "an object", path)
    weights = _weight_names(spec)
    arrays = {name.removeprefix(PREFIX): one for name, one in tensors.items() if name not in weights}
    _check_names(tensors, [*weights, *(name for name in tensors if name.startswith(PREFIX))], path)
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


def _field(document: dict[str, Any], name: str, is_right: Callable[[Any], bool], rule: str, path: str | Path) -> Any:
    value = document.get(name)
    if isinstance(value, list) or not is_right(value):
        refuse(path, f"field `{name}` must be {rule}; got {shown(value)}. {DAMAGED}")
    return value


def _tensor(
    tensors: dict[str, Array], name: str, shape: tuple[int, ...], dtype: np.dtype[Any], path: str | Path
) -> Array:
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


def _check_names(tensors: dict[str, Array], expected: list[str], path: str | Path) -> None:
    unknown = sorted(set(tensors) - set(expected))
    if unknown:
        refuse(path, f"tensor `{unknown[0]}` is unknown. {DAMAGED}")
