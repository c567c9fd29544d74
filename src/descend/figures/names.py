"""What the inputs and outputs of a network are called, and which network of a blend it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from descend.errors import SpecError


def checked_names(names: Sequence[str] | None, size: int, which: str) -> tuple[str, ...] | None:
    """Return the user's names as texts.

    Parameters
    ----------
    names : sequence of str or None
        None: there are none.
    size : int
        How many there must be.
    which : str
        What they are, for the error.

    Raises
    ------
    SpecError
        If they are too few or too many.
    """
    if names is not None and len(names) != size:
        raise SpecError(f"NetworkDisplay: `{which}` needs {size} names; got {len(names)}.")
    return None if names is None else tuple(map(str, names))


def output_names(classes: Any, size: int) -> tuple[str, ...] | None:
    """Return what the outputs of a classifier are called: its classes; of two classes and one output the second.

    Parameters
    ----------
    classes : sequence, or list of such
        As an estimator's ``classes_``: of one column, or of several.
    size : int
        Number of outputs.

    Returns
    -------
    tuple of str or None
        None if the outputs are no classes one by one.

    Examples
    --------
    >>> output_names(["no", "yes"], 1), output_names(["a", "b", "c"], 3), output_names([], 2)
    (('yes',), ('a', 'b', 'c'), None)
    >>> output_names([["no", "yes"], [1, 2, 3]], 4)
    ('yes', '1', '2', '3')
    """
    several = len(classes) > 0 and all(hasattr(one, "__len__") and not isinstance(one, str) for one in classes)
    columns = [[str(one) for one in column] for column in (classes if several else [classes])]
    alone = [column[1:] if len(column) == 2 else column for column in columns]
    for names in (columns, alone):
        if sum(map(len, names)) == size:
            return tuple(one for column in names for one in column)
    return None


def member_words(net: Any, members: Sequence[Any]) -> str:
    """Say which network of a blend it is, and what its member counts.

    Parameters
    ----------
    net : Net
        The network.
    members : sequence of BlendMember
        Of the blend.
    """
    weight = next(one.weight for one in members if one.name == net.place.member)
    return f"{net.place.member} (weight {weight:.2f}), fold {net.place.fold}"
