"""``descend predict --keep``: a user's own columns, byte by byte or type by type, and predictions behind them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from descend.errors import DataError, quoted
from descend.tables.build import Source
from descend.tables.cells.texts import Texts
from descend.tables.columns.column import Column
from descend.tables.files.kinds import ending_kind
from descend.tables.infer import Cells
from descend.tables.pieces.arrow_files import ArrowFiles
from descend.tables.pieces.open import open_pieces
from descend.tables.pieces.piece import Pieces
from descend.tables.write import typed_series, whole_series, write_beside, write_predictions

Kinds = Mapping[str, tuple[str, Any]]  # by columns, what holds their whole numbers, and their type in polars


def write_kept(source: Source, predicted: dict[str, Any], output: Path | None, table: str) -> None:
    """Write the user's own columns, and predictions behind them.

    Cells of a delimited file are copied byte by byte, if what is written has the same separator; columns of a Parquet
    or Arrow file keep their types. A column that would be overwritten is refused. `table`: as it was typed.
    """
    _check_clash(source.cells, predicted)
    records, ending = source.records, "" if output is None else output.suffix.lower()
    same = not ending or ending == {"\t": ".tsv"}.get(source.separator, ".csv")
    if records is not None and same and records.have(len(source.cells), source.separator):
        write_beside(records, predicted, source.separator, output)
        return
    if table != "-" and ending_kind(Path(table).name) in ("parquet", "feather"):
        kinds: Kinds = {}
        with suppress(DataError):  # a compressed file, or one that is none of its ending, says nothing of types
            kinds = kinds_of(open_pieces(table))
        write_predictions(kept_columns(source.cells, predicted, kinds, ending == ".parquet") | predicted, output)
        return
    kept = {
        name: [cells.text(row) if isinstance(cells, Texts) else cells[row] for row in range(len(cells))]
        for name, cells in source.cells.items()
    }
    write_predictions(kept | predicted, output)


def _check_clash(cells: Mapping[str, Cells], predicted: Mapping[str, Any]) -> None:
    clashing = [name for name in cells if name in predicted]
    if clashing:
        raise DataError(
            f"predict --keep: the table has a column {quoted(clashing[0])} of its own; rename it, or leave out --keep."
        )


def kinds_of(pieces: Pieces) -> Kinds:
    """Return what Parquet and Arrow files say of their columns; nothing of other files."""
    if not isinstance(pieces, ArrowFiles):
        return {}
    return {name: (whole, pieces.types.get(name)) for name, whole in pieces.wholes.items()}


def kept_columns(cells: Mapping[str, Cells], predicted: Mapping[str, Any], kinds: Kinds, typed: bool) -> dict[str, Any]:
    """Return the user's own columns; `typed`: dates and times as such, where the file that is written has types.

    Raises
    ------
    DataError
        If one has the name of a column that is predicted.
    """
    _check_clash(cells, predicted)
    return {name: _values(own, *kinds.get(name, ("", None)), typed) for name, own in cells.items()}


def _values(cells: Cells, whole: str, kind: Any, typed: bool) -> Any:
    """Return cells as Python has them; numbers and dates by the type that the files say, not by those of this piece."""
    if isinstance(cells, Column) and kind is not None and (typed or not kind.is_temporal()):
        made = typed_series(cells, kind)
        if made is not None:
            return made
    values = _as_python(cells, bool(whole))
    if whole in ("", "null"):
        return values
    series = whole_series(values, whole)
    return series.cast(kind) if kind is not None and kind.is_integer() else series


def _as_python(cells: Cells, whole: bool) -> list[Any]:
    rows = range(len(cells))
    if isinstance(cells, Texts):  # beyond 2^53 whole numbers are texts
        texts = (cells.text(row) for row in rows)
        return [int(text) if whole and text is not None else text for text in texts]
    if cells.kind != "number":
        return [cells[row] for row in rows]
    made = int if whole else float
    pairs = zip(cells.values.tolist(), cells.missing.tolist(), strict=True)
    return [None if missing else made(value) for value, missing in pairs]
