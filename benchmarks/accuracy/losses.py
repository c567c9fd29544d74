"""Where a peer is clearly better: found in the results, by one rule for everybody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.accuracy.compare import Results
from benchmarks.accuracy.ours import MAIN, OURS
from benchmarks.accuracy.tasks import CLASSIFY, RARE

CLEARLY = 1.02  # ratio from which on a score is clearly worse

RULE = (
    "Clearly better is a score that is better by 2 % or more of the better one, on the splits that both have; of an "
    "error rate, also by more rows than chance: more than √((a + b) / 2), where a and b are the rows that the two get "
    "wrong."
)


@dataclass(frozen=True)
class Loss:
    """A task on which peers are better than we are.

    Parameters
    ----------
    task : str
        Its name.
    ours : float
        Our score; of the splits that the best peer has.
    theirs : dict of str to float
        Those of the peers that are clearly better, the best first.
    """

    task: str
    ours: float
    theirs: dict[str, float]


def losses(results: Results, value: str = "error") -> list[Loss]:
    """Return all tasks on which a peer is clearly better by a value; the largest losses first.

    Parameters
    ----------
    results : Results
        Of one cap.
    value : {"error", "log-loss", "average precision"}
        By what. Numbers have no log-loss, their error is named once; average precision counts for rare classes only.
    """
    better: dict[str, dict[str, tuple[float, float]]] = {}
    for peer in (who for who in results.contestants if who not in OURS):
        for task, row in results.figures([MAIN, peer], value).items():
            if _counts(results, task, value) and is_clear(results, task, peer, (row[MAIN], row[peer]), value):
                better.setdefault(task, {})[peer] = (row[MAIN], row[peer])
    found = [_loss(task, rows, value) for task, rows in better.items()]
    return sorted(found, key=lambda one: -_ratio(one, value))


def _counts(results: Results, task: str, value: str) -> bool:
    if value == "average precision":
        return task in RARE
    return value != "log-loss" or _kind(results, task) == CLASSIFY


def _kind(results: Results, task: str) -> str:
    found = next(found for (name, _), found in results.by_run.items() if name == task)
    return str(next(iter(found.values()))["kind"])


def is_clear(results: Results, task: str, peer: str, scores: tuple[float, float], value: str) -> bool:
    """Return whether our score, the first, is clearly worse than a peer's."""
    ours, theirs = scores
    if value == "average precision":
        return theirs >= CLEARLY * ours and theirs > ours
    if ours < CLEARLY * theirs or ours <= theirs:
        return False
    if value != "error" or _kind(results, task) != CLASSIFY:
        return True
    both = [found for (name, _), found in results.by_run.items() if name == task and MAIN in found and peer in found]
    rows = sum(int(found[MAIN]["test_rows"]) for found in both)
    return more_than_chance(round(ours * rows), round(theirs * rows))


def more_than_chance(wrong: int, fewer: int) -> bool:
    """Return whether so many wrong rows are more than others by more than one standard error.

    If half of the wrong rows are wrong for both, one alone is wrong in (wrong + fewer) / 2 rows, each of which is as
    likely to be the one's as the other's where the two are equally good.

    Examples
    --------
    >>> more_than_chance(4, 2), more_than_chance(3, 2), more_than_chance(130, 119)
    (True, False, False)
    """
    return wrong - fewer > math.sqrt((wrong + fewer) / 2)


def _loss(task: str, rows: dict[str, tuple[float, float]], value: str) -> Loss:
    sign = -1.0 if value == "average precision" else 1.0
    order = sorted(rows, key=lambda peer: sign * rows[peer][1])
    return Loss(task, rows[order[0]][0], {peer: rows[peer][1] for peer in order})


def _ratio(loss: Loss, value: str) -> float:
    best = next(iter(loss.theirs.values()))
    above, below = (best, loss.ours) if value == "average precision" else (loss.ours, best)
    return above / below if below > 0.0 else math.inf


def sentence(loss: Loss) -> str:
    """Return a loss in words.

    Examples
    --------
    >>> sentence(Loss("a", 0.25, {"b": 0.125, "c": 0.2}))
    'a: 0.2500; b 0.1250, c 0.2000'
    """
    return f"{loss.task}: {loss.ours:.4f}; " + ", ".join(f"{who} {score:.4f}" for who, score in loss.theirs.items())


def section(results: Results) -> str:
    """Return the part of the page that names all clear losses."""
    parts = [
        _block("By error (error rate, RMSE / standard deviation)", losses(results, "error")),
        _block("By log-loss", losses(results, "log-loss")),
        _block("By average precision of a rare class", losses(results, "average precision")),
    ]
    return "\n\n".join([f"## Where we lose\n\n{RULE} Ours stands first.", *parts])


def _block(title: str, found: Sequence[Loss]) -> str:
    lines = "\n".join(f"- {sentence(one)}" for one in found) or "- nowhere"
    return f"**{title}**: {len(found)} table{'' if len(found) == 1 else 's'}\n\n{lines}"
