"""What a table's model keeps of its making: the table that it learnt, its training, its networks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from descend.describe import report as words
from descend.describe.blend import (
    SAME_ROWS,
    alone_grid,
    blend_facts,
    given_grid,
    is_blend,
    loss_words,
    members_grid,
    networks_grid,
)
from descend.describe.distil import distilled_facts
from descend.describe.facts import Fact, Grid
from descend.describe.health import MEANING, health_grid, health_words
from descend.describe.network import layers_grid, network_facts
from descend.describe.reading import reading_facts
from descend.describe.recipe import recipe_facts
from descend.describe.scores import RECORDED, chosen_words, recorded_scores
from descend.describe.table import inputs_grid, left_out_facts, task_words
from descend.describe.training import luck_words, training_facts, winner_facts
from descend.describe.updating import history_facts
from descend.describe.weights import weights_facts
from descend.errors import cut, message
from descend.models.blends.encoded import encode
from descend.models.model import Model
from descend.models.rows import PreparedRows
from descend.models.train import Trained
from descend.models.understand import Understanding
from descend.models.weights import recorded_weighting
from descend.nets.health import health, sample
from descend.nets.network import Network
from descend.report.charts.training import curves_figure, ends_figure, folds_figure, network_figure, weights_figure
from descend.report.parts import Captioned, Part, Section
from descend.spec.indexed import expanded
from descend.training.result import Training
from descend.typing import Array

LEAST_ROWS = 20  # for which nodes are looked at


def data_section(model: Model, understood: Understanding | None) -> Section:
    """Return what was learnt from what.

    Parameters
    ----------
    model : Model
        Of a table.
    understood : Understanding or None
        What its training was given, if that has just ended.
    """
    record, prep = model.record, model.preprocessing
    about = (words.TABLE, words.SPLIT)
    facts: list[Fact] = [one for one in training_facts(record) if one[0] in about]
    facts.append(("Target", f"{cut(prep.target)}: {task_words(prep.task)}"))
    if reason := record.get("task", {}).get("reason"):
        facts.append(("", message(reason)))
    left = left_out_facts(record.get("table", {}).get("left_out", {}))
    facts += left[: words.MOST_ROWS] + weights_facts(recorded_weighting(record), prep.task.classes)
    facts += [one for one in reading_facts(model) if one[0] in ("Labels", "Learnt")]
    parts: list[Part] = [facts]
    if understood is not None:
        parts += list(understood.notes)
    if (columns := words.training_columns_grid(model)) is not None:
        parts += _first(words.TRAINING_COLUMNS, columns)
    given = inputs_grid(prep) if model.blend is None else given_grid(model.blend)
    return Section(words.DATA, [*parts, *_first(words.GIVEN, given)])


def _first(caption: str, grid: Grid) -> list[Part]:
    shown, more = words.first_rows(grid)
    return [Captioned(caption, shown), *([more] if more else [])]


# ---------------------------------------------------------------- training


def training_section(model: Model, trained: Trained | None) -> Section:
    """Return how a model was learnt: a blend's members and folds, or one network's restarts.

    Parameters
    ----------
    model : Model
        Of a table.
    trained : Trained or None
        Its training, if that has just ended; only then there are curves.
    """
    record = model.record
    facts: list[Fact] = distilled_facts(record)
    if "recipe" in record:
        facts += recipe_facts(record["recipe"], record.get("preset", ""))
    training = None if trained is None or not isinstance(trained.training, Training) else trained.training
    if is_blend(record):
        facts += blend_facts(record)
    elif training is not None:
        facts += winner_facts(training)
    else:
        facts += [one for one in training_facts(record) if one[0] in ("Restarts", "Winner")]
    parts: list[Part] = [facts + history_facts(record)]
    parts += _blend(record) if is_blend(record) else restarts_parts(training) if training else _ends(record)
    scores = record.get("scores", {})
    if any(scores.get(name) for name in RECORDED):
        parts.append(Captioned(words.ON_THE_DAY, recorded_scores(record)))
        parts += chosen_words(trained) if trained is not None else []
    return Section(words.TRAINING, parts)


def _blend(record: dict[str, object]) -> list[Part]:
    parts: list[Part] = [Captioned(words.MEMBERS, members_grid(record)), loss_words(record), folds_figure(record)]
    scores = record.get("scores") or {}
    assert isinstance(scores, dict)
    if (alone := alone_grid(scores)) is not None:
        parts += [Captioned(words.ALONE, alone), SAME_ROWS]
    return parts


def restarts_parts(training: Training[Network]) -> list[Part]:
    """Return the curves of restarts, where they ended, and what that says of luck."""
    return [curves_figure(training), *filter(None, [luck_words(training)])]


def _ends(record: dict[str, object]) -> list[Part]:
    """Where restarts ended, from a record; killed ones ended nowhere."""
    runs = record.get("restarts") or []
    assert isinstance(runs, list)
    known = [None if one["status"] == "killed" else one["best_loss"] for one in runs]
    if not known:
        return []
    losses = [np.inf if one is None else float(one) for one in known]
    return [*_ends_of(losses, int(str(record["winner"])), str(record["selected_on"])), words.NO_CURVES]


def _ends_of(losses: list[float], winner: int, which: str) -> list[Part]:
    there = [place for place, loss in enumerate(losses) if np.isfinite(loss)]
    if winner not in there or len(there) < 2:
        return []
    return [ends_figure([losses[place] for place in there], there.index(winner), which)]


# ---------------------------------------------------------------- networks


def networks_section(model: Model, rows: PreparedRows | None) -> Section:
    """Return what the networks are, and whether the nodes of the first one do their work.

    Parameters
    ----------
    model : Model
        Of a table.
    rows : PreparedRows or None
        For which the nodes are looked at; None: none are.
    """
    task = model.preprocessing.task
    outputs = list(task.written) if task.kind == "classify" else [model.preprocessing.target]
    if model.blend is None:
        X = None if rows is None else expanded(rows.X)
        return Section(words.NETWORKS, network_parts(model.network, X, model.net().feature_names, outputs))
    net = model.net()
    X = None if rows is None or rows.inputs is None else encode(net.encoders, rows.inputs.take(_some(rows)))
    which = words.looked_into(net.place.member, net.place.fold)
    head: list[Part] = [Captioned(words.COUNTING, networks_grid(model.blend)), which]
    return Section(words.NETWORKS, [*head, *network_parts(net.network, X, net.feature_names, outputs)])


def _some(rows: PreparedRows) -> Array:
    return sample(np.arange(len(rows.truth)))


def network_parts(
    network: Network, X: Array | None, inputs: Sequence[str] | None, outputs: Sequence[str] | None
) -> list[Part]:
    """Return what a network is, how large its weights are, and whether its nodes do their work.

    Parameters
    ----------
    network : Network
        Of any kind.
    X : ndarray, shape (m, n_0), or None
        Rows for which the nodes are looked at; None: none are. Among a few rows nodes look like copies that are none.
    inputs, outputs : sequence of str or None
        What inputs and outputs are called.
    """
    parts: list[Part] = [network_facts(network), Captioned(words.LAYERS, layers_grid(network.spec))]
    named = outputs if outputs is not None and len(outputs) == network.spec.sizes[-1] else None
    parts += [network_figure(network, inputs, named), weights_figure(network)]
    if X is None or network.spec.depth < 2:
        return parts
    if len(X) < LEAST_ROWS:
        return [*parts, words.few_rows_words(len(X), LEAST_ROWS)]
    found = health(network, X)
    return [*parts, Captioned(words.IDLE, health_grid(network.spec, found)), health_words(found), MEANING]
