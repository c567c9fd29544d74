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


def line(ratio, must=None, before=None, against="peer"):
    spread = Ratio(ratio, 0.9 * ratio, 1.1 * ratio)
    return Line("work", 2.0, against, 2.0 * ratio, "µs", spread, must, before)


SHARE = "roofline: L2"


@pytest.mark.parametrize(
    ("one", "verdict"),
    [
        (line(2.5, before=2.7), "bar met"),
        (line(2.5, before=2.8), "**bar missed**"),
        (line(0.5, before=0.4), "**we lose**"),
        (line(0.5, before=0.9), "**we lose**, bar missed"),
        (line(0.5), "**we lose**"),
        (line(1.5), ""),
        (line(1.7, must=1.6), "bar met"),
        (line(1.5, must=1.6), "**bar missed**"),
        (line(0.5, against=SHARE), ""),
        (line(0.79, must=0.8, against=SHARE), "**bar missed**"),
        (line(0.81, must=0.8, against=SHARE), "bar met"),
    ],
)
def test_verdicts(one, verdict):
    assert one.verdict == verdict


def test_shares_and_ratios_have_a_line_each():
    lines = [line(0.9, 0.8, against=SHARE), line(2.5, before=3.0)]
    assert results.share_table(lines) == "\n".join(
        [
            "| work | ours | roofline | share | spread | the longest is | bar | verdict |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            "| work | 2.00 µs | 1.80 µs | 90 % | 81 % … 99 % | L2 | 80 % | bar met |",
        ]
    )
    assert results.table(lines) == "\n".join(
        [
            "| work | ours | against | theirs | ratio | spread | before | verdict |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            "| work | 2.00 µs | peer | 5.00 µs | 2.50 | 2.25 … 2.75 | 3.00 | **bar missed** |",
        ]
    )


def test_without_shares_there_is_no_table_of_them():
    assert results.share_table([line(2.0)]) == ""


def test_the_short_table_has_a_line_per_work_and_the_best_way_of_each_peer():
    lines = [line(8.0, against="JAX vmap"), line(3000.0, against="PyTorch"), line(40.0, against="PyTorch stacked")]
    lines += [line(0.9, against=SHARE), replace(line(5.0), work="other", against="scikit-learn, 2 threads")]
    assert results.short_table(lines) == "\n".join(
        [
            "| work | ours | share of the roofline | PyTorch | scikit-learn | JAX |",
            "| --- | --- | --- | --- | --- | --- |",
            "| work | 2.00 µs | 90 % | 40.0 × | – | 8.00 × |",
            "| other | 2.00 µs | – | – | 5.00 × | – |",
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
    written = Result("tiny", "a title", [line(2.5, 2.0, 2.4)], ["a note"], {"points": [1, 2]})
    results.write(written, FACTS, tmp_path)
    assert results.read(tmp_path / "tiny.json") == (written, FACTS)


def test_pages_say_what_was_lost_what_was_skipped_and_where_they_come_from(tmp_path):
    details = {"us_per_step": {"ours": 2.0}, "disturbed": {"ours": 0.5}}
    results.write(
        Result("tiny", "a title", [line(0.5, before=2.0)], ["JAX is skipped: missing"], details), FACTS, tmp_path
    )
    (tmp_path / "tiny.svg").write_text("<svg/>")
    full, short = pages.write_pages(tmp_path, ["absent", "tiny"], tmp_path)
    text = full.read_text(encoding="utf-8")
    assert "- work: **slower than peer** (0.500, before 2.00)\n" in text
    assert "- JAX is skipped: missing\n- a title: the machine was busy with other work (50 % of the time).\n" in text
    assert "![tiny](tiny.svg)" in text
    origin = (
        "- 2026-01-01 00:00:00+0000, a processor, 2 cores, load 0.00; descend 0.1.0 (native engine, avx2), "
        "torch 2.13.0, Python 3.11.0; openblas; sgemm peak 165 GFLOP/s, **quick run, not for publication**\n"
    )
    assert text.endswith(origin)
    assert short.read_text(encoding="utf-8").endswith(origin)


def test_rows_with_all_cores_have_a_table_of_their_own():
    alone = Result("a", "a", [line(0.9, against=SHARE), line(3.0, against="JAX")], [], {"us_per_step": {}})
    together = Result("b", "b", [line(4.0, against="JAX, 2 threads")], [], {"us_per_step": {}, "cores": 2})
    text = pages.readme_section([(alone, FACTS), (together, FACTS)])
    first, second = text.split(pages.ALL_CORES)
    assert "| work | 2.00 µs | 90 % | – | – | 3.00 × |" in first
    assert "| work | 2.00 µs | – | – | – | 4.00 × |" in second


def test_who_is_slower_on_two_cores_than_on_one_has_not_lost_to_somebody():
    found = Result(
        "a", "a", [line(0.9, against="one core"), line(0.8, against="JAX")], [], {"us_per_step": {}, "cores": 2}
    )
    lost = pages.readme_section([(found, FACTS)]).splitlines()[-1]
    assert lost == "- work: 1.25 × (JAX)"
    assert "**slower than one core**" in pages.full_page([(found, FACTS)], ROOT, ROOT)


def test_shares_stand_before_ratios():
    text = pages.full_page([(Result("a", "a", [line(3.0), line(0.9, against=SHARE)]), FACTS)], ROOT, ROOT)
    assert text.index("| the longest is |") < text.index("| against |")


def test_the_terminal_shows_shares_in_per_cents():
    shown = pages.as_text(Result("a", "a", [line(0.756, 0.8, against=SHARE), line(3.0)])).splitlines()
    assert [" ".join(one.split()) for one in shown] == [
        "2 µs roofline: L2 1.512 µs 76 % **bar missed**",
        "2 µs peer 6 µs 3",
    ]


def test_no_results_make_no_pages(tmp_path):
    assert pages.write_pages(tmp_path, list(ENTRIES), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_the_readmes_section_and_the_page_are_written_anew(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("before\n<!-- speed -->\nold\n<!-- end of speed -->\nafter\n")
    results.write(Result("tiny", "a title", [line(0.5)], [], {"us_per_step": {"ours": 2.0}}), FACTS, tmp_path)
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


def test_readme_and_page_are_those_of_the_results(tmp_path):
    (tmp_path / "docs").mkdir()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    folder, plots = ROOT / "benchmarks" / "results", tmp_path / "docs" / "benchmarks"
    plots.mkdir()
    for drawn in (ROOT / "docs" / "benchmarks").glob("*.svg"):
        (plots / drawn.name).touch()
    page, said = pages.publish(folder, list(ENTRIES), plots, tmp_path)
    told = "written by: make bench BENCH_ARGS=--pages"
    assert said.read_text(encoding="utf-8") == readme, told
    assert page.read_text(encoding="utf-8") == (ROOT / "docs" / "speed.md").read_text(encoding="utf-8"), told
