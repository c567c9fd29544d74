"""Where the header of a delimited text is, and what separates its fields: decided from the first records."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field

from descend.errors import DataError

SEPARATORS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar", " ": "blanks"}
LOOKED_AT = 100  # records
MOST_ABOVE = 50  # lines before the header
_COMMENTS = ("#", "%", "//")
_DECLARED = re.compile(r'"?sep=([^\w"\r\n]|\\t)"?', re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"[-+−(]?[$€£]? ?\d[\d.,'’ ]*(e[-+]?\d+)?\)? ?%?|[-+]?\.\d+(e[-+]?\d+)?", re.IGNORECASE)
_POINT = re.compile(r"-?\d*\.\d+(e[+-]?\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Record:
    """One of the first records: its number among all of the text, its line, its text."""

    number: int
    line: int
    text: str

    def fields(self, separator: str) -> list[str]:
        """Its fields, without blanks around them."""
        return split(self.text, separator)

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it."""
        return not self.text.strip()

    @property
    def comment(self) -> str:
        """The mark with which it begins, if that is one of a comment."""
        return next((mark for mark in _COMMENTS if self.text.lstrip().startswith(mark)), "")


@dataclass(frozen=True)
class Header:
    """What was found: the record of names, the names, the separator, and what is to be told."""

    record: Record
    names: list[str]
    separator: str
    comment: str = ""
    notes: list[str] = field(default_factory=list)


def _declared(present: list[Record]) -> str:
    """Return the separator that Excel's first line, such as ``sep=;``, names; "" without one."""
    match = _DECLARED.fullmatch(present[0].text.strip(" \r\n")) if len(present) > 1 else None
    return match[1].replace("\\t", "\t") if match and match[1].isascii() else ""


def split(text: str, separator: str) -> list[str]:
    """Return the fields of one record.

    Examples
    --------
    >>> split(' a ,"b, c"', ",")
    ['a', 'b, c']
    """
    if not text.strip():
        return [""]
    try:
        fields = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except (csv.Error, StopIteration):  # a field beyond the module's limit
        fields = text.split(separator)
    return [one.strip() for one in fields]


def find_header(records: list[Record], source: str, separator: str) -> Header:
    """Find the header among the first records.

    Parameters
    ----------
    records : list of Record
        The first ones, blank ones included.
    source : str
        For messages.
    separator : str
        That the name of the file lets expect.

    Raises
    ------
    DataError
        If there is nothing but blanks.

    Examples
    --------
    >>> lines = ["Report", "", "a;b", "1;2"]
    >>> found = find_header([Record(i, i + 1, text) for i, text in enumerate(lines)], "t.csv", ",")
    >>> found.names, found.separator, found.notes[1]
    (['a', 'b'], ';', 't.csv: line 1, above the header, is skipped: "Report".')
    """
    present = [one for one in records if not one.blank]
    if not present:
        raise DataError(f"{source}: the first lines must hold the names of the columns; got nothing but blanks.")
    notes: list[str] = []
    expected, declared = separator, _declared(present)
    if declared:
        separator = declared
        notes.append(f"{source}: line {present[0].line} names the separator, as Excel writes it, and is no row.")
        present = present[1:]
    plain = [one for one in present if not one.comment] or present
    if not declared:
        separator = find_separator(plain, separator)
    width = common_width(plain, separator)
    header, comment = _among(present, plain, separator, width)
    if separator != expected and not declared:
        notes.append(f"{source}: read with {SEPARATORS[separator]} between the fields.")
    names = header.fields(separator)
    above = [one for one in present if one.number < header.number]
    if header.comment == "#" and header.text.lstrip()[1:2] == " " and len(names) == width:
        names = split(header.text.lstrip()[1:], separator)
        notes.append(f"{source}: line {header.line} is read as the header, without its #.")
    if above:
        notes.append(f"{source}: {_lines(above)}, above the header, {_skipped(above)}.")
    return Header(header, names, separator, comment, notes)


def find_separator(records: list[Record], expected: str) -> str:
    """Return the separator that makes most of the records equally long; the expected one if it does as well."""
    best, best_score = expected, (-1.0, False, False)
    for one in dict.fromkeys((expected, *(s for s in SEPARATORS if s != " "))):
        widths = [len(record.fields(one)) for record in records]
        width = common_width(records, one)
        if width < 2 or not any(w == width for w in widths):
            continue
        score = (sum(w == width for w in widths) / len(widths), widths[0] > 1, one == expected)
        if widths[0] < 2 and header_place(records, one, width) is None:
            continue  # a single column of texts that contain such a sign
        if one == expected and widths[0] > 1 and score[0] == 1:
            return one
        if score > best_score:
            best, best_score = one, score
    return best


def common_width(records: list[Record], separator: str) -> int:
    """Return how many fields most of the records have; of two equally common numbers, the first's."""
    return Counter(len(record.fields(separator)) for record in records).most_common(1)[0][0]


def header_place(records: list[Record], separator: str, width: int) -> int | None:
    """Return the first record that is plainly a header: words above a column of numbers; None without one."""
    for place, record in enumerate(records[: MOST_ABOVE + 1]):
        names = record.fields(separator)
        below = [fields for one in records[place + 1 :] if len(fields := one.fields(separator)) == width]
        if len(names) == width and below and _is_header(names, below):
            return place
    return None


def _is_header(names: list[str], below: list[list[str]]) -> bool:
    if 2 * sum(is_number(name) for name in names) >= len(names) or 2 * sum(not name for name in names) > len(names):
        return False
    for name, *cells in zip(names, *below, strict=True):
        present = [cell for cell in cells if cell]
        if name and not is_number(name) and present and all(map(is_number, present)):
            return True
    return False


def is_number(text: str) -> bool:
    """Whether a cell is written as a number, in whatever notation.

    Examples
    --------
    >>> is_number("1.5e3"), is_number("1 000,5"), is_number("a1")
    (True, True, False)
    """
    return _NUMBER.fullmatch(text) is not None


def _among(present: list[Record], plain: list[Record], separator: str, width: int) -> tuple[Record, str]:
    """Return the header, and the mark of comments if lines are skipped for it."""
    comments = [one for one in present if one.comment and one.number < plain[0].number]
    if comments and len(comments[-1].fields(separator)) == width > 1:
        blank = comments[-1].text.lstrip()[1:2] == " "
        place = header_place([comments[-1], *plain], separator, width)
        if place == 0 or (place is None and not blank) or all(map(is_number, plain[0].fields(separator))):
            return comments[-1], comments[0].comment if len(comments) > 1 else ""
    comment = comments[0].comment if comments else ""
    place = header_place(plain, separator, width)
    if place and all(_is_title(one, separator, width) for one in plain[:place]):
        return plain[place], comment
    return plain[0], comment


def _is_title(record: Record, separator: str, width: int) -> bool:
    """Whether a record is words above a table; one with more fields than most is a header of rows that lack some."""
    fields = record.fields(separator)
    return len(fields) < width or sum(map(bool, fields)) <= 1


def _lines(records: list[Record]) -> str:
    first, last = records[0].line, records[-1].line
    return f"line {first}" if len(records) == 1 else f"lines {first} to {last}"


def _skipped(records: list[Record]) -> str:
    text = " ".join(records[0].text.split())
    shown = "".join(sign if sign.isprintable() else "?" for sign in text)
    shown = shown if len(shown) <= 60 else f"{shown[:59]}…"
    return f'{"is" if len(records) == 1 else "are"} skipped: "{shown}"' + (", …" if len(records) > 1 else "")


def check_names_line(names: list[str], where: str) -> None:
    """Raise if half of the names are numbers with a point: then this is a row, and the names are missing.

    Raises
    ------
    DataError
        Saying what to add.
    """
    numbers = [name for name in names if _POINT.fullmatch(name)]
    if 2 * len(numbers) >= len(names):
        shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
        raise DataError(
            f"{where}: the first line must hold the names of the columns; got {shown[:80]}. Add a line of names."
        )
