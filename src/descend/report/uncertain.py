"""How well intervals of numbers, or sets of classes, hold on the rows that judge."""

from __future__ import annotations

import numpy as np

from descend.describe.report import IN_INTERVAL, IN_SET, coverage_words
from descend.describe.uncertainty import COVERAGE, uncertainty_facts
from descend.errors import DataError
from descend.models.model import Model
from descend.models.rows import PreparedRows
from descend.report.charts.answers import intervals_figure
from descend.report.parts import Part
from descend.typing import Array


def uncertain_parts(model: Model, rows: PreparedRows, outputs: Array, target: str) -> list[Part]:
    """Return what is known of how far answers may be off, and how that held on these rows.

    Parameters
    ----------
    model : Model
        Of a table.
    rows : PreparedRows
        That judge, (m,).
    outputs : ndarray, shape (m, n_d)
        What the networks answer them.
    target : str
        Name of the target.
    """
    known = model.sections.uncertainty
    if known is None or rows.inputs is None:
        return []
    parts: list[Part] = [uncertainty_facts(known)]
    try:
        if model.preprocessing.task.kind == "classify":
            sets = model.set_of(rows.inputs, outputs, COVERAGE)
            inside = int(sets[np.arange(len(sets)), rows.truth.astype(np.int64)].sum())
            return [*parts, coverage_words(inside, len(sets), float(sets.sum(axis=1).mean()), IN_SET)]
        ends = model.interval_of(rows.inputs, outputs, COVERAGE)
    except DataError:  # too few residuals for the coverage, as the facts say
        return parts
    inside = int(((ends[:, 0] <= rows.truth) & (rows.truth <= ends[:, 1])).sum())
    width = float((ends[:, 1] - ends[:, 0]).mean())
    words = coverage_words(inside, len(ends), width, IN_INTERVAL)
    return [*parts, intervals_figure(target, rows.truth, ends), words]
