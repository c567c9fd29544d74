"""Sums with the numbers plugged in: figures with a real minus sign, products, and what long sums leave out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from descend.typing import Array

EXACT = 17  # so many digits name a float64 uniquely
MOST_TERMS, FIRST_TERMS, LAST_TERMS = 6, 3, 2


def figure(x: float, digits: int) -> str:
    """Return a number with so many significant digits and a real minus sign.

    Parameters
    ----------
    x : float
        The number.
    digits : int
        Significant digits; from 17 on the text reads back as exactly `x`.

    Examples
    --------
    >>> figure(-0.123456789, 4), figure(1 / 3, 17), figure(2.0, 6)
    ('−0.1235', '0.3333333333333333', '2')
    """
    text = repr(float(x)) if digits >= EXACT else f"{float(x):.{digits}g}"
    return text.removesuffix(".0").replace("-", "−")


def enclosed(text: str) -> str:
    """Put a negative number in brackets, as the second factor of a product.

    Examples
    --------
    >>> enclosed("0.5"), enclosed("−0.5")
    ('0.5', '(−0.5)')
    """
    return f"({text})" if text.startswith("−") else text


def joined(terms: Sequence[str], full: bool = False) -> str:
    """Join terms by + or −; of a long sum only the first and the last ones, with how many were left out.

    Parameters
    ----------
    terms : sequence of str
        At least one; a term that begins with − is subtracted.
    full : bool, default False
        Whether all terms of a long sum are written.

    Examples
    --------
    >>> joined(["0.31·1.2", "−0.05·1"])
    '0.31·1.2 − 0.05·1'
    >>> joined(["a", "b", "c", "d", "e", "f", "−g"])
    'a + b + c + … (2 more) + f − g'
    """
    kept = list(terms)
    if len(kept) > MOST_TERMS and not full:
        left_out = len(kept) - FIRST_TERMS - LAST_TERMS
        kept[FIRST_TERMS:-LAST_TERMS] = [f"… ({left_out} more)"]
    text = kept[0]
    for term in kept[1:]:
        text += f" − {term[1:]}" if term.startswith("−") else f" + {term}"
    return text


def products(factors: Array, values: Array, digits: int) -> list[str]:
    """Return the terms of Σ factor · value.

    Parameters
    ----------
    factors, values : ndarray, (n,)
        What is multiplied.
    digits : int
        Significant digits, as in `figure`.

    Examples
    --------
    >>> import numpy as np
    >>> products(np.array([0.31, -0.05]), np.array([1.2, -1.0]), 6)
    ['0.31·1.2', '−0.05·(−1)']
    """
    pairs = zip(factors.tolist(), values.tolist(), strict=True)
    return [f"{figure(a, digits)}·{enclosed(figure(b, digits))}" for a, b in pairs]


def difference(value: Callable[[float], str], a: float, b: float) -> str:
    """Return a − b, written by `value`.

    Examples
    --------
    >>> difference(lambda x: figure(x, 6), 0.5, 1.0), difference(lambda x: figure(x, 6), 0.5, -1.0)
    ('0.5 − 1', '0.5 + 1')
    """
    return joined([value(a), f"−{value(b)}" if b >= 0 else value(-b)])
