"""What a program yields, such as Arrow record batches or data frames, as a table in pieces."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from descend.errors import DataError, check_extra, quoted
from descend.tables.build import Source
from descend.tables.cells.texts import Texts
from descend.tables.files import arrow
from descend.tables.frames import is_frame
from descend.tables.pieces.arrow_files import kind_word, source_of_arrow
from descend.tables.pieces.fingerprint import Fingerprint
from descend.tables.pieces.piece import Piece, rows_at_once

SAME = "A callable must return a new iterator of the same rows, in the same order, each time it is called."


class Batches:
    """The rows that a callable gives, each time it is called the same.

    Parameters
    ----------
    make : callable
        Returns an iterator of pyarrow record batches or tables, of data frames (pandas, polars, or any other that
        narwhals knows), or of mappings from names to columns. It is called for a look at the first of them, and once
        for each pass over the rows.
    name : str, default "batches"
        For messages.

    Raises
    ------
    DataError
        If it is no callable, or its first batch no table.

    Examples
    --------
    >>> batches = Batches(lambda: iter([{"a": [1, 2]}, {"a": [3]}]))
    >>> [piece.rows for piece in batches.read()], batches.columns
    ([2, 1], ['a'])
    """

    def __init__(self, make: Callable[[], Iterable[Any]], name: str = "batches") -> None:
        check_extra(f"{name}: reading record batches", "pyarrow", "polars", extra="cli")
        if not callable(make):
            raise DataError(
                f"{name}: must be a callable that returns an iterator, as rows are gone through several times; got "
                f"{type(make).__name__}. Write lambda: …"
            )
        self._make, self.name = make, name
        self.rows: int | None = None
        self.stamps: dict[str, str] = {}
        self.identity = ""  # a hash of what was seen, once all rows were
        self._seen: tuple[int, dict[str, str]] = (0, {})
        first = next(self.read(), None)
        if first is None:
            raise DataError(f"{name}: a table needs at least one row; the callable yields none.")
        self.columns = list(first.source.cells)

    def read(self, names: Collection[str] | None = None) -> Iterator[Piece]:
        """Go through all rows; see `Pieces`.

        Raises
        ------
        DataError
            If a batch cannot be; at the end if the rows are not those of an earlier time.
        """
        mark = Fingerprint()
        for piece in self._pieces(names):
            mark.add(piece)
            yield piece
        self._check_same(mark)

    def _check_same(self, mark: Fingerprint) -> None:
        """Refuse rows that are not those of before; their identity is known from now on."""
        (rows, known), now = self._seen, mark.digests()
        other = [name for name, digest in now.items() if known.get(name, digest) != digest]
        if known and (rows != mark.rows or other):
            how = f"{rows:,} at first, then {mark.rows:,}" if rows != mark.rows else f"{quoted(other[0])} was another"
            raise DataError(f"{self.name}: it must give the same rows each time it is gone through; {how}. {SAME}")
        self._seen = mark.rows, known | now
        self.identity = repr(self._seen)

    def _pieces(self, names: Collection[str] | None) -> Iterator[Piece]:
        start, schema, kinds = 0, None, dict[str, str]()
        for number, batch in enumerate(self._all(), start=1):
            table = self._as_arrow(batch, number)
            arrow.check_schema(table.schema, self.name)
            schema = schema or table.schema.names
            if sorted(table.schema.names) != sorted(schema):
                raise DataError(
                    f"{self.name}: all batches must have the same columns; batch {number} has {table.schema.names}."
                )
            table = table.select([one for one in schema if names is None or one in names])
            most = rows_at_once(len(schema))  # whatever columns are wanted: pieces are the same each time
            for offset in range(0, table.num_rows, most):
                part = table.slice(offset, most)
                source = source_of_arrow(part, self.name, start)
                self._check_kinds(source, table.schema, kinds, number)
                yield Piece(source, part.num_rows, start, start)
                start += part.num_rows

    def _check_kinds(self, source: Source, schema: Any, kinds: dict[str, str], number: int) -> None:
        """Refuse cells of another kind than before; `kinds`, of columns with a value so far, are filled."""
        for name, cells in source.cells.items():
            if (cells.codes < 0 if isinstance(cells, Texts) else cells.missing).all():
                continue
            own = kind_word(schema.field(name).type)
            if own != (known := kinds.setdefault(name, own)):
                raise DataError(
                    f"{self.name}: all batches must have the same columns; {quoted(name)} holds {own} in batch "
                    f'{number}, but {known} before. Say its type where the batches are made, such as dtype={{"{name}": '
                    "str} of pandas.read_csv."
                )

    def _all(self) -> Iterable[Any]:
        """Return what the callable gives; a frame by itself is the one batch."""
        import pyarrow as pa

        given = self._make()
        if isinstance(given, pa.Table | pa.RecordBatch | Mapping) or is_frame(given):
            return [given]
        if not isinstance(given, Iterable) or hasattr(given, "collect"):
            raise DataError(
                f"{self.name}: the callable must return an iterator of record batches or data frames; it returned "
                f"{type(given).__name__}."
            )
        return given

    def _as_arrow(self, batch: Any, number: int) -> Any:
        import pyarrow as pa

        if isinstance(batch, pa.Table):
            return batch
        if isinstance(batch, pa.RecordBatch):
            return pa.Table.from_batches([batch])
        try:
            if isinstance(batch, Mapping):
                return pa.table({str(name): _column(str(name), values) for name, values in batch.items()})
            if is_frame(batch):
                import narwhals as nw

                frame = nw.from_native(batch, eager_only=True)
                return frame.to_arrow().select(range(len(frame.columns)))  # pandas puts its index behind them
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
            said = " ".join(str(error).split())[:160]
            raise DataError(
                f"{self.name}: batch {number} cannot be read as a table: {said}. Columns must have one length, and "
                "cells of one kind: numbers, texts, booleans or dates."
            ) from None
        raise DataError(
            f"{self.name}: must yield Arrow record batches, data frames or mappings of names to columns; batch "
            f"{number} is {type(batch).__name__}."
        )


def _column(name: str, values: Any) -> Any:
    """Return a column of a mapping for Arrow; NaN, NaT and NA among texts or booleans are missing, as in a table."""
    import pyarrow as pa

    if hasattr(values, "__arrow_c_array__") or hasattr(values, "__arrow_c_stream__"):
        return values
    if isinstance(values, np.ndarray):
        values = values.astype(values.dtype.newbyteorder("="), copy=False)
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"column {quoted(name)}: {error}") from None
