"""``descend predict --keep``: a user's own columns, byte by byte as they are, and predictions behind them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from descend.errors import DataError, quoted
from descend.tables.build import Source
from descend.tables.cells.texts import Texts
from descend.tables.write import write_beside, write_predictions


def write_kept(source: Source, predicted: dict[str, Any], output: Path | None) -> None:
    """Write the user's own columns, and predictions behind them.

    Cells of a delimited file are copied byte by byte, if what is written has the same separator. A column that would
    be overwritten is refused.
    """
    clashing = [name for name in source.cells if name in predicted]
    if clashing:
        raise DataError(
            f"predict --keep: the table has a column {quoted(clashing[0])} of its own; rename it, or leave out --keep."
        )
    records, ending = source.records, "" if output is None else output.suffix.lower()
    same = not ending or ending == {"\t": ".tsv"}.get(source.separator, ".csv")
    if records is not None and same and records.have(len(source.cells), source.separator):
        write_beside(records, predicted, source.separator, output)
        return
    kept = {
        name: [cells.text(row) if isinstance(cells, Texts) else cells[row] for row in range(len(cells))]
        for name, cells in source.cells.items()
    }
    write_predictions(kept | predicted, output)
