"""How the fit of an encoder is ended early: it looks, between parts of its work, whether it is to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
Look = Callable[[], None]  # raises `FitStopped` if it is time to end


class FitStopped(Exception):  # noqa: N818
    """The time is over, or somebody has stopped the fit: what was begun comes to nothing."""


def go_on() -> None:
    """Never end."""


def between(items: Iterable[Item], look: Look) -> Iterator[Item]:
    """Yield items, with a look before each.

    Parameters
    ----------
    items : iterable
        Parts of the work.
    look : callable
        Called without arguments; what it raises ends the work.

    Examples
    --------
    >>> looks = []
    >>> list(between("ab", lambda: looks.append("look"))), looks
    (['a', 'b'], ['look', 'look'])
    """
    for item in items:
        look()
        yield item
