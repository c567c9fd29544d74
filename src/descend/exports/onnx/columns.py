"""Raw columns of a table as values of a graph: numbers with NaN where missing, codes of categories, parts of dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from descend.exports.onnx import dates
from descend.exports.onnx.graph import DOUBLE, INT64, ML, Graph
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.tables.columns.column import make_column

if TYPE_CHECKING:
    from descend.exports.described import RawColumn


class Columns:
    """The inputs of a graph, and what encoders ask of them, each computed once.

    A category becomes the number of its text among all that any encoder knows, in order; of an unseen text it is how
    many there are, of a missing one that and 1. `known_texts` are these texts as a table, so that an encoder itself can
    say what it makes of each.

    Parameters
    ----------
    g : Graph
        Gets the operations.
    columns : sequence of RawColumn
        Of the model.
    names : mapping of str to str
        Names of the graph's inputs, by column.
    float32 : bool
        Whether numbers and booleans come as float32.
    hashed : mapping of str to str
        By column the name of the input that holds hashes of its unseen texts, where encoders hash.
    """

    def __init__(
        self,
        g: Graph,
        columns: Sequence[RawColumn],
        names: Mapping[str, str],
        float32: bool = False,
        hashed: Mapping[str, str] | None = None,
    ) -> None:
        self.g, self.float32 = g, float32
        self._columns = {one.name: one for one in columns}
        self._names, self.hashed = names, hashed or {}
        self._made: dict[Input, str] = {}

    def is_category(self, name: str) -> bool:
        """Whether a column holds categories."""
        return self._columns[name].kind == "category"

    # ------------------------------------------------------------ numbers

    def number(self, one: Input) -> str:
        """Return a number, a boolean or a part of a date: float64 (N, 1), NaN where missing."""
        if one not in self._made:
            whole = self._raw(one.column)
            self._made[one] = dates.part(self.g, whole, one.part) if one.part else whole
        return self._made[one]

    def numbers(self, inputs: Sequence[Input]) -> str:
        """Return several side by side, (N, k); each is taken once, and repeated where it is asked for again."""
        distinct = list(dict.fromkeys(inputs))
        whole = self.g.beside([self.number(one) for one in distinct])
        place = {one: k for k, one in enumerate(distinct)}
        return self.g.columns(whole, [place[one] for one in inputs], len(distinct))

    def _raw(self, name: str) -> str:
        column, given = self._columns[name], self._names[name]
        as_float32 = self.float32 and column.kind != "date"
        value = self.g.cast(given, DOUBLE) if as_float32 else given
        for one in column.missing_numbers:
            with np.errstate(over="ignore"):
                mark = float(np.float32(one)) if as_float32 else one
            equal = self.g.op("Equal", value, self.g.const(mark, DOUBLE))
            value = self.g.op("Where", equal, self.g.const(np.nan, DOUBLE), value)
        return value

    # ------------------------------------------------------------ categories

    def known_texts(self, name: str) -> Inputs:
        """Return a table of one column: all known texts, one that is unknown, and a missing cell."""
        return Inputs({name: make_column(name, "category", [*self._levels(name), self._unseen(name), ""])})

    def size(self, name: str) -> int:
        """Return how many codes a category has."""
        return len(self._levels(name)) + 2

    def _levels(self, name: str) -> tuple[str, ...]:
        return self._columns[name].levels

    def _unseen(self, name: str) -> str:
        known, text = set(self._levels(name)), "unseen"
        while text in known:
            text += "."
        return text

    def place(self, name: str, levels: Sequence[str]) -> list[int]:
        """Return the codes of some of the known texts."""
        known = {text: k for k, text in enumerate(self._levels(name))}
        return [known[text] for text in levels]

    def code(self, name: str) -> str:
        """Return the code of a category, int64 (N, 1)."""
        levels, words = self._levels(name), ["", *self._columns[name].missing_texts]
        codes = {text: place for place, text in enumerate(levels)} | dict.fromkeys(words, len(levels) + 1)
        keys, values = list(codes), list(codes.values())
        return self.g.ops(
            "LabelEncoder",
            [self._names[name]],
            1,
            domain=ML,
            keys_strings=keys,
            values_int64s=values,
            default_int64=len(levels),
        )[0]

    def codes(self, names: Sequence[str], behind: bool = False) -> str:
        """Return codes of categories side by side, int64 (N, k).

        Parameters
        ----------
        names : sequence of str
            Of the columns.
        behind : bool, default False
            Whether each one's codes begin behind those of the one before it: places in tables that lie one behind the
            other.
        """
        codes = self.g.beside([self.code(name) for name in names])
        if not behind:
            return codes
        starts = np.cumsum([0, *(self.size(name) for name in names)])[:-1]
        return self.g.op("Add", codes, self.g.const(starts, INT64))
