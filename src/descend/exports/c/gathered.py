"""What encoders are in C, as it is gathered, and the expressions that find the value or the code of a cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.exports.c.names import double, number, table
from descend.exports.c.row import Field
from descend.preprocessing.encoders.inputs import Input


@dataclass
class Encoded:
    """What encoders are in C, as it is gathered.

    Parameters
    ----------
    row : dict of str to Field
        The fields of a row, by column.
    start : int
        The first input of the network that the next encoder fills.
    tables : list of str
        Constant arrays.
    lines : list of str
        Statements, which find the inputs x 0.
    calls : list of str
        Functions that these call.
    cells : dict of str to str
        By column, the declaration of its cell where some numbers mean "missing": it then is as missing ones are.
    """

    row: Mapping[str, Field]
    start: int = 0
    tables: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)

    def array(self, kind: str, values: Any) -> str:
        """Add a constant array and return its name."""
        name = f"@table_{len(self.tables)}"
        self.tables.append(table(kind, name, values))
        return name

    def cell(self, column: str) -> str:
        """Return an expression: the cell of a column, without numbers that mean "missing"."""
        own = self.row[column]
        given, name = f"row->{own.name}", f"cell_{list(self.row).index(column)}"  # no function of a prefix has a digit
        if not own.marks:
            return given
        nothing = {"int": "-1", "float": "@number(0x7FC00000u)", "double": "(double)@number(0x7FC00000u)"}[own.type]
        if own.type != "int":
            self.calls.append("number")
        marked = " || ".join(dict.fromkeys(_is(given, one, own.type) for one in own.marks))
        self.cells[column] = f"const {own.type} {name} = {marked} ? {nothing} : {given};"
        return name

    def is_category(self, column: str) -> bool:
        """Whether a column's cells are codes of levels."""
        return self.row[column].kind == "category"


def _is(given: str, mark: float, kind: str) -> str:
    """Return an expression: whether a number is one that means "missing"."""
    if np.isinf(mark):
        sign, most = (">", "") if mark > 0.0 else ("<", "-")
        return f"{given} {sign} {most}{'FLT' if kind == 'float' else 'DBL'}_MAX"
    return f"{given} == {int(mark) if kind == 'int' else {'float': number, 'double': double}[kind](mark)}"


def scaled(made: Encoded, cell: str, far: bool, center: float, scale: float) -> str:
    """Return an expression: a number less its center, over its scale, clipped smoothly."""
    made.calls.append("scaled_far" if far else "scaled")
    if far:
        return f"@scaled_far({cell}, {double(center)}, {double(scale)})"
    rest = center - float(np.float32(center))
    return f"@scaled({cell}, {number(center)}, {number(rest)}, {number(scale)})"


def code(made: Encoded, name: str, levels: Sequence[str]) -> tuple[str, int]:
    """Return an expression, the code of a row among some levels, and how many there are; of another it is none."""
    own, known = made.row[name], made.row[name].column.levels
    if tuple(levels) == known:
        return f"row->{own.name}", len(known)
    place = {level: code for code, level in enumerate(levels)}
    codes = made.array("int16_t" if len(levels) < 2**15 else "int32_t", [place.get(level, -1) for level in known])
    return f"(row->{own.name} >= 0 && row->{own.name} < {len(known)} ? {codes}[row->{own.name}] : -1)", len(levels)


# part of a date -> its value, and what that calls
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "days": ("s / 86400.0", ()),
    "year": ("(double)@calendar(s).year", ("calendar",)),
    "month": ("(double)@calendar(s).month", ("calendar",)),
    "day of month": (
        "(double)(@calendar(s).days - @first_of_month(@calendar(s).year, @calendar(s).month) + 1)",
        ("calendar",),
    ),
    "day of year": ("(double)(@calendar(s).days - @first_of_month(@calendar(s).year, 1) + 1)", ("calendar",)),
    "weekday": ("(double)(@mod(@floor(s / 86400.0) + 3, 7) + 1)", ("floor", "mod")),
    "hour": ("(s - 86400.0 * (double)@floor(s / 86400.0)) / 3600.0", ("floor",)),
}


def seen(made: Encoded, one: Input, body: str) -> str:
    """Return a statement that sees the value v of an input, no category; where that is missing it does not run."""
    cell = made.cell(one.column)
    boolean = made.row[one.column].kind == "boolean"
    value, before = f"({cell} ? 1.0 : 0.0)" if boolean else cell, ""
    if one.part:
        value, calls = PARTS[one.part]
        made.calls += ["moment", *calls]
        before = f"  const double s = @moment({cell});\n"
    there = f"{cell} >= 0" if boolean else f"{cell} == {cell}"
    return f"if ({there}) {{\n{before}  const double v = {value};\n{body}\n}}"
