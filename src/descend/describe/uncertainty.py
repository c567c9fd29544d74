"""How far a model's answers may be off, in words: what the residuals of held-out rows say of a typical row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from descend.describe.facts import Fact
from descend.describe.numbers import count, score

if TYPE_CHECKING:
    from descend.models.uncertainty.calibrate import Uncertainty

COVERAGE = 0.9
NOT_LEARNT = "that had not been learnt"


def uncertainty_facts(known: Uncertainty | None) -> list[Fact]:
    """Return what is known of intervals, or of sets; nothing if nothing is.

    Parameters
    ----------
    known : NumberUncertainty, ClassUncertainty or None
        What the model keeps.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.models.uncertainty.calibrate import network_uncertainty
    >>> from descend.models.uncertainty.numbers import Units
    >>> units = Units(*(np.array([value]) for value in (0.0, 10.0, -100.0, 100.0)))
    >>> known = network_uncertainty(np.zeros((19, 1)), np.arange(-9.0, 10.0)[:, None], None, units)
    >>> uncertainty_facts(known)
    [('Intervals', 'for a typical row the interval of 90 % is answer − 90.000 … answer + 90.000; known ...')]
    """
    if known is None:
        return []
    about = uncertainty_document(known)
    assert about is not None
    by = f"known from {count(round(about['rows']), 'row')} {NOT_LEARNT}"
    if about["kind"] == "classes":
        if (about["rows"] + 1.0) * (1.0 - COVERAGE) < 1.0 - 1e-9:
            return [("Sets", f"{by}; these are too few for 90 %")]
        return [
            ("Sets", f"for each row a set of classes can be given; it holds the true one in 90 % of new rows; {by}")
        ]
    if about["typical"] is None:
        return [("Intervals", f"{by}; these are too few for 90 %")]
    low, high = (f"answer {'−' if end < 0 else '+'} {score(abs(end))}" for end in about["typical"])
    words = f"for a typical row the interval of 90 % is {low} … {high}"
    return [("Intervals", f"{words}; {by}")]


def uncertainty_document(known: Uncertainty | None) -> dict[str, Any] | None:
    """Return the same as plain data: `kind`, `rows`, `typical`: ends of an interval about the answer, or None."""
    from descend.models.uncertainty.numbers import NumberUncertainty

    if known is None:
        return None
    if not isinstance(known, NumberUncertainty):
        return {"kind": "classes", "rows": known.scores.rows, "typical": None}
    ends = known.typical(COVERAGE)
    typical = None if ends is None else ends[0].tolist()
    return {"kind": "numbers", "rows": known.outputs[0].scores.rows, "typical": typical}
