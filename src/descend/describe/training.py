"""What a training gave, in words: how the restarts ended, how much was luck, which one won; also from a record."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from descend.describe.blend import blend_facts, is_blend
from descend.describe.facts import Fact, Grid
from descend.describe.network import network_words
from descend.describe.numbers import count, duration, listing, number, score
from descend.describe.table import split_words
from descend.spec.state import DIVERGED, KILLED, RUNNING, STATUSES
from descend.training.spread import spread

if TYPE_CHECKING:
    from descend.training.result import Training

MOST_RESTARTS = 12  # that are written out
FAR = 1.5  # times the loss of the best: no longer the same minimum


# ---------------------------------------------------------------- right after the training


def spread_facts(training: Training[Any], seconds: float, try_several: str = "") -> list[Fact]:
    """Say how different the restarts ended, and how much of that was luck.

    Parameters
    ----------
    training : Training[Any]
        Finished.
    seconds : float
        How long it took.
    try_several : str, default ""
        What a face adds after a single restart: how to run several.

    Examples
    --------
    >>> from descend.nets.network import Network
    >>> training = Network([1, 1], seed=0).fit([[0.0], [1.0]], [0.0, 1.0], epochs=2)
    >>> spread_facts(training, 0.25)
    [('Restarts', '1 restart in 0.2 s.')]
    """
    spread, runs = training.spread, len(training.restarts)
    ended = [f"{n} {name}" for name in ("stopped early", "killed", "diverged") if (n := _ended(training, name))]
    head = f"{count(runs, 'restart')} in {duration(seconds)}{': ' if ended else ''}{', '.join(ended)}"
    if runs == 1:
        return [("Restarts", f"{head}. {try_several}".rstrip())]
    losses = f"best {number(spread.best)}, median {number(spread.median)}, worst {number(spread.worst)}"
    if runs - spread.killed - spread.diverged == 1:
        losses = f"{number(spread.best)}, of the only one that was neither killed nor diverged"
    luck = luck_words(training)
    told: list[Fact] = [("Restarts", head), ("", f"{training.selected_on} loss: {losses}")]
    return [*told, ("", luck)] if luck else told


def luck_words(training: Training[Any]) -> str:
    """Say how likely one run alone is good, and how many would have been enough; after a race, why nobody knows.

    Parameters
    ----------
    training : Training[Any]
        Finished.

    Returns
    -------
    str
        ``""`` if there is nothing to say, as after a single restart.

    Examples
    --------
    >>> from descend.nets.network import Network
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> luck_words(Network([2, 2, 1], seed=0, engine="reference").fit(X, y, epochs=3, restarts=2)).partition("; ")[0]
    'A single run comes within 5% of the best loss with a chance of 50%'
    """
    spread = training.spread
    if len(training.restarts) == 1:
        return ""
    if spread.killed:
        return _killed_words(training)
    if not spread.enough:
        return ""
    return (
        f"A single run comes within 5% of the best loss with a chance of {spread.chance:.0%}; "
        f"{count(spread.enough, 'restart is', 'restarts are')} enough to do so with a chance of 95%."
    )


def _killed_words(training: Training[Any]) -> str:
    """Say when the race stopped restarts, and that nothing is known about their ends."""
    epochs = [len(one.loss_curve) for one in training.restarts if one.status == "killed"]
    when = listing(sorted(set(epochs))) + (" epoch" if set(epochs) == {1} else " epochs")
    who = "it" if len(epochs) == 1 else "they"
    return (
        f"The race stopped {count(len(epochs), 'restart')} after {when}: where {who} "
        "would have ended is unknown, and so is the chance of a single run."
    )


def _ended(training: Training[Any], status: str) -> int:
    return sum(one.status == status for one in training.restarts)


def winner_facts(training: Training[Any]) -> list[Fact]:
    """Say which restart is kept, by what it was chosen, and what its loss is without the winner's luck.

    Parameters
    ----------
    training : Training[Any]
        Finished.

    Examples
    --------
    >>> from descend.nets.network import Network
    >>> training = Network([1, 1], seed=0).fit([[0.0], [1.0]], [0.0, 1.0], epochs=2)
    >>> winner_facts(training)[0][1].partition("; ")[2]
    'there were no validation rows, so the training rows chose'
    """
    kept = training.restarts[training.winner]
    loss = f"{training.selected_on} loss {number(kept.best_loss)}"
    text = f"restart {kept.number}: {loss} at epoch {number(kept.best_epoch)}"
    if training.selected_on == "training":
        return [("Winner", f"{text}; there were no validation rows, so the training rows chose")]
    corrected = training.corrected_loss
    if corrected is None or training.spread.killed:
        return [("Winner", text)]
    return [("Winner", text), ("", f"corrected for being the best of {len(training.restarts)}: {number(corrected)}")]


def training_parts(training: Training[Any]) -> list[list[Fact] | Grid]:
    """Return what a training gave, in the order in which it is read: restarts, luck, winner; each restart.

    Parameters
    ----------
    training : Training
        Finished or not.

    Examples
    --------
    >>> from descend.nets.network import Network
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> facts, grid = training_parts(Network([2, 2, 1], seed=0, engine="reference").fit(X, y, epochs=3, restarts=2))
    >>> [row[:2] for row in grid.rows]
    [('1, kept', 'finished'), ('0', 'finished')]
    """
    network: list[Fact] = [("Network", network_words(training.plan.spec))]
    stopped: list[Fact] = [] if training.finished else [("", "stopped before its end")]
    facts = [*network, *spread_facts(training, training.seconds), *stopped, *winner_facts(training)]
    return [facts] if len(training.restarts) == 1 else [facts, restarts_grid(training)]


def restarts_grid(training: Training[Any]) -> Grid:
    """Return the restarts, the best first; of many the first ones.

    Parameters
    ----------
    training : Training
        Finished or not.
    """
    ordered = sorted(training.restarts, key=lambda one: (one.best_loss, one.number))
    kept = training.restarts[training.winner].number
    rows = [
        (
            f"{one.number}, kept" if one.number == kept else str(one.number),
            one.status,
            score(one.best_loss),
            number(one.best_epoch),
            f"{one.n_iter:,}",
        )
        for one in ordered[:MOST_RESTARTS]
    ]
    if len(ordered) > MOST_RESTARTS:
        rows.append((f"… {len(ordered) - MOST_RESTARTS:,} more", "", "", "", ""))
    heads = ("restart", "how it ended", f"{training.selected_on}\nloss", "kept at\nepoch", "epochs")
    return Grid(heads, tuple(rows), words=(0, 1))


# ---------------------------------------------------------------- while it runs, and after


def standing_facts(losses: Sequence[float], statuses: Sequence[int]) -> list[tuple[str, str]]:
    """Say how far apart several restarts stand, or ended; nothing of a single one, or before the first loss.

    Parameters
    ----------
    losses : sequence of float
        By which they are ranked; inf where there is none.
    statuses : sequence of int
        Of each, as in `descend.spec.state.STATUSES`.

    Examples
    --------
    >>> for head, words in standing_facts([0.1, 0.102, 0.4, 0.7], [1, 1, 1, 1]):
    ...     print(f"{head}: {words}")
    restarts: 4 finished
    best, median, worst: 0.1, 0.251, 0.7
    one run is within 5 % of the best: with a chance of 50%
    far from the best: 2 of 4 have more than 1.5 times its loss: a local minimum or a plateau holds them
    """
    if len(losses) < 2:
        return []
    named = Counter(STATUSES[one] for one in statuses)
    facts = [("restarts", listing(f"{n} {name}" for name, n in named.items()))]
    found = spread(losses, statuses)
    if not math.isfinite(found.best):
        return facts
    rest = " of the rest" if found.killed else ""  # nobody knows how the killed would have ended
    if len(losses) - found.killed - found.diverged == 1:
        facts.append(("loss of the one that is left", number(found.best)))
    else:
        facts.append((f"best, median, worst{rest}", ", ".join(map(number, (found.best, found.median, found.worst)))))
    if math.isfinite(found.chance):
        facts.append(("one run is within 5 % of the best", f"with a chance of {found.chance:.0%}"))
    alive = [one for one, status in zip(losses, statuses, strict=True) if status not in (DIVERGED, KILLED)]
    far = sum(one > FAR * found.best for one in alive)
    if far and RUNNING not in statuses:
        words = f"{far} of {len(alive)} have more than {FAR:g} times its loss: a local minimum or a plateau holds them"
        facts.append(("far from the best", words))
    return facts


# ---------------------------------------------------------------- from the record of a model


def training_facts(record: Mapping[str, Any]) -> list[Fact]:
    """Say how a model was trained and how that can be repeated.

    Parameters
    ----------
    record : mapping
        `Model.record`; what an earlier version did not record is left out.

    Examples
    --------
    >>> training_facts({"descend": "0.1", "python": "3.11"})
    [('Made by', 'descend 0.1, python 3.11')]
    """
    facts: list[Fact] = []
    if source := record.get("table", {}):
        facts.append(("Data", f"{source['source']}: {source['rows']:,} rows, {source['columns']} columns"))
        facts.append(("", f"content hash {source['content_hash'][:16]}…"))
    if "split" in record:
        whose = "of its teacher: " if record.get("distilled") else ""
        facts.append(("Split", whose + split_words(record["split"], record["split"]["description"])))
    if record.get("restarts"):
        facts += restart_facts(record)
    if is_blend(record):
        facts += blend_facts(record)
    made = [f"{name} {record[name]}" for name in ("descend", "numpy", "python", "isa") if name in record]
    return [*facts, ("Made by", ", ".join(made))]


def restart_facts(record: Mapping[str, Any]) -> list[Fact]:
    """Say how the restarts ended, and which one this model is.

    Parameters
    ----------
    record : mapping
        `Model.record`, with restarts.

    Examples
    --------
    >>> runs = [{"number": 0, "status": "finished", "best_loss": 0.25, "best_epoch": 9}]
    >>> restart_facts({"restarts": runs, "winner": 0, "seed": 1, "order": "shared", "selected_on": "validation"})
    [('Restarts', '1: 1 finished; seed 1, order shared'), ('Winner', 'restart 0: validation loss 0.25 at epoch 9')]
    """
    runs = record["restarts"]
    ended = listing(f"{n} {status}" for status, n in Counter(one["status"] for one in runs).items())
    kept = runs[record["winner"]]
    chosen = f"{record['selected_on']} loss {number(kept['best_loss'])} at epoch {number(kept['best_epoch'])}"
    corrected = record.get("corrected_loss")
    fair = f"; corrected for being the best: {number(corrected)}" if corrected is not None and len(runs) > 1 else ""
    return [
        ("Restarts", f"{len(runs)}: {ended}; seed {record['seed']}, order {record['order']}"),
        ("Winner", f"restart {kept['number']}: {chosen}{fair}"),
    ]
