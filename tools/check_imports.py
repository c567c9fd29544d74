"""Check that imports inside src/descend run one way; print each violation as ``file:line: …`` and exit 1.

The rooms (folders, and the few files at the root) stand in ORDER. A file imports from its own room, there without a
circle, and from rooms that stand before it, wherever the import statement is; imports for type checkers
(``if TYPE_CHECKING:``) obey the same order. Faces come last: nobody imports a face but CALLERS. Only ``engine/``
imports the compiled module.

What must be found in a higher room when it is first used (a public name, the reader of a file) is named in
``registry.py``, the one exception. The check reads it: each target must be there, each entry must be used, and nobody
else imports a module by its name as a text.

Usage: ``python tools/check_imports.py [FOLDER]``; the folder of the package is src/descend by default.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

# The story of the package: each room imports only from those before it.
ORDER = (
    "errors",
    "machine",
    "version",
    "typing",
    "registry",
    "files",  # never half-written; the sealed file; its checks
    # these know no network
    "tables",  # a file -> Table
    "preprocessing",  # Table -> X, Y
    "drift",  # new rows against those that were learnt
    # these know no table
    "spec",  # what a network and a run are
    "reference",  # the meaning, in NumPy
    "engine",  # the same numbers, compiled
    "clusters",  # other machines that work for us
    "training",  # many descents, and the best one wins
    "nets",  # Network
    # these know both
    "explanations",  # what a prediction is made of
    "models",  # a table's model
    "describe",  # words for every face
    "progress",  # how far a training is
    "figures",  # what is drawn, and what notebooks show
)
FACES = ("estimators", "exports", "report", "play", "cli", "__init__", "__main__")
CALLERS = {  # faces that start others
    "exports": ("estimators",),
    "cli": ("estimators", "exports", "report", "play"),
    "__main__": ("cli",),
}
APART = {  # rooms that must not know each other, though the order would allow it
    "spec": ("tables", "preprocessing"),
    "reference": ("tables", "preprocessing"),
    "engine": ("tables", "preprocessing"),
    "clusters": ("tables", "preprocessing", "spec", "reference"),
}
REGISTRY = "registry.py"


@dataclass(frozen=True)
class Import:
    """One module of the package that another imports; `target` is a path of names without ``descend``."""

    line: int
    target: tuple[str, ...]


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
    >>> imports("from descend.spec.network import make_spec")
    [Import(line=1, target=('spec', 'network', 'make_spec'))]
    >>> imports("from . import forward")[0].target
    ('forward',)
    """
    return [
        Import(node.lineno, target)
        for node in _imports_and_calls(text)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for target in (_plain(node) if isinstance(node, ast.Import) else _from(node, inside))
    ]


@cache
def _imports_and_calls(text: str) -> list[ast.Import | ast.ImportFrom | ast.Call]:
    """All that the checks look at in a file, which is walked through once."""
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom | ast.Call)]


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


def room_of(target: tuple[str, ...]) -> str:
    """Return the room that an import reaches.

    Examples
    --------
    >>> room_of(("spec", "network", "make_spec")), room_of(("Network",)), room_of(())
    ('spec', '__init__', '__init__')
    """
    return target[0] if target and target[0] in ORDER + FACES else "__init__"


# ---------------------------------------------------------------- between rooms


def check_file(path: Path, package: Path) -> list[str]:
    """Return what one file imports against the order of the rooms."""
    parts = path.relative_to(package).with_suffix("").parts
    if parts[0] not in ORDER + FACES:
        return [f"{path}:1: {parts[0]} has no place in the order; put it into ORDER in tools/check_imports.py."]
    text = path.read_text(encoding="utf-8")
    problems = [(one.line, _problem(parts, one.target)) for one in imports(text, parts[:-1])]
    problems += [(line, _by_name(parts)) for line in _imports_by_name(text)]
    return [f"{path}:{line}: {problem}" for line, problem in problems if problem]


def _problem(parts: tuple[str, ...], target: tuple[str, ...]) -> str | None:
    here, there = parts[0], room_of(target)
    if target[:2] == ("engine", "_engine") and here != "engine":
        return "only engine/ imports the compiled module; go through the door, descend.engine."
    if there == here:
        return None
    if there in FACES and there != "__init__":
        allowed = there in CALLERS.get(here, ()) or here == "__init__"  # for types: its names are found when used
        return None if allowed else f"{here} imports {there}, which is a face; nobody imports the faces."
    if there in APART.get(here, ()):
        return f"{here} imports {there}: what a network is must not know tables."
    if here in FACES or (there in ORDER and ORDER.index(there) < ORDER.index(here)):
        return None
    return f"{here} imports {there}, which stands later in the order."


def _imports_by_name(text: str) -> list[int]:
    """Lines that import a module whose name is a text: no reader of import statements sees those."""
    calls = [node for node in _imports_and_calls(text) if isinstance(node, ast.Call)]
    return [node.lineno for node in calls if _last_name(node.func) in ("import_module", "__import__")]


def _last_name(function: ast.expr) -> str:
    """The name by which something is called, without what stands before its last point."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _by_name(parts: tuple[str, ...]) -> str | None:
    if parts[0] in ("registry", "cli"):  # the commands of the face are found by their names, inside it
        return None
    return "a module is imported by its name as a text; name it in registry.py, which is checked."


# ---------------------------------------------------------------- inside a room


def module_of(target: tuple[str, ...], modules: set[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the module that an import reaches: its longest beginning that is one."""
    lengths = range(len(target), 0, -1)
    return next((target[:n] for n in lengths if target[:n] in modules), None)


def check_circles(package: Path) -> list[str]:
    """Return one circle of imports, if there is one: of files, those for types counted."""
    files = {_name(path, package): path for path in sorted(package.rglob("*.py"))}
    modules = set(files) | {_name(path, package) for path in package.rglob("*.pyi")}  # the compiled one
    graph = {}
    for name, path in files.items():
        inside = path.relative_to(package).parts[:-1]
        found = {module_of(one.target, modules) for one in imports(path.read_text(encoding="utf-8"), inside)}
        graph[name] = {one for one in found if one is not None and one != name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        shown = " -> ".join("/".join(name) for name in reversed(error.args[1]))
        return [f"{package}:1: a circle of imports: {shown}."]
    return []


def _name(path: Path, package: Path) -> tuple[str, ...]:
    parts = path.relative_to(package).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


# ---------------------------------------------------------------- the registry


def entries(text: str) -> dict[str, tuple[str, int]]:
    """Return the entries of the registry: what asks -> ("module:name", line).

    Examples
    --------
    >>> entries('HIGHER = {"load.network": "descend.nets.file:read"}')
    {'load.network': ('descend.nets.file:read', 1)}
    """
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and ":" in str(value.value):
                    found[str(key.value)] = (str(value.value), key.lineno)
    return found


def check_registry(package: Path) -> list[str]:
    """Return the entries of the registry that lead nowhere, or that nobody asks for."""
    registry = package / REGISTRY
    problems = []
    texts = [p.read_text(encoding="utf-8") for p in sorted(package.rglob("*.py")) if p != registry]
    own = registry.read_text(encoding="utf-8")
    for key, (target, line) in entries(own).items():
        module, _, name = target.partition(":")
        if not _defines(package, module, name):
            problems.append(f"{registry}:{line}: {key} leads to {target}, which is not there.")
        group = key.rpartition(".")[0]
        if f'find("{key}")' not in own and not any(f'"{key}"' in text or f'f"{group}.{{' in text for text in texts):
            problems.append(f"{registry}:{line}: nobody asks for {key}; remove it.")
    return problems


def _defines(package: Path, module: str, name: str) -> bool:
    base = package.joinpath(*module.split(".")[1:])
    path = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
    if not path.exists():
        return False
    tree = ast.parse(path.read_text(encoding="utf-8"))
    defined = {getattr(node, "name", None) for node in tree.body}
    defined |= {one.asname or one.name for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names}
    return name in defined


# ---------------------------------------------------------------- the check


def check(package: Path) -> list[str]:
    """Return all violations in a package's folder."""
    files = sorted(package.rglob("*.py"))
    problems = [problem for path in files for problem in check_file(path, package)]
    problems += check_circles(package)
    if (package / REGISTRY).exists():
        problems += check_registry(package)
    present = {path.relative_to(package).with_suffix("").parts[0] for path in files}
    gone = [name for name in ORDER if name not in present]
    return problems + [f"{package}:1: {name} is in the order, but not in the package." for name in gone]


def main(arguments: list[str]) -> int:
    """Print the violations; return the exit code."""
    problems = check(Path(arguments[0] if arguments else "src/descend"))
    print("\n".join(problems) if problems else "imports: all run one way")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
