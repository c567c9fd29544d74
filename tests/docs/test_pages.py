"""What README, CONTRIBUTING and the pages say of files and names is there, and the code of how-it-works runs."""

import importlib
import re
from pathlib import Path

import joblib
import numpy as np
import pytest

from descend import engine
from descend.spec.data import Data
from descend.spec.network import make_spec
from descend.spec.plan import Plan
from descend.spec.schedules import StepSizes
from descend.spec.state import FINISHED, RunState
from descend.training.executors import Group, Threads
from descend.training.restarts import run_restarts
from descend.training.run import Run

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "src/descend/engine/README.md"]
PAGES += [ROOT / "SECURITY.md"]
PAGES += sorted((ROOT / "docs").rglob("*.md"))
TOPS = [ROOT / name for name in ("src", "tests", "tools", "docs", "examples", "benchmarks")]
FILES = [path.relative_to(ROOT).as_posix() for top in TOPS for path in (top, *top.rglob("*"))]
NAMED = re.compile(r"`([\w./-]+(?:\.py|\.hpp|\.cpp|/))`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_and_folders_that_a_page_names_are_there(page):
    named = set(NAMED.findall(page.read_text(encoding="utf-8")))
    gone = [name for name in named if not any(f"/{path}".endswith(f"/{name.rstrip('/')}") for path in FILES)]
    assert gone == []


def test_modules_and_names_that_the_pages_and_docstrings_write_out_are_there():
    texts = [page.read_text(encoding="utf-8") for page in PAGES]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    named = {name for text in texts for name in re.findall(r"(?:`|:: )(descend(?:\.\w+)+)(?:`|$)", text, re.MULTILINE)}
    assert len(named) > 20
    assert sorted(name for name in named if not is_there(name)) == []


def is_there(name):
    """Whether a dotted name is a module of the package, or is found in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            found = getattr(found, attribute, None)
        return found is not None
    return False


def test_executor_of_how_it_works_gives_the_same_bits():
    page = (ROOT / "docs" / "engine" / "how-it-works.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    told = {}
    exec(code, told)
    random = np.random.default_rng(0)
    data = Data(random.normal(size=(40, 3)), random.normal(size=(40, 2)))
    plan = Plan(make_spec([3, 5, 2], "tanh"), np.dtype(float), 40, 0, 8 * 40, StepSizes(0.05, "cosine", 8 * 40))
    thetas = []
    for executor in (Threads(engine), told["in_processes"]):
        states = [RunState(plan) for _ in range(3)]
        for number, state in enumerate(states):
            state.theta[:] = np.random.default_rng(number).normal(size=len(state.theta))
        with joblib.parallel_config(backend="threading"):  # processes would take seconds to start
            run_restarts(Run(Group(plan, data, states)), executor)
        assert [state.status for state in states] == [FINISHED] * 3
        thetas.append([state.theta.tobytes() for state in states])
    assert thetas[0] == thetas[1]
