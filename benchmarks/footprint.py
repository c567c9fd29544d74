"""What it costs to have us around: start-up, memory peak, size on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks import measure
from benchmarks.machine import installed
from benchmarks.results import Line, Result
from benchmarks.table import Options

STARTS = {
    "ours": ("-c", "import descend; descend.Network"),
    "descend --help": ("-m", "descend", "--help"),
    "bare Python": ("-c", "pass"),
    "NumPy": ("-c", "import numpy"),
    "PyTorch": ("-c", "import torch"),
    "scikit-learn": ("-c", "import sklearn.neural_network"),
    "JAX": ("-c", "import jax"),
}
FLOORS = ("bare Python", "NumPy")
PACKAGES = {"PyTorch": "torch", "scikit-learn": "scikit-learn", "JAX": "jax"}
FOLDERS = {"ours": ("descend",), "PyTorch": ("torch",), "scikit-learn": ("sklearn", "scipy"), "JAX": ("jax", "jaxlib")}
ROWS = 60_000


def run_startup(options: Options) -> Result:
    """Time from the start of a fresh Python to the end of the import, files in the cache of the system."""
    wanted = {name: command for name, command in STARTS.items() if name not in PACKAGES or installed(PACKAGES[name])}
    runs = {name: _process(command) for name, command in wanted.items()}
    for run in runs.values():
        run()
    times = measure.in_turn(runs, options.repeats)
    lines = [
        Line(f"start-up, {title}", 1e3 * times[one].median, name, 1e3 * times[name].median, "ms", ratio)
        for title, one in (("`import descend`, Network", "ours"), ("`descend --help`", "descend --help"))
        for name in runs
        if name in PACKAGES
        for ratio in [measure.ratio(times[name].wall, times[one].wall)]
    ]
    floor = ", ".join(f"{name} {1e3 * times[name].median:.0f} ms" for name in FLOORS)
    seconds = {name: one.wall for name, one in times.items()}
    return Result("start-up", "start-up", lines, [f"Start-up that nobody can go below: {floor}."], {"seconds": seconds})


def _process(command: tuple[str, ...]) -> measure.Run:
    def run() -> None:
        subprocess.run([sys.executable, *command], check=True, capture_output=True, env=_environment())

    return run


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "COLUMNS": "100"}


# ---------------------------------------------------------------- memory


def run_memory(options: Options) -> Result:
    """Peak of resident memory of a process that makes 60,000 × 784 float32 rows and trains 784-128-10 on them."""
    wanted = [name for name in ("ours", *PACKAGES) if name == "ours" or installed(PACKAGES[name])]
    peak = {name: _peak(name, options.engine) for name in ["rows alone", *wanted]}
    title = "memory peak, 784-128-10 on 60,000 rows (188 MB)"
    lines = [
        Line(title, peak["ours"], name, peak[name], "MB", measure.Ratio(*[peak[name] / peak["ours"]] * 3))
        for name in wanted[1:]
    ]
    notes = [f"The rows alone, in a Python with NumPy: {peak['rows alone']:.0f} MB."]
    return Result("memory", "memory peak", lines, notes, peak)


def _peak(name: str, engine: str) -> float:
    command = [sys.executable, "-m", "benchmarks.memory_job", name, engine, str(ROWS)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment())
    return float(ended.stdout.split()[-1])


# ---------------------------------------------------------------- size


def run_size(options: Options) -> Result:
    """Size of our wheel, and of the installed packages."""
    sizes = {name: total for name, folders in FOLDERS.items() if (total := sum(map(_folder_size, folders))) > 0}
    lines = [
        Line("installed size, without NumPy", sizes["ours"], name, sizes[name], "MB", measure.Ratio(*[ratio] * 3))
        for name in sizes
        if name != "ours"
        for ratio in [sizes[name] / sizes["ours"]]
    ]
    wheels = sorted(Path(sys.prefix, "wheels").glob("descend-*.whl"))
    notes = [f"Size of the wheel: {wheel.stat().st_size / 1e6:.2f} MB ({wheel.name})." for wheel in wheels[-1:]]
    missing = ["The size of the wheel is skipped: `make bench` builds it."]
    return Result("size", "size on disk", lines, notes or missing, {"installed_MB": sizes})


def _folder_size(package: str) -> float:
    """MB of a package's folder and of the libraries beside it, without byte code."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return 0.0
    folder = Path(spec.origin).parent
    beside = folder.parent / f"{_distribution(package)}.libs"
    return sum(path.stat().st_size for place in (folder, beside) for path in _files(place)) / 1e6


def _distribution(package: str) -> str:
    return "scikit_learn" if package == "sklearn" else package


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
