"""A blend once more, on all rows: with the weights and the lengths that its folds have found."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from descend.clusters.active import is_active
from descend.errors import DivergenceError, SpecError
from descend.machine import resolve_jobs
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.blocks import Blocks
from descend.models.blends.descent import Goal, Net
from descend.models.blends.far import Machines
from descend.models.blends.members import DISTILLED, MEMBERS
from descend.models.blends.one import learn_again
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
    nets = list(blend.nets)
    if is_active():
        found = _far(nets, blocks, goal, rows_of_fold, seed, n_jobs)
    else:
        found = _here(nets, blocks, goal, rows_of_fold, seed, n_jobs)
    members = []
    for member in blend.members:
        again = tuple(net for one in member.nets if (net := found[one]) is not None)
        if not again:
            raise DivergenceError(f'refit: all networks of "{member.name}" left the finite numbers. Use the first fit.')
        members.append(BlendMember(member.name, member.weight, again))
    return Blend(tuple(members), *goal.range)


def _here(
    nets: Sequence[Net], blocks: Blocks, goal: Goal, rows_of_fold: Sequence[int], seed: int, n_jobs: int | None
) -> dict[Net, Net | None]:
    """Each in a thread of its own."""
    runs: list[Run] = []

    def again(net: Net) -> Net | None:
        done = learn_again(blocks, goal, net, rows_of_fold[net.place.fold], seed, runs.append)
        return None if done is None else done[0]

    with ThreadPoolExecutor(resolve_jobs(n_jobs)) as pool:
        try:
            return dict(zip(nets, pool.map(again, nets), strict=True))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for run in runs:
                run.deadline = 0.0
            raise


def _far(
    nets: Sequence[Net], blocks: Blocks, goal: Goal, rows_of_fold: Sequence[int], seed: int, n_jobs: int | None
) -> dict[Net, Net | None]:
    """On the machines of joblib's context."""
    members = [MEMBERS[name] for name in dict.fromkeys(net.place.member for net in nets)]
    with (
        Machines(blocks, goal, members, seed, n_jobs) as machines,
        closing(machines.learn_again(nets, rows_of_fold)) as found,
    ):
        return {net: one.net for net, one in found}
