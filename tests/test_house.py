"""The checks of the house: each is shown failing on a bad example, for a check that cannot fail is worthless."""

import doctest
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("check_sizes", "check_imports", "measure_functions", "oldest", "requirements")


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


sizes, order = tool("check_sizes"), tool("check_imports")


def run(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "tools" / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


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


def test_sizes_of_this_repository_are_within_the_limits():
    result = run("check_sizes")
    assert (result.returncode, result.stdout) == (0, "sizes: all within the limits\n")


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
            "class Network:\n    def fit(self, a, b, c, d, e, f, g, h, *, i): pass\n",
            "a.py:2: Network.fit has 9 parameters; at most 8.",
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
    result = run("check_sizes", tmp_path)
    assert result.returncode == 1
    assert result.stdout == f"{tmp_path}/{problem}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", python_function(40, docstring=30) + "y = 1\n" + python_function(1)),
        ("a.py", "class Public:\n    def __init__(self, a, b, c, d, e, f, g, h, i): pass\n"),
        ("network.py", "class Network:\n    def fit(self, a, b, c, d, e, f, g, h, i): pass\n"),
        ("a.cpp", cpp_function(60) + cpp_function(59)),
        ("a.cpp", "struct A {\n" + "  int x = (1);\n" * 100 + "};\n"),
        ("a.cpp", "// void f(int a) {\n" * 100),
    ],
)
def test_a_size_at_its_limit_passes(tmp_path, name, text):
    written(tmp_path, "short.py", "def g(): pass\n\n\ndef h(): pass\n")
    written(tmp_path, name, text)
    assert run("check_sizes", tmp_path).stdout == "sizes: all within the limits\n"


def test_long_functions_on_the_whole_are_reported(tmp_path):
    written(tmp_path, "a.py", python_function(11) * 3)
    assert run("check_sizes", tmp_path).stdout == f"{tmp_path}:1: the median body has 11 lines; at most 10.\n"


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
    """A package with all modules of the order, empty but for the named file and what the exceptions need."""
    for module in order.ORDER:
        needed = [f"import descend.{later}\n" for here, later in order.EXCEPTIONS if here == module]
        written(folder, f"{module}.py", "".join(needed))
    written(folder, name, text)
    return folder


def test_imports_of_this_repository_run_one_way():
    result = run("check_imports")
    assert (result.returncode, result.stdout) == (0, "imports: all run one way\n")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("spec.py", "import descend.plan\n", "spec.py:1: spec imports plan, which stands later in the order."),
        ("spec.py", "from descend import plan\n", "spec.py:1: spec imports plan, which stands later in the order."),
        ("spec.py", "from .plan import Plan\n", "spec.py:1: spec imports plan, which stands later in the order."),
        (
            "spec.py",
            "def f():\n    from . import sgd\n",
            "spec.py:2: spec imports sgd, which stands later in the order.",
        ),
        (
            "recipes.py",
            "from descend import Model\n",
            "recipes.py:1: recipes imports __init__, which stands later in the order.",
        ),
        (
            "recipes.py",
            "from descend.cli import main\n",
            "recipes.py:1: recipes imports cli, which is a face; nobody imports the faces.",
        ),
        (
            "sgd.py",
            "from descend.engine._engine import advance\n",
            "sgd.py:1: only engine/ imports the compiled module; go through the door, descend.engine.",
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
            "spec.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import descend.plan\n",
            "spec.py:5: spec imports plan, which stands later in the order.",
        ),
    ],
)
def test_an_import_against_the_order_is_reported(tmp_path, name, text, problem):
    result = run("check_imports", package(tmp_path, name, text))
    assert result.returncode == 1
    assert result.stdout == f"{tmp_path}/{problem}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plan.py", "from descend.spec import NetworkSpec\nimport numpy as np\n"),
        ("spec.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from descend.plan import Plan\n"),
        ("training.py", "from descend import __version__\n"),
        (
            "cli/train.py",
            "import descend\nfrom descend.cli.app import command\nfrom .. import plan\n",
        ),
        ("engine/native.py", "from descend.engine import _engine\n"),
        ("__main__.py", "from descend.cli import main\n"),
    ],
)
def test_an_import_along_the_order_passes(tmp_path, name, text):
    assert run("check_imports", package(tmp_path, name, text)).stdout == "imports: all run one way\n"


def test_a_module_of_the_order_that_is_gone_is_reported(tmp_path):
    (package(tmp_path) / "losses.py").unlink()
    assert run("check_imports", tmp_path).stdout == f"{tmp_path}:1: losses is in the order, but not in the package.\n"


def test_an_import_exception_that_nothing_needs_is_reported(tmp_path):
    problem = f"{tmp_path}:1: the exception ('model', 'modelfile') is not needed; remove it.\n"
    assert run("check_imports", package(tmp_path, "model.py")).stdout == problem


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
