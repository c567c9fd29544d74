"""The loss of one output with the numbers plugged in: how each L is written out, from squared to Poisson."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from descend.describe.sums import difference

Write: TypeAlias = Callable[[float], str]


def loss_term(name: str, value: Write, y: float, v: float, p: float) -> str:
    """Write the loss of one output; a term that is 0 whatever v is may be "".

    Parameters
    ----------
    name : str
        Of the loss, or ``"softmax"`` for the log-loss of softmax outputs.
    value : callable
        Writes a number.
    y, v, p : float
        Target, output, and the loss's parameter (threshold of huber, level of quantile).

    Examples
    --------
    >>> loss_term("squared", str, 1.0, 0.75, 0.0), loss_term("log_loss", str, 0.0, 0.25, 0.0)
    ('½·(0.75 − 1.0)²', '−ln(1 − 0.25)')
    """
    return _TERMS[name](value, y, v, p)


def _squared(value: Write, y: float, v: float, p: float) -> str:
    return f"½·({difference(value, v, y)})²"


def _absolute(value: Write, y: float, v: float, p: float) -> str:
    return f"|{difference(value, v, y)}|"


def _huber(value: Write, y: float, v: float, p: float) -> str:
    if abs(v - y) <= p:
        return _squared(value, y, v, p)
    return f"{value(p)}·({_absolute(value, y, v, p)} − ½·{value(p)})"


def _quantile(value: Write, y: float, v: float, p: float) -> str:
    if y > v:
        return f"{value(p)}·({difference(value, y, v)})"
    return f"{value(1.0 - p)}·({difference(value, v, y)})"


def _poisson(value: Write, y: float, v: float, p: float) -> str:
    if y == 0:
        return value(v)
    return f"({difference(value, v, y)} + {value(y)}·ln({value(y)}/{value(v)}))"


def _sigmoid_log_loss(value: Write, y: float, v: float, p: float) -> str:
    if y in (0.0, 1.0):
        return f"−ln {value(v)}" if y else f"−ln(1 − {value(v)})"
    return f"−({value(y)}·ln {value(v)} + {value(1.0 - y)}·ln(1 − {value(v)}))"


def _softmax_log_loss(value: Write, y: float, v: float, p: float) -> str:
    if y == 0:
        return ""
    return f"−ln {value(v)}" if y == 1 else f"−{value(y)}·ln {value(v)}"


_TERMS: dict[str, Callable[[Write, float, float, float], str]] = {
    "squared": _squared,
    "absolute": _absolute,
    "huber": _huber,
    "quantile": _quantile,
    "poisson": _poisson,
    "log_loss": _sigmoid_log_loss,
    "softmax": _softmax_log_loss,
}
