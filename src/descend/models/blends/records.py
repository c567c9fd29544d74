"""Records -> answers of a blend: cells of a plan, what encoders ask of them, one call of the engine.

A record with anything uncommon, such as a category that training rows do not have, goes the long way: as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from descend.models.blends.compiled import CompiledBlend
from descend.models.blends.encoded import encode
from descend.models.blends.steps import FIRST, GONE
from descend.preprocessing.encoders.inputs import DATE_PARTS, Input, Inputs
from descend.preprocessing.encoders.plain import CategoryEncoder, Encoder
from descend.tables.columns.column import make_column
from descend.tables.one_cell import Cell
from descend.typing import Array

Cells = Sequence[Cell]
Number = Callable[[Cells], float | None]
Fill = Callable[[Cells, Array], bool]  # cells of a record, a row of zeros -> False: it has to go the long way


class BlendRecords:
    """What a blend answers to records, with the bits of the table of them; threads may share it.

    Parameters
    ----------
    compiled : CompiledBlend
        The blend.
    plain : sequence of encoder
        Of the input columns: one cell each, in this order.
    """

    def __init__(self, compiled: CompiledBlend, plain: Sequence[Encoder]) -> None:
        self._compiled, asked = compiled, compiled.asked
        self._kinds = {one.name: one.kind for one in plain}
        self._place = {name: k for k, name in enumerate(self._kinds)}
        self._known = [(k, {None, *one.levels}) for k, one in enumerate(plain) if isinstance(one, CategoryEncoder)]
        self._numbers = [self._number(one) for one in asked.numbers]
        self._codes = [
            (self._place[name], {None: GONE, **{level: k for k, level in enumerate(levels, FIRST)}})
            for name, levels in asked.levels.items()
        ]
        self._fills: list[Fill] = []
        self._width = 0
        for encoder in asked.given:
            self._fills.append(self._fill(encoder, self._width))
            self._width += len(encoder.feature_names)

    def outputs(self, records: Sequence[Cells]) -> Array | None:
        """Return the answers, float64, (m, n_d); None if one of the records has to go the long way."""
        for cells in records:
            for place, known in self._known:
                if cells[place] not in known:
                    return None
        given = np.zeros((len(records), self._width), dtype=np.float32)
        for cells, row in zip(records, given, strict=True):
            if not all(fill(cells, row) for fill in self._fills):
                return None
        numbers = [[number(cells) for cells in records] for number in self._numbers]
        codes = [[code.get(cells[place], GONE + 1) for cells in records] for place, code in self._codes]
        shape = (-1, len(records))
        return self._compiled.answer(
            np.array(numbers, dtype=np.float64).reshape(shape), np.array(codes, dtype=np.int64).reshape(shape), given
        )

    def _number(self, one: Input) -> Number:
        """How an input is read off the cells."""
        place = self._place[one.column]
        if not one.part:
            return lambda cells: cells[place]  # type: ignore[return-value]
        part = DATE_PARTS[one.part]

        def of_date(cells: Cells) -> float | None:
            cell = cells[place]
            return None if cell is None else float(part(np.array([cell]))[0])

        return of_date

    def _fill(self, encoder: Any, start: int) -> Fill:
        """How an encoder that makes its columns itself fills a row, the first of its columns is `start`."""
        one_row = getattr(encoder, "one_row", None)
        if one_row is None:
            return self._by_columns(encoder, start)
        fill = one_row(start)
        if hasattr(encoder, "input"):
            number = self._number(encoder.input)
            return lambda cells, row: fill(number(cells), row)
        place = self._place[encoder.name]
        return lambda cells, row: fill(cells[place], row)

    def _by_columns(self, encoder: Any, start: int) -> Fill:
        """How one without a short way does it: by columns of one cell."""
        end = start + len(encoder.feature_names)
        names = [(name, self._kinds[name], self._place[name]) for name in encoder.columns]

        def fill(cells: Cells, row: Array) -> bool:
            columns = {name: _column(name, kind, cells[place]) for name, kind, place in names}
            row[start:end] = encode([encoder], Inputs(columns))[0]
            return True

        return fill


def _column(name: str, kind: str, cell: Cell) -> Any:
    empty = "" if kind == "category" else np.nan
    return make_column(name, kind, [empty if cell is None else cell])
