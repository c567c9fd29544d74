"""What a comparison of new rows with the training rows finds, as plain figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LEVEL = 0.02  # how probable any warning is on rows of the same source


@dataclass(frozen=True)
class Test:
    """One question that was asked of a column.

    Parameters
    ----------
    what : {"location", "distribution", "range", "missing", "levels", "unseen", "renamed"}
        What was compared: ranks on average; distribution functions; values beyond all training rows; missing cells;
        how frequent levels are; levels that no training row has; a level that vanished and one that appeared.
    statistic : float
        location: how probable it is that a new row has the larger value of one new row and one old, 0.5 if nothing
        differs; distribution: the largest distance of the distribution functions, 0 to 1; range: rows beyond, of the
        side that is less probable; missing: cells; levels: rows of the level that is least probable; unseen: levels;
        renamed: rows of both levels.
    p : float
        How probable such a figure, or a more extreme one, is at most on rows of the same source.
    """

    what: str
    statistic: float
    p: float


@dataclass(frozen=True)
class Renaming:
    """A level that only training rows have, and one that only new rows have: the most frequent of each.

    Parameters
    ----------
    gone, came : str
        The levels.
    share_before, share : float
        The share of the one among the training rows, of the other among the new rows.
    likely : bool
        Whether they may be one level by another name: each alone is half to twice as frequent as the other.
    """

    gone: str
    came: str
    share_before: float
    share: float
    likely: bool

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True)
class ColumnDrift:
    """One column, or one prediction, new against old. What does not apply is None.

    Parameters
    ----------
    name, kind : str
        Of the column; the kind of a prediction is "prediction".
    tests : tuple of Test
        What was asked.
    p : float
        The least p-value times the number of all tests: at most 0.02 if the column differs.
    missing : int
        Cells that are missing.
    missing_share, missing_share_before : float
        Among the new rows and among the training rows.
    below, above : int or None
        Rows below the least and above the largest training value.
    outside_expected : float or None
        As many as lie outside on average if nothing differs, of both sides.
    median, median_before : float or None
        Of new rows and training rows; of dates seconds since 1970.
    mean, mean_before : float or None
        Of predictions.
    factor : str or None
        What the values look multiplied with, such as "× 1,000".
    unseen : int or None
        Rows with a level that no training row has; with very many levels, that none of the 1,000 most frequent is.
    unseen_levels : tuple of str
        At most 5 of these levels, the most frequent first.
    unseen_usual : bool
        Whether so many unseen levels are no surprise: training rows have levels that only one row has, too.
    level : str or None
        The level whose share differs most, against chance.
    share, share_before : float or None
        Its share among new rows and training rows.
    renaming : Renaming or None
        A level that vanished and one that appeared, if there are such.
    """

    name: str
    kind: str
    tests: tuple[Test, ...]
    p: float
    missing: int
    missing_share: float
    missing_share_before: float
    below: int | None = None
    above: int | None = None
    outside_expected: float | None = None
    median: float | None = None
    median_before: float | None = None
    mean: float | None = None
    mean_before: float | None = None
    factor: str | None = None
    unseen: int | None = None
    unseen_levels: tuple[str, ...] = ()
    unseen_usual: bool = False
    level: str | None = None
    share: float | None = None
    share_before: float | None = None
    renaming: Renaming | None = None

    @property
    def differs(self) -> bool:
        """Whether it differs by more than chance."""
        return self.p <= LEVEL

    @property
    def least(self) -> Test | None:
        """The test of the least p-value."""
        return min(self.tests, key=lambda one: one.p, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        tests = [{"what": one.what, "statistic": one.statistic, "p": one.p} for one in self.tests]
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        lists = {"tests": tests, "unseen_levels": list(self.unseen_levels)}
        renaming = None if self.renaming is None else self.renaming.to_dict()
        return fields | lists | {"renaming": renaming, "differs": self.differs}


@dataclass(frozen=True)
class TableDrift:
    """All columns at once: a linear classifier of old rows against new ones.

    Parameters
    ----------
    scores : int
        Numbers of a row that it looks at.
    statistic : float
        Hotelling's T².
    auc : float
        How often it would tell a new row from an old one, of rows that it has not seen: 0.5 is never, 1 always.
    p : float
        The p-value times the number of all tests.
    """

    scores: int
    statistic: float
    auc: float
    p: float

    @property
    def differs(self) -> bool:
        """Whether the table differs by more than chance."""
        return self.p <= LEVEL

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__} | {"differs": self.differs}


@dataclass(frozen=True)
class Drift:
    """New rows against the rows that a model has learnt.

    Parameters
    ----------
    rows, training_rows : int
        How many are compared.
    columns : tuple of ColumnDrift
        Each input.
    together : TableDrift or None
        All inputs at once; None for fewer than 50 rows.
    predictions : tuple of ColumnDrift
        What is predicted for the new rows against what was predicted for the training rows, by networks that had not
        learnt them: the number, or the probability of each class.
    warnings : tuple of str
        A sentence on each column that differs, the least probable first; on predictions and the table if they do.
    line : str
        All of that in one line; "" if nothing differs.
    """

    rows: int
    training_rows: int
    columns: tuple[ColumnDrift, ...]
    together: TableDrift | None
    predictions: tuple[ColumnDrift, ...] = ()
    warnings: tuple[str, ...] = ()
    line: str = ""

    @property
    def differs(self) -> bool:
        """Whether anything differs by more than chance: for rows of the same source in at most 2 of 100 cases."""
        together = self.together is not None and self.together.differs
        return together or any(one.differs for one in (*self.columns, *self.predictions))

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "rows": self.rows,
            "training_rows": self.training_rows,
            "differs": self.differs,
            "warnings": list(self.warnings),
            "columns": [one.to_dict() for one in self.columns],
            "together": None if self.together is None else self.together.to_dict(),
            "predictions": [one.to_dict() for one in self.predictions],
        }
