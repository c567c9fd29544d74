"""Columns as arrays that a disk can hold, so that every encoder makes of them what it makes of the table.

Numbers, booleans and dates are float64, as a column has them. Of a category there is the number of each level that some
encoder may know; all others are unseen by every encoder, and differ in nothing but their hash (`hashed`): one level of
each hash stands for them. So what is held of levels does not grow with the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from descend.preprocessing.encoders.hashed import HASHES, hash_of
from descend.preprocessing.encoders.inputs import Inputs
from descend.tables.columns.column import Column
from descend.typing import Array


@dataclass(frozen=True)
class RawColumns:
    """The columns of a table that goes to a disk.

    Parameters
    ----------
    kinds : tuple of (str, str)
        Name and kind of each.
    levels : tuple of tuple of str
        Of each category, in their order: the levels that encoders may know, sorted.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> columns = RawColumns((("n", "number"), ("c", "category")), (("a", "b"),))
    >>> rows = {"n": make_column("n", "number", [1.5]), "c": make_column("c", "category", ["b"])}
    >>> back = columns.inputs(columns.arrays(Inputs(rows)))
    >>> back.columns["n"][0], back.columns["c"].codes_in(["b"]).tolist()
    (1.5, [0])
    """

    kinds: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, inputs: Inputs, known: Mapping[str, tuple[str, ...]]) -> RawColumns:
        """Return the columns of a sample; `known`: levels that encoders know of elsewhere, by column."""
        columns = inputs.columns.values()
        some = [one for one in columns if one.kind == "category"]
        own = ({*map(str, one.distinct()), *known.get(one.name, ())} for one in some)
        return cls(tuple((one.name, one.kind) for one in columns), tuple(tuple(sorted(levels)) for levels in own))

    @property
    def categories(self) -> list[str]:
        """Names of the categories, in their order."""
        return [name for name, kind in self.kinds if kind == "category"]

    @cached_property
    def _all_levels(self) -> tuple[tuple[str, ...], ...]:
        """The levels of each category, then one of each hash that is none of them."""
        return tuple((*levels, *_strangers(frozenset(levels))) for levels in self.levels)

    @cached_property
    def _codes(self) -> tuple[dict[str, int], ...]:
        return tuple({level: code for code, level in enumerate(levels)} for levels in self.levels)

    def arrays(self, inputs: Inputs) -> dict[str, Array]:
        """Return float64 "numbers" (m, columns) and int32 "codes" (m, categories; −1 is missing) of some rows."""
        numbers = [inputs.columns[name].values for name, kind in self.kinds if kind != "category"]
        codes = [self._coded(k, inputs.columns[name]) for k, name in enumerate(self.categories)]
        return {"numbers": _beside(numbers, np.float64, inputs.rows), "codes": _beside(codes, np.int32, inputs.rows)}

    def _coded(self, k: int, column: Column) -> Array:
        codes, levels = column.coded()
        known, first = self._codes[k], len(self.levels[k])
        own = [known[level] if level in known else first + hash_of(level) for level in levels]
        return np.array([*own, -1], dtype=np.int32)[codes]

    def inputs(self, arrays: Mapping[str, Array]) -> Inputs:
        """Return rows as encoders see them, from arrays as above."""
        columns: dict[str, Column] = {}
        number = code = 0
        for name, kind in self.kinds:
            if kind == "category":
                codes = np.ascontiguousarray(arrays["codes"][:, code])
                columns[name] = Column(name, kind, codes, codes < 0, codes=codes, levels=self._all_levels[code])
                code += 1
            else:
                values = np.ascontiguousarray(arrays["numbers"][:, number])
                columns[name] = Column(name, kind, values, np.isnan(values))
                number += 1
        return Inputs(columns)


def _beside(columns: list[Array], dtype: Any, rows: int) -> Array:
    out = np.empty((rows, len(columns)), dtype=dtype)
    for k, column in enumerate(columns):
        out[:, k] = column
    return out


@lru_cache(maxsize=256)
def _strangers(known: frozenset[str]) -> tuple[str, ...]:
    """One text of each hash that is no known level."""
    found: dict[int, str] = {}
    number = 0
    while len(found) < HASHES:
        text = f"?{number}"
        if text not in known:
            found.setdefault(hash_of(text), text)
        number += 1
    return tuple(found[one] for one in range(HASHES))
