"""Check that imports inside src/descend run one way; print each violation as ``file:line: …`` and exit 1.

A module may import what stands before it in ORDER, wherever the import statement is. Imports for type checkers only
(``if TYPE_CHECKING:``) may point forwards, for nothing runs. A face may import everything but another face; nobody else
imports a face. Only ``engine/`` imports the compiled module.

Usage: ``python tools/check_imports.py [FOLDER]``; the folder of the package is src/descend by default.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# The story of the package: each module imports only from those before it. A package (a folder) is one entry.
ORDER = (
    "errors",
    # what stands alone
    "files",
    "machine",
    "seeds",
    "hashing",
    # a file or a data frame -> Table -> X, Y
    "columns",
    "cells",
    "delimited",
    "frames",
    "reading",
    "table",
    "roles",
    "splitting",
    "matching",
    "encoders",
    "preprocessing_parts",
    "preprocessing",
    "data",
    # what a network is, and what a run is
    "activations",
    "losses",
    "spec",
    "schedules",
    "groups",
    "plan",
    # one sample, one run, many runs
    "arrays",
    "weights",
    "dropout",
    "forward",
    "backward",
    "sgd",
    "reference",
    "engine",
    "trace",
    "gradient_check",
    "checkpoint",
    "restarts",
    "fitting",
    "training",
    # what the user holds
    "network",
    "evaluation",
    "recipes",
    "understanding",
    "container",
    "model",
    "modelfile",
    "interop",
    "__init__",
)
FACES = ("cli", "estimators", "report", "__main__")

# (module, what it imports although that stands later) -> reason. An entry that is not needed is an error.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("network", "modelfile"): "`net.save(path)` is a short way to write `save_model(net, path)`; imported when called",
    ("model", "modelfile"): "the same for `model.save(path)`",
    ("network", "interop"): "`Network.from_sklearn` and `net.to_torch` are short ways into it; imported when called",
}


@dataclass(frozen=True)
class Import:
    """One module of the package that another imports; `target` is a path of names without ``descend``."""

    line: int
    target: tuple[str, ...]
    for_types: bool


def imports(text: str, inside: tuple[str, ...] = ()) -> list[Import]:
    """Return what a file of the package imports from the package, relative imports resolved.

    Parameters
    ----------
    text : str
        The file.
    inside : tuple of str
        Folders below the package in which the file is, for relative imports.

    Examples
    --------
    >>> imports("from descend.spec import make_spec")
    [Import(line=1, target=('spec', 'make_spec'), for_types=False)]
    >>> imports("from . import forward")[0].target
    ('forward',)
    """
    return list(_imports(ast.parse(text), inside, for_types=False))


def _imports(node: ast.AST, inside: tuple[str, ...], *, for_types: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            targets = _plain(child) if isinstance(child, ast.Import) else _from(child, inside)
            yield from (Import(child.lineno, target, for_types) for target in targets)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _imports(ast.Module(child.body, []), inside, for_types=True)
            yield from _imports(ast.Module(child.orelse, []), inside, for_types=for_types)
        else:
            yield from _imports(child, inside, for_types=for_types)


def _plain(node: ast.Import) -> Iterator[tuple[str, ...]]:
    for one in node.names:
        head, *rest = one.name.split(".")
        if head == "descend":
            yield tuple(rest)


def _from(node: ast.ImportFrom, inside: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    path = tuple(node.module.split(".")) if node.module else ()
    if node.level == 0:
        if path[:1] != ("descend",):
            return
        path = path[1:]
    else:
        path = inside[: len(inside) - node.level + 1] + path
    yield from ((*path, one.name) for one in node.names)


def entry_of(target: tuple[str, ...]) -> str | None:
    """Return the entry of ORDER or FACES that an import reaches; None for a module that has no place there.

    Examples
    --------
    >>> entry_of(("spec", "make_spec")), entry_of(("Network",)), entry_of(("novelty", "f"))
    ('spec', '__init__', None)
    """
    if target and target[0] in ORDER + FACES:
        return target[0]
    return None if len(target) > 1 else "__init__"


def check_file(path: Path, package: Path, used: set[tuple[str, str]]) -> list[str]:
    """Return the violations of one file; the exceptions it needs go to `used`."""
    parts = path.relative_to(package).with_suffix("").parts
    here = parts[0]
    if here not in ORDER and here not in FACES:
        return [f"{path}:1: {here} has no place in the order; put it into ORDER in tools/check_imports.py."]
    problems = []
    for one in imports(path.read_text(encoding="utf-8"), parts[:-1]):
        problem = _problem(here, one, used)
        if problem:
            problems.append(f"{path}:{one.line}: {problem}")
    return problems


def _problem(here: str, one: Import, used: set[tuple[str, str]]) -> str | None:
    there = entry_of(one.target)
    if one.target[:2] == ("engine", "_engine") and here != "engine":
        return "only engine/ imports the compiled module; go through the door, descend.engine."
    if there in (here, None) or one.target == ("__version__",):
        return None
    if there in FACES:
        allowed = here == "__main__" or (here == "__init__" and one.for_types)  # the lazy names of the package
        return None if allowed else f"{here} imports {there}, which is a face; nobody imports the faces."
    if here in FACES or one.for_types or ORDER.index(there) < ORDER.index(here):
        return None
    if (here, there) in EXCEPTIONS:
        used.add((here, there))
        return None
    return f"{here} imports {there}, which stands later in the order."


def check(package: Path) -> list[str]:
    """Return all violations in a package's folder."""
    used: set[tuple[str, str]] = set()
    files = sorted(package.rglob("*.py"))
    problems = [problem for path in files for problem in check_file(path, package, used)]
    present = {path.relative_to(package).with_suffix("").parts[0] for path in files}
    problems += [
        f"{package}:1: {name} is in the order, but not in the package." for name in ORDER if name not in present
    ]
    problems += [f"{package}:1: the exception {key} is not needed; remove it." for key in EXCEPTIONS if key not in used]
    return problems


def main(arguments: list[str]) -> int:
    """Print the violations; return the exit code."""
    problems = check(Path(arguments[0] if arguments else "src/descend"))
    print("\n".join(problems) if problems else "imports: all run one way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
