"""The Python of the user guide and the mathematics runs, and what stands below a block is what it prints."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

import write_guide_output as guide

PAGES = sorted(guide.GUIDE.glob("*.md"))
MATHEMATICS = [page for page in sorted(guide.MATHEMATICS.glob("*.md")) if any(guide.blocks_of(page))]
SLOW = {"decisions-and-calibration.md", "distillation.md", "report.md"}  # many fits, or many figures
SLOW |= {"trees-or-networks.md"}  # OpenMP's threads
SLOW |= {"on-a-cluster.md"}  # processes that start
WITHOUT_CODE = {"index.md", "playground.md", "what-descend-does-not-do.md"}


def marked(page):
    return pytest.param(
        page, id=f"{page.parent.name}-{page.stem}", marks=[pytest.mark.long] if page.name in SLOW else []
    )


@pytest.mark.parametrize("page", [marked(page) for page in [*PAGES, *MATHEMATICS] if page.name not in WITHOUT_CODE])
def test_code_of_the_page_runs_and_prints_what_the_page_says(page):
    assert any(guide.blocks_of(page))
    assert guide.stale(page) == []


def test_files_that_a_page_writes_do_not_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        '```python\nfrom pathlib import Path\nprint(Path("a.html").write_text("abc"))\n```\n', encoding="utf-8"
    )
    assert guide.main([page.name]) == 0
    assert "```text\n3\n```" in page.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [page]


def test_a_number_or_word_that_is_no_longer_printed_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text('```python\nprint("loss", 0.5)\n```\n\n```text\nloss 0.501\n```\n', encoding="utf-8")
    assert guide.stale(page) == []
    for wrong in ("loss 0.7", "error 0.5", "loss 0.5 0.5"):
        page.write_text(f'```python\nprint("loss", 0.5)\n```\n\n```text\n{wrong}\n```\n', encoding="utf-8")
        assert guide.stale(page) == [f"page.md:1: says\n{wrong}\nprints\nloss 0.5\n"]
    page.write_text("*Not run by the tests: it has no end.*\n\n```python\nwhile True: pass\n```\n", encoding="utf-8")
    assert guide.stale(page) == []
    page.write_text('\n```python\nprint("loss", 0.5)\n```\n', encoding="utf-8")
    assert guide.stale(page) == ["page.md:2: says\nprints\nloss 0.5\n"]
    assert guide.written(page) == '\n```python\nprint("loss", 0.5)\n```\n\n```text\nloss 0.5\n```\n'


def test_every_page_of_the_guide_stands_in_its_table_and_in_its_tree():
    index = (guide.GUIDE / "index.md").read_text(encoding="utf-8")
    table, tree = index.split("```{toctree}", 1)
    names = {page.stem for page in PAGES} - {"index"}
    assert set(re.findall(r"\(([\w-]+)\.md\)", table)) == names
    assert sorted(re.findall(r"^([a-z][\w-]+)$", tree, re.MULTILINE)) == sorted(names)


def test_pictures_of_the_guide_are_those_of_the_script():
    drawn = re.findall(
        r'^    "(guide-[\w-]+)":', (guide.GUIDE.parents[1] / "tools/pictures/guide_pictures.py").read_text(), re.M
    )
    shown = {name for page in PAGES for name in re.findall(r"\(\.\./pictures/(guide-[\w-]+)\.svg\)", page.read_text())}
    assert shown == set(drawn) == {path.stem for path in (guide.GUIDE.parent / "pictures").glob("guide-*.svg")}
