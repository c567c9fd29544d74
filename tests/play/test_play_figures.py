"""The page writes numbers as Python does: the cases of `front/src/draw/numbers.test.ts` are Python's own."""

import json
from pathlib import Path

from descend.describe.sums import EXACT, figure

CASES = Path(__file__).parents[2] / "src/descend/play/front/src/draw/figures.json"


def test_the_cases_of_the_page_are_what_python_writes():
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    assert len(cases) > 50
    for number, text in cases:
        assert figure(number, EXACT) == text
        assert float(text.replace("−", "-")) == number
