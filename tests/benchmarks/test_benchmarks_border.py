"""The benchmark of the estimators' small calls: nothing is timed before it agrees, and what disagrees is found."""

import doctest
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.agreement import DisagreementError  # noqa: E402
from benchmarks.table import Options  # noqa: E402

from benchmarks import border  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_examples_run():
    found = doctest.testmod(border)
    assert found.attempted > 0
    assert found.failed == 0


def test_both_compute_the_same():
    found = border.check_agreement(*border.make_rows())
    assert set(found) == {"fit", "predict_one", "partial_fit"}
    assert max(found.values()) < 1e-8


def test_another_computation_is_not_timed(monkeypatch):
    fitted = border._fitted

    def with_other_weights(X, y):
        ours, theirs = fitted(X, y)
        theirs.coefs_[0][0, 0] += 0.01
        return ours, theirs

    monkeypatch.setattr(border, "_fitted", with_other_weights)
    with pytest.raises(DisagreementError, match="fit: its output differs from ours"):
        border.check_agreement(*border.make_rows())


@pytest.mark.long
def test_every_small_call_is_a_line(monkeypatch):
    monkeypatch.setattr(border, "SMALL", {name: (*row[:2], 2) for name, row in border.SMALL.items()})
    result = border.run_border(Options(repeats=2))
    assert [line.unit for line in result.lines] == ["ms", *["µs"] * 4]
    assert all(line.ratio.median > 0 and np.isfinite(line.theirs) for line in result.lines)


@pytest.mark.parametrize(
    ("ours", "says"),
    [
        ("right: 0.79\nseconds: 0.1", "online: prints 0.79 where scikit-learn's class gives 0.90."),
        ("wrong: 0.90\nseconds: 0.1", "online: prints other words than with scikit-learn's class."),
    ],
)
def test_a_script_of_worse_quality_is_not_timed(monkeypatch, ours, says):
    monkeypatch.setattr(border, "_printed", lambda _, *who: "right: 0.90\nseconds: 1" if who else ours)
    monkeypatch.setattr(border, "SCRIPTS", ("online",))
    with pytest.raises(DisagreementError) as got:
        border.run_scripts(Options(repeats=1))
    assert str(got.value) == says


def test_scripts_are_compared_by_the_seconds_they_print(monkeypatch):
    monkeypatch.setattr(border, "_printed", lambda _, *who: f"right: 0.9\nseconds: {4 if who else 0.5}")
    lines = border.run_scripts(Options(repeats=3)).lines
    assert [(line.ours, line.theirs, line.ratio.median) for line in lines] == [(0.5, 4, 8)] * 3


def test_a_script_that_fails_says_why(monkeypatch, tmp_path):
    (tmp_path / "sklearn_online.py").write_text("raise SystemExit('no data')")
    monkeypatch.setattr(border, "EXAMPLES", tmp_path)
    with pytest.raises(RuntimeError, match=r"sklearn_online\.py ended with 1: no data"):
        border._printed("online")
