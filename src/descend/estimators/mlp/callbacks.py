"""scikit-learn's callbacks (1.9 and later): hooks around fit and after each epoch; nothing where it has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descend.training.observers import Observer
from descend.training.run import Run

__all__ = ["CallbackSupport", "FitCallbacks", "has_callbacks", "with_callbacks"]

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:  # scikit-learn before 1.9

    class CallbackSupport:  # type: ignore[no-redef]
        """No callbacks here."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method as it is."""
        return method


class FitCallbacks(Observer):
    """Passes the events of one call of fit, with X and y as the user gave them, on to scikit-learn's callbacks.

    `as_if_fitted` says which attributes the estimator would have if fit stopped now.
    """

    def __init__(
        self, estimator: Any, X: Any, y: Any, epochs: int, as_if_fitted: Callable[[Run], dict[str, Any]]
    ) -> None:
        self._about = {"estimator": estimator, "X": X, "y": y}
        self._as_if_fitted = as_if_fitted
        self._context = estimator._init_callback_context(max_subtasks=epochs)
        self._context.call_on_fit_task_begin(**self._about)

    def epoch(self, run: Run) -> bool:
        """Tell the callbacks; true asks for a stop."""
        epoch = self._context.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(**self._about)
        return bool(epoch.call_on_fit_task_end(**self._about, reconstruction_attributes=self._as_if_fitted(run)))

    def fit_end(self) -> None:
        """Tell the callbacks that fit is over, lbfgs too, and the estimator fitted."""
        self._context.call_on_fit_task_end(**self._about, reconstruction_attributes={})


def has_callbacks(estimator: Any) -> bool:
    """Whether anybody wants to be told; a pipeline's callbacks have been passed on to it."""
    return bool(getattr(estimator, "_skl_callbacks", None))
