"""How a blend is learnt: what a caller may say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BlendOptions:
    """How a blend is learnt.

    Parameters
    ----------
    starts : int, default 1
        Networks of a member on each fold.
    keep : int or None, default None
        Members that go on after the first fold; None: all.
    best : bool, default False
        Whether the best member answers alone.
    n_jobs : int or None, default None
        Networks that descend at once; None: as many as there are cores.
    seed : int, default 0
        Of all randomness.
    time_limit : float or None, default None
        Seconds after which the networks stop where they are.
    """

    starts: int = 1
    keep: int | None = None
    best: bool = False
    n_jobs: int | None = None
    seed: int = 0
    time_limit: float | None = None
