"""The page *Accuracy*: it is what the results say; ranks, losses, seconds, what is missing."""

import sys
from pathlib import Path

import pytest

from accuracy_records import class_record, failed, record

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.accuracy import compare, losses, records, summary, tables  # noqa: E402

from benchmarks import pages  # noqa: E402


def selected(lines):
    return compare.select(lines, "10000/5000", {})


def both(task, ours, theirs, who="CatBoost", **more):
    return [record(task, "descend", ours, **more), record(task, who, theirs, **more)]


# ---------------------------------------------------------------- what is published


def test_page_and_readme_are_what_the_results_say():
    found = records.read()
    page = summary.page(found, records.read_ablation(), records.machines())
    assert len(page) > 10_000
    assert (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8") == page
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert pages.between_marks(readme, summary.for_readme(found), summary.MARKS) == readme


def test_page_and_readme_are_written_from_a_folder(tmp_path):
    for line in both("t", 1.0, 2.0):
        records.append(line, tmp_path / "accuracy")
    records.note_machine("a machine", tmp_path / "accuracy")
    records.note_machine("a machine", tmp_path / "accuracy")
    (alone,) = summary.write(tmp_path / "accuracy")
    text = alone.read_text(encoding="utf-8")
    assert "- Machine: a machine. " in text
    (tmp_path / "docs" / "guide").mkdir(parents=True)
    for name in ("README.md", "docs/guide/trees-or-networks.md"):
        (tmp_path / name).write_text("<!-- accuracy -->\nold\n<!-- end of accuracy -->\nrest\n", encoding="utf-8")
    page, *parts = summary.write(tmp_path / "accuracy", tmp_path)
    assert page.read_text(encoding="utf-8") == text
    for part in parts:
        assert "**0.500 times its error**" in part.read_text(encoding="utf-8")
        assert part.read_text(encoding="utf-8").endswith("<!-- end of accuracy -->\nrest\n")
    assert [part.name for part in parts] == ["README.md", "trees-or-networks.md"]


def test_without_results_the_page_says_so():
    assert summary.page([]) == summary.EMPTY
    assert summary.for_readme([]) == "No results yet."
    assert "## Ranks" in summary.page([record("t", "CatBoost", 1.0), record("t", "HGB", 2.0)])


# ---------------------------------------------------------------- the answer


def test_answer_has_ranks_ratio_and_losses_whoever_wins():
    worse = [line for task in "tuv" for line in both(task, 1.0, 0.5)]
    said = summary.answer(selected(worse))
    assert "**Average rank by error 2.00 ± 0.00**, where 1 is the best (the best peer: CatBoost 1.00 ± 0.00)" in said
    assert (
        "Next to CatBoost, on 3 tables: **2.000 times its error** in the geometric mean (below 1 with P = 0.000)"
        in said
    )
    assert said.endswith("On 3 of 3 tables a peer is clearly better by error.")


def test_a_table_that_a_ranked_peer_lacks_is_not_ranked_and_named():
    lines = [line for task in "tuvwx" for line in both(task, 1.0, 2.0)]
    lines += [record("y", "descend", 1.0), failed("y", "CatBoost", "stopped after 600 s")]
    page = summary.page(lines)
    assert "on the 5 tables where all of them have results; not counted: y (CatBoost: too long)." in page
    assert "| y | 150 / 50 | **1.0000** | too long |" in page
    assert "- CatBoost, y: stopped after 600 s" in page


def test_a_peer_of_few_tables_is_compared_there_and_not_ranked():
    lines = [line for task in "tuvwx" for line in both(task, 1.0, 2.0)] + [record("t", "RealMLP", 4.0)]
    page = summary.page(lines)
    assert "| RealMLP | 1 | 0.250 | 1.000 | 1 / 0 / 0 |" in page
    assert "Average rank among 2 " in page
    assert "| u | 150 / 50 | **1.0000** | 2.0000 | – |" in page


def test_our_other_qualities_are_compared_with_the_default_and_never_ranked():
    lines = [line for task in "tu" for line in both(task, 1.0, 2.0)]
    lines += [record(task, "descend fast", 1.5) for task in "tu"]
    page = summary.page(lines)
    assert "| descend fast | 2 | 1.500 | 1.500 | 1.500 |" in page
    assert "Average rank among 2 " in page


def test_of_several_versions_of_ours_the_last_or_the_named_one_is_shown():
    lines = [*both("t", 1.0, 2.0, version="old"), record("t", "descend", 8.0, version="new")]
    assert "| t | 150 / 50 | 8.0000 | **2.0000** |" in summary.page(lines)
    assert "| t | 150 / 50 | **1.0000** | 2.0000 |" in summary.page(lines, tag="old")


# ---------------------------------------------------------------- several splits


def test_scores_are_means_of_the_splits_that_all_who_are_ranked_have():
    lines = [*both("t", 1.0, 2.0), *both("t", 3.0, 4.0, seed=1), record("t", "CatBoost", 90.0, seed=2)]
    assert "| t | 150 / 50 | **2.0000** | 3.0000 |" in tables.scores(selected(lines), "error", "a")


def test_who_has_fewer_splits_is_marked_and_not_the_best():
    lines = [line for task in "tuvwx" for seed in (0, 1) for line in both(task, 1.0, 2.0, seed=seed)]
    lines += [record("t", "RealMLP", 0.5)]
    assert "| t | 150 / 50 | **1.0000** | 2.0000 | 0.5000\\* |" in tables.scores(selected(lines), "error", "a")


# ---------------------------------------------------------------- losses


def test_losses_are_named_with_all_who_are_clearly_better_the_largest_first():
    lines = [*both("t", 1.0, 0.9), record("t", "HGB", 0.8), *both("u", 1.0, 0.5), *both("v", 1.0, 0.99)]
    found = losses.losses(selected(lines))
    assert [losses.sentence(one) for one in found] == [
        "u: 1.0000; CatBoost 0.5000",
        "t: 1.0000; HGB 0.8000, CatBoost 0.9000",
    ]
    assert losses.losses(selected(lines), "log-loss") == []  # numbers are named once


def classes(ours, theirs, rows):
    return [
        class_record("t", who, error, error, test_rows=rows) for who, error in (("descend", ours), ("CatBoost", theirs))
    ]


@pytest.mark.parametrize(("rows", "clear"), [(50, False), (1000, True)])
def test_an_error_rate_is_clearly_worse_only_by_more_rows_than_chance(rows, clear):
    assert bool(losses.losses(selected(classes(0.12, 0.08, rows)))) == clear
    assert len(losses.losses(selected(classes(0.12, 0.08, rows)), "log-loss")) == 1
    assert losses.losses(selected(classes(0.08, 0.12, rows))) == []


def test_a_rare_class_is_lost_by_a_lower_precision():
    scores = [("descend", 0.5), ("CatBoost", 0.7), ("HGB", 0.3)]
    lines = [
        class_record("caravan", who, 0.1, 0.1, scores={"error": 0.1, "log_loss": 0.1, "average_precision": score})
        for who, score in scores
    ]
    (found,) = losses.losses(selected(lines), "average precision")
    assert found.theirs == {"CatBoost": 0.7}
    assert "| caravan (6.0 %) | 150 / 50 | 0.5000 | **0.7000** | 0.3000 |" in tables.rare(selected(lines))
    other = [line | {"task": "german"} for line in lines]
    assert losses.losses(selected(other), "average precision") == []


# ---------------------------------------------------------------- seconds


def test_where_others_worked_the_processors_seconds_count():
    lines = [*both("t", 1.0, 2.0), *both("u", 3.0, 4.0, others=1.0)]  # of the latter 6 and 8 seconds of two cores
    text = tables.seconds(selected(lines))
    assert "| t | 150 | 1.00 | 2.00 |" in text
    assert "| u | 150 | ~6.00 | ~8.00 |" in text
    assert "During 2 of 4 runs" in tables.times(selected(lines))


def test_times_say_where_we_are_slower():
    lines = [*both("t", 1.0, 2.0), *both("u", 4.0, 0.5)]
    text = tables.times(selected(lines))
    assert "| CatBoost | 2 | 1.25 s | – | 2.00 s (t) | 2.00 | 8.00 (u) | 1 of 2 | 0.500 s | 100 MB |" in text


def test_results_without_a_cap_have_a_table_of_their_own():
    full = [one | {"cap": "full", "train_rows": 36_000} for one in both("diamonds", 0.25, 0.5)]
    full += [failed("flights", "CatBoost", "stopped after 600 s", cap="full")]
    page = summary.page([*both("t", 1.0, 2.0), *full])
    assert "| diamonds | descend | 36,000 | 0.2500 | – | – | 0.250 s | 1.00 s | 100 MB |" in page
    assert "| flights | CatBoost | – | too long |" in page
    assert "- CatBoost, flights, in full: stopped after 600 s" in page
    assert "## In full" not in summary.page(both("t", 1.0, 2.0))


# ---------------------------------------------------------------- seconds of a fit


def test_mean_seconds_next_to_the_peer_and_tables_that_take_much_longer_are_said():
    lines = [*both("t", 4.0, 1.0), *both("u", 2.0, 5.0), record("alone", "descend", 100.0)]
    page = summary.page(lines)
    assert "**Mean of the 2 tables that both finish: ours 3.00 s, CatBoost 3.00 s.**" in page
    assert "More than 3 times as long as CatBoost: t 4.00." in page
    assert "Nowhere does ours take more than 3 times as long." in summary.page(both("u", 2.0, 5.0))


def test_versions_of_ours_are_compared_on_the_fits_that_both_ran():
    old = [record(task, "descend", seconds, version="old") for task, seconds in (("t", 4.0), ("u", 8.0), ("v", 99.0))]
    other = [record("t", "descend", 77.0, version="old", cap="full"), failed("w", "descend", "no", version="old")]
    new = [record(task, "descend", seconds, version="new") for task, seconds in (("t", 1.0), ("u", 2.0))]
    assert "| old | 2 | 6.00 | 1.50 | 24.0 | 6.00 |" in summary.page([*old, *other, *new])
    assert "Earlier versions" not in summary.page(new)
