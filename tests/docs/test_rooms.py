"""docs/rooms.md lists every file of the package, in the order of the imports; README lists the rooms."""

import ast
import importlib.util
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "descend"
PAGE = (ROOT / "docs" / "rooms.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def tool(name):
    spec = importlib.util.spec_from_file_location(f"readme_{name}", ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ORDER = tool("check_imports")


def tree_of(page):
    """What the tree lists, in its order: path below the package -> what is said of it; folders end in a slash."""
    tree = re.search(r"^```\nsrc/descend/\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[1]
    listed, above = {}, []
    for line in tree.splitlines():
        indent, name, said = re.fullmatch(r"((?:  )+)(\w+(?:\.py|/)) +(\S.*)", line).groups()
        above = [*above[: len(indent) // 2 - 1], name]
        path = "".join(above)
        assert path not in listed
        listed[path] = said
    return listed


TREE = tree_of(PAGE)


def test_the_tree_lists_every_file_of_the_package_and_nothing_else():
    files = {path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")}
    rooms = {path.parent for path in files if path.name == "__init__.py"} - {Path()}
    compiled = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("*.[ch]pp")}
    there = {path.as_posix() for path in files if path.parent not in rooms or path.name != "__init__.py"}
    there |= {f"{path.as_posix()}/" for path in rooms | compiled}
    assert sorted(TREE) == sorted(there)


def test_the_tree_says_of_a_folder_what_the_folder_says_of_itself():
    said = {path: text for path, text in TREE.items() if (PACKAGE / path / "__init__.py").exists()}
    docstrings = {
        path: ast.get_docstring(ast.parse((PACKAGE / path / "__init__.py").read_text("utf-8"))) for path in said
    }
    assert len(said) > 10
    assert said == {path: re.split(r"\.(?:\s|$)", text, maxsplit=1)[0] for path, text in docstrings.items()}


def test_rooms_in_the_tree_stand_in_the_order_of_the_imports():
    rooms = [path.removesuffix(".py").removesuffix("/") for path in TREE if "/" not in path[:-1]]
    assert rooms == [*ORDER.ORDER, *ORDER.FACES]


def test_files_in_the_tree_stand_after_what_they_import_from_their_room():
    modules = {tuple(path.removesuffix(".py").strip("/").split("/")): path for path in TREE}
    place, known = {path: number for number, path in enumerate(TREE)}, set(modules)
    late = []
    for path in (path for path in TREE if path.endswith(".py") and "/" in path):
        for one in ORDER.imports((PACKAGE / path).read_text(encoding="utf-8"), tuple(path.split("/")[:-1])):
            module = modules.get(ORDER.module_of(one.target, known), "")
            same_room = module.endswith(".py") and module.split("/")[0] == path.split("/")[0]
            late += [f"{path} imports {module}"] if same_room and place[module] > place[path] else []
    assert late == []


def test_rooms_of_readme_are_those_of_the_tree():
    rooms = {path: said for path, said in TREE.items() if "/" not in path[:-1]}
    assert list(tree_of(README).items()) == list(rooms.items())
