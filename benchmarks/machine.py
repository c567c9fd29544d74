"""The machine: one thread for everybody, what hardware it is, and the peak of its matrix product."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

PEERS = ("numpy", "torch", "scikit-learn", "jax", "jaxlib", "onnxruntime", "lightgbm", "catboost", "polars", "pandas")
PEAK_SIZES = (512, 1024, 2048)
_CORES = "DESCEND_BENCHMARK_CORES"  # set in the pinned process: the cores that it may use for rows of several threads

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    "JAX_PLATFORMS": "cpu",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
CPUINFO = {"family": "cpu family", "model": "model", "stepping": "stepping"}
# Set on some machines for the sake of old builds of OpenBLAS; they make a current NumPy slower.
OPENBLAS_OVERRIDES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def pin() -> None:
    """Start this program anew on one core with one thread for every library, unless that has been done.

    The libraries read these settings when they are loaded, so they must be there from the start.
    """
    if _CORES in os.environ:
        return
    cores = sorted(os.sched_getaffinity(0))
    settings = {name: value for name, value in os.environ.items() if name not in OPENBLAS_OVERRIDES}
    settings |= ONE_THREAD | {_CORES: ",".join(map(str, cores))}
    os.sched_setaffinity(0, cores[-1:])
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]], settings)


def all_cores() -> set[int]:
    """Return the cores that the program was given before it pinned itself to one."""
    given = os.environ.get(_CORES)
    return {int(core) for core in given.split(",")} if given else os.sched_getaffinity(0)


@contextmanager
def unpinned() -> Iterator[int]:
    """Give all cores to the block; yields their number."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, all_cores())
    try:
        yield len(all_cores())
    finally:
        os.sched_setaffinity(0, before)


def sgemm_peak() -> tuple[float, int]:
    """Best GFLOP/s of NumPy's float32 matrix product on one thread, and the size of the matrices that reached it."""
    rates = {size: _sgemm_rate(size) for size in PEAK_SIZES}
    best = max(rates, key=lambda size: rates[size])
    return rates[best], best


def _sgemm_rate(size: int) -> float:
    A = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    C = np.empty_like(A)
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        np.matmul(A, A, out=C)
        seconds.append(time.perf_counter() - start)
    return 2.0 * size**3 / statistics.median(seconds[2:]) / 1e9


def facts(engine: str) -> dict[str, Any]:
    """Return what a result must say about where it comes from: processor, cores, versions, kernels, load, time."""
    from descend import __version__

    return {
        "time": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "processor": _processor(),
        "model": _model(),
        "cores": len(all_cores()),
        "system": platform.platform(),
        "python": platform.python_version(),
        "descend": __version__,
        "engine": engine,
        "isa": _isa(engine),
        "versions": {name: version for name in PEERS if (version := installed(name))},
        "blas": _blas(),
        "load_at_start": os.getloadavg()[0],
    }


def in_words() -> str:
    """Return the machine in a line: processor, cores, Python."""
    return f"{_processor()}, {len(all_cores())} cores, Python {platform.python_version()}"


def installed(package: str) -> str | None:
    """Version of an installed package; None if it is missing."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _isa(engine: str) -> str:
    if engine != "native":
        return "none: NumPy"
    from descend import engine as door

    return str(door.isa())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    widest = next((flag for flag in ("avx512f", "avx2", "avx") if flag in flags), "no AVX")
    return f"{name} ({widest})"


def _model() -> str:
    """Family, model and stepping of the processor, and its caches: clouds sell several by one name."""
    from benchmarks.peaks import levels

    try:
        lines = [line.partition(":") for line in Path("/proc/cpuinfo").read_text().splitlines()]
    except OSError:
        lines = []
    known = {name.strip(): value.strip() for name, _, value in reversed(lines)}
    numbers = [f"{name} {known[key]}" for name, key in CPUINFO.items() if key in known]
    return ", ".join([*numbers, *(f"{name} {size // 2**10:,} KB" for name, size in levels().items())])


def _blas() -> str:
    """Which BLAS, and which of its kernels, NumPy runs here."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown: threadpoolctl is missing"
    found = [info for info in threadpool_info() if info["user_api"] == "blas"]
    return "; ".join(
        f"{info['internal_api']} {info['version']}, kernel {info.get('architecture', '?')}, "
        f"{info['num_threads']} thread"
        for info in found[:1]
    )
