"""One round of SGD in numbers: every quantity under its name in the mathematics, for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from descend.describe.round import Round, prediction
from descend.describe.row import shown_columns

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.tables.table import Table


def round_values(model: Model, one: Table, row: int, r: Round) -> dict[str, Any]:
    """Return every quantity of a round under its name in the mathematics; as JSON the numbers read back exactly.

    Parameters
    ----------
    model : Model
        Whose network made the round.
    one : Table
        The row as it stands in the table.
    row : int
        Its number there, counted from 1.
    r : Round
        The round.
    """
    own: dict[str, Any] = {"columns": {name: one.column(name)[0] for name in shown_columns(model.preprocessing, one)}}
    own |= {"inputs": list(model.preprocessing.feature_names), "prediction": prediction(model, r)}
    numbers = own | round_numbers(r)
    first = ("columns", "inputs", "network", "learning_rate", "y", "output", "prediction", "loss")
    return {"row": row} | {name: numbers[name] for name in first} | numbers


def round_numbers(r: Round) -> dict[str, Any]:
    """Return every quantity of a round but for the row's own, under its name in the mathematics.

    Parameters
    ----------
    r : Round
        The round.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.nets.network import Network
    >>> net = Network([1, 1], engine="reference")
    >>> net.W = [[[2.0], [0.5]]]
    >>> numbers = round_numbers(Round(net.spec, net.step([3.0], 6.0, learning_rate=0.5), np.array([6.0]), 0.5))
    >>> numbers["loss"], numbers["W_new"]
    (0.125, [[[1.25], [0.25]]])
    """
    seen = r.seen
    lists = {
        name: [None if part is None else part.tolist() for part in getattr(seen, name) or ()]
        for name in ("v", "s", "delta", "dL_dv", "dL_dW", "W", "W_new")
    }
    return {
        "network": r.spec.to_dict(),
        "learning_rate": r.learning_rate,
        "y": r.y.tolist(),
        "output": seen.output.tolist(),
        "loss": seen.loss,
    } | lists
