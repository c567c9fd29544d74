"""How a model of classes answers, in words: its threshold, and whether its probabilities can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from descend.describe.facts import Fact
from descend.describe.numbers import count, number
from descend.errors import cut, quoted

METRICS = {
    "f1": "F1",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "mcc": "Matthews' correlation",
    "cost": "mean cost of a row",
}
BY = {
    "costs": "chosen by the costs",
    "number": "as you gave it",
    "class weights": "from the class weights",
}
CHEAPEST = (
    "The baseline's cost is that of always answering the class that is the cheapest by the shares of the classes."
)


def decided_words(scores: Mapping[str, Any], classes: Sequence[str]) -> list[str]:
    """Say which class is answered, if that is not just the likeliest, and that probabilities were mended.

    Parameters
    ----------
    scores : mapping
        With `decision` and `calibration`, as records have them; either may be None or absent.
    classes : sequence of str
        The classes.

    Examples
    --------
    >>> decision = {"by": "f1", "metric": "f1", "threshold": 0.31, "score": 0.715, "plain_score": 0.62}
    >>> decided_words({"decision": decision}, ("no", "yes"))
    ['"yes" is answered from a probability of 0.31 on (chosen by F1): F1 0.715 out of fold, 0.62 with 0.5.']
    >>> decided_words({"decision": None}, ("no", "yes"))
    []
    """
    told = scores.get("decision")
    words = [] if not told else [_decision(told, classes)]
    mended = (scores.get("calibration") or {}).get("mended")
    if mended and mended["used"]:
        words.append(
            f"Probabilities are mended: out of fold that makes the log-loss {number(mended['after'])} instead of "
            f"{number(mended['before'])}, by {number(mended['before'] - mended['after'])} ± {number(mended['error'])}."
        )
    return words


def _decision(told: Mapping[str, Any], classes: Sequence[str]) -> str:
    by = BY.get(told["by"], f"chosen by {METRICS.get(told['by'], told['by'])}")
    plainly = "with the likeliest class"
    if told["threshold"] is None:
        answer = f"The class of the least expected cost is answered ({by})"
    else:
        answer = (
            f"{quoted(cut(str(classes[-1])))} is answered from a probability of {number(told['threshold'])} on ({by})"
        )
        plainly = "with 0.5"
    metric = METRICS.get(told["metric"], told["metric"])
    return f"{answer}: {metric} {number(told['score'])} out of fold, {number(told['plain_score'])} {plainly}."


def decision_facts(scores: Mapping[str, Any], classes: Sequence[str]) -> list[Fact]:
    """Say the same as facts, and how far probabilities are from what happened; nothing for numbers.

    Examples
    --------
    >>> decision_facts({}, ())
    []
    """
    words = [*decided_words(scores, classes), *calibration_words(scores.get("calibration"), "on the rows that chose")]
    return [("" if place else "Decision", one) for place, one in enumerate(words)]


def calibration_words(calibration: Mapping[str, Any] | None, where: str = "out of fold") -> list[str]:
    """Say in one line how far probabilities are from what happened.

    Parameters
    ----------
    calibration : mapping or None
        As records have it.
    where : str, default "out of fold"
        On which rows.

    Examples
    --------
    >>> calibration_words({"of": "second class", "rows": 900, "error": 0.021, "floor": 0.018})
    ['Calibration out of fold (900 rows): probabilities are off by 0.021 on average; by chance alone by 0.018.']
    """
    if not calibration:
        return []
    rows, error, floor = count(calibration["rows"], "row"), number(calibration["error"]), number(calibration["floor"])
    return [f"Calibration {where} ({rows}): probabilities are off by {error} on average; by chance alone by {floor}."]
