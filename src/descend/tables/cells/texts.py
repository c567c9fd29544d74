"""Texts of one column as they stand in the source: each different text once, and which one each row has.

Whatever is found out about a column is found from its different texts; a column of a million rows often has five. Plain
numbers, which differ in every row, are cast as a whole by polars and are written out as texts only if somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.typing import Array

# read as missing wherever they stand without quotation marks, unless a user says otherwise
MISSING_WORDS = (
    *("NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NaT", "?"),
    *("NULL", "Null", "null", "None", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN"),
)
_DIGIT, _DIGITS = re.compile("[0-9]"), re.compile("[0-9]+")
WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)  # of Unicode


def without_empty(series: Any) -> Any:
    """Return a polars series of strings with null where a string is empty.

    Examples
    --------
    >>> import polars as pl
    >>> without_empty(pl.Series(["a", "", None])).to_list()
    ['a', None, None]
    """
    import polars as pl

    empty = series == ""
    return pl.select(pl.when(~empty).then(series)).to_series() if empty.any() else series


class Texts:
    """Texts of a column, without the white space around them.

    Parameters
    ----------
    distinct : sequence of str
        The different texts in the order in which they first occur; none is empty.
    codes : ndarray of int32, shape (rows,)
        Number of each row's text; −1 where the cell is empty.
    kept : collection of int
        Numbers of texts that stood in quotation marks, so that they are no words for "missing".
    typed : mapping of int to (str, float), optional
        Numbers of texts that stand for values of another type, their kind ("number", "boolean" or "date") and value.

    Attributes
    ----------
    declared : bool
        Whether the source has types, and says that these are texts, as a data frame does; False until it is set.

    Examples
    --------
    >>> texts = Texts.of(["a", " b", None, "a"])
    >>> texts.distinct, texts.codes.tolist(), texts.text(1)
    (['a', 'b'], [0, 1, -1, 0], 'b')
    """

    def __init__(
        self,
        distinct: Sequence[str],
        codes: Array,
        kept: Iterable[int] = (),
        typed: Mapping[int, tuple[str, float]] | None = None,
    ) -> None:
        self._series: Any = None
        self._distinct = list(distinct)
        self._codes = np.asarray(codes, dtype=np.int32)
        self.kept = frozenset(kept)
        self.typed = dict(typed or {})
        self.declared = False

    @classmethod
    def of(cls, values: Iterable[Any], missing: Array | None = None) -> Texts:
        """Return the texts of a list; None and blank ones, and those where `missing` is True, are empty cells."""
        cells = list(values)
        if missing is not None:
            cells = [None if empty else value for value, empty in zip(cells, missing, strict=True)]
        if not set(map(type, cells)) <= {str, type(None)}:  # True, 1 and 1.0 are equal, their texts are not
            cells = [None if value is None else str(value) for value in cells]
        numbers: dict[str, int] = {}
        number_of: dict[str | None, int] = {}
        for value in dict.fromkeys(cells):
            text = "" if value is None else value.strip(WHITE)
            number_of[value] = numbers.setdefault(text, len(numbers)) if text else -1
        return cls(list(numbers), np.fromiter(map(number_of.__getitem__, cells), np.int32, len(cells)))

    @classmethod
    def of_codes(cls, values: Sequence[str | None], places: Array) -> Texts:
        """Return the texts of rows that name their place in a list; a place behind its end is an empty cell.

        Parameters
        ----------
        values : sequence of str or None
            Any texts, with white space around them, some perhaps twice or in no row.
        places : ndarray of int64, shape (rows,)
            From 0 to the length of the list.

        Examples
        --------
        >>> texts = Texts.of_codes(["b ", "a", "", "b"], np.array([3, 4, 2, 0, 1]))
        >>> texts.distinct, texts.codes.tolist()
        (['b', 'a'], [0, -1, -1, 0, 1])
        """
        first = np.full(len(values) + 1, len(places), dtype=np.int64)
        first[places[::-1]] = np.arange(len(places))[::-1]
        numbers: dict[str, int] = {}
        code = np.full(len(values) + 1, -1, dtype=np.int32)
        for place in np.argsort(first[:-1], kind="stable").tolist():
            text = (values[place] or "").strip(WHITE)
            if text and first[place] < len(places):
                code[place] = numbers.setdefault(text, len(numbers))
        return cls(list(numbers), code[places])

    @classmethod
    def of_series(cls, series: Any, quoted: Array | None = None) -> Texts:
        """Return the texts of a polars series of strings, null where the cell is empty.

        Parameters
        ----------
        series : polars.Series
            Of strings, without white space around them.
        quoted : ndarray of bool, shape (rows,), or None
            Where a cell that reads like a word for "missing" stands in quotation marks.
        """
        if quoted is not None and quoted.any():
            texts = cls.of(series.to_list())
            return texts._with_kept(np.asarray(quoted, dtype=bool))
        made = cls((), np.empty(0))
        made._series = series
        return made

    @property
    def series(self) -> Any:
        """The polars series while the different texts have not been asked for, else None."""
        return self._series

    @property
    def distinct(self) -> list[str]:
        """The different texts."""
        self._encode()
        return self._distinct

    @property
    def codes(self) -> NDArray[np.int32]:
        """Number of each row's text, −1 where the cell is empty."""
        self._encode()
        return self._codes

    @cached_property
    def numbers(self) -> Any:
        """The polars series cast to numbers, null where that cannot be; None if the different texts were asked for."""
        series = self._series
        if series is None:
            return None
        import polars as pl

        return series.cast(pl.Float64, strict=False)

    @cached_property
    def comma_numbers(self) -> Any:
        """The same with commas as decimal marks; None if a cell has a dot."""
        series = self._series
        if series is None or series.str.contains(".", literal=True).any():
            return None
        import polars as pl

        return series.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)

    def numbers_with(self, decimal: str) -> Any:
        """Return `numbers` or `comma_numbers`.

        Examples
        --------
        >>> import polars as pl
        >>> Texts.of_series(pl.Series(["0,5", "x"])).numbers_with(",").to_list()
        [0.5, None]
        """
        return self.numbers if decimal == "." else self.comma_numbers

    def __len__(self) -> int:
        series = self._series
        return len(self._codes) if series is None else len(series)

    def text(self, row: int) -> str | None:
        """Return the text of a row, None where the cell is empty."""
        series = self._series
        if series is not None:
            value = series[int(row)]
            return None if value is None else str(value)
        code = int(self._codes[row])
        return None if code < 0 else self._distinct[code]

    def take(self, indices: Any) -> Texts:
        """Return the texts of these rows (numbers from 0, or a mask)."""
        taken = Texts(self.distinct, self.codes[indices], self.kept, self.typed)
        taken.declared = self.declared
        return taken

    def digits_only(self) -> bool:
        """Whether there are cells with digits, and these have nothing but digits, as codes have.

        Examples
        --------
        >>> Texts.of(["12", "7", "NA"]).digits_only(), Texts.of(["12", "7.5"]).digits_only()
        (True, False)
        """
        series = self._series
        if series is not None:
            with_digits = series.filter(series.str.contains("[0-9]"))
            return len(with_digits) > 0 and bool(with_digits.str.contains("^[0-9]+$").all())
        with_digits = [text for text in self._distinct if _DIGIT.search(text)]
        return bool(with_digits) and all(map(_DIGITS.fullmatch, with_digits))

    def counts(self) -> NDArray[np.int64]:
        """Return how many rows have each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.distinct))

    def first_rows(self) -> NDArray[np.int64]:
        """Return the first row of each text, the number of rows where there is none."""
        first = np.full(len(self.distinct), len(self), dtype=np.int64)
        backwards = self.codes[::-1]
        first[backwards[backwards >= 0]] = np.flatnonzero(backwards >= 0)
        return np.where(first < len(self), len(self) - 1 - first, first)

    def _with_kept(self, quoted: NDArray[np.bool_]) -> Texts:
        """Give texts in quotation marks numbers of their own."""
        distinct, codes = list(self._distinct), self._codes.copy()
        kept = []
        for code in np.unique(codes[quoted & (codes >= 0)]).tolist():
            kept.append(len(distinct))
            codes[quoted & (codes == code)] = len(distinct)
            distinct.append(distinct[code])
        return Texts(distinct, codes, kept)

    def _encode(self) -> None:
        """Find the different texts; threads may do so at once, as the series goes last, and is looked up once."""
        series = self._series
        if series is None:
            return
        import polars as pl

        different = series.unique(maintain_order=True).drop_nulls()
        codes = series.cast(pl.Enum(different)).to_physical().cast(pl.Int32).fill_null(-1)
        self._distinct, self._codes = different.to_list(), codes.to_numpy()
        self._series = None
