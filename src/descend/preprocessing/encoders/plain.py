"""One fitted encoder per input column: values -> columns of X. Frozen plain data; fitted on training rows only.

    number     robust scale, smooth clip; 1 or 0 in a second column if values were missing
    boolean    +1, −1
    category   one column per level, 1 or 0; two levels: one column, ±1
    date       days (robust scale), and sine and cosine of the time of year, of the week and of the day

Missing is 0 everywhere: the training median of a number, no level of a category. The columns of categories stay 0 and 1
(they are not scaled by their quartiles): their size then does not depend on how frequent a level is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from descend.preprocessing.encoders.robust_scale import SMALLEST, fit_robust_scale, one_robust_scaled, robust_scaled
from descend.tables.columns.column import Column
from descend.typing import Array

MOST_LEVELS = 255
CALENDAR_ANGLES = ("year", "week", "day")  # parts of a date that turn round; `inputs.DATE_PARTS` are numbers
_PART_NAMES = {"year": "time of year", "week": "day of week", "day": "time of day"}
_DAY, YEAR_SECONDS = 86_400.0, 365.2425 * 86_400.0

FillRow = Callable[[Any, Array], bool]  # a cell (float, str, or None if missing), a row of zeros -> False: encode it


# ---------------------------------------------------------------- encoders


@dataclass(frozen=True)
class NumberEncoder:
    """A number: (x − median) / scale, smoothly clipped; missing is the median.

    Parameters
    ----------
    name : str
        The column.
    center, scale : float
        Median and interquartile range of the training rows; scale 0: the value never differed, only its absence tells.
    indicator : bool
        Whether a second column says 1 where the value is missing (if it was in training rows).
    """

    kind: ClassVar[str] = "number"
    name: str
    center: float
    scale: float
    indicator: bool

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return ((self.name,) if self.scale else ()) + ((f"{self.name} is missing",) if self.indicator else ())

    def encode(self, column: Column, out: Array) -> str | None:
        """Fill `out`, shape (m, number of features), which holds zeros; return a note or None."""
        if self.scale:
            out[~column.missing, 0] = robust_scaled(column.present(), self.center, self.scale)
        if self.indicator:
            out[:, -1] = column.missing
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        if not self.scale:
            return "1 where it is missing, else 0"
        mark = ", and 1 in a second column" if self.indicator else ""
        return f"(x − {self.center:g}) / {self.scale:g}, clipped smoothly to ± 3; missing: 0, the median{mark}"

    def one_row(self, start: int) -> FillRow:
        """Return a function that does in one row what `encode` does; its first column of X is `start`."""
        center, scale, told = self.center, self.scale, start + len(self.feature_names) - 1
        if 0.0 < scale < SMALLEST:  # of a file that no fit has made: half of it may be 0
            return lambda cell, row: False

        def fill(cell: float | None, row: Array) -> bool:
            if cell is not None and scale:
                row[start] = one_robust_scaled(cell, center, scale)
            if cell is None and self.indicator:
                row[told] = 1.0
            return True

        return fill


@dataclass(frozen=True)
class BooleanEncoder:
    """A boolean: true +1, false −1, missing 0."""

    kind: ClassVar[str] = "boolean"
    name: str

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return (self.name,)

    def encode(self, column: Column, out: Array) -> str | None:
        """Fill `out`, shape (m, 1), which holds zeros; return a note or None."""
        out[~column.missing, 0] = 2.0 * column.present() - 1.0
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        return "1 for yes, −1 for no; missing: 0"

    def one_row(self, start: int) -> FillRow:
        """Return a function that does in one row what `encode` does; its first column of X is `start`."""

        def fill(cell: float | None, row: Array) -> bool:
            row[start] = 0.0 if cell is None else 2.0 * cell - 1.0
            return True

        return fill


@dataclass(frozen=True)
class CategoryEncoder:
    """A category: one column per level in sorted order; two levels make one column, the second +1, the first −1.

    Parameters
    ----------
    name : str
        The column.
    levels : tuple of str
        The levels of the training rows, sorted; at most 255, the most frequent ones.
    rare : int
        Number of levels of the training rows beyond those; they are treated as missing.
    """

    kind: ClassVar[str] = "category"
    name: str
    levels: tuple[str, ...]
    rare: int = 0

    @property
    def two(self) -> bool:
        """Whether one column ±1 holds it all."""
        return len(self.levels) == 2 and not self.rare

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        return tuple(f"{self.name} = {level}" for level in (self.levels[1:] if self.two else self.levels))

    def encode(self, column: Column, out: Array) -> str | None:
        """Fill `out`, shape (m, number of features), which holds zeros; return a note or None."""
        codes = column.codes_in(self.levels)
        known = np.flatnonzero(codes >= 0)
        if self.two:
            out[known, 0] = 2.0 * codes[known] - 1.0
        else:
            out[known, codes[known]] = 1.0
        return self._note(column, codes)

    def encode_codes(self, column: Column, codes: Array) -> None:
        """Fill `codes`, shape (m,): the number of the level; of what is none, how many there are."""
        found = column.codes_in(self.levels)
        codes[:] = np.where(found < 0, len(self.levels), found)

    def unseen(self, column: Column) -> str | None:
        """Return a note on categories that are taken as missing, as they are no levels; None if there are none."""
        return self._note(column, column.codes_in(self.levels))

    def words(self) -> str:
        """Return what it does, in a sentence."""
        if self.two:
            return "−1 for the first of its two levels, 1 for the second; missing or unseen: 0"
        levels = f"{len(self.levels):,} levels" if len(self.levels) > 1 else "1 level"
        rare = f", one of {self.rare:,} rarer ones" if self.rare else ""
        return f"1 or 0 in a column for each of {levels}; missing{rare} or unseen: 0 in all"

    def one_row(self, start: int) -> FillRow:
        """Return a function that does in one row what `encode` does, if it knows the category."""
        places = {level: (start + k, 1.0) for k, level in enumerate(self.levels)}
        if self.two:
            places = {self.levels[0]: (start, -1.0), self.levels[1]: (start, 1.0)}

        def fill(cell: str | None, row: Array) -> bool:
            if cell is None:
                return True
            if (found := places.get(cell)) is None:
                return False
            place, value = found
            row[place] = value
            return True

        return fill

    def _note(self, column: Column, codes: Array) -> str | None:
        unknown = (codes < 0) & ~column.missing
        if not unknown.any():
            return None
        names = [str(value) for value in dict.fromkeys(column.values[unknown])]
        shown = ", ".join(f'"{name}"' for name in names[:3]) + (", …" if len(names) > 3 else "")
        count = int(unknown.sum())
        what = "rare or unknown" if self.rare else "unknown"
        cells = f"{count} cell{'s' if count > 1 else ''} with"
        which = f"an {what} category" if len(names) == 1 and not self.rare else f"{what} categories"
        return f'column "{self.name}": {cells} {which} ({shown}) treated as missing'


@dataclass(frozen=True)
class DateEncoder:
    """A date: days from the median, and angles of those parts of the calendar that differed in training.

    Parameters
    ----------
    name : str
        The column.
    center, scale : float
        Median and interquartile range in days since 1970-01-01; scale 0: the date never differed.
    parts : tuple of {"year", "week", "day"}
        Each makes a sine and a cosine: of the time of year, the day of the week, the time of day (UTC).
    indicator : bool
        Whether the last column says 1 where the date is missing (if it was in training rows).
    """

    kind: ClassVar[str] = "date"
    name: str
    center: float
    scale: float
    parts: tuple[str, ...]
    indicator: bool

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of X that it makes."""
        days = (f"{self.name} (days)",) if self.scale else ()
        angles = [f"{self.name} ({_PART_NAMES[part]}, {wave})" for part in self.parts for wave in ("sine", "cosine")]
        return (*days, *angles, *((f"{self.name} is missing",) if self.indicator else ()))

    def encode(self, column: Column, out: Array) -> str | None:
        """Fill `out`, shape (m, number of features), which holds zeros; return a note or None."""
        seconds, there = column.present(), ~column.missing
        first = int(self.scale > 0)
        if first:
            out[there, 0] = robust_scaled(seconds / _DAY, self.center, self.scale)
        for place, part in enumerate(self.parts):
            sine, cosine = _waves(date_part(seconds, part))
            out[there, first + 2 * place], out[there, first + 2 * place + 1] = sine, cosine
        if self.indicator:
            out[:, -1] = column.missing
        return None

    def words(self) -> str:
        """Return what it does, in a sentence."""
        days = [f"(days − {self.center:g}) / {self.scale:g}, clipped smoothly to ± 3"] if self.scale else []
        angles = [f"sine and cosine of the {_PART_NAMES[part]}" for part in self.parts]
        mark = ", and 1 in a column of its own" if self.indicator else ""
        return "; ".join(
            [*days, *angles, f"missing: 0 in all{mark}"] if days or angles else ["1 where it is missing, else 0"]
        )

    def one_row(self, start: int) -> FillRow:
        """Return a function that does in one row what `encode` does; its first column of X is `start`."""
        center, scale, told = self.center, self.scale, start + len(self.feature_names) - 1
        places = [(part, start + int(scale > 0) + 2 * place) for place, part in enumerate(self.parts)]
        if 0.0 < scale < SMALLEST:
            return lambda cell, row: False

        def fill(cell: float | None, row: Array) -> bool:
            if cell is None:
                if self.indicator:
                    row[told] = 1.0
                return True
            if scale:
                row[start] = one_robust_scaled(cell / _DAY, center, scale)
            for part, place in places:
                row[place], row[place + 1] = _waves(date_part(np.asarray(cell), part))
            return True

        return fill


Encoder = NumberEncoder | BooleanEncoder | CategoryEncoder | DateEncoder


def _waves(gone: Array) -> tuple[Array, Array]:
    """Return sine and cosine of a share of a turn."""
    from scipy.special import cosdg, sindg  # the same bits on every machine, unlike NumPy's

    degrees = 360.0 * gone
    return sindg(degrees), cosdg(degrees)


def date_part(seconds: Array, part: str) -> NDArray[np.float64]:
    """Return how far the year, the week (from Monday, in whole days) or the day has gone, from 0 to 1.

    Parameters
    ----------
    seconds : ndarray of float64
        Since 1970-01-01, a Thursday.
    part : {"year", "week", "day"}
        Which.

    Examples
    --------
    >>> date_part(np.array([0.0, 43200.0]), "day").tolist(), date_part(np.array([4 * 86400.0]), "week").tolist()
    ([0.0, 0.5], [0.0])
    """
    if part == "day":
        return np.asarray(np.mod(seconds, _DAY) / _DAY)
    if part == "week":
        return np.asarray(np.mod(np.floor(seconds / _DAY) + 3.0, 7.0) / 7.0)
    years = np.floor(seconds).astype(np.int64).astype("datetime64[s]").astype("datetime64[Y]")
    start = years.astype("datetime64[s]").astype(np.int64)
    return np.asarray((seconds - start) / YEAR_SECONDS)


# ---------------------------------------------------------------- fitting


def fit_encoder(column: Column) -> Encoder | None:
    """Fit the encoder of an input column on its training rows; None if the column is the same in all of them.

    Every row counts once, whatever its weight: medians, quartiles and the 255 levels are those of the table.

    Parameters
    ----------
    column : Column
        Training rows only; numbers are finite.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> fit_encoder(make_column("sex", "category", ["male", "", "female"])).feature_names
    ('sex = male',)
    >>> fit_encoder(make_column("mass", "number", [1.0, float("nan"), 3.0])).feature_names
    ('mass', 'mass is missing')
    """
    if column.kind == "category":
        return _fit_category(column)
    present = column.present()
    some_missing = len(present) < len(column)
    if not len(present) or (not some_missing and np.all(present == present[0])):
        return None
    if column.kind == "boolean":
        return BooleanEncoder(column.name)
    if column.kind == "number":
        return NumberEncoder(column.name, *fit_robust_scale(present), some_missing)
    parts = tuple(part for part in CALENDAR_ANGLES if np.ptp(date_part(present, part)) > 0)
    return DateEncoder(column.name, *fit_robust_scale(present / _DAY), parts, some_missing)


def _fit_category(column: Column) -> CategoryEncoder | None:
    counts = level_counts(column)
    if not counts or (len(counts) == 1 and not column.missing.any()):
        return None
    levels = most_frequent(counts)
    return CategoryEncoder(column.name, levels, len(counts) - len(levels))


def level_counts(column: Column) -> dict[str, int]:
    """Return how many rows have each level of a category, those that occur, sorted by level.

    Examples
    --------
    >>> from descend.tables.columns.column import make_column
    >>> level_counts(make_column("c", "category", ["b", "", "a", "b"]))
    {'a': 1, 'b': 2}
    """
    codes, texts = column.coded()
    frequency = np.bincount(codes[codes >= 0], minlength=len(texts)).tolist()
    return {text: count for text, count in sorted(zip(texts, frequency, strict=True)) if count}


def most_frequent(counts: dict[str, int]) -> tuple[str, ...]:
    """Return the 255 most frequent levels, sorted; among equals those that come first in the alphabet.

    Examples
    --------
    >>> most_frequent({"b": 2, "a": 1})
    ('a', 'b')
    """
    levels = sorted(counts)
    return tuple(sorted(sorted(levels, key=lambda level: -counts[level])[:MOST_LEVELS]))
