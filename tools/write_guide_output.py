"""Write what the Python blocks of the user guide and the mathematics print: the ``text`` block that directly follows.

Usage: ``python tools/write_guide_output.py [--check] [PAGE.md …]``; without pages all of docs/guide and
docs/mathematics. With --check nothing is written, and pages that are not up to date leave with 1.
"""

from __future__ import annotations

import contextlib
import io
import math
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from sklearn.exceptions import ConvergenceWarning

DOCS = Path(__file__).resolve().parents[1] / "docs"
GUIDE, MATHEMATICS = DOCS / "guide", DOCS / "mathematics"
PAIR = re.compile(r"^```python\n(?P<code>.*?)^```\n(?:\n```text\n(?P<said>.*?)^```\n)?", re.DOTALL | re.MULTILINE)
NOT_RUN = re.compile(r"\*Not run by the tests: [^*]+\*\s*\Z")  # stands above a block that is only shown
NUMBER = re.compile(r"(?<![\w.])[-−+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")
NEAR = 0.05  # numbers may differ by so much of themselves, for other versions of scikit-learn and NumPy


def blocks_of(page: Path) -> Iterator[re.Match[str]]:
    """Yield the blocks of a page that are run, each with what stands below it."""
    text = page.read_text(encoding="utf-8")
    return (block for block in PAIR.finditer(text) if not NOT_RUN.search(text[: block.start()]))


def printed(page: Path) -> list[tuple[re.Match[str], str]]:
    """Run the blocks of a page in one namespace; each with what it prints. An error names its line in the page."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with _elsewhere():
        return [(block, _run(block, page, namespace)) for block in blocks_of(page)]


@contextlib.contextmanager
def _elsewhere() -> Iterator[None]:
    """Work in a folder of its own, where files that blocks write do not stay."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield


def namespace_of(page: str, blocks: int) -> dict[str, Any]:
    """Return the names after the first `blocks` blocks of a page of the guide."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with _elsewhere():
        for block in islice(blocks_of(GUIDE / page), blocks):
            _run(block, GUIDE / page, namespace)
    return namespace


def _run(block: re.Match[str], page: Path, namespace: dict[str, Any]) -> str:
    lines_before = block.string.count("\n", 0, block.start("code"))
    code = compile("\n" * lines_before + block["code"], str(page), "exec")
    out = io.StringIO()
    with contextlib.redirect_stdout(out), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        exec(code, namespace)
    return out.getvalue()


def same(said: str, now: str) -> bool:
    """Whether two outputs have the same words, and numbers that are near to each other.

    Examples
    --------
    >>> same("R² 0.912, row 3", "R² 0.915, row 3"), same("R² 0.912", "R² 0.712"), same("R² 0.912", "MSE 0.912")
    (True, False, False)
    """
    if [one.split() for one in NUMBER.split(said)] != [one.split() for one in NUMBER.split(now)]:
        return False
    pairs = zip(NUMBER.findall(said), NUMBER.findall(now), strict=True)
    return all(math.isclose(_value(a), _value(b), rel_tol=NEAR, abs_tol=_last_digit(a)) for a, b in pairs)


def _value(number: str) -> float:
    return float(number.replace(",", "").replace("−", "-"))


def _last_digit(number: str) -> float:
    """Size of one in the last written place of a fraction; 0 of whole numbers.

    Examples
    --------
    >>> _last_digit("0.003"), _last_digit("12")
    (0.001, 0.0)
    """
    _, dot, places = number.partition(".")
    return 10.0 ** -len(places) if dot and places.isdigit() else 0.0


def stale(page: Path) -> list[str]:
    """Return what no longer is what a page says, or that a block prints and nothing stands below it."""
    found = []
    for block, now in printed(page):
        said = block["said"] or ""
        if not same(said, now):
            line = block.string.count("\n", 0, block.start()) + 1
            found.append(f"{page.name}:{line}: says\n{said}prints\n{now}")
    return found


def written(page: Path) -> str:
    """Return the text of a page with all outputs anew."""
    text = page.read_text(encoding="utf-8")
    for block, now in reversed(printed(page)):
        below = f"\n```text\n{now}```\n" if now else ""
        text = f"{text[: block.start()]}```python\n{block['code']}```\n{below}{text[block.end() :]}"
    return text


def main(arguments: list[str]) -> int:
    """Write or check pages; returns the exit code."""
    check = "--check" in arguments
    pages = [Path(one).resolve() for one in arguments if one != "--check"] or sorted(
        [*GUIDE.glob("*.md"), *MATHEMATICS.glob("*.md")]
    )
    found = []
    for page in pages:
        if check:
            found += stale(page)
        else:
            page.write_text(written(page), encoding="utf-8")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
