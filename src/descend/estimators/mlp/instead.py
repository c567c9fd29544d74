"""Methods that only the other kind of estimator has: asking for one says what to use."""

from __future__ import annotations

from typing import Any, NoReturn


class Instead:
    """A method that is not there, so that `hasattr` is False; its AttributeError says which one is.

    Parameters
    ----------
    use : str
        The method that is there.
    predicts : str
        What the estimator predicts.

    Examples
    --------
    >>> class Numbers:
    ...     predict_set = Instead("predict_interval", "numbers")
    >>> hasattr(Numbers(), "predict_set")
    False
    >>> Numbers().predict_set
    Traceback (most recent call last):
    AttributeError: Numbers has no predict_set: it predicts numbers. Use `predict_interval`.
    """

    def __init__(self, use: str, predicts: str) -> None:
        self.use, self.predicts, self.name = use, predicts, ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, estimator: Any, owner: type) -> NoReturn:
        raise AttributeError(
            f"{owner.__name__} has no {self.name}: it predicts {self.predicts}. Use `{self.use}`.",
            name=self.name,
            obj=owner if estimator is None else estimator,
        )
