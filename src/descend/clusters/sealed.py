"""What all tasks read, as one file on each machine: written once, then mapped into memory by each process.

The file is a pickle whose arrays lie behind it, each at a multiple of 64 bytes. Who opens it gets the same thing; its
arrays are the pages of the file, so processes of one machine share them.

    8 bytes: length of the table · table: JSON, [length of the pickle, lengths of the arrays] · pickle · arrays
"""

from __future__ import annotations

import json
import mmap
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

LINE = 64  # bytes of which each part begins at a multiple


def pack(thing: object) -> tuple[bytes, list[memoryview]]:
    """Return a pickle, and the arrays that it leaves out; functions of users are taken along.

    Examples
    --------
    >>> import numpy as np
    >>> text, arrays = pack({"X": np.arange(3.0)})
    >>> [array.nbytes for array in arrays], pickle.loads(text, buffers=arrays)["X"].tolist()
    ([24], [0.0, 1.0, 2.0])
    """
    arrays: list[pickle.PickleBuffer] = []
    text: bytes = _cloudpickle().dumps(thing, protocol=5, buffer_callback=arrays.append)
    return text, [array.raw() for array in arrays]


def pack_whole(thing: object) -> bytes:
    """Return the pickle alone, which holds everything.

    Examples
    --------
    >>> pickle.loads(pack_whole(lambda x: x + 1))(2)
    3
    """
    text: bytes = _cloudpickle().dumps(thing, protocol=5)
    return text


def _cloudpickle() -> Any:
    """Engines of joblib bring it, or joblib does."""
    try:
        import cloudpickle
    except ImportError:  # joblib before 1.6 has it inside
        from joblib.externals import cloudpickle
    return cloudpickle


def write_sealed(thing: object, path: Path) -> None:
    """Write a new file that `open_sealed` reads; nothing stays of one that cannot be written whole.

    It lies in a folder of ours and is read by nobody before it is complete, nor after the training: no need to wait for
    the disk.

    Raises
    ------
    OSError
        If it cannot be written, for example on a disk that is full.
    """
    text, arrays = pack(thing)
    sizes = [len(text), *(array.nbytes for array in arrays)]
    table = json.dumps(sizes).encode()
    try:
        with open(path, "xb") as file:
            file.write(len(table).to_bytes(8, "little") + table)
            for place, part in zip(_places(len(table), sizes), [memoryview(text), *arrays], strict=True):
                file.write(bytes(place - file.tell()))
                file.write(part)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def open_sealed(path: Path) -> Any:
    """Return the thing of a file; its arrays are read-only, and stay when the file is removed.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "rows")
    ...     write_sealed(("rows", np.arange(3.0)), path)
    ...     open_sealed(path)
    ('rows', array([0., 1., 2.]))
    """
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        sizes = json.loads(file.read(size))
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    places = _places(size, sizes)
    text, *arrays = (mapped[place : place + length] for place, length in zip(places, sizes, strict=True))
    return pickle.loads(text, buffers=arrays)


def _places(table: int, sizes: Sequence[int]) -> Iterator[int]:
    """Where each part begins."""
    at = 8 + table
    for size in sizes:
        at += -at % LINE
        yield at
        at += size
