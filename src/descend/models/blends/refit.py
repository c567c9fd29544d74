"""A blend once more, on all rows: with the weights and the lengths that its folds have found."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from descend.errors import DivergenceError, SpecError
from descend.machine import resolve_jobs
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.blocks import Blocks
from descend.models.blends.descent import Goal, Net, descend, net_of, start_descent
from descend.models.blends.members import DISTILLED, MEMBERS
from descend.training.run import Run


def refit_blend(
    blend: Blend, blocks: Blocks, goal: Goal, rows_of_fold: Sequence[int], seed: int, n_jobs: int | None = None
) -> Blend:
    """Let each network of a blend descend again, from its seed, on all rows, to where it was best.

    Parameters
    ----------
    blend : Blend
        What `BlendFit` found.
    blocks : Blocks
        Of all rows, in one fold that holds nothing out.
    goal : Goal
        What is learnt, on these rows.
    rows_of_fold : sequence of int
        Training rows of each fold of the first fit: they say how long its schedules were planned.
    seed : int
        As of the first fit.
    n_jobs : int or None, default None
        Networks that descend at once.

    Returns
    -------
    Blend
        The same members and weights.

    Raises
    ------
    SpecError
        If it is one distilled network.
    DivergenceError
        If all networks of a member left the finite numbers.
    KeyboardInterrupt
        On Ctrl-C: nothing is kept.
    """
    if any(member.name == DISTILLED for member in blend.members):
        raise SpecError("refit: a network that was distilled has no recipe of its own. Refit its blend, then distil.")
    runs: list[Run] = []

    def again(net: Net) -> Net | None:
        return _again(net, blocks, goal, rows_of_fold[net.place.fold], seed, runs.append)

    with ThreadPoolExecutor(resolve_jobs(n_jobs)) as pool:
        try:
            found = dict(zip(blend.nets, pool.map(again, blend.nets), strict=True))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for run in runs:
                run.deadline = 0.0
            raise
    members = []
    for member in blend.members:
        nets = tuple(net for one in member.nets if (net := found[one]) is not None)
        if not nets:
            raise DivergenceError(f'refit: all networks of "{member.name}" left the finite numbers. Use the first fit.')
        members.append(BlendMember(member.name, member.weight, nets))
    return Blend(tuple(members), *goal.range)


def _again(
    net: Net, blocks: Blocks, goal: Goal, rows_of_fold: int, seed: int, tell: Callable[[Run], object]
) -> Net | None:
    """Let one network descend as many epochs as it was best after, by the schedule that was planned then."""
    member = MEMBERS[net.place.member]
    planned = member.epochs(rows_of_fold)
    seen = blocks.seen(member.blocks, 0)
    fold = blocks.folds[0]
    same_plan = replace(member, least=planned, most=planned)
    prepared = start_descent(same_plan, net.place, seen, goal, (fold.train, fold.validation), seed)
    run = Run(prepared.group, epochs=max(1, math.ceil(net.best_epoch)), deadline=float("1e300"))
    tell(run)
    descend(run, prepared)
    done = net_of(net.place, prepared, seen)
    return None if done is None else replace(done, loss=net.loss, status="finished")
