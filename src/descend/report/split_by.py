"""Residuals along what rows were split by: the time, or groups."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from descend.describe.numbers import number
from descend.errors import DescendError
from descend.models.model import Model
from descend.models.parts import with_targets
from descend.models.rows import PreparedRows
from descend.preprocessing.encoders.inputs import Input
from descend.report.charts.answers import MOST_BOXES, residuals_by_figure
from descend.report.judged import Judged
from descend.report.parts import Part
from descend.tables.columns.column import date_text
from descend.tables.convert import as_table
from descend.typing import Array

LEAST_ROWS, PERIODS = 8, 8  # of a box, and parts of a time
_SPLIT = re.compile(r'in (whole groups of|the order of) "(.+)" \(')  # as `descend.preprocessing.split` says it


def split_by(model: Model) -> tuple[str, str]:
    """Return "group" or "time" and the column by which the rows of a training were split; two "" if by none."""
    found = _SPLIT.match((model.record.get("split") or {}).get("description", ""))
    if found is None:
        return "", ""
    return ("group" if found[1] == "whole groups of" else "time"), found[2]


def groups_of(model: Model, table: Any) -> Array | None:
    """Return the group of each row that judges, as texts, (m,); None if a table has none that training was split by."""
    what, column = split_by(model)
    if what != "group" or table == "-":
        return None
    try:
        whole = as_table(table)
        found = whole.column(column)
        judging, _ = with_targets(model.preprocessing.table_of(whole), model.record)
    except DescendError:
        return None
    found = found.take(np.searchsorted(whole.row_numbers, judging.row_numbers))
    values = np.asarray(found.values)
    shown = [number(float(one)) if found.kind == "number" else str(one) for one in values.tolist()]
    return np.array(shown, dtype=object)


def residuals_by_parts(model: Model, rows: PreparedRows | None, judged: Judged, groups: Array | None) -> list[Part]:
    """Return residuals of numbers along the time, or in the most frequent groups; nothing if rows were drawn at random.

    Parameters
    ----------
    model : Model
        Of a table.
    rows : PreparedRows or None
        That judge.
    judged : Judged
        The target on them.
    groups : ndarray or None
        From `groups_of`.
    """
    what, column = split_by(model)
    if not what or judged.classes or rows is None or judged.truth is None or judged.answers is None:
        return []
    residuals = judged.truth - judged.answers
    if what == "group":
        parts = [] if groups is None or len(groups) != len(residuals) else _by_groups(groups, residuals)
    else:
        parts = _by_time(rows, column, residuals)
    return [residuals_by_figure(column, parts, what == "time")] if len(parts) > 1 else []


def _by_groups(groups: Array, residuals: Array) -> list[tuple[str, Array]]:
    names, place, counts = np.unique(groups.astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_BOXES]
    return [(str(names[k]), residuals[place == k]) for k in order.tolist()]


def _by_time(rows: PreparedRows, column: str, residuals: Array) -> list[tuple[str, Array]]:
    """Parts of equally many rows, each by its first moment."""
    if rows.inputs is None or column not in rows.inputs.columns:
        return []
    own = rows.inputs.columns[column]
    if own.kind not in ("number", "date"):
        return []
    moments = rows.inputs.numbers(Input(column))
    order = np.argsort(moments, kind="stable")
    order = order[np.isfinite(moments[order])]
    parts = np.array_split(order, max(1, min(PERIODS, len(order) // LEAST_ROWS)))
    write = date_text if own.kind == "date" else number
    return [(f"from {write(float(moments[part[0]]))}", residuals[part]) for part in parts if len(part)]
