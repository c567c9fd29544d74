"""A test that a source brings with it: 8 rows, and what the model answered them where it was made."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.exports.c.integers import InIntegers
from descend.exports.c.names import double, literal, number, table
from descend.exports.c.row import Field, packed, spelled
from descend.exports.c.source import Program
from descend.exports.described import LABEL, Answers
from descend.exports.rows import ProofRows, proof_rows
from descend.typing import Array

ROWS, ALIKE = 8, 1e-5


def self_test(made: Program, integers: InIntegers | None = None) -> str:
    """Return a function ``int @self_test(void)`` that counts rows whose answers differ.

    Parameters
    ----------
    made : Program
        The model in C.
    integers : InIntegers or None, default None
        What gives the answers if its layers are integers; a unit of theirs may differ, where an input is between two.
    """
    rows = _some(proof_rows(made.described), integers is not None)
    if integers is None:
        out, returned = _expected(made, made.described.ask(rows.given))
        scale = ALIKE * np.maximum(np.abs(out).max(axis=0), 1e-6)
    else:
        out = integers.out(rows)[1]
        returned = np.full(len(rows), -1)
        scale = np.maximum(0.02 * np.ptp(out, axis=0), 1e-5)
    cases = "".join(f"      case {k}:\n{lines}        break;\n" for k, lines in enumerate(_assignments(made, rows)))
    wanted = "returned[k] >= 0 && answer != returned[k]" if made.described.answer.kind == "classes" else "answer < 0"
    answer_table = table("int", "returned", returned) if made.described.answer.kind == "classes" else ""
    return (
        "int @self_test(void) {\n"
        + _inside(table("float", "expected", out) + table("float", "alike", scale) + answer_table)
        + f"  float out[$OUTPUTS], scratch[$SCRATCH];\n  int k, j, wrong = 0;\n  for (k = 0; k < {len(rows)}; k++) {{\n"
        + f"    int answer, differs;\n    @row row{_start(made)};\n"
        + f"    switch (k) {{\n{cases}      default:\n        break;\n    }}\n"
        + "    answer = @predict(&row, out, scratch);\n"
        + f"    differs = {wanted};\n"
        + "    for (j = 0; j < $OUTPUTS; j++) {\n"
        + "      const float off = out[j] - expected[k * $OUTPUTS + j];\n"
        + "      if (!(off <= alike[j] && -off <= alike[j])) differs = 1;\n    }\n"
        + "    wrong += differs;\n  }\n  return wrong;\n}\n"
    )


def _some(rows: ProofRows, ordinary: bool) -> ProofRows:
    """The first five, which are like training rows, and the last three, which are not; or eight that are."""
    m = len(rows)
    if ordinary:
        return rows.take(np.arange(min(ROWS, m)))
    return rows.take(np.unique([*range(min(5, m)), *range(max(m - ROWS + 5, 0), m)]))


def _expected(made: Program, answers: Answers) -> tuple[Array, Array]:
    """What out must be, (m, outputs), and the answered class, (m,), or -1 if that is a matter of rounding."""
    numbers = [np.asarray(one, dtype=np.float64) for name, one in answers.items() if not name.startswith(LABEL)]
    out = np.concatenate([one[:, None] if one.ndim == 1 else one for one in numbers], axis=1)
    if made.described.answer.kind != "classes":
        return out, np.full(len(out), -1)
    labels = list(made.described.answer.columns[0].labels)
    places = np.array([labels.index(one) for one in answers[LABEL].tolist()])
    first = np.sort(out, axis=1)
    close = first[:, -1] - first[:, -2] < ALIKE if out.shape[1] > 1 else np.zeros(len(out), dtype=bool)
    return out, np.where(close, -1, places)


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
