"""Two ways to a prediction: the short one of few clean rows, and the long one, which checks and converts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

NUMBERS = np.random.default_rng(3).normal(size=(7, 3))


class NeverShort:
    """A predictor that leaves everything to the long way."""

    def predict_row(self, theta: Any, row: Any) -> None:
        """No row is clean."""

    predict_rows = predict_row


@contextmanager
def the_long_way(*networks: Any) -> Iterator[None]:
    """Let networks predict by the long way alone."""
    kept = [net._predictor for net in networks]
    for net in networks:
        net.__dict__["_predictor"] = NeverShort()
    try:
        yield
    finally:
        for net, own in zip(networks, kept, strict=True):
            net.__dict__["_predictor"] = own


def outcome(call: Callable[[], Any]) -> tuple[Any, ...]:
    """What a call gives: bits, type, shape and flags of arrays, or the error's class and text; and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = call()
        except Exception as error:
            told: tuple[Any, ...] = (type(error), str(error), getattr(error, "__notes__", []))
        else:
            told = tuple(map(seen, found if isinstance(found, list) else [found]))
    return told, [(one.category, str(one.message)) for one in caught]


def outcomes(ask: Callable[[Any], Any], given: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """What a question makes of everything that is given, by its name."""
    return {name: outcome(lambda rows=rows: ask(rows)) for name, rows in given.items()}


def seen(found: Any) -> tuple[Any, ...]:
    """All that can be seen of an array."""
    assert type(found) is np.ndarray
    bits = found.tolist() if found.dtype == object else found.tobytes()
    return bits, found.dtype, found.shape, found.flags.writeable


def misaligned(values: np.ndarray) -> np.ndarray:
    """The same array, beginning at an odd place in memory."""
    memory = np.zeros(values.nbytes + 1, np.uint8)
    moved = memory[1:].view(values.dtype).reshape(values.shape)
    moved[...] = values
    return moved


def read_only(values: np.ndarray) -> np.ndarray:
    """A copy that cannot be written to."""
    copied = values.copy()
    copied.flags.writeable = False
    return copied


class Own(np.ndarray):
    """A class of a user's own."""


def with_entry(entry: float, dtype: Any = np.float64) -> np.ndarray:
    """Rows of which one has an odd entry."""
    X = NUMBERS.astype(dtype)
    X[4, 1] = entry
    return X


def given() -> dict[str, Any]:
    """All kinds of rows (m, 3), and what is none, by what they are."""
    pandas = pytest.importorskip("pandas")
    types = ("f4", "f8", "f2", "g", ">f4", ">f8", "i1", "i4", "i8", "u1", "?", "O", "c8", "S8", "U8", "m8[s]", "M8[s]")
    found: dict[str, Any] = {f"dtype {one}": (5 * NUMBERS).astype("i8").astype(one) for one in types}
    for dtype in ("f4", "f8"):
        X = NUMBERS.astype(dtype)
        wide = np.repeat(np.repeat(X, 2, axis=0), 2, axis=1)
        found |= {f"{dtype}, {name}": one for name, one in shapes_and_places(X, wide).items()}
        found |= {f"{dtype}, {m} rows": np.resize(X, (m, 3)) for m in (1, 2, 4, 5, 33, 4096, 4097)}
        entries = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf, "-0": -0.0, "denormal": 1e-40, "tiny": 5e-324}
        found |= {f"{dtype}, {name}": with_entry(one, dtype) for name, one in entries.items()}
    found |= {"f8, beyond float32": with_entry(1e300), "f8, at the end of float32": with_entry(3.4028235677973366e38)}
    found |= {"list": NUMBERS.tolist(), "tuple": tuple(map(tuple, NUMBERS)), "list of arrays": list(NUMBERS)}
    found |= {
        "list of texts": [["a", "b", "c"]],
        "uneven list": [[1.0, 2.0, 3.0], [1.0]],
        "list of nan": [[1, 2, np.nan]],
    }
    found |= {"frame": pandas.DataFrame(NUMBERS, columns=list("abc")), "none": None, "number": 1.5, "text": "abc"}
    return found


def shapes_and_places(X: np.ndarray, wide: np.ndarray) -> dict[str, Any]:
    """The same rows in memory as it comes, and other shapes."""
    return {
        "Fortran's order": np.asfortranarray(X),
        "every second": wide[::2, ::2],
        "rows from the end": X[::-1],
        "columns from the end": X[:, ::-1],
        "one row of many": wide[4:5, :3],
        "columns of many": wide[:, 1:4],
        "one row, over and over": np.broadcast_to(X[0], X.shape),
        "one number, over and over": np.broadcast_to(X[0, 0], X.shape),
        "read-only": read_only(X),
        "misaligned": misaligned(X),
        "own class": X.view(Own),
        "matrix": X.view(np.matrix),
        "masked": np.ma.masked_array(X, X > 0),
        "memory": memoryview(X),
        "no rows": X[:0],
        "no columns": X[:, :0],
        "one axis": X[0],
        "three axes": X[None],
        "no axis": X[0, 0],
        "too narrow": X[:, :2],
        "too wide": np.hstack([X, X]),
        "turned": X.T,
    }
