"""The blend on a million rows: its table, its program, what is said of the peak of memory."""

from __future__ import annotations

import json

import numpy as np
import pytest
from benchmarks.process import Cost
from benchmarks.table import Options

from benchmarks import blend_job, blend_million


def test_the_table_is_the_same_every_time_and_half_of_its_columns_say_nothing():
    X, y = blend_job.made(2_000, 3)
    again = blend_job.made(2_000, 3)
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])
    assert X.shape == (2_000, 20)
    said = [abs(np.corrcoef(X[:, j], y)[0, 1]) for j in range(20)]
    assert max(said[6:]) < 0.1 < said[0]


def test_a_program_writes_its_score_and_its_seconds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(blend_job, "NEW", 500)
    blend_job.main(["fast", "600"])
    found = json.loads((tmp_path / "fast.json").read_text())
    assert 0.3 < found["r2"] < 1.0
    assert set(found["seconds"]) == {"fit", "predict"}


@pytest.mark.parametrize(("peak", "verdict"), [(1_900.0, "kept"), (2_100.0, "**missed**")])
def test_missing_peers_are_named_and_the_peak_is_judged(monkeypatch, peak, verdict):
    def in_turn(commands, repeats, folder):
        for command in commands.values():
            (folder / f"{command[-2]}.json").write_text(json.dumps({"r2": 0.97, "seconds": {}}))
        assert repeats == 1
        return {who: [Cost(10.0, 20.0, peak, 0.0)] for who in commands}

    monkeypatch.setattr(blend_million.process, "in_turn", in_turn)
    monkeypatch.setattr(blend_million, "installed", lambda _: None)
    result = blend_million.run_blend(Options(quick=True))
    assert "LightGBM is skipped: lightgbm is not installed." in result.notes
    assert f"A blend: our peak of memory {peak:,.0f} MB, at most 2,000 MB: {verdict}." in result.notes
    assert {line.against for line in result.lines} == {'ours, quality "fast"'}
