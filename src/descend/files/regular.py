"""Files that are there: what cannot be read is said before it is opened, and what a command would write over."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from descend.errors import FileError
from descend.files.atomic import check_name

# how files that descend writes begin, after the 8 bytes that count the header
_MODEL = re.compile(
    rb'\{"__metadata__":\{"descend":"\{\\"format\\":\\"descend\\".{0,200}?\\"kind\\":\\"(\w+)\\"', re.DOTALL
)
_CHECKPOINT = re.compile(rb'\{"__metadata__":\{"format":"descend checkpoint ')


def unreadable(path: str | Path) -> str:
    """Say why a file cannot be read as a regular file, or nothing if it can. Pipes and devices are not opened.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If there is nothing.

    Examples
    --------
    >>> unreadable(".")
    'it is a folder, not a file.'
    """
    try:
        check_name(path)
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise
    except FileError:
        return "no file can have this name."
    except OSError as error:
        return f"it cannot be read ({error.strerror or error})."
    if stat.S_ISDIR(mode):
        return "it is a folder, not a file."
    return "" if stat.S_ISREG(mode) else "it is not a regular file."


def kind_of_file(path: str | Path) -> str:
    """Return what a file is that somebody is about to write over, by its first bytes.

    Parameters
    ----------
    path : str or Path
        A regular file, or nothing.

    Returns
    -------
    str
        ``"absent"``, ``"empty"``, ``"checkpoint"``, the kind of a file of descend's (``"model"``, ``"network"`` or
        ``"estimator"``), or ``"foreign"``: anything else, also what cannot be read.
    """
    try:
        if unreadable(path):
            return "foreign"
        with open(path, "rb") as file:
            start = file.read(8 + 1024)
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    except OSError:
        return "foreign"
    if not start:
        return "empty"
    if _CHECKPOINT.match(start, 8):
        return "checkpoint"
    known = _MODEL.match(start, 8)
    return known[1].decode() if known else "foreign"
