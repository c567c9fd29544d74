"""What is found out about a column from its cells as they are written: counts of each way of writing, with examples.

Findings of pieces of a table are added; what a column is, is decided from the sum (`reading.decide`). Their size is
bounded, whatever the table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from descend.tables.cells.dates import ANY_ORDER, orders_of
from descend.tables.cells.notation import Written, dissect, likely_value
from descend.tables.cells.texts import MISSING_WORDS, Texts

MOST_EXACT = 2**53  # beyond it float64 skips whole numbers
MOST_TEXTS = 2000  # different texts that are counted one by one
FEW_VALUES = 20  # so many different numbers may be names rather than quantities
LOOKED_AT = 2000  # cells of a column of plain numbers that are looked at first


class Tally(NamedTuple):
    """How many cells there are of a kind, and the first of them: its row, from 0, and its text."""

    cells: int
    row: int
    text: str

    def plus(self, other: Tally) -> Tally:
        """Return the sum; `other` is of later rows."""
        return Tally(self.cells + other.cells, self.row, self.text)


class Style(NamedTuple):
    """A way of writing a number: the shape of its digits and marks, and what stands around them."""

    shape: str
    prefix: str = ""
    suffix: str = ""
    sign: str = ""


class DateStyle(NamedTuple):
    """A way of writing a date: the mark between its parts ("" where the month has a name), the orders that fit all."""

    mark: str
    orders: frozenset[str]


@dataclass
class Findings:
    """What was found in the texts of a column, or of a piece of it.

    Parameters
    ----------
    rows, empty : int
        Cells, and those that are empty.
    missing : dict of str to Tally
        Words for "missing" without quotation marks.
    numbers : dict of Style to Tally
        Texts that look like numbers.
    dates : dict of DateStyle to Tally
        Texts that look like dates.
    texts : dict of str to Tally
        All other texts, one by one; at most `MOST_TEXTS`.
    other : Tally or None
        The other texts beyond those.
    spellings : dict of str to float, or None
        Number texts and their values (by the plain notation) while these are at most `FEW_VALUES` different values.
    trailing : Tally or None
        Numbers whose decimals end in 0, such as 1.10, where ``decimals`` differ.
    decimals : tuple of int
        Least and most digits after the mark.
    beyond : Tally or None
        Whole numbers beyond 2^53.
    lengths : tuple of int
        Least and most characters of numbers with two dots.
    """

    rows: int = 0
    empty: int = 0
    missing: dict[str, Tally] = field(default_factory=dict)
    numbers: dict[Style, Tally] = field(default_factory=dict)
    dates: dict[DateStyle, Tally] = field(default_factory=dict)
    texts: dict[str, Tally] = field(default_factory=dict)
    other: Tally | None = None
    spellings: dict[str, float] | None = field(default_factory=dict)
    trailing: Tally | None = None
    decimals: tuple[int, int] = (99, 0)
    beyond: Tally | None = None
    lengths: tuple[int, int] = (99, 0)

    def count(self, what: str) -> int:
        """Return how many cells are of a kind: "numbers", "dates", "texts" or "missing"."""
        held: Mapping[Any, Tally] = getattr(self, what)
        more = self.other.cells if what == "texts" and self.other else 0
        return sum(one.cells for one in held.values()) + more

    def first(self, what: str) -> Tally:
        """Return the first tally of a kind, by its row."""
        held: Mapping[Any, Tally] = getattr(self, what)
        return min(held.values(), key=lambda one: one.row)

    @property
    def few(self) -> bool:
        """Whether there are only a few different numbers, each in several rows."""
        if self.spellings is None or self.other:
            return False
        values = set(self.spellings.values())
        return len(values) <= FEW_VALUES and 4 * len(values) <= self.count("numbers")

    def plus(self, other: Findings) -> Findings:
        """Return what is found in both pieces together; `other` holds later rows.

        Examples
        --------
        >>> both = find_out(Texts.of(["1", "x"])).plus(find_out(Texts.of(["", "x", "2.5"])))
        >>> both.rows, both.empty, both.texts["x"], both.count("numbers")
        (5, 1, Tally(cells=2, row=1, text='x'), 2)
        """
        later = _moved(other, self.rows)
        sums: dict[str, Any] = {
            name: _added(getattr(self, name), getattr(later, name)) for name in ("missing", "numbers", "texts")
        }
        made = Findings(self.rows + other.rows, self.empty + other.empty, **sums)
        made.other = _sum(self.other, later.other)
        made.dates = _joined_dates([*self.dates.items(), *later.dates.items()])
        made._bound_texts()
        both = None if self.spellings is None or other.spellings is None else self.spellings | other.spellings
        made.spellings = _bounded(both)
        made.trailing, made.beyond = _sum(self.trailing, later.trailing), _sum(self.beyond, later.beyond)
        made.decimals = _span(self.decimals, other.decimals)
        made.lengths = _span(self.lengths, other.lengths)
        return made

    def _bound_texts(self) -> None:
        if len(self.texts) > MOST_TEXTS:
            kept = dict(list(self.texts.items())[:MOST_TEXTS])
            for text, tally in self.texts.items():
                if text not in kept:
                    self.other = _sum(self.other, tally)
            self.texts = kept


def find_out(texts: Texts, words: Collection[str] = (), kept: Collection[str] = ()) -> Findings:
    """Look at the texts of a column, or of a piece of it.

    Parameters
    ----------
    texts : Texts
        As they are written.
    words, kept : collection of str
        Words that a user calls missing, and those that the user does not.

    Examples
    --------
    >>> found = find_out(Texts.of(["1.5", "NA", "$3", "2024-01-02", "red"]))
    >>> list(found.numbers), list(found.missing), list(found.texts), found.count("dates")
    ([Style(shape='dot', prefix='', suffix='', sign=''), Style(shape='few digits', prefix='$', suffix='', \
sign='')], ['NA'], ['red'], 1)
    """
    plain = _plain_numbers(texts, words)
    if plain is not None:
        return plain
    found = Findings(rows=len(texts), empty=int((texts.codes < 0).sum()))
    counts, rows = texts.counts().tolist(), texts.first_rows().tolist()
    for code, text in enumerate(texts.distinct):
        tally = Tally(counts[code], rows[code], text)
        if text in words or (text in MISSING_WORDS and code not in texts.kept and text not in kept):
            _put(found.missing, text, tally)
        elif tally.cells:
            _add_text(found, text, tally)
    found.missing = {word: tally for word, tally in found.missing.items() if tally.cells}
    found.dates = _joined_dates(list(found.dates.items()))
    found._bound_texts()
    return found


def _add_text(found: Findings, text: str, tally: Tally) -> None:
    if (written := dissect(text)) is not None:
        _put(found.numbers, Style(written.shape, written.prefix, written.suffix, written.sign), tally)
        _add_spelling(found, text, written, tally)
    elif orders := orders_of(text):
        mark = next((one for one in text if one in "/-."), "") if orders != ANY_ORDER else ""
        _put(found.dates, DateStyle(mark, orders), tally)
    else:
        _put(found.texts, text, tally)


def _add_spelling(found: Findings, text: str, written: Written, tally: Tally) -> None:
    body = written.body
    if written.shape in ("few digits", "digits", "dots"):
        if written.shape == "dots":
            found.lengths = _span(found.lengths, (len(body), len(body)))
        elif len(body) > 15 and not written.exponent and (len(body) > 20 or int(body) > MOST_EXACT):
            found.beyond = _sum(found.beyond, tally)
    after = _decimals(written)
    found.decimals = _span(found.decimals, (after, after))
    if after > 1 and body.endswith("0"):
        found.trailing = _sum(found.trailing, tally)
    if found.spellings is not None:
        found.spellings[text] = likely_value(written)
        found.spellings = _bounded(found.spellings)


def _decimals(written: Written) -> int:
    """How many digits stand after the decimal mark."""
    last = written.shape.split()[-1]
    mark = {"dot": ".", "dot3": ".", "comma": ",", "comma3": ","}.get(last, "")
    return len(written.body.rpartition(mark)[2]) if mark else 0


# ---------------------------------------------------------------- a column of plain numbers, as a whole


def _plain_numbers(texts: Texts, more: Collection[str]) -> Findings | None:
    """Return what is found in a polars series of many plain numbers, or None if it has to be looked at one by one."""
    series = texts.series
    if series is None or len(series) <= LOOKED_AT or series.head(LOOKED_AT).n_unique() <= 2 * FEW_VALUES:
        return None
    for mark in (".", ","):
        numbers = texts.numbers_with(mark)
        if numbers is not None and (found := _all_numbers(series, numbers, more)) is not None:
            return _shapes(found, series, numbers.fill_nan(None), mark)
    return None


def _all_numbers(series: Any, numbers: Any, more: Collection[str]) -> Findings | None:
    """Return empty cells and words for "missing", or None if there is something else beside plain numbers."""
    failed = series.filter((numbers.is_null() | numbers.is_nan()) & series.is_not_null())
    words = failed.unique(maintain_order=True).to_list() if len(failed) else []
    if any(word not in MISSING_WORDS and word not in more for word in words) or numbers.is_infinite().any():
        return None
    if series.str.contains(r"^[+-]?0\d").any() or numbers.count() == 0:
        return None
    found = Findings(rows=len(series), empty=series.null_count(), spellings=None)
    found.missing = {word: _tally(series, series == word) for word in words}
    return found


def _shapes(found: Findings, series: Any, numbers: Any, mark: str) -> Findings | None:
    """Find the shapes of plain numbers without a look at each of them, where the first ones tell."""
    shape, sign = ("dot", r"\.") if mark == "." else ("comma", ",")
    with_mark = series.str.contains(mark, literal=True) & numbers.is_not_null()
    if with_mark.any():
        looked = (dissect(one) for one in series.head(LOOKED_AT).drop_nulls())
        if not any(written is not None and written.shape == shape for written in looked):
            return None
        found.numbers[Style(shape)] = _tally(series, with_mark)
        trailing = series.str.contains(rf"{sign}\d+0$")
        if trailing.any():
            found.trailing = _tally(series, trailing)
            ends = series.str.extract(rf"{sign}(\d+)$").str.len_bytes().fill_null(0)
            found.decimals = (int(ends.min()), int(ends.max()))
    whole = ~with_mark & numbers.is_not_null()
    if whole.any():
        found.numbers[Style("digits")] = _tally(series, whole)
        if (large := whole & (numbers.abs() > MOST_EXACT) & ~series.str.contains("[eE]")).any():
            found.beyond = _tally(series, large)
    return found


def _tally(series: Any, mask: Any) -> Tally:
    rows = mask.fill_null(False)
    row = int(rows.arg_max())
    return Tally(int(rows.sum()), row, str(series[row]))


# ---------------------------------------------------------------- sums


def _put(held: dict[Any, Tally], key: Any, tally: Tally) -> None:
    held[key] = _joined(held[key], tally) if key in held else tally


def _joined(one: Tally, other: Tally) -> Tally:
    first, later = (one, other) if one.row <= other.row else (other, one)
    return first.plus(later)


def _sum(one: Tally | None, other: Tally | None) -> Tally | None:
    if one is None or other is None:
        return one or other
    return _joined(one, other)


def _added(one: Mapping[Any, Tally], other: Mapping[Any, Tally]) -> dict[Any, Tally]:
    made = dict(one)
    for key, tally in other.items():
        _put(made, key, tally)
    return made


def _joined_dates(dates: list[tuple[DateStyle, Tally]]) -> dict[DateStyle, Tally]:
    """Return one style per mark: the orders that fit all texts with this mark, and the text that says most."""
    orders: dict[str, frozenset[str]] = {}
    tallies: dict[str, Tally] = {}
    fewest: dict[str, int] = {}
    for style, tally in dates:
        mark, few = style.mark, len(style.orders)
        orders[mark] = orders.get(mark, ANY_ORDER) & style.orders
        held = tallies.get(mark)
        telling = tally if held is None or few < fewest[mark] else held
        tallies[mark] = telling._replace(cells=tally.cells + (held.cells if held else 0))
        fewest[mark] = min(few, fewest.get(mark, few))
    return {DateStyle(mark, orders[mark]): tally for mark, tally in tallies.items()}


def _moved(found: Findings, rows: int) -> Findings:
    """Return findings whose rows are counted from an earlier one."""

    def moved(value: Any) -> Any:
        if isinstance(value, Tally):
            return value._replace(row=value.row + rows)
        return {key: moved(one) for key, one in value.items()} if isinstance(value, dict) else value

    names = ("missing", "numbers", "dates", "texts", "other", "trailing", "beyond")
    made = Findings(found.rows, found.empty)
    for name in names:
        setattr(made, name, moved(getattr(found, name)))
    return made


def _span(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return min(one[0], other[0]), max(one[1], other[1])


def _bounded(spellings: dict[str, float] | None) -> dict[str, float] | None:
    if spellings is None or len(spellings) <= 2 * FEW_VALUES:
        return spellings
    return spellings if len(set(spellings.values())) <= FEW_VALUES and len(spellings) <= MOST_TEXTS else None
