"""Learning on in words: what was learnt, by how much it is better, and which model stays; also from a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from descend.describe.decisions import METRICS
from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, duration, number
from descend.describe.scores import scores_grid

LOSS, COST = "loss", "cost"

if TYPE_CHECKING:
    from descend.models.updating.of_model import Update


def update_facts(told: Mapping[str, Any], seconds: float | None = None) -> list[Fact]:
    """Say how many rows were learnt and judge, and what the losses are.

    Parameters
    ----------
    told : mapping
        An entry of ``record["updates"]``.
    seconds : float or None, default None
        How long it took.

    Examples
    --------
    >>> compared = {"rows": 100, "old": 0.5, "new": 0.25, "difference": 0.25, "error": 0.05, "better": True}
    >>> told = {"table": "new.csv", "learnt": 400, "comparison": compared | {"by": "cost"}}
    >>> for fact in update_facts(told, 3.0):
    ...     print(fact)
    ('Went on', 'with 400 rows of new.csv in 3.0 s; 100 rows of it were held out, and judge')
    ('Compared', 'by mean cost of a row, there 0.5 of the old model, 0.25 of the new one: lower by 0.25 ± 0.05')
    """
    compared = told["comparison"]
    lower = _lower_is_better(compared)
    taken = "" if seconds is None else f" in {duration(seconds)}"
    held = f"{count(compared['rows'], 'row')} of it were held out, and judge"
    higher = "higher" if (compared["difference"] < 0) == lower else "lower"
    by = f"{higher} by {number(abs(compared['difference']))} ± {number(compared['error'])}"
    losses = f"{number(compared['old'])} of the old model, {number(compared['new'])} of the new one: {by}"
    facts = [("Went on", f"with {count(told['learnt'], 'row')} of {told['table']}{taken}; {held}")]
    if known := told.get("known"):
        judging = (told["scores"]["old"] or {}).get("learnt") or 0
        of_them = f"; {judging:,} of them judge, and make it look too good" if judging else ""
        facts.append(("", f"new rows that are equal to rows which the old model has learnt: {known:,}{of_them}"))
    return [*facts, ("Compared", f"by {_measure(compared)}, there {losses}")]


def further_words(done: int, networks: int, passed: float) -> str:
    """Say how many networks have gone on, what time has passed and what is left.

    Examples
    --------
    >>> further_words(6, 24, 3.0), further_words(0, 1, 3.0)
    ('6 of 24 networks went on · 3.0 s, about 9.0 s left', '0 of 1 network went on · 3.0 s')
    """
    left = passed / done * (networks - done) if done else 0.0
    rest = f", about {duration(left)} left" if left >= 1 else ""
    return f"{done} of {count(networks, 'network')} went on · {duration(passed)}{rest}"


def _measure(compared: Mapping[str, Any]) -> str:
    """What compared: records of earlier versions do not say, for it was the loss."""
    by = compared.get("by", LOSS)
    return METRICS.get(by, str(by))


def _lower_is_better(compared: Mapping[str, Any]) -> bool:
    return compared.get("by", LOSS) in (LOSS, COST)


def verdict_words(better: bool) -> str:
    """Say which model stays.

    Examples
    --------
    >>> verdict_words(True)
    'The new model is better there by more than two standard errors: it stays.'
    """
    if better:
        return "The new model is better there by more than two standard errors: it stays."
    return "The new model is not better there by more than two standard errors, so it may be chance: the old one stays."


def old_and_new_grid(found: Update) -> Grid:
    """Return the scores of both models side by side, on the rows that judged."""
    return scores_grid(
        {"old": found.old.scores, "new": found.new.scores}, {"old": found.old.errors, "new": found.new.errors}
    )


def history_facts(record: Mapping[str, Any]) -> list[Fact]:
    """Say with what a model went on since its training; nothing if it did not.

    Parameters
    ----------
    record : mapping
        `Model.record`.

    Examples
    --------
    >>> compared = {"rows": 100, "old": 0.5, "new": 0.25, "difference": 0.25, "error": 0.05, "better": True}
    >>> history_facts({"updates": [{"table": "new.csv", "learnt": 400, "comparison": compared}]})
    [('Went on', '400 rows of new.csv: loss 0.5 → 0.25 on 100 held-out rows; kept')]
    """
    told: list[Fact] = []
    for one in record.get("updates", []):
        compared = one["comparison"]
        losses = f"{_measure(compared)} {number(compared['old'])} → {number(compared['new'])}"
        held = f"on {count(compared['rows'], 'held-out row')}"
        end = "kept" if compared["better"] else "not kept"
        text = f"{count(one['learnt'], 'row')} of {one['table']}: {losses} {held}; {end}"
        told.append(("" if told else "Went on", text))
    return told
