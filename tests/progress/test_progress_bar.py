"""Bars of a training: lines in a pipe, one line drawn anew in a terminal and a notebook, and nothing left but one."""

import io
import os
import re
import select
import subprocess
import sys
import threading
import time
from contextlib import redirect_stdout
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from descend import MLPRegressor, Network, TabularRegressor
from descend.progress import bar as module
from descend.progress.bar import Bar, NotebookBar, TerminalBar, bar, place, writable
from descend.progress.restarts import RestartsBar
from descend.training.options import USUAL, FitOptions
from descend.training.prepare import Start, prepare
from descend.training.restarts import run_restarts
from descend.training.run import Run

OPTIONS = {"learning_rate": 0.01, "schedule": "constant", "batch_size": 8, "optimizer": "sgd"}
OPTIONS |= {"l2": 0.0, "dropout": 0.0, "validation": None}
X = np.linspace(-1, 1, 120).reshape(60, 2)
Y = X[:, 0] * X[:, 1]


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """A terminal that is drawn at once, for standard output."""
    pytest.importorskip("rich")
    import rich

    out = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(rich, "_console", None)  # whoever has asked for it before: it remembers the environment
    monkeypatch.setattr(module, "BEGIN_SECONDS", 0.0)
    return out


def left(shown):
    """What stands on the screen in the end: of each line what was written last, without control codes."""
    lines, at = [""], 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[^\x1b]+", shown.replace("\r\n", "\n")):
        if part.endswith("A") and part.startswith("\x1b["):
            at -= int(part[2:-1] or 1)
        elif part.endswith("K"):
            lines[at] = ""
        elif not part.startswith("\x1b"):
            for k, piece in enumerate(part.split("\n")):
                at += k > 0
                lines += [""] * (at + 1 - len(lines))
                lines[at] = piece.rpartition("\r")[2] if "\r" in piece else lines[at] + piece
    return [line for line in lines if line]


# ---------------------------------------------------------------- where


def test_what_is_no_terminal_gets_lines(capsys):
    net = Network([2, 4, 1], seed=0)
    plain = net.fit(X, Y, epochs=6, restarts=3, validation=0.2)
    shown = net.fit(X, Y, epochs=6, restarts=3, validation=0.2, verbose=True)
    out = capsys.readouterr().out
    assert re.fullmatch(r"epoch 6 of 6 · 3 finished · \S+ s · best validation loss \S+ \(restart \d\)\n", out)
    assert (plain.best.theta == shown.best.theta).all()
    assert f"(restart {shown.winner})" in out


def test_lines_come_every_few_seconds(monkeypatch):
    out, now = io.StringIO(), [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    with Bar(out) as shown:
        for now[0] in (1.0, 2.9, 3.1, 4.0, 6.2, 6.3):
            shown.see(now[0] / 10, lambda: f"at {now[0]}")
    assert out.getvalue() == "at 3.1\nat 6.2\nat 6.3\n"


def test_a_thread_and_a_worker_do_not_draw(terminal, monkeypatch):
    found = []
    with redirect_stdout(terminal):
        found.append(place(terminal))
        thread = threading.Thread(target=lambda: found.append(place(terminal)))
        thread.start()
        thread.join()
        monkeypatch.setattr(module.multiprocessing, "parent_process", object)
        found.append(place(terminal))
    assert found == ["terminal", "pipe", "pipe"]


def test_without_rich_and_on_a_dumb_terminal_there_are_lines(terminal, monkeypatch):
    import rich

    kinds = []
    with redirect_stdout(terminal):
        for kind in ("dumb", "xterm"):
            monkeypatch.setenv("TERM", kind)
            monkeypatch.setattr(rich, "_console", None)
            kinds.append(type(bar()))
        monkeypatch.setattr(module, "find_spec", lambda name: None)
        kinds.append(type(bar()))
    assert kinds == [Bar, TerminalBar, Bar]


def test_a_sign_that_the_terminal_does_not_have_ends_no_training():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with Bar(out, seconds=0.0) as shown:
        shown.see(0.5, lambda: "epoch 1 · ∞")
    out.seek(0)
    assert out.read() == "epoch 1 ? ?\n"
    assert writable("epoch 1 · ∞", io.StringIO()) == "epoch 1 · ∞"


# ---------------------------------------------------------------- in a terminal


def test_a_terminal_keeps_one_line_of_a_fit(terminal):
    net = Network([2, 4, 1], seed=0)
    with redirect_stdout(terminal):
        net.fit(X, Y, epochs=200, restarts=3, validation=0.2, verbose=True)
    shown = terminal.getvalue()
    (line,) = left(shown)
    assert re.fullmatch(r"epoch 200 of 200 · 3 finished · \S+ s · best validation loss \S+ \(restart \d\)", line)
    assert "━" in shown
    assert shown.rfind("\x1b[?25h") > shown.rfind("\x1b[?25l")  # the cursor is shown again


def test_a_terminal_is_given_back_after_an_error(terminal):
    def fails(progress):
        if progress.epoch == 3:
            raise RuntimeError("put in")

    with redirect_stdout(terminal), pytest.raises(RuntimeError, match="put in"):
        Network([2, 4, 1], seed=0).fit(X, Y, epochs=9, on_epoch=fails, verbose=True)
    assert left(terminal.getvalue())[0].startswith("epoch 2 of 9 · 1 running · ")
    assert terminal.getvalue().rfind("\x1b[?25h") >= terminal.getvalue().rfind("\x1b[?25l")


def test_estimators_have_a_bar_in_a_terminal(terminal):
    how = {"max_iter": 30, "tol": 0.0, "n_iter_no_change": 99, "random_state": 0}
    with redirect_stdout(terminal), pytest.warns(UserWarning, match="Maximum iterations"):
        MLPRegressor((4,), restarts=2, early_stopping="loss", verbose=True, **how).fit(X, Y)
    with redirect_stdout(terminal):
        TabularRegressor(quality="fast", random_state=0, verbose=True).fit(X[:30], Y[:30])
    first, second = [line for line in left(terminal.getvalue()) if " of " in line]
    assert first.startswith("epoch 30 of 30 · 2 finished · ")
    assert re.fullmatch(r"3 of 3 networks · \S+ s · best so far quick, RMSE \S+", second)


def test_beside_another_picture_there_is_a_last_line_only(terminal):
    from rich import get_console
    from rich.live import Live

    with redirect_stdout(terminal), Live("another picture", console=get_console(), auto_refresh=False):
        Network([2, 4, 1], seed=0).fit(X, Y, epochs=200, verbose=True)
    shown = terminal.getvalue()
    assert "━" not in shown
    assert shown.count("epoch 200 of 200 · 1 finished · ") == 1


def test_verbose_2_is_scikit_learns_lines_in_a_terminal_too(terminal):
    with redirect_stdout(terminal), pytest.warns(UserWarning, match="Maximum iterations"):
        MLPRegressor((4,), max_iter=3, random_state=0, verbose=2).fit(X, Y)
    assert [line.split(",")[0] for line in terminal.getvalue().splitlines()] == [f"Iteration {k}" for k in (1, 2, 3)]


def test_what_a_rule_has_stopped_is_said(terminal):
    with redirect_stdout(terminal):
        MLPRegressor((4,), max_iter=500, tol=1.0, random_state=0, verbose=True).fit(X, Y)
    (line,) = left(terminal.getvalue())
    assert line.startswith("epoch 12 of 500 · 1 stopped early · ")


DRIVEN = """
import os, signal, threading, numpy as np
from descend import Network
X = np.random.default_rng(0).uniform(-1, 1, (4000, 4))
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    Network([4, 32, 1], seed=0).fit(X, X[:, 0], epochs=100000, restarts=8, verbose=True)
except KeyboardInterrupt as interrupt:
    print("stopped", len(interrupt.training.restarts))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_leaves_a_clean_terminal():
    pytest.importorskip("rich")
    import pty

    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    child = subprocess.Popen([sys.executable, "-c", DRIVEN], stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown, until = b"", time.monotonic() + 60
    while time.monotonic() < until:
        ready, _, _ = select.select([ours], [], [], 1.0)
        try:
            part = os.read(ours, 65536) if ready else b""
        except OSError:
            break
        shown += part
        if ready and not part:
            break
    os.close(ours)
    assert child.wait() == 0
    text = shown.decode()
    assert "━" in text
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")
    first, second = left(text)
    assert re.fullmatch(r"epoch \d+ of 100000 · 8 running · .* · best training loss \S+ \(restart \d\)", first)
    assert second == "stopped 8"


# ---------------------------------------------------------------- in a notebook


@pytest.fixture
def notebook(monkeypatch):
    """What a kernel of Jupyter has: its stream as standard output, its shell, IPython's display."""
    shown = []

    class Handle:
        def update(self, bundle, raw):  # noqa: ARG002
            shown.append(bundle)

    def display(bundle, raw, display_id):
        shown.append(bundle)
        return Handle()

    python = ModuleType("IPython")
    python.get_ipython = lambda: SimpleNamespace(kernel=object())
    of_display = ModuleType("IPython.display")
    of_display.display = display
    monkeypatch.setitem(sys.modules, "IPython", python)
    monkeypatch.setitem(sys.modules, "IPython.display", of_display)
    monkeypatch.setattr(module, "BEGIN_SECONDS", 0.0)
    monkeypatch.setattr(module, "NOTEBOOK_SECONDS", 0.0)
    return SimpleNamespace(out=type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})(), shown=shown)


def test_a_notebook_has_one_output_that_is_drawn_anew(notebook):
    with redirect_stdout(notebook.out):
        Network([2, 4, 1], seed=0).fit(X, Y, epochs=200, verbose=True)
    assert len(notebook.shown) >= 2
    assert '<progress value="' in notebook.shown[0]["text/html"]
    assert "progress" not in notebook.shown[-1]["text/html"]
    assert notebook.shown[-1]["text/plain"].startswith("epoch 200 of 200 · 1 finished · ")
    assert notebook.out.getvalue() == ""


def test_a_redirected_cell_gets_lines(notebook):
    with redirect_stdout(notebook.out):
        assert type(bar()) is NotebookBar
        assert type(bar(io.StringIO())) is Bar


def test_names_in_a_notebook_are_no_tags(notebook):
    with NotebookBar(notebook.out) as shown:
        shown.see(1.0, lambda: "<b> & co")
    assert "&lt;b&gt; &amp; co" in notebook.shown[-1]["text/html"]


# ---------------------------------------------------------------- what it costs


class Counts(Bar):
    """Counts how often it is told."""

    looks = 0

    def see(self, share, words):
        super().see(share, words)
        self.looks += 1


def test_the_training_is_asked_about_ten_times_a_second_however_short_an_epoch_is():
    options = FitOptions(**USUAL | OPTIONS | {"epochs": 20_000})
    net = Network([2, 4, 1], seed=0)
    prepared = prepare(Start(net.spec, net.theta, net.dtype, 0, "native"), X, Y, options)
    shown, begun = Counts(io.StringIO(), seconds=99.0), time.monotonic()
    with RestartsBar(shown) as restarts:
        run_restarts(Run(prepared.group), prepared.executor, [restarts])
    assert 3 <= shown.looks <= 12 + 12 * (time.monotonic() - begun)
    assert shown.share == 1.0


def test_a_program_without_standard_output_trains_as_quietly_as_others(monkeypatch):
    X, y = np.linspace(-1.0, 1.0, 20)[:, None], np.linspace(0.0, 1.0, 20)
    monkeypatch.setattr(sys, "stdout", None)
    assert place(None) == "pipe"
    assert len(Network([1, 2, 1], seed=0).fit(X, y, epochs=2, verbose=True).restarts) == 1
    assert MLPRegressor((2,), solver="lbfgs", verbose=True).fit(X, y).n_iter_ > 0
