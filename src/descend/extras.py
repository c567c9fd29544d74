"""What the library alone does not bring: one sentence that says what is missing, and how to install it."""

from __future__ import annotations

from importlib.util import find_spec

from descend.errors import SpecError


def check_extra(what: str, *packages: str, extra: str = "") -> None:
    """Raise unless the packages are there that something needs beyond the library itself.

    Parameters
    ----------
    what : str
        What needs them, as the sentence begins.
    *packages : str
        Their names, as they are imported. They are looked up, and not imported.
    extra : str, default ""
        The extra of ours that brings them: "cli", "play", "notebook", "plot" or "report"; "": none does.

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
