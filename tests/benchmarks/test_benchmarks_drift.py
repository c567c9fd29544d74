"""The benchmark of drift: a small table is measured, and the page is what the result says."""

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import drift, records  # noqa: E402
from benchmarks.pages import between_marks  # noqa: E402

from descend.preprocessing.encoders.inputs import Inputs  # noqa: E402
from descend.tables.columns.column import make_column  # noqa: E402


def test_changes_are_told_and_fresh_rows_are_not():
    random = np.random.default_rng(0)
    columns = make_column("a", "number", random.normal(5, 1, 900)), make_column("b", "category", ["x", "y", "z"] * 300)
    found = drift.run(Inputs({one.name: one for one in columns}), 400, 3, 0)
    assert set(found) == {"fresh 1", "fresh 10", "fresh 100", *(f"{change} 200" for change in drift.CHANGES)}
    assert {what: told for what, (told, draws) in found.items()} == {what: 3 * ("200" in what) for what in found}
    assert {draws for _, draws in found.values()} == {3}


def test_the_page_is_what_the_result_says():
    page = drift.PAGE.read_text(encoding="utf-8")
    assert between_marks(page, drift.section(records.FOLDER / drift.FILE), drift.MARKS) == page
