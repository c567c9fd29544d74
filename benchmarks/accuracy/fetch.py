"""Each task as one Parquet file: raw columns, the target last; and any folder of such files that a user has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.accuracy.sources import DATA, FetchError
from benchmarks.accuracy.tasks import CLASSIFY, REGRESS, Task

FOLDER = DATA / "tasks"
LEAST_ROWS = 8  # of a class; rarer ones are left out, for a split could not give each part some
FEW = 20  # whole numbers of so few values are classes, in a user's table


@dataclass(frozen=True)
class Stored:
    """A task on the disk.

    Parameters
    ----------
    name, kind : str
        Name; "classify" or "regress".
    path : Path
        The Parquet file; the last column is the target.
    data : str
        Hash of the content; a result belongs to it.
    rows, columns : int
        Rows, and columns without the target.
    """

    name: str
    kind: str
    path: Path
    data: str
    rows: int
    columns: int


def stored(task: Task, folder: Path = FOLDER) -> Stored:
    """Return a task's file; it is fetched and made if it is not there.

    Raises
    ------
    benchmarks.accuracy.sources.FetchError
        If it cannot be fetched, or is not what it was.
    """
    path = folder / f"{task.name}.parquet"
    facts = path.with_suffix(".json")
    if not facts.exists():
        folder.mkdir(parents=True, exist_ok=True)
        table = prepared(task.read(task.what), task)
        table.to_parquet(path, index=False)
        found = _facts(task.name, task.kind, table)
        facts.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return Stored(path=path, **json.loads(facts.read_text(encoding="utf-8")))


def prepared(table: Any, task: Task) -> Any:
    """Return the raw table of a task: its inputs, then the target; nothing is encoded.

    Text and categories become objects, missing ones None; numbers, booleans and dates stay as they are.

    Examples
    --------
    >>> import pandas as pd
    >>> raw = pd.DataFrame({"y": [1.0, None, 2.0], "code": [7, 8, 9], "note": ["a", "b", "a"]})
    >>> task = Task("toy", lambda _: raw, "", "y", REGRESS, leave_out=("note",), words=("code",))
    >>> prepared(raw, task).to_dict("list")
    {'code': ['7', '9'], 'y': [1.0, 2.0]}
    """
    table = table.rename(columns=str)
    if task.dates is not None:
        table = task.dates(table)
    table = table.drop(columns=list(task.leave_out)).dropna(subset=[task.target])
    if task.kind == CLASSIFY:
        frequent = table[task.target].map(table[task.target].value_counts()).astype(int) >= LEAST_ROWS
        table = table[frequent]
    inputs = [name for name in table.columns if name != task.target]
    table = table[[*inputs, task.target]].reset_index(drop=True)
    return table.assign(**{name: _plain(table[name], name in task.words) for name in table.columns})


def _plain(column: Any, word: bool) -> Any:
    import pandas as pd

    if word or not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)):
        text = column.astype(object)
        return text.map(lambda cell: None if pd.isna(cell) else str(cell)).astype(object)
    return column


def _facts(name: str, kind: str, table: Any) -> dict[str, Any]:
    rows, columns = table.shape
    return {"name": name, "kind": kind, "data": content_hash(table), "rows": rows, "columns": columns - 1}


def content_hash(table: Any) -> str:
    """Return a hash of names, kinds and cells of a table, the same on every machine.

    Examples
    --------
    >>> import pandas as pd
    >>> one, other = pd.DataFrame({"a": [1.0, None]}), pd.DataFrame({"a": [1.0, 2.0]})
    >>> len(content_hash(one)), content_hash(one) == content_hash(one.copy()), content_hash(one) == content_hash(other)
    (16, True, False)
    """
    import pandas as pd

    digest = hashlib.sha256()
    for name in table.columns:
        digest.update(f"{name}:{table[name].dtype.kind};".encode())
        cells = pd.util.hash_pandas_object(table[name], index=False, categorize=table[name].dtype == object)
        digest.update(cells.to_numpy().astype("<u8").tobytes())
    return digest.hexdigest()[:16]


# ---------------------------------------------------------------- a folder of the user's


def in_folder(folder: Path) -> list[Stored]:
    """Return the tasks of a folder of Parquet files: a file each, its last column is the target.

    A target of text, truth values, or whole numbers of at most 20 values is a class; any other is a number. Rows
    without a target, and classes of fewer than 8 rows, are left out.

    Raises
    ------
    FetchError
        If there is no such file.
    """
    import pandas as pd

    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise FetchError(f"--folder {folder}: the folder must hold files NAME.parquet; there is none.")
    place = FOLDER / "own"
    place.mkdir(parents=True, exist_ok=True)
    found = []
    for path in paths:
        table = pd.read_parquet(path)
        target = str(table.columns[-1])
        task = Task(path.stem, lambda _: None, "", target, kind_of(table.iloc[:, -1]))
        table = prepared(table, task)
        table.to_parquet(place / path.name, index=False)
        found.append(Stored(path=place / path.name, **_facts(task.name, task.kind, table)))
    return found


def kind_of(target: Any) -> str:
    """Return whether a column is a class or a number.

    Examples
    --------
    >>> import pandas as pd
    >>> kind_of(pd.Series(["a", "b"])), kind_of(pd.Series([1, 2, 1])), kind_of(pd.Series([0.5, 2.0]))
    ('classify', 'classify', 'regress')
    """
    import pandas as pd

    if pd.api.types.is_bool_dtype(target) or not pd.api.types.is_numeric_dtype(target):
        return CLASSIFY
    known = target.dropna()
    return CLASSIFY if (known == known.round()).all() and known.nunique() <= FEW else REGRESS


def chosen(tasks: Sequence[Task], folder: Path | None) -> tuple[list[Stored], list[str]]:
    """Return the tasks that are there, and a line for each that cannot be fetched."""
    if folder is not None:
        return in_folder(folder), []
    found, skipped = [], []
    for task in tasks:
        try:
            found.append(stored(task))
        except (FetchError, ImportError) as error:
            skipped.append(f"{task.name} is skipped: {error}")
    return found, skipped
