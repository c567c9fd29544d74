"""Ctrl-C: a command was interrupted or it has done its work, and its exit code says which."""

import signal
import subprocess
import sys
import threading

import pytest

import descend
from command_line import PENGUINS, penguins_model, run
from descend.cli.interrupt import finishing, interrupts_kept, signals_heard, was_interrupted
from descend.models.model import Model

QUICK = ("--hidden", 4, "--epochs", 1, "--restarts", 1, "--jobs", 1)
pytestmark = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals are handled in the main thread alone"
)


@pytest.fixture(autouse=True)
def ctrl_c_is_heard():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def few_rows(monkeypatch):
    for name, rows in (("ROWS", 400), ("LEAST_MADE", 100), ("CHOOSING", 100)):
        monkeypatch.setattr(f"descend.models.distil.student.{name}", rows)


def press(times=1):
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def test_an_error_that_was_made_of_an_interrupt_is_one_again():
    def imported():
        try:
            press()
        except KeyboardInterrupt as error:
            raise ImportError("initialization failed") from error

    with signals_heard():
        with pytest.raises(KeyboardInterrupt), interrupts_kept():
            imported()
        assert was_interrupted()
    with signals_heard(), pytest.raises(ImportError), interrupts_kept():
        raise ImportError("of another kind")


def test_the_first_signal_passes_by_once_the_result_is_about_to_be_written():
    with signals_heard():
        finishing()
        press()
        assert not was_interrupted()
        with pytest.raises(KeyboardInterrupt):
            press()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_before_anything_is_loaded_is_a_line_too():
    hook = """
import builtins, signal, sys
import descend.cli
signal.signal(signal.SIGINT, signal.default_int_handler)
usual = builtins.__import__
def pressed(name, *how):
    if name == "typer":
        signal.raise_signal(signal.SIGINT)
    return usual(name, *how)
builtins.__import__ = pressed
descend.cli.main(["datasets"])
"""
    done = subprocess.run([sys.executable, "-c", hook], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "Interrupted.\n")


def test_a_signal_that_is_ignored_stays_so():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with signals_heard():
        press()
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


@pytest.mark.parametrize("as_what", [KeyboardInterrupt, ImportError, SystemError])
def test_an_interrupt_leaves_with_130_and_no_file_whatever_becomes_of_it(tmp_path, monkeypatch, few_rows, as_what):
    def interrupted(*_, **__):
        try:
            press()
        except KeyboardInterrupt as error:
            raise as_what from error

    model = penguins_model()
    monkeypatch.setattr("descend.models.distil.student.Network.fit", interrupted)
    done = run("distil", model, PENGUINS, "-o", tmp_path / "small.descend", *QUICK)
    assert (done.code, done.err.strip()) == (130, "Interrupted.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("late", [False, True], ids=["while it is written", "when it is there"])
@pytest.mark.parametrize("command", ["distil", "train"])
def test_an_interrupt_that_comes_too_late_changes_nothing(tmp_path, monkeypatch, few_rows, late, command):
    save, teacher = Model.save, penguins_model()

    def saved(model, path):
        press(not late)
        save(model, path)
        press(late)

    monkeypatch.setattr(Model, "save", saved)
    words = {
        "distil": ("distil", teacher, PENGUINS, *QUICK),
        "train": ("train", PENGUINS, "--from", teacher, "--epochs", 1, "--jobs", 1),
    }
    done = run(*words[command], "-o", tmp_path / "small.descend")
    assert (done.code, "Interrupted" in done.err) == (0, False)
    assert "descend inspect" in done.out
    assert descend.load(tmp_path / "small.descend").preprocessing.target == "species"


def test_a_second_interrupt_stops_what_is_left(tmp_path, monkeypatch, few_rows):
    teacher = penguins_model()
    monkeypatch.setattr(Model, "save", lambda model, path: press(2))
    done = run("distil", teacher, PENGUINS, "-o", tmp_path / "small.descend", *QUICK)
    assert (done.code, done.err.strip()) == (130, "Interrupted.")
