"""Text whose fields are separated by blanks, several or of fixed width -> the same with tabs."""

from __future__ import annotations

import re

from descend.errors import DataError
from descend.tables.files.header import MOST_ABOVE, Record, is_number

_FIELD = re.compile(r'"(?:[^"\n]|"")*"|[^\s"]+')
_WIDE_FIELD = re.compile(r'"(?:[^"\n]|"")*"|[^\s"]+(?: [^\s"]+)*')
_RUNS = {_FIELD: rb"[ \t]+", _WIDE_FIELD: rb"[ \t]{2,}|\t"}
_AROUND = re.compile(rb"^[ \t]+|[ \t]+(?=\r?$)", re.MULTILINE)
_AFTER_MARK = re.compile(rb"^([#%])\t", re.MULTILINE)


def blanks_between(records: list[Record], source: str) -> re.Pattern[str] | None:
    """Return the pattern of a field if the first records can only be rows of fields with blanks between.

    All have equally many fields (the header perhaps one less, as R writes it), and one of the columns below the header
    holds only numbers: names of persons in a single column are no fields. One blank separates; if that does not fit, at
    least two do.

    Raises
    ------
    DataError
        If several blanks together stand in the header, and the rows fit neither reading.

    Examples
    --------
    >>> blanks_between([Record(0, 1, "a   b"), Record(1, 2, "1   x")], "t.txt") is not None
    True
    >>> blanks_between([Record(0, 1, "full name"), Record(1, 2, "Ada Lovelace")], "t.txt") is None
    True
    """
    present = [one for one in records if not one.blank]
    for pattern in (_FIELD, _WIDE_FIELD):
        if _fit(present, pattern):
            return pattern
    text = present[0].text.strip()
    if re.search(r"\S {2,}\S", text) and not present[0].comment:
        fields = [len(_FIELD.findall(one.text)) for one in present]
        row = next((at for at, one in enumerate(fields) if one != fields[0]), 0)
        if row:
            raise DataError(
                f"{source}, line {present[row].line}: blanks seem to separate the fields, and every line must have as "
                f"many as the header, {fields[0]}; got {fields[row]}. Write the table with commas between the fields."
            )
    return None


def _fit(present: list[Record], pattern: re.Pattern[str]) -> bool:
    plain = [one for one in present if not one.comment]
    fields = [pattern.findall(one.text) for one in plain]
    width = len(fields[-1]) if fields else 0
    if width < 2:
        return False
    above = [pattern.findall(one.text.lstrip()[1:]) for one in present if one.comment and one.number < plain[0].number]
    if above and len(above[-1]) == width and all(map(is_number, fields[0])):
        fields = [above[-1], *fields]  # the header is a comment
    start = next((at for at, one in enumerate(fields) if len(one) > 1 and len(one) in (width, width - 1)), len(fields))
    names, below = fields[start] if start < len(fields) else [], fields[start + 1 :]
    if start > MOST_ABOVE or not below or any(len(one) != width for one in below):
        return False
    if start and any(map(is_number, names)):  # below a name in a single column: 12 kg
        return False
    if all(is_number(name.strip('"')) for name in names) or (len(names) < width and not _are_row_names(below)):
        return False
    return any(all(map(is_number, column)) for column in list(zip(*below, strict=True))[width - len(names) :])


def _are_row_names(below: list[list[str]]) -> bool:
    first = [one[0].strip('"') for one in below]
    counted = first == [str(number) for number in range(1, len(first) + 1)] and len(first) > 1
    return len(set(first)) == len(first) and (counted or all(one[0].startswith('"') for one in below))


def separated_by_tabs(text: bytes, pattern: re.Pattern[str] = _FIELD) -> bytes:
    r"""Return the text with one tab for every run of blanks outside quotation marks, and none around a line.

    Examples
    --------
    >>> separated_by_tabs(b' a   "b c"\n')
    b'a\t"b c"\n'
    """
    run, text = _RUNS[pattern], _AROUND.sub(b"", text)
    if b'"' in text:
        text = re.sub(rb'("(?:[^"\n]|"")*")|' + run, lambda found: found[1] or b"\t", text)
    else:
        text = re.sub(run, b"\t", text)
    return _AFTER_MARK.sub(rb"\1 ", text)
