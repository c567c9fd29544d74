"""Encoders in C: from a row of a table to the inputs of the network. A kind of encoder is a row of `KINDS`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from descend.exports.c.gathered import Encoded, code, scaled, seen
from descend.exports.c.names import double, number
from descend.exports.c.row import Field, hash_of
from descend.exports.c.targeted import interactions, leaves, target_mean
from descend.preprocessing.encoders.hashed import WIDTH
from descend.preprocessing.encoders.principal import LARGEST_SCORE
from descend.preprocessing.encoders.quantile_normal import LOWEST


def encoded(encoders: Sequence[Any], row: Sequence[Field]) -> Encoded:
    """Return encoders in C.

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
        KINDS[one.kind](made, one)
        made.start += len(one.feature_names)
    return made


# ---------------------------------------------------------------- one column, one value


def _number(made: Encoded, encoder: Any) -> None:
    own, start = made.row[encoder.name], made.start
    cell = made.cell(encoder.name)
    if encoder.scale:
        made.lines.append(f"x[{start}] = {scaled(made, cell, own.type == 'double', encoder.center, encoder.scale)};")
        start += 1
    if encoder.indicator:
        made.lines.append(f"x[{start}] = {cell} != {cell} ? 1.0f : 0.0f;")


def _boolean(made: Encoded, encoder: Any) -> None:
    cell = made.cell(encoder.name)
    made.lines.append(f"x[{made.start}] = {cell} < 0 ? 0.0f : ({cell} ? 1.0f : -1.0f);")


def _category(made: Encoded, encoder: Any) -> None:
    place, count = code(made, encoder.name, encoder.levels)
    if encoder.two:
        made.lines.append(f"x[{made.start}] = {place} == 1 ? 1.0f : ({place} == 0 ? -1.0f : 0.0f);")
    else:
        made.lines.append(f"if ({place} >= 0 && {place} < {count}) x[{made.start} + {place}] = 1.0f;")


def _frequency(made: Encoded, encoder: Any) -> None:
    place, count = code(made, encoder.name, encoder.levels)
    values = made.array("float", np.log1p(np.array(encoder.counts, dtype=np.float64)) * 0.5)
    made.lines.append(f"if ({place} >= 0 && {place} < {count}) x[{made.start}] = {values}[{place}];")


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
    cell, start = made.cell(encoder.name), made.start
    lines = []
    if encoder.scale:
        lines.append(f"  x[{start}] = {scaled(made, 's / 86400.0', True, encoder.center, encoder.scale)};")
        start += 1
    for part in encoder.parts:
        made.calls += ["wave", *_TURNS[part][1]]
        lines.append(f"  t = (float)({_TURNS[part][0]});")
        lines.append(f"  x[{start}] = @wave(t);\n  x[{start + 1}] = @wave(t + 0.25f);")
        start += 2
    if lines:
        made.calls.append("moment")
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

# ---------------------------------------------------------------- numbers of any input


def _quantile_normal(made: Encoded, encoder: Any) -> None:
    known = made.array("double", encoder.quantiles)
    made.calls += ["rank", "normal_quantile"]
    least, most = double(LOWEST), double(1.0 - LOWEST)
    body = (
        f"  const double r = @rank({known}, {len(encoder.quantiles)}, v);\n"
        f"  x[{made.start}] = @normal_quantile(r < {least} ? {least} : (r > {most} ? {most} : r));"
    )
    made.lines.append(seen(made, encoder.input, body))


def _piecewise(made: Encoded, encoder: Any) -> None:
    borders, bins = made.array("double", encoder.borders), len(encoder.borders) - 1
    made.calls += ["above", "share"]
    body = (
        f"  int k = @above({borders}, {bins + 1}, v) - 1;\n"
        f"  k = k < 0 ? 0 : (k > {bins - 1} ? {bins - 1} : k);\n"
        f"  x[{made.start} + k] = (float)@share(v, {borders}[k], {borders}[k + 1]);\n"
        f"  while (k > 0) x[{made.start} + --k] = 1.0f;"
    )
    made.lines.append(seen(made, encoder.input, body))


def _number_levels(made: Encoded, encoder: Any) -> None:
    levels = made.array("double", encoder.levels)
    made.calls.append("above")
    body = (
        f"  const int k = @above({levels}, {len(encoder.levels)}, v) - 1;\n"
        f"  if (k >= 0 && {levels}[k] == v) x[{made.start} + k] = 1.0f;"
    )
    made.lines.append(seen(made, encoder.input, body))


def _principal(made: Encoded, encoder: Any) -> None:
    """The scaled numbers z, one after the other, each less its mean; then the sums of their products."""
    d, k, start = len(encoder.inputs), len(encoder.components), made.start
    components, most = made.array("float", np.array(encoder.components)), number(LARGEST_SCORE)
    parts = []
    for j, one in enumerate(encoder.inputs):
        z = scaled(made, "v", True, encoder.centers[j], encoder.scales[j])
        parts.append(seen(made, one, f"  z[{j}] = {z};"))
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
    "target mean": target_mean,
    "interactions": interactions,
    "leaves": leaves,
}
