"""A blend of a table: learnt, recorded, compared with its parts, and learnt again on all rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from descend.models.blend_data import blend_data, counting_rows
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.fit import BlendFit
from descend.models.blends.refit import refit_blend
from descend.models.blends.result import BlendTraining, NetDone, Standing
from descend.models.model import Model
from descend.models.recipe import BlendRecipe
from descend.models.rows import PreparedRows, joined_rows
from descend.models.scores import Evaluation
from descend.models.understand import Understanding
from descend.preprocessing.folds import Fold
from descend.training.doors import door
from descend.training.result import versions

if TYPE_CHECKING:
    from descend.models.blends.descent import Net
    from descend.preprocessing.learnt import LearntRows


@dataclass(frozen=True, eq=False)
class Alone:
    """What a part of a blend reaches without the others, on rows that took no part.

    Parameters
    ----------
    what : {"member", "network", "first"}
        The member of the lowest loss out of fold; the network of the lowest loss on its own fold; the first network of
        the heaviest member, which is what a single training would have given.
    member : str
        Whose.
    fold : int or None
        Of the network.
    evaluation : Evaluation
        The scores.
    """

    what: str
    member: str
    fold: int | None
    evaluation: Evaluation

    def to_dict(self) -> dict[str, Any]:
        """Return plain data for records."""
        return {"what": self.what, "member": self.member, "fold": self.fold} | self.evaluation.to_dict()


def learn_blend(
    understanding: Understanding,
    n_jobs: int | None,
    on_net: Callable[[NetDone], object] | None,
    checkpoint: Path | None,
    resume: bool,
) -> BlendTraining:
    """Learn the blend; arguments as of `train`."""
    recipe, data = understanding.recipe, understanding.blend
    assert isinstance(recipe, BlendRecipe)
    assert data is not None
    members, options = data.members(recipe), data.options(recipe, n_jobs)
    fit = BlendFit(data.blocks, data.goal, members, options, on_net, checkpoint=checkpoint, resume=resume)
    return fit.run()


def out_of_fold(model: Model, understanding: Understanding, training: BlendTraining) -> Evaluation | None:
    """Judge a blend on the rows that chose its weights, each answered by networks that have not learnt it."""
    rows, outputs = understanding.train_rows, training.outputs
    if understanding.validation_rows is not None:
        rows, outputs = understanding.validation_rows, outputs[len(rows.Y) :]
    there = np.isfinite(outputs).all(axis=1)
    weight = None if rows.weight is None else rows.weight[there]
    if not there.any() or (weight is not None and not weight.any()):
        return None
    return model.judge_outputs(PreparedRows(rows.X[there], rows.Y[there], rows.truth[there], weight), outputs[there])


def judge_alone(
    model: Model, training: BlendTraining, judge: Callable[[Model], Evaluation | None]
) -> tuple[Alone, ...]:
    """Judge the best member, the best network and the first one, each alone; () if `judge` knows of no rows."""
    known = [one for one in training.standings if np.isfinite(one.loss)]
    best = min(known or training.standings, key=lambda one: _finite(one.loss))
    nets = [net for one in training.standings for net in one.nets]
    net, first = min(nets, key=lambda one: _finite(one.loss)), next(training.blend.nets)

    def judged(name: str, *nets: Net) -> Evaluation | None:
        blend = Blend((BlendMember(name, 1.0, nets),), training.blend.low, training.blend.high)
        return judge(replace(model, blend=blend))

    found = (
        ("member", best.name, None, judged(best.name, *best.nets)),
        ("network", net.place.member, net.place.fold, judged(net.place.member, net)),
        ("first", first.place.member, first.place.fold, judged(first.place.member, first)),
    )
    return tuple(Alone(what, name, fold, one) for what, name, fold, one in found if one is not None)


def _finite(loss: float) -> float:
    return loss if np.isfinite(loss) else np.inf


def blend_record(training: BlendTraining, seed: int, task: str) -> dict[str, Any]:
    """Return what a blend's training gave, as plain data; it holds no times, and all losses are of one kind."""
    return (
        {
            "seed": seed,
            "members": [_standing(one, loss_factor(task)) for one in training.standings],
            "loss": training.loss,
            "finished": training.finished,
        }
        | _choice(training)
        | versions(door("native"))
    )


def _choice(training: BlendTraining) -> dict[str, Any]:
    """What members were worth on a sample, if that chose them."""
    one = [{"name": one.name, "weight": one.weight, "loss": one.loss} for one in training.choice]
    return {"chosen_on_sample": one} if one else {}


def loss_factor(task: str) -> float:
    """Return what makes a member's loss of a network's: the loss "squared" has a half before the square.

    Examples
    --------
    >>> loss_factor("regress"), loss_factor("classify")
    (2.0, 1.0)
    """
    return 2.0 if task == "regress" else 1.0


def _standing(one: Standing, factor: float) -> dict[str, Any]:
    nets = [
        {
            "fold": net.place.fold,
            "start": net.place.start,
            "status": net.status,
            "loss": factor * net.loss,
            "best_epoch": net.best_epoch,
        }
        for net in one.nets
    ]
    losses = {"loss": one.loss, "first_fold_loss": one.first_loss}
    return {"name": one.name, "weight": one.weight} | losses | {"networks": nets}


def refitted(
    understanding: Understanding, training: BlendTraining, n_jobs: int | None
) -> tuple[Blend, LearntRows | None]:
    """Learn the networks of a blend again on all rows, the test rows too; return it, and which rows it has learnt."""
    from descend.preprocessing.equal_rows import row_hashes
    from descend.preprocessing.learnt import LearntRows

    data = understanding.blend
    assert data is not None
    rows = joined_rows(understanding.all_rows)
    seed, none = understanding.recipe.seed, np.empty(0, dtype=np.int64)
    everything = [Fold(counting_rows(rows, understanding.weighting), none)]
    again = blend_data(understanding.preprocessing, rows, None, understanding.weighting, everything, seed)
    lengths = [len(fold.train) for fold in data.folds]
    blend = refit_blend(training.blend, again.blocks, again.goal, lengths, seed, n_jobs)
    if understanding.learnt is None:
        return blend, None
    content = understanding.facts["table"]["content_hash"]
    return blend, LearntRows.of(row_hashes(rows.X, rows.Y), content.encode())
