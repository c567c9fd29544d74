"""Build the wheel, look into it, install it alone into an empty environment, and let it train and predict there.

A wheel holds the compiled engine, the bundled tables and ``engine/portable/descend_forward.hpp``, which users compile
with their own programs; no other header, no source of the engine, nothing of the tests.

Usage: ``python tools/check_wheel.py [WHEEL]``; without a wheel, one is built. Exit 1 if anything is missing, too
much, or does not work.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = "descend/engine/portable/descend_forward.hpp"
PAGE = ("index.html", "descend.js", "descend.css", "page.js", "icon.svg", "licences.md")
NEEDED = (HEADER, "descend/py.typed", "descend/tables/datasets/penguins.csv", "descend/tables/datasets/README.md")
NEEDED += tuple(f"descend/play/static/{name}" for name in PAGE)
SOURCES = re.compile(r"\.(hpp|h|cpp|cmake)$|CMakeLists\.txt$|(^|/)tests/|play/front/|\.pyc$")

TRAINS = """
import descend, pathlib, sys
folder = pathlib.Path(sys.argv[1])
assert not pathlib.Path(descend.__file__).is_relative_to(sys.argv[2]), descend.__file__
X = [[i / 10, (i * 7 % 10) / 10] for i in range(60)]
options = {"restarts": 4, "early_stopping": "loss", "max_iter": 60, "random_state": 0}
net = descend.MLPRegressor((8,), **options).fit(X, [a * b for a, b in X])
net.save(folder / "net.descend")
again = descend.load(folder / "net.descend")
assert (again.predict(X) == net.predict(X)).all()
training = descend.Network([2, 4, 1], seed=0).fit(X, [a + b for a, b in X], epochs=5, restarts=2)
assert training.finished and training.best.predict(X).shape == (60, 1)
print("trains and predicts with", descend.__version__)
"""


def built(folder: Path) -> Path:
    """Build the wheel of this repository into a folder."""
    command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-build-isolation", "--no-deps"]
    subprocess.run([*command, "-C", "build-dir=build/wheel", "-w", str(folder), str(ROOT)], check=True)
    return next(folder.glob("*.whl"))


def problems_of(names: list[str]) -> list[str]:
    """Return what a wheel with these files lacks, and what it should not hold.

    Examples
    --------
    >>> problems_of([*NEEDED, "descend/__init__.py", "descend/engine/_engine.so"])
    []
    >>> problems_of([*NEEDED[1:], "descend/engine/_engine.so", "descend/engine/numbers/vec.hpp"])
    ['it lacks descend/engine/portable/descend_forward.hpp', 'it holds descend/engine/numbers/vec.hpp']
    """
    lacking = [f"it lacks {name}" for name in NEEDED if name not in names]
    if not any(re.match(r"descend/engine/_engine\.[\w.-]*(so|pyd)$", name) for name in names):
        lacking.append("it lacks the compiled engine")
    return lacking + [f"it holds {name}" for name in names if SOURCES.search(name) and name != HEADER]


def works_alone(wheel: Path, folder: Path) -> bool:
    """Whether the wheel, installed into an environment that has nothing else, trains and predicts."""
    venv.create(folder / "empty", with_pip=True)
    python = folder / "empty" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    quiet = ["-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([python, *quiet, wheel], check=True)
    command = [python, "-I", "-c", TRAINS, str(folder), str(ROOT)]
    return subprocess.run(command, cwd=folder, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    """Check a wheel; return the exit code."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = Path(arguments[0]).resolve() if arguments else built(folder)
        with zipfile.ZipFile(wheel) as archive:
            problems = problems_of(archive.namelist())
        if not problems and not works_alone(wheel, folder):
            problems = ["installed alone it does not train and predict"]
        print("\n".join(f"{wheel.name}: {problem}" for problem in problems or ["complete; works alone"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
