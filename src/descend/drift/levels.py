"""Categories and booleans, new against old: how frequent each level is, and levels that no training row has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from descend.drift.chance import renamed_tail, two_sided, unseen_tail, upper_tail
from descend.drift.result import Renaming, Test
from descend.preprocessing.summaries.columns import LevelSummary
from descend.tables.columns.column import Column
from descend.typing import Array


@dataclass(frozen=True, eq=False)
class LevelCounts:
    """How many rows each level has.

    Parameters
    ----------
    old, new : ndarray of int64, shape (levels,)
        Training rows and new ones of the levels that training rows have.
    unseen : dict of str to int
        New rows of other levels.
    """

    old: Array
    new: Array
    unseen: dict[str, int]

    @property
    def unseen_rows(self) -> int:
        """New rows of levels that training rows do not have."""
        return sum(self.unseen.values())


def counts_of(summary: LevelSummary, column: Column) -> LevelCounts:
    """Count the levels of new rows.

    Examples
    --------
    >>> from descend.preprocessing.summaries.columns import summarise_column
    >>> from descend.tables.columns.column import make_column
    >>> summary = summarise_column(make_column("c", "category", ["a", "b", "a"]))
    >>> found = counts_of(summary, make_column("c", "category", ["b", "x", "", "x"]))
    >>> found.old.tolist(), found.new.tolist(), found.unseen
    ([2, 1], [0, 1], {'x': 2})
    """
    levels = len(summary.levels)
    if summary.kind == "boolean":
        new = np.bincount(column.present().astype(np.int64), minlength=levels)
        return LevelCounts(np.array(summary.counts), new, {})
    codes, texts = column.coded()
    rows = np.bincount(codes[codes >= 0], minlength=len(texts)).tolist()
    places = {level: place for place, level in enumerate(summary.levels)}
    new, unseen = np.zeros(levels, dtype=np.int64), {}
    for text, count in zip(texts, rows, strict=True):
        if count and text in places:
            new[places[text]] += count
        elif count:
            unseen[text] = count
    return LevelCounts(np.array(summary.counts, dtype=np.int64), new, unseen)


def level_tests(summary: LevelSummary, counts: LevelCounts) -> tuple[list[Test], int]:
    """Return the tests of a column of levels, and the place of the level that is least probable.

    Parameters
    ----------
    summary : LevelSummary
        Of the training rows.
    counts : LevelCounts
        Of training rows and new ones.

    Returns
    -------
    tests : list of Test
        "levels" and "unseen".
    place : int
        In the summary's levels, and after these in `unseen`; −1 if there are no rows.
    """
    seen, unseen = counts.new, np.array([*counts.unseen.values()], dtype=np.int64)
    new, old = int(seen.sum() + unseen.sum()), summary.there
    if not new or not old:
        return [], -1
    drawn = np.concatenate([seen, unseen])
    totals = np.concatenate([counts.old + seen, unseen])
    if summary.rest:
        return _of_very_many(summary, counts, new, old)
    least = two_sided(drawn, totals, new, new + old)
    place = int(np.argmin(least))
    tests = [Test("levels", float(drawn[place]), min(1.0, float(least[place]) * len(drawn)))]
    if summary.kind != "boolean":
        tests.append(Test("unseen", float(len(unseen)), unseen_tail(len(unseen), totals, new, old)))
    return tests, place


def renaming_of(summary: LevelSummary, counts: LevelCounts) -> tuple[Renaming | None, Test]:
    """Return the level that vanished and the one that appeared, and how probable that is.

    None, and a p-value of 1, if there are none, or more levels than are kept.

    Examples
    --------
    >>> from descend.preprocessing.summaries.columns import summarise_column
    >>> from descend.tables.columns.column import make_column
    >>> summary = summarise_column(make_column("c", "category", ["a", "b", "a", "b", "c"] * 8))
    >>> new = make_column("c", "category", ["a", "z", "a", "z", "c"] * 8)
    >>> found, test = renaming_of(summary, counts_of(summary, new))
    >>> found.gone, found.came, found.likely, test.p < 1e-6
    ('b', 'z', True, True)
    """
    new, old = int(counts.new.sum()) + counts.unseen_rows, summary.there
    gone = np.where(counts.new == 0, counts.old, 0)
    if summary.rest or not counts.unseen or not gone.any():
        return None, Test("renamed", 0.0, 1.0)
    place, came = int(np.argmax(gone)), most_frequent(counts.unseen, 1)[0]
    unseen = np.array([*counts.unseen.values()])
    rows = int(gone[place]), counts.unseen[came]
    p = renamed_tail(rows, np.concatenate([counts.old + counts.new, unseen]), new, old)
    before, now = rows[0] / old, rows[1] / new
    ways = int(_alike(gone / old, now).sum()), int(_alike(unseen / new, before).sum())
    likely = ways == (1, 1) and bool(_alike(np.array(before), now))
    return Renaming(summary.levels[place], came, before, now, likely), Test("renamed", float(sum(rows)), p)


def _alike(shares: Array, other: float) -> Array:
    """Whether each share is half to twice the other."""
    return np.asarray((shares <= 2.0 * other) & (other <= 2.0 * shares))


def _of_very_many(summary: LevelSummary, counts: LevelCounts, new: int, old: int) -> tuple[list[Test], int]:
    """Of more levels than are kept, only whether too many rows have others than the most frequent ones.

    The most frequent ones owe some of that to chance: a new row has one of them about as often as a training row of
    which the level would still be kept if it had a row less.
    """
    drawn = counts.new
    least = two_sided(drawn, counts.old + drawn, new, new + old)
    place = int(np.argmin(least))
    tests = [Test("levels", float(drawn[place]), min(1.0, float(least[place]) * (len(drawn) + summary.rest)))]
    barely = int(counts.old[counts.old <= counts.old.min() + 1].sum())
    others = counts.unseen_rows
    p = float(upper_tail(others, summary.rest + barely + others, new, new + old))
    return [*tests, Test("unseen", float(others), p)], place


def most_frequent(unseen: dict[str, int], most: int = 5) -> tuple[str, ...]:
    """Return the most frequent of unseen levels, among equals in alphabetical order.

    Examples
    --------
    >>> most_frequent({"b": 1, "c": 3, "a": 1}, 2)
    ('c', 'a')
    """
    ordered: Sequence[str] = sorted(unseen, key=lambda level: (-unseen[level], level))
    return tuple(ordered[:most])
