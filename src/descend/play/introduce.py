"""What a page is told of an experiment once: shape, names, rows, facts."""

from __future__ import annotations

import numpy as np

from descend.describe.network import network_facts
from descend.play.experiment import Experiment
from descend.play.messages import Experiment as Message
from descend.play.messages import Settings
from descend.play.rows.problem import CLASSES, Problem
from descend.training.race import race_epochs
from descend.typing import Array

MOST_POINTS = 6_000  # that are drawn


def introduction(made: Experiment, settings: Settings, address: str) -> tuple[Message, dict[str, Array]]:
    """Return the message and its arrays: the points and the part that each belongs to."""
    problem, spec, prepared = made.problem, made.spec, made.prepared
    raced = prepared is not None and prepared.race is not None
    facts = [*problem.facts, *network_facts(made.network)]
    kind, task = problem.kind, problem.task
    return Message(
        settings=settings,
        address=address,
        title=problem.title,
        kind=kind,  # type: ignore[arg-type]
        task=task,  # type: ignore[arg-type]
        targets=list(problem.targets),
        classes=list(problem.classes),
        sizes=list(spec.sizes),
        activations=[row.name for row in spec.activations],
        bias=list(spec.bias),
        inputs=list(problem.inputs),
        outputs=list(problem.outputs),
        loss=spec.loss.name,
        trainable=prepared is not None and not made.untrainable,
        rows=[len(part.X) if part.Y.size else 0 for part in problem.parts],
        choosable=len(problem.parts[0].X),
        extent=problem.extent(),
        rounds_per_epoch=1 if prepared is None else prepared.group.plan.rounds_per_epoch,
        race_epochs=race_epochs(settings.epochs) if raced else [],
        members=list(problem.members),
        facts=[[head, words] for head, words in facts if isinstance(words, str)],
    ), points(problem)


def points(problem: Problem) -> dict[str, Array]:
    """Return the rows as points of the drawing, evenly thinned out if there are too many."""
    if problem.kind == "table" or not problem.trainable:
        return {}
    y = [part.truth if problem.task == CLASSES else part.Y[:, 0] for part in problem.parts]
    each = [np.column_stack([part.X, values]) for part, values in zip(problem.parts, y, strict=True)]
    part = np.repeat(np.arange(3, dtype=np.uint8), [len(one) for one in each])
    all_points = np.concatenate(each).astype(np.float32)
    step = max(1, -(-len(all_points) // MOST_POINTS))
    return {"points": np.ascontiguousarray(all_points[::step]), "part": np.ascontiguousarray(part[::step])}
