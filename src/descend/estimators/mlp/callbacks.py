"""scikit-learn's callbacks (1.9 and later): hooks around fit and after each epoch; nothing where it has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["CallbackSupport", "EpochHooks", "has_callbacks", "with_callbacks"]

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:  # scikit-learn before 1.9

    class CallbackSupport:  # type: ignore[no-redef]
        """No callbacks here."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method as it is."""
        return method


class EpochHooks:
    """The hooks of one call of fit.

    Parameters
    ----------
    estimator : estimator
        The one that is being fitted.
    X, y : array_like
        As the user gave them.
    epochs : int
        Planned.
    """

    def __init__(self, estimator: Any, X: Any, y: Any, epochs: int) -> None:
        self._estimator, self._data = estimator, {"X": X, "y": y}
        self._context = estimator._init_callback_context(max_subtasks=epochs)
        self._context.call_on_fit_task_begin(estimator=estimator, **self._data)

    def after_epoch(self, current: dict[str, Any]) -> bool:
        """Tell the callbacks; `current` are the attributes as if fit had stopped now; true asks for a stop."""
        epoch = self._context.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(estimator=self._estimator, **self._data)
        stop = epoch.call_on_fit_task_end(estimator=self._estimator, **self._data, reconstruction_attributes=current)
        return bool(stop)

    def end(self) -> None:
        """Tell the callbacks that fit is over."""
        self._context.call_on_fit_task_end(estimator=self._estimator, **self._data, reconstruction_attributes={})


def has_callbacks(estimator: Any) -> bool:
    """Whether anybody wants to be told; a pipeline's callbacks have been passed on to it."""
    return bool(getattr(estimator, "_skl_callbacks", None))
