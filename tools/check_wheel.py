"""Build sdist and wheel, look into them, install the wheel alone into an empty environment, and let it work there.

A wheel holds the compiled engine, the bundled tables and ``engine/portable/descend_forward.hpp``, which users compile
with their own programs; no other header, no source of the engine, nothing of the tests. An sdist holds the page of the
playground as it is built; the wheel is built from it where there is no Node. Alone, without the extras, the library
trains and predicts, and whatever needs more says which extra brings it.

Usage: ``python tools/check_wheel.py [WHEEL]``; without a wheel, one is built. Exit 1 if anything is missing, too
much, or does not work.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEADER = "descend/engine/portable/descend_forward.hpp"
PAGE = ("index.html", "descend.js", "descend.css", "page.js", "icon.svg", "licences.md")
NEEDED = (HEADER, "descend/py.typed", "descend/tables/datasets/penguins.csv", "descend/tables/datasets/README.md")
NEEDED += tuple(f"descend/play/static/{name}" for name in PAGE)
NEEDED += ("descend/report/templates/report.html", "descend/report/templates/report.css")
SOURCES = re.compile(r"\.(hpp|h|cpp|cmake)$|CMakeLists\.txt$|(^|/)tests/|play/front/|\.pyc$")

TRAINS = """
import descend, pathlib, sys
from descend.clusters.dask_address import connected
folder = pathlib.Path(sys.argv[1])
assert not pathlib.Path(descend.__file__).is_relative_to(sys.argv[2]), descend.__file__
X = [[i / 10, (i * 7 % 10) / 10] for i in range(60)]
options = {"restarts": 4, "early_stopping": "loss", "max_iter": 60, "random_state": 0}
net = descend.MLPRegressor((8,), **options).fit(X, [a * b for a, b in X])
net.save(folder / "net.descend")
again = descend.load(folder / "net.descend")
assert (again.predict(X) == net.predict(X)).all()
training = descend.Network([2, 4, 1], seed=0).fit(X, [a + b for a, b in X], epochs=5, restarts=2, verbose=True)
assert training.finished and training.best.predict(X).shape == (60, 1)
mixed = [[f"level {i % 3}", i / 10, None if i % 7 == 0 else i % 5] for i in range(60)]
tabular = descend.TabularClassifier(quality="fast", random_state=0).fit(mixed, ["yes", "no", "no"] * 20)
tabular.save(folder / "tabular.descend")
assert (descend.load(folder / "tabular.descend").predict(mixed) == tabular.predict(mixed)).all()
print("trains and predicts with", descend.__version__)

def refused(work):
    try:
        work()
    except descend.SpecError as error:
        return str(error)
    return "not refused"

WITHOUT = {
    "reading files needs polars; install it with: pip install 'descend[cli]'": lambda: descend.as_table("a.csv"),
    "descend.watch needs anywidget; install it with: pip install 'descend[notebook]'": descend.watch,
    "to_torch needs torch; install it with: pip install torch": training.best.to_torch,
    "a report needs matplotlib, jinja2; install it with: pip install 'descend[report]'":
        lambda: training.report("a.html"),
    "LossCurveDisplay.plot needs matplotlib; install it with: pip install 'descend[plot]'":
        lambda: descend.LossCurveDisplay.from_training(training).plot(),
    "--cluster needs dask, distributed; install it with: pip install 'descend[dask]'":
        lambda: connected("dask:localhost:8786").__enter__(),
}
for expected, work in WITHOUT.items():
    assert refused(work) == expected, (expected, refused(work))
print("says", len(WITHOUT), "times which extra is missing")
"""
COMMAND_LINE = "Error: the command line needs typer, rich, polars; install it with: pip install 'descend[cli]'\n"


def built(folder: Path) -> Path:
    """Build the sdist of this repository, and of that alone the wheel, without Node, into a folder."""
    code = f"from scikit_build_core.build import build_sdist; build_sdist({str(folder)!r})"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "sdist", filter="data")
    source = next((folder / "sdist").iterdir())
    command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-build-isolation", "--no-deps", "-w", str(folder)]
    subprocess.run([*command, str(source)], check=True, env=os.environ | {"PATH": _path_without_node(folder)})
    return next(folder.glob("*.whl"))


def _path_without_node(folder: Path) -> str:
    """Return a PATH on which there is no Node, whatever else is in its folder."""
    kept = []
    for place in map(Path, os.environ["PATH"].split(os.pathsep)):
        if shutil.which("node", path=str(place)) is None:
            kept.append(str(place))
            continue
        kept.append(str(folder / f"path-{len(kept)}"))
        Path(kept[-1]).mkdir()
        for one in place.iterdir():
            if one.stem not in ("node", "npm", "npx"):
                Path(kept[-1], one.name).symlink_to(one)
    path = os.pathsep.join(kept)
    assert shutil.which("node", path=path) is None
    return path


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
    """Whether the wheel, installed into an environment that has nothing else, trains, predicts, and says what lacks."""
    venv.create(folder / "empty", with_pip=True)
    python = folder / "empty" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    quiet = ["-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([python, *quiet, wheel], check=True)
    command = [python, "-I", "-c", TRAINS, str(folder), str(ROOT)]
    works = subprocess.run(command, cwd=folder, check=False).returncode == 0
    for started in ([python.with_name("descend")], [python, "-I", "-m", "descend"]):
        left = subprocess.run([*started, "train", "a.csv"], cwd=folder, check=False, capture_output=True, text=True)
        if (left.returncode, left.stdout, left.stderr) != (1, "", COMMAND_LINE):
            print(f"{started[-1]} without its extra: exit code {left.returncode}, {left.stdout}{left.stderr}")
            works = False
    return works


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
