"""A summary of training rows <-> the JSON-able data and tensors of a model file. Reading trusts nothing.

rows                 how many
columns              [{name, kind, missing, integer, discrete, quantiles: how many}] of numbers and dates,
                     [{name, kind, missing, levels, counts, rest, single}] of categories and booleans
scores               [[column, what, level], …]
answers              [{…}] as of numbers: predictions that the training rows got, by networks that did not know them
summary.quantiles    float64: of all numbers and dates, then of the answers, one after the other
summary.below        int32 (int64 for 2³¹ rows and more), as long: values less than each of these
summary.up_to        the same: values at most as large
summary.mean         float64 (d,)
summary.covariance   float32: the upper triangle, row by row
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from descend.preprocessing.checks import check, check_fields
from descend.preprocessing.summaries.columns import (
    BOOLEAN,
    MOST_LEVELS,
    MOST_QUANTILES,
    ColumnSummary,
    LevelSummary,
    NumberSummary,
)
from descend.preprocessing.summaries.table import MISSING, MOST_SCORES, VALUE, Score, TableSummary
from descend.typing import Array, are_texts, is_whole

Parts = dict[str, Any]
_NUMBER = ("name", "kind", "missing", "integer", "discrete", "quantiles")
_LEVELS = ("name", "kind", "missing", "levels", "counts", "rest", "single")
QUANTILES, BELOW, UP_TO = "summary.quantiles", "summary.below", "summary.up_to"
MEAN, COVARIANCE = "summary.mean", "summary.covariance"
TENSORS = (QUANTILES, BELOW, UP_TO, MEAN, COVARIANCE)


# ---------------------------------------------------------------- writing


def summary_parts(summary: TableSummary) -> tuple[Parts, dict[str, Array]]:
    """Return the data and the tensors of a summary."""
    columns = [_column_parts(one) for one in summary.columns.values()]
    numbers = [one for one in summary.columns.values() if isinstance(one, NumberSummary)] + list(summary.answers)
    scores = [[one.column, one.what, one.level] for one in summary.scores]
    upper = np.triu_indices(len(summary.scores))
    tensors = {
        QUANTILES: np.concatenate([np.empty(0), *(one.quantiles for one in numbers)]),
        BELOW: np.concatenate([np.empty(0, np.int64), *(one.below for one in numbers)]).astype(_counts(summary.rows)),
        UP_TO: np.concatenate([np.empty(0, np.int64), *(one.up_to for one in numbers)]).astype(_counts(summary.rows)),
        MEAN: summary.mean.astype(np.float64),
        COVARIANCE: summary.covariance[upper].astype(np.float32),
    }
    answers = [_column_parts(one) | {"rows": one.rows} for one in summary.answers]
    return {"rows": summary.rows, "columns": columns, "scores": scores, "answers": answers}, tensors


def _counts(rows: int) -> Any:
    """The type of counts of rows."""
    return np.int32 if rows < 2**31 else np.int64


def _column_parts(one: ColumnSummary) -> Parts:
    parts: Parts = {"name": one.name, "kind": one.kind, "missing": one.missing}
    if isinstance(one, NumberSummary):
        return parts | {"integer": one.integer, "discrete": one.discrete, "quantiles": len(one.quantiles)}
    levels = [] if one.kind == "boolean" else list(one.levels)
    return parts | {"levels": levels, "counts": list(one.counts), "rest": one.rest, "single": one.single}


# ---------------------------------------------------------------- reading


def summary_from_parts(parts: Any, tensors: Mapping[str, Array], kinds: Mapping[str, str]) -> TableSummary:
    """Return the summary that a file describes.

    Parameters
    ----------
    parts : object
        The field of the document.
    tensors : mapping of str to ndarray
        All tensors of the file.
    kinds : mapping of str to str
        The kind of each input column.

    Raises
    ------
    FileError
        Naming the field or tensor that is wrong.
    """
    check_fields(parts, ("rows", "columns", "scores", "answers"), "summary.")
    rows = parts["rows"]
    check(is_whole(rows, 1) and rows < 2**48, "summary.rows", "must be a whole number ≥ 1", rows)
    check(isinstance(parts["columns"], list), "summary.columns", "must be a list", parts["columns"])
    numbers = _Numbers(tensors, _counts(rows))
    columns: dict[str, ColumnSummary] = {}
    for place, entry in enumerate(parts["columns"]):
        where = f"summary.columns[{place}]"
        check(isinstance(entry, dict), where, "must be an object", entry)
        name, kind = entry.get("name"), entry.get("kind")
        right = isinstance(name, str) and name not in columns and kinds.get(name) == kind
        check(right, f"{where}.name", "must be an input, of its kind, each once", name)
        check_fields(entry, _NUMBER if kind in ("number", "date") else _LEVELS, f"{where}.")
        _check_counts(entry, ("missing",), rows, where)
        if kind in ("number", "date"):
            columns[str(name)] = numbers.take(entry, rows, where)
        else:
            columns[str(name)] = _levels(entry, rows, where)
    check(set(columns) == set(kinds), "summary.columns", "must be all inputs", list(columns))
    scores = _scores(parts["scores"], columns)
    answers = _answers(parts["answers"], numbers)
    numbers.check_end()
    return TableSummary(rows, columns, scores, *_moments(tensors, len(scores)), answers)


def _answers(entries: Any, numbers: _Numbers) -> tuple[NumberSummary, ...]:
    check(isinstance(entries, list), "summary.answers", "must be a list", entries)
    found = []
    for place, entry in enumerate(entries):
        where = f"summary.answers[{place}]"
        check_fields(entry, (*_NUMBER, "rows"), f"{where}.")
        right = isinstance(entry["name"], str) and entry["kind"] == "number" and is_whole(entry["rows"], 1)
        check(right and entry["rows"] < 2**48, where, "must have a name, the kind number and rows", entry)
        _check_counts(entry, ("missing",), entry["rows"], where)
        found.append(numbers.take(entry, entry["rows"], where))
    return tuple(found)


def _tensor(tensors: Mapping[str, Array], name: str, dtype: Any) -> Array:
    found = tensors.get(name)
    right = found is not None and found.ndim == 1 and found.dtype == dtype and bool(np.isfinite(found).all())
    check(right, name, f"must be finite {np.dtype(dtype)} in one row", None if found is None else found.dtype)
    assert found is not None
    return found


def _check_counts(entry: Parts, names: tuple[str, ...], most: int, where: str) -> None:
    for name in names:
        right = is_whole(entry[name], 0) and entry[name] <= most
        check(right, f"{where}.{name}", f"must be a whole number from 0 to {most}", entry[name])


class _Numbers:
    """Quantiles of columns, one after the other, and where they stand."""

    def __init__(self, tensors: Mapping[str, Array], counts: Any) -> None:
        self.quantiles = _tensor(tensors, QUANTILES, np.float64)
        self.below, self.up_to = (_tensor(tensors, name, counts).astype(np.int64) for name in (BELOW, UP_TO))
        self.start = 0
        for name, one in ((BELOW, self.below), (UP_TO, self.up_to)):
            check(len(one) == len(self.quantiles), name, f"must be as long as {QUANTILES}", len(one))

    def take(self, entry: Parts, rows: int, where: str) -> NumberSummary:
        """Return the next column."""
        _check_counts(entry, ("quantiles",), min(MOST_QUANTILES, len(self.quantiles) - self.start), where)
        for name in ("integer", "discrete"):
            check(isinstance(entry[name], bool), f"{where}.{name}", "must be true or false", entry[name])
        part = slice(self.start, self.start + entry["quantiles"])
        own, below, up_to = self.quantiles[part].astype(np.float64), self.below[part], self.up_to[part]
        self.start = part.stop
        there = rows - entry["missing"]
        right = bool((np.diff(own) >= 0).all()) and len(own) != 1 and (len(own) > 0) == (there > 0)
        check(right, f"{where}.quantiles", "must be none or at least 2, ascending", len(own))
        check(_are_places(own, below, up_to, there), f"{where}.quantiles", "must stand where they can", where)
        fields = (entry["integer"], entry["discrete"])
        return NumberSummary(entry["name"], entry["kind"], rows, entry["missing"], *fields, own, below, up_to)

    def check_end(self) -> None:
        """Check that nothing is left."""
        check(self.start == len(self.quantiles), QUANTILES, "must be as long as the columns say", len(self.quantiles))


def _are_places(quantiles: Array, below: Array, up_to: Array, there: int) -> bool:
    """Whether so many values can be less than each quantile and at most as large."""
    if not len(quantiles):
        return True
    rising = np.diff(quantiles) > 0
    right = (below[1:] >= np.where(rising, up_to[:-1], below[:-1])) & (rising | (np.diff(below) == np.diff(up_to)))
    within = below[0] == 0 and up_to[-1] == there and (below <= up_to).all() and up_to[0] > 0 and below[-1] < there
    return bool(right.all()) and bool(within)


def _levels(entry: Parts, rows: int, where: str) -> LevelSummary:
    _check_counts(entry, ("rest", "single"), rows, where)
    levels, counts = entry["levels"], entry["counts"]
    check(are_texts(levels), f"{where}.levels", "must be a list of texts", levels)
    check(entry["kind"] == "category" or not levels, f"{where}.levels", "must be empty for a boolean", levels)
    check(len(set(levels)) == len(levels) <= MOST_LEVELS, f"{where}.levels", "must be different", levels)
    levels = list(BOOLEAN) if entry["kind"] == "boolean" else levels
    right = isinstance(counts, list) and len(counts) == len(levels) and all(is_whole(one, 0) for one in counts)
    right = right and sum(counts) + entry["rest"] + entry["missing"] == rows
    check(right, f"{where}.counts", "must be one for each level, with what is missing as many as rows", counts)
    numbers = tuple(counts), entry["rest"], entry["single"]
    return LevelSummary(entry["name"], entry["kind"], rows, entry["missing"], tuple(levels), *numbers)


def _scores(entries: Any, columns: Mapping[str, ColumnSummary]) -> tuple[Score, ...]:
    right = isinstance(entries, list) and len(entries) <= MOST_SCORES
    check(right, "summary.scores", f"must be a list of at most {MOST_SCORES}", entries)
    scores = []
    for place, entry in enumerate(entries):
        check(_is_score(entry, columns), f"summary.scores[{place}]", "must be column, what and level", entry)
        scores.append(Score(*entry))
    check(len(set(scores)) == len(scores), "summary.scores", "must be different", len(scores))
    return tuple(scores)


def _is_score(entry: Any, columns: Mapping[str, ColumnSummary]) -> bool:
    if not isinstance(entry, list) or len(entry) != 3 or not isinstance(entry[0], str) or entry[0] not in columns:
        return False
    column, what, level = columns[entry[0]], entry[1], entry[2]
    if what == "level":
        return isinstance(column, LevelSummary) and is_whole(level, 0) and level < len(column.levels)
    values = what == VALUE and isinstance(column, NumberSummary) and len(column.quantiles) > 0
    return (values or what == MISSING) and type(level) is int and level == -1


def _moments(tensors: Mapping[str, Array], d: int) -> tuple[Array, Array]:
    mean, upper = _tensor(tensors, MEAN, np.float64), _tensor(tensors, COVARIANCE, np.float32)
    check(len(mean) == d, MEAN, "must be one for each score", len(mean))
    check(len(upper) == d * (d + 1) // 2, COVARIANCE, "must be a triangle of the scores", len(upper))
    covariance = np.zeros((d, d))
    covariance[np.triu_indices(d)] = upper
    covariance = covariance + covariance.T - np.diag(np.diag(covariance))
    check(bool((np.diag(covariance) >= 0).all()), COVARIANCE, "must not be negative on its diagonal", d)
    return mean.astype(np.float64), covariance
