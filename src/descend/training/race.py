"""The race: restarts that are behind stop early, and leave the time to the others."""

from __future__ import annotations

from collections.abc import Sequence

from descend.spec.state import DIVERGED, KILLED, RUNNING, RunState

RACE_AT = (1 / 16, 1 / 8, 1 / 4, 1 / 2)  # shares of the epochs at which the worse half of the restarts is killed


def race_epochs(epochs: int) -> list[int]:
    """Epochs after which the worse half is killed: 1/16, 1/8, 1/4, 1/2 of `epochs`, each at least 1 and below `epochs`.

    Examples
    --------
    >>> race_epochs(160)
    [10, 20, 40, 80]
    >>> race_epochs(3)
    [1]
    """
    return sorted({max(1, int(epochs * share)) for share in RACE_AT if max(1, int(epochs * share)) < epochs})


def kill_worse_half(states: Sequence[RunState]) -> None:
    """Stop the worse half of the living restarts by best validation loss; ties by number, diverged ones are dead.

    Before every living restart has been looked at there is nothing to rank by, and nobody is stopped.
    """
    living = [state for state in states if state.status not in (DIVERGED, KILLED)]
    ranked = sorted(living, key=lambda state: float(state.best_loss))  # stable: ties by number
    worse = ranked[-(-len(living) // 2) :] if all(state.looks for state in living) else []
    for state in worse:
        if state.status == RUNNING:
            state.status = KILLED
    for state in states:
        state.races += 1
