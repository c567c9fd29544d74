"""The code of pages that users are shown runs, in order."""

import re
import warnings
from pathlib import Path

import pytest
from sklearn.exceptions import ConvergenceWarning

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("what-you-asked-for.md",)
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def run_blocks(page: str) -> int:
    """Run the blocks of a page in one namespace; an error names its line in the page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    namespace: dict[str, object] = {}
    blocks = list(BLOCK.finditer(text))
    for block in blocks:
        lines_before = text.count("\n", 0, block.start(1))
        code = compile("\n" * lines_before + block[1], str(DOCS / page), "exec")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.filterwarnings("ignore", "scipy.optimize: The `disp`", DeprecationWarning)  # old scikit-learn
            exec(code, namespace)
    return len(blocks)


@pytest.mark.parametrize("page", PAGES)
def test_code_of_the_page_runs(page):
    assert run_blocks(page) > 5


def test_every_ask_has_its_heading_and_code_of_at_most_six_lines_or_says_not_yet():
    text = (DOCS / PAGES[0]).read_text(encoding="utf-8")
    sections = re.split(r"^## (\d+)\. ", text, flags=re.MULTILINE)[1:]
    numbers, bodies = sections[::2], sections[1::2]
    assert numbers == [str(n) for n in range(1, 26)]
    for number, body in zip(numbers, bodies, strict=True):
        blocks = BLOCK.findall(body)
        assert blocks or "**Not yet**" in body or "```\ndescend " in body, number
        assert all(block.count("\n") <= 6 for block in blocks), number
