"""A row of a table in C: a field for each column, constants for categories, and columns of Python laid out like it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from descend.exports.c.names import comment, constants, fields, table
from descend.exports.described import Cells, Described, RawColumn
from descend.exports.special import seconds_of
from descend.preprocessing.encoders.hashed import WIDTH
from descend.tables.columns.column import Column, number_text
from descend.typing import Array

RESERVED = (
    "COLUMNS",
    "FEATURES",
    "OUTPUTS",
    "LABELS",
    "SCRATCH",
    "NOT_FINITE",
    "SELF_TEST",
    "RESTRICT",
    "FAST_MATH",
    "H",
)
FAR = 16.0  # scales from 0, from which on float holds too little of where a number stands
OTHER = -2  # the code of a level that no encoder knows; that of missing is -1
LARGE, SMALL = 1e30, 1e-30
MOST_TOLD = 4  # numbers and words that mean "missing", in a comment


@dataclass(frozen=True)
class Field:
    """A column of a table as a field of a row.

    Parameters
    ----------
    column : RawColumn
        The column.
    name : str
        Of the field.
    type : {"float", "double", "int"}
        Its type in C: numbers are float, or double where float would not do; dates double; codes int.
    constants : tuple of str
        Of a category: the names of the codes −2 (another level), −1 (missing), 0, 1, … of its levels.
    hashed : bool
        Whether levels without a code of their own differ, by −2 − h, h from 0 to 63; else all are −2.
    """

    column: RawColumn
    name: str
    type: str
    constants: tuple[str, ...] = ()
    hashed: bool = False

    @property
    def kind(self) -> str:
        """What its values are."""
        return self.column.kind

    @property
    def marks(self) -> tuple[float, ...]:
        """Numbers that mean "missing" in it, beside NaN or −1."""
        known = () if self.kind == "category" else self.column.missing_numbers
        return tuple(one for one in known if self.kind != "boolean" or one != -1.0)

    def code(self, level: str) -> int:
        """Return the code of a level; −2 for one that no encoder knows, or below that where these differ."""
        if level in self.column.levels:
            return self.column.levels.index(level)
        return -2 - hash_of(level) if self.hashed else OTHER


def hash_of(level: str) -> int:
    """Return which of 64 cases of `HashedEncoder` a level is: its column, and 32 more if its sign is −.

    Examples
    --------
    >>> hash_of("rare"), hash_of("unseen")
    (63, 25)
    """
    word = crc32(level.encode("utf-8", "surrogatepass"))
    return word % WIDTH + WIDTH * (word >> 31)


def fields_of(described: Described) -> tuple[Field, ...]:
    """Return the fields of a row, in the order of the model's columns; none if it reads X.

    Examples
    --------
    >>> import descend
    >>> from descend.exports.fitted import described
    >>> fields_of(described(descend.Network([2, 1], seed=0)))
    ()
    """
    encoders = described.nets[0].encoders
    made: list[Field] = []
    taken = set(RESERVED)
    for column, name in zip(described.columns, fields([one.name for one in described.columns]), strict=True):
        own = [one for one in encoders if column.name in columns_of(one)]
        codes = (
            constants(name, ["other", "missing", *column.levels], "level", taken) if column.kind == "category" else []
        )
        taken.update(codes)
        hashed = any(one.kind == "hashed" for one in own)
        made.append(Field(column, name, _type(column, own), tuple(codes), hashed))
    return tuple(made)


def columns_of(encoder: Any) -> tuple[str, ...]:
    """Names of the columns that an encoder reads."""
    return tuple(encoder.columns) if hasattr(encoder, "columns") else (encoder.name,)


def _type(column: RawColumn, encoders: Iterable[Any]) -> str:
    if column.kind in ("boolean", "category"):
        return "int"
    near = column.kind == "number" and all(_near(one) for one in encoders)
    return "float" if near and all(map(_held, column.missing_numbers)) else "double"


def _held(mark: float) -> bool:
    """Whether float has a number, but for rounding."""
    with np.errstate(over="ignore"):
        as_float = float(np.float32(mark))
    return as_float == mark or (np.isfinite(as_float) and abs(as_float - mark) < 1e-7 * abs(mark))


def _near(encoder: Any) -> bool:
    """Whether float holds enough of a number for what an encoder makes of it."""
    if encoder.kind != "number":
        return False
    scale = encoder.scale or 1.0
    return bool(SMALL < scale < LARGE and abs(encoder.center) <= FAR * scale)


# ---------------------------------------------------------------- what the header says of it


def row_text(row_fields: Sequence[Field], features: Sequence[str]) -> str:
    """Return constants and the type of a row; of a model that reads X it is that."""
    if not row_fields:
        names = ", ".join(comment(name) for name in features[:40]) + (", ..." if len(features) > 40 else "")
        return f"/* One row: {names} */\ntypedef struct {{\n  float x[$FEATURES];\n}} @row;\n"
    parts = [_codes(field) for field in row_fields if field.kind == "category"]
    lines = "".join(f"  {field.type} {field.name}; /* {_words(field)} */\n" for field in row_fields)
    return "\n".join([*parts, f"/* One row of the table */\ntypedef struct {{\n{lines}}} @row;\n"])


def _words(field: Field) -> str:
    marks = "".join(f" or {number_text(one)}" for one in field.marks[:MOST_TOLD])
    marks += f" or one of {len(field.marks) - MOST_TOLD} more numbers" if len(field.marks) > MOST_TOLD else ""
    what = {
        "number": f"number, NaN{marks}: missing",
        "date": f"seconds since 1970-01-01 00:00 UTC, NaN{marks}: missing",
        "boolean": f"1: yes, 0: no, -1{marks}: missing",
        "category": f"${field.name.upper()}_..., -1: missing, -2: another",
    }[field.kind]
    far = "; double, as it stands far from 0 for its spread" if (field.kind, field.type) == ("number", "double") else ""
    name = comment(field.column.name)
    return f"{what}{far}" if name == field.name else f'"{name}": {what}{far}'


def _codes(field: Field) -> str:
    names = iter(field.constants)
    lines = [f"  ${next(names)} = {code}" for code in (OTHER, -1)]
    for code, (name, level) in enumerate(zip(names, field.column.levels, strict=True)):
        lines.append(f'  ${name} = {code} /* "{comment(level)}" */')
    listed = ",\n".join(lines)
    look = f"int @{field.name}_of(const char *text);"
    other = "one of 64 below -1" if field.hashed else "-2"
    words = [f'"{comment(text)}"' for text in field.column.missing_texts]
    more = f", ... ({len(words)} words)" if len(words) > MOST_TOLD else ""
    told = (
        "/* The code of a text in UTF-8 without blanks around it; that of another text than those of the training is\n"
        f'   {other}, of a missing one -1: of "", {", ".join(words[:MOST_TOLD])}{more}. */'
    )
    return f"enum {{\n{listed}\n}};\n{told}\n{look}\n"


# ---------------------------------------------------------------- texts to codes


def lookups(row_fields: Sequence[Field]) -> str:
    """Return the functions that find the code of a text: one for each category; and words that mean "missing"."""
    categories = [field for field in row_fields if field.kind == "category"]
    different = dict.fromkeys(one.column.missing_texts for one in categories)
    words = {texts: f"@missing_{k}" for k, texts in enumerate(different)}
    tables = [table("unsigned char", name, _bytes(texts)) for texts, name in words.items() if texts]
    return "\n".join([*tables, *(_lookup(one, words[one.column.missing_texts]) for one in categories)])


def needed_by_lookups(row_fields: Sequence[Field]) -> list[str]:
    """Return the functions that they call."""
    categories = [field for field in row_fields if field.kind == "category"]
    return ["checksum"] * any(field.hashed for field in categories) + ["find_text"] * bool(categories)


def _bytes(texts: Sequence[str]) -> Array:
    """Texts one after the other, each with a 0 behind it; one that holds a 0 itself is no text of C."""
    as_c = (text.encode("utf-8", "surrogatepass").replace(b"\0", b"\xff") + b"\0" for text in texts)
    return np.frombuffer(b"".join(as_c), np.uint8)


def _lookup(field: Field, words: str) -> str:
    levels, gone, name = field.column.levels, field.column.missing_texts, field.name
    otherwise = str(OTHER)
    if field.hashed:
        otherwise = "-2 - (int)(@checksum(text) % 32u + 32u * (@checksum(text) >> 31))"
    texts = table("unsigned char", "levels", _bytes(levels)) if levels else ""
    found = f"@find_text(levels, {len(levels)}, text, {otherwise})" if levels else otherwise
    missing = "!*text" + (f" || @find_text({words}, {len(gone)}, text, -1) >= 0" if gone else "")
    return (
        f"int @{name}_of(const char *text) {{\n{_indented(texts)}  if ({missing}) return -1;\n  return {found};\n}}\n"
    )


def _indented(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())


# ---------------------------------------------------------------- rows of Python, laid out as in C


def packed(row_fields: Sequence[Field], columns: Mapping[str, Column], cells: Cells | None = None) -> Array:
    """Return typed columns as an array of rows of C.

    Parameters
    ----------
    row_fields : sequence of Field
        The fields of a row.
    columns : mapping of str to Column
        As the model reads them.
    cells : mapping of str to sequence or None, default None
        As they were given: numbers that mean "missing" are given to C, too.

    Examples
    --------
    >>> from descend.tables.cells.reading import Reading
    >>> from descend.tables.columns.column import make_column
    >>> names = ("COLOUR_OTHER", "COLOUR_MISSING", "COLOUR_BLUE", "COLOUR_RED")
    >>> colour = Field(RawColumn("colour", Reading("category"), ("blue", "red")), "colour", "int", names)
    >>> mass = Field(RawColumn("mass", Reading("number")), "mass", "float")
    >>> columns = [make_column("colour", "category", ["red", "new"]), make_column("mass", "number", [1.5, np.nan])]
    >>> packed([colour, mass], {one.name: one for one in columns}).tolist()
    [(1, 1.5), (-2, nan)]
    """
    types = {"float": "f4", "double": "f8", "int": "i4"}
    layout = np.dtype([(field.name, types[field.type]) for field in row_fields], align=True)
    rows = np.zeros(len(next(iter(columns.values()))), dtype=layout)
    for field in row_fields:
        column = columns[field.column.name]
        with np.errstate(over="ignore"):
            rows[field.name] = _codes_of(field, column) if field.kind == "category" else _numbers_of(field, column)
            if cells is not None and field.kind != "category":
                own, marks = [seconds_of(cell) for cell in cells[field.column.name]], field.column.missing_numbers
                marked = [k for k in np.flatnonzero(column.missing).tolist() if own[k] in marks]
                rows[field.name][marked] = [own[k] for k in marked]
    return rows


def spelled(cell: str | float) -> str:
    """Return a cell of a category as a text: a number as `predict` spells it.

    Examples
    --------
    >>> spelled("red"), spelled(-999.0)
    ('red', '-999')
    """
    return cell if isinstance(cell, str) else number_text(cell)


def _codes_of(field: Field, column: Column) -> Array:
    codes, levels = column.coded()
    own = np.array([*(field.code(level) for level in levels), -1], dtype=np.int64)
    return own[codes]


def _numbers_of(field: Field, column: Column) -> Array:
    return np.where(column.missing, -1.0 if field.type == "int" else np.nan, column.values)
