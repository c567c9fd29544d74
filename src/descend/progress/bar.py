"""One line that says how far something is: drawn anew in a terminal or a notebook, told every few seconds elsewhere.

Whatever happens, what is drawn is taken away at the end, and one last line stays. A terminal is drawn by rich, in a
thread of its own; a notebook by IPython. Without rich, in a worker of joblib or in a thread beside the main one, where
several bars would overwrite each other, there are lines.
"""

from __future__ import annotations

import html
import multiprocessing
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Self, TextIO

LINE_SECONDS = 3.0  # between two lines
BEGIN_SECONDS = 0.25  # what is over sooner gets its last line only
A_SECOND = 8  # how often a terminal is drawn anew
NOTEBOOK_SECONDS = 0.25  # between two pictures in a notebook
WIDTH = 16


def writable(text: str, out: TextIO | None) -> str:
    """Return a text with a question mark for each sign that the encoding of `out` does not have.

    Examples
    --------
    >>> import io
    >>> writable("epoch 2 · ∞", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    'epoch 2 · ?'
    """
    encoding = getattr(out, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def _nothing() -> str:
    return "…"


class Bar:
    """What all bars have in common; this one tells a line every few seconds.

    Parameters
    ----------
    out : TextIO or None, default None
        Where lines go; None: standard output, whatever stands for it at that moment.
    seconds : float or None, default None
        Between two of them; None: 3.

    Examples
    --------
    >>> with Bar(sys.stdout, seconds=0.0) as bar:
    ...     bar.see(0.5, lambda: "half of it")
    ...     bar.see(1.0, lambda: "all of it")
    half of it
    all of it
    """

    def __init__(self, out: TextIO | None = None, seconds: float | None = None) -> None:
        self._out, self.seconds = out, LINE_SECONDS if seconds is None else seconds
        self.share, self.words = 0.0, _nothing  # how far it is, and who says so
        self.told, self.news = time.monotonic(), False

    @property
    def out(self) -> TextIO | None:
        """Where lines go; None: nowhere."""
        return self._out or sys.stdout

    def begin(self) -> None:
        """Draw at once, though nothing may have been done for a while."""

    def see(self, share: float, words: Callable[[], str]) -> None:
        """Note how far it is.

        Parameters
        ----------
        share : float
            What has been done, from 0 to 1.
        words : callable
            Says it, at the moment when it is drawn.
        """
        self.share, self.words, self.news = share, words, True
        if time.monotonic() - self.told >= self.seconds:
            self.draw()

    def draw(self) -> None:
        """Show how far it is now."""
        if (out := self.out) is not None:  # a program without a window has no standard output
            out.write(writable(self.words(), out) + "\n")
            out.flush()
        self.told, self.news = time.monotonic(), False

    def close(self) -> None:
        """Leave one last line."""
        if self.news:
            Bar.draw(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class TerminalBar(Bar):
    """A bar that rich draws anew, several times a second, below whatever is printed meanwhile."""

    def __init__(self, out: TextIO | None = None) -> None:
        super().__init__(out, BEGIN_SECONDS)
        self._live: Any = None

    def begin(self) -> None:
        """Draw at once."""
        self.seconds = float("inf")  # from now on rich asks
        from rich import get_console
        from rich.errors import LiveError
        from rich.live import Live

        self._live = Live(
            get_renderable=self._drawn, console=get_console(), refresh_per_second=A_SECOND, transient=True
        )
        try:
            self._live.start(refresh=True)
            alone = not getattr(self._live, "_nested", False)
        except LiveError:  # before rich 14.1
            self._live, alone = None, True
        if not alone:  # another picture is there, such as scikit-learn's ProgressBar: it stays, and gets our last line
            self._live.stop()
            self._live = None

    def draw(self) -> None:
        """Let rich draw from now on."""
        self.begin()

    def _drawn(self) -> Any:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1))
        grid.add_column(min_width=WIDTH)
        grid.add_column(overflow="fold")
        words = writable(self.words(), self.out)
        grid.add_row(ProgressBar(total=1.0, completed=self.share, width=WIDTH), Text(words))
        return grid

    def close(self) -> None:
        """Take the bar away, give the cursor back, leave one last line."""
        if self._live is not None:
            self._live.stop()
        super().close()


class NotebookBar(Bar):
    """A bar below a notebook's cell, drawn anew by IPython."""

    def __init__(self, out: TextIO | None = None) -> None:
        super().__init__(out, BEGIN_SECONDS)
        self._shown: Any = None

    def begin(self) -> None:
        """Draw at once."""
        self.draw()

    def draw(self) -> None:
        """Show how far it is now."""
        self._show(f'<progress value="{self.share:.4f}" max="1" style="width: 16em"></progress> ')
        self.told, self.seconds = time.monotonic(), NOTEBOOK_SECONDS

    def close(self) -> None:
        """Leave one last line in the bar's place."""
        if self.news:
            self._show("")

    def _show(self, before: str) -> None:
        words = self.words()
        bundle = {"text/plain": words, "text/html": f"<div>{before}<span>{html.escape(words)}</span></div>"}
        if self._shown is None:
            from IPython.display import display

            self._shown = display(bundle, raw=True, display_id=True)
        else:
            self._shown.update(bundle, raw=True)


def bar(out: TextIO | None = None) -> Bar:
    """Return the bar that fits the place.

    Parameters
    ----------
    out : TextIO or None, default None
        Where to; None: standard output.

    Examples
    --------
    >>> import io
    >>> type(bar(io.StringIO())).__name__
    'Bar'
    """
    kinds = {"terminal": TerminalBar, "notebook": NotebookBar, "pipe": Bar}
    return kinds[place(out or sys.stdout)](out)


def place(out: TextIO | None) -> str:
    """Say where a text goes: "terminal" and "notebook" can be drawn anew, a "pipe" cannot.

    Parameters
    ----------
    out : TextIO or None
        Such as standard output, which programs without a window do not have.

    Examples
    --------
    >>> import io
    >>> place(io.StringIO())
    'pipe'
    """
    beside = threading.current_thread() is not threading.main_thread()
    if beside or multiprocessing.parent_process() is not None:
        return "pipe"
    if _is_of_a_notebook(out):
        return "notebook"
    if out is None or not out.isatty() or find_spec("rich") is None:
        return "pipe"
    from rich import get_console

    console = get_console()
    return "terminal" if console.is_terminal and not console.is_dumb_terminal else "pipe"


def _is_of_a_notebook(out: TextIO | None) -> bool:
    if not type(out).__module__.startswith("ipykernel"):
        return False
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None
