"""The checks of the house: each is shown failing on a bad example, for a check that cannot fail is worthless."""

import ast
import contextlib
import doctest
import importlib.util
import io
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("check_sizes", "check_imports", "check_bits", "bits_digest", "check_wheel", "measure_functions", "oldest")
TOOLS += ("requirements", "try_faults", "install_browser")


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


sizes, order = tool("check_sizes"), tool("check_imports")


def of_this_repository(name: str) -> tuple[int, str]:
    """Exit code and words of a check, run as `make check` runs it."""
    command = [sys.executable, str(ROOT / "tools" / f"{name}.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def said(check: ModuleType, folder: Path) -> tuple[int, str]:
    """Exit code and words of a check of one folder, in this process."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = check.main([str(folder)])
    return code, out.getvalue()


@pytest.mark.parametrize("name", TOOLS)
def test_examples_in_tools_run(name):
    result = doctest.testmod(tool(name))
    assert result.attempted > 0
    assert result.failed == 0


# ---------------------------------------------------------------- sizes


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def python_function(lines: int, docstring: int = 0) -> str:
    doc = ['    """Text.', *["    more"] * docstring, '    """'] if docstring else []
    return "\n".join(["def f():", *doc, *["    x = 1"] * lines]) + "\n"


def cpp_function(lines: int) -> str:
    inner = ['  s = "}{";  // }', "  if (a) { b(); }", *["  a = b;"] * (lines - 2)]
    return "\n".join(["template <class T>", "static void f(T a, std::map<int, int> b) {", *inner, "}"]) + "\n"


@pytest.mark.long  # make check looks each time
def test_sizes_of_this_repository_are_within_the_limits():
    assert of_this_repository("check_sizes") == (0, "sizes: all within the limits\n")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.py", python_function(41), "a.py:1: f has a body of 41 lines; at most 40."),
        ("a.py", "x = 1\n" * 401, "a.py:401: the file has 401 lines; at most 400. Split it by meaning."),
        ("a.py", "def f(a, b, c, d, e, f, g, h, *i): pass\n", "a.py:1: f has 9 parameters; at most 8."),
        ("a.cpp", cpp_function(61), "a.cpp:1: f has a body of 61 lines; at most 60."),
        (
            "a.hpp",
            "namespace a {\n\nint f(int a, int b, int c, int d, int e, int f, int g, int h,\n  A<b, 2> i) {}\n}\n",
            "a.hpp:3: f has 9 parameters; at most 8.",
        ),
        (
            "a.py",
            "class Network:\n    def learn(self, a, b, c, d, e, f, g, h, *, i): pass\n",
            "a.py:2: Network.learn has 9 parameters; at most 8.",
        ),
        (
            "a.py",
            "class _Private:\n    def __init__(self, a, b, c, d, e, f, g, h, i): pass\n",
            "a.py:2: _Private.__init__ has 9 parameters; at most 8.",
        ),
    ],
)
def test_a_size_beyond_its_limit_is_reported(tmp_path, name, text, problem):
    written(tmp_path, "short.py", "def g(): pass\n\n\ndef h(): pass\n")
    written(tmp_path, name, text)
    assert said(sizes, tmp_path) == (1, f"{tmp_path}/{problem}\n")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", python_function(40, docstring=30) + "y = 1\n" + python_function(1)),
        ("a.py", "class Public:\n    def __init__(self, a, b, c, d, e, f, g, h, i): pass\n"),
        ("nets/network.py", "class Network:\n    def fit(self, a, b, c, d, e, f, g, h, i): pass\n"),
        ("a.cpp", cpp_function(60) + cpp_function(59)),
        ("a.cpp", "struct A {\n" + "  int x = (1);\n" * 100 + "};\n"),
        ("a.cpp", "// void f(int a) {\n" * 100),
    ],
)
def test_a_size_at_its_limit_passes(tmp_path, name, text):
    written(tmp_path, "short.py", "def g(): pass\n\n\ndef h(): pass\n")
    written(tmp_path, name, text)
    assert said(sizes, tmp_path) == (0, "sizes: all within the limits\n")


def test_long_functions_on_the_whole_are_reported(tmp_path):
    written(tmp_path, "a.py", python_function(11) * 3)
    assert said(sizes, tmp_path) == (1, f"{tmp_path}:1: the median body has 11 lines; at most 10.\n")


def test_an_exception_that_nothing_needs_is_reported(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setitem(sizes.EXCEPTIONS, ("errors.py", "closest", "body"), "no reason")
    assert sizes.main([]) == 1
    line = "tools/check_sizes.py:1: the exception ('errors.py', 'closest', 'body') is not needed; remove it."
    assert capsys.readouterr().out.splitlines()[-1] == line


def test_cpp_functions_are_found_whatever_their_shape():
    text = """
#define LOOP(x) \\
  for (;;) { x; }
namespace descend { namespace {
template <class T, int N = 4>
struct A {
  A(int n) : n_(n) {}
  int operator()(int i) const { return i; }
  static T f(T a = T(1)) noexcept;
};
extern "C" int g(void) {
  auto h = [](int a, int b, int c) { return a; };
  return h(1, 2, 3);
}
}  // namespace
}
"""
    found = [(f.line, f.name, f.body, f.parameters) for f in sizes.cpp_functions(text)]
    assert found == [(7, "A", 1, 1), (8, "operator()", 1, 1), (11, "g", 2, 0)]


# ---------------------------------------------------------------- order of imports


def package(folder: Path, name: str = "errors.py", text: str = "") -> Path:
    """A package with all rooms of the order, empty but for the named file."""
    for room in order.ORDER:
        written(folder, f"{room}/__init__.py" if room in FOLDERS else f"{room}.py", "")
    written(folder, name, text)
    return folder


FOLDERS = order.ORDER[order.ORDER.index("files") :]


@pytest.mark.long  # make check looks each time
def test_imports_of_this_repository_run_one_way():
    assert of_this_repository("check_imports") == (0, "imports: all run one way\n")


LATER = "spec imports training, which stands later in the order."


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("spec/plan.py", "import descend.training.restarts\n", f"spec/plan.py:1: {LATER}"),
        ("spec/plan.py", "from descend import training\n", f"spec/plan.py:1: {LATER}"),
        ("spec/plan.py", "from ..training import restarts\n", f"spec/plan.py:1: {LATER}"),
        ("spec/plan.py", "def f():\n    from descend.training import restarts\n", f"spec/plan.py:2: {LATER}"),
        (
            "spec/plan.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from descend.training.restarts import Run\n",
            f"spec/plan.py:3: {LATER}",
        ),
        (
            "models/train.py",
            "from descend import Model\n",
            "models/train.py:1: models imports __init__, which stands later in the order.",
        ),
        (
            "models/train.py",
            "from descend.cli import main\n",
            "models/train.py:1: models imports cli, which is a face; nobody imports the faces.",
        ),
        (
            "estimators/fit.py",
            "from descend.cli import main\n",
            "estimators/fit.py:1: estimators imports cli, which is a face; nobody imports the faces.",
        ),
        (
            "spec/plan.py",
            "from descend.tables.table import Table\n",
            "spec/plan.py:1: spec imports tables: what a network is must not know tables.",
        ),
        (
            "reference/sgd.py",
            "from descend.engine._engine import advance\n",
            "reference/sgd.py:1: only engine/ imports the compiled module; go through the door, descend.engine.",
        ),
        (
            "cli/train.py",
            "from ..engine import _engine\n",
            "cli/train.py:1: only engine/ imports the compiled module; go through the door, descend.engine.",
        ),
        (
            "novelty.py",
            "",
            "novelty.py:1: novelty has no place in the order; put it into ORDER in tools/check_imports.py.",
        ),
        (
            "files/load.py",
            'import importlib\nimportlib.import_module("descend.nets")\n',
            "files/load.py:2: a module is imported by its name as a text; name it in registry.py, which is checked.",
        ),
        (
            "registry.py",
            'HIGHER = {"load.network": "descend.nets:read"}\n',
            "registry.py:1: load.network leads to descend.nets:read, which is not there.\n"
            "{folder}/registry.py:1: nobody asks for load.network; remove it.",
        ),
    ],
)
def test_an_import_against_the_order_is_reported(tmp_path, name, text, problem):
    assert said(order, package(tmp_path, name, text)) == (
        1,
        f"{tmp_path}/{problem}\n".replace("{folder}", str(tmp_path)),
    )


def test_a_circle_inside_a_room_is_reported_also_if_a_half_of_it_is_for_types(tmp_path):
    package(tmp_path, "spec/plan.py", "def f():\n    from .state import RunState\n")
    written(
        tmp_path,
        "spec/state.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from descend.spec.plan import Plan\n",
    )
    code, words = said(order, tmp_path)
    assert code == 1
    assert words.startswith(f"{tmp_path}:1: a circle of imports: spec/")
    assert {"spec/plan", "spec/state"} <= set(words.rstrip(".\n").split(": ")[-1].split(" -> "))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("spec/plan.py", "from descend.spec.network import NetworkSpec\nimport numpy as np\n"),
        ("training/result.py", "from descend.version import __version__\n"),
        ("cli/train.py", "import descend\nfrom descend.cli.app import command\nfrom .. import models, estimators\n"),
        ("engine/native.py", "from descend.engine import _engine\n"),
        ("__main__.py", "from descend.cli import main\n"),
        ("preprocessing/roles.py", "from descend.tables.table import Table\n"),
    ],
)
def test_an_import_along_the_order_passes(tmp_path, name, text):
    assert said(order, package(tmp_path, name, text)) == (0, "imports: all run one way\n")


def test_a_room_of_the_order_that_is_gone_is_reported(tmp_path):
    (package(tmp_path) / "spec" / "__init__.py").unlink()
    assert said(order, tmp_path) == (1, f"{tmp_path}:1: spec is in the order, but not in the package.\n")


def test_what_the_registry_names_and_somebody_asks_for_passes(tmp_path):
    package(tmp_path, "registry.py", 'HIGHER = {"load.network": "descend.nets.file:read"}\n')
    written(tmp_path, "nets/file.py", "def read():\n    pass\n")
    written(tmp_path, "files/load.py", 'from descend.registry import find\nfind("load.network")\n')
    assert said(order, tmp_path) == (0, "imports: all run one way\n")


def test_few_files_stand_at_the_root_of_the_package():
    assert len(list((ROOT / "src" / "descend").glob("*.py"))) <= 8


def test_every_room_says_in_one_sentence_what_it_is():
    for path in (ROOT / "src" / "descend").glob("*/__init__.py"):
        first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
        assert first.endswith("."), path


# ---------------------------------------------------------------- make


def test_every_target_that_the_help_names_is_a_rule():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [line.split()[1] for line in shown.splitlines() if line.startswith("  make ")]
    assert {"demo", "test", "check", "docs", "format", "clean"} <= set(names)
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{name}:" in rules for name in names)


def test_ci_runs_the_checks_and_then_the_tests():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert lines[-2:] == ["make check", "make test"]
    assert "set -euo pipefail" in lines


# ---------------------------------------------------------------- bits


def test_lists_of_bits_that_differ_make_the_check_fail(tmp_path, monkeypatch, capsys):
    bits, old = tool("check_bits"), tmp_path / "list"
    monkeypatch.setattr(bits, "whole", lambda only: ["11 network/one", "22 avx2: network/one", "33 all"])
    old.write_text("11 network/one\n22 avx2: network/one\n33 all\n", encoding="utf-8")
    assert bits.compared(old, "") == 0
    old.write_text("11 network/one\n44 avx2: network/one\n55 all\n", encoding="utf-8")
    assert bits.compared(old, "") == 1
    assert bits.compared(old, "one") == 1
    assert "differs   avx2: network/one: 44 before, 22 now" in capsys.readouterr().out


def test_a_hash_of_bits_sees_the_last_one():
    digest, zeros = tool("bits_digest").digest, np.zeros(3)
    other = zeros.copy()
    other[2] = 5e-324
    assert digest([zeros]) != digest([other])
    assert digest(zeros) != digest(zeros.astype(np.float32))
    assert digest([1, [2]]) != digest([[1], 2])
    assert digest({"a": None}) != digest({"b": None})
    assert digest(np.array([np.nan])) == digest(-np.array([np.nan]))
