"""The restarts while they run: a live table in a terminal, a plain line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.live import Live

from descend.cli.console import console, table
from descend.describe.facts import Grid
from descend.describe.numbers import count
from descend.describe.progress import HEADS, MOST_RESTARTS, standings
from descend.progress.clock import Clock
from descend.training.observers import Progress, only_looks

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
    with Live(console=out, auto_refresh=False, transient=False, vertical_overflow="crop") as live:
        picture = LiveTable(lambda part: live.update(part, refresh=True))
        try:
            yield picture.see
        finally:
            picture.end()


class Lines:
    """A plain line every few seconds, and one at the end."""

    def __init__(self, seconds: float = LINE_SECONDS) -> None:
        self.clock, self.seconds = Clock(), seconds
        self.told = self.clock.start
        self.last: Progress | None = None

    @only_looks
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
        console().print(self.clock.line(progress), soft_wrap=True)


class LiveTable:
    """A table of the restarts that is drawn anew, at most ten times a second."""

    def __init__(self, draw: Callable[[RenderableType], None]) -> None:
        self.clock, self.draw = Clock(), draw
        self.drawn = 0.0
        self.last: Progress | None = None
        self.shown: Progress | None = None
        self.epochs: list[int] = []

    @only_looks
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
        self.drawn, self.shown = time.monotonic(), progress
        self.draw(Group("", restarts_table(progress, self.epochs), self.clock.words(progress)))


def restarts_table(progress: Progress, epochs: Sequence[int], most: int = MOST_RESTARTS) -> RenderableType:
    """Return the table of the restarts: the leader is marked, those that are gone are dimmed; of many only the best."""
    made = table(Grid(HEADS, (), words=(len(HEADS) - 1,)))
    shown = standings(progress, epochs, most)
    for one in shown:
        number, *others = one.cells
        marked = f"{LEADER} {number}" if one.leads else number
        made.add_row(marked, *others, style="bold cyan" if one.leads else "" if one.alive else "dim")
    hidden = len(progress.status) - len(shown)
    return Group(made, f"… and {count(hidden, 'restart')} behind these") if hidden else made
