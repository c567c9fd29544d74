"""One thread for one page: its session is asked from there alone, in the order in which the page speaks."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class Worker:
    """A thread that does what it is given, one after another, in the context in which it was made.

    Unlike those of an executor it does not keep a process alive that was told to end.

    Examples
    --------
    >>> worker = Worker()
    >>> worker.do(sum, [1, 2]).result()
    3
    >>> worker.stop()
    """

    def __init__(self) -> None:
        self._given: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._work,), name="descend page", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many calls have not begun."""
        return self._given.qsize()

    def do(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call a function after all that was given before, and return where its result will be."""
        result: Future[Any] = Future()
        self._given.put((result, lambda: function(*arguments)))
        return result

    def stop(self) -> None:
        """End the thread after what was given."""
        self._given.put(None)

    def wait(self, seconds: float) -> None:
        """Wait until the thread has ended, `seconds` at most."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while (given := self._given.get()) is not None:
            result, call = given
            if not result.set_running_or_notify_cancel():
                continue
            try:
                answer = call()
            except Exception as error:
                result.set_exception(error)
            except BaseException as error:  # of polars: no `Exception`, but no order to stop either
                result.set_exception(RuntimeError(f"{type(error).__name__}: {error}"))
            else:
                result.set_result(answer)
            del given, result, call  # a thread that waits must hold nothing of what it has done
