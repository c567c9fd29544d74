"""The restarts on the screen: a table in a terminal, lines in a pipe."""

import contextlib
import io
import re

import numpy as np
import pytest

from command_line import Captured
from descend.cli import live
from descend.cli.console import console
from descend.training.observers import Progress

NAN, INF = np.nan, np.inf


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def progress(epoch=3, epochs=9, loss=(0.5, 0.25), validation=(NAN, NAN), best=(INF, INF), status=None, leader=1):
    status = status or ("running",) * len(loss)
    return Progress(epoch, epochs, np.array(loss), np.array(validation), np.array(best), status, leader)


def drawn(seen, epochs, most=12):
    out = Captured()
    console(out).print(live.restarts_table(seen, epochs, most))
    return [line.split() for line in out.text().splitlines()]


def test_a_pipe_gets_a_line_at_the_end_and_no_control_codes():
    out = Captured()
    with contextlib.redirect_stdout(out), live.watched() as see:
        see(progress(epoch=1))
        see(progress(epoch=9, status=("finished", "finished")))
    assert re.sub(r"\d+\.\d+ s", "T", out.text()) == (
        "epoch 9 of 9 · 2 finished · T · best training loss 0.25 (restart 1)\n"
    )


def test_a_pipe_gets_lines_in_between_when_time_has_passed(capsys):
    lines = live.Lines(seconds=0.0)
    lines.see(progress(epoch=1))
    lines.see(progress(epoch=2, validation=(0.4, 0.3), best=(0.4, 0.3)))
    lines.end()
    shown = capsys.readouterr().out.splitlines()
    assert [line.split(" · ")[:2] + line.split(" · ")[3:] for line in shown] == [
        ["epoch 1 of 9", "2 running", "best training loss 0.25 (restart 1)"],
        ["epoch 2 of 9", "2 running", "best validation loss 0.3 (restart 1)"],
    ]


def test_a_pipe_is_told_where_ctrl_c_came(capsys):
    def interrupted() -> None:
        with live.watched() as see:
            see(progress(epoch=4))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capsys.readouterr().out.startswith("epoch 4 of 9 · 2 running · ")


def test_a_terminal_gets_a_table_that_is_drawn_anew(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(live, "UPDATE_SECONDS", 0.0)
    out = Terminal()
    with contextlib.redirect_stdout(out), live.watched() as see:
        see(progress(epoch=1))
        see(progress(epoch=2))
    assert "\x1b[" in out.getvalue()
    assert "epoch 1 of 9" in out.getvalue()
    assert "epoch 2 of 9" in out.getvalue()
    assert max(len(line) for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", out.getvalue()).splitlines()) <= 80


def test_the_table_is_drawn_at_most_ten_times_a_second():
    times = []
    table = live.LiveTable(lambda part: times.append(part))
    for epoch in range(1, 400):
        table.see(progress(epoch=epoch, epochs=400))
    elapsed = live.time.monotonic() - table.clock.start
    assert 1 <= len(times) <= 1 + elapsed / live.UPDATE_SECONDS


def test_the_terminal_is_given_back_after_ctrl_c(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()

    def interrupted() -> None:
        with live.watched() as see:
            see(progress())
            raise KeyboardInterrupt

    with contextlib.redirect_stdout(out), pytest.raises(KeyboardInterrupt):
        interrupted()
    assert out.getvalue().rfind("\x1b[?25h") > out.getvalue().rfind("\x1b[?25l")  # the cursor is shown again


def test_the_leader_is_marked_and_every_number_stands_in_its_column():
    status = ("running", "diverged")
    seen = progress(loss=(0.5, NAN), validation=(0.75, NAN), best=(0.625, INF), status=status, leader=0)
    head, _, first, second = drawn(seen, [3, 2])
    assert " ".join(head) == "restart epoch training loss validation loss best so far status"
    assert first == ["▸", "0", "3", "0.50000", "0.75000", "0.62500", "running"]
    assert second == ["1", "2", "–", "–", "–", "diverged"]


def test_of_many_restarts_the_best_are_shown_in_the_order_of_their_numbers():
    best = (0.5, 0.1, 0.4, 0.2, INF)
    status = ("running", "running", "killed", "stopped early", "diverged")
    seen = progress(loss=(1.0,) * 5, validation=(1.0,) * 5, best=best, status=status)
    rows = drawn(seen, [3] * 5, most=3)
    assert [row[0] if row[0] != "▸" else row[1] for row in rows[2:5]] == ["0", "1", "3"]
    assert " ".join(rows[5]) == "… and 2 restarts behind these"


def test_a_restart_that_stopped_keeps_its_epoch():
    table = live.LiveTable(lambda part: None)
    table.see(progress(epoch=1))
    table.see(progress(epoch=2, status=("stopped early", "running")))
    table.see(progress(epoch=3, status=("stopped early", "running")))
    assert table.epochs == [2, 3]
