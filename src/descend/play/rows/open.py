"""What the user gave, and the rows of an experiment: made ones, a bundled table, the user's own."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from descend.describe.numbers import count
from descend.errors import DataError, DescendError, FileError, message
from descend.files.load import load
from descend.files.regular import kind_of_file
from descend.nets.network import Network
from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.play.rows.made import CLASSICS, made_problem
from descend.play.rows.problem import Problem
from descend.spec.indexed import expanded
from descend.tables.columns.sentences import renamed
from descend.tables.datasets import datasets
from descend.training.result import Training

if TYPE_CHECKING:  # what reads tables and models is imported when there is one: a page of made rows is there sooner
    from descend.play.rows.tables import TableSource
    from descend.tables.table import Table

BUNDLED = {f"table:{one.name}": one for one in datasets()}
MODELS = ("model", "network", "estimator")  # kinds of files that `load` reads


class Source(Protocol):
    """What the user gave."""

    @property
    def words(self) -> str:
        """What it is called."""

    def problem(self, settings: Settings) -> Problem:
        """Return what is learnt from it."""


def source_of(given: Any, said: str = "") -> Source:
    """Read what the user gave.

    Parameters
    ----------
    given : path, Table, data frame, mapping, Network, Model, Training, estimator, tuple or source
        A table, or a network in some form; (model, table) or (network, X, Y). A source is returned as it is.
    said : str, default ""
        Its name in words; "": the file's name.

    Raises
    ------
    DescendError
        If it is something else, or cannot be read.

    Examples
    --------
    >>> source_of({"a": [1.0, 2.0], "b": ["x", "y"]}).words
    'your table'
    """
    from descend.play.rows.models import ModelSource, NetworkSource
    from descend.play.rows.tables import TableSource

    if isinstance(given, TableSource | ModelSource | NetworkSource):
        return given
    if isinstance(given, str | Path):
        return _of_file(Path(given), said or message(Path(given).name))
    rest: tuple[Any, ...] = ()
    if isinstance(given, tuple):
        given, *more = given
        rest = tuple(more)
    made = _of_model(given, rest, said)
    if made is not None:
        return made
    table = _table(given, said)
    return TableSource(table, table.source)


def size_of(source: Source | None) -> str:
    """Return the size of the table that the user gave, in words; "" without one.

    Examples
    --------
    >>> size_of(source_of({"a": [1.0, 2.0], "b": ["x", "y"]}))
    '2 rows × 2 columns'
    """
    table: Table | None = getattr(source, "table", None)
    return "" if table is None else f"{count(table.rows, 'row')} × {count(len(table.names), 'column')}"


def _of_file(path: Path, said: str) -> Source:
    """Read a file; errors name it as the user does."""
    from descend.play.rows.tables import TableSource

    try:
        if kind_of_file(path) in MODELS:
            made = _of_model(load(path), (), said)
            if made is None:
                raise FileError(f"{said}: the playground shows networks and models of tables; this is another kind.")
            return made
        return TableSource(_table(path, said), said)
    except DescendError as error:
        raise type(error)(str(error).replace(str(path), said)) from error


def _of_model(given: Any, rest: tuple[Any, ...], said: str) -> Source | None:
    """Return what has a network; None if it has none."""
    from descend.models.model import Model
    from descend.play.rows.models import ModelSource, NetworkSource

    if isinstance(given, Training):
        data = given._data
        chosen = () if data.X_validation is None else ((expanded(data.X_validation), data.Y_validation),)
        return NetworkSource(given.best, said or "your training", ((expanded(data.X), data.Y), *chosen))
    given = getattr(given, "network_", given)  # an estimator's
    if isinstance(given, Model):
        table = _table(rest[0], "") if rest else None
        return ModelSource(given, table, said or f"the model of {given.preprocessing.target}")
    if isinstance(given, Network):
        rows = ((np.asarray(rest[0]), np.asarray(rest[1])),) if len(rest) == 2 else ()
        return NetworkSource(given, said or "your network", rows)
    return None


def _table(given: Any, said: str) -> Table:
    """Read a table, and call it as the user does."""
    from descend.tables.convert import as_table

    table = as_table(given)
    name = said or (message(Path(table.source).name) if Path(table.source).suffix else "your table")
    if not table.rows or not table.names:
        raise DataError(f"{name}: the table has no rows.")
    return replace(table, source=name, notes=tuple(renamed(note, table.source, name) for note in table.notes))


@lru_cache(maxsize=2)
def _bundled(name: str) -> TableSource:
    from descend.play.rows.tables import TableSource

    one = BUNDLED[name]
    return TableSource(_table(one.path, one.name), one.name, one.target)


def problem_of(settings: Settings, source: Source | None) -> Problem:
    """Return the rows of an experiment.

    Raises
    ------
    SettingError
        If there are none of that name.

    Examples
    --------
    >>> problem_of(Settings(data="table:penguins"), None).classes
    ('Adelie', 'Chinstrap', 'Gentoo')
    """
    if settings.data in CLASSICS:
        return made_problem(settings.data, settings.samples, settings.noise, settings.seed)
    if settings.data in BUNDLED:
        return _bundled(settings.data).problem(settings)
    if source is None:
        raise SettingError("data", '`data` is "own", but no table and no model was given. Upload one.')
    return source.problem(settings)
