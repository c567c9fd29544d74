"""Tasks on any other engine of joblib, such as Ray or Spark: they are what `joblib.Parallel` runs."""

from __future__ import annotations

import contextlib
import math
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

from descend.clusters.alike import NO_DESCEND, makeup, refusal
from descend.clusters.sealed import pack_whole, write_sealed
from descend.clusters.work import Missing, SealedFile, Shared, carry_out, ctrl_c_left, here
from descend.errors import ClusterError, DescendError

Call = Callable[[], tuple[Any, ...] | None]
AGAIN = 3  # times that tasks are sent whose worker died, at the most
MOST_SPARE = 2  # tasks that wait for a worker, for each that runs


class JoblibTasks:
    """The workers of a backend of joblib.

    Parameters
    ----------
    backend : joblib.parallel.ParallelBackendBase
        That is active.
    n_jobs : int or None
        What the context says; None: the backend decides.
    """

    def __init__(self, backend: Any, n_jobs: int | None) -> None:
        self.backend, self.n_jobs = backend, n_jobs
        self.name = _name(backend)
        self._makeup = makeup()
        self._folder: Path | None = None
        self._shared: dict[str, Shared] = {}
        self._kept: dict[str, Any] = {}
        self._parallel: Any = None
        _check_environment(self.name)

    def slots(self) -> int:
        """Tasks that run at once, at least 1."""
        with self._words():
            return max(1, int(self.backend.effective_n_jobs(-1 if self.n_jobs is None else self.n_jobs)))

    # ------------------------------------------------------------ what all tasks read

    def share(self, thing: object) -> str:
        """Put something where every machine finds it: Ray's store, Spark's files, else a file that workers can read."""
        token = secrets.token_hex(8)
        if self.name == "ray":
            self._shared[token] = Shared(token, _InRay(_ray_put(thing)))
            return token
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="descend-"))
        path = self._folder / f"descend-{token}"
        try:
            write_sealed(thing, path)
        except OSError as error:
            raise ClusterError(
                f'cluster: the rows cannot be written to "{path}" ({error.strerror or error}). Name a folder with '
                "room that the workers can read in the environment variable TMPDIR."
            ) from error
        fetch: Callable[[], Any] = SealedFile(str(path))
        if self.name == "spark":
            fetch = _InSpark(path.name)
            with self._words():
                _spark_session().sparkContext.addFile(str(path))
        self._shared[token] = Shared(token, fetch)
        return token

    def forget(self, token: str) -> None:
        """Let go of it."""
        self._shared.pop(token, None)
        if self._folder is not None:
            (self._folder / f"descend-{token}").unlink(missing_ok=True)

    # ------------------------------------------------------------ tasks

    def run(
        self,
        function: Callable[..., Any],
        token: str,
        calls: Sequence[Call],
        most: int | None = None,
        until: float = math.inf,  # noqa: ARG002
    ) -> Generator[tuple[int, Any], None, None]:
        """As of `DaskTasks`; results come all at the end where the engine can do no better, and all are waited for."""
        left, tries, whole = set(range(len(calls))), 0, False
        while left and not whole:
            try:
                for place, result in self._once(function, token, {place: calls[place] for place in sorted(left)}, most):
                    if isinstance(result, Missing):
                        raise ClusterError(
                            f"cluster: worker {result.worker} cannot read the rows. Name a folder that all workers see "
                            "in the environment variable TMPDIR."
                        )
                    left.discard(place)
                    yield place, result
                whole = True
            except (DescendError, KeyboardInterrupt, GeneratorExit):
                raise
            except Exception as error:
                tries += 1
                if tries > AGAIN or not _has_died(error):
                    raise self._told(error) from error
                self._end_parallel()

    def _once(
        self, function: Callable[..., Any], token: str, calls: dict[int, Call], most: int | None
    ) -> Generator[tuple[int, Any], None, None]:
        from joblib import delayed

        task, shared = delayed(_numbered), self._shared[token]
        tasks = (
            task(place, function, shared, self._makeup, pack_whole(arguments))
            for place, call in calls.items()
            if (arguments := call()) is not None
        )
        found = self._begun(most)(tasks)
        with contextlib.closing(iter(found) if not isinstance(found, list) else (one for one in found)) as results:
            yield from results

    def _begun(self, most: int | None) -> Any:
        """The `Parallel` that is kept while the training lasts: some engines start machines for each."""
        from joblib import Parallel

        if self._parallel is None:
            way = "generator_unordered" if self.backend.supports_return_generator else "list"
            jobs = min(most or sys.maxsize, self.slots())
            self._parallel = Parallel(
                jobs, backend=self.backend, batch_size=1, pre_dispatch=f"{MOST_SPARE}*n_jobs", return_as=way
            )
            with self._words():
                self._parallel.__enter__()
        return self._parallel

    def _end_parallel(self) -> None:
        parallel, self._parallel = self._parallel, None
        if parallel is not None:
            with contextlib.suppress(Exception):
                parallel.__exit__(None, None, None)

    def close(self) -> None:
        """Let the workers go, and all that is shared."""
        self._end_parallel()
        self._shared.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    @contextlib.contextmanager
    def _words(self) -> Iterator[None]:
        try:
            yield
        except (DescendError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise self._told(error) from error

    def _told(self, error: BaseException) -> BaseException:
        """Our error for what the engine says; an error of a task itself as it is."""
        if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] == "descend":
            return refusal(f'of joblib\'s engine "{self.name}"', [NO_DESCEND])
        if not _is_of_engine(error):
            return error
        said = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        hint = f" {SPARK_NEEDS}" if self.name == "spark" else " Try it with another function, to see whether it works."
        return ClusterError(f'cluster: joblib\'s engine "{self.name}" failed ({said}).{hint}')


SPARK_NEEDS = (
    "Spark 4 needs Java 17 or newer (JAVA_HOME), the package `packaging`, and PYSPARK_PYTHON: the Python, with "
    "descend, that its workers run."
)


def _check_environment(name: str) -> None:
    """Say what Spark needs before it fails with words that do not."""
    if name != "spark":
        return
    from importlib.util import find_spec

    missing = [one for one in ("pyspark", "joblibspark", "packaging") if find_spec(one) is None]
    if missing:
        raise ClusterError(
            f"cluster: Spark needs {', '.join(missing)}; install it with: pip install {' '.join(missing)}. "
            f"{SPARK_NEEDS}"
        )


def _name(backend: Any) -> str:
    """What an engine is called: "ray", "spark", or the name of its class."""
    module = type(backend).__module__.split(".")[0]
    return {"ray": "ray", "joblibspark": "spark"}.get(module, type(backend).__name__)


def _is_of_engine(error: BaseException) -> bool:
    """Whether the engine failed, rather than a task."""
    module = type(error).__module__.split(".")[0]
    return module in ("joblib", "ray", "pyspark", "py4j", "joblibspark") or isinstance(error, OSError | TypeError)


def _has_died(error: BaseException) -> bool:
    """Whether a worker ended before its task did."""
    return type(error).__name__ in ("TerminatedWorkerError", "RayActorError", "ActorDiedError", "WorkerCrashedError")


def _spark_session() -> Any:
    from pyspark.sql import SparkSession

    return SparkSession.builder.getOrCreate()


def _ray_put(thing: object) -> Any:
    import ray

    return ray.put(thing)


# ---------------------------------------------------------------- on the workers


def _numbered(
    place: int, function: Callable[..., Any], shared: Shared, asked_by: Any, packed: bytes
) -> tuple[int, Any]:
    import pickle

    with ctrl_c_left():
        return place, carry_out(function, shared, asked_by, *pickle.loads(packed))


class _InRay:
    """Finds what is shared in Ray's store, which holds it once on each machine."""

    def __init__(self, reference: Any) -> None:
        self.reference = reference

    def __call__(self) -> Any:
        import ray

        return ray.get(self.reference)


class _InSpark:
    """Finds what is shared among Spark's files, which it sends once to each machine."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self) -> Any:
        from pyspark import SparkFiles

        found = SealedFile(SparkFiles.get(self.name))()
        return Missing(here()) if isinstance(found, Missing) else found
