"""The networks of a blend while they are learnt: a live table in a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.live import Live

from descend.cli.console import console, table
from descend.cli.live import LEADER, LINE_SECONDS
from descend.describe.blend_progress import NetsSoFar
from descend.describe.facts import Grid
from descend.describe.updating import further_words
from descend.models.blends.result import NetDone
from descend.models.recipe import BlendRecipe

A_SECOND = 4  # how often a terminal is drawn anew, while time passes


@contextmanager
def watched_blend(recipe: BlendRecipe, factor: float = 1.0) -> Iterator[Callable[[NetDone], None]]:
    """Give an observer for the training of a blend; what it shows depends on whether standard output is a terminal."""
    out, picture = console(), BlendPicture(recipe, factor)
    if out.is_terminal:
        with Live(get_renderable=picture.drawn, console=out, refresh_per_second=A_SECOND, vertical_overflow="crop"):
            yield picture.see
        return
    lines = BlendLines(picture)
    try:
        yield lines.see
    finally:
        lines.end()


class BlendPicture:
    """What is known of the networks, and since when."""

    def __init__(self, recipe: BlendRecipe, factor: float = 1.0) -> None:
        self.nets, self.start = NetsSoFar(recipe, factor), time.monotonic()

    def see(self, done: NetDone) -> None:
        """Observe a network's end."""
        self.nets.see(done)

    def words(self) -> str:
        """Say how far it is now."""
        return self.nets.words(time.monotonic() - self.start)

    def drawn(self) -> RenderableType:
        """Return the table of members and folds, and the words below it."""
        grid, leader = self.nets.grid(), self.nets.leader
        made = table(Grid(grid.heads, (), grid.words))
        for name, *cells in grid.rows:
            leads = name == leader
            style = "bold cyan" if leads else "dim" if self.nets.left_out(name) else ""
            made.add_row(f"{LEADER} {name}" if leads else f"  {name}", *cells, style=style)
        return Group("", made, self.words())


class BlendLines:
    """A plain line every few seconds, and one at the end."""

    def __init__(self, picture: BlendPicture, seconds: float = LINE_SECONDS) -> None:
        self.picture, self.seconds = picture, seconds
        self.told, self.new = picture.start, False

    def see(self, done: NetDone) -> None:
        """Observe a network's end."""
        self.picture.see(done)
        self.new = True
        if time.monotonic() - self.told >= self.seconds:
            self.end()

    def end(self) -> None:
        """Tell how far it is, if that is news."""
        if self.new:
            self.told, self.new = time.monotonic(), False
            console().print(self.picture.words(), soft_wrap=True)


@contextmanager
def watched_further() -> Iterator[Callable[[int, int], None]]:
    """Give an observer for networks that go on; what it shows depends on whether standard output is a terminal."""
    out, picture = console(), FurtherPicture()
    if out.is_terminal:
        with Live(get_renderable=picture.words, console=out, refresh_per_second=A_SECOND):
            yield picture.see
        return
    yield picture.tell


class FurtherPicture:
    """How many networks have gone on, and since when; as plain lines every few seconds, too."""

    def __init__(self, seconds: float = LINE_SECONDS) -> None:
        self.start = self.told = time.monotonic()
        self.seconds, self.done, self.networks = seconds, 0, 0

    def see(self, done: int, networks: int) -> None:
        """Observe a network's end."""
        self.done, self.networks = done, networks

    def tell(self, done: int, networks: int) -> None:
        """Observe a network's end, and say so if the last line is some seconds old."""
        self.see(done, networks)
        if time.monotonic() - self.told >= self.seconds:
            self.told = time.monotonic()
            console().print(self.words(), soft_wrap=True)

    def words(self) -> str:
        """Say how far they are now."""
        if not self.networks:
            return "Going on …"
        return further_words(self.done, self.networks, time.monotonic() - self.start)
