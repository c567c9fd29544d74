"""The benchmark of thresholds: what it measures, and that the page says what was measured."""

import functools
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from descend import TabularClassifier

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import decisions  # noqa: E402

FAST = functools.partial(TabularClassifier, quality="fast", n_jobs=1)


def made(classes):
    random = np.random.default_rng(0)
    X = pd.DataFrame({"a": random.normal(size=160), "b": random.normal(size=160)})
    return X, np.digitize(X["a"] + 0.3 * random.normal(size=160), [-1.0, 0.5][: classes - 1])


def test_a_threshold_that_is_the_best_loses_nothing_and_one_half_does():
    random = np.random.default_rng(0)
    p = random.beta(0.5, 2.0, 2000)
    y = random.uniform(size=2000) < p
    found = decisions.judged(decisions.GAINS["f1"], (p, y), (p, y))
    assert found["half"] < found["value"] <= found["best"]
    assert found["best"] - found["value"] < 0.02
    assert abs(found["elsewhere"] - found["there"]) < 0.02
    assert decisions.saved(decisions._counts(p, y, 0.0)) == pytest.approx(0.0)  # all are called positive: the cheapest


def test_of_two_classes_the_rarer_one_is_the_second():
    X, y = made(2)
    found = decisions.run(X, y, 0, FAST)
    assert (found["classes"], found["train_rows"], found["test_rows"]) == (2, 120, 40)
    assert set(found["thresholds"]) == set(decisions.WORDS)
    assert all(one["value"] <= one["best"] + 1e-12 for one in found["thresholds"].values())
    assert 0.0 <= found["error"] <= 1.0
    assert found["mended"] or found["log_loss"] == found["plain_log_loss"]


def test_of_three_classes_probabilities_are_judged():
    found = decisions.run(*made(3), 0, FAST)
    assert "thresholds" not in found
    assert found["classes"] == 3


def test_the_page_says_what_was_measured():
    text = decisions.PAGE.read_text(encoding="utf-8")
    assert decisions.section(decisions.read()) in text, "run: python -m benchmarks.accuracy.decisions --summary"


def test_a_page_is_written_between_its_marks(tmp_path):
    page, results = tmp_path / "p.md", tmp_path / "r.jsonl"
    page.write_text("before\n<!-- decisions -->\nold\n<!-- end of decisions -->\nafter\n", encoding="utf-8")
    lines = decisions.RESULTS.read_text(encoding="utf-8").splitlines(keepends=True)
    results.write_text(next(line for line in lines if "thresholds" in line), encoding="utf-8")
    decisions.write_page(results, page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- decisions -->\nMeans over 1 tables")
    assert text.endswith("<!-- end of decisions -->\nafter\n")
    assert "old" not in text
