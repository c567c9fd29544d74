"""Errors of descend: each says where, the rule, what was got, and what to do.

DescendError
├── SpecError (ValueError)        a network or training option that cannot be
│   └── UnknownOptionError (TypeError)  an option that there is not
├── DataError (ValueError)        a table or an array that cannot be used
├── DivergenceError (ArithmeticError)  every restart left the finite numbers
├── ClusterError (RuntimeError)    machines that cannot be reached, or cannot help
└── FileError (ValueError)        a model file or checkpoint that cannot be read

DriftWarning (UserWarning)        new rows differ from those that were learnt
"""

from __future__ import annotations

import difflib
import re
import sys
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from importlib.util import find_spec
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
MOST_SHOWN = 80  # signs of a name, a cell or a value that a message shows
_IN_QUOTES = re.compile(r'"([^"\n]*)"')
_LONG = 200  # what stands in quotation marks and is longer is no path


class DescendError(Exception):
    """Base of all errors that descend raises on purpose; what they say is safe to print (see `message`).

    Examples
    --------
    >>> import descend
    >>> try:
    ...     descend.Network([2])
    ... except descend.DescendError as error:
    ...     print(type(error).__name__)
    SpecError
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(message(one) if isinstance(one, str) else one for one in args))


class SpecError(DescendError, ValueError):
    """A network or a training option that cannot be.

    Examples
    --------
    >>> import descend
    >>> descend.Network([4])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    descend.errors.SpecError: Network: `sizes` must be at least 2 whole numbers ≥ 1, ...
    """


class UnknownOptionError(SpecError, TypeError):
    """An option that a function does not have; a `TypeError` as Python's own.

    Examples
    --------
    >>> import descend
    >>> descend.Network([1, 1]).fit([[1.0]], [1.0], epoch=3)
    Traceback (most recent call last):
    descend.errors.UnknownOptionError: Network.fit: there is no `epoch`. Did you mean "epochs"?
    """


class DataError(DescendError, ValueError):
    """A table or an array that cannot be used.

    Examples
    --------
    >>> import descend
    >>> net = descend.Network([2, 1], seed=0)
    >>> net.predict([[1.0, float("nan")]])
    Traceback (most recent call last):
    descend.errors.DataError: predict: `X` must be finite; row 1, column 2 is nan (1 such entries). Fill or remove them.
    """


class DivergenceError(DescendError, ArithmeticError):
    """Every restart left the finite numbers.

    Examples
    --------
    >>> import descend
    >>> net = descend.Network([1, 1], seed=0)
    >>> net.fit([[1.0]], [1.0], learning_rate=1e9)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    descend.errors.DivergenceError: fit: the run diverged: the loss left the finite numbers, first in restart 0, ...
    """


class ClusterError(DescendError, RuntimeError):
    """A cluster that cannot be reached, or whose workers cannot help.

    Examples
    --------
    >>> from descend.clusters.dask_address import scheduler_address
    >>> scheduler_address("dask:")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    descend.errors.ClusterError: cluster: "dask:" has no address. ...
    """


class FileError(DescendError, ValueError):
    """A model file or checkpoint that cannot be read, or does not belong here.

    Examples
    --------
    >>> import descend
    >>> descend.load("nowhere.descend")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    descend.errors.FileError: model file "nowhere.descend": there is no such file. ...
    """


class DriftWarning(UserWarning):
    """New rows differ from those that were learnt; or the newest of a stream are predicted much worse than earlier.

    Examples
    --------
    >>> import warnings
    >>> from descend.errors import DriftWarning
    >>> warnings.simplefilter("error", DriftWarning)  # rows that differ are now an error
    >>> warnings.simplefilter("default", DriftWarning)
    """


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


def check_extra(what: str, *packages: str, extra: str = "") -> None:
    """Raise unless the packages are there that something needs beyond the library itself.

    Parameters
    ----------
    what : str
        What needs them, as the sentence begins.
    *packages : str
        Their names, as they are imported. They are looked up, and not imported.
    extra : str, default ""
        The extra of ours that brings them: "cli", "play", "notebook", "plot", "report", "onnx" or "dask"; "":
        none does.

    Raises
    ------
    SpecError
        Naming what is missing, and the command that installs it.

    Examples
    --------
    >>> check_extra("arithmetic", "numpy", extra="plot")
    >>> check_extra("a figure", "no_such_package", extra="plot")
    Traceback (most recent call last):
    descend.errors.SpecError: a figure needs no_such_package; install it with: pip install 'descend[plot]'
    """
    if missing := [name for name in packages if find_spec(name) is None]:
        wanted = f"'descend[{extra}]'" if extra else " ".join(missing)
        raise SpecError(f"{what} needs {', '.join(missing)}; install it with: pip install {wanted}")


def suggesting(function: Function) -> Function:
    """Decorate a function of many options: one that it does not have is refused with the name that may be meant.

    Examples
    --------
    >>> @suggesting
    ... def fit(epochs=50):
    ...     return epochs
    >>> fit(epochs=3)
    3
    >>> fit(epoch=3, seeds=1)
    Traceback (most recent call last):
    descend.errors.UnknownOptionError: fit: 2 problems:
      - there is no `epoch`. Did you mean "epochs"?
      - there is no `seeds`. There are: "epochs".
    """
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    options = [name for name in names if name != "self"]

    @wraps(function)
    def called(*given: Any, **named: Any) -> Any:
        if unknown := [name for name in named if name not in names]:
            problems = [f"there is no `{visible(name)}`. {closest(name, options)}" for name in unknown]
            raise_problems(UnknownOptionError, function.__qualname__, problems)
        return function(*given, **named)

    return called  # type: ignore[return-value]


# ---------------------------------------------------------------- foreign text


class _Escapes(dict[int, str]):
    """Code of a sign -> how it is shown; filled when it is asked."""

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        seen = sign.isprintable() or unicodedata.category(sign) == "Zs"
        self[code] = sign if seen else sign.encode("unicode_escape").decode("ascii")
        return self[code]


_ESCAPES = _Escapes({code: chr(code) for code in (0x200C, 0x200D)})  # joiners, which some scripts cannot do without


def visible(text: str) -> str:
    r"""Return a text in one line that no terminal obeys: signs that cannot be seen are written as Python writes them.

    Those are control characters (C0, C1, DEL, line breaks too), marks that turn the direction of writing, halves of
    surrogate pairs, and whatever else does not print. Spaces of all kinds stay.

    Parameters
    ----------
    text : str
        Of a file, a table, a user.

    Examples
    --------
    >>> visible("café \x1b[31mred\r\n")
    'café \\x1b[31mred\\r\\n'
    """
    return text if text.isprintable() else text.translate(_ESCAPES)


def visible_lines(text: str) -> str:
    r"""Return `visible` text whose line breaks stay.

    Examples
    --------
    >>> visible_lines("1\t\n2")
    '1\\t\n2'
    """
    return "\n".join(visible(line) for line in text.split("\n"))


def message(text: str) -> str:
    r"""Return what is to be told as it may be printed anywhere: `visible_lines`, what is quoted in it not endless.

    Examples
    --------
    >>> message('There is no column "\x07".')
    'There is no column "\\x07".'
    >>> len(message('There is no column "' + "x" * 5000 + '".'))
    102
    """
    return _IN_QUOTES.sub(lambda m: f'"{m[1][:60]}…{m[1][-19:]}"' if len(m[1]) > _LONG else m[0], visible_lines(text))


def cut(text: str, most: int = MOST_SHOWN) -> str:
    """Return a text, or its beginning if it is longer than `most` signs.

    Examples
    --------
    >>> cut("abc"), cut("abcdef", 4)
    ('abc', 'abc…')
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def closest(name: object, names: Iterable[object]) -> str:
    """Return a sentence that names the closest of `names`, or lists them.

    Examples
    --------
    >>> closest("speces", ["species", "island"])
    'Did you mean "species"?'
    >>> closest(" X ", ["species", "x"])
    'Did you mean "x"?'
    >>> closest("x", ["species", "island"])
    'There are: "species", "island".'
    >>> closest("wind", ["id", "rain"])  # two letters in common say little
    'There are: "id", "rain".'
    """
    known = [cut(str(n)) for n in names]
    alike = [one for one in known if one.strip().casefold() == str(name).strip().casefold()]
    near = difflib.get_close_matches(cut(str(name)), known, n=1, cutoff=0.6)
    match = alike[:1] or [one for one in near if len(one) > 3 or len(str(name)) <= len(one) + 1]
    if match:
        return f"Did you mean {quoted(match[0])}?"
    return f"There are: {', '.join(map(quoted, known[:12]))}{', …' if len(known) > 12 else ''}."


def quoted(value: object) -> str:
    r"""Return a value as sentences show it: text in quotation marks, `visible`, of at most 80 signs.

    Examples
    --------
    >>> quoted("cm"), quoted(2), quoted("\a")
    ('"cm"', '2', '"\\x07"')
    """
    text = cut(visible(cut(str(value))))
    return f'"{text}"' if isinstance(value, str) else text


def shortened(value: object) -> str:
    """Return what was got as Python writes it, cut to 80 signs.

    Examples
    --------
    >>> shortened(["a"]), len(shortened("a" * 100))
    ("['a']", 78)
    """
    try:
        text = visible(repr(value))
    except ValueError:  # Python writes no whole number of thousands of digits
        text = f"a {type(value).__name__} of thousands of digits"
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}…"


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
    warnings.warn(message(text), category, stacklevel=level)
