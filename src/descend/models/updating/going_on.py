"""Networks of a blend go on from their weights: a short descent with a small step on new rows, each on its fold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from descend.clusters.active import say_stays_here
from descend.errors import DataError, SpecError
from descend.machine import resolve_jobs
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.blocks import generator
from descend.models.blends.descent import Goal, Net, answers_of, by_index, descend, halved
from descend.models.blends.encoded import encode_by_index
from descend.models.blends.members import MEMBERS, batch_size
from descend.models.blends.weights import Judge
from descend.nets.network import Network
from descend.preprocessing.encoders.inputs import Inputs
from descend.preprocessing.folds import Dealing, Fold, make_folds
from descend.spec.state import DIVERGED
from descend.training.executors import Threads
from descend.training.options import USUAL, FitOptions
from descend.training.prepare import Start, prepare
from descend.training.run import Run
from descend.typing import Array, is_whole

FEWEST = 25  # new rows
PARTS = 5  # one of so many parts of the new rows judges
SAMPLES, FEWEST_EPOCHS, MOST_EPOCHS = 200_000, 5, 40  # samples that a descent visits, about
STEP = 0.1  # of the first descent's η
DISTILLED_RECIPE = {"learning_rate": 0.01, "l2": 0.0, "dropout": 0.0}  # of a network that imitates a blend
_JUDGE_KEY, _FOLDS_KEY = 0x6A75646765, 0x75706461746573  # "judge", "updates"


@dataclass(frozen=True)
class UpdateOptions:
    """How networks go on.

    Parameters
    ----------
    step : float, default 0.1
        η, as a share of the first descent's.
    epochs : int or None, default None
        Passes over the new rows; None: about 200,000 samples, 5 to 40 passes.
    seed : int, default 0
        Of the rows that judge, folds and order of samples.
    n_jobs : int or None, default None
        Networks that descend at once; None: as many as there are cores. The bits do not depend on it.
    """

    step: float = STEP
    epochs: int | None = None
    seed: int = 0
    n_jobs: int | None = None

    def check(self, who: str = "update") -> None:
        """Refuse what cannot be.

        Raises
        ------
        SpecError
            Listing all that is wrong.
        """
        problems = []
        number = isinstance(self.step, int | float | np.number) and not isinstance(self.step, bool)
        if not number or not 0.0 < float(self.step) <= 1.0:
            problems.append(f"`step` must be above 0 and at most 1; got {self.step!r}.")
        if self.epochs is not None and not is_whole(self.epochs, 1):
            problems.append(f"`epochs` must be a whole number ≥ 1, or None; got {self.epochs!r}.")
        if not is_whole(self.seed, 0):
            problems.append(f"`seed` must be a whole number ≥ 0; got {self.seed!r}.")
        if problems:
            raise SpecError(f"{who}: " + " ".join(problems))


@dataclass(frozen=True, eq=False)
class NewRows:
    """Rows to learn on.

    Parameters
    ----------
    inputs : Inputs
        Their columns, read as in training.
    goal : Goal
        What is learnt of them.
    dealing : Dealing
        Which belong together.
    """

    inputs: Inputs
    goal: Goal
    dealing: Dealing

    def take(self, rows: Array) -> NewRows:
        """Return some of the rows."""
        Y, weight = self.goal.rows(rows)
        return NewRows(self.inputs.take(rows), replace(self.goal, Y=Y, weight=weight), self.dealing.take(rows))


def judging_rows(dealing: Dealing, seed: int, who: str = "update") -> Fold:
    """Return the new rows that are learnt, and the fifth of them that judges; with time, it is the latest.

    Raises
    ------
    DataError
        If there are too few rows, groups or times.

    Examples
    --------
    >>> fold = judging_rows(Dealing(moments=np.arange(50.0)), 0)
    >>> len(fold.train), fold.validation.tolist()
    (40, [40, 41, 42, 43, 44, 45, 46, 47, 48, 49])
    """
    if dealing.rows < FEWEST:
        raise DataError(
            f"{who}: at least {FEWEST} new rows that count are needed, a fifth of which judges; got {dealing.rows}. "
            "Wait for more, or train anew on all rows."
        )
    if dealing.moments is not None:
        return latest(dealing.moments)
    return make_folds(dealing, PARTS, generator(seed, _JUDGE_KEY))[0]


def latest(moments: Array) -> Fold:
    """Return the earlier rows, and the latest fifth of them, those of one moment together."""
    distinct = np.unique(moments)
    if len(distinct) < 2:
        raise DataError("update: at least 2 different times are needed, so that the later rows judge; got 1.")
    place = min(len(moments) - 1, len(moments) * (PARTS - 1) // PARTS)
    first = max(float(np.sort(moments)[place]), float(distinct[1]))
    return Fold(np.flatnonzero(moments < first), np.flatnonzero(moments >= first))


def go_on(
    blend: Blend,
    rows: NewRows,
    options: UpdateOptions,
    recipe: Mapping[str, Any] | None = None,
    on_net: Callable[[int, int], object] | None = None,
) -> Blend:
    """Return the blend after a short descent of each of its networks; of those that got no better, as they were.

    Each network is judged, look by look, on a fold of these rows that it does not learn; with time on the latest.

    Parameters
    ----------
    blend : Blend
        Whose encoders and weights of members stay.
    rows : NewRows
        That are learnt.
    options : UpdateOptions
        How.
    recipe : mapping or None
        Of networks that are no members: learning_rate, l2 and dropout.
    on_net : callable or None
        Told after each network how many have gone on, and how many there are.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; nothing is kept.
    """
    say_stays_here("going on (`update`)")
    folds = _folds(rows.dealing, max(net.place.fold for net in blend.nets) + 1, options.seed)
    nets, runs = list(blend.nets), list[Run]()

    def further(net: Net) -> Net:
        own = folds[net.place.fold % len(folds)]
        return _further(net, rows, own, options, recipe or {}, runs.append)

    with ThreadPoolExecutor(resolve_jobs(options.n_jobs)) as pool:
        try:
            found = {}
            for net, changed in zip(nets, pool.map(further, nets), strict=True):
                found[net] = changed
                if on_net is not None:
                    on_net(len(found), len(nets))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for run in runs:
                run.deadline = 0.0
            raise
    members = (BlendMember(one.name, one.weight, tuple(found[net] for net in one.nets)) for one in blend.members)
    return Blend(tuple(members), *_range(blend, rows.goal))


def _range(blend: Blend, goal: Goal) -> tuple[Array | None, Array | None]:
    """The least and the largest z-score, with those of the new rows."""
    if blend.low is None or blend.high is None:
        return blend.low, blend.high
    return np.minimum(blend.low, goal.Y.min(axis=0)), np.maximum(blend.high, goal.Y.max(axis=0))


def _folds(dealing: Dealing, count: int, seed: int) -> list[Fold]:
    """Folds by which networks stop: as many as they were learnt on, at least two; with time one, the latest."""
    if dealing.moments is not None:
        return [latest(dealing.moments)]
    return make_folds(dealing, max(2, count), generator(seed, _FOLDS_KEY))


def _further(
    net: Net,
    rows: NewRows,
    fold: Fold,
    options: UpdateOptions,
    recipe: Mapping[str, Any],
    tell: Callable[[Run], object],
) -> Net:
    X, seed = encode_by_index(net.encoders, rows.inputs), net.place.seed(options.seed)
    (Y, weight), (held_Y, held_weight) = rows.goal.rows(fold.train), rows.goal.rows(fold.validation)
    held = X[fold.validation], held_Y, held_weight
    given = _options(net, len(fold.train), options, recipe) | {"validation": held, "sample_weight": weight}
    theta, spec = net.network.theta.astype(np.float32), net.network.spec
    start = Start(by_index(spec, X), theta, theta.dtype, seed, "native")
    prepared = prepare(start, X[fold.train], Y, FitOptions(**USUAL | given))
    run = Run(prepared.group, deadline=float("1e300"))
    tell(run)
    descend(run, Threads(prepared.door))
    state = prepared.group.states[0]
    if state.status == DIVERGED or state.best_look < 0:
        return net
    found = state.best_theta.copy()
    if np.array_equal(halved(theta), theta):
        found = halved(found)  # as a file holds it
    network = Network.from_spec(spec, found, dtype=theta.dtype.name, seed=net.network.seed)
    judge = Judge(rows.goal.output, held_Y, held_weight)
    before, after = (judge.loss(judge.of_truth(answers_of(one, held[0]))) for one in (net.network, network))
    return replace(net, network=network, loss=after, seconds=state.seconds) if after < before else net


def _options(net: Net, rows: int, options: UpdateOptions, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The member's own way to descend, or the recipe's, with a smaller step that falls to 0."""
    epochs = options.epochs or min(MOST_EPOCHS, max(FEWEST_EPOCHS, round(SAMPLES / rows)))
    own: dict[str, Any] = {"l2": 0.0, "dropout": 0.0, "learning_rate": 0.002, "beta_2": 0.999} | dict(recipe)
    if net.place.member in MEMBERS:
        planned = MEMBERS[net.place.member].fit_options(net.network.spec.sizes[0], rows)
        own |= {name: planned[name] for name in ("learning_rate", "l2", "dropout")}
        if "learning_rate_factors" in planned:
            factors = {name: one for name, one in planned["learning_rate_factors"].items() if name != "front_scale"}
            own |= {"learning_rate_factors": factors, "beta_2": planned["beta_2"]}
    return own | {
        "epochs": epochs,
        "learning_rate": own["learning_rate"] * float(options.step),
        "schedule": "cosine",
        "batch_size": min(batch_size(rows), rows),
        "optimizer": "adamw",
        "decay_schedule": "constant",
        "dropout_schedule": "constant",
    }
