"""What is still to be sent to a page. It never gets longer because a page is slow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PICTURE = "picture"
REPLACES_PICTURES = (PICTURE, "experiment")  # a picture of the experiment before would be a wrong one


class Outgoing:
    """Frames in order; of pictures only the newest, and none before the page has taken the last one.

    Parameters
    ----------
    None
        It belongs to the event loop in which it is used.

    Examples
    --------
    >>> async def shown():
    ...     outgoing = Outgoing()
    ...     for kind, frame in (("picture", b"1"), ("picture", b"2"), ("round", b"3"), ("picture", b"4")):
    ...         outgoing.put(kind, frame)
    ...     return [await outgoing.next(), await outgoing.next()]
    >>> asyncio.run(shown())
    [b'3', b'4']
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[str, bytes]] = []
        self._shown = False  # whether a picture is on its way, or being drawn
        self._change = asyncio.Event()

    def put(self, kind: str, frame: bytes) -> None:
        """Add a frame; `kind` is its message's type."""
        if kind in REPLACES_PICTURES:
            self._waiting = [one for one in self._waiting if one[0] != PICTURE]
        self._waiting.append((kind, frame))
        self._changed()

    def taken(self) -> None:
        """Hear that the page has drawn the last picture."""
        self._shown = False
        self._changed()

    async def next(self) -> bytes:
        """Wait for a frame that may be sent, and take it out."""
        await self._until(lambda: self._first() is not None)
        kind, frame = self._waiting.pop(self._first() or 0)
        self._shown = self._shown or kind == PICTURE
        self._changed()
        return frame

    async def picture_wanted(self) -> None:
        """Wait until a new picture would be sent at once."""
        await self._until(lambda: not self._shown and not self._waiting)

    async def sent(self) -> None:
        """Wait until nothing waits but, perhaps, a picture."""
        await self._until(lambda: all(kind == PICTURE for kind, _ in self._waiting))

    def _first(self) -> int | None:
        may = (at for at, one in enumerate(self._waiting) if one[0] != PICTURE or not self._shown)
        return next(may, None)

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self._change.wait()
