"""What is said about how a table is read. The docs page *How a table is read* is made from the same sentences."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from descend.errors import quoted
from descend.tables.cells.dates import ORDERS
from descend.tables.cells.findings import Tally
from descend.tables.columns.column import date_text, number_text


class Note(str):
    """What is said of a column, with the rule that it tells of, and what can be done by an option.

    Where there are no options, as in `TabularClassifier.fit`, `in_python` says the same with what a caller can do.
    """

    rule: str
    column: str
    in_python: str

    @classmethod
    def of(cls, rule: str, column: str, text: str, option: str = "", in_python: str = "") -> Note:
        """Make a note: what is so, and what can be done, by an option or without any.

        Examples
        --------
        >>> note = Note.of("slips", "a", "One cell is none.", "Say --drop a.", "Leave the column out.")
        >>> note, note.in_python
        ('One cell is none. Say --drop a.', 'One cell is none. Leave the column out.')
        """
        note = cls(f"{text} {option}".rstrip())
        note.rule, note.column, note.in_python = rule, column, f"{text} {in_python}".rstrip()
        return note

    def said_of(self, source: str) -> Note:
        """Return the note with the name of its table before it."""
        return self._with(f"{source}: {self}", f"{source}: {self.in_python}")

    def followed_by(self, text: str) -> Note:
        """Return the note with a sentence behind it."""
        return self._with(f"{self} {text}", f"{self.in_python} {text}")

    def _with(self, text: str, in_python: str) -> Note:
        note = Note.of(self.rule, self.column, text)
        note.in_python = in_python
        return note


def renamed(note: str, old: str, new: str) -> str:
    """Return a note on a table with another name for it.

    Examples
    --------
    >>> renamed("/tmp/x.csv: it is in UTF-16.", "/tmp/x.csv", "x.csv")
    'x.csv: it is in UTF-16.'
    """
    if not isinstance(note, Note):
        return note.replace(old, new)
    made = Note.of(note.rule, note.column, note.replace(old, new))
    made.in_python = note.in_python.replace(old, new)
    return made


def in_python(text: str) -> str:
    """Return what is said where there are no options."""
    return text.in_python if isinstance(text, Note) else text


def grouped(notes: Sequence[str], most: int = 3) -> list[str]:
    """Return notes, of those with the same rule only the first if they are many, with the other columns' names.

    Examples
    --------
    >>> grouped([Note.of("date", name, f'"{name}" is a date.') for name in "abcde"], most=2)
    ['"a" is a date. The same holds for 4 more columns: "b", "c", "d", …']
    """
    by_rule: dict[str, list[Note]] = {}
    for note in notes:
        if isinstance(note, Note):
            by_rule.setdefault(note.rule, []).append(note)
    made: list[str] = []
    for note in notes:
        same = by_rule[note.rule] if isinstance(note, Note) else []
        if len(same) <= most:
            made.append(note)
        elif note is same[0]:
            names = ", ".join(quoted(one.column) for one in same[1:4]) + (", …" if len(same) > 4 else "")
            made.append(note.followed_by(f"The same holds for {len(same) - 1} more columns: {names}"))
    return made


def _type(name: str, kind: str) -> str:
    """The option that says what a column is, as one would type it."""
    return f"--type {shlex.quote(f'{name}={kind}')}"


_MAKE_NUMBERS = "Make numbers of the column if they count or measure something."
_MAKE_EITHER = 'or make it categorical (`astype("category")`).'


def two_numbers(name: str, cell: Tally) -> Note:
    """Two readings of a number: ask."""
    mark = "," if "," in cell.text else "."
    whole = cell.text.replace(mark, "")
    return Note.of(
        "two numbers",
        name,
        f"column {quoted(name)}: {quoted(cell.text)} in row {cell.row + 1} can be {whole} or "
        f"{cell.text.replace(mark, '.')}, and nothing in the table tells which.",
        f"Say --decimal . or --decimal , (decimal= in Python), or {_type(name, 'category')}.",
        f"Make numbers of the column, {_MAKE_EITHER}",
    )


def two_dates(name: str, cell: Tally, orders: Collection[str]) -> Note:
    """Several readings of a date: ask."""
    possible = [order for order in ORDERS if order in orders] or ORDERS[:2]
    first = " or ".join({"d": "the day", "m": "the month", "y": "the year"}[order[0]] for order in possible)
    return Note.of(
        "two dates",
        name,
        f"column {quoted(name)}: {quoted(cell.text)} in row {cell.row + 1} can be read with {first} first, and no cell "
        "tells which.",
        f"Say --date-format {' or '.join(possible)} (date_format= in Python), or {_type(name, 'category')}.",
        f"Make dates of the column, {_MAKE_EITHER}",
    )


def leading_zeros(name: str, cell: Tally) -> Note:
    """Codes."""
    return Note.of(
        "leading zeros",
        name,
        f"column {quoted(name)} is read as text: {quoted(cell.text)} in row {cell.row + 1} has leading zeros, as codes "
        "have.",
        f"{_type(name, 'number')} reads numbers.",
        _MAKE_NUMBERS,
    )


def kept_as_texts(name: str, cell: Tally) -> Note:
    """Codes, as the source has texts of them, and numbers elsewhere."""
    return Note.of(
        "kept as texts",
        name,
        f"column {quoted(name)} is read as text: its whole numbers, such as {quoted(cell.text)}, are kept as texts, "
        "and those of other columns as numbers.",
        f"{_type(name, 'number')} reads numbers.",
        _MAKE_NUMBERS,
    )


def two_spellings(name: str, one: str, other: str) -> Note:
    """Codes such as versions."""
    return Note.of(
        "two spellings",
        name,
        f"column {quoted(name)} is read as text: {quoted(one)} and {quoted(other)} would be the same number, and only "
        "a few different ones occur, as with codes.",
        f"{_type(name, 'number')} reads numbers.",
        _MAKE_NUMBERS,
    )


def two_dots(name: str, cell: Tally) -> Note:
    """Codes with two dots of the same length."""
    return Note.of(
        "two dots",
        name,
        f"column {quoted(name)} is read as text: {quoted(cell.text)} in row {cell.row + 1} and all others have the "
        "same length and two dots, as codes have.",
        f"{_type(name, 'number')} with --decimal , reads numbers.",
        _MAKE_NUMBERS,
    )


def beyond_exact(name: str, text: str, row: int) -> Note:
    """Whole numbers that float64 cannot tell apart."""
    few = text if len(text) <= 40 else f"{text[:20]}… ({len(text)} digits)"
    return Note.of(
        "beyond exact",
        name,
        f"column {quoted(name)} is read as text: whole numbers beyond 2^53 lose their last digits as floating-point "
        f"numbers; the first is {few} in row {row + 1}.",
        f"{_type(name, 'number')} reads numbers.",
        "Make floats of the column if they count or measure something.",
    )


def read_as_number(name: str, text: str, value: float) -> Note:
    """Numbers in other clothes."""
    return Note.of(
        "read as number", name, f"column {quoted(name)} is read as numbers: {quoted(text)} is {number_text(value)}."
    )


def read_as_date(name: str, text: str, seconds: float | None) -> Note:
    """Dates of other countries."""
    return Note.of(
        "read as date", name, f"column {quoted(name)} is read as dates: {quoted(text)} is {date_text(seconds or 0.0)}."
    )


def read_as_missing(name: str, count: int, words: Sequence[str]) -> Note:
    """Words for missing."""
    cells = f"{count:,} cell{'s' if count != 1 else ''}"
    listed = ", ".join(words[:4]) + (", …" if len(words) > 4 else "")
    word = words[0].strip('"')
    return Note.of(
        "read as missing",
        name,
        f"column {quoted(name)}: {cells} with {listed} {'is' if count == 1 else 'are'} read as missing.",
        f"--missing '\"{word}\"' keeps the word.",
        "A categorical column keeps the word.",
    )


def slips(name: str, count: int, cell: Tally) -> Note:
    """A few texts among numbers."""
    more = f" ({count - 1} more)" if count > 1 else ""
    return Note.of(
        "slips",
        name,
        f"column {quoted(name)} is read as numbers, but {quoted(cell.text)} in row {cell.row + 1} is none{more}; read "
        "as missing.",
        f"Correct it; {_type(name, 'category')} reads the column as text.",
        "Correct it, or make the column categorical.",
    )


def spellings_differ(name: str, one: str, other: str) -> Note:
    """Numbers in several spellings."""
    return Note.of(
        "spellings differ",
        name,
        f"column {quoted(name)} is read as numbers; {quoted(one)} and {quoted(other)} are the same one.",
        f"{_type(name, 'category')} tells them apart.",
        "A categorical column tells them apart.",
    )


def spellings_vary(name: str, cell: Tally) -> Note:
    """Numbers with and without zeros at their ends."""
    return Note.of(
        "spellings vary",
        name,
        f"column {quoted(name)} is read as numbers: the 0 at the end of {quoted(cell.text)} in row {cell.row + 1} says "
        "nothing.",
        f"{_type(name, 'category')} keeps spellings apart.",
        "A categorical column keeps spellings apart.",
    )


def text_among_numbers(name: str, numbers: int, cells: int, odd: Tally | None, styles: Sequence[str]) -> Note:
    """Text, although most cells look like numbers."""
    if odd is None:
        return Note.of(
            "text among numbers",
            name,
            f"column {quoted(name)} is read as text: its cells look like numbers, but written in several ways, such as "
            f"{' and '.join(quoted(one) for one in styles)}. Write them in one way.",
        )
    return Note.of(
        "text among numbers",
        name,
        f"column {quoted(name)} is read as text: {cells - numbers:,} of {cells:,} values are not numbers, the first "
        f"is {quoted(odd.text)} in row {odd.row + 1}.",
        f"{_type(name, 'number')} reads numbers and takes the others as missing.",
        "If these are numbers, make numbers of the column, missing where it has none.",
    )


def text_among_dates(name: str, date: Tally, odd: Tally | None) -> Note:
    """Text, although most cells look like dates."""
    but = f"{quoted(odd.text)} in row {odd.row + 1} is none" if odd else "no order of day and month fits all of them"
    return Note.of(
        "text among dates",
        name,
        f"column {quoted(name)} is read as text: {quoted(date.text)} looks like a date, but {but}.",
        f"Write them as 2024-02-29, or say --date-format; {_type(name, 'date')} takes others as missing.",
        "If these are dates, make dates of the column, missing where it has none.",
    )


def unread(name: str, kind: str, count: int, row: int, text: str) -> Note:
    """Cells that do not suit a user's word."""
    what = {"number": "numbers", "date": "dates", "boolean": "true or false"}[kind]
    none = "neither" if kind == "boolean" else "none"
    more = f" ({count - 1} more)" if count > 1 else ""
    return Note.of(
        "unread",
        name,
        f"column {quoted(name)} is read as {what} as asked for; {quoted(text)} in row {row + 1} is {none}{more}; read "
        "as missing.",
    )


def sentinel(name: str, count: int, value: str, lowest: str, highest: str) -> Note:
    """A value far outside the rest that programs write for missing."""
    return Note.of(
        "sentinel",
        name,
        f"column {quoted(name)}: {count:,} cell{'s' if count != 1 else ''} with {value}, far outside the rest "
        f"({lowest} … {highest}).",
        f"If that means missing, say --missing {shlex.quote(value)}.",
        "If that means missing, make those cells missing (NaN).",
    )


def all_different(name: str) -> Note:
    """Whole numbers that may number the rows."""
    return Note.of(
        "all different",
        name,
        f"column {quoted(name)} holds whole numbers that are all different.",
        f"If they number the rows, leave them out: --drop {shlex.quote(name)}.",
        "If they number the rows, leave the column out.",
    )


def numbers_the_rows(name: str) -> Note:
    """Why a column is no input."""
    return Note.of(
        "row numbers",
        name,
        "it numbers the rows (whole numbers, all different);",
        f"{_type(name, 'number')} keeps it",
        "under another name it is kept",
    )
