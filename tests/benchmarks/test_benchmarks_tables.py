"""The benchmark's tables and pages: verdicts, what was lost, where the numbers come from."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.__main__ import ENTRIES  # noqa: E402
from benchmarks.measure import Ratio  # noqa: E402
from benchmarks.results import Line, Result  # noqa: E402

from benchmarks import pages, results  # noqa: E402


def line(ratio, must=None, goal=None, unit="µs"):
    return Line("work", 2.0, "peer", 2.0 * ratio, unit, Ratio(ratio, 0.9 * ratio, 1.1 * ratio), must, goal)


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (line(4.0, 2.0, 3.0), "goal met"),
        (line(2.5, 2.0, 3.0), "bar met, goal missed"),
        (line(2.5, 2.0), "bar met"),
        (line(1.5, 2.0, 3.0), "**bar missed**"),
        (line(0.5, 2.0, 3.0), "**we lose**, bar missed"),
        (line(0.5), "**we lose**"),
        (line(0.5, must=0.4), "**we lose**"),
        (line(1.5), ""),
        (line(0.5, None, 1.0, "GFLOP/s"), "goal missed"),
        (line(0.7, 0.8, 0.95, "GFLOP/s"), "**bar missed**"),
        (line(0.9, 0.8, 0.95, "GFLOP/s"), "bar met, goal missed"),
        (line(0.5, unit="GFLOP/s"), ""),
    ],
)
def test_verdicts(one, verdict):
    assert one.verdict == verdict


def test_the_full_table_has_a_line_per_comparison():
    assert results.table([line(2.5, 2.0, 3.0), line(0.9, 0.8, unit="GFLOP/s")]) == "\n".join(
        [
            "| work | ours | against | theirs | ratio | spread | must | goal | verdict |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            "| work | 2.00 µs | peer | 5.00 µs | 2.50 | 2.25 … 2.75 | 2.00 | 3.00 | bar met, goal missed |",
            "| work | 2.00 GFLOP/s | peer | 1.80 GFLOP/s | 90 % | 81 % … 99 % | 80 % |  | bar met |",
        ]
    )


def test_the_short_table_has_a_line_per_work():
    lines = [replace(line(8.0), against="JAX vmap"), replace(line(3000.0), against="PyTorch")]
    lines += [line(0.9, unit="GFLOP/s"), replace(line(5.0), work="other", against="scikit-learn")]
    assert results.short_table(lines) == "\n".join(
        [
            "| work | ours | PyTorch | scikit-learn | JAX | share of sgemm peak |",
            "| --- | --- | --- | --- | --- | --- |",
            "| work | 2.00 µs | 3000 × | – | 8.00 × | 90 % |",
            "| other | 2.00 µs | – | 5.00 × | – | – |",
        ]
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (99.96, "100"), (9.999, "10.0"), (0.0009996, "0.00100"), (1e6, "1000000"), (float("nan"), "nan")],
)
def test_numbers_have_three_digits(value, text):
    assert results.number(value) == text


FACTS = {
    "time": "2026-01-01 00:00:00+0000",
    "processor": "a processor",
    "cores": 2,
    "load_at_start": 0.0,
    "descend": "0.1.0",
    "engine": "native",
    "isa": "avx2",
    "versions": {"torch": "2.13.0"},
    "python": "3.11.0",
    "blas": "openblas",
    "sgemm_peak_gflops": 165.0,
    "quick": True,
}


def test_results_come_back_from_their_files(tmp_path):
    written = Result("tiny", "a title", [line(2.5, 2.0)], ["a note"], {"points": [1, 2]})
    results.write(written, FACTS, tmp_path)
    assert results.read(tmp_path / "tiny.json") == (written, FACTS)


def test_pages_say_what_was_lost_what_was_skipped_and_where_they_come_from(tmp_path):
    details = {"us_per_step": {"ours": 2.0}, "disturbed": {"ours": 0.5}}
    results.write(Result("tiny", "a title", [line(0.5, 2.0)], ["JAX is skipped: missing"], details), FACTS, tmp_path)
    (tmp_path / "tiny.svg").write_text("<svg/>")
    full, short = pages.write_pages(tmp_path, ["absent", "tiny"], tmp_path)
    text = full.read_text(encoding="utf-8")
    assert "- work: **slower than peer** (0.500, bar 2.00)\n" in text
    assert "- JAX is skipped: missing\n- a title: the machine was busy with other work (50 % of the time).\n" in text
    assert "![tiny](tiny.svg)" in text
    origin = (
        "- 2026-01-01 00:00:00+0000, a processor, 2 cores, load 0.00; descend 0.1.0 (native engine, avx2), "
        "torch 2.13.0, Python 3.11.0; openblas; sgemm peak 165 GFLOP/s, **quick run, not for publication**\n"
    )
    assert text.endswith(origin)
    assert short.read_text(encoding="utf-8").endswith(origin)


def test_no_results_make_no_pages(tmp_path):
    assert pages.write_pages(tmp_path, list(ENTRIES), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_the_readmes_section_and_the_page_are_written_anew(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("before\n<!-- speed -->\nold\n<!-- end of speed -->\nafter\n")
    results.write(Result("tiny", "a title", [line(0.5, 2.0)], [], {"us_per_step": {"ours": 2.0}}), FACTS, tmp_path)
    page, readme = pages.publish(tmp_path, ["tiny"], tmp_path, tmp_path)
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- speed -->\nTime of one step")
    assert text.endswith("\n<!-- end of speed -->\nafter\n")
    assert "- work: 2.00 × (peer)\n" in text
    assert "old" not in text
    assert page.read_text(encoding="utf-8").startswith("# Speed\n")
    pages.publish(tmp_path, ["tiny"], tmp_path, tmp_path)
    assert readme.read_text(encoding="utf-8") == text


def test_a_readme_without_marks_is_an_error():
    with pytest.raises(ValueError, match="must have one line <!-- speed --> and one line <!-- end of speed -->"):
        pages.between_marks("no marks", "inside")
