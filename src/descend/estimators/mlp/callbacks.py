"""scikit-learn's callbacks (1.9 and later): hooks around fit and after each of its tasks; nothing where it has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descend.training.observers import Observer
from descend.training.run import Run

__all__ = ["CallbackSupport", "EpochCallbacks", "FitCallbacks", "fit_callbacks", "with_callbacks"]

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupport
    from sklearn.callback import with_callbacks
except ImportError:  # scikit-learn before 1.9

    class CallbackSupport:  # type: ignore[no-redef]
        """No callbacks here."""

    def with_callbacks(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method as it is."""
        return method


class FitCallbacks:
    """Passes the events of one call of fit on to scikit-learn's callbacks.

    Parameters
    ----------
    estimator : object
        That is fitted.
    given : dict
        X, y and sample_weight, as the user gave them.
    tasks : int
        Into how many parts the fit falls, at the most.
    """

    def __init__(self, estimator: Any, given: dict[str, Any], tasks: int) -> None:
        weight = given.pop("sample_weight")
        metadata = None if weight is None else {"sample_weight": weight}
        self._about = {"estimator": estimator, **given, "metadata": metadata}
        self._context = estimator._init_callback_context(max_subtasks=tasks)
        self._context.call_on_fit_task_begin(**self._about)

    def task(self, name: str, as_if_fitted: Callable[[], dict[str, Any] | None]) -> bool:
        """Tell that a part is done; true asks for a stop.

        Parameters
        ----------
        name : str
            Of the part.
        as_if_fitted : callable
            Returns the attributes that the estimator would have if fit stopped now, or None if it would have none; is
            called only if a callback wants them.
        """
        task = self._context.subcontext(task_name=name)
        task.call_on_fit_task_begin(**self._about)
        return bool(task.call_on_fit_task_end(**self._about, reconstruction_attributes=as_if_fitted))

    def fit_end(self) -> None:
        """Tell that fit is over, lbfgs too, and the estimator fitted."""
        self._context.call_on_fit_task_end(**self._about, reconstruction_attributes={})


class EpochCallbacks(Observer):
    """Tells callbacks of every epoch; `as_if_fitted` says what the estimator would be if fit stopped there."""

    def __init__(self, callbacks: FitCallbacks, as_if_fitted: Callable[[Run], dict[str, Any] | None]) -> None:
        self._callbacks, self._as_if_fitted = callbacks, as_if_fitted

    def epoch(self, run: Run) -> bool:
        """Tell the callbacks; true asks for a stop."""
        return self._callbacks.task("epoch", lambda: self._as_if_fitted(run))


def fit_callbacks(estimator: Any, tasks: int, **given: Any) -> FitCallbacks | None:
    """Begin to tell callbacks of a fit; None if nobody wants to be told. A pipeline has passed its own on by then."""
    return FitCallbacks(estimator, given, tasks) if getattr(estimator, "_skl_callbacks", None) else None
