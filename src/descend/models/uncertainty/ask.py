"""What a model is asked of its residuals, and the errors that say why it cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descend.errors import DataError
from descend.models.uncertainty.calibrate import Uncertainty
from descend.models.uncertainty.classes import ClassUncertainty
from descend.models.uncertainty.numbers import NumberUncertainty


def known_numbers(known: Uncertainty | None, classes: bool, who: str, reason: str) -> NumberUncertainty:
    """Return what is known of the residuals of numbers.

    Parameters
    ----------
    known : NumberUncertainty, ClassUncertainty or None
        What the model keeps.
    classes : bool
        Whether it predicts classes.
    who : str
        The method that asks.
    reason : str
        Why nothing is known, if so, and what can be done.

    Raises
    ------
    DataError
        If the model predicts classes, or nothing is known.

    Examples
    --------
    >>> known_numbers(None, True, "predict_interval", "")
    Traceback (most recent call last):
        ...
    descend.errors.DataError: predict_interval: the model must predict numbers; it predicts classes. Use `predict_set`.
    """
    if classes:
        raise DataError(f"{who}: the model must predict numbers; it predicts classes. Use `predict_set`.")
    if not isinstance(known, NumberUncertainty):
        raise DataError(f"{who}: {reason}")
    return known


def known_classes(known: Uncertainty | None, classes: bool, who: str, reason: str) -> ClassUncertainty:
    """Return what is known of the probabilities of classes; parameters and errors as of `known_numbers`."""
    if not classes:
        raise DataError(f"{who}: the model must predict classes; it predicts numbers. Use `predict_interval`.")
    if not isinstance(known, ClassUncertainty):
        raise DataError(f"{who}: {reason}")
    return known


def why_unknown(record: Mapping[str, Any]) -> str:
    """Say why a model of a table keeps no residuals.

    Examples
    --------
    >>> why_unknown({"descend": "0.4.0"})
    'the model must keep residuals of rows that it has not learnt; this one, of descend 0.4.0, has none: ...'
    """
    version = record.get("descend")
    by = f", of descend {version}," if isinstance(version, str) else ""
    if record.get("distilled"):
        return (
            "the model must keep residuals of rows that it has not learnt; this one has none: it imitates another "
            "model. Ask that one."
        )
    return (
        f"the model must keep residuals of rows that it has not learnt; this one{by} has none: it learnt without "
        "validation rows, or its file was written before they were kept. Train it again, with validation rows."
    )
