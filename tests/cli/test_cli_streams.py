"""Closed, full and odd: streams, names of files, threads and signals that fail in our words and with an exit code."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from command_line import PENGUINS, Captured, numbers_model, numbers_table, run, start
from descend.cli import streams
from descend.cli.interrupt import signals_heard
from descend.errors import SpecError
from descend.machine import check_threads, without_threads

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the shell and the signals are those of POSIX")

CLOSED = "Error: standard output: it is closed; send it somewhere, such as >/dev/null.\n"
FULL = "Error: standard output: no space left on device.\n"


def shell(words, redirected, folder):
    line = f"{sys.executable} -m descend {words} {redirected}"
    done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


# ---------------------------------------------------------------- streams


@pytest.mark.parametrize(
    ("words", "redirected", "left"),
    [
        ("datasets", ">&-", (1, "", CLOSED)),
        ("datasets --nix", "2>/dev/full", (2, "", "")),
        ("datasets", "<&- >&- 2>&-", (1, "", "")),
        ("predict {model} {table}", ">/dev/full", (1, "", FULL)),
        ("predict {model} {table} -o out.csv", ">&- 2>/dev/full", (0, "", "")),
    ],
)
def test_streams_that_are_closed_or_full(tmp_path, words, redirected, left):
    if "full" in redirected and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    assert shell(words.format(model=numbers_model(), table=numbers_table()), redirected, tmp_path) == left
    assert (tmp_path / "out.csv").exists() == ("out.csv" in words)


class Full(Captured):
    """A stream whose disk is full."""

    def write(self, text):  # noqa: ARG002 - none gets out
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_note_that_cannot_be_told_stops_nothing(monkeypatch, capfd):
    monkeypatch.setattr(sys, "stderr", Full())
    with streams.streams_kept():
        sys.stderr.write("lost")
        sys.stderr.flush()
        with pytest.raises(streams.OutputError) as caught:
            streams.Stream(Full(), "standard output").write("lost")
    assert (caught.value.filename, caught.value.errno) == ("standard output", errno.ENOSPC)


def test_the_streams_of_the_process_come_back():
    before = sys.stdout, sys.stderr
    run("datasets")
    assert (sys.stdout, sys.stderr) == before


# ---------------------------------------------------------------- names


def test_names_that_are_no_text(tmp_path):
    odd = {ending: tmp_path / os.fsdecode(b"a\xff." + ending.encode()) for ending in ("csv", "descend", "parquet")}
    try:
        shutil.copy(numbers_table(), odd["csv"])
    except OSError:
        pytest.skip("names of files must be text here")
    trained = run("train", odd["csv"], "--target", "y", "--epochs", 1, "--restarts", 1, "-o", odd["descend"])
    assert (trained.code, trained.err) == (0, "")
    assert r"a\udcff.csv: 120 rows" in trained.out
    assert run("inspect", odd["descend"]).code == 0
    assert run("predict", odd["descend"], odd["csv"], "-o", odd["parquet"]).code == 0
    assert odd["parquet"].exists()
    for words in (("predict", "\udcfe.descend", odd["csv"]), ("train", "\udcfe", "--target", "y")):
        assert run(*words).code == 1
        assert r"\udcfe" in run(*words).err
    absent = run("train", odd["csv"], "--target", "\udcfe")
    assert (absent.code, len(absent.err.splitlines())) == (1, 1)


@pytest.mark.parametrize(
    "words", [("train", "a\0b", "--target", "y"), ("inspect", "\0"), ("predict", "m", "t", "-o", "\0.csv")]
)
def test_a_word_with_nul_is_wrong_usage(words):
    left = run(*words)
    assert (left.code, left.out) == (2, "")
    assert left.err.startswith('Error: no word of a command can hold the character NUL; got "')
    assert r"\x00" in left.err


def test_halves_of_characters_in_json_lines_are_named_with_their_line(tmp_path):
    table = tmp_path / "half.jsonl"
    table.write_text('{"x": 0, "y": "a"}\n{"x": 1, "y": "\\ud800"}\n', encoding="utf-8")
    left = run("train", table, "--target", "y")
    assert left.code == 1
    assert left.err.startswith(f"Error: {table}, line 2: ")
    whole = tmp_path / "whole.jsonl"
    whole.write_text("".join(f'{{"x": {i}, "y": "\\ud83d\\ude0{i % 2}"}}\n' for i in range(30)), encoding="utf-8")
    done = run("train", whole, "--target", "y", "--epochs", 1, "--restarts", 1, "-o", tmp_path / "m.descend")
    assert (done.code, "😀, 😁" in done.out) == (0, True)


def test_a_half_that_comes_another_way_is_told_in_our_words(monkeypatch):
    import descend.tables.datasets

    monkeypatch.setattr(descend.tables.datasets, "datasets", lambda: "\udc80".encode())
    left = run("datasets")
    assert left.code == 1
    assert left.err.startswith(r'Error: a text holds "\udc80", half of a character')


# ---------------------------------------------------------------- threads, and what is no Exception


def test_no_thread_for_the_libraries_is_told_before_they_are_loaded(monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", start)
    left = run("datasets")
    assert (left.code, left.out) == (1, "")
    assert left.err.startswith("Error: the system gives this process no more threads")
    with pytest.raises(SpecError, match="no more threads"):
        check_threads()


NO_THREADS = """
import os, resource, sys
import numpy as np
import descend.engine, descend.files.load
from descend import Network
net, X = Network([20, 64, 3], seed=0), np.ones((3000, 20), "f4")
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
if os.getuid() == 0:
    os.setuid(65534)
for work in (lambda: net.fit(X, X[:, :3], epochs=9, restarts=2, n_jobs=2), lambda: net.predict(np.ones((300000, 20)))):
    try:
        work()
        print("done")
    except Exception as error:
        print(type(error).__name__, error)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit counts threads on Linux only")
def test_no_thread_for_the_engine_is_our_error():
    done = subprocess.run([sys.executable, "-c", NO_THREADS], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert [line.startswith("SpecError engine: the system gives this process no more threads") for line in lines] == [
        True
    ] * 2
    assert str(without_threads(RuntimeError("of a user's own"))) == "of a user's own"


def test_a_panic_of_polars_is_an_error_in_one_line(monkeypatch):
    import descend.tables.datasets

    class PanicException(BaseException):
        pass

    def panics():
        raise PanicException("called `Option::unwrap()` on a `None` value")

    monkeypatch.setattr(descend.tables.datasets, "datasets", panics)
    left = run("datasets")
    assert (left.code, left.out, len(left.err.splitlines())) == (1, "", 1)
    assert left.err.startswith("Error: unexpected PanicException: called")


# ---------------------------------------------------------------- signals


def wait_for(path, process):
    for _ in range(600):
        if path.exists() or process.poll() is not None:
            return
        time.sleep(0.05)


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_does_what_ctrl_c_does(tmp_path, name, code):
    words = (
        "train",
        PENGUINS,
        "--target",
        "species",
        "--hidden",
        4,
        "--restarts",
        2,
        "--epochs",
        40,
        "-o",
        "m.descend",
    )
    before = signal.signal(getattr(signal, name), signal.SIG_DFL)  # the tests themselves may run below nohup
    try:
        process = start(*words, folder=tmp_path, pause=0.1)
    finally:
        signal.signal(getattr(signal, name), before)
    wait_for(tmp_path / "m.descend.checkpoint", process)
    process.send_signal(getattr(signal, name))
    out, err = process.communicate(timeout=60)
    again = " ".join(["descend", *map(str, words), "--resume"])
    kept = f"What was reached is kept in m.descend.checkpoint; go on with: {again}\n"
    assert (process.returncode, err) == (code, f"Interrupted by {name}. {kept}")
    assert [path.name for path in tmp_path.iterdir()] == ["m.descend.checkpoint"]
    assert "Traceback" not in out


def test_a_signal_removes_a_half_written_file(tmp_path, monkeypatch):
    import descend.files.atomic

    model, table = numbers_model(), numbers_table()  # made before files cannot be written
    monkeypatch.setattr(descend.files.atomic.os, "fsync", lambda handle: os.kill(os.getpid(), signal.SIGTERM))
    left = run("predict", model, table, "-o", tmp_path / "out.csv")
    assert (left.code, left.err) == (143, "Interrupted by SIGTERM.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_is_ignored_stays_ignored_and_handlers_come_back():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals_heard():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
