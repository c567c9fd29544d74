"""The tables of docs/guide/intervals.md are what was measured."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import intervals, intervals_table  # noqa: E402

PAGE = ROOT / "docs" / "guide" / "intervals.md"


def test_tables_of_the_page_are_those_of_the_results_and_these_are_what_was_promised():
    records = intervals.read()
    text = PAGE.read_text(encoding="utf-8")
    begin, end = intervals_table.BEGIN, intervals_table.END
    assert text.split(begin)[1].split(end)[0].strip() == intervals_table.section(records)
    numbers = [one for one in records if one["kind"] == "regress"]
    classes = [one for one in records if one["kind"] != "regress"]
    assert not any(one["crossed"] for one in numbers)
    for own in (numbers, classes):
        assert 0.89 < intervals_table.share(own, "inside")[0] < 0.92
    tasks = {one["task"] for one in numbers}
    ratios = [intervals_table.ratio([one for one in numbers if one["task"] == task]) for task in tasks]
    assert sum(ratios) / len(ratios) < 0.9
    both = [one for one in classes if "plain_width" in one]
    assert sum(one["width"] for one in both) < sum(one["plain_width"] for one in both)
    for task in {one["task"] for one in classes}:
        inside, error = intervals_table.share([one for one in classes if one["task"] == task], "inside")
        assert abs(inside - 0.9) < 3.0 * error, task
