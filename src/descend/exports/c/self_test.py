"""A test that a source brings with it: 8 rows, and what the model answered them where it was made."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.exports.alike import NEAR, nearly_tied, scales
from descend.exports.c.answers import LARGEST
from descend.exports.c.integers import InIntegers
from descend.exports.c.names import double, literal, number, table
from descend.exports.c.row import Field, packed, spelled
from descend.exports.c.source import Program
from descend.exports.described import LABEL
from descend.exports.rows import ProofRows, proof_rows, rounded
from descend.typing import Array

ROWS = 8
ALIKE = 2e-5  # of the scale: twice what the proof allows, so that what is proved passes here, too


def self_test(made: Program, integers: InIntegers | None = None) -> str:
    """Return a function ``int @self_test(void)`` that counts rows whose answers differ; "" if the model answers none.

    Parameters
    ----------
    made : Program
        The model in C.
    integers : InIntegers or None, default None
        What gives the answers if its layers are integers; a unit of theirs may differ, where an input is between two.
    """
    described = made.described
    everything = rounded(described, proof_rows(described), made.near)
    if not len(everything):
        return ""
    if integers is None:
        expected = _expected(made, everything)
        usable = _within_float(expected[0])
        places = usable[_some(len(usable), False)]
        out, alike, returned = (one[places] for one in expected)
    else:
        places = _some(len(everything), True)
    if not len(places):
        return ""
    rows = everything.take(places)
    if integers is not None:
        X, out = integers.out(rows)
        returned = np.full(len(rows), -1)
        rounding = 1e-5 * np.maximum(np.abs(out).max(axis=0), 1.0)
        alike = np.maximum(0.02 * np.ptp(out, axis=0), rounding) + integers.moved(X, out)
    cases = "".join(f"      case {k}:\n{lines}        break;\n" for k, lines in enumerate(_assignments(made, rows)))
    classes = described.answer.kind == "classes"
    wanted = "returned[k] >= 0 && answer != returned[k]" if classes else "answer < 0"
    answer_table = table("int", "returned", returned) if classes else ""
    return (
        "int @self_test(void) {\n"
        + _inside(table("float", "expected", out) + table("float", "alike", alike) + answer_table)
        + f"  float out[$OUTPUTS], scratch[$SCRATCH];\n  int k, j, wrong = 0;\n  for (k = 0; k < {len(rows)}; k++) {{\n"
        + f"    int answer, differs;\n    @row row{_start(made)};\n"
        + f"    switch (k) {{\n{cases}      default:\n        break;\n    }}\n"
        + "    answer = @predict(&row, out, scratch);\n"
        + f"    differs = {wanted};\n"
        + "    for (j = 0; j < $OUTPUTS; j++) {\n"
        + "      const float off = out[j] - expected[k * $OUTPUTS + j], most = alike[k * $OUTPUTS + j];\n"
        + "      if (!(off <= most && -off <= most)) differs = 1;\n    }\n"
        + "    wrong += differs;\n  }\n  return wrong;\n}\n"
    )


def _within_float(out: Array) -> Array:
    """The rows of which float has all answers."""
    return np.flatnonzero((np.abs(out) < (1.0 - NEAR) * LARGEST).all(axis=1))


def _some(m: int, ordinary: bool) -> Array:
    """The first five of m rows, which are like training rows, and the last three, which are not; or eight that are."""
    if ordinary:
        return np.arange(min(ROWS, m))
    return np.unique([*range(min(5, m)), *range(max(m - ROWS + 5, 0), m)]).astype(np.int64)


def _expected(made: Program, rows: ProofRows) -> tuple[Array, Array, Array]:
    """What out must be, how far off it may be, (m, outputs), and the answered class, (m,); −1 if rounding decides."""
    described = made.described
    answers = described.ask(rows.given)
    outs, alike = [], []
    for name in (one for one in answers if not one.startswith(LABEL)):
        own = np.asarray(answers[name], dtype=np.float64).reshape(len(rows), -1)
        scale, rounding = scales(described, rows, name, own, in_float=True)
        outs.append(own)
        alike.append(ALIKE * scale + 2.0 * rounding)
    returned = np.full(len(rows), -1)
    if described.answer.kind == "classes":
        labels = list(described.answer.columns[0].labels)
        places = np.array([labels.index(one) for one in answers[LABEL].tolist()])
        returned = np.where(nearly_tied(described, LABEL, answers), -1, places)
    return np.concatenate(outs, axis=1), np.concatenate(alike, axis=1), returned


def _start(made: Program) -> str:
    return " = @missing_row()" if made.row else ""


def _assignments(made: Program, rows: ProofRows) -> list[str]:
    """Statements that fill the row of each case; what is missing is so already."""
    if not made.row:
        assert rows.X is not None
        return ["".join(f"        row.x[{j}] = {number(v)};\n" for j, v in enumerate(row)) for row in rows.X.tolist()]
    assert rows.cells is not None
    given, cells = packed(made.row, made.described.read(rows.given).columns, rows.cells), rows.cells
    return [
        "".join(_assigned(one, row[one.name], cells[one.column.name][k]) for one in made.row)
        for k, row in enumerate(given)
    ]


def _assigned(one: Field, value: Any, cell: Any) -> str:
    if one.kind == "category" and value == -1 and cell is not None:  # a word for "missing"
        return f"        row.{one.name} = @{one.name}_of({literal(spelled(cell))});\n"
    if one.type == "int":
        return f"        row.{one.name} = {int(value)};\n" if value != -1 else ""
    if np.isnan(value):
        return ""
    written = number(value) if one.type == "float" else double(value)
    return f"        row.{one.name} = {written};\n"


def _inside(text: str) -> str:
    return "".join(f"  {line}\n" for line in text.splitlines())
