"""Types that every room uses, and the questions whether a value is of one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]


def is_whole(value: object, least: int) -> bool:
    """Whether it is a whole number ≥ `least`, Python's or NumPy's; True and False are none.

    Examples
    --------
    >>> is_whole(1, 1), is_whole(0, 1), is_whole(True, 1), is_whole(1.0, 1)
    (True, False, False, False)
    """
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)


def numbers_or_nan(given: object) -> Array:
    """Return numbers as float64, in their shape; one nan if they are none: text, booleans, rows of different length.

    Examples
    --------
    >>> numbers_or_nan([1, 2]).tolist(), numbers_or_nan("1").tolist(), numbers_or_nan([[1], [2, 3]]).tolist()
    ([1.0, 2.0], nan, nan)
    """
    try:
        numbers = np.asarray(given)
        return numbers.astype(np.float64) if numbers.dtype.kind in "fiu" else np.array(np.nan)
    except (TypeError, ValueError):
        return np.array(np.nan)


def are_texts(values: object) -> bool:
    """Whether it is a list of texts.

    Examples
    --------
    >>> are_texts(["a"]), are_texts([]), are_texts("ab"), are_texts(["a", 1])
    (True, True, False, False)
    """
    return isinstance(values, list) and all(isinstance(text, str) for text in values)
