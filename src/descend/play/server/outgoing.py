"""What is still to be sent to a page. It never gets longer because a page is slow."""

from __future__ import annotations

import asyncio

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
        self._changed = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()

    def put(self, kind: str, frame: bytes) -> None:
        """Add a frame; `kind` is its message's type."""
        if kind in REPLACES_PICTURES:
            self._waiting = [one for one in self._waiting if one[0] != PICTURE]
        self._waiting.append((kind, frame))
        if kind != PICTURE:
            self._empty.clear()
        self._changed.set()

    def taken(self) -> None:
        """Hear that the page has drawn the last picture."""
        self._shown = False
        self._changed.set()

    @property
    def wants_picture(self) -> bool:
        """Whether a new picture would be sent at once."""
        return not self._shown and not self._waiting

    async def next(self) -> bytes:
        """Wait for a frame that may be sent, and take it out."""
        while (at := self._first()) is None:
            self._changed.clear()
            await self._changed.wait()
        kind, frame = self._waiting.pop(at)
        self._shown = self._shown or kind == PICTURE
        if all(one[0] == PICTURE for one in self._waiting):
            self._empty.set()
        return frame

    async def sent(self) -> None:
        """Wait until nothing waits but, perhaps, a picture."""
        await self._empty.wait()

    def _first(self) -> int | None:
        may = (at for at, one in enumerate(self._waiting) if one[0] != PICTURE or not self._shown)
        return next(may, None)
