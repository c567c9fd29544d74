"""What the values of a column look multiplied with: a unit that changed."""

from __future__ import annotations

import numpy as np

from descend.drift.numbers import cells_of
from descend.preprocessing.summaries.columns import NumberSummary
from descend.typing import Array

_APART, _ALIKE = 0.5, 0.25  # distances of distribution functions: without the factor at least, with it at most
_AS_GOOD = 0.05  # of several factors that explain it as well the first one is named
_MOST_ROWS, _LEAST_ROWS = 1000, 10
# powers of ten, and what units are made of: minutes and hours, pounds, inches, feet, miles, gallons, ounces, bytes
_POWERS = (10.0, 100.0, 1e3, 1e4, 1e6, 1e9)
_TIMES = (
    *_POWERS,
    60.0,
    3600.0,
    24.0,
    12.0,
    2.2046226,
    2.54,
    3.2808399,
    1.609344,
    3.785411784,
    28.349523,
    25.4,
    1024.0,
)


def unit_factor(summary: NumberSummary, values: Array) -> str | None:
    """Return the factor that explains new values best, in words, if one does.

    Parameters
    ----------
    summary : NumberSummary
        Of the training rows.
    values : ndarray of float64, shape (m,)
        New ones in ascending order, none missing.

    Examples
    --------
    >>> from descend.preprocessing.summaries.columns import summarise_numbers
    >>> grams = summarise_numbers("mass", np.arange(3000.0, 5000.0, 10.0))
    >>> unit_factor(grams, np.arange(3.0, 5.0, 0.1)), unit_factor(grams, np.arange(3500.0, 5500.0, 100.0))
    ('÷ 1,000', None)
    """
    if len(values) < _LEAST_ROWS or not summary.there:
        return None
    some = values[np.arange(min(len(values), _MOST_ROWS)) * len(values) // min(len(values), _MOST_ROWS)]
    if cells_of(summary, some).distance() < _APART:
        return None
    found = [(cells_of(summary, some / factor).distance(), f"× {_written(factor)}") for factor in _TIMES]
    found += [(cells_of(summary, some * factor).distance(), f"÷ {_written(factor)}") for factor in _TIMES]
    least = min(distance for distance, _ in found)
    return None if least > _ALIKE else next(words for distance, words in found if distance <= least + _AS_GOOD)


def _written(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 10.0 and factor == round(factor) else f"{factor:.4g}"
