"""The benchmark of whole jobs: what a process costs, its tables, and who may be compared; real processes, no peer."""

import doctest
import json
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.agreement import DisagreementError  # noqa: E402
from benchmarks.machine import ONE_THREAD  # noqa: E402
from benchmarks.process import Cost  # noqa: E402
from benchmarks.results import losses  # noqa: E402
from benchmarks.table import Options  # noqa: E402

from benchmarks import job_peers, job_tables, jobs, launch, process  # noqa: E402


@pytest.mark.parametrize("module", [process, jobs, job_peers])
def test_examples_run(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def python(text):
    return [sys.executable, "-S", "-c", text]


# ---------------------------------------------------------------- what a process costs


def test_the_peak_is_that_of_the_command_alone(tmp_path):
    mine = np.ones(25_000_000)  # 200 MB here, of which nothing may be counted
    small, large = (process.cost(python(text), tmp_path).peak for text in ("pass", "a = b'x' * 100_000_000"))
    assert mine.sum() > 0
    assert small < 50
    assert 100 <= large - small + 5 < 150


def test_seconds_of_the_clock_and_of_the_processor_are_told_apart(tmp_path):
    asleep = process.cost(python("import time; time.sleep(0.4)"), tmp_path)
    assert asleep.wall >= 0.4 > asleep.processor
    spin = "import time\nwhile time.process_time() < 0.4: pass"
    assert process.cost(python(spin), tmp_path).processor >= 0.4


def test_a_command_may_use_as_many_threads_as_it_likes(monkeypatch, tmp_path):
    for name, value in ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    process.cost(python(f"import os; assert not {set(ONE_THREAD)} & set(os.environ)"), tmp_path)


def test_a_command_that_fails_says_why(tmp_path):
    with pytest.raises(RuntimeError, match=r"ended with 3: no table$"):
        process.cost(python("import sys; print('no table', end=''); sys.exit(3)"), tmp_path)


def test_a_command_that_is_killed_is_an_error(tmp_path):
    with pytest.raises(RuntimeError, match="ended with 9"):
        process.cost(python("import os; os.kill(os.getpid(), 9)"), tmp_path)


def test_what_the_cores_did_for_others_is_counted(monkeypatch, tmp_path, capsys):
    busy = iter([1000.0, 1010.0])
    monkeypatch.setattr(launch, "busy_seconds", lambda: next(busy))
    monkeypatch.setattr(launch.os, "sched_getaffinity", lambda _: {0, 1})
    assert launch.main([str(tmp_path / "log"), *python("pass")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["others"] == pytest.approx((10.0 - told["processor"]) / 2)


def test_work_of_this_process_makes_the_cores_busy():
    before = launch.busy_seconds()
    process.cost(python("import time\nwhile time.process_time() < 0.2: pass"), Path("/tmp"))
    assert launch.busy_seconds() - before >= 0.15


def test_more_memory_is_not_called_slower():
    lines = process.lines("a job", {"ours": [Cost(2.0, 2.0, 60.0, 0.0)], "b": [Cost(1.0, 4.0, 30.0, 0.0)]})
    assert losses(lines) == ["a job, time: **slower than b** (0.500)", "a job, memory peak: **larger than b** (0.500)"]


# ---------------------------------------------------------------- tables


def test_the_made_table_is_the_same_every_time_and_has_the_shape_that_is_said():
    table = job_tables.million(quick=True)
    assert (table.known.shape, len(table.new)) == ((100_000, 8), 20_000)
    assert table.title == "100,000 rows × 8"
    assert sorted(table.known["kind"].unique()) == sorted(job_tables.LEVELS)
    assert [kind.is_numeric() for kind in table.known.dtypes] == [True] * 6 + [False, True]
    assert table.known[:50].equals(job_tables.million(quick=True).known[:50])
    assert table.known["y"].std() == pytest.approx(2.1, abs=0.05)


def test_numbers_are_written_with_five_decimals_at_most(tmp_path):
    job_tables.JobTable("t", job_tables.made(2000), job_tables.made(1), "y", ("kind",)).write(tmp_path)
    cells = [cell for line in (tmp_path / "known.csv").read_text().splitlines()[1:] for cell in line.split(",")]
    assert max(len(cell.partition(".")[2]) for cell in cells) == 5
    assert not any("e-" in cell for cell in cells)


def test_codes_stand_for_the_same_words_in_both_files(tmp_path):
    table = job_tables.diamonds()
    assert (len(table.known), len(table.new)) == (10_000, 2_000)
    table.write(tmp_path)
    words, codes = (
        pl.concat([pl.read_csv(tmp_path / f"{part}{end}.csv") for part in ("known", "new")]) for end in ("", "-codes")
    )
    assert words.drop(table.categories).equals(codes.drop(table.categories))
    for name in table.categories:
        pairs = set(zip(words[name], codes[name], strict=True))
        assert len(pairs) == words[name].n_unique() == codes[name].n_unique()
        assert codes[name].min() == 0


# ---------------------------------------------------------------- who is compared


TINY = job_tables.JobTable("tiny", job_tables.made(600), job_tables.made(700)[600:], "y", ("kind",))


def test_whoever_learnt_nothing_is_named_and_not_compared():
    good, said = jobs.judge({"ours": 0.95, "b": 0.9, "c": 0.2, "d": float("nan")}, TINY)
    assert good == ["ours", "b"]
    assert said == [
        "tiny: R² on 100 rows held out: ours 0.950; b 0.900; c 0.200; d nan.",
        "tiny: **below R² 0.9, so not compared:** c; d.",
    ]


@pytest.mark.parametrize("score", [0.899, float("nan")])
def test_our_own_model_must_have_learnt_something(score):
    with pytest.raises(DisagreementError, match=r"^tiny: our R² on the rows held out must be at least 0\.9; got"):
        jobs.judge({"ours": score, "b": 0.95}, TINY)


class TableWithAnswers(job_tables.JobTable):
    """A table that writes the right answers beside its files, and always the same one."""

    def write(self, folder):
        super().write(folder)
        self.new.select("y").write_csv(folder / "answers.csv")
        (folder / "constant.csv").write_text("y\n" + "1\n" * len(self.new))


@pytest.mark.long
def test_a_whole_job_is_trained_judged_and_compared(monkeypatch):
    ours = jobs._command

    def with_peers(action, who, table, options=()):
        if who == "ours":
            return ours(action, who, table, options)
        source = "constant.csv" if who == "idle" else "answers.csv"
        return python(f"import shutil; shutil.copy({source!r}, '{jobs._model(who)}.csv')")

    monkeypatch.setattr(jobs, "PEERS", {"knows": "numpy", "idle": "numpy", "absent": "no-such-package"})
    monkeypatch.setattr(jobs, "PROGRAMS", {"knows": "knows", "idle": "idle", "absent": "absent"})
    monkeypatch.setattr(jobs, "_command", with_peers)
    monkeypatch.setattr(jobs, "MUST_REACH", 0.3)
    result = jobs.run_job(
        "job-tiny", TableWithAnswers(**vars(TINY)), Options(repeats=1), ("--restarts", "1", "--epochs", "10")
    )
    assert [(line.against, line.unit) for line in result.lines] == [("knows", "s"), ("knows", "s"), ("knows", "MB")]
    assert all(line.ours > 0 and line.theirs > 0 for line in result.lines)
    assert result.notes[0] == "absent is skipped: no-such-package is not installed."
    assert "not compared:** idle." in result.notes[2]
    assert result.details["r2"]["knows"] == 1.0
    assert 0.3 < result.details["r2"]["ours"] < 1.0
    assert set(result.details["disturbed"]) == {"ours", "knows", "idle"}


@pytest.mark.long
def test_reading_is_compared_with_reading_alone(monkeypatch):
    peer = "polars, reading alone"
    monkeypatch.setattr(jobs, "million", lambda quick: TINY)
    monkeypatch.setattr(jobs, "READERS", {"Parquet": {who: jobs.READERS["Parquet"][who] for who in ("ours", peer)}})
    result = jobs.run_reading(Options(repeats=1))
    assert [(line.against, line.unit) for line in result.lines] == [(peer, "s"), (peer, "s"), (peer, "MB")]
    assert all(line.work.startswith("prepare tiny from Parquet on ") for line in result.lines)
    assert set(result.details["disturbed"]) == {"Parquet, ours", f"Parquet, {peer}"}


def test_every_form_of_file_has_the_same_contestants(tmp_path):
    assert list(jobs.READERS) == ["CSV", "Parquet"]
    assert list(jobs.READERS["CSV"]) == list(jobs.READERS["Parquet"])
    paths = jobs._written(TINY, tmp_path)
    assert pl.read_csv(paths["CSV"]).equals(pl.read_parquet(paths["Parquet"]))
    for form, row in jobs.READERS.items():
        for who in jobs.PACKAGES:
            read = row[who].format(repr(str(paths[form]))).replace("; ", "; table = ")
            inside: dict[str, object] = {}
            exec(read, inside)
            assert inside["table"].shape == TINY.known.shape


def test_every_peer_has_a_program_and_a_judge():
    assert set(jobs.PEERS) == set(jobs.PROGRAMS)
    assert set(jobs.PROGRAMS.values()) == set(job_peers.TRAIN) == set(job_peers.PREDICT)
