"""The measurement of intervals and sets on small made tables: what is counted is right, and nothing is done twice."""

import doctest
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import intervals, intervals_table  # noqa: E402
from benchmarks.accuracy.fetch import Stored  # noqa: E402


@pytest.mark.parametrize("module", [intervals, intervals_table], ids=lambda module: module.__name__)
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def table(rows=240):
    random = np.random.default_rng(0)
    X = pd.DataFrame({"a": random.random(rows), "b": random.random(rows)})
    return X, X["a"].to_numpy() + 0.2 * random.normal(size=rows)


def test_numbers_are_measured_beside_plain_split_conformal():
    X, y = table()
    found = intervals.measure(X, y, "regress", 0, plain=True, quality="fast")
    assert (found["train"], found["test"], found["crossed"]) == (180, 60, 0)
    assert 45 < found["inside"] <= 60
    assert 45 < found["plain_inside"] <= 60
    assert 0.4 < found["width"] < 1.2
    assert 0.4 < found["plain_width"] < 1.2
    assert "plain_width" not in intervals.measure(X, y, "regress", 0, plain=False, quality="fast")


def test_sets_are_measured_with_and_without_empty_ones():
    X, y = table()
    found = intervals.measure(X, np.digitize(y, [0.3, 0.7]), "classify", 0, plain=True, quality="fast")
    assert found["inside"] <= found["full_inside"] <= 60
    assert 1.0 <= found["full_width"] <= 3.0
    assert found["width"] <= found["full_width"]
    assert 35 < found["plain_inside"] <= 60


def test_a_class_that_is_not_known_is_never_inside():
    class Net:
        classes_ = np.array([0, 2])

    place, known = intervals.places(Net, np.array([0, 1, 2, 3]))
    assert known.tolist() == [True, False, True, False]
    assert place[known].tolist() == [0, 1]


def test_what_is_there_is_not_measured_again(tmp_path, monkeypatch):
    task = Stored("concrete", "regress", tmp_path / "none.parquet", "", 10, 1)
    monkeypatch.setattr(intervals.fetch, "chosen", lambda tasks, folder: ([task], []))
    asked = []

    def run(task, seed, plain):
        asked.append((seed, plain))
        found = {"task": task.name, "kind": "regress", "seed": seed, "train": 4, "test": 2, "inside": 1, "width": 1.0}
        return found | ({"plain_inside": 2, "plain_width": 2.0} if plain else {})

    monkeypatch.setattr(intervals, "run", run)
    monkeypatch.setattr(intervals, "PLAIN", 1)
    path = tmp_path / "intervals.json"
    assert intervals.main(["--tasks", "concrete", "--splits", "2", "--out", str(path)]) == 0
    assert intervals.main(["--tasks", "concrete", "--splits", "3", "--out", str(path)]) == 0
    assert asked == [(0, True), (1, False), (2, False)]
    assert [one["seed"] for one in intervals.read(path)] == [0, 1, 2]
    assert "| concrete | 3 | 50.0 ± " in intervals_table.section(intervals.read(path))
