"""The restarts while they run: a live table in a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from descend.cli.console import console, count, duration, number, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from descend.training.observers import Progress

MOST_RESTARTS = 12
LEADER = "▸"  # marks the restart that would be kept now
UPDATE_SECONDS = 0.1
LINE_SECONDS = 3.0


@contextmanager
def watched() -> Iterator[Callable[[Progress], None]]:
    """Give an observer for the training; what it shows depends on whether standard output is a terminal."""
    out = console()
    if not out.is_terminal:
        lines = Lines()
        try:
            yield lines.see
        finally:
            lines.end()
        return
    from rich.live import Live

    with Live(console=out, auto_refresh=False, transient=False, vertical_overflow="crop") as live:
        picture = LiveTable(lambda part: live.update(part, refresh=True))
        try:
            yield picture.see
        finally:
            picture.end()


class Clock:
    """Time since the first epoch was seen, and how long the rest may take."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.first_epoch: int | None = None

    def see(self, progress: Progress) -> None:
        """Note the epoch from which this run goes on (0, or where a checkpoint stood)."""
        if self.first_epoch is None:
            self.first_epoch = progress.epoch - 1

    def text(self, progress: Progress) -> str:
        """Return what has passed and what is left, in words."""
        passed = time.monotonic() - self.start
        done = progress.epoch - (self.first_epoch or 0)
        left = passed / max(done, 1) * (progress.epochs - progress.epoch)
        rest = f", about {duration(left)} left" if left >= 1 and "running" in progress.status else ""
        return f"{duration(passed)}{rest}"


def summary(progress: Progress, clock: Clock) -> str:
    """Return how far the restarts are.

    Examples
    --------
    >>> from descend.training.observers import Progress
    >>> nan, inf = np.array([np.nan, np.nan]), np.array([np.inf, np.inf])
    >>> seen = Progress(3, 9, np.array([0.5, 0.25]), nan, inf, ("finished", "diverged"), 0)
    >>> summary(seen, Clock()).rsplit(" · ", 1)[0]
    'epoch 3 of 9 · 1 finished, 1 diverged'
    >>> best(seen)
    'best training loss 0.5 (restart 0)'
    """
    states = [f"{progress.status.count(name)} {name}" for name in dict.fromkeys(progress.status)]
    return f"epoch {progress.epoch} of {progress.epochs} · {', '.join(states)} · {clock.text(progress)}"


def best(progress: Progress) -> str:
    """Return the lowest loss so far, and whose it is."""
    validated = np.isfinite(progress.best_loss[progress.leader])
    losses, kind = (progress.best_loss, "validation") if validated else (progress.loss, "training")
    return f"best {kind} loss {number(float(losses[progress.leader]))} (restart {progress.leader})"


class Lines:
    """A plain line every few seconds, and one at the end."""

    def __init__(self, seconds: float = LINE_SECONDS) -> None:
        self.clock, self.seconds = Clock(), seconds
        self.told = self.clock.start
        self.last: Progress | None = None

    def see(self, progress: Progress) -> None:
        """Observe an epoch."""
        self.clock.see(progress)
        self.last = progress
        if time.monotonic() - self.told >= self.seconds:
            self._tell(progress)

    def end(self) -> None:
        """Tell where the training ended."""
        if self.last is not None:
            self._tell(self.last)

    def _tell(self, progress: Progress) -> None:
        self.told, self.last = time.monotonic(), None
        console().print(f"{summary(progress, self.clock)} · {best(progress)}", soft_wrap=True)


class LiveTable:
    """A table of the restarts that is drawn anew, at most ten times a second."""

    def __init__(self, draw: Callable[[RenderableType], None]) -> None:
        self.clock, self.draw = Clock(), draw
        self.drawn = 0.0
        self.last: Progress | None = None
        self.shown: Progress | None = None
        self.epochs: list[int] = []

    def see(self, progress: Progress) -> None:
        """Observe an epoch."""
        self.clock.see(progress)
        self._note_epochs(progress)
        self.last = progress
        if time.monotonic() - self.drawn >= UPDATE_SECONDS:
            self._draw(progress)

    def end(self) -> None:
        """Draw the last state."""
        if self.last is not None and self.last is not self.shown:
            self._draw(self.last)

    def _note_epochs(self, progress: Progress) -> None:
        """Remember at which epoch each restart stopped; running ones are all at the same."""
        before = (
            zip(self.epochs, self.last.status, strict=True) if self.last else [(0, "running")] * len(progress.status)
        )
        self.epochs = [progress.epoch if status == "running" else epoch for epoch, status in before]

    def _draw(self, progress: Progress) -> None:
        from rich.console import Group

        self.drawn, self.shown = time.monotonic(), progress
        self.draw(Group("", restarts_table(progress, self.epochs), summary(progress, self.clock)))


def restarts_table(progress: Progress, epochs: list[int], most: int = MOST_RESTARTS) -> RenderableType:
    """Return the table of the restarts; of many only the best, in the order of their numbers."""
    from rich.console import Group

    standing = np.where(np.isfinite(progress.best_loss), progress.best_loss, np.nan_to_num(progress.loss, nan=np.inf))
    alive = np.array([status not in ("diverged", "killed") for status in progress.status])
    ranked = np.lexsort((standing, ~alive))[:most]
    heads = ["restart", "epoch", "training loss", "validation loss", "best so far", "status"]
    made = table(heads, [], left=(5,))
    for r in sorted(ranked.tolist()):
        leads = r == progress.leader
        losses = (progress.loss[r], progress.validation_loss[r], progress.best_loss[r])
        cells = [
            f"{LEADER} {r}" if leads else str(r),
            str(epochs[r]),
            *(_loss(float(x)) for x in losses),
            progress.status[r],
        ]
        made.add_row(*cells, style="bold cyan" if leads else "" if alive[r] else "dim")
    hidden = len(progress.status) - len(ranked)
    return Group(made, f"… and {count(hidden, 'restart')} behind these") if hidden else made


def _loss(x: float) -> str:
    return f"{x:.5f}" if np.isfinite(x) and 1e-3 <= abs(x) < 1e4 else number(x) if np.isfinite(x) else "–"
