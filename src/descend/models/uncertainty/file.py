"""What is known of residuals <-> the JSON-able data and tensors of a model file. Reading trusts nothing.

kind                 "numbers" or "classes"
outputs              [{rows, scores: how many, share, square}], one for each number; of classes {rows, scores} once
folds                [{fold, rows, scores}], of classes by a blend; absent if there are none
uncertainty.scores   float64: sorted scores of all outputs, one after the other
uncertainty.folds    float64: sorted scores of all folds, one after the other
uncertainty.scale    float64 (n_d, 19): knots of the answer and of the spread, weights; numbers only
uncertainty.units    float64 (n_d, 4): mean, deviation, least and largest number; numbers only
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from descend.models.uncertainty.calibrate import Uncertainty
from descend.models.uncertainty.classes import ClassUncertainty
from descend.models.uncertainty.folds import FoldScores
from descend.models.uncertainty.numbers import NumberUncertainty, OneNumber, Units
from descend.models.uncertainty.scale import ScaleModel
from descend.models.uncertainty.scores import MOST_SCORES, SortedScores
from descend.preprocessing.checks import check, check_fields, is_number, refuse
from descend.typing import Array, is_whole

Parts = dict[str, Any]
SCORES, FOLDS = "uncertainty.scores", "uncertainty.folds"
SCALE, UNITS = "uncertainty.scale", "uncertainty.units"
_PARTS = (5, 5, 9)  # of a row of SCALE


def uncertainty_parts(known: Uncertainty) -> tuple[Parts, dict[str, Array]]:
    """Return the data and the tensors."""
    if isinstance(known, ClassUncertainty):
        scores = known.scores
        parts: Parts = {"kind": "classes", "outputs": [{"rows": scores.rows, "scores": len(scores.values)}]}
        if known.folds is None:
            return parts, {SCORES: scores.values}
        of = known.folds.of
        parts["folds"] = [{"fold": fold, "rows": one.rows, "scores": len(one.values)} for fold, one in of.items()]
        return parts, {SCORES: scores.values, FOLDS: np.concatenate([one.values for one in of.values()])}
    outputs = [
        {"rows": one.scores.rows, "scores": len(one.scores.values), "share": one.share, "square": one.square}
        for one in known.outputs
    ]
    scales = [np.concatenate((one.scale.answer, one.scale.spread, one.scale.weights)) for one in known.outputs]
    units = known.units
    tensors = {
        SCORES: np.concatenate([one.scores.values for one in known.outputs]),
        SCALE: np.stack(scales),
        UNITS: np.stack((units.mean, units.scale, units.low, units.high), axis=1),
    }
    return {"kind": "numbers", "outputs": outputs}, tensors


def uncertainty_from_parts(
    parts: Any, tensors: Mapping[str, Array], outputs: int, folds: Collection[int] = ()
) -> tuple[Uncertainty, tuple[str, ...]]:
    """Return what a file says of residuals, and the names of its tensors.

    Parameters
    ----------
    parts : object
        The field of the document.
    tensors : mapping of str to ndarray
        All tensors of the file.
    outputs : int
        Numbers that the model predicts, n_d; 0: classes.
    folds : collection of int, default ()
        Of the networks of the file's blend.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    classes = outputs == 0
    folded = classes and isinstance(parts, dict) and "folds" in parts
    check_fields(parts, ("kind", "outputs", "folds") if folded else ("kind", "outputs"), "uncertainty.")
    kind = "classes" if classes else "numbers"
    check(parts["kind"] == kind, "uncertainty.kind", f'must be "{kind}"', parts["kind"])
    entries, count = parts["outputs"], 1 if classes else outputs
    right = isinstance(entries, list) and len(entries) == count
    check(right, "uncertainty.outputs", f"must be a list of {count}", entries)
    fields = ("rows", "scores") if classes else ("rows", "scores", "share", "square")
    scores = _all_scores(entries, fields, tensors, SCORES, "outputs")
    if folded:
        return ClassUncertainty(scores[0], _folds(parts["folds"], tensors, folds)), (SCORES, FOLDS)
    if classes:
        return ClassUncertainty(scores[0]), (SCORES,)
    scales, units = _tensor(tensors, SCALE, (outputs, sum(_PARTS))), _tensor(tensors, UNITS, (outputs, 4))
    check(bool((units[:, 1] > 0.0).all()), UNITS, "must have deviations above 0", units[:, 1].tolist())
    check(bool((units[:, 2] <= units[:, 3]).all()), UNITS, "must have ranges", units[:, 2:].tolist())
    numbers = [
        OneNumber(_scale(row), one, float(entry["share"]), float(entry["square"]))
        for row, one, entry in zip(scales, scores, entries, strict=True)
    ]
    return NumberUncertainty(tuple(numbers), Units(*(column.copy() for column in units.T))), (SCORES, SCALE, UNITS)


def _folds(entries: Any, tensors: Mapping[str, Array], known: Collection[int]) -> FoldScores:
    right = isinstance(entries, list) and len(entries) > 0
    check(right, "uncertainty.folds", "must be a list, not empty", entries)
    scores = _all_scores(entries, ("fold", "rows", "scores"), tensors, FOLDS, "folds")
    folds = [entry["fold"] for entry in entries]
    right = all(is_whole(fold, 0) and fold in known for fold in folds) and sorted(set(folds)) == folds
    check(right, "uncertainty.folds", "must name folds of the networks, in ascending order", folds)
    return FoldScores(dict(zip(folds, scores, strict=True)))


def _all_scores(
    entries: list[Any], fields: tuple[str, ...], tensors: Mapping[str, Array], name: str, field: str
) -> list[SortedScores]:
    values = _tensor(tensors, name, None)
    scores, start = [], 0
    for place, entry in enumerate(entries):
        one = _scores(entry, values[start:], f"uncertainty.{field}[{place}].", fields, name)
        scores.append(one)
        start += len(one.values)
    check(start == len(values), name, f"must be as long as the {field} say", len(values))
    return scores


def _scores(entry: Any, values: Array, where: str, fields: tuple[str, ...], name: str) -> SortedScores:
    check_fields(entry, fields, where)
    rows, number = entry["rows"], entry["scores"]
    check(is_number(rows) and 1.0 <= rows < 2.0**48, f"{where}rows", "must be a number ≥ 1", rows)
    most = min(MOST_SCORES, len(values))
    check(is_whole(number, 1) and number <= most, f"{where}scores", f"must be from 1 to {most}", number)
    if "share" in fields:
        share, square = entry["share"], entry["square"]
        check(is_number(share) and 0.0 < share < 1.0, f"{where}share", "must be between 0 and 1", share)
        check(is_number(square) and square >= 0.0, f"{where}square", "must be a number ≥ 0", square)
    found = values[:number]
    check(bool((np.diff(found) >= 0.0).all()), name, "must be sorted", "others")
    return SortedScores(float(rows), found)


def _scale(row: Array) -> ScaleModel:
    answer, spread, weights = np.split(row, np.cumsum(_PARTS)[:-1])
    ascending = bool((np.diff(answer) >= 0.0).all() and (np.diff(spread) >= 0.0).all())
    above = spread[0] > 0.0 or not (spread.any() or weights[5:].any())
    check(
        ascending and bool(above), SCALE, "must have knots that ascend, those of the spread above 0", row[:10].tolist()
    )
    return ScaleModel(answer, spread, weights)


def _tensor(tensors: Mapping[str, Array], name: str, shape: tuple[int, ...] | None) -> Array:
    found = tensors.get(name)
    rule = f"must be finite float64, {'in one row' if shape is None else shape}"
    if found is None or found.dtype != np.float64 or (found.ndim != 1 if shape is None else found.shape != shape):
        refuse(f"field `{name}` {rule}.")
    check(bool(np.isfinite(found).all()), name, rule, "others")
    return found
