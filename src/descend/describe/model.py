"""Everything that a model file holds, in words: target, columns, networks, recipe, training, scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.describe.blend import alone_grid, given_grid, is_blend, members_grid, networks_grid
from descend.describe.decisions import decision_facts
from descend.describe.distil import distilled_facts
from descend.describe.facts import Fact, Grid
from descend.describe.network import network_parts
from descend.describe.reading import reading_facts
from descend.describe.recipe import recipe_facts
from descend.describe.scores import RECORDED, recorded_scores
from descend.describe.table import inputs_grid, left_out_facts, task_words
from descend.describe.training import training_facts
from descend.describe.uncertainty import uncertainty_facts
from descend.describe.updating import history_facts
from descend.describe.weights import weights_facts
from descend.errors import cut, message
from descend.models.weights import recorded_weighting

if TYPE_CHECKING:
    from descend.models.blends.blend import Blend
    from descend.models.model import Model
    from descend.preprocessing.transform import Preprocessing


def model_parts(model: Model) -> list[list[Fact] | Grid]:
    """Return what a model is and how it came to be, in the order in which it is read.

    Parameters
    ----------
    model : Model
        Just trained or loaded, of this version or an earlier one: what is not recorded is left out.

    Examples
    --------
    >>> from descend.models.options import TrainOptions
    >>> from descend.models.train import train
    >>> from descend.models.understand import understand
    >>> table = {"size": [i / 2 for i in range(60)], "kind": ["low"] * 30 + ["high"] * 30}
    >>> model = train(understand(table, "kind", TrainOptions(hidden=(), epochs=1, restarts=1))).model
    >>> target, inputs, *_ = model_parts(model)
    >>> target[0]
    ('Target', 'kind: 2 classes to tell apart: high, low')
    >>> inputs.rows
    (('size', 'number', '(x − 15) / 12, clipped smoothly', '1'),)
    """
    record, prep = model.record, model.preprocessing
    target: list[Fact] = [("Target", f"{cut(prep.target)}: {task_words(prep.task)}")]
    if reason := record.get("task", {}).get("reason"):
        target.append(("", message(reason)))
    target += left_out_facts(record.get("table", {}).get("left_out", {}))
    read = reading_facts(model)
    given = [inputs_grid(prep)] if model.blend is None else [given_grid(model.blend)]
    networks = network_parts(model.network) if model.blend is None else [networks_grid(model.blend)]
    parts: list[list[Fact] | Grid] = [target, *given, *([read] if read else []), *networks]
    if "recipe" in record:
        parts.append(recipe_facts(record["recipe"], record.get("preset", "")))
    parts.append(
        distilled_facts(record)
        + training_facts(record)
        + history_facts(record)
        + weights_facts(recorded_weighting(record), prep.task.classes)
    )
    if model.blend is not None and is_blend(record):
        parts.append(members_grid(record))
    scores = record.get("scores", {})
    if decided := decision_facts(scores, prep.task.written):
        parts.append(decided)
    if any(scores.get(name) for name in RECORDED):
        parts.append(recorded_scores(record))
    if alone := alone_grid(scores):
        parts.append(alone)
    if known := uncertainty_facts(model.sections.uncertainty):
        parts.append(known)
    return parts


def blend_parts(name: str, columns: Preprocessing, blend: Blend) -> list[list[Fact] | Grid]:
    """Return what an estimator for tables is, in the order in which it is read.

    Parameters
    ----------
    name : str
        Of its class.
    columns : Preprocessing
        Of its inputs.
    blend : Blend
        Its networks.
    """
    told: list[Fact] = [("Estimator", f"{name}, for Python: descend.load gives it back")]
    return [told + left_out_facts(dict(columns.left_out)), given_grid(blend), networks_grid(blend)]
