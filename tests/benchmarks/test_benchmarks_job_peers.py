"""The jobs of LightGBM and CatBoost, where these are installed (`make compat`): they learn, from file to file."""

import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks import job_peers, job_tables, jobs  # noqa: E402


def predicted(name, monkeypatch, folder):
    table = job_tables.JobTable("tiny", job_tables.made(2000), job_tables.made(2500)[2000:], "y", ("kind",))
    table.write(folder)
    monkeypatch.chdir(folder)
    for action in ("train", "predict"):
        job_peers.main([action, name, "a.model", "y", "kind"])
    return table.new["y"].to_numpy(), np.loadtxt("a.model.csv", skiprows=1)


@pytest.mark.parametrize("name", job_peers.TRAIN)
def test_a_peer_learns_and_predicts_from_files(name, monkeypatch, tmp_path):
    pytest.importorskip(name.partition("-")[0])
    assert jobs.r2(*predicted(name, monkeypatch, tmp_path)) > 0.8


def test_lightgbm_learns_the_same_from_words_and_from_codes(monkeypatch, tmp_path):
    pytest.importorskip("lightgbm")
    folders = [tmp_path / name for name in ("lightgbm", "lightgbm-codes")]
    for folder in folders:
        folder.mkdir()
    words, codes = (predicted(folder.name, monkeypatch, folder)[1] for folder in folders)
    assert np.abs(words - codes).max() < 1e-9
