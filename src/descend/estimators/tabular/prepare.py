"""From what `fit` is given to what a blend learns from: the rows that count, typed columns, blocks, folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.errors import DataError, quoted
from descend.estimators.tabular.given import Together, dealing_of
from descend.estimators.tabular.metrics import Scorer
from descend.estimators.tabular.rows import table_of, take_rows
from descend.estimators.tabular.targets import Target
from descend.models.blends.blocks import Blocks
from descend.models.blends.descent import Goal
from descend.models.rows import inputs_of
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.folds import Dealing, Fold
from descend.preprocessing.roles import input_roles
from descend.preprocessing.transform import Preprocessing, fit_inputs
from descend.tables.columns.column import Column
from descend.tables.columns.sentences import in_python
from descend.tables.table import Table
from descend.typing import Array

LONG = 25  # signs of a text, on average, from which on it is free text
SAMPLED = 200  # texts that are looked at


@dataclass(frozen=True, eq=False)
class Counted:
    """The rows that count: those of weight 0 are gone.

    Parameters
    ----------
    X : data frame or ndarray
        All rows.
    kept : ndarray of int64, or None
        Numbers of the rows that count; None: all.
    y : ndarray
        Labels or numbers of these rows.
    Y : ndarray of float32, shape (n, n_d)
        What networks learn of them.
    weight : ndarray of float64, shape (n,), or None
        What each counts; None: all alike.
    total : int
        Number of all rows.
    own_weight : ndarray of float64, shape (n,), or None
        What each counts whatever its class.
    """

    X: Any
    kept: Array | None
    y: Any
    Y: Array
    weight: Array | None
    total: int
    own_weight: Array | None = None

    @property
    def places(self) -> Array:
        """Numbers of the rows that count among all rows."""
        return np.arange(self.total) if self.kept is None else self.kept


def rows_of(counted: Counted) -> Any:
    """The rows that count, as the user has them."""
    return counted.X if counted.kept is None else take_rows(counted.X, counted.kept)


def both(learn: Counted, chosen: Counted) -> Counted:
    """Rows that learn, and behind them those that choose."""
    weight = _joined(learn.weight, chosen.weight, learn, chosen)
    own = _joined(learn.own_weight, chosen.own_weight, learn, chosen)
    arrays = all(isinstance(one.y, np.ndarray) for one in (learn, chosen))
    y = np.concatenate([learn.y, chosen.y]) if arrays else None
    return replace(learn, y=y, Y=np.concatenate([learn.Y, chosen.Y]), weight=weight, own_weight=own)


def _joined(first: Array | None, second: Array | None, learn: Counted, chosen: Counted) -> Array | None:
    if first is None and second is None:
        return None
    given = zip((first, second), (learn, chosen), strict=True)
    return np.concatenate([np.ones(len(rows.Y)) if one is None else one for one, rows in given])


def spread(found: Array, places: Array, total: int) -> Array:
    """Answers at their places among all rows, NaN elsewhere."""
    out = np.full((total, *found.shape[1:]), np.nan)
    out[places] = found
    return out


@dataclass(frozen=True, eq=False)
class Learnt:
    """What the networks of a fit learn, and what judges them.

    Parameters
    ----------
    counted : Counted
        Rows that are learnt.
    judged : Counted
        Those, and the user's own rows that choose.
    inputs : Inputs
        The columns of the rows that are learnt.
    goal : Goal
        What networks learn of the rows that judge.
    scorer : Scorer or None
        The metric that chooses; None: the loss does.
    """

    counted: Counted
    judged: Counted
    inputs: Inputs
    goal: Goal
    scorer: Scorer | None


@dataclass(frozen=True, eq=False)
class Prepared:
    """The columns of the rows that count, ready for blocks.

    Parameters
    ----------
    columns : Preprocessing
        How columns are read, and their plain encoders.
    inputs : Inputs
        The columns.
    dealing : Dealing
        Which rows belong together.
    warnings : tuple of str
        What a user should act on.
    only_split : tuple of str
        Columns that named groups or times, and are no inputs.
    """

    columns: Preprocessing
    inputs: Inputs
    dealing: Dealing
    warnings: tuple[str, ...]
    only_split: tuple[str, ...]

    def blocks(
        self, goal_for_encoders: Array, weight: Array | None, folds: Sequence[Fold], seed: int, held: Inputs | None
    ) -> Blocks:
        """Return the blocks of these rows, and of rows of their own that choose."""
        plain = self.columns.encoders
        return Blocks(self.inputs, plain, goal_for_encoders, weight, self.dealing, folds, seed, held)


def prepare(counted: Counted, target: Target, by: Together | None, who: str) -> Prepared:
    """Read the columns, and find out which are inputs, and which rows belong together.

    Raises
    ------
    DataError
        If no input is left, cells are infinite or cannot be read, or groups or times do not suit.
    """
    table = table_of(counted.X, counted.kept)
    column = None if by is None else by.read(table, counted.kept, who)
    drop = _no_inputs(by, column)
    inputs, left_out, notes = input_roles(table, drop)
    reasons = {name: _reason(table, name, reason, drop) for name, reason in left_out.items()}
    columns = fit_inputs(table, inputs, reasons)
    columns = replace(columns, notes=(*table.notes, *map(in_python, notes), *columns.notes))
    names = list(columns.input_names)
    dealing = dealing_of(target.dealing(counted.Y), table, names, by, column)
    return Prepared(columns, inputs_of(columns, table), dealing, _warnings(table, columns, drop, who), tuple(drop))


def _no_inputs(by: Together | None, column: Column | None) -> dict[str, str]:
    """Columns that name groups or times, and why they are no inputs; a date says more than its place in time."""
    if by is None or column is None or by.column is None or (by.word == "time" and column.kind == "date"):
        return {}
    what = "it names the groups that stay together" if by.word == "groups" else "it is the time by which rows are dealt"
    return {by.column: what}


def _reason(table: Table, name: str, reason: str, drop: dict[str, str]) -> str:
    """Why a column is no input; of free text also what can be made of it."""
    if name in drop:
        return drop[name]
    column = table.column(name)
    if column.kind != "category" or not _is_free_text(column):
        return in_python(reason)
    return (
        f"it is free text, such as {quoted(str(column.present()[0]))}; make columns of it, for example embeddings, or "
        "scikit-learn's TfidfVectorizer and TruncatedSVD"
    )


def _is_free_text(column: Column) -> bool:
    texts = [str(one) for one in column.present()[:SAMPLED]]
    return bool(texts) and sum(map(len, texts)) >= LONG * len(texts)


def _warnings(table: Table, columns: Preprocessing, drop: dict[str, str], who: str) -> tuple[str, ...]:
    """What was left out although it differs between rows."""
    gone = [
        (name, reason)
        for name, reason in columns.left_out.items()
        if name not in drop and table.column(name).constant() is None and not table.column(name).missing.all()
    ]
    return tuple(f"{who}: column {quoted(name)} is left out: {reason}." for name, reason in gone)


def check_enough(rows: int, who: str) -> None:
    """Raise if there are too few rows: some learn, others choose."""
    if rows < 2:
        raise DataError(
            f"{who}: at least 2 rows that count are needed, some to learn from and others to choose by; got "
            f"{rows} sample{'' if rows == 1 else 's'} (n_samples={rows}). Add rows."
        )
