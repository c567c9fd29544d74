"""Table -> X, Y, and the network's output -> labels or numbers. Fitted on training rows; the state is plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.errors import DataError, closest, quoted, raise_problems
from descend.preprocessing.encoders.plain import CategoryEncoder, Encoder, fit_encoder
from descend.preprocessing.records import RecordPlan, check_names_there
from descend.preprocessing.roles import Roles
from descend.preprocessing.target import Task, decode_target, encode_target, fit_target, target_kind
from descend.tables.cells.reading import Reading
from descend.tables.columns.column import Column
from descend.tables.columns.reread import infinite_cells, reread
from descend.tables.convert import table_for
from descend.tables.pieces.named import refuse_pieces
from descend.tables.table import Table
from descend.typing import Array

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Preprocessing:
    """What was learnt from the training rows about columns and target. Made by `fit_preprocessing`.

    Parameters
    ----------
    encoders : tuple of NumberEncoder, BooleanEncoder, CategoryEncoder or DateEncoder
        One per input column.
    target : str
        The column to predict.
    task : Task
        Classes or numbers.
    target_mean, target_std : float
        Mean and standard deviation of a number to predict, over the training rows; 0 and 1 for classes.
    left_out : dict of str to str
        Columns that play no part, and why.
    notes : tuple of str
        What fitting did beyond the obvious, one sentence each.
    readings : dict of str to Reading
        How the cells of inputs and target are read; the plainest way of its kind where there is none.
    """

    encoders: tuple[Encoder, ...]
    target: str
    task: Task
    target_mean: float = 0.0
    target_std: float = 1.0
    left_out: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    readings: dict[str, Reading] = field(default_factory=dict)

    @property
    def levels(self) -> dict[str, tuple[str, ...]]:
        """Known texts of categories, by column; of the target, if its classes are texts."""
        known = {one.name: one.levels for one in self.encoders if isinstance(one, CategoryEncoder)}
        return known | ({self.target: self.task.classes} if target_kind(self.task) == "category" else {})

    def table_of(self, source: Any, with_target: bool = True) -> Table:
        """Return the columns of what a user has that this preprocessing knows, read as in training.

        Parameters
        ----------
        source : str, Path, Table, data frame, mapping, list of mappings or ndarray
            As for `descend.as_table`, but each record must have all inputs.
        with_target : bool, default True
            Whether the target and a column of weights are read, if they are there.

        Raises
        ------
        DataError
            If it cannot be read, a record lacks an input, or cells are of another kind, with rows.
        """
        readings = self.known_readings()
        if not with_target:
            readings = {name: readings[name] for name in self.input_names}
        refuse_pieces(source)
        check_names_there(source, self.input_names)
        return table_for(source, readings, self.levels)

    def known_readings(self) -> dict[str, Reading]:
        """Return how inputs and target are read, by column; and a column of weights, if there is one."""
        kinds = {one.name: one.kind for one in self.encoders} | {self.target: target_kind(self.task)}
        return self.readings | {name: Reading(kind) for name, kind in kinds.items() if name not in self.readings}

    @cached_property
    def record_plan(self) -> RecordPlan:
        """The fast way from a record to X; made when it is first asked for."""
        return RecordPlan(self.encoders, self.known_readings(), self.levels)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "record_plan"}  # made anew

    @property
    def input_names(self) -> tuple[str, ...]:
        """Columns of the table that are read."""
        return tuple(encoder.name for encoder in self.encoders)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X."""
        return tuple(name for encoder in self.encoders for name in encoder.feature_names)

    @property
    def n_features(self) -> int:
        """Number of columns of X."""
        return len(self.feature_names)

    @property
    def n_outputs(self) -> int:
        """Number of columns of Y: one per class, or 1 for a number."""
        return len(self.task.classes) if self.task.kind == "classify" else 1

    def transform(
        self, table: Table, rows: Indices | None = None, dtype: Any = np.float64
    ) -> tuple[Array, tuple[str, ...]]:
        """Turn the input columns of a table into X.

        Parameters
        ----------
        table : Table
            Has the input columns, in any order; other columns are ignored.
        rows : ndarray of int64 or None
            Numbers, from 0, of the rows that are wanted; None: all.
        dtype : dtype, default float64
            Of X; what is computed in float64 is rounded to it.

        Returns
        -------
        X : ndarray of `dtype`, shape (m, n_features), C-contiguous
            Finite numbers; missing cells are 0.
        notes : tuple of str
            What was treated as missing although a value was there.

        Raises
        ------
        DataError
            Listing all columns that are absent (with the closest), of another kind, or infinite, with row and value.

        Examples
        --------
        >>> from descend.tables.convert import as_table
        >>> from descend.preprocessing.roles import assign_roles
        >>> table = as_table({"a": [0, 1, 2, 3, 4.5], "b": list("xyzxy"), "y": [1.5, 2, 3, 4, 5]})
        >>> prep = fit_preprocessing(table, assign_roles(table, "y"), range(5))
        >>> prep.transform(as_table({"b": ["x", "w"], "a": [2, None]}))[0].tolist()
        [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
        """
        columns = self.matched(table)
        return self.encoded(columns if rows is None else [one.take(rows) for one in columns], dtype)

    def encoded(self, columns: Sequence[Column], dtype: Any) -> tuple[Array, tuple[str, ...]]:
        """Return X and notes, as `transform`, of columns as `matched` returns them."""
        X = np.zeros((len(columns[0]), self.n_features), dtype=dtype)
        notes, start = [], 0
        for encoder, column in zip(self.encoders, columns, strict=True):
            width = len(encoder.feature_names)
            notes.append(encoder.encode(column, X[:, start : start + width]))
            start += width
        return X, tuple(note for note in notes if note)

    def matched(self, table: Table) -> list[Column]:
        """Return the input columns of a table in the order of training, each read as it was there.

        Parameters
        ----------
        table : Table
            Has the input columns, in any order; other columns are ignored.

        Returns
        -------
        list of Column
            One for each encoder, of its kind; cells that do not suit what a user said of a column are missing.

        Raises
        ------
        DataError
            Listing all columns that are absent (with the closest), of another kind, or infinite, with row and value.

        Examples
        --------
        >>> from descend.tables.convert import as_table
        >>> prep = fit_inputs(as_table({"a": [1.0, 2.0], "b": ["x", "y"]}), ["a", "b"], {})
        >>> [(one.name, one.kind) for one in prep.matched(as_table({"c": [1], "b": ["y"], "a": ["3.5"]}))]
        [('a', 'number'), ('b', 'category')]
        """
        absent = [name for name in self.input_names if name not in table.names]
        problems = _absent(absent, [*table.names, *table.others])
        columns = []
        for encoder in self.encoders:
            if encoder.name in absent:
                continue
            column, problem = table.column(encoder.name), ""
            reading = self.readings.get(encoder.name) or Reading(encoder.kind)
            if column.reading != reading:
                column, problem = reread(column, reading, table.row_numbers, self.levels.get(encoder.name, ()))
            problem = problem or infinite_cells(column, table.row_numbers)
            columns.append(column)
            problems += [problem] if problem and not reading.asked else []
        raise_problems(DataError, table.source, problems)
        return columns

    def unseen_notes(self, columns: Mapping[str, Column], rare: bool = False) -> list[str]:
        """Return a note on each column with categories that no training row has.

        Parameters
        ----------
        columns : mapping of str to Column
            Inputs by their names, as `matched` returns them.
        rare : bool, default False
            Whether there are notes on inputs of which training has left out rare categories, too: it does not know
            these from others.

        Examples
        --------
        >>> from descend.tables.convert import as_table
        >>> prep = fit_inputs(as_table({"a": [1.0, 2.0], "b": ["x", "y"]}), ["a", "b"], {})
        >>> prep.unseen_notes({"b": as_table({"b": ["y", "z"]}).column("b")})
        ['column "b": 1 cell with an unknown category ("z") treated as missing']
        """
        known = [one for one in self.encoders if isinstance(one, CategoryEncoder) and one.name in columns]
        notes = [one.unseen(columns[one.name]) for one in known if rare or not one.rare]
        return [note for note in notes if note]

    def encode_target(self, table: Table, rows: Indices | None = None) -> Floats:
        """Turn the target column into Y: one-hot for classes, z-scored by the training rows for numbers.

        Returns
        -------
        ndarray of float64, shape (m, n_outputs)
            In the order of `task.classes`, also for two classes; or (y − mean) / std.

        Raises
        ------
        DataError
            If the column is absent, has missing, infinite or unknown values, or is of another kind, with rows.
        """
        reading = self.readings.get(self.target)
        return encode_target(table, self.target, self.task, (self.target_mean, self.target_std), reading, rows)

    def decode(self, output: Any) -> Array:
        """Turn the network's output into labels or numbers.

        Parameters
        ----------
        output : array-like, shape (m, n_outputs), or (m,) for numbers
            Larger means likelier for classes; z-scores for numbers.

        Returns
        -------
        ndarray, shape (m,)
            Labels as the table has them (objects of type str; bool, int64 or float64), or numbers in the target's
            units.
        """
        return decode_target(self.task, (self.target_mean, self.target_std), output)


def _absent(absent: Sequence[str], names: Sequence[str]) -> list[str]:
    """Say that columns are absent: each that has a near name by itself, the others together."""
    hints = {name: closest(name, names) for name in absent}
    far = [name for name in absent if not hints[name].startswith("Did")]
    if len(far) > 1:
        listed = ", ".join(map(quoted, far[:12])) + (", …" if len(far) > 12 else "")
        far_words = [f"the model needs {len(far)} columns that are absent: {listed}. {hints[far[0]]}"]
    else:
        far_words = [
            f"the model needs the column {quoted(name)}, which is absent. {hints[name] if absent == far else 'Add it.'}"
            for name in far
        ]
    near = [name for name in absent if name not in far]
    return [f"the model needs the column {quoted(name)}, which is absent. {hints[name]}" for name in near] + far_words


# ---------------------------------------------------------------- fitting


def fit_preprocessing(table: Table, roles: Roles, train_rows: Any = None, weight: str | None = None) -> Preprocessing:
    """Fit everything on the training rows.

    Parameters
    ----------
    table : Table
        All rows; those that do not train are only checked.
    roles : Roles
        Of `assign_roles`.
    train_rows : array-like of int, optional
        Indices of the training rows; all rows if not given.
    weight : str, optional
        The column that says what each row counts: it is no input, but a model must know how it is read.

    Returns
    -------
    Preprocessing
        An input that is the same in all training rows is left out, with the reason.

    Raises
    ------
    DataError
        Listing infinite inputs with column and row; or if no input is left, or the target is constant in these rows.

    Examples
    --------
    >>> from descend.tables.datasets import dataset_path
    >>> from descend.preprocessing.roles import assign_roles
    >>> from descend.tables.convert import as_table
    >>> table = as_table(dataset_path("penguins"))
    >>> prep = fit_preprocessing(table, assign_roles(table, "species"), range(table.rows))
    >>> prep.n_features, prep.n_outputs, prep.feature_names[:4]
    (12, 3, ('island = Biscoe', 'island = Dream', 'island = Torgersen', 'bill_length_mm'))
    """
    encoders, constant, notes = _fit_encoders(table, roles.inputs, train_rows)
    rows = np.arange(table.rows) if train_rows is None else np.asarray(train_rows, dtype=np.int64)
    mean, std = fit_target(table.column(roles.target).take(rows), roles.task, table.source)
    readings = {
        name: table.column(name).reading or Reading(table.column(name).kind)
        for name in (*(encoder.name for encoder in encoders), roles.target, *([weight] if weight else []))
    }
    return Preprocessing(encoders, roles.target, roles.task, mean, std, roles.left_out | constant, notes, readings)


def fit_inputs(table: Table, inputs: Sequence[str], left_out: dict[str, str]) -> Preprocessing:
    """Fit the encoders of input columns alone, on all rows, for an estimator, which keeps its target itself.

    Parameters
    ----------
    table : Table
        Training rows.
    inputs : sequence of str
        The columns to predict from.
    left_out : dict of str to str
        The other columns, and why.

    Returns
    -------
    Preprocessing
        Its target is "", a number; an input that is the same in all rows is left out, with the reason.

    Raises
    ------
    DataError
        Listing infinite inputs with column and row; or if no input is left.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> fit_inputs(as_table({"a": [1.0, 2.0], "b": [3.0, 3.0]}), ["a", "b"], {}).left_out
    {'b': 'it has the same value in all training rows, 3'}
    """
    encoders, constant, notes = _fit_encoders(table, inputs, None)
    readings = {one.name: table.column(one.name).reading or Reading(one.kind) for one in encoders}
    return Preprocessing(encoders, "", Task("regress", (), ""), 0.0, 1.0, left_out | constant, notes, readings)


def _fit_encoders(
    table: Table, names: Sequence[str], train_rows: Any
) -> tuple[tuple[Encoder, ...], dict[str, str], tuple[str, ...]]:
    """Return the encoders of inputs, those inputs that are the same in all training rows and why, and notes."""
    inputs = [table.column(name) for name in names]
    problems = [infinite_cells(column, table.row_numbers) for column in inputs]
    raise_problems(DataError, table.source, [problem for problem in problems if problem])
    rows = np.arange(table.rows) if train_rows is None else np.asarray(train_rows, dtype=np.int64)
    fitted = {column.name: fit_encoder(column.take(rows)) for column in inputs}
    encoders = tuple(encoder for encoder in fitted.values() if encoder is not None)
    constant = {name: _constant(table.column(name).take(rows)) for name, encoder in fitted.items() if encoder is None}
    if not encoders:
        shown = ", ".join(f'"{name}"' for name in constant)
        raise DataError(
            f"{table.source}: at least one input must differ between training rows; {shown} "
            f"{'is' if len(constant) == 1 else 'are'} the same in all of them. Add rows or columns."
        )
    notes = [f'column "{name}" is left out: {reason}' for name, reason in constant.items()]
    notes += [_rare(encoder) for encoder in encoders if isinstance(encoder, CategoryEncoder) and encoder.rare]
    return encoders, constant, tuple(notes)


def _constant(column: Column) -> str:
    if column.missing.all():
        return "it has no values in the training rows"
    return f"it has the same value in all training rows, {quoted(column.constant())}"


def _rare(encoder: CategoryEncoder) -> str:
    kept = len(encoder.levels)
    return (
        f'column "{encoder.name}": its {kept} most frequent categories of {kept + encoder.rare} are kept; '
        f"the {encoder.rare} rarer ones are treated as missing"
    )
