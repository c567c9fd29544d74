"""From settings and rows to a network and K descents that are ready to run, by `training/` alone."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.errors import DescendError
from descend.nets.network import Network
from descend.play.messages import Settings
from descend.play.refused import SettingError
from descend.play.rows.problem import CLASSES, Problem
from descend.play.settings import setting_in
from descend.spec.init import check_not_symmetric
from descend.spec.network import NetworkSpec, check_trainable, make_spec
from descend.spec.plan import OPTIMIZERS
from descend.spec.state import RunState
from descend.training.options import USUAL, FitOptions
from descend.training.prepare import Prepared, Start, prepare

MOST_BYTES = 500_000_000  # of all states together


@dataclass(frozen=True, eq=False)
class Experiment:
    """Settings, rows, network; and its descents, if there are rows to learn from.

    Parameters
    ----------
    settings : Settings
        Checked; those of a network that was given are its own.
    problem : Problem
        The rows.
    network : Network
        With the weights that restart 0 begins with.
    prepared : Prepared or None
        K descents at their start; None where there are no rows to learn from.
    untrainable : str
        Why it cannot be trained; "": it can.
    """

    settings: Settings
    problem: Problem
    network: Network
    prepared: Prepared | None
    untrainable: str = ""

    @property
    def spec(self) -> NetworkSpec:
        """The network."""
        return self.network.spec


def make_experiment(settings: Settings, problem: Problem) -> Experiment:
    """Make the network and set its descents up.

    Raises
    ------
    SettingError
        With the setting that is wrong.

    Examples
    --------
    >>> from descend.play.rows.made import made_problem
    >>> made = make_experiment(Settings(restarts=3), made_problem("xor", 100, 0.1, seed=0))
    >>> made.spec.sizes, made.spec.loss.name, len(made.prepared.group.states)
    ((2, 4, 1), 'log_loss', 3)
    """
    try:
        settings = _own_shape(settings, problem)
        network = problem.network or _network(settings, problem)
        if not problem.trainable:
            return Experiment(settings, problem, network, None, "There are no rows to learn from: give a table, too.")
        _check_size(settings, network.spec)
        prepared = _prepared(settings, problem, network)
        _edit(settings, network.spec, prepared.group.states)
    except SettingError:
        raise
    except (DescendError, MemoryError) as error:
        raise SettingError(setting_in(str(error)), str(error) or "There is not enough memory for this.") from error
    return Experiment(settings, problem, network, prepared, _why_not(network.spec))


def _own_shape(settings: Settings, problem: Problem) -> Settings:
    """The settings with the shape of the network that was given, where one was."""
    if problem.network is None:
        return settings
    spec = problem.network.spec
    names = [row.name for row in spec.activations[:-1]]
    return replace(settings, hidden=[*spec.sizes[1:-1]], activation=names, bias=float(spec.bias[0]))


def _network(settings: Settings, problem: Problem) -> Network:
    output, loss = output_and_loss(settings.loss, problem.task, len(problem.outputs))
    options: dict[str, Any] = {
        "sizes": [len(problem.inputs), *settings.hidden, len(problem.outputs)],
        "activation": settings.activation,
        "output": output,
        "loss": loss,
        "bias": settings.bias,
        "step_surrogate": "straight_through" if settings.straight_through else None,
    }
    if settings.init == "zeros":
        spec = make_spec(**options)
        try:
            check_not_symmetric(spec, np.zeros(spec.theta_size))
        except DescendError as error:
            raise SettingError("init", str(error)) from error
        options["init_last"] = "zero"  # of the only layer: there is nothing that could be a copy of another
    else:
        options["init"] = settings.init
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a network of identities is a lesson here
        return Network(**options, dtype=problem.dtype, seed=settings.seed)


def output_and_loss(loss: str, task: str, outputs: int) -> tuple[str, str]:
    """Return σ of the output layer and L.

    Examples
    --------
    >>> output_and_loss("auto", "classes", 3), output_and_loss("auto", "numbers", 1)
    (('softmax', 'log_loss'), ('identity', 'squared'))
    """
    if task == CLASSES:
        name = "log_loss" if loss == "auto" else loss
        if name == "poisson":
            raise SettingError("loss", '`loss` "poisson" is for counts, and classes are learnt here. Choose log-loss.')
        return ("softmax" if outputs > 1 and name == "log_loss" else "sigmoid"), name
    name = "squared" if loss == "auto" else loss
    if name == "log_loss":
        raise SettingError("loss", '`loss` "log_loss" is for classes, and numbers are learnt here. Choose squared.')
    return ("exp" if name == "poisson" else "identity"), name


def _check_size(settings: Settings, spec: NetworkSpec) -> None:
    weights = spec.theta_size * (2 + OPTIMIZERS[settings.optimizer])
    size = 8 * settings.restarts * (weights + 2 * settings.epochs)
    if size > MOST_BYTES:
        raise SettingError(
            "restarts",
            f"`restarts` {settings.restarts} of {spec.theta_size:,} weights and {settings.epochs:,} epochs take "
            f"{size / 1e9:.1f} GB; the playground has {MOST_BYTES / 1e9:.1f} GB for them. Take fewer restarts, fewer "
            "nodes or fewer epochs.",
        )


def _prepared(settings: Settings, problem: Problem, network: Network) -> Prepared:
    train, choose, _ = problem.parts
    held = (choose.X, choose.Y) if len(choose.X) else None
    names = ("epochs", "learning_rate", "schedule", "batch_size", "optimizer", "l2", "dropout", "restarts")
    own = {name: getattr(settings, name) for name in names}
    race = "halving" if settings.race and settings.restarts > 1 and held else None
    options = FitOptions(**USUAL | own | {"race": race, "validation": held})
    spec = _learning_spec(network.spec)
    start = Start(spec, network.theta, network.dtype, settings.seed, network.engine)
    return prepare(start, train.X, train.Y, options)


def _learning_spec(spec: NetworkSpec) -> NetworkSpec:
    """A network with a binary step and no surrogate can be looked at: its states are those of one with it."""
    return spec if not _why_not(spec) else replace(spec, step_surrogate="straight_through")


def _why_not(spec: NetworkSpec) -> str:
    try:
        check_trainable(spec)
    except DescendError as error:
        return str(error)
    return ""


def _edit(settings: Settings, spec: NetworkSpec, states: Sequence[RunState]) -> None:
    """Set the weights that were set by hand before the first round."""
    for restart, layer, from_node, to_node, weight in settings.edits:
        if not int(restart) < len(states):
            raise SettingError("edits", f"`edits` name restart {int(restart)}; there are {len(states)}, from 0.")
        place = theta_place(spec, int(layer), int(from_node), int(to_node))
        states[int(restart)].theta[place] = weight


def theta_place(spec: NetworkSpec, layer: int, from_node: int, to_node: int) -> int:
    """Return where W_layer[from_node, to_node] stands in theta.

    Raises
    ------
    SettingError
        If there is no such weight.

    Examples
    --------
    >>> theta_place(make_spec([2, 3, 1]), 1, 3, 0)
    12
    """
    shapes = spec.shapes
    if not (0 <= layer < spec.depth and 0 <= from_node < shapes[layer][0] and 0 <= to_node < shapes[layer][1]):
        told = ", ".join(f"W_{place} is {rows} × {columns}" for place, (rows, columns) in enumerate(shapes))
        raise SettingError("edits", f"There is no weight W_{layer}[{from_node},{to_node}]: {told}.")
    before = sum(rows * columns for rows, columns in shapes[:layer])
    return before + from_node * shapes[layer][1] + to_node
