"""A file from the page: counted while it comes, kept under a name of our own, read by the reader of all tables."""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from descend.errors import DataError, cut, visible
from descend.tables.files.kinds import COMPRESSED, FORMATS
from descend.tables.files.limits import amount

MOST_BYTES = 200_000_000


def shown_name(name: str) -> str:
    r"""Return the name of an upload for words: no path, no sign that a terminal obeys, not long.

    Examples
    --------
    >>> shown_name("../../etc/passwd"), shown_name("C:\\data\\x.csv"), shown_name("a\x1b[2J.csv"), shown_name("/")
    ('passwd', 'x.csv', 'a\\x1b[2J.csv', 'upload')
    """
    return cut(visible(PurePosixPath(name.replace("\\", "/")).name)).replace('"', "'") or "upload"


def kept_ending(name: str) -> str:
    """Return of a name the ending that says what kind of file it is, or "".

    Examples
    --------
    >>> kept_ending("a/b.CSV.gz"), kept_ending("t.parquet"), kept_ending("x.csv/../../y"), kept_ending("x.exe")
    ('.csv.gz', '.parquet', '', '')
    """
    endings = [one.lower() for one in re.findall(r"\.[A-Za-z0-9]+", shown_name(name))[-2:]]
    known = [one for one in endings if one in FORMATS or one in COMPRESSED or one == ".descend"]
    return "".join(known) if known and known[-1] == endings[-1] else ""


@contextlib.contextmanager
def own_file(name: str) -> Iterator[tuple[Path, BinaryIO]]:
    """Open a new file for an upload, which is gone afterwards whatever happens."""
    with tempfile.TemporaryDirectory(prefix="descend-play-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / f"{Path(folder).name}{kept_ending(name)}"
        with open(path, "xb") as file:
            yield path, file


async def take(parts: AsyncIterator[bytes], file: BinaryIO, said: str, most: int = MOST_BYTES) -> None:
    """Write what comes into a file, as long as it is not too much.

    Parameters
    ----------
    parts : async iterator of bytes
        What comes.
    file : binary file
        Where it goes.
    said : str
        The name for words.
    most : int
        Bytes that may come.

    Raises
    ------
    DataError
        If more comes, or nothing.
    """
    total = 0
    async for part in parts:
        total += len(part)
        if total > most:
            raise DataError(
                f"{said}: a file that is sent to the playground may have {amount(most)}; this one has more. Start it "
                "with the file's name instead: descend play FILE"
            )
        file.write(part)
    if not total:
        raise DataError(f"{said}: the file is empty. Choose a table.")
    file.flush()


def in_words(error: BaseException, path: Path, said: str) -> str:
    """Return what an error says, with the user's name for the file."""
    return str(error).replace(str(path), said).replace(path.name, said).replace(path.parent.name, said)
