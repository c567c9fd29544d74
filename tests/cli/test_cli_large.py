"""Tables larger than memory on the command line: folders, the disk, Ctrl-C, kills, predictions in pieces."""

import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import descend
from command_line import run
from descend.cli import predict_pieces, train_steps

ROWS = 2000
QUICK = ("--target", "y", "--hidden", 4, "--epochs", 2, "--restarts", 1, "--jobs", 1, "--out-of-core")


def frame(rows=ROWS):
    x = np.random.default_rng(0).normal(size=(rows, 2))
    return pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": np.where(x[:, 0] > x[:, 1], "yes", "no")})


@pytest.fixture
def days(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "days"
    folder.mkdir()
    for number in range(2):
        frame()[1000 * number : 1000 * (number + 1)].write_parquet(folder / f"{number}.parquet")
    return tmp_path


def there(folder):
    return sorted(one.name for one in folder.iterdir())


def test_a_pattern_is_learnt_predicted_and_judged_and_nothing_else_is_left(days):
    done = run("train", "days/*.parquet", *QUICK)
    assert done.code == 0, done.err
    assert "On disk" in done.out
    assert "one window of " in done.out
    following = [line.split() for line in done.out.split("\nNext")[1].splitlines()]
    assert [words[1] for words in following] == ["predict", "evaluate", "inspect"]  # which take a pattern
    assert there(days) == ["days", "days.descend"]
    assert run("predict", "days.descend", "days", "-o", "p.csv").code == 0
    whole = descend.load("days.descend").predict(frame())
    assert pl.read_csv("p.csv")["prediction"].to_list() == whole.tolist()
    kept = run("predict", "days.descend", "days/*.parquet", "--keep")
    assert kept.out.splitlines()[0] == "a,b,y,prediction,probability_no,probability_yes"
    assert len(kept.out.splitlines()) == ROWS + 1
    judged = run("evaluate", "days.descend", "days", "--json")
    assert '"rows":2000' in judged.out.replace(" ", "")
    worth = run("evaluate", "days.descend", "days", "--importance")
    assert worth.code == 0
    assert "increase of log-loss" in worth.out
    assert there(days) == ["days", "days.descend", "p.csv"]


def test_several_files_without_quotation_marks_are_told_the_pattern(days):
    done = run("train", "days/0.parquet", "days/1.parquet", *QUICK)
    assert done.code == 2
    assert 'Several files are one table in quotation marks: "folder/*.parquet".' in done.err


def test_rows_without_a_target_are_told_once(days, monkeypatch):
    gone = frame(900).with_columns(y=pl.when(pl.int_range(900) % 3 == 0).then(pl.lit("?")).otherwise(pl.col("y")))
    gone.write_csv("gone.csv")
    assert run("train", "gone.csv", *QUICK[:-1], "--preset", "single", "--missing", "?", "-o", "m.descend").code == 0
    monkeypatch.setattr("descend.models.streamed.answers.WATCHED", 500)
    done = run("evaluate", "m.descend", "gone*.csv", "--importance")
    assert "300 of 900 rows left out" in done.err
    assert done.err.count("left out") == 1
    assert "a sample of 500 of 900 rows" in done.err


def test_predictions_of_a_large_file_are_the_same_in_pieces(days, monkeypatch):
    run("train", "days", *QUICK)
    frame().write_csv("t.csv")
    for ending in ("csv", "parquet"):
        assert run("predict", "days.descend", "t.csv", "-o", f"whole.{ending}").code == 0
        monkeypatch.setattr(predict_pieces, "LARGE", 1)
        assert run("predict", "days.descend", "t.csv", "-o", f"pieces.{ending}").code == 0
        monkeypatch.setattr(predict_pieces, "LARGE", 1 << 24)
        read = pl.read_parquet if ending == "parquet" else pl.read_csv
        assert read(f"whole.{ending}").equals(read(f"pieces.{ending}"))
    assert Path("whole.csv").read_bytes() == Path("pieces.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("days/*.parquet", "--target", "yy", "--out-of-core"), 'there is no column "yy". Did you mean "y"?'),
        (("days/*.paquet", "--target", "y"), "no file matches this pattern"),
        (("nowhere", "--target", "y", "--out-of-core"), "there is no such file"),
        (("days", "--target", "y", "--out-of-core", "--window", "7"), "--window must be at least 1,000,000 bytes"),
        (("days", "--target", "y", "--out-of-core", "--window", "big"), "--window must be an amount of memory"),
        (("days", "--target", "y", "--out-of-core", "--refit"), "--refit learns again on all rows in memory"),
        (("days", "--target", "y", "--out-of-core", "--cache", "days/0.parquet"), "it cannot be written"),
        (("days", "--target", "y", "--out-of-core", "--max-memory", "1MB"), "1 MB of memory may be taken"),
    ],
)
def test_what_cannot_be_is_one_line_and_nothing_is_left(days, words, said):
    done = run("train", *words)
    assert done.code in (1, 2)
    assert said in done.err
    assert len(done.err.strip().splitlines()) <= 3
    assert there(days) == ["days"]


def command(*words):
    return [sys.executable, "-m", "descend", *map(str, words)]


@pytest.mark.parametrize("where", [(), ("--out-of-core",)])
def test_rows_that_judge_may_be_a_folder(days, where):
    done = run("train", "days/0.parquet", *QUICK[:-1], "--test", "days", *where)
    assert done.code == 0, done.err
    rows = sum(pl.read_parquet(one).height for one in days.glob("days/*.parquet"))
    assert descend.load("0.descend").record["split"]["test"] == rows


def with_little_room(size, *words):
    """Run a command that may write no file of more bytes."""

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return subprocess.run(command(*words), preexec_fn=little_room, capture_output=True, text=True)


@pytest.mark.parametrize("table", ["days", "days/0.parquet"])  # in pieces, and in memory
def test_a_disk_that_is_full_of_predictions_is_told(days, table):
    run("train", "days", *QUICK)
    done = with_little_room(500, "predict", "days.descend", table, "-o", "out.parquet")
    assert (done.returncode, done.stderr.strip().splitlines()[-1].split(": ")[-1]) == (1, "file too large.")
    assert there(days) == ["days", "days.descend"]


def test_a_full_disk_is_told_and_a_model_that_was_there_stays(days):
    run("train", "days", *QUICK)
    before = Path("days.descend").read_bytes()
    done = with_little_room(10_000, "train", "days", *QUICK)
    assert done.returncode == 1
    assert "there is no room for it (File too large). Free some" in done.stderr
    assert Path("days.descend").read_bytes() == before
    assert there(days) == ["days", "days.descend"]


@pytest.mark.parametrize("words", [QUICK[:-1], ("--target", "y", "--quality", "fast", "--jobs", 1)])
def test_what_was_begun_on_the_disk_goes_on_there_whatever_memory_is_free(days, monkeypatch, words):
    def full(*_):
        raise OSError(28, "No space left on device")

    run("train", "days", *words, "--out-of-core")
    whole = descend.load("days.descend").predict_probability("days/0.parquet").tobytes()
    Path("days.descend").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(descend.Model, "save", full)
        assert run("train", "days", *words, "--out-of-core").code == 1
    done = run("train", "days", *words, "--resume")
    assert (done.code, "found there" in done.out) == (0, True)
    assert descend.load("days.descend").predict_probability("days/0.parquet").tobytes() == whole
    assert there(days) == ["days", "days.descend"]


def test_a_model_that_cannot_be_written_loses_nothing(days, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(descend.Model, "save", full)
        done = run("train", "days", *QUICK)
    assert done.code == 1
    assert "what was reached is kept in days.descend.rows; go on with: " in done.err
    assert "days.descend.rows" in there(days)
    other = run("train", "days", *QUICK, "--learning-rate", 0.5, "--resume")
    assert (other.code, "Note: " in other.err) == (1, False)  # no advice to do the same again
    assert "it belongs to other data, options or another version. Train with the options it was begun with" in other.err
    done = run("train", "days", *QUICK, "--resume")
    assert "found there" in done.out
    assert "Note: going on from days.descend.checkpoint." in done.err
    assert there(days) == ["days", "days.descend"]


def test_ctrl_c_keeps_the_rows_and_going_on_with_another_option_loses_nothing(days, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(train_steps, "train_model", stopped)
        done = run("train", "days", *QUICK)
    assert (done.code, there(days)) == (130, ["days", "days.descend.rows"])
    assert "Prepared rows are kept in days.descend.rows; go on with: " in done.err
    Path("days.descend.rows/descent-choice").write_text("two hours of another blend")
    done = run("train", "days", *QUICK, "--resume", "--seed", 1)
    assert done.code == 1
    assert "belong to other data, options or another version" in done.err
    assert Path("days.descend.rows/descent-choice").exists()
    assert "found there" in run("train", "days", *QUICK, "--resume").out
    assert there(days) == ["days", "days.descend"]


def test_rows_of_an_interrupted_training_go_with_its_checkpoint_where_the_next_one_is_in_memory(days, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(train_steps, "train_model", lambda *_, **__: signal.raise_signal(signal.SIGINT))
        run("train", "days", *QUICK)
    assert "days.descend.rows" in there(days)
    assert run("train", "days", *QUICK[:-1]).code == 0
    assert there(days) == ["days", "days.descend"]


def test_groups_of_which_none_is_held_out_leave_nothing(days):
    frame().with_columns(g=pl.lit("one")).write_parquet("g.parquet")
    done = run("train", "g.parquet", *QUICK, "--group", "g")
    assert "no row fell to the" in done.err
    assert there(days) == ["days", "g.parquet"]


@pytest.mark.long
def test_a_blend_is_learnt_and_reported_where_nobody_says_otherwise(days):
    done = run("train", "days", "--target", "y", "--out-of-core", "--quality", "fast", "--report", "r.html")
    assert done.code == 0, done.err
    assert "1 member, encoders from a sample of " in done.out
    assert Path("r.html").stat().st_size > 10_000
    assert run("predict", "days.descend", "days", "-o", "p.csv").code == 0
    assert run("export", "days.descend", "--to", "json", "-o", "m.json").code == 0
    assert there(days) == ["days", "days.descend", "m.json", "p.csv", "r.html"]


def wait_for(path, running):
    until = time.monotonic() + 60
    while not os.path.exists(path) and running.poll() is None and time.monotonic() < until:
        time.sleep(0.005)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_training_that_was_killed_goes_on_to_the_same_bits(days):
    words = ["train", "days", "--target", "y", "--hidden", 4, "--epochs", 800, "--restarts", 1, "--out-of-core"]
    running = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for("days.descend.checkpoint", running)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert "days.descend.rows" in there(days)
    done = run(*words, "--resume")
    assert done.code == 0, done.err
    assert "found there" in done.out
    assert there(days) == ["days", "days.descend"]
    killed = descend.load("days.descend").network.theta
    assert run(*words).code == 0
    assert (descend.load("days.descend").network.theta == killed).all()


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_kills_at_random_moments_change_no_bit(days):
    words = ["train", "days", "--target", "y", "--hidden", 4, "--epochs", 3000, "--restarts", 2, "--out-of-core"]
    start = time.monotonic()
    assert subprocess.run(command(*words, "-o", "whole.descend"), capture_output=True, check=False).returncode == 0
    whole, moments = time.monotonic() - start, random.Random(3)
    for _ in range(10):
        running = subprocess.Popen(
            command(*words, "-o", "k.descend", "--resume"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.1, 1.0) * whole / 2)
        running.kill()
        running.wait()
    assert subprocess.run(command(*words, "-o", "k.descend", "--resume"), check=False).returncode == 0
    assert (descend.load("k.descend").network.theta == descend.load("whole.descend").network.theta).all()
    assert there(days) == ["days", "k.descend", "whole.descend"]


def test_predicting_goes_on_behind_what_was_written(days, monkeypatch):
    run("train", "days", *QUICK)
    run("predict", "days.descend", "days", "-o", "whole.csv")
    monkeypatch.setattr("descend.tables.pieces.arrow_files.rows_at_once", lambda columns: 100)
    monkeypatch.setattr("descend.models.streamed.written.ROWS_OF_PART", 300)
    answer, calls = descend.Model.probabilities, []

    def interrupted(self, outputs):
        calls.append(len(outputs))
        if len(calls) == 9:
            raise KeyboardInterrupt
        return answer(self, outputs)

    monkeypatch.setattr(descend.Model, "probabilities", interrupted)
    stopped = run("predict", "days.descend", "days", "-o", "p.csv")
    assert stopped.code == 130
    assert "--resume" in stopped.err
    assert not Path("p.csv").exists()
    done = run("predict", "days.descend", "days", "-o", "p.csv", "--resume")
    assert re.search("going on behind [1-9]00 rows", done.err)
    assert Path("p.csv").read_bytes() == Path("whole.csv").read_bytes()
    assert ".p.csv.parts" not in there(days)
    again = run("predict", "days.descend", "days", "--resume")
    assert "--resume needs --output" in again.err


def test_strict_refuses_rows_that_differ_and_leaves_nothing(days):
    run("train", "days", *QUICK)
    frame().with_columns(pl.col("a") * 100).write_parquet("days/0.parquet")
    done = run("predict", "days.descend", "days", "-o", "p.csv", "--strict")
    assert done.code == 1
    assert "leave --strict out to predict anyway" in done.err
    assert there(days) == ["days", "days.descend"]
