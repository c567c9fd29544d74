"""The training rows in short: each column, and how the columns vary together. No row is kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.preprocessing.encoders.eigenvectors import covariance
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.summaries.columns import LOWEST, ColumnSummary, NumberSummary, summarise_column
from descend.typing import Array, Floats

MOST_SCORES, MOST_LEVELS_OF_ONE = 96, 12
LEAST_SHARE = 0.01  # of the rows that a level, or missing, must have to be a score of its own
ROWS_OF_A_COVARIANCE = 10_000
VALUE, MISSING = "value", "missing"


@dataclass(frozen=True, order=True)
class Score:
    """One number that is computed of a row, by which columns of all kinds are compared.

    Parameters
    ----------
    column : str
        Of which column.
    what : str
        "value": the normal score of a number's rank, 0 where it is missing; "missing": 1 where it is missing, else 0;
        "level": 1 where it is that level, else 0.
    level : int, default -1
        Place of the level in the column's summary.
    """

    column: str
    what: str
    level: int = -1


@dataclass(frozen=True, eq=False)
class TableSummary:
    """The training rows in short.

    Parameters
    ----------
    rows : int
        How many there were; each counts once, whatever its weight.
    columns : dict of str to NumberSummary or LevelSummary
        Each column, by its name.
    scores : tuple of Score
        At most 96, whose means and covariances are known.
    mean : ndarray of float64, shape (d,)
        Of the scores.
    covariance : ndarray of float64, shape (d, d)
        Of the scores, symmetric.
    answers : tuple of NumberSummary
        What was predicted for training rows, by networks that had not learnt them: one for each output, a number or
        the probability of a class; none if that is not known.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> columns = make_column("a", "number", [1.0, 2.0, 3.0, 4.0]), make_column("b", "category", list("xxyx"))
    >>> summary = summarise(Inputs({one.name: one for one in columns}))
    >>> summary.rows, [(one.column, one.what) for one in summary.scores]
    (4, [('a', 'value'), ('b', 'level')])
    >>> summary.mean.tolist()
    [0.0, 0.25]
    """

    rows: int
    columns: dict[str, ColumnSummary]
    scores: tuple[Score, ...]
    mean: Floats
    covariance: Floats
    answers: tuple[NumberSummary, ...] = ()

    def score_rows(self, inputs: Inputs) -> Floats:
        """Return the scores of rows, float64, shape (m, d)."""
        return score_rows(inputs, self.columns, self.scores)


def summarise(inputs: Inputs) -> TableSummary:
    """Return the summary of training rows.

    Parameters
    ----------
    inputs : Inputs
        The columns of the rows, at least one row.
    """
    columns = {name: summarise_column(column) for name, column in inputs.columns.items()}
    scores = _scores(columns)
    rows = inputs.rows
    if rows > ROWS_OF_A_COVARIANCE:
        inputs = inputs.take(np.arange(ROWS_OF_A_COVARIANCE) * rows // ROWS_OF_A_COVARIANCE)
    Z = score_rows(inputs, columns, scores)
    mean = np.add.reduce(Z, axis=0) / len(Z)
    kept = covariance(Z - mean).astype(np.float32).astype(np.float64)  # as a file holds it
    return TableSummary(rows, columns, scores, mean, kept)


def _scores(columns: dict[str, ColumnSummary]) -> tuple[Score, ...]:
    """Return the scores that are kept: values first, then what varies most of levels and missing cells."""
    values, others = [], []
    for name, one in columns.items():
        if one.rows * LEAST_SHARE <= one.missing < one.rows:
            others.append((_spread(one.missing, one.rows), Score(name, MISSING)))
        if isinstance(one, NumberSummary):
            if len(one.quantiles) and one.quantiles[0] < one.quantiles[-1]:
                values.append(Score(name, VALUE))
            continue
        counts = list(enumerate(one.counts))[
            1 : MOST_LEVELS_OF_ONE + 1
        ]  # without the first: the others say what it says
        often = [(place, count) for place, count in counts if count >= one.rows * LEAST_SHARE]
        others += [(_spread(count, one.rows), Score(name, "level", place)) for place, count in often]
    others.sort(key=lambda pair: -pair[0])
    chosen = {*values[:MOST_SCORES], *(score for _, score in others[: max(0, MOST_SCORES - len(values))])}
    order = {name: place for place, name in enumerate(columns)}
    return tuple(sorted(chosen, key=lambda score: (order[score.column], score.what != VALUE, score.level)))


def _spread(count: int, rows: int) -> float:
    return count * (rows - count) / rows**2


def score_rows(inputs: Inputs, columns: dict[str, ColumnSummary], scores: tuple[Score, ...]) -> Floats:
    """Return the scores of rows, float64, shape (m, d)."""
    from scipy.special import ndtri

    Z = np.zeros((inputs.rows, len(scores)))
    codes: dict[str, Array] = {}
    for place, score in enumerate(scores):
        column, known = inputs.columns[score.column], columns[score.column]
        if score.what == MISSING:
            Z[:, place] = column.missing
        elif isinstance(known, NumberSummary):
            there = ~column.missing
            Z[there, place] = ndtri(np.clip(known.ranks(column.values[there]), LOWEST, 1.0 - LOWEST))
        else:
            if score.column not in codes:
                codes[score.column] = known.codes(column)
            Z[:, place] = codes[score.column] == score.level
    return Z
