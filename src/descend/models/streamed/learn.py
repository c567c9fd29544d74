"""One network, the best of many descents, learnt from rows on the disk; judged on others that lie there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.machine import collect_memory
from descend.models.on_disk import OnDisk, trained_bytes
from descend.models.recipe import Recipe
from descend.nets.network import Network
from descend.tables.files.limits import allowed
from descend.training.cache import Part
from descend.training.executors import scaled_weights
from descend.training.observers import Progress
from descend.training.options import USUAL, FitOptions
from descend.training.prepare import Start, prepare_windows
from descend.training.result import Training
from descend.typing import Array

if TYPE_CHECKING:
    from descend.models.model import Model
    from descend.models.scores import Evaluation
    from descend.models.understand import Understanding


def learn(
    understanding: Understanding,
    *,
    n_jobs: int | None = None,
    on_epoch: Callable[[Progress], object] | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
) -> Training[Network]:
    """Run the restarts on rows on the disk; parameters and errors as in `descend.models.train.train`."""
    recipe, on_disk = understanding.recipe, understanding.on_disk
    assert isinstance(recipe, Recipe)
    assert on_disk is not None
    prep, train = understanding.preprocessing, on_disk.parts["train"]
    assert isinstance(train, Part)
    collect_memory()
    plain = Network(**recipe.network_options(prep.n_features, prep.n_outputs))
    spec = replace(plain.spec, fields=train.layout.fields)
    validation = on_disk.validation()
    chosen = understanding.validation_rows
    if chosen is not None:
        count = understanding.weighting.of_rows(chosen.weight, chosen.Y)
        validation = replace(validation, validation_weight=scaled_weights(count, plain.dtype))
    held = None if chosen is None else (chosen.X, chosen.Y)
    own: dict[str, Any] = {"n_jobs": n_jobs, "on_epoch": on_epoch, "checkpoint": checkpoint, "resume": resume}
    options = FitOptions(**USUAL | recipe.fit_options() | own | {"validation": held})
    start = Start(spec, plain.theta, plain.dtype, plain.seed, plain.engine)
    prepared, reader = prepare_windows(start, train, validation, options, ahead=_reads_ahead(understanding))
    training = Training(prepared, plain._successor)
    try:
        return training.run()
    finally:
        reader.rest()


def _reads_ahead(understanding: Understanding) -> bool:
    """Whether there is memory for a second window."""
    free, on_disk = allowed(), understanding.on_disk
    assert on_disk is not None
    train = on_disk.parts["train"]
    return free is None or understanding.memory + train.windows.size * trained_bytes(train) <= free


def judge_part(model: Model, on_disk: OnDisk, name: str) -> Evaluation:
    """Return the scores on rows on the disk, answered a piece at a time."""
    part = on_disk.parts[name]
    outputs, truth, weight = [], [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for arrays in part.pieces():
            rows = on_disk.rows_of(part, arrays)
            outputs.append(model._answer(rows, checked=False).astype(np.float32))
            truth.append(rows.truth)
            weight.append(rows.weight)
        known = None if weight[0] is None else np.concatenate([one for one in weight if one is not None])
        whole = np.concatenate(truth)
        some = replace(rows, X=_nothing(), truth=whole, weight=known)
        return model.judge_outputs(some, np.concatenate(outputs))


def _nothing() -> Array:
    return np.empty((0, 1), dtype=np.float32)
