"""File -> a fitted estimator for tables: everything in the document is checked; nothing is run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import DescendError, FileError
from descend.estimators.mlp.load import read_classes, read_parameter
from descend.estimators.tabular.classifier import TabularClassifier
from descend.estimators.tabular.file import KEPT, NUMBERS, plain_encoders
from descend.estimators.tabular.parameters import check_parameters
from descend.estimators.tabular.regressor import TabularRegressor
from descend.estimators.tabular.targets import ClassTarget, NumberTarget
from descend.files.container import DAMAGED, refuse
from descend.files.fields import check_names, is_count, is_name, is_number, is_object, list_of, read_field
from descend.models.blends.blend import Blend
from descend.models.blends.file import blend_from_parts
from descend.models.sections import NAMES, sections_from_parts
from descend.preprocessing.serialise import columns_from_parts, texts_from_parts
from descend.preprocessing.target import Task
from descend.preprocessing.transform import Preprocessing
from descend.typing import Array, are_texts

CLASSES = {"TabularClassifier": TabularClassifier, "TabularRegressor": TabularRegressor}
ADDED = {"prior_correction", "threshold", "costs"}  # to a version that had files without them
FIELDS = (
    *("format", "kind", "version", "checksum", "class", "parameters", "columns", "left_out", "notes", "only_split"),
    *("target", "n_features", "feature_names", "planned", "attributes", "leaderboard", "distilled", "updates"),
    *("levels", "encoders", "members", "range", "scores"),
    *NAMES,
)


def read_tabular(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Any:
    """Make the estimator that a file of kind "tabular" holds; `load` asks for it.

    Raises
    ------
    FileError
        Naming what is wrong.
    """
    try:
        return _read(document, tensors, path)
    except FileError:
        raise
    except (DescendError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        refuse(path, f"it does not describe an estimator ({type(error).__name__}: {error}). {DAMAGED}", error)


def _read(document: dict[str, Any], tensors: dict[str, Array], path: str | Path) -> Any:
    for name in document:
        if name not in FIELDS:
            refuse(path, f"field `{name[:40]}` is unknown. {DAMAGED}")
    rule = '"TabularClassifier" or "TabularRegressor"'
    name = read_field(document, "class", lambda name: is_name(name) and name in CLASSES, rule, path)
    parameters = read_field(document, "parameters", is_object, "an object", path)
    estimator: Any = CLASSES[name](**{key: read_parameter(one) for key, one in parameters.items()})
    if set(estimator.get_params(deep=False)) - set(parameters) - ADDED:
        raise ValueError("parameters: all must be there")
    check_parameters(estimator, estimator._metrics)
    readings = columns_from_parts(document.get("columns"), least=1)
    left_out, notes = texts_from_parts(document.get("left_out"), document.get("notes"))
    blend, own = blend_from_parts(document, tensors, readings, None, path)
    plain = plain_encoders(blend)
    if {one.name: one.kind for one in plain} != {name: one.kind for name, one in readings.items()}:
        raise ValueError("columns: each must have one plain encoder of its kind")
    estimator._columns = Preprocessing(plain, "", Task("regress", (), ""), 0.0, 1.0, left_out, notes, readings)
    target = _read_target(document, name)
    numbers = 0 if isinstance(target, ClassTarget) else len(target.mean)
    estimator._sections, kept = sections_from_parts(document, tensors, estimator._columns, path, numbers, blend)
    check_names(tensors, [*own, *kept], path)
    estimator._blend, estimator.members_ = blend, blend.members
    estimator._target = target
    _check_outputs(target, blend)
    if isinstance(target, ClassTarget):
        estimator.classes_ = target.classes.labels
    _set_attributes(estimator, document, path)
    _set_scores(estimator, document, path)
    estimator.left_out_, estimator.notes_ = dict(left_out), (*notes, *estimator._notes_of_answers())
    return estimator


def _read_target(document: dict[str, Any], name: str) -> ClassTarget | NumberTarget:
    kept = document["target"]
    if name == "TabularClassifier":
        _check_keys("target", kept, ("kind", "classes"), "classes")
        return ClassTarget(read_classes(kept["classes"]), name)
    _check_keys("target", kept, ("kind", "flat", *NUMBERS), "numbers")
    columns = []
    for part in NUMBERS:
        if not list_of(is_number)(kept[part]) or not kept[part]:
            raise ValueError(f"target: {part} must be a list of numbers, not empty")
        columns.append(np.array(kept[part], dtype=np.float64))
    mean, scale, low, high = columns
    right = len({len(one) for one in columns}) == 1 and (scale > 0).all() and (low <= high).all()
    if not right or not isinstance(kept["flat"], bool) or (kept["flat"] and len(mean) > 1):
        raise ValueError("target: its numbers do not fit each other")
    return NumberTarget(mean, scale, low, high, kept["flat"])


def _check_keys(field: str, given: Any, names: tuple[str, ...], kind: str | None = None) -> None:
    if not isinstance(given, dict) or set(given) != set(names) or (kind is not None and given["kind"] != kind):
        raise ValueError(f"{field} must have the fields {', '.join(names)}")


def _check_outputs(target: ClassTarget | NumberTarget, blend: Blend) -> None:
    """Refuse a blend that does not answer what the target asks."""
    if isinstance(target, NumberTarget):
        count = len(target.mean)
    elif target.single:
        count = len(target.classes.labels)
    else:
        count = target.classes.n_outputs
    if isinstance(target, ClassTarget) and target.single and count < 2:
        raise ValueError("target: at least two classes are needed")
    for net in blend.nets:
        spec = net.network.spec
        if spec.sizes[-1] != count or spec.activations[-1].name != target.output or spec.loss.name != target.loss:
            raise ValueError("members: the outputs of the networks do not fit the target")
    if (blend.low is None) == (target.output == "identity"):
        raise ValueError("range: is for numbers, and only for them")


def _set_attributes(estimator: Any, document: Mapping[str, Any], path: str | Path) -> None:
    n_features = read_field(dict(document), "n_features", is_count, "a whole number ≥ 1", path)
    names = read_field(dict(document), "feature_names", are_texts, "a list of texts", path)
    if len(names) not in (0, n_features):
        raise ValueError("feature_names: must be one for each feature")
    estimator.n_features_in_ = n_features
    if names:
        estimator.feature_names_in_ = np.array(names, dtype=object)
    split = read_field(dict(document), "only_split", are_texts, "a list of texts", path)
    estimator._only_split = tuple(split)
    planned = document["planned"]
    _check_keys("planned", planned, ("seed", "rows"))
    if not is_count(planned["seed"], 0) or not list_of(is_count)(planned["rows"]):
        raise ValueError("planned: must be whole numbers")
    folds = {net.place.fold for net in estimator._blend.nets}
    if max(folds) >= len(planned["rows"]):
        raise ValueError("planned: must say how many rows each fold has")
    estimator._planned = planned["seed"], tuple(planned["rows"])
    kept = document["attributes"]
    _check_keys("attributes", kept, KEPT)
    for name in KEPT:
        right = isinstance(kept[name], bool) if name == "stopped_" else kept[name] is None or is_number(kept[name])
        if not right:
            raise ValueError(f"attributes: {name} must be a number, or true or false")
        setattr(estimator, name, kept[name])
    if "distilled" in document:
        estimator.distilled_ = dict(read_field(dict(document), "distilled", is_object, "an object", path))
    if "updates" in document:
        updates = read_field(dict(document), "updates", list_of(is_object), "a list of objects", path)
        estimator.updates_ = [dict(one) for one in updates]
    board = read_field(dict(document), "leaderboard", list_of(is_object), "a list of objects", path)
    estimator.leaderboard_ = [dict(row) for row in board]


def _set_scores(estimator: Any, document: Mapping[str, Any], path: str | Path) -> None:
    """Set what is known of answers and probabilities; a file of before has nothing."""
    decision = estimator._sections.decision
    if not isinstance(estimator, TabularClassifier):
        if decision is not None:
            raise ValueError("decision: is for classes")
        return
    single = estimator._target.single
    if decision is not None and not (single and decision.fits(len(estimator._target.classes.labels))):
        raise ValueError("decision: does not fit the classes")
    kept = read_field({"scores": {}} | dict(document), "scores", is_object, "an object", path)
    for name in ("decision", "calibration"):
        told = kept.get(name)
        if told is not None and not isinstance(told, dict):
            raise ValueError(f"scores: {name} must be an object, or null")
        setattr(estimator, f"{name}_", told)
