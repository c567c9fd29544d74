"""From what was understood of a table to the best of many trainings, judged on rows that took no part.

A user's three words stand here together: ``from descend.models.train import TrainOptions, train, understand``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from descend.errors import SpecError
from descend.files.container import document_text, plain_data
from descend.models.file import document_of
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.scores import Evaluation, mean_of
from descend.models.understand import Understanding, understand
from descend.nets.network import Network
from descend.spec.data import normalised
from descend.training.observers import Progress
from descend.training.result import Training

__all__ = ["TrainOptions", "Trained", "judge", "train", "understand"]


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training on a table gave.

    Parameters
    ----------
    model : Model
        The winner; not saved yet.
    training : Training
        All restarts.
    validation : Evaluation or None
        The winner on the validation rows. They chose it among all restarts and epochs, so this is too good.
    test : Evaluation or None
        The winner on rows that took no part in training or choosing; None if there are none.
    """

    model: Model
    training: Training[Network]
    validation: Evaluation | None
    test: Evaluation | None


def train(
    understanding: Understanding,
    *,
    n_jobs: int | None = None,
    on_epoch: Callable[[Progress], object] | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
) -> Trained:
    """Run the restarts, keep the best on the validation rows, judge it on the test rows.

    Parameters
    ----------
    understanding : Understanding
        From `understand`.
    n_jobs, on_epoch, checkpoint, resume
        As in `Network.fit`.

    Returns
    -------
    Trained

    Raises
    ------
    SpecError
        If no file could hold the model, for example for a class that is a whole number of hundreds of digits.
    DivergenceError, FileError, KeyboardInterrupt
        As in `Network.fit`. `judge` makes a model of the ``training`` that a KeyboardInterrupt carries.
    """
    recipe, rows, chosen = understanding.recipe, understanding.train_rows, understanding.validation_rows
    ends, counts = (understanding.spec.sizes[0], understanding.spec.sizes[-1]), understanding.weighting.of_rows
    network = Network(**recipe.network_options(*ends))
    _check_can_be_saved(understanding, network)
    training = network.fit(
        rows.X,
        rows.Y,
        validation=(chosen.X, chosen.Y, counts(chosen.weight, chosen.Y)) if chosen else None,
        sample_weight=counts(rows.weight, rows.Y),
        n_jobs=n_jobs,
        on_epoch=on_epoch,
        checkpoint=checkpoint,
        resume=resume,
        **recipe.fit_options(),
    )
    return judge(understanding, training)


def _check_can_be_saved(understanding: Understanding, network: Network) -> None:
    """Try what is known of the file before the work: classes, names, levels, the seed."""
    document, _ = document_of(network, understanding.preprocessing, understanding.facts)
    try:
        document_text(document)
    except SpecError as error:
        raise SpecError(f"train: the model could not be saved: {str(error).removeprefix('save: ')}") from error


def judge(understanding: Understanding, training: Training[Network]) -> Trained:
    """Make a model of the winner of a training, finished or not, with its scores on validation and test rows."""
    baseline = {"baseline": _trivial(understanding), "weights": understanding.weighting.to_dict()}
    model = Model(training.best, understanding.preprocessing, baseline)
    chosen, untouched = understanding.validation_rows, understanding.test_rows
    validation = model.judge(chosen) if chosen else None
    test = replace(model.judge(untouched), learnt=understanding.seen) if untouched else None
    scores = {"validation": validation and validation.to_dict(), "test": test and test.to_dict()}
    facts = understanding.facts | baseline | {"recipe": understanding.recipe.to_dict(), "scores": scores}
    record = plain_data(training.record() | {"finished": training.finished} | facts)
    model = Model(training.best, understanding.preprocessing, record, understanding.learnt)
    return Trained(model, training, validation, test)


def _trivial(understanding: Understanding) -> dict[str, Any]:
    """What a model knows that looks at nothing but the target of the training rows, and what they count by a column."""
    rows = understanding.train_rows
    if understanding.task.kind == "classify":
        counted = rows.Y if rows.weight is None else rows.Y * normalised(rows.weight, len(rows.weight))[:, None]
        return {"class_shares": counted.mean(axis=0, dtype=np.float64).tolist()}
    return {"mean": mean_of(rows.truth, rows.weight)}
