"""From what was understood of a table to the best of many trainings, judged on rows that took no part.

A user's three words stand here together: ``from descend.models.train import TrainOptions, train, understand``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from descend.drift.answers import summarise_answers
from descend.errors import SpecError
from descend.files.container import document_text, plain_data
from descend.models.blend_train import Alone, blend_record, judge_alone, learn_blend, out_of_fold, refitted
from descend.models.blends.result import BlendTraining, NetDone
from descend.models.deciding import decision_of, of_blend, of_one, recorded
from descend.models.file import document_of
from descend.models.held_out import blend_residuals, network_residuals
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.recipe import BlendRecipe, Recipe
from descend.models.rows import joined_rows
from descend.models.scores import Evaluation, mean_of
from descend.models.sections import Sections, make_sections
from descend.models.uncertainty.calibrate import Uncertainty
from descend.models.understand import Understanding, understand
from descend.models.watch import model_answers
from descend.nets.network import Network
from descend.spec.data import normalised
from descend.training.observers import Progress
from descend.training.result import Training
from descend.typing import Array

__all__ = ["TrainOptions", "Trained", "judge", "train", "understand"]


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training on a table gave.

    Parameters
    ----------
    model : Model
        The winner, or the blend; not saved yet.
    training : Training or BlendTraining
        All restarts, or all members.
    validation : Evaluation or None
        The winner on the validation rows. They chose it among all restarts and epochs, so this is too good. Of a
        blend: each row is answered by networks that have not learnt it; but these rows chose the weights.
    test : Evaluation or None
        The winner on rows that took no part in training or choosing; None if there are none. A blend that was learnt
        again on all rows has learnt these, too: the score is that of before.
    alone : tuple of Alone
        Of a blend, on the untouched rows: what its best member, its best network and its first network reach alone.
    """

    model: Model
    training: Training[Network] | BlendTraining
    validation: Evaluation | None
    test: Evaluation | None
    alone: tuple[Alone, ...] = ()


def train(
    understanding: Understanding,
    *,
    n_jobs: int | None = None,
    on_epoch: Callable[[Progress], object] | None = None,
    on_net: Callable[[NetDone], object] | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
) -> Trained:
    """Run the restarts, keep the best on the validation rows; or learn a blend. Judge it on the test rows.

    Parameters
    ----------
    understanding : Understanding
        From `understand`.
    n_jobs, on_epoch, checkpoint, resume
        As in `Network.fit`; `on_epoch` is told of the restarts of one network only.
    on_net : callable or None, default None
        Told of each network of a blend that has come to its end.

    Returns
    -------
    Trained

    Raises
    ------
    SpecError
        If no file could hold the model, for example for a class that is a whole number of hundreds of digits.
    DivergenceError, FileError, KeyboardInterrupt
        As in `Network.fit`. `judge` makes a model of the ``training`` that a KeyboardInterrupt carries.

    Examples
    --------
    >>> from descend.models.options import TrainOptions
    >>> from descend.models.understand import understand
    >>> table = {"size": list(range(60)), "kind": ["low"] * 30 + ["high"] * 30}
    >>> trained = train(understand(table, "kind", TrainOptions(hidden=(4,), epochs=60, restarts=2)))
    >>> trained.model.predict({"size": [1.0, 58.0]}).tolist()
    ['low', 'high']
    """
    _check_can_be_saved(understanding)
    if understanding.blend is not None:
        place = None if checkpoint is None else Path(checkpoint)
        if understanding.on_disk is None:
            found = learn_blend(understanding, n_jobs, on_net, place, resume)
        else:
            from descend.models.streamed.blend import learn_there

            found = learn_there(understanding, n_jobs, on_net, place, resume)
        return judge(understanding, found, n_jobs=n_jobs)
    if understanding.on_disk is not None:
        from descend.models.streamed.learn import learn

        of_disk = learn(understanding, n_jobs=n_jobs, on_epoch=on_epoch, checkpoint=checkpoint, resume=resume)
        return judge(understanding, of_disk)
    recipe, rows, chosen = understanding.recipe, understanding.train_rows, understanding.validation_rows
    counts = understanding.weighting.of_rows
    assert isinstance(recipe, Recipe)
    training = _network(understanding, recipe).fit(
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


def _network(understanding: Understanding, recipe: Recipe) -> Network:
    prep = understanding.preprocessing
    return Network(**recipe.network_options(prep.n_features, prep.n_outputs))


def _check_can_be_saved(understanding: Understanding) -> None:
    """Try what is known of the file before the work: classes, names, levels, the seed."""
    prep, recipe = understanding.preprocessing, understanding.recipe
    if isinstance(recipe, Recipe):
        network = _network(understanding, recipe)
    else:  # any that has the ends
        network = Network([prep.n_features, prep.n_outputs], seed=recipe.seed)
    document, _ = document_of(network, prep, understanding.facts)
    try:
        document_text(document)
    except SpecError as error:
        raise SpecError(f"train: the model could not be saved: {str(error).removeprefix('save: ')}") from error


def judge(
    understanding: Understanding, training: Training[Network] | BlendTraining, *, n_jobs: int | None = None
) -> Trained:
    """Make a model of what a training gave, finished or not, with its scores on validation and test rows.

    Parameters
    ----------
    understanding : Understanding
        From `understand`.
    training : Training or BlendTraining
        What was reached.
    n_jobs : int or None, default None
        Networks that descend at once, where a blend is learnt again on all rows.
    """
    if isinstance(training, BlendTraining):
        return _judge_blend(understanding, training, n_jobs)
    known = _known(understanding)
    model = Model(training.best, understanding.preprocessing, known)
    decided = of_one(understanding, model)
    model = replace(model, sections=Sections(decision=decision_of(decided)))
    chosen = understanding.validation_rows
    validation = model.judge(chosen) if chosen else None
    test = _judged(understanding, model)
    scores = {"validation": validation and validation.to_dict(), "test": test and test.to_dict()} | recorded(decided)
    record = _record(understanding, training.record() | {"finished": training.finished}, scores)
    outputs = None if chosen is None else model._answer(chosen, checked=False)
    sections = _sections(understanding, network_residuals(understanding, outputs), outputs)
    sections = replace(sections, decision=decision_of(decided))
    model = Model(training.best, understanding.preprocessing, record, understanding.learnt, None, sections)
    return Trained(model, training, validation, test)


def _judge_blend(understanding: Understanding, training: BlendTraining, n_jobs: int | None) -> Trained:
    recipe, prep, learnt = understanding.recipe, understanding.preprocessing, understanding.learnt
    assert isinstance(recipe, BlendRecipe)
    blend = training.blend
    decided = of_blend(understanding, training)
    answering = Sections(decision=decision_of(decided))
    model = Model(next(blend.nets).network, prep, _known(understanding), None, blend, answering)
    chosen = out_of_fold(model, understanding, training)
    test = _judged(understanding, model)
    alone = judge_alone(model, training, partial(_judged, understanding, counted=False))
    relearnt = recipe.refit and training.finished
    if relearnt:
        blend, learnt = refitted(understanding, training, n_jobs)
    name = "validation" if understanding.validation_rows else "out_of_fold"
    scores: dict[str, Any] = {name: chosen and chosen.to_dict(), "test": test and test.to_dict()}
    scores |= {"alone": [one.to_dict() for one in alone]} | recorded(decided)
    record = _record(understanding, blend_record(training, recipe.seed, prep.task.kind), scores)
    residuals = blend_residuals(understanding, training, relearnt)
    sections = _sections(understanding, residuals, training.outputs, relearnt)
    sections = replace(sections, decision=answering.decision)
    model = Model(next(blend.nets).network, prep, record, learnt, blend, sections)
    return Trained(model, training, chosen, test, alone)


def _judged(understanding: Understanding, model: Model, counted: bool = True) -> Evaluation | None:
    """The scores on the rows that took no part, wherever they are; `counted`: with how many of them are learnt ones."""
    untouched, on_disk = understanding.test_rows, understanding.on_disk
    if on_disk is not None and "test" in on_disk.parts:
        from descend.models.streamed.learn import judge_part

        return judge_part(model, on_disk, "test")
    found = model.judge(untouched) if untouched else None
    return replace(found, learnt=understanding.seen) if found and counted else found


def _sections(
    understanding: Understanding, known: Uncertainty | None, outputs: Array | None, relearnt: bool = False
) -> Sections:
    """What is kept of the rows that were learnt: of all, if the networks were learnt again on all; and of `outputs`."""
    rows = joined_rows(understanding.all_rows) if relearnt else understanding.train_rows
    assert rows.inputs is not None
    there = np.empty((0, 1)) if outputs is None else outputs[np.isfinite(outputs).all(axis=1)]
    answers = summarise_answers(model_answers(understanding.preprocessing, there)) if len(there) else ()
    return make_sections(rows.inputs, known, answers)


def _known(understanding: Understanding) -> dict[str, Any]:
    return {"baseline": _trivial(understanding), "weights": understanding.weighting.to_dict()}


def _record(understanding: Understanding, of_training: dict[str, Any], scores: dict[str, Any]) -> dict[str, Any]:
    facts = understanding.facts | _known(understanding) | {"recipe": understanding.recipe.to_dict(), "scores": scores}
    record: dict[str, Any] = plain_data(of_training | facts)
    return record


def _trivial(understanding: Understanding) -> dict[str, Any]:
    """What a model knows that looks at nothing but the target of the training rows, and what they count by a column."""
    rows = understanding.train_rows
    if understanding.task.kind == "classify":
        counted = rows.Y if rows.weight is None else rows.Y * normalised(rows.weight, len(rows.weight))[:, None]
        return {"class_shares": counted.mean(axis=0, dtype="float64").tolist()}
    return {"mean": mean_of(rows.truth, rows.weight)}
