"""The benchmark of distillation: what counts as nearer, means over splits, the table, and one whole measurement."""

import numpy as np
import pytest
from benchmarks.accuracy import distil
from benchmarks.accuracy.fetch import Stored


def record(task, seed, blend, student, single, kind="regress"):
    values = zip(("blend", "student", "single"), (blend, student, single), strict=True)
    scores = {name: {"error": one, "loss": one} for name, one in values}
    both = {"blend": 2e6, "student": 2e4}
    return {
        "task": task,
        "data": "0f",
        "seed": seed,
        "kind": kind,
        "rows": 100,
        "columns": 3,
        "scores": scores,
        "agreement": 0.9 + 0.05 * seed,
        "networks": 18,
        "bytes": both,
        "microseconds": {"blend": 80.0, "student": 20.0},
        "seconds": {"student": 1.0, "single": 2.0},
    }


def test_nearer_is_by_distance_whichever_side():
    assert distil.nearer(record("concrete", 0, 0.2, 0.21, 0.25))
    assert not distil.nearer(record("concrete", 0, 0.2, 0.1, 0.25))  # better, but farther


def test_means_are_of_all_splits_of_a_task():
    found = distil.means([record("concrete", 0, 0.2, 0.3, 0.4), record("concrete", 1, 0.4, 0.5, 0.8)])
    assert len(found) == 1
    assert found[0]["splits"] == 2
    assert found[0]["scores"]["single"]["error"] == pytest.approx(0.6)
    assert found[0]["agreement"] == pytest.approx(0.925)


def test_table_counts_and_marks_what_is_nearer():
    each = [record("concrete", 0, 0.2, 0.22, 0.3), record("ames", 0, 0.2, 0.4, 0.3), record("meats", 0, 0.1, 0.1, 0.2)]
    text = distil.table(each)
    assert "On 2 of the tables on which the recipe of blends was developed" in text
    assert "is nearer to the blend's than that of the best of 16 restarts on 1, its loss" in text
    assert "On 1 of further tables of numbers" in text
    assert "| concrete | 100 | 0.2000 | **0.2200** | 0.3000 | 0.900 | 2,000 → 20 | 80 → 20 |" in text
    assert "| ames | 100 | 0.2000 | 0.4000 | 0.3000 |" in text


def test_seventeen_tables_are_those_of_the_first_list():
    assert len(distil.FIRST) == 17
    assert len(distil.MORE) == 9


@pytest.mark.long
def test_a_measurement_has_all_figures(tmp_path):
    import pandas

    random = np.random.default_rng(0)
    table = pandas.DataFrame({"a": random.normal(size=160), "b": random.choice(["x", "y"], 160)})
    table["y"] = table["a"] * (table["b"] == "x") + 0.1 * random.normal(size=160)
    table.to_parquet(tmp_path / "t.parquet")
    task = Stored("t", "regress", tmp_path / "t.parquet", "0f", 160, 2)
    found = distil.measure(task, 0, tmp_path)
    assert set(found) == set(record("t", 0, 1, 1, 1))
    assert distil.nearer(found) in (True, False)
    distil.measure_times(found, task, tmp_path)
    assert found["microseconds"]["student"] > 0.0
