"""The benchmark of one record, without CatBoost: same answers first, then times."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.table import Options  # noqa: E402

from benchmarks import agreement, blend_record, record  # noqa: E402


@pytest.fixture(autouse=True)
def few_rows(monkeypatch):
    for name in ("ROWS", "MANY"):
        monkeypatch.setattr(record, name, 600)
    monkeypatch.setattr(record, "ASKED", 5)
    for name, value in (("ROWS", 700), ("RECORDS", 5), ("SECONDS", 0.05)):
        monkeypatch.setattr(blend_record, name, value)


def test_one_record_is_measured_after_its_answers_agree(monkeypatch):
    monkeypatch.setattr(record, "_peers", lambda frame: ({}, ["nobody else"]))
    result = record.run_record(Options(repeats=1, seconds=1e-3))
    assert [line.against for line in result.lines] == ["ours, by a data frame", *["network by network"] * 2]
    assert 0.0 < result.lines[1].ours < 20_000  # µs, however busy the machine is
    assert result.details["blend"]["agreement"]["a record"] == 0.0
    assert result.details["agreement"] == {"ours, by a data frame": 0.0}
    assert result.lines[0].ratio.median > 1
    assert result.notes == ["nobody else"]


def test_answers_of_a_blend_that_differ_are_not_timed(monkeypatch):
    monkeypatch.setattr(blend_record, "_dense", lambda model, table: 1.0 - model.predict_probability(table))
    with pytest.raises(agreement.DisagreementError, match="network by network"):
        blend_record.blend_lines(record.make_frame(300), Options(repeats=1, seconds=1e-3))


def test_answers_that_differ_are_not_timed(monkeypatch):
    real = record._answers
    monkeypatch.setattr(record, "_answers", lambda *arguments: (real(*arguments)[0], 1 - real(*arguments)[1]))
    with pytest.raises(agreement.DisagreementError, match="a dict"):
        record.run_record(Options(repeats=1, seconds=1e-3))


def test_the_pipeline_of_scikit_learn_answers_a_record():
    frame = record.make_frame(200)
    answer = record._sklearn(frame)
    assert answer(frame.drop(columns="y").to_dict("records")[0])[0] in ("less", "more")
