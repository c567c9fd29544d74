"""Each ask has its answer, in few lines, or says that it has none yet; test_page_code.py runs them."""

import re

import pages

ASKS = "what-you-asked-for.md"


def test_every_ask_has_its_heading_and_code_of_at_most_six_lines_or_says_not_yet():
    text = pages.PAGES[ASKS].read_text(encoding="utf-8")
    sections = re.split(r"^## (\d+)\. ", text, flags=re.MULTILINE)[1:]
    numbers, bodies = sections[::2], sections[1::2]
    assert numbers == [str(n) for n in range(1, 26)]
    for number, body in zip(numbers, bodies, strict=True):
        blocks = pages.blocks(body)
        assert blocks or "**Not yet**" in body, number
        assert all(block.text.count("\n") <= 6 for block in blocks), number
