"""Predictions of one row and of many: outputs agree before anything is timed."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.agreement import DisagreementError  # noqa: E402
from benchmarks.table import Options  # noqa: E402

from benchmarks import prediction, roofline  # noqa: E402

QUICK = Options(repeats=2, seconds=1e-3)


def only_numpy(net):
    return {prediction.BARE: prediction._numpy([np.array(W, np.float32) for W in net.W])}, ["a line"]


def test_one_row_and_many_are_measured(monkeypatch):
    monkeypatch.setattr(prediction, "_peers", only_numpy)
    one, many = prediction.run_prediction(QUICK), prediction.run_many(QUICK)
    assert [(line.work, line.against) for line in one.lines] == [
        ("one row of 30-64-64-1, `predict`", "NumPy, bare"),
        ("one row of 30-64-64-1, `predict_one`", "NumPy, bare"),
    ]
    assert [line.is_share for line in many.lines] == [True, False]
    assert many.lines[0].ratio.median > 0
    assert one.notes == many.notes == ["a line"]


def test_many_rows_that_are_predicted_otherwise_are_not_timed(monkeypatch):
    monkeypatch.setattr(prediction, "_peers", lambda net: ({"peer": lambda X: 1.001 * net.predict(X)}, []))
    with pytest.raises(DisagreementError, match=r"^peer: its output differs from ours by 0\.001"):
        prediction.run_many(QUICK)


def test_a_prediction_needs_its_forward_pass():
    places = 0
    for n, m in ((30, 64), (64, 64), (64, 1)):
        for _ in range(m):
            places += n + 1  # s_j += v_i w_ij, the bias row, too
    wanted = roofline.need_of_prediction((30, 64, 64, 1), 7)
    assert wanted.places == 7 * places
    assert wanted.moved[1].read == 7 * 4 * 31
