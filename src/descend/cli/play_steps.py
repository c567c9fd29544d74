"""What was typed after ``descend play``, and what is said there."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import dataclass
from urllib.parse import quote

from descend.cli.errors import tell
from descend.cli.interrupt import TYPED
from descend.errors import closest, quoted, visible
from descend.play.server.door import Door, is_loopback

MADE = ("circles", "xor", "moons", "spiral", "spiral3", "blobs", "plane", "bumps", "curve")
TABLES = ("penguins", "diamonds", "bikes")  # that come with descend


@dataclass(frozen=True)
class Words:
    """A file, an address and a table of rows, as they were typed; "" where there is none.

    Parameters
    ----------
    given, address, data : str
        The file, the address without its #, the table of rows.
    problem : str
        What is wrong with them, or "".
    """

    given: str = ""
    address: str = ""
    data: str = ""
    problem: str = ""

    @property
    def fragment(self) -> str:
        """The address as a link's end, or ""."""
        return "#" + quote(self.address, safe="=&,:;.+-_~%/!*'()") if self.address else ""


def sorted_words(given: str | None, address: str | None, data: str | None) -> Words:
    """Tell files from addresses, which may stand in either place.

    Parameters
    ----------
    given, address, data : str or None
        As they were typed.

    Examples
    --------
    >>> sorted_words("#data=xor&seed=3", None, None).fragment
    '#data=xor&seed=3'
    >>> sorted_words("http://127.0.0.1:8765/some-token/#data=xor", None, None).address
    'data=xor'
    >>> sorted_words("spiral", None, None).address, sorted_words("penguins", None, None).address
    ('data=spiral', 'data=table:penguins')
    >>> sorted_words("table.csv", "#target=y", None)
    Words(given='table.csv', address='target=y', data='', problem='')
    """
    typed = [one for one in (given, address) if one]
    addresses = [found for found in map(_address, typed) if found is not None]
    files = [one for one in typed if _address(one) is None]
    problem = ""
    if len(files) > 1 or len(addresses) > 1:
        problem = f"it takes one TABLE or MODEL and one '#ADDRESS'; got {' and '.join(map(quoted, typed))}."
        problem += " Rows for a model come with --data." if len(files) > 1 else ""
    elif data and not files:
        problem = f"--data {quoted(data)} gives rows to a MODEL, and there is none. Name the table alone to learn it."
    elif files and (meant := _made_name(files[0])):
        problem = f"{quoted(files[0])} is no file and no made data. {meant}"
    return Words("".join(files[:1]), "".join(addresses[:1]), data or "", problem)


def _address(word: str) -> str | None:
    """Return the address that a word is; None if it is a file's name."""
    if word.startswith("#"):
        return word[1:]
    if word.startswith(("http://", "https://")):
        return word.partition("#")[2]
    if os.path.exists(word) or word == "-":
        return None
    if word in MADE or word in TABLES:
        return f"data={word}" if word in MADE else f"data=table:{word}"
    return word if "=" in word and not os.path.splitext(word)[1] else None


def _made_name(word: str) -> str:
    """Say which made data a word may mean; "" if it is or looks like a file."""
    if os.path.exists(word) or os.path.splitext(word)[1] or os.path.basename(word) != word or word == "-":
        return ""
    hint = closest(word, (*MADE, *TABLES))
    return hint if hint.startswith("Did you mean") else ""


def tell_address(door: Door, fragment: str) -> None:
    """Say where the page is, and what a host that others reach means."""
    if not is_loopback(door.host):
        tell(
            f"Note: --host {visible(door.host)} lets other machines in: whoever has the address sees your table and "
            "can train here, and what is sent is not encrypted."
        )
    sys.stdout.write(
        f"{door.address}{fragment}\nOpen it in a browser, if it does not open by itself. Ctrl-C ends it.\n"
    )
    sys.stdout.flush()


def tell_unexpected(error: Exception) -> None:
    """Tell of an error that is no word for the user; the page goes on."""
    debug = "--debug" in TYPED.get()
    if debug:
        tell("".join(traceback.format_exception(error)))
    hint = "" if debug else "; run again with --debug to see where"
    tell(f"Error: unexpected {type(error).__name__}: {error}{hint}")
