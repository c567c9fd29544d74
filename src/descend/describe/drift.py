"""How new rows differ from the training rows: facts, a table, and the document of `descend drift --json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from descend.describe.documents import document
from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, number
from descend.drift.result import ColumnDrift, Drift
from descend.errors import cut
from descend.models.model import Model
from descend.tables.columns.column import date_text

ROUNDED = 0.001
MEANING = (
    "Now, before: the median of a number or a date, the share of the category that differs most, the mean of a "
    "prediction. Outside: rows whose number or date no training row reaches; in brackets, how many chance brings. "
    "Unknown: rows whose category no training row has. p: how probable it is that a column differs so much by chance, "
    "all tests of all columns counted; * at most 0.02."
)
CALM = (
    "All together do not differ though {}: there the means of {} made of a row (ranks, missing cells, frequent "
    "categories) are compared at once; what changes in one column, or in its shape only, may be lost among them."
)


def drift_facts(found: Drift) -> list[Fact]:
    """Return what is said of the whole."""
    differing = sum(one.differs for one in found.columns)
    compared = f"{count(found.rows, 'row')} with {count(found.training_rows, 'training row')}"
    facts: list[Fact] = [("compared", compared)]
    facts.append(("columns", f"{differing} of {len(found.columns)} differ" if differing else "none differs"))
    table = found.together
    if table is None:
        facts.append(("all together", "not compared: that takes 50 rows, and as many training rows"))
    else:
        told = "differ" if table.differs else "do not differ"
        apart = f"AUC of a linear classifier {table.auc:.2f} (at 0.5 it cannot tell them apart)"
        facts.append(("all together", f"{told}; {apart}, p {p_text(table.p)}"))
    return facts


def meaning(found: Drift) -> list[str]:
    """Return what the figures mean; and why all together may be calm where a column is not, if that is so.

    Examples
    --------
    >>> from descend.drift.result import TableDrift
    >>> one, table = ColumnDrift("a", "number", (), 0.001, 3, 0.03, 0.0), TableDrift(7, 9.0, 0.5, 1.0)
    >>> meaning(Drift(100, 200, (one,), table))[1].partition(":")[0]
    'All together do not differ though 1 column differs'
    """
    differing = sum(one.differs for one in found.columns)
    if found.together is None or found.together.differs or not differing:
        return [MEANING]
    some = "1 column differs" if differing == 1 else f"{differing} columns differ"
    return [MEANING, CALM.format(some, count(found.together.scores, "number"))]


def drift_grid(found: Drift) -> Grid:
    """Return a row for each column and each prediction, those that differ first.

    Examples
    --------
    >>> one = ColumnDrift("a", "number", (), 0.001, 3, 0.03, 0.0, below=0, above=2, outside_expected=0.25, median=1.5)
    >>> drift_grid(Drift(100, 200, (one,), None)).rows
    (('* a', '1.5', '–', '3 %', '0 %', '2 (0.25)', '–', '0.001'),)
    """
    heads = ("", "now", "before", "missing\nnow", "missing\nbefore", "outside", "unknown", "p")
    ordered = sorted((*found.columns, *found.predictions), key=lambda one: one.p)
    return Grid(heads, tuple(map(_row, ordered)), words=(0, 1, 2))


def _row(one: ColumnDrift) -> tuple[str, ...]:
    mark = "* " if one.differs else "  "
    name = f"prediction {one.name}" if one.kind == "prediction" else one.name
    outside = "–" if one.below is None else f"{one.below + (one.above or 0)} ({number(one.outside_expected, 2)})"
    unknown = "–" if one.unseen is None else str(one.unseen)
    missing = percent(one.missing_share), percent(one.missing_share_before)
    return (mark + cut(name, 30), *_values(one), *missing, outside, unknown, p_text(one.p))


def _values(one: ColumnDrift) -> tuple[str, str]:
    if one.level is not None:
        return f"{percent(one.share)} {cut(one.level, 20)}", percent(one.share_before)
    if one.kind == "prediction":
        return number(one.mean), number(one.mean_before)
    if one.kind == "date":
        ends = (one.median, one.median_before)
        now, before = ("–" if end is None else date_text(float(round(end))) for end in ends)
        return now, before
    return number(one.median), number(one.median_before)


def percent(share: float | None) -> str:
    """Format a share.

    Examples
    --------
    >>> percent(0.123), percent(0.0004), percent(None)
    ('12 %', '0.04 %', '–')
    """
    return "–" if share is None else f"{number(100.0 * share, 2)} %"


def p_text(p: float) -> str:
    """Format a p-value.

    Examples
    --------
    >>> p_text(1.0), p_text(0.0123), p_text(1e-9)
    ('1', '0.01', '< 0.001')
    """
    return "< 0.001" if p < ROUNDED else number(p, 1)


def drift_document(model: Model, found: Drift, path: Path, table: str) -> dict[str, Any]:
    """Return how new rows differ from the training rows, as plain data.

    Parameters
    ----------
    model : Model
        That was asked.
    found : Drift
        What it found.
    path : Path
        Of the model.
    table : str
        As it was typed.
    """
    return document("drift", model=str(path), table=table, target=model.preprocessing.target, **found.to_dict())
