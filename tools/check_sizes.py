"""Check that functions, files and parameter lists stay small; print each violation as ``file:line: …`` and exit 1.

    body of a Python function   ≤ 40 lines, without its docstring; median over all ≤ 10
    body of a C++ function      ≤ 60 lines
    file                        ≤ 400 lines
    parameters                  ≤ 8, but for constructors of public classes, `Network.fit` (every option of a training
                                by name, as users write it) and what EXCEPTIONS names

Usage: ``python tools/check_sizes.py [FOLDER …]``; without folders: src and tools.
"""

from __future__ import annotations

import ast
import re
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PYTHON_BODY, CPP_BODY, FILE, PARAMETERS, MEDIAN = 40, 60, 400, 8, 10
FIT = "Network.fit"

# (end of the file's path, function's full name, what is allowed) -> reason. An entry that is not needed is an error.
# The name of a whole file is "".
EXCEPTIONS: dict[tuple[str, str, str], str] = {
    ("cli/train.py", "train", "parameters"): "typer makes each option of the command line from one parameter",
    ("cli/distil.py", "distil", "parameters"): "the same",
    ("cli/export.py", "export", "parameters"): "the same",
    ("reference/gradient_check.py", "gradient_check", "parameters"): "a gradient, and all that it is of",
    ("cli/predict.py", "predict", "parameters"): "the same",
    ("cli/step.py", "step", "parameters"): "the same",
    ("spec/network.py", "make_spec", "parameters"): "every field of a network by name, as `Network` is written",
}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
NOT_FUNCTIONS = re.compile(r"\b(namespace|struct|class|enum|union|if|for|while|switch|catch)\b")


@dataclass(frozen=True)
class Function:
    """One function: where it is, its name with its class, its lines without docstring, its parameters without self."""

    line: int
    name: str
    body: int
    parameters: int
    constructor: bool = False


# ---------------------------------------------------------------- Python


def python_functions(text: str) -> list[Function]:
    r"""Return all functions of a Python file, nested ones too.

    Examples
    --------
    >>> python_functions("class A:\n    def f(self, x):\n        return x\n")
    [Function(line=2, name='A.f', body=1, parameters=1, constructor=False)]
    """
    return list(_walk(ast.parse(text), ""))


def _walk(node: ast.AST, prefix: str) -> Iterator[Function]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _measured(child, prefix, in_class=isinstance(node, ast.ClassDef))
            yield from _walk(child, f"{prefix}{child.name}.")
        else:
            yield from _walk(child, f"{prefix}{child.name}." if isinstance(child, ast.ClassDef) else prefix)


def _measured(node: FunctionNode, prefix: str, *, in_class: bool) -> Function:
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    body = node.body[-1].end_lineno - statements[0].lineno + 1 if statements else 0  # type: ignore[operator]
    a = node.args
    names = [one.arg for one in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg) if one is not None]
    static = any(isinstance(one, ast.Name) and one.id == "staticmethod" for one in node.decorator_list)
    parameters = len(names) - (in_class and not static)
    public = in_class and not prefix.split(".")[-2].startswith("_")
    return Function(node.lineno, prefix + node.name, body, parameters, public and node.name in ("__init__", "__new__"))


# ---------------------------------------------------------------- C++


def cpp_functions(text: str) -> list[Function]:
    r"""Return the functions of a C++ file, found by matching braces; lambdas count with the function around them.

    Examples
    --------
    >>> cpp_functions("namespace a {\nint f(int x, int y) {\n  return x;\n}\n}\n")
    [Function(line=2, name='f', body=1, parameters=2, constructor=False)]
    """
    code = _blanked(text).replace("operator()", "operator@@")
    functions, opened, start, depth_of_function = [], [], 0, None
    for at, sign in enumerate(code):
        if sign == "{":
            head = code[start:at]
            opened.append((at, head, start))
            if depth_of_function is None and _heads_a_function(head):
                depth_of_function = len(opened)
        elif sign == "}" and opened:
            if depth_of_function == len(opened):
                functions.append(_cpp_function(code, *opened[-1], end=at))
                depth_of_function = None
            opened.pop()
        if sign in "{};":
            start = at + 1
    return functions


def _blanked(text: str) -> str:
    """The text with comments, literals and preprocessor lines replaced by blanks; lines stay lines."""
    pattern = r"//[^\n]*|/\*.*?\*/|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'"
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.DOTALL | re.MULTILINE)


def _heads_a_function(head: str) -> bool:
    before = re.sub(r"template\s*<[^{}]*?>\s", " ", head.split("(", 1)[0]).replace("operator=", "")
    return "(" in head and "=" not in before and not NOT_FUNCTIONS.search(before)


def _cpp_function(code: str, at: int, head: str, start: int, *, end: int) -> Function:
    name = re.search(r"(operator\S+|[\w:~]+)\s*$", head.split("(", 1)[0])
    first = start + len(head) - len(head.lstrip())
    body = max(code.count("\n", at, end) - 1, 1)
    return Function(
        code.count("\n", 0, first) + 1, name[1].replace("@@", "()") if name else "?", body, _cpp_parameters(head)
    )


def _cpp_parameters(head: str) -> int:
    inside, depth, commas = "", 0, 0
    for sign in head[head.index("(") :]:
        depth += (sign in "(<[") - (sign in ")>]")
        commas += sign == "," and depth == 1
        inside += sign
        if depth == 0:
            break
    return commas + 1 if inside.strip("() \n\t") not in ("", "void") else 0


# ---------------------------------------------------------------- the check


def check_file(path: Path, used: set[tuple[str, str, str]]) -> tuple[list[str], list[int]]:
    """Return the violations of one file, and the lengths of its Python bodies; the exceptions it needs go to `used`."""
    text = path.read_text(encoding="utf-8")
    python = path.suffix == ".py"
    limit = PYTHON_BODY if python else CPP_BODY
    functions = python_functions(text) if python else cpp_functions(text)
    lines, problems = text.count("\n"), []
    if lines > FILE and not _allowed(path, "", "file", used):
        problems.append(f"{path}:{FILE + 1}: the file has {lines} lines; at most {FILE}. Split it by meaning.")
    for one in functions:
        where = f"{path}:{one.line}: {one.name}"
        if one.body > limit and not _allowed(path, one.name, "body", used):
            problems.append(f"{where} has a body of {one.body} lines; at most {limit}.")
        too_many = one.parameters > PARAMETERS and not one.constructor and one.name != FIT
        if too_many and not _allowed(path, one.name, "parameters", used):
            problems.append(f"{where} has {one.parameters} parameters; at most {PARAMETERS}.")
    return problems, [one.body for one in functions] if python else []


def _allowed(path: Path, name: str, what: str, used: set[tuple[str, str, str]]) -> bool:
    found = [key for key in EXCEPTIONS if path.as_posix().endswith("/" + key[0]) and key[1:] == (name, what)]
    used.update(found)
    return bool(found)


def check(folders: list[str], used: set[tuple[str, str, str]]) -> list[str]:
    """Return the violations of all files in the folders."""
    paths = [p for folder in folders for p in sorted(Path(folder).rglob("*")) if p.suffix in (".py", ".cpp", ".hpp")]
    checked = [check_file(path, used) for path in paths]
    problems = [problem for found, _ in checked for problem in found]
    bodies = [length for _, lengths in checked for length in lengths]
    if bodies and statistics.median(bodies) > MEDIAN:
        problems.append(f"{folders[0]}:1: the median body has {statistics.median(bodies):g} lines; at most {MEDIAN}.")
    return problems


def main(folders: list[str]) -> int:
    """Print the violations; return the exit code."""
    used: set[tuple[str, str, str]] = set()
    problems = check(folders or ["src", "tools"], used)
    if not folders:
        stale = [key for key in EXCEPTIONS if key not in used]
        problems += [f"tools/check_sizes.py:1: the exception {key} is not needed; remove it." for key in stale]
    print("\n".join(problems) if problems else "sizes: all within the limits")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
