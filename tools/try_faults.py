"""Put known faults into the code, one at a time, and see whether the tests notice them.

``tools/faults.toml`` holds the faults: a number, what it is in a few words, the file (below src/descend), the text that
is there, the text that is put in for it, and the tests (below tests) that must notice. Each is tried in a copy of this
repository in a temporary folder; the sources are not touched, whatever happens. One line per fault says which test
failed first, or NOT NOTICED; before that, all these tests must pass without a fault.

Faults in C++ need a build of the engine (minutes) and are left out without ``--build``.

Usage: ``python tools/try_faults.py [NUMBER …] [--build] [--jobs 2]``; exit 1 if a fault is not noticed, 2 if it cannot
be tried. Without numbers: all, about 10 minutes on two cores. After a change of code that a fault stands in,
tests/test_faults_list.py says so: write the fault anew at its new place, and try it.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import queue
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAULTS = ROOT / "tools" / "faults.toml"
LONGEST = 600  # seconds of one process
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "build", "dist", "_build", "*.part")
# The finder of an editable installation would lead from the copy back to the sources.
WITHOUT_FINDER = """import sys
sys.meta_path[:] = [one for one in sys.meta_path if "ScikitBuild" not in type(one).__name__]
"""


@dataclass(frozen=True)
class Fault:
    """One fault; `file` is below src/descend, `tests` are pytest's names below tests."""

    number: str
    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def needs_build(self) -> bool:
        """Whether it stands in C++."""
        return self.file.endswith((".hpp", ".cpp"))


def read_faults(path: Path = FAULTS) -> list[Fault]:
    """Return all faults of a list."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["fault"]
    return [Fault(**entry | {"tests": tuple(entry["tests"])}) for entry in entries]


def stale(faults: Sequence[Fault], root: Path = ROOT) -> list[str]:
    """Say which faults cannot be put in, or name a test that is not there; one line each."""
    problems, numbers = [], [fault.number for fault in faults]
    for fault in faults:
        path, where = root / "src" / "descend" / fault.file, f"tools/faults.toml: fault {fault.number}"
        count = path.read_text(encoding="utf-8").count(fault.old) if path.is_file() else 0
        if count != 1:
            problems.append(f"{where}: its old text must stand exactly once in {fault.file}; it does {count} times.")
        if fault.old == fault.new:
            problems.append(f"{where}: its new text is the old one.")
        if numbers.count(fault.number) != 1:
            problems.append(f"{where}: another fault has this number.")
        problems += [f"{where}: there is no test {test}." for test in fault.tests if not _is_there(root, test)]
    return problems


def _is_there(root: Path, test: str) -> bool:
    name, *inside = test.partition("[")[0].split("::")
    path = root / "tests" / name
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return path.is_file() and all(re.search(rf"^ *(def|class) {one}\b", text, re.MULTILINE) for one in inside)


def first_failed(output: str) -> str | None:
    r"""Return the first test that failed, or could not be begun, by what pytest printed.

    Examples
    --------
    >>> first_failed("...\nFAILED tests/test_a.py::test_b[one two] - assert 1 == 2\n1 failed\n")
    'tests/test_a.py::test_b[one two]'
    >>> first_failed("3 passed\n") is None
    True
    """
    found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", output, re.MULTILINE)
    return found[1] if found else None


class Copy:
    """A copy of the repository, with the compiled module, whose tests import the copy."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._package = folder, folder / "src" / "descend"
        shutil.copytree(ROOT, folder, ignore=NOT_COPIED, dirs_exist_ok=True)
        found = importlib.util.find_spec("descend.engine._engine")
        if found is None or found.origin is None:
            raise SystemExit("descend is not installed here: run `make test` first.")
        self._module = self._package / "engine" / Path(found.origin).name
        shutil.copyfile(found.origin, self._module)
        (folder / "first").mkdir()
        (folder / "first" / "sitecustomize.py").write_text(WITHOUT_FINDER, encoding="utf-8")
        path = os.pathsep.join([str(folder / "first"), str(folder / "src")])
        self._environment = os.environ | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        self._python("-m", "compileall", "-q", "src/descend")
        code = "import descend, descend.engine._engine as e; print(descend.__file__, e.__file__)"
        imported = self._python("-c", code)
        if imported.stdout.split() != [str(self._package / "__init__.py"), str(self._module)]:
            raise SystemExit(f"the copy imports {imported.stdout}{imported.stderr}, not itself.")

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )

    def run(self, tests: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
        """Run tests, up to the first that fails if so asked."""
        names = [f"tests/{test}" for test in tests]
        return self._python("-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *names)

    @contextmanager
    def having(self, fault: Fault) -> Iterator[None]:
        """Put the fault in, and take it out again."""
        path, module = self._package / fault.file, self._module.read_bytes()
        text = path.read_text(encoding="utf-8")
        # Python takes a compiled file for good if time and size of its source are the same.
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
        try:
            path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
            if fault.needs_build:
                self.build()
            yield
        finally:
            path.write_text(text, encoding="utf-8")
            self._module.write_bytes(module)

    def build(self) -> None:
        """Compile the engine of the copy, and put it in place."""
        scripts = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
        build, options = str(self.folder / "build"), ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"]
        python = f"-DPython_EXECUTABLE={sys.executable}"
        for command in (
            ["cmake", "-S", str(self._package / "engine"), "-B", build, *options, python],
            ["cmake", "--build", build, "--parallel", str(os.cpu_count() or 1)],
        ):
            environment = os.environ | {"PATH": scripts}
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        shutil.copyfile(Path(build) / self._module.name, self._module)


def tried(copy: Copy, fault: Fault) -> str | None:
    """Return the first test that notices the fault; None if none does."""
    with copy.having(fault):
        try:
            done = copy.run(fault.tests, "-x")
        except subprocess.TimeoutExpired:
            return f"no end within {LONGEST} seconds"
    if done.returncode == 0:
        return None
    failed = first_failed(done.stdout)
    if failed is None:
        raise SystemExit(f"fault {fault.number}: pytest failed, but no test did:\n{done.stdout}{done.stderr}")
    return failed


def pass_without(copy: Copy, faults: Sequence[Fault]) -> None:
    """Run the tests without a fault: what fails then notices nothing."""
    done = copy.run(sorted({test for fault in faults for test in fault.tests}))
    if done.returncode != 0:
        raise SystemExit(f"without any fault, tests fail:\n{done.stdout}{done.stderr}")


def try_all(faults: Sequence[Fault], folder: Path, jobs: int) -> int:
    """Try the faults in copies side by side, print what notices each; return how many are not noticed."""
    copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for job in range(jobs):
        copies.put(Copy(folder / str(job)))
    copy = copies.get()
    pass_without(copy, faults)
    copies.put(copy)

    def one(fault: Fault) -> str | None:
        copy = copies.get()
        try:
            return tried(copy, fault)
        finally:
            copies.put(copy)

    missed = 0
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for fault, by in zip(faults, pool.map(one, faults), strict=True):
                missed += by is None
                print(f"{fault.number:>5} {fault.what}: {f'noticed by {by}' if by else 'NOT NOTICED'}", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return missed


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, try the faults; return the exit code."""
    parser = argparse.ArgumentParser(description="Put known faults in, one at a time, and see whether tests notice.")
    parser.add_argument("numbers", nargs="*", help="of the faults to try; none: all")
    parser.add_argument("--build", action="store_true", help="also those in C++, each with a build of the engine")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 2), help="faults tried at a time")
    asked = parser.parse_args(arguments)
    faults = read_faults()
    unknown = [number for number in asked.numbers if number not in {fault.number for fault in faults}]
    problems = stale(faults) + [f"there is no fault {number}." for number in unknown]
    if problems:
        print("\n".join(problems))
        return 2
    chosen = [fault for fault in faults if not asked.numbers or fault.number in asked.numbers]
    left_out = [fault for fault in chosen if fault.needs_build and not asked.build]
    chosen = [fault for fault in chosen if fault not in left_out]
    with tempfile.TemporaryDirectory(prefix="descend-faults-") as folder:
        missed = try_all(chosen, Path(folder).resolve(), max(1, asked.jobs)) if chosen else 0
    for fault in left_out:
        print(f"{fault.number:>5} {fault.what}: needs a build: --build")
    print(f"{len(chosen)} faults tried, {missed} not noticed, {len(left_out)} left out.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
