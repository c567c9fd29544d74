"""Encoders in C: from a row of a table to the inputs of the network. A kind of encoder is a row of `KINDS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.exports.c.names import double, number, table
from descend.exports.c.row import Field, hash_of
from descend.preprocessing.encoders.hashed import WIDTH
from descend.preprocessing.encoders.inputs import Input
from descend.preprocessing.encoders.principal import LARGEST_SCORE
from descend.preprocessing.encoders.quantile_normal import LOWEST


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
    """

    row: Mapping[str, Field]
    start: int = 0
    tables: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def array(self, kind: str, values: Any) -> str:
        """Add a constant array and return its name."""
        name = f"@table_{len(self.tables)}"
        self.tables.append(table(kind, name, values))
        return name

    def add(self, encoder: Any) -> None:
        """Add an encoder behind the others.

        Raises
        ------
        SpecError
            If it is none that C takes.
        """
        if encoder.kind not in KINDS:
            raise SpecError(
                f'export: C does not take the encoder "{encoder.kind}", which learns from the target. Teach one small '
                "network the same answers, and export that: `.distil(table)`, or descend distil MODEL TABLE -o SMALL."
            )
        KINDS[encoder.kind](self, encoder)
        self.start += len(encoder.feature_names)


def encoded(encoders: Sequence[Any], row: Sequence[Field]) -> Encoded:
    """Return encoders in C.

    Raises
    ------
    SpecError
        If there is one that C does not take, with the way out.

    Examples
    --------
    >>> from descend.exports.described import RawColumn
    >>> from descend.preprocessing.encoders.plain import BooleanEncoder
    >>> from descend.tables.cells.reading import Reading
    >>> made = encoded([BooleanEncoder("new")], [Field(RawColumn("new", Reading("boolean")), "is_new", "int")])
    >>> made.lines
    ['x[0] = row->is_new < 0 ? 0.0f : (row->is_new ? 1.0f : -1.0f);']
    """
    made = Encoded({one.column.name: one for one in row})
    for one in encoders:
        made.add(one)
    return made


# ---------------------------------------------------------------- one column, one value


def _scaled(made: Encoded, cell: str, far: bool, center: float, scale: float) -> str:
    made.calls.append("scaled_far" if far else "scaled")
    if far:
        return f"@scaled_far({cell}, {double(center)}, {double(scale)})"
    return f"@scaled({cell}, {number(center)}, {number(scale)})"


def _number(made: Encoded, encoder: Any) -> None:
    own, start = made.row[encoder.name], made.start
    cell = f"row->{own.name}"
    if encoder.scale:
        made.lines.append(f"x[{start}] = {_scaled(made, cell, own.type == 'double', encoder.center, encoder.scale)};")
        start += 1
    if encoder.indicator:
        made.lines.append(f"x[{start}] = {cell} != {cell} ? 1.0f : 0.0f;")


def _boolean(made: Encoded, encoder: Any) -> None:
    cell = f"row->{made.row[encoder.name].name}"
    made.lines.append(f"x[{made.start}] = {cell} < 0 ? 0.0f : ({cell} ? 1.0f : -1.0f);")


def _code(made: Encoded, name: str, levels: Sequence[str]) -> tuple[str, int]:
    """The code of a row among some levels, and how many codes there are; of another level it is none of these."""
    own, known = made.row[name], made.row[name].column.levels
    if tuple(levels) == known:
        return f"row->{own.name}", len(known)
    place = {level: code for code, level in enumerate(levels)}
    codes = made.array("int16_t" if len(levels) < 2**15 else "int32_t", [place.get(level, -1) for level in known])
    return f"(row->{own.name} >= 0 && row->{own.name} < {len(known)} ? {codes}[row->{own.name}] : -1)", len(levels)


def _category(made: Encoded, encoder: Any) -> None:
    code, count = _code(made, encoder.name, encoder.levels)
    if encoder.two:
        made.lines.append(f"x[{made.start}] = {code} == 1 ? 1.0f : ({code} == 0 ? -1.0f : 0.0f);")
    else:
        made.lines.append(f"if ({code} >= 0 && {code} < {count}) x[{made.start} + {code}] = 1.0f;")


def _frequency(made: Encoded, encoder: Any) -> None:
    code, count = _code(made, encoder.name, encoder.levels)
    values = made.array("float", np.log1p(np.array(encoder.counts, dtype=np.float64)) * 0.5)
    made.lines.append(f"if ({code} >= 0 && {code} < {count}) x[{made.start}] = {values}[{code}];")


def _hashed(made: Encoded, encoder: Any) -> None:
    """Rare levels that have a code, as another encoder knows them, have their hash in a table; others bring it."""
    own = made.row[encoder.name]
    known, cell = own.column.levels, f"row->{own.name}"
    hashes = made.array("int8_t", [-1 if level in set(encoder.levels) else hash_of(level) for level in known])
    made.lines.append(
        "{\n"
        f"  const int h = {cell} <= -2 && {cell} >= -65 ? -2 - {cell} : "
        f"({cell} >= 0 && {cell} < {len(known)} ? {hashes}[{cell}] : -1);\n"
        f"  if (h >= 0) x[{made.start} + h % {WIDTH}] = h < {WIDTH} ? 1.0f : -1.0f;\n"
        "}"
    )


# ---------------------------------------------------------------- dates


def _date(made: Encoded, encoder: Any) -> None:
    cell, start = f"row->{made.row[encoder.name].name}", made.start
    lines = []
    made.calls.append("moment")
    if encoder.scale:
        lines.append(f"  x[{start}] = {_scaled(made, 's / 86400.0', True, encoder.center, encoder.scale)};")
        start += 1
    for part in encoder.parts:
        made.calls += ["wave", *_TURNS[part][1]]
        lines.append(f"  t = (float)({_TURNS[part][0]});")
        lines.append(f"  x[{start}] = @wave(t);\n  x[{start + 1}] = @wave(t + 0.25f);")
        start += 2
    if lines:
        declared = "  float t;\n" * bool(encoder.parts)
        body = "\n".join(lines)
        made.lines.append(f"if ({cell} == {cell}) {{\n  const double s = @moment({cell});\n{declared}{body}\n}}")
    if encoder.indicator:
        made.lines.append(f"x[{start}] = {cell} != {cell} ? 1.0f : 0.0f;")


# part -> how far it has gone, 0 to 1, and what that calls
_TURNS = {
    "year": ("(double)(@floor(s) - 86400 * @first_of_month(@calendar(s).year, 1)) / 31556952.0", ("calendar",)),
    "week": ("(double)@mod(@floor(s / 86400.0) + 3, 7) / 7.0", ("floor", "mod")),
    "day": ("(s - 86400.0 * (double)@floor(s / 86400.0)) / 86400.0", ("floor",)),
}

# part of a date -> its value, and what that calls
_PARTS = {
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


# ---------------------------------------------------------------- numbers of any input


def _with_value(made: Encoded, one: Input, body: str) -> None:
    """Add statements that see the value v of an input; where it is missing they do not run."""
    own = made.row[one.column]
    cell = f"row->{own.name}"
    there = f"{cell} >= 0" if own.kind == "boolean" else f"{cell} == {cell}"
    lines = [f"  const double v = {_value(made, one, cell)};"]
    if one.part:
        made.calls.append("moment")
        lines.insert(0, f"  const double s = @moment({cell});")
    head = "\n".join(lines)
    made.lines.append(f"if ({there}) {{\n{head}\n{body}\n}}")


def _value(made: Encoded, one: Input, cell: str) -> str:
    if not one.part:
        return f"({cell} ? 1.0 : 0.0)" if made.row[one.column].kind == "boolean" else cell
    text, calls = _PARTS[one.part]
    made.calls += calls
    return text


def _quantile_normal(made: Encoded, encoder: Any) -> None:
    known = made.array("double", encoder.quantiles)
    made.calls += ["rank", "normal_quantile"]
    least, most = double(LOWEST), double(1.0 - LOWEST)
    body = (
        f"  const double r = @rank({known}, {len(encoder.quantiles)}, v);\n"
        f"  x[{made.start}] = @normal_quantile(r < {least} ? {least} : (r > {most} ? {most} : r));"
    )
    _with_value(made, encoder.input, body)


def _piecewise(made: Encoded, encoder: Any) -> None:
    borders, bins = made.array("double", encoder.borders), len(encoder.borders) - 1
    made.calls += ["above", "share"]
    body = (
        f"  int k = @above({borders}, {bins + 1}, v) - 1;\n"
        f"  k = k < 0 ? 0 : (k > {bins - 1} ? {bins - 1} : k);\n"
        f"  x[{made.start} + k] = (float)@share(v, {borders}[k], {borders}[k + 1]);\n"
        f"  while (k > 0) x[{made.start} + --k] = 1.0f;"
    )
    _with_value(made, encoder.input, body)


def _number_levels(made: Encoded, encoder: Any) -> None:
    levels = made.array("double", encoder.levels)
    made.calls.append("above")
    body = (
        f"  const int k = @above({levels}, {len(encoder.levels)}, v) - 1;\n"
        f"  if (k >= 0 && {levels}[k] == v) x[{made.start} + k] = 1.0f;"
    )
    _with_value(made, encoder.input, body)


def _principal(made: Encoded, encoder: Any) -> None:
    """The scaled numbers z, one after the other, each less its mean; then the sums of their products."""
    d, k, start = len(encoder.inputs), len(encoder.components), made.start
    components, most = made.array("float", np.array(encoder.components)), number(LARGEST_SCORE)
    parts = []
    for j, one in enumerate(encoder.inputs):
        before = len(made.lines)
        z = _scaled(made, "v", True, encoder.centers[j], encoder.scales[j])
        _with_value(made, one, f"  z[{j}] = {z};")
        parts += made.lines[before:]
        del made.lines[before:]
    means = made.array("float", encoder.means)
    filled = "\n".join(parts)
    made.lines.append(
        "{\n"
        f"  float z[{d}] = {{0.0f}};\n  int j, k;\n{filled}\n"
        f"  for (k = 0; k < {k}; k++) {{\n    float sum = 0.0f;\n"
        f"    for (j = 0; j < {d}; j++) sum += {components}[k * {d} + j] * (z[j] - {means}[j]);\n"
        f"    x[{start} + k] = sum < -{most} ? -{most} : (sum > {most} ? {most} : sum);\n  }}\n}}"
    )


KINDS: dict[str, Callable[[Encoded, Any], None]] = {
    "number": _number,
    "boolean": _boolean,
    "category": _category,
    "date": _date,
    "frequency": _frequency,
    "hashed": _hashed,
    "quantile normal": _quantile_normal,
    "piecewise": _piecewise,
    "number levels": _number_levels,
    "principal": _principal,
}
