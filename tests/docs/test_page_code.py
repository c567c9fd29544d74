"""Every block of Python and every command on every page runs, or the page says above it that it is not run, and why."""

import re

import pandas as pd
import pytest

import pages

MADE = "guide/how-a-table-is-read.md"  # written by a tool that runs what it shows: see test_reading_page.py
COMPARED = ("guide/", "mathematics/")
LONG = ("index.md", "start.md", "guide/report.md")  # seconds each, for reports; make docs runs start.md, too
# what the reader of a page has already, as it says
GIVEN = {
    "index.md": {
        "X": pd.DataFrame({"size": range(40), "colour": ["red", "blue"] * 20}),
        "y": ["small"] * 20 + ["large"] * 20,
        "X_new": pd.DataFrame({"size": [3], "colour": ["red"]}),
    }
}


def to_run(name, path):
    """Whether a page has blocks for this test; test_guide_pages.py runs the Python of COMPARED, with what it prints."""
    kinds = {block.kind for block in pages.blocks(path.read_text("utf-8")) if block.run}
    return name != MADE and bool(kinds - {"python"} if name.startswith(COMPARED) else kinds)


RUN = [name for name, path in pages.PAGES.items() if to_run(name, path)]


@pytest.mark.parametrize("page", [pytest.param(name, marks=[pytest.mark.long] if name in LONG else []) for name in RUN])
def test_code_and_commands_of_the_page_run(page, tmp_path):
    pages.prepare(tmp_path)
    # the other Python: test_guide_pages.py runs it, and compares what it prints
    kinds = ("commands", "file") if page.startswith(COMPARED) else pages.KINDS
    pages.run(page, tmp_path, GIVEN.get(page), kinds)


def test_every_command_on_a_page_is_one_with_options_that_there_are():
    told = list(pages.commands())
    assert len(told) > 20
    for _, line in told:
        pages.check_options(line)


def test_every_fence_of_a_page_names_a_language_that_is_known_here():
    known = {
        "python",
        "console",
        "bash",
        "",
        "text",
        "toml",
        "json",
        "cpp",
        "c",
        "fortran",
        "csharp",
        "javascript",
        "worked-example",
    }
    for name, path in pages.PAGES.items():
        text = path.read_text(encoding="utf-8")
        opened = re.findall(r"^ *(```+)(\S*)[^\n]*\n(?:.*?\n)?? *\1$", text, re.DOTALL | re.MULTILINE)
        languages = {language for _, language in opened if not language.startswith("{")}
        assert languages <= known, (
            f"{name}: {sorted(languages - known)}; code in another language is not run by the tests"
        )


def test_a_block_py_which_nobody_runs_says_so_above():
    for name, path in pages.PAGES.items():
        text = path.read_text(encoding="utf-8")
        for block in re.finditer(r"^```py$", text, re.MULTILINE):
            assert pages.NOT_RUN.search(text[: block.start()]), name


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("```python\na = 1\n```", [("python", True)]),
        ("```{run} python\n:quiet:\n\na = 1\n```", [("python", True)]),
        ("Text\n\n*Not run by the tests: it needs PyTorch.*\n\n```python\nimport torch\n```", [("python", False)]),
        ("```console\npip install x\n```", []),
        ("```text\nx\n```\n\nWords\n\n```\ndescend step a.descend\n```", [("commands", True)]),
        ("```console\n$ descend step a.descend\nwhat it prints\n```", [("commands", True)]),
    ],
)
def test_blocks_are_found(text, kinds):
    assert [(block.kind, block.run) for block in pages.blocks(text)] == kinds


def test_an_error_in_a_block_names_its_line_of_the_page(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n```python\na = 1\nraise KeyError(a)\n```\n", encoding="utf-8")
    monkeypatch.setitem(pages.PAGES, "page.md", page)
    with pytest.raises(KeyError) as caught:
        pages.run("page.md", tmp_path)
    assert caught.traceback[-1].lineno + 1 == 5


def test_an_unknown_option_on_a_page_is_found():
    with pytest.raises(Exception, match="--no-such-option"):
        pages.check_options("descend train a.csv --no-such-option")
