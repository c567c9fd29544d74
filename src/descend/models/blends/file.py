"""A blend <-> rows and tensors of a file: its encoders, each once, and the networks that they feed.

levels     {column: [text, …]}: what encoders say of categories, each once
encoders   rows as `preprocessing.serialise_encoders` writes them, in the order in which networks first read them;
           tensors ``encoder_<place>.<name>``
members    [{name, weight, nets: [{fold, start, network, seed, encoders: [place, …], loss, best_epoch, status}]}]
range      null, or [[least, largest] z-score of each output]

The weights of network k, counted over all members, are the tensor ``net_<k>.theta``: float16 where that holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DescendError
from descend.files.container import DAMAGED, plain_data, refuse, shown
from descend.files.fields import check_finite, is_count, is_name, is_number, is_object, list_of, read_field
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.descent import Net, Place
from descend.nets.file import read_spec
from descend.nets.network import Network
from descend.preprocessing.serialise import encoder_from_parts, encoder_parts, levels_from_parts, shared_levels
from descend.spec.network import NetworkSpec
from descend.spec.state import STATUSES
from descend.tables.cells.reading import Reading
from descend.typing import Array

Parts = dict[str, Any]
MOST_OF_A_KIND = 100_000  # encoders and networks of a blend
_NUMBERS = ("loss", "best_epoch")


# ---------------------------------------------------------------- writing


def blend_parts(blend: Blend) -> tuple[Parts, dict[str, Array]]:
    """Return the rows and the tensors of a blend.

    Raises
    ------
    SpecError
        If a network cannot be saved.
    """
    encoders = encoders_of(blend)
    place = {id(one): number for number, one in enumerate(encoders)}
    levels = shared_levels(encoders)
    rows: list[Parts] = []
    tensors: dict[str, Array] = {}
    for number, encoder in enumerate(encoders):
        row, own = encoder_parts(encoder, levels)
        rows.append(row)
        tensors |= {f"encoder_{number}.{name}": array for name, array in own.items()}
    for number, net in enumerate(blend.nets):
        tensors[f"net_{number}.theta"] = _smallest(net.network.theta)
    members = [
        {"name": member.name, "weight": member.weight, "nets": [_net_parts(net, place) for net in member.nets]}
        for member in blend.members
    ]
    low, high = blend.low, blend.high
    ends = None if low is None or high is None else np.stack([low, high], axis=1).astype(np.float64).tolist()
    shown_levels = {column: list(texts) for column, texts in levels.items()}
    return {"levels": shown_levels, "encoders": rows, "members": members, "range": ends}, tensors


def encoders_of(blend: Blend) -> list[Any]:
    """Return all encoders of a blend, each once, in the order in which its networks first read them."""
    return list({id(one): one for net in blend.nets for one in net.encoders}.values())


def _net_parts(net: Net, place: Mapping[int, int]) -> Parts:
    numbers = {name: plain_data(getattr(net, name)) for name in _NUMBERS}
    return {
        "fold": net.place.fold,
        "start": net.place.start,
        "network": net.network.spec.to_dict(),
        "seed": net.network.seed,
        "encoders": [place[id(one)] for one in net.encoders],
        "status": net.status,
    } | numbers


def _smallest(theta: Array) -> Array:
    """Weights as float16 if it holds each of them."""
    with np.errstate(over="ignore"):
        half = theta.astype(np.float16)
    return half if np.array_equal(half.astype(theta.dtype), theta) else theta


# ---------------------------------------------------------------- reading


def blend_from_parts(
    parts: Parts, tensors: dict[str, Array], readings: Mapping[str, Reading], target: str | None, path: str | Path
) -> tuple[Blend, set[str]]:
    """Return the blend that rows and tensors describe, and the names of its tensors.

    Parameters
    ----------
    parts : dict
        The document, of which `levels`, `encoders`, `members` and `range` are read.
    tensors : dict of str to ndarray
        All tensors of the file.
    readings : mapping of str to Reading
        The columns that encoders may read.
    target : str or None
        The one that none may, if it is a column of theirs.
    path : str or Path
        For messages.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    encoders, names = _read_encoders(parts, tensors, readings, target, path)
    rows = read_field(parts, "members", _are_objects, "a list of objects, not empty", path)
    members, count = [], 0
    for place, row in enumerate(rows):
        where = f"members[{place}]"
        name, weight, nets = _read_member(row, where, path)
        own = []
        for j, entry in enumerate(nets):
            own.append(_read_net(entry, name, encoders, tensors, count, f"{where}.nets[{j}]", path))
            names.add(f"net_{count}.theta")
            count += 1
        members.append(BlendMember(name, weight, tuple(own)))
    outputs = {net.network.spec.sizes[-1] for member in members for net in member.nets}
    if len(outputs) > 1 or len({member.name for member in members}) < len(members):
        refuse(path, f"field `members`: all must differ in name and have equally many outputs. {DAMAGED}")
    if abs(sum(member.weight for member in members) - 1.0) > 1e-9:
        refuse(path, f"field `members`: their weights must sum to 1. {DAMAGED}")
    low, high = _read_range(parts, outputs.pop(), path)
    blend = Blend(tuple(members), low, high)
    if [id(one) for one in encoders_of(blend)] != [id(one) for one in encoders]:
        refuse(
            path, f"field `encoders`: each must be read by a network, in the order in which they first are. {DAMAGED}"
        )
    return blend, names


def _are_objects(value: Any) -> bool:
    return list_of(is_object)(value) and 0 < len(value) <= MOST_OF_A_KIND


def _read_encoders(
    parts: Parts, tensors: dict[str, Array], readings: Mapping[str, Reading], target: str | None, path: str | Path
) -> tuple[list[Any], set[str]]:
    rows = read_field(parts, "encoders", _are_objects, "a list of objects, not empty", path)
    encoders, names = [], set()
    try:
        levels = levels_from_parts(parts.get("levels"), {name: one.kind for name, one in readings.items()})
    except DescendError as error:
        refuse(path, f"{error} {DAMAGED}", error)
    by_encoder: dict[str, dict[str, Array]] = {}
    for name, array in tensors.items():
        whose, _, own_name = name.partition(".")
        by_encoder.setdefault(whose, {})[own_name] = array
    for number, row in enumerate(rows):
        own = by_encoder.get(f"encoder_{number}", {})
        names |= {f"encoder_{number}.{name}" for name in own}
        try:
            encoders.append(encoder_from_parts(row, own, readings, target, f"encoders[{number}]", levels))
        except DescendError as error:
            refuse(path, f"{error} {DAMAGED}", error)
    if levels != shared_levels(encoders):
        refuse(path, f"field `levels` must hold what encoders say of categories, and nothing else. {DAMAGED}")
    return encoders, names


def _read_member(row: Parts, where: str, path: str | Path) -> tuple[str, float, list[Parts]]:
    _check_fields(row, ("name", "weight", "nets"), where, path)
    if not is_name(row["name"]):
        refuse(path, f"field `{where}.name` must be a name; got {shown(row['name'])}. {DAMAGED}")
    if not is_number(row["weight"]) or not 0 < row["weight"] <= 1:
        refuse(path, f"field `{where}.weight` must be above 0 and at most 1; got {shown(row['weight'])}. {DAMAGED}")
    if not _are_objects(row["nets"]):
        refuse(path, f"field `{where}.nets` must be a list of objects, not empty. {DAMAGED}")
    return row["name"], float(row["weight"]), row["nets"]


def _check_fields(row: Parts, names: tuple[str, ...], where: str, path: str | Path) -> None:
    for name in [*row, *names]:
        if name not in row or name not in names:
            said = "unknown" if name in row else "missing"
            refuse(path, f"field `{where}.{name[:40]}` is {said}. {DAMAGED}")


def _read_net(
    entry: Parts, member: str, encoders: list[Any], tensors: dict[str, Array], number: int, where: str, path: str | Path
) -> Net:
    _check_fields(entry, ("fold", "start", "network", "seed", "encoders", "status", *_NUMBERS), where, path)
    for name in ("fold", "start", "seed"):
        if not is_count(entry[name], 0):
            refuse(path, f"field `{where}.{name}` must be a whole number ≥ 0; got {shown(entry[name])}. {DAMAGED}")
    places = entry["encoders"]
    if not list_of(lambda one: is_count(one, 0) and one < len(encoders))(places) or not places:
        refuse(path, f"field `{where}.encoders` must be places of encoders; got {shown(places)}. {DAMAGED}")
    if entry["status"] not in STATUSES:
        refuse(path, f"field `{where}.status` must be one of {', '.join(STATUSES)}. {DAMAGED}")
    for name in _NUMBERS:
        if entry[name] is not None and not is_number(entry[name]):
            refuse(path, f"field `{where}.{name}` must be a number or null; got {shown(entry[name])}. {DAMAGED}")
    if not is_object(entry["network"]):
        refuse(path, f"field `{where}.network` must be an object; got {shown(entry['network'])}. {DAMAGED}")
    spec = read_spec(entry["network"], path)
    fed = tuple(encoders[place] for place in places)
    width = sum(len(encoder.feature_names) for encoder in fed)
    if width != spec.sizes[0]:
        refuse(path, f"field `{where}`: its encoders make {width} inputs, its network has {spec.sizes[0]}. {DAMAGED}")
    network = Network.from_spec(spec, _read_theta(tensors, number, spec, path), seed=entry["seed"])
    loss, best_epoch = (float("nan") if entry[n] is None else float(entry[n]) for n in _NUMBERS)
    place = Place(member, entry["fold"], entry["start"])
    return Net(place, network, fed, loss, best_epoch, entry["status"])


def _read_theta(tensors: dict[str, Array], number: int, spec: NetworkSpec, path: str | Path) -> Array:
    name = f"net_{number}.theta"
    theta = tensors.get(name)
    right = theta is not None and theta.dtype.name in ("float16", "float32") and theta.shape == (spec.theta_size,)
    if theta is None or not right:
        refuse(path, f"tensor `{name}` must be {spec.theta_size:,} numbers, float16 or float32. {DAMAGED}")
    check_finite(name, theta, path)
    return theta.astype(np.float32)


def _read_range(parts: Parts, outputs: int, path: str | Path) -> tuple[Array | None, Array | None]:
    def are_ends(value: Any) -> bool:
        if value is None:
            return True
        pairs = list_of(lambda pair: list_of(is_number)(pair) and len(pair) == 2 and pair[0] <= pair[1])(value)
        return pairs and len(value) == outputs

    ends = read_field(parts, "range", are_ends, "null, or least and largest of each output", path)
    if ends is None:
        return None, None
    both = np.array(ends, dtype=np.float64)
    return both[:, 0], both[:, 1]
