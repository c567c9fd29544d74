"""One round under the glass: the walk through one round of SGD on the chosen row, in `describe/`'s words."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from descend.describe import round as words
from descend.describe.round import Round
from descend.describe.sums import EXACT
from descend.nets.network import Network
from descend.play.experiment import Experiment
from descend.play.messages import Round as Message
from descend.play.messages import Settings, Step
from descend.play.pictures.picture import View

MOST_ENTRIES = 40  # of a matrix of weights that are all written out
MOST_NODES = 16  # of the widest layer whose sums are written out
MOST_INPUTS = 40  # that are listed


def round_of(made: Experiment, settings: Settings, view: View, row: int) -> Round:
    """Run one round of SGD on a training row, on a copy of the network with the weights shown.

    Parameters
    ----------
    made : Experiment
        Is not changed.
    settings : Settings
        Of the experiment.
    view : View
        Which weights are shown.
    row : int
        Number of the training row.
    """
    net, part = made.network, made.problem.parts[0]
    theta = view.theta.astype(net.dtype)
    copy = Network.from_spec(net.spec, theta, dtype=net.dtype.name, seed=net.seed, engine="reference")
    eta, y = step_size(made, view), part.Y[row].astype(np.float64)
    seen = copy.step(part.X[row], y, learning_rate=eta, l2=settings.l2)
    full = max(net.spec.sizes) <= MOST_NODES
    return Round(net.spec, seen, y, eta, EXACT, full, "", settings.l2)


def step_size(made: Experiment, view: View) -> float:
    """Return η of the round that would come now."""
    if made.prepared is None or view.moment is None:
        return made.settings.learning_rate
    plan = made.prepared.group.plan
    at = int(view.moment.rounds[view.restart]) if view.now else view.shown_epoch * plan.rounds_per_epoch
    at = min(at, plan.rounds - 1)
    return float(plan.step_sizes.between(at, at + 1)[0])


def walk(made: Experiment, settings: Settings, view: View) -> Message:
    """Return the steps of a round: the row, forward, loss, backward with the new weights, and what came of it."""
    r = round_of(made, settings, view, settings.row)
    return Message(settings.row, view.restart, view.shown_epoch, list(_steps(made, settings, r)))


def _steps(made: Experiment, settings: Settings, r: Round) -> Iterator[Step]:
    depth = r.spec.depth
    yield _row(made, settings, r)
    for layer in range(1, depth + 1):
        yield _step("forward", layer, words.forward_lines(r, layer))
    stands = words.stands_for(made.problem.stands_for(r.seen.output))
    yield _step("loss", depth, iter([words.loss_title(r), words.loss_line(r), stands]))
    for layer in range(depth, 0, -1):
        yield _step("delta", layer, words.delta_lines(r, layer))
        yield _entries("gradient", layer - 1, r)
        yield _entries("update", layer - 1, r)
    yield Step("after", depth, words.after_line(r), list(_otherwise(settings)))


def _step(part: str, layer: int, lines: Iterator[str]) -> Step:
    title = next(lines)
    return Step(part, layer, title, [one.strip() for one in lines])


def _row(made: Experiment, settings: Settings, r: Round) -> Step:
    cells = [f"{name}: {value}" for name, value in made.problem.chosen(settings.row)]
    inputs = [f"{node} = {value} ({name})" for node, name, value in words.inputs_grid(r, made.problem.inputs).rows]
    left_out = [f"… {len(inputs) - MOST_INPUTS} more"] if len(inputs) > MOST_INPUTS else []
    return Step(
        "row", 0, "The row, and what the network is given of it, v_0", [*cells, *inputs[:MOST_INPUTS], *left_out]
    )


def _entries(part: str, layer: int, r: Round) -> Step:
    """The formula of a matrix, and its entries with the numbers plugged in; of a large one a single one."""
    of_matrix, of_entry = (
        (words.gradient_lines, words.gradient_entry) if part == "gradient" else (words.update_lines, words.update_entry)
    )
    lines = of_matrix(r, layer)
    title, rest = next(lines), list(lines)
    rows, columns = r.seen.W[layer].shape
    if rows * columns <= MOST_ENTRIES:
        rest = [of_entry(r, layer, i, j) for j in range(columns) for i in range(rows)]
    else:
        rest.append(f"… and so the other {rows * columns - 1:,} entries")
    return Step(part, layer, title, [one.strip() for one in rest])


def _otherwise(settings: Settings) -> Iterator[str]:
    """Say how the training's own rounds differ from the plain one that was walked through."""
    if settings.batch_size > 1:
        yield f"In the training a round has {settings.batch_size} rows: their gradients are averaged before the step."
    if settings.optimizer != "sgd":
        yield f"In the training {settings.optimizer} makes the step from the gradient; here it is plain SGD."
    if settings.dropout > 0:
        yield f"In the training each row leaves out {settings.dropout:.0%} of the hidden nodes; here all take part."
