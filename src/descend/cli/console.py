"""How things look: numbers with sensible digits, aligned words and tables, notes and errors.

Results go to standard output, notes and errors to standard error. Nothing but a terminal gets control codes.
"""

from __future__ import annotations

import contextlib
import math
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

LABEL_WIDTH = 11
WRITTEN_OUT = 1e12  # from here on numbers have an exponent
WIDE = 100_000  # a pipe or a file has no edge: no line is broken there


def console(file: TextIO | None = None) -> Console:
    """Return a console on `file`, by default standard output."""
    from rich.console import Console

    target = file or sys.stdout
    return Console(
        file=target,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if target.isatty() else WIDE,
        legacy_windows=False if not target.isatty() else None,
    )


def say(*parts: RenderableType) -> None:
    """Print on standard output; in a terminal long lines are broken between words."""
    out = console()
    for part in parts or ("",):
        _print(out, part)


def say_unbroken(*lines: str) -> None:
    """Print lines that are to be copied: where they do not fit, the terminal breaks them, not we."""
    out = console()
    for line in lines:
        out.print(line, soft_wrap=True)


def _print(out: Console, part: RenderableType) -> None:
    """Print; a pipe gets no spaces at the ends of lines."""
    if out.is_terminal:
        out.print(part)
        return
    with out.capture() as captured:
        out.print(part)
    out.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def say_lines(lines: Iterable[RenderableType]) -> None:
    """Print lines; in a terminal what does not fit goes on below, further to the right."""
    out = console()
    for line in lines:
        _print(out, "\n".join(wrapped(line, out.width)) if isinstance(line, str) else line)


def wrapped(line: str, width: int) -> list[str]:
    """Break a line between words; the following ones start 6 columns to the right of it.

    Examples
    --------
    >>> wrapped("  s = 0.3·1.2 + 0.5·0.1", 16)
    ['  s = 0.3·1.2 +', '        0.5·0.1']
    """
    import textwrap

    indent = " " * (len(line) - len(line.lstrip()) + 6)
    return textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def note(text: str) -> None:
    """Print one line ``Note: …`` on standard error."""
    console(sys.stderr).print(f"Note: {text}", soft_wrap=True)


@contextlib.contextmanager
def warnings_as_notes() -> Iterator[None]:
    """Print the library's warnings as notes, each once, after the work is done."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            _tell_notes(caught)


def _tell_notes(caught: Sequence[warnings.WarningMessage]) -> None:
    for text in dict.fromkeys(str(one.message) for one in caught if issubclass(one.category, UserWarning)):
        note(text)


# ---------------------------------------------------------------- words and numbers


def number(value: float | None, digits: int = 4) -> str:
    """Format a number with `digits` significant digits, without needless zeros; an exponent only if it is long.

    Examples
    --------
    >>> [number(x) for x in (0.123456, 1234567.0, 12.0, 0.0, 1e-9, -3e27, float("nan"))]
    ['0.1235', '1234567', '12', '0', '1e-09', '-3e+27', '–']
    >>> number(None)
    '–'
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if 10**digits <= abs(value) < WRITTEN_OUT:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def score(value: float) -> str:
    """Format a score or loss in a column of its like: 4 decimals, fewer for large numbers, an exponent for others.

    Examples
    --------
    >>> [score(x) for x in (0.98765, 12.5, 824.48, 123456.7, 1e-7, -3e27)]
    ['0.9877', '12.500', '824.48', '123,457', '1.00e-07', '-3.00e+27']
    """
    if not math.isfinite(value):
        return number(value)
    size = abs(value)
    if value and not 5e-5 <= size < WRITTEN_OUT:
        return f"{value:.2e}"
    decimals = 4 if size < 10 else 3 if size < 100 else 2 if size < 1000 else 1 if size < 10_000 else 0
    return f"{value:,.{decimals}f}"


def count(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its word.

    Examples
    --------
    >>> count(1, "row"), count(12000, "row"), count(2, "class", "classes")
    ('1 row', '12,000 rows', '2 classes')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> duration(0.0214), duration(0.234), duration(12.3), duration(75), duration(3720)
    ('0.021 s', '0.2 s', '12 s', '1 min 15 s', '1 h 2 min')
    """
    if seconds < 0.1:
        return f"{seconds:.3f} s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def listing(words: Iterable[object], most: int = 8) -> str:
    """Join words by commas, the first `most` of them.

    Examples
    --------
    >>> listing("abc"), listing(range(12), most=3)
    ('a, b, c', '0, 1, 2, … 9 more')
    """
    known = [str(word) for word in words]
    shown = ", ".join(known[:most])
    return f"{shown}, … {len(known) - most} more" if len(known) > most else shown


def plain(value: Any) -> str:
    """Return a cell of the user's table as text: missing values as a dash.

    Examples
    --------
    >>> plain(None), plain(3.50), plain("Torgersen")
    ('missing', '3.5', 'Torgersen')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    return repr(value) if isinstance(value, float) else str(value)


# ---------------------------------------------------------------- tables


def facts(rows: Sequence[tuple[str, RenderableType]]) -> Table:
    """Return labels with what belongs to them; long texts are broken below their own start."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(min_width=LABEL_WIDTH, no_wrap=True)
    grid.add_column(overflow="fold")
    for label, content in rows:
        grid.add_row(Text(label, style="bold"), content)
    return grid


def table(
    heads: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,), title: str | None = None
) -> Table:
    """Return a table with a rule below its heads; columns stand on the right, those of `left` on the left."""
    from rich import box
    from rich.table import Table

    made = Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False, show_edge=False
    )
    for place, head in enumerate(heads):
        made.add_column(head, justify="left" if place in left else "right", header_style="dim", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made
