"""What notebooks and terminals show of our objects: a title, what is seen at once, and all that can be unfolded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from descend.describe.estimator import mlp_parts, tabular_parts
from descend.describe.facts import Fact, Grid
from descend.describe.model import model_parts
from descend.describe.network import inputs_by_index, layers_grid, network_words
from descend.describe.scores import RECORDED, recorded_scores
from descend.describe.table import task_words
from descend.describe.trace import nodes_grid, trace_facts, trace_words, weights_grid
from descend.describe.training import training_parts
from descend.errors import cut
from descend.models.model import Model
from descend.nets.network import Network
from descend.reference.trace import Trace
from descend.training.result import Training

Part = list[Fact] | Grid


@dataclass(frozen=True)
class Seen:
    """What is shown of an object.

    Parameters
    ----------
    title : str
        What it is.
    words : str
        In one line.
    parts : list of facts or Grid
        That are seen at once.
    more : list of facts or Grid
        That can be unfolded.
    more_words : str
        What these are.
    """

    title: str
    words: str
    parts: list[Part]
    more: list[Part] = field(default_factory=list)
    more_words: str = ""


def seen_of(one: Network | Trace | Training[Any] | Model) -> Seen:
    """Return what is shown of an object that is `Shown`."""
    if isinstance(one, Network):
        return seen_network(one)
    if isinstance(one, Trace):
        return seen_trace(one)
    return seen_model(one) if isinstance(one, Model) else seen_training(one)


def seen_network(network: Network) -> Seen:
    """Return what is shown of a network.

    Examples
    --------
    >>> from descend import Network
    >>> seen_network(Network([2, 3, 1], seed=5)).words
    '2 → 3 tanh → 1 identity, loss squared; 13 weights'
    """
    trained = "" if network._trained else ", untrained"
    facts: list[Fact] = [("Weights", f"{network.dtype.name}, seed {network.seed}{trained}")]
    return Seen(
        "Network", network_words(network.spec), [facts + inputs_by_index(network.spec), layers_grid(network.spec)]
    )


def seen_trace(trace: Trace) -> Seen:
    """Return what is shown of a trace."""
    parts: list[Part] = [trace_facts(trace), nodes_grid(trace)]
    return Seen("Trace", trace_words(trace), parts, [weights_grid(trace)], "Weights and their gradients")


def seen_training(training: Training[Any]) -> Seen:
    """Return what is shown of a training."""
    facts, *grids = training_parts(training)
    more = "Each restart, the best first" if grids else ""
    return Seen("Training", "many descents, and the best one wins", [facts], list(grids), more)


def seen_model(model: Model) -> Seen:
    """Return what is shown of a table's model."""
    record, blend = model.record, model.blend
    held = network_words(model.network.spec) if blend is None else f"{sum(1 for _ in blend.nets):,} networks"
    facts: list[Fact] = [("Target", f"{cut(model.preprocessing.target)}: {task_words(model.preprocessing.task)}")]
    facts.append(("Network" if blend is None else "Blend", held))
    if table := record.get("table", {}):
        facts.append(("Learnt from", f"{table['source']}: {table['rows']:,} rows, {table['columns']} columns"))
    scores = record.get("scores", {})
    parts: list[Part] = [facts]
    if any(scores.get(name) for name in RECORDED):
        parts.append(recorded_scores(record))
    columns = model.preprocessing.input_names
    words = f"{cut(model.preprocessing.target)} from {len(columns):,} column{'' if len(columns) == 1 else 's'}"
    return Seen("Model", words, parts, list(model_parts(model)), "All that it holds")


def seen_estimator(estimator: Any) -> Seen:
    """Return what is shown of a fitted estimator, beside scikit-learn's diagram."""
    parts = tabular_parts(estimator) if hasattr(estimator, "members_") else mlp_parts(estimator)
    return Seen(type(estimator).__name__, "what it has learnt", [parts[0]], parts[1:], "Its networks")
