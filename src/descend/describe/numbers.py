"""How numbers are written: sensible digits, counts with their word, times, file sizes, cells, lists of words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from descend.errors import cut

WRITTEN_OUT = 1e12  # from here on numbers have an exponent
LEAST_WRITTEN_OUT = 5e-5  # below it scores have one


def number(value: float | None, digits: int = 4) -> str:
    """Format a number with `digits` significant digits, without needless zeros; an exponent only if it is long.

    Parameters
    ----------
    value : float or None
        None and nan become a dash.
    digits : int, default 4
        Significant digits.

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

    Parameters
    ----------
    value : float
        Any number; what is not finite is written as `number` does.

    Examples
    --------
    >>> [score(x) for x in (0.98765, 12.5, 824.48, 123456.7, 1e-7, -3e27)]
    ['0.9877', '12.500', '824.48', '123,457', '1.00e-07', '-3.00e+27']
    """
    if not math.isfinite(value):
        return number(value)
    size = abs(value)
    if value and not LEAST_WRITTEN_OUT <= size < WRITTEN_OUT:
        return f"{value:.2e}"
    decimals = 4 if size < 10 else 3 if size < 100 else 2 if size < 1000 else 1 if size < 10_000 else 0
    return f"{value:,.{decimals}f}"


def with_error(value: float | None, error: float | None) -> str:
    """Format a score with its standard error, both to the same decimals; None is what is not finite.

    Parameters
    ----------
    value, error : float or None
        The score, and its standard error; without one the score stands alone.

    Examples
    --------
    >>> with_error(0.98551, 0.014387), with_error(569.4, 22.998), with_error(0.5, None), with_error(None, None)
    ('0.9855 ± 0.0144', '569.40 ± 23.00', '0.5000', '–')
    >>> with_error(3e-5, 0.01), with_error(3e-7, 2e-8), with_error(2e12, 3e10)
    ('0.0000 ± 0.0100', '3.00e-07 ± 2.00e-08', '2.00e+12 ± 3.00e+10')
    """
    written = score(math.nan if value is None else value)
    if value is None or error is None or not math.isfinite(error) or not math.isfinite(value):
        return written
    if "e" in written and (abs(value) >= 1.0 or error < LEAST_WRITTEN_OUT):
        return f"{written} ± {error:.2e}"
    written = f"{value:.4f}" if "e" in written else written
    decimals = len(written.partition(".")[2])
    return f"{written} ± {error:,.{decimals}f}"


def count(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its word.

    Parameters
    ----------
    n : int
        How many.
    one, many : str
        The word for one, and for any other number; by default `one` with an s.

    Examples
    --------
    >>> count(1, "row"), count(12000, "row"), count(2, "class", "classes")
    ('1 row', '12,000 rows', '2 classes')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Return a time in words.

    Parameters
    ----------
    seconds : float
        ≥ 0.

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

    Parameters
    ----------
    words : iterable
        Written by ``str``, each by at most 80 signs.
    most : int, default 8
        How many are written out; of the others only how many there are.

    Examples
    --------
    >>> listing("abc"), listing(range(12), most=3)
    ('a, b, c', '0, 1, 2, … 9 more')
    """
    known = [str(word) for word in words]
    shown = ", ".join(map(cut, known[:most]))
    return f"{shown}, … {len(known) - most} more" if len(known) > most else shown


def plain(value: Any) -> str:
    """Return a cell of the user's table as text of at most 80 signs.

    Parameters
    ----------
    value : object
        As a column gives it; None and nan are missing.

    Examples
    --------
    >>> plain(None), plain(3.50), plain("Torgersen")
    ('missing', '3.5', 'Torgersen')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "missing"
    return repr(value) if isinstance(value, float) else cut(str(value))


def file_size(size: int) -> str:
    """Return the size of a file in words.

    Parameters
    ----------
    size : int
        Bytes.

    Examples
    --------
    >>> file_size(12), file_size(5120), file_size(2_500_000)
    ('1 kB', '5 kB', '2.5 MB')
    """
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
