"""One round of SGD on the screen, for ``descend step``: its lines, its tables, or all of it as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from descend.cli.console import console, say, say_json, say_lines, table
from descend.cli.matrices import weight_parts
from descend.cli.notes import warnings_as_notes
from descend.describe import round as words
from descend.describe.round import Round
from descend.describe.round_numbers import round_values
from descend.describe.row import row_grid
from descend.models.blends.descent import Net
from descend.models.model import Model
from descend.nets.network import Network
from descend.tables.table import Table

HOW_TO_SEE_MORE = "; --full shows all"


def one_round(model: Model, net: Net, one: Table, learning_rate: float, digits: int, full: bool) -> Round:
    """Run the round on a copy of the network.

    Parameters
    ----------
    model : Model
        Is not changed.
    net : Net
        Its network that descends.
    one : Table
        Of one row, with its target.
    learning_rate : float
        η.
    digits, full
        As in `Round`.
    """
    network = net.network
    with warnings_as_notes():
        x, y = model.inputs_and_targets(one, net)
    theta, dtype = network.theta.copy(), network.dtype.name
    copy = Network.from_spec(network.spec, theta, dtype=dtype, seed=network.seed, engine="reference")
    seen = copy.step(x[0], y[0], learning_rate=learning_rate)
    return Round(network.spec, seen, y[0], learning_rate, digits, full, HOW_TO_SEE_MORE)


def say_round(model: Model, net: Net, one: Table, title: str, r: Round, layers: Sequence[int] | None) -> None:
    """Print a round: the row, the forward pass, the loss, the backward pass with the new weights."""
    names, width = net.feature_names, console().width
    chosen = sorted(set(layers)) if layers else list(range(1, r.spec.depth + 1))
    say(title, "", table(row_grid(model, one)), "")
    say("Inputs after preprocessing, v_0", table(words.inputs_grid(r, names)), "", "FORWARD PASS")
    for layer in chosen:
        say_lines([*words.forward_lines(r, layer), ""])
    say_lines([words.loss_title(r), words.loss_line(r)])
    say(words.prediction_line(model, r), "", "BACKWARD PASS AND NEW WEIGHTS")
    for layer in reversed(chosen):
        known = names if layer == 1 else None
        say_lines([*words.delta_lines(r, layer), "", *weight_parts(r, layer - 1, width, known), ""])
    say_lines([words.after_line(r)])


def say_as_json(model: Model, net: Net, one: Table, row: int, r: Round) -> None:
    """Print a round as one line of JSON, with full precision."""
    say_json(round_values(model, one, row, r) | {"inputs": list(net.feature_names)})
