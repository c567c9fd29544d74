"""What rows count in a training, in words, and what that does to scores and probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact
from descend.describe.numbers import number
from descend.errors import cut, quoted

if TYPE_CHECKING:
    from descend.models.scores import Evaluation
    from descend.models.weights import Weighting

MOST_CLASSES = 8
PUT_BACK = "Probabilities are put back to the shares of the training rows."
NOT_PUT_BACK = (
    "Probabilities are those of rows in which each class is as frequent as its weight makes it: a class of much weight "
    "gets more than its share here."
)


def weights_facts(weighting: Weighting, classes: Sequence[Any]) -> list[Fact]:
    """Say what rows count; nothing if all count alike.

    Parameters
    ----------
    weighting : Weighting
        Of a training.
    classes : sequence
        Labels of the classes; empty for numbers.

    Examples
    --------
    >>> from descend.models.weights import Weighting
    >>> weights_facts(Weighting("w", (0.5, 2.0), balanced=True), ("no", "yes"))
    [('Weights', 'each row counts what the column "w" says'), ('', 'classes: no × 0.5, yes × 2 (balanced)')]
    """
    told = []
    if weighting.column is not None:
        told.append(f"each row counts what the column {quoted(weighting.column)} says")
    if weighting.classes is not None:
        pairs = list(zip(classes, weighting.classes, strict=False))
        shown = [f"{cut(str(label))} × {number(one)}" for label, one in pairs[:MOST_CLASSES]]
        more = f", … {len(pairs) - MOST_CLASSES} more" if len(pairs) > MOST_CLASSES else ""
        told.append(f"classes: {', '.join(shown)}{more}{' (balanced)' if weighting.balanced else ''}")
    return [("" if place else "Weights", words) for place, words in enumerate(told)]


def weighted_words(weighting: Weighting, evaluation: Evaluation, put_back: bool = False) -> list[str]:
    """Say which scores are weighted, and what the probabilities of a model mean whose classes were.

    Parameters
    ----------
    weighting : Weighting
        Of the training.
    evaluation : Evaluation
        On rows of any kind.
    put_back : bool, default False
        Whether the probabilities are put back to the shares of the training rows.

    Examples
    --------
    >>> from descend.models.scores import Evaluation
    >>> from descend.models.weights import Weighting
    >>> weighted_words(Weighting("w"), Evaluation("regress", 9, {}, weighted=True))
    ['Each row counts in these scores what the column "w" says.']
    """
    words = []
    if weighting.column is not None:
        name = quoted(weighting.column)
        absent = f"The model learnt with the weights of the column {name}; without them all rows count alike here."
        words.append(f"Each row counts in these scores what the column {name} says." if evaluation.weighted else absent)
    if weighting.classes is not None:
        said = PUT_BACK if put_back else f"{NOT_PUT_BACK} That costs accuracy and log-loss."
        words.append(
            f"Classes were weighted in training and in choosing the best, not in these scores. {said} "
            "Compare models by balanced accuracy."
        )
    return words
