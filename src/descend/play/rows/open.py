"""What the user gave, and the rows of an experiment: made ones, a bundled table, the user's own."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from descend.errors import DataError, DescendError, FileError, message
from descend.files.load import load
from descend.models.model import Model
from descend.nets.network import Network
from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.play.rows.made import CLASSICS, made_problem
from descend.play.rows.models import ModelSource, NetworkSource
from descend.play.rows.problem import Problem
from descend.play.rows.tables import TableSource
from descend.tables.convert import as_table
from descend.tables.datasets import datasets
from descend.tables.table import Table
from descend.training.result import Training

BUNDLED = {f"table:{one.name}": one for one in datasets()}
MODEL_ENDING = ".descend"


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
    given : path, Table, data frame, mapping, Network, Model, Training, estimator or tuple
        A table, or a network in some form; (model, table) or (network, X, Y).
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
    if isinstance(given, str | Path):
        return _of_file(Path(given), said or message(Path(given).name))
    rest: tuple[Any, ...] = ()
    if isinstance(given, tuple):
        given, *more = given
        rest = tuple(more)
    made = _of_model(_loaded(given, said), rest, said)
    return made or TableSource(_table(given, said or "your table"), said or "your table")


def _of_file(path: Path, said: str) -> Source:
    """Read a file; errors name it as the user does."""
    try:
        if said.lower().endswith(MODEL_ENDING):
            made = _of_model(load(path), (), said)
            if made is None:
                raise FileError(f"{said}: the playground shows networks and models of tables; this is another kind.")
            return made
        return TableSource(_table(path, said), said)
    except DescendError as error:
        raise type(error)(str(error).replace(str(path), said)) from error


def _loaded(given: Any, said: str) -> Any:
    """A model's file that was given beside a table."""
    is_file = isinstance(given, str | Path) and str(given).lower().endswith(MODEL_ENDING)
    return load(given) if is_file else given


def _of_model(given: Any, rest: tuple[Any, ...], said: str) -> Source | None:
    """Return what has a network; None if it has none."""
    if isinstance(given, Training):
        data = given._data
        chosen = () if data.X_validation is None else ((data.X_validation, data.Y_validation),)
        return NetworkSource(given.best, said or "your training", ((data.X, data.Y), *chosen))
    given = getattr(given, "network_", given)  # an estimator's
    if isinstance(given, Model):
        table = _table(rest[0], "your table") if rest else None
        return ModelSource(given, table, said or "your model")
    if isinstance(given, Network):
        rows = ((np.asarray(rest[0]), np.asarray(rest[1])),) if len(rest) == 2 else ()
        return NetworkSource(given, said or "your network", rows)
    return None


def _table(given: Any, said: str) -> Table:
    table = as_table(given)
    if not table.rows or not table.names:
        raise DataError(f"{said}: the table has no rows.")
    return replace(table, source=said)


@lru_cache(maxsize=2)
def _bundled(name: str) -> TableSource:
    one = BUNDLED[name]
    return TableSource(replace(as_table(one.path), source=one.name), one.name, one.target)


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
