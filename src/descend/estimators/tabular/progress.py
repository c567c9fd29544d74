"""How far a fit is, on standard output: a bar, or a line each some seconds."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from descend.describe.blend_progress import networks_words
from descend.models.blends.result import NetDone
from descend.progress.bar import Bar, bar


class Progress:
    """Tells of networks that have ended.

    Parameters
    ----------
    words : callable
        From a network's loss to what is said of it.
    planned : int
        How many networks there will be.
    limit : float or None
        Seconds that the fit may take.
    shown : Bar or None
        Where; None: as fits standard output.

    Examples
    --------
    >>> import sys
    >>> from descend.models.blends.descent import Place
    >>> with Progress(str, 3, shown=Bar(sys.stdout, seconds=9.0)) as progress:
    ...     progress(NetDone(None, Place("quick", 0), 1, 3, 0.1))  # doctest: +ELLIPSIS
    1 of 3 networks · ... s
    """

    def __init__(
        self, words: Callable[[float], str], planned: int, limit: float | None = None, shown: Bar | None = None
    ) -> None:
        self._words, self._limit, self._bar = words, limit, shown or bar()
        self._best: tuple[float, str] = (math.inf, "")
        self._done, self._planned, self._start = 0, planned, time.monotonic()

    def __call__(self, done: NetDone) -> None:
        """Note a network."""
        if done.net is not None and done.net.loss < self._best[0]:
            self._best = done.net.loss, done.place.member
        self._done, self._planned = done.done, done.planned
        self._bar.see(self._done / max(self._planned, 1), self.line)

    def line(self) -> str:
        """Return the line: how many, how long, how long it will take, the best so far."""
        loss, member = self._best
        best = f"{member}, {self._words(loss)}" if member else ""
        return networks_words(self._done, self._planned, time.monotonic() - self._start, best, self._limit)

    def __enter__(self) -> Self:
        self._bar.words = self.line
        self._bar.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()
