"""Learning on in words: what was learnt, by how much it is better, and which model stays; also from a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact, Grid
from descend.describe.numbers import count, duration, number
from descend.describe.scores import scores_grid

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
    >>> for fact in update_facts({"table": "new.csv", "learnt": 400, "comparison": compared}, 3.0):
    ...     print(fact)
    ('Went on', 'with 400 rows of new.csv in 3.0 s; 100 rows of it were held out, and judge')
    ('Loss', 'there 0.5 of the old model, 0.25 of the new one: lower by 0.25 ± 0.05')
    """
    compared = told["comparison"]
    taken = "" if seconds is None else f" in {duration(seconds)}"
    held = f"{count(compared['rows'], 'row')} of it were held out, and judge"
    higher = "higher" if compared["difference"] < 0 else "lower"
    by = f"{higher} by {number(abs(compared['difference']))} ± {number(compared['error'])}"
    losses = f"there {number(compared['old'])} of the old model, {number(compared['new'])} of the new one: {by}"
    return [("Went on", f"with {count(told['learnt'], 'row')} of {told['table']}{taken}; {held}"), ("Loss", losses)]


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
        losses = f"loss {number(compared['old'])} → {number(compared['new'])}"
        held = f"on {count(compared['rows'], 'held-out row')}"
        end = "kept" if compared["better"] else "not kept"
        text = f"{count(one['learnt'], 'row')} of {one['table']}: {losses} {held}; {end}"
        told.append(("" if told else "Went on", text))
    return told
