"""New rows against the summary of the training rows -> `Drift`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from descend.drift.answers import Answers
from descend.drift.chance import two_sided
from descend.drift.levels import LevelCounts, counts_of, level_tests, most_frequent, renaming_of
from descend.drift.numbers import answer_tests, expected_outside, number_tests
from descend.drift.result import ColumnDrift, Drift, TableDrift, Test
from descend.drift.units import unit_factor
from descend.drift.whole import whole_test
from descend.drift.words import line, sentences
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import LevelSummary, NumberSummary
from descend.preprocessing.summaries.table import TableSummary
from descend.tables.columns.column import Column
from descend.typing import Array

MOST_TOGETHER = 4_000  # new rows that are compared by all columns together
MOST_ROWS = 10_000  # new rows that are tested; values outside, unseen levels and missing cells are counted in all
# up to which p-value, times columns, unseen levels are told: where training rows have levels of one row, and have none
CHANCE_OF_ONE, CHANCE_OF_NONE = 0.03, 0.1
SLACK = 0.05  # predictions may be larger than before with a probability of 0.45 to 0.55: fewer networks gave the old


def compare(summary: TableSummary, inputs: Inputs, answers: Answers | None = None) -> Drift:
    """Compare new rows with the training rows.

    Parameters
    ----------
    summary : TableSummary
        The training rows in short.
    inputs : Inputs
        The new rows, at least one; columns as in training.
    answers : mapping of str to Answer, or None
        What is predicted for them, by the names of `summary.answers`.

    Returns
    -------
    Drift

    Examples
    --------
    >>> from descend.preprocessing.summaries.table import summarise
    >>> from descend.tables.columns.column import make_column
    >>> def rows(values):
    ...     return Inputs({"a": make_column("a", "number", values)})
    >>> old = summarise(rows(np.arange(1000.0) % 97))
    >>> compare(old, rows(np.arange(300.0) * 7 % 97)).differs, compare(old, rows(np.arange(300.0) % 89 + 20)).differs
    (False, True)
    """
    total = inputs.rows
    some = inputs
    if total > MOST_ROWS:
        places = _spread(total, MOST_ROWS)
        some = inputs.take(places)
        answers = (
            None if answers is None else {k: replace(one, values=one.values[places]) for k, one in answers.items()}
        )
    categories = sum(one.kind == "category" for one in summary.columns.values())
    columns = [
        _number(one, inputs.columns[name], some.columns[name])
        if isinstance(one, NumberSummary)
        else _level(one, inputs.columns[name], categories)
        for name, one in summary.columns.items()
    ]
    predictions = [] if answers is None else _predictions(summary.answers, answers)
    whole = whole_test(summary, some if some.rows <= MOST_TOGETHER else some.take(_spread(some.rows, MOST_TOGETHER)))
    questions = len(columns) + (whole is not None) + len(predictions)
    table = None
    if whole is not None:
        statistic, p, auc, scores = whole
        table = TableDrift(scores, statistic, auc, min(1.0, p * questions))
    found = tuple(_counted(one, questions) for one in columns)
    predicted = tuple(_counted(one, questions) for one in predictions)
    words = tuple(sentences(found, table, predicted)), line(found, table, predicted)
    return Drift(total, summary.rows, found, table, predicted, *words)


def _spread(rows: int, count: int) -> Array:
    """Return the numbers of so many rows, evenly spread."""
    return np.arange(count) * rows // count


def _counted(one: ColumnDrift, questions: int) -> ColumnDrift:
    """Count all tests: of the column, and of all columns."""
    if not one.tests:
        return one
    least = min(test.p for test in one.tests)
    return replace(one, p=min(1.0, least * len(one.tests) * questions))


def _missing_test(missing: int, rows: int, before: int, rows_before: int) -> Test:
    if not missing and not before:
        return Test("missing", 0.0, 1.0)
    p = float(two_sided(missing, missing + before, rows, rows + rows_before))
    return Test("missing", float(missing), p)


def _number(summary: NumberSummary, column: Column, some: Column) -> ColumnDrift:
    values = column.present()
    tested = np.sort(values if some is column else some.present())
    tests = [_missing_test(len(column) - len(values), len(column), summary.missing, summary.rows)]
    known = bool(len(summary.quantiles))
    below = int(np.count_nonzero(values < summary.quantiles[0])) if known else 0
    above = int(np.count_nonzero(values > summary.quantiles[-1])) if known else 0
    tests += number_tests(summary, tested, (below, above), len(values))
    differs = min(test.p for test in tests) < 0.01  # only then the factor is looked for: it takes time
    return ColumnDrift(
        summary.name,
        summary.kind,
        tuple(tests),
        1.0,
        len(column) - len(values),
        (len(column) - len(values)) / len(column),
        summary.missing / summary.rows,
        below=below,
        above=above,
        outside_expected=expected_outside(summary, len(values)) if known else None,
        median=_median(tested),
        median_before=float(summary.at(np.array([0.5]))[0]) if known else None,
        factor=unit_factor(summary, tested) if differs and summary.kind == "number" else None,
    )


def _median(ordered: Array) -> float | None:
    if not len(ordered):
        return None
    middle = ordered[[(len(ordered) - 1) // 2, len(ordered) // 2]]
    return float(middle[0] * 0.5 + middle[1] * 0.5)


def _level(summary: LevelSummary, column: Column, categories: int) -> ColumnDrift:
    counts = counts_of(summary, column)
    missing = int(column.missing.sum())
    tests, place = level_tests(summary, counts)
    level, share, before = _share(summary, counts, place)
    renaming, renamed = renaming_of(summary, counts)
    if tests and summary.kind == "category" and not summary.rest:
        tests.append(renamed)
    return ColumnDrift(
        summary.name,
        summary.kind,
        (_missing_test(missing, len(column), summary.missing, summary.rows), *tests),
        1.0,
        missing,
        missing / len(column),
        summary.missing / summary.rows,
        unseen=counts.unseen_rows,
        unseen_levels=most_frequent(counts.unseen),
        unseen_usual=_is_usual(summary, tests, categories),
        level=level,
        share=share,
        share_before=before,
        renaming=renaming,
    )


def _is_usual(summary: LevelSummary, tests: Sequence[Test], categories: int) -> bool:
    """Whether unseen levels are what chance brings, of so many columns with levels."""
    p = max((test.p for test in tests if test.what == "unseen"), default=0.0)
    return p * categories > (CHANCE_OF_ONE if summary.single else CHANCE_OF_NONE)


def _share(summary: LevelSummary, counts: LevelCounts, place: int) -> tuple[str | None, float | None, float | None]:
    if place < 0:
        return None, None, None
    new = int(counts.new.sum()) + counts.unseen_rows
    if place < len(summary.levels) and counts.unseen:  # a level that has another name now is told by that
        level = most_frequent(counts.unseen, 1)[0]
        apart = abs(int(counts.new[place]) / new - int(counts.old[place]) / summary.there)
        if counts.unseen[level] / new >= 0.5 * apart:
            return level, counts.unseen[level] / new, 0.0
    if place < len(summary.levels):
        return summary.levels[place], int(counts.new[place]) / new, int(counts.old[place]) / summary.there
    level = [*counts.unseen][place - len(summary.levels)]
    return level, counts.unseen[level] / new, 0.0


def _predictions(known: Sequence[NumberSummary], answers: Answers) -> list[ColumnDrift]:
    found = []
    for one in (one for one in known if one.name in answers):
        every, tolerance = answers[one.name].values, answers[one.name].tolerance
        values = every[np.isfinite(every)]
        before = _mean(one.quantiles)
        now = _mean(values)
        moved = before is not None and now is not None and abs(now - before) > tolerance
        tests = tuple(answer_tests(one, values, SLACK)) if moved else ()
        lost = len(every) - len(values)
        share = lost / len(every)
        found.append(ColumnDrift(one.name, "prediction", tests, 1.0, lost, share, 0.0, mean=now, mean_before=before))
    return found


def _mean(values: Array) -> float | None:
    return float(np.add.reduce(values)) / len(values) if len(values) else None
