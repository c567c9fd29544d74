"""A table's model <-> the document and the tensors of a model file: columns, target, members, record.

Version 2, the one that is written: one member is a network with the encoders that feed it; or there is a blend of
members, each with several networks. Version 1 is read, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from descend.errors import DescendError
from descend.files.container import DAMAGED, plain_data, refuse, shown
from descend.files.fields import check_finite, check_names, is_object, read_field
from descend.models.sections import Sections, section_parts, sections_from_parts
from descend.nets import file as network_file
from descend.nets.network import Network
from descend.preprocessing import serialise
from descend.preprocessing.encoders.plain import Encoder
from descend.preprocessing.serialise_encoders.untargeted import PLAIN
from descend.preprocessing.transform import Preprocessing
from descend.spec.network import NetworkSpec
from descend.tables.cells.reading import Reading
from descend.typing import Array, is_whole

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend
    from descend.preprocessing.learnt import LearntRows
    from descend.preprocessing.target import Task

VERSION = 2
MEMBER = "member_0."  # of the names of its tensors
OLD_PREFIX = "preprocessing."  # the same in version 1
LEARNT = "learnt.bits"
SINGLE, BLEND = {"kind": "single"}, {"kind": "blend"}  # how the members answer together
Texts = tuple[dict[str, str], tuple[str, ...]]
Parts = tuple[Network, Preprocessing, dict[str, Any], "LearntRows | None", "Blend | None", Sections]
NONE = Sections()


# ---------------------------------------------------------------- writing


def document_of(
    network: Network,
    preprocessing: Preprocessing,
    record: dict[str, Any],
    learnt: LearntRows | None = None,
    blend: Blend | None = None,
    sections: Sections = NONE,
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the document and the tensors of a file that holds a model; of a blend `network` is one of its networks.

    Raises
    ------
    SpecError
        If the network has a user's own activation (code cannot be saved), or weights that are not finite.
    """
    prep = preprocessing
    scaling = serialise.scaling_parts(prep.task, prep.target_mean, prep.target_std)
    if blend is None:
        members, tensors = _single_parts(network, prep, scaling)
    else:
        members, tensors = _blend_parts(blend, scaling)
    kept, own = section_parts(sections)
    document = {
        "kind": "model",
        "version": VERSION,
        "columns": serialise.column_parts(prep.known_readings()),
        "target": serialise.target_parts(prep.target, prep.task),
        "left_out": dict(prep.left_out),
        "notes": [str(note) for note in prep.notes],
        **members,
        "learnt": learnt and {"kind": "bloom", "salt": learnt.salt, "rows": learnt.rows, "one_in": learnt.one_in},
        **kept,
        "record": plain_data(record),
    }
    return document, tensors | own | ({LEARNT: learnt.bits} if learnt else {})


def _single_parts(
    network: Network, prep: Preprocessing, scaling: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Array]]:
    member, tensors = network_file.document_of(network.spec, network.theta, network.dtype, network.seed, network.engine)
    del member["kind"]
    member["encoders"] = [serialise.encoder_parts(encoder)[0] for encoder in prep.encoders]
    member["scaling"] = scaling
    return {"members": [member], "combined": SINGLE}, {MEMBER + name: array for name, array in tensors.items()}


def _blend_parts(blend: Blend, scaling: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Array]]:
    from descend.models.blends.file import blend_parts

    parts, tensors = blend_parts(blend)
    return parts | {"scaling": scaling, "combined": BLEND}, tensors


# ---------------------------------------------------------------- reading


def parts_of(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Parts:
    """Return network, preprocessing, record, learnt rows, blend and sections of a file's model; `path` is for messages.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    record = read_field(document, "record", is_object, "an object", path)
    if document["version"] == 1:
        network, own = _read_network(document, tensors, path)
        return network, _read_version_1(document, tensors, network.spec, own, path), record, None, None, NONE
    kinds = f"{shown(SINGLE)} or {shown(BLEND)}"
    combined = read_field(document, "combined", lambda value: value in (SINGLE, BLEND), kinds, path)
    read = _read_single if combined == SINGLE else _read_blend
    network, preprocessing, blend, own = read(document, tensors, path)
    learnt = _read_learnt(document, tensors, path)
    numbers = preprocessing.n_outputs if preprocessing.task.kind == "regress" else 0
    sections, kept = sections_from_parts(document, tensors, preprocessing, path, numbers, blend)
    if sections.decision is not None and not sections.decision.fits(len(preprocessing.task.classes)):
        refuse(path, f"field `decision` does not fit the classes of the target. {DAMAGED}")
    check_names(tensors, [*own, *kept, *([LEARNT] if learnt else [])], path)
    return network, preprocessing, record, learnt, blend, sections


def _read_single(
    document: dict[str, Any], tensors: dict[str, Array], path: str | Path
) -> tuple[Network, Preprocessing, None, list[str]]:
    member = _read_member(document, path)
    weights = {name.removeprefix(MEMBER): one for name, one in tensors.items() if name.startswith(MEMBER)}
    network, own = _read_network(member, weights, path)
    with _refused(path):
        readings, target, task, (left_out, notes) = _read_shared(document)
        encoders = serialise.encoders_from_parts(member.get("encoders"), readings, target, "members[0].encoders")
        scaling = serialise.scaling_from_parts(member.get("scaling"), task, "members[0].scaling")
    preprocessing = Preprocessing(encoders, target, task, *scaling, left_out, notes, readings)
    _check_ends(preprocessing, network.spec, path)
    return network, preprocessing, None, [MEMBER + name for name in own]


def _read_blend(
    document: dict[str, Any], tensors: dict[str, Array], path: str | Path
) -> tuple[Network, Preprocessing, Blend, list[str]]:
    """The preprocessing has those encoders that are plain: one for each column, the same in all networks."""
    from descend.models.blends.file import blend_from_parts, encoders_of

    with _refused(path):
        readings, target, task, (left_out, notes) = _read_shared(document)
        scaling = serialise.scaling_from_parts(document.get("scaling"), task, "scaling")
    blend, own = blend_from_parts(document, tensors, _read_by_all(document, readings, target), target, path)
    plain = tuple(one for one in encoders_of(blend) if isinstance(one, Encoder))
    if not plain or len({one.name for one in plain}) < len(plain):
        refuse(path, f"field `encoders` must have plain ones, each of another column. {DAMAGED}")
    preprocessing = Preprocessing(plain, target, task, *scaling, left_out, notes, readings)
    network = blend.members[0].nets[0].network
    outputs, goal = network.spec.sizes[-1], "softmax" if task.kind == "classify" else "identity"
    if outputs != preprocessing.n_outputs or any(net.network.spec.activations[-1].name != goal for net in blend.nets):
        refuse(path, f"field `members`: the target needs {preprocessing.n_outputs} outputs, {goal}. {DAMAGED}")
    return network, preprocessing, blend, list(own)


def _read_by_all(document: dict[str, Any], readings: dict[str, Reading], target: str) -> dict[str, Reading]:
    """Return the columns that a model reads, those of plain encoders, and the target; no encoder may read others."""
    rows = document.get("encoders")
    rows = [row for row in rows if is_object(row)] if isinstance(rows, list) else []
    plain = [row.get("column") for row in rows if row.get("kind") in list(PLAIN)]
    return {name: reading for name, reading in readings.items() if name in plain or name == target}


@contextmanager
def _refused(path: str | Path) -> Iterator[None]:
    """Turn what is wrong with a part into an error that names the file."""
    try:
        yield
    except DescendError as error:
        refuse(path, f"{error} {DAMAGED}", error)


def _read_shared(document: dict[str, Any]) -> tuple[dict[str, Reading], str, Task, Texts]:
    """Return how columns are read, the target, its task, and what is left out and noted."""
    readings = serialise.columns_from_parts(document.get("columns"))
    target, task = serialise.target_from_parts(document.get("target"))
    serialise.check_target(readings, target, task)
    return readings, target, task, serialise.texts_from_parts(document.get("left_out"), document.get("notes"))


def _read_network(part: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> tuple[Network, list[str]]:
    """Return a network and the names of its tensors."""
    spec, theta, dtype, seed, engine = network_file.parts_of(part, tensors, path)
    return Network.from_spec(spec, theta, dtype=dtype, seed=seed, engine=engine), list(network_file.weight_names(spec))


def _read_member(document: dict[str, Any], path: str | Path) -> dict[str, Any]:
    def is_one(value: Any) -> bool:
        return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)

    member = dict(read_field(document, "members", is_one, "a list with one object", path)[0])
    known = ("network", "dtype", "seed", "engine", "encoders", "scaling")
    if unknown := [name for name in member if name not in known]:
        refuse(path, f"field `members[0].{unknown[0][:40]}` is unknown. {DAMAGED}")
    return member


def _check_ends(preprocessing: Preprocessing, spec: NetworkSpec, path: str | Path) -> None:
    ends = (preprocessing.n_features, preprocessing.n_outputs)
    if ends != (spec.sizes[0], spec.sizes[-1]):
        refuse(
            path,
            f"the columns make {ends[0]} inputs and {ends[1]} outputs, but `network.sizes` is "
            f"{shown(list(spec.sizes))}. {DAMAGED}",
        )


def _read_learnt(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> LearntRows | None:
    from descend.preprocessing.learnt import MOST_BYTES, LearntRows

    def is_learnt(value: Any) -> bool:
        if value is None:
            return True
        names = {"kind", "salt", "rows", "one_in"}
        if not isinstance(value, dict) or set(value) != names or value["kind"] != "bloom":
            return False
        counts = is_whole(value["salt"], 0) and is_whole(value["rows"], 1) and is_whole(value["one_in"], 1)
        return counts and value["salt"] < 2**64 and value["rows"] < 2**48 and value["one_in"] < 2**40

    data = read_field(document, "learnt", is_learnt, "null, or kind, salt, rows and one_in", path)
    if data is None:
        return None
    bits = tensors.get(LEARNT)
    if bits is None or bits.dtype.name != "uint8" or bits.ndim != 1 or not 1 <= bits.size <= MOST_BYTES:
        refuse(path, f"tensor `{LEARNT}` must be 1 to {MOST_BYTES:,} bytes. {DAMAGED}")
    return LearntRows(bits, data["salt"], data["rows"], data["one_in"])


def _read_version_1(
    document: dict[str, Any], tensors: dict[str, Array], spec: NetworkSpec, weights: list[str], path: str | Path
) -> Preprocessing:
    from descend.preprocessing import version_1

    parts = read_field(document, "preprocessing", is_object, "an object", path)
    arrays = {name.removeprefix(OLD_PREFIX): one for name, one in tensors.items() if name not in weights}
    check_names(tensors, [*weights, *(name for name in tensors if name.startswith(OLD_PREFIX))], path)
    for name, one in arrays.items():
        check_finite(OLD_PREFIX + name, one, path)
    try:
        encoders, scaling, texts = version_1.encoders_from_parts(parts, arrays)
        task = version_1.task_from_parts(parts["task"])
    except DescendError as error:
        refuse(path, f"{error} {DAMAGED}", error)
    preprocessing = Preprocessing(encoders, parts["target"], task, *scaling, *texts)
    _check_ends(preprocessing, spec, path)
    return preprocessing
