"""A table's model <-> the document and the tensors of a model file: network, preprocessing, record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from descend.errors import DescendError
from descend.files.container import DAMAGED, plain_data, refuse, shown
from descend.files.fields import check_finite, check_names, is_object, read_field
from descend.nets import file as network_file
from descend.nets.network import Network
from descend.spec.network import NetworkSpec
from descend.typing import Array

if TYPE_CHECKING:
    from descend.preprocessing.transform import Preprocessing

PREFIX = "preprocessing."  # of the names of its tensors


def document_of(
    network: Network, preprocessing: Preprocessing, record: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the document and the tensors of a file that holds a model.

    Raises
    ------
    SpecError
        If the network has a user's own activation (code cannot be saved), or weights that are not finite.
    """
    document, tensors = network_file.document_of(
        network.spec, network.theta, network.dtype, network.seed, network.engine
    )
    parts, arrays = preprocessing.to_parts()
    document |= {"kind": "model", "preprocessing": parts, "record": plain_data(record)}
    return document, tensors | {PREFIX + name: array for name, array in arrays.items()}


def parts_of(
    document: dict[str, Any], tensors: dict[str, Array], path: str | Path
) -> tuple[Network, Preprocessing, dict[str, Any]]:
    """Return network, preprocessing and record of the model in a file; `path` is for messages.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    spec, theta, dtype, seed, engine = network_file.parts_of(document, tensors, path)
    network = Network.from_spec(spec, theta, dtype=dtype, seed=seed, engine=engine)
    preprocessing = _read_preprocessing(document, tensors, spec, path)
    return network, preprocessing, read_field(document, "record", is_object, "an object", path)


def _read_preprocessing(
    document: dict[str, Any], tensors: dict[str, Array], spec: NetworkSpec, path: str | Path
) -> Preprocessing:
    from descend.preprocessing.transform import preprocessing_from_parts

    parts = read_field(document, "preprocessing", is_object, "an object", path)
    weights = network_file.weight_names(spec)
    arrays = {name.removeprefix(PREFIX): one for name, one in tensors.items() if name not in weights}
    check_names(tensors, [*weights, *(name for name in tensors if name.startswith(PREFIX))], path)
    for name, one in arrays.items():
        check_finite(PREFIX + name, one, path)
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
