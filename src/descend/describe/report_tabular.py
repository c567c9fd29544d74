"""The words of a report of an estimator for tables: its targets, its members, how to make it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, number

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend

TARGET = "y"


def judged_on(rows: int) -> str:
    """Say which rows judge.

    Examples
    --------
    >>> judged_on(60)
    'the 60 rows that were given'
    """
    return f"the {count(rows, 'row')} that were given"


def what_answers(blend: Blend) -> str:
    """Say in a sentence what an estimator is."""
    return f"A blend of {count(sum(1 for _ in blend.nets), 'small neural network')} that answer together."


def names(estimator: Any, columns: int) -> tuple[str, ...]:
    """Return names of the columns of y: labels if they are known, else y0, y1 and so on."""
    labels = getattr(getattr(estimator._target, "classes", None), "labels", None)
    if labels is not None and not isinstance(labels, list | tuple) and len(labels) == columns:
        return tuple(f"label {one}" for one in labels.tolist())
    return (TARGET,) if columns == 1 else tuple(f"{TARGET}{k}" for k in range(columns))


def explained(estimator: Any) -> bool:
    """Whether answers are explained: not those of several columns of classes."""
    return not isinstance(getattr(getattr(estimator._target, "classes", None), "labels", None), list | tuple)


def members_grid(leaderboard: Sequence[Mapping[str, Any]]) -> Grid:
    """Return the members of a blend as the leaderboard has them.

    Examples
    --------
    >>> members_grid([{"member": "tri", "weight": 0.5, "loss": 0.25}])
    Grid(heads=('member', 'weight', 'loss'), rows=(('tri', '0.5', '0.25'),), words=(0,))
    """
    heads = tuple(str(name) for name, value in leaderboard[0].items() if isinstance(value, str | int | float))
    rows = [
        tuple(one[name] if isinstance(one[name], str) else number(one[name]) for name in heads) for one in leaderboard
    ]
    return Grid(heads, tuple(rows))


def repeat_facts(call: str, version: str, weights: str) -> list[Fact]:
    """Say what it takes to make the same again.

    Examples
    --------
    >>> repeat_facts("TabularRegressor()", "0.2", "ab")
    [('Estimator', 'TabularRegressor()'), ('Versions', 'descend 0.2'), ('Weights', 'ab')]
    """
    return [("Estimator", " ".join(call.split())), ("Versions", f"descend {version}"), ("Weights", weights)]
