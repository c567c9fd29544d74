"""Errors of descend: each says where, the rule, what was got, and what to do.

DescendError
├── SpecError (ValueError)        a network or training option that cannot be
├── DataError (ValueError)        a table or an array that cannot be used
├── DivergenceError (ArithmeticError)  every restart left the finite numbers
└── FileError (ValueError)        a model file or checkpoint that cannot be read
"""

from __future__ import annotations

import difflib
import sys
import warnings
from collections.abc import Iterable, Sequence


class DescendError(Exception):
    """Base of all errors that descend raises on purpose."""


class SpecError(DescendError, ValueError):
    """A network or a training option that cannot be."""


class DataError(DescendError, ValueError):
    """A table or an array that cannot be used."""


class DivergenceError(DescendError, ArithmeticError):
    """Every restart left the finite numbers."""


class FileError(DescendError, ValueError):
    """A model file or checkpoint that cannot be read, or does not belong here."""


def raise_problems(error: type[DescendError], where: str, problems: Sequence[str]) -> None:
    """Raise one error that lists all problems of a call, or return if there are none.

    Parameters
    ----------
    error : type
        The class of the error.
    where : str
        What was called, for example ``"Network"``.
    problems : sequence of str
        One sentence each: the rule, what was got, what to do.

    Examples
    --------
    >>> raise_problems(SpecError, "Network", [])
    >>> raise_problems(SpecError, "Network", ["`sizes` needs at least 2 entries; got [4]."])
    Traceback (most recent call last):
    descend.errors.SpecError: Network: `sizes` needs at least 2 entries; got [4].
    """
    if len(problems) == 1:
        raise error(f"{where}: {problems[0]}")
    if problems:
        raise error(f"{where}: {len(problems)} problems:\n" + "\n".join(f"  - {problem}" for problem in problems))


def closest(name: object, names: Iterable[object]) -> str:
    """Return a sentence that names the closest of `names`, or lists them.

    Examples
    --------
    >>> closest("speces", ["species", "island"])
    'Did you mean "species"?'
    >>> closest("x", ["species", "island"])
    'There are: "species", "island".'
    """
    known = [str(n) for n in names]
    match = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6)
    if match:
        return f'Did you mean "{match[0]}"?'
    shown = ", ".join(f'"{n}"' for n in known[:12])
    return f"There are: {shown}{', …' if len(known) > 12 else ''}."


def quoted(value: object) -> str:
    """Return a value as sentences show it: text in quotation marks.

    Examples
    --------
    >>> quoted("cm"), quoted(2)
    ('"cm"', '2')
    """
    return f'"{value}"' if isinstance(value, str) else str(value)


def shortened(value: object) -> str:
    """Return what was got as Python writes it, cut to 80 signs.

    Examples
    --------
    >>> shortened(["a"]), len(shortened("a" * 100))
    ("['a']", 78)
    """
    try:
        text = repr(value)
    except ValueError:  # Python writes no whole number of thousands of digits
        text = f"a {type(value).__name__} of thousands of digits"
    return text if len(text) <= 80 else f"{text[:77]}…"


def warn_user(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn at the line outside descend, and outside scikit-learn and joblib, that led here.

    Parameters
    ----------
    text : str
        What is the matter, and what to do.
    category : type, default UserWarning
        Class of the warning.
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in ("descend", "sklearn", "joblib"):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, category, stacklevel=level)
