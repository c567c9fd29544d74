"""The room of words: plain values, without a terminal, and without the command line's options in them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import descend

ROOM = Path(descend.__file__).parent / "describe"
FILES = sorted(ROOM.glob("*.py"))


def test_the_words_load_no_terminal():
    names = ", ".join(f"descend.describe.{path.stem}" for path in FILES if path.stem != "__init__")
    terminal = ("rich", "typer", "click", "descend.cli")
    code = f"import sys, {names}\nprint([name for name in {terminal} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def docstrings(tree):
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    return {id(node.body[0].value) for node in nodes if ast.get_docstring(node) is not None}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_text_names_an_option_of_the_command_line_or_holds_markup(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    explained = docstrings(tree)
    said = [node.value for node in texts if id(node) not in explained]
    assert [text for text in said if "--" in text or "\x1b" in text or "[/" in text or "`" in text] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_public_function_says_what_it_is(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert [node.name for node in public if ast.get_docstring(node) is None] == []
