"""Whether the hidden nodes of a network do their work, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.describe.facts import Grid
from descend.describe.numbers import count

if TYPE_CHECKING:
    from descend.nets.health import Health
    from descend.spec.network import NetworkSpec

MEANING = (
    "A dead node has the same value for every row, so that it says nothing; a saturated one is nearly flat and hardly "
    "learns; of a pair of copies one node would do."
)


def health_grid(spec: NetworkSpec, found: Health) -> Grid:
    """Return for each hidden layer how many nodes there are, and how many do no work.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    found : Health
        What its nodes do.

    Examples
    --------
    >>> from descend.nets.health import Health
    >>> from descend.spec.network import make_spec
    >>> health_grid(make_spec([2, 8, 1]), Health([[3]], [[]], [[(0, 1)]])).rows
    (('1', '8', '1', '·', '1'),)
    """
    rows = [
        (str(place + 1), f"{spec.sizes[place + 1]:,}", *(f"{len(one):,}" if one else "·" for one in each))
        for place, each in enumerate(zip(found.dead, found.saturated, found.duplicated, strict=True))
    ]
    return Grid(("hidden layer", "nodes", "dead", "saturated", "pairs of copies"), tuple(rows), words=(0,))


def health_words(found: Health) -> str:
    """Say in a sentence whether nodes are idle.

    Examples
    --------
    >>> from descend.nets.health import Health
    >>> health_words(Health([[]], [[]], [[]])), health_words(Health([[1, 2]], [[]], [[]]))
    ('All hidden nodes do their work.', '2 hidden nodes do little or nothing.')
    """
    idle = sum(map(len, found.dead)) + sum(map(len, found.saturated))
    copies = sum(map(len, found.duplicated))
    if not idle and not copies:
        return "All hidden nodes do their work."
    parts = [f"{count(idle, 'hidden node does', 'hidden nodes do')} little or nothing"] if idle else []
    parts += [f"{count(copies, 'pair of nodes is', 'pairs of nodes are')} copies of each other"] if copies else []
    return f"{'; '.join(parts)}."
