"""How far a fit is, on standard output: one line that is written anew on a terminal, else a line each some seconds."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from typing import TextIO

from descend.models.blends.result import NetDone

SECONDS = 5.0  # between two lines where there is no terminal


class Progress:
    """Tells of networks that have ended.

    Parameters
    ----------
    words : callable
        From a network's loss to what is said of it.
    limit : float or None
        Seconds that the fit may take.
    out : TextIO or None
        Where; None: standard output.
    """

    def __init__(self, words: Callable[[float], str], limit: float | None = None, out: TextIO | None = None) -> None:
        self._words, self._limit, self._out = words, limit, out or sys.stdout
        self._best: tuple[float, str] = (math.inf, "")
        self._last, self._width = -math.inf, 0
        self._terminal = self._out.isatty()

    def __call__(self, done: NetDone) -> None:
        """Say how far it is, if it is time."""
        if done.net is not None and done.net.loss < self._best[0]:
            self._best = done.net.loss, done.place.member
        now = time.monotonic()
        if self._terminal or now - self._last >= SECONDS or done.done == done.planned:
            self._last = now
            self._write(self.line(done))

    def line(self, done: NetDone) -> str:
        """Return the line: how many, how long, how long it will take, the best so far."""
        text = f"{done.done} of {done.planned} networks, {done.seconds:.1f} s"
        left = done.planned - done.done
        if left > 0 and done.done:
            rest = done.seconds / done.done * left
            if self._limit is not None:
                rest = min(rest, max(self._limit - done.seconds, 0.0))
            text += f", about {_about(rest)} left"
        if self._best[1]:
            text += f"; best so far: {self._best[1]}, {self._words(self._best[0])}"
        return text

    def _write(self, text: str) -> None:
        if self._terminal:
            self._out.write("\r" + text.ljust(self._width))
            self._width = len(text)
        else:
            self._out.write(text + "\n")
        self._out.flush()

    def close(self) -> None:
        """End the line of a terminal."""
        if self._terminal and self._width:
            self._out.write("\n")
            self._out.flush()


def _about(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> _about(3.6), _about(200.0)
    ('4 s', '3 min')
    """
    return f"{max(1, round(seconds))} s" if seconds < 100 else f"{round(seconds / 60)} min"
