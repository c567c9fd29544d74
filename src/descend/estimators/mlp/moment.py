"""An estimator at one moment: what a fit builds apart and puts in place at once, and what a prediction reads.

Fitted attributes stand in an estimator's `__dict__`, as scikit-learn's do. A fit changes a copy, and its last step is
one assignment of a whole new `__dict__`; a method that reads takes hold of the `__dict__` once, at its beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

Estimator = TypeVar("Estimator")


def as_it_is(estimator: Estimator) -> Estimator:
    """Return the estimator of this moment: what a fit in another thread puts in place later does not reach it."""
    return _with_attributes(estimator, estimator.__dict__)


def all_or_nothing(estimator: Any, learn: Callable[[Any], object]) -> None:
    """Let `learn` change a copy of the estimator, then put what it changed in place; after an error nothing is changed.

    A `random_state` that is a generator goes back to where it stood, too.

    Parameters
    ----------
    estimator : object
        What is to be fitted.
    learn : callable
        Called with the copy, whose attributes it sets and deletes. What they hold it must replace, not change.

    Examples
    --------
    >>> class Counts:
    ...     pass
    >>> counts = Counts()
    >>> all_or_nothing(counts, lambda new: setattr(new, "n", 3))
    >>> counts.n
    3
    """
    before = estimator.__dict__.copy()
    new = _with_attributes(estimator, before.copy())
    random = before.get("random_state")
    drawn = random.get_state() if isinstance(random, np.random.RandomState) else None
    try:
        learn(new)
        after = _changed(before, new.__dict__, estimator.__dict__.copy())
    except BaseException:
        if drawn is not None:
            random.set_state(drawn)
        raise
    estimator.__dict__ = after


def attributes_after(estimator: Any, learn: Callable[[Any], object]) -> dict[str, Any]:
    """Let `learn` change a copy of the estimator, and return the attributes that it set; the estimator stays as it is.

    Examples
    --------
    >>> class Counts:
    ...     pass
    >>> attributes_after(Counts(), lambda new: setattr(new, "n", 3))
    {'n': 3}
    """
    before = estimator.__dict__.copy()
    other = _with_attributes(estimator, before.copy())
    learn(other)
    return _changed(before, other.__dict__, {})


def _with_attributes(estimator: Estimator, attributes: dict[str, Any]) -> Estimator:
    made: Estimator = object.__new__(type(estimator))
    made.__dict__ = attributes
    return made


def _changed(before: dict[str, Any], after: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """What is there now, changed as `before` was changed into `after`; a callback may have set attributes meanwhile."""
    for name in before.keys() - after.keys():
        now.pop(name, None)
    return now | {name: value for name, value in after.items() if name not in before or before[name] is not value}
