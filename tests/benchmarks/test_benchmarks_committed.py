"""Ratios against those that were committed: only where machine and versions are the same."""

import doctest
import sys
from dataclasses import replace
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.measure import Ratio  # noqa: E402
from benchmarks.results import Line, Result  # noqa: E402

from benchmarks import committed  # noqa: E402

MACHINE = {
    "time": "2026-01-01 00:00:00+0000",
    "processor": "AMD EPYC (avx512f)",
    "model": "family 25, model 17",
    "cores": 2,
    "isa": "avx512",
    "python": "3.11.7",
    "versions": {"numpy": "2.4.6", "torch": "2.13.0", "jax": "0.10.2", "jaxlib": "0.10.2"},
}


def result(*pairs):
    lines = [Line("work", 1.0, who, value, "µs", Ratio(value, value, value)) for who, value in pairs]
    return Result("a", "a title", lines, ["said before"])


BEFORE = (result(("PyTorch", 10.0), ("JAX", 2.0), ("roofline: L2", 0.9)), MACHINE)


def test_examples_run():
    found = doctest.testmod(committed)
    assert found.attempted > 0
    assert found.failed == 0


def test_on_the_same_machine_a_ratio_that_fell_misses_its_bar():
    found = committed.judged(result(("PyTorch", 8.9), ("JAX", 1.9), ("roofline: L2", 0.1)), MACHINE, BEFORE)
    assert [line.before for line in found.lines] == [10.0, 2.0, None]
    assert [line.verdict for line in found.lines] == ["**bar missed**", "bar met", ""]
    assert found.notes == ["said before"]


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("model", "family 26, model 2", "another processor"),
        ("processor", "another", "another processor"),
        ("cores", 4, "another number of cores"),
        ("isa", "avx2", "another instruction set"),
        ("python", "3.12.1", "Python was 3.11.7, is 3.12.1"),
        ("versions", MACHINE["versions"] | {"numpy": "2.5"}, "numpy was 2.4.6, is 2.5"),
    ],
)
def test_on_another_machine_nothing_is_judged(key, value, words):
    found = committed.judged(result(("PyTorch", 1.1), ("JAX", 1.1)), MACHINE | {key: value}, BEFORE)
    assert [line.before for line in found.lines] == [None, None]
    assert [line.verdict for line in found.lines] == ["", ""]
    assert found.notes[1:] == [
        f"a title: not comparable with the committed ratios of 2026-01-01 to PyTorch, JAX: {words}."
    ]


def test_another_version_of_one_peer_is_no_reason_not_to_judge_the_others():
    versions = MACHINE["versions"] | {"torch": "2.14.0"}
    found = committed.judged(result(("PyTorch", 1.1), ("JAX", 1.1)), MACHINE | {"versions": versions}, BEFORE)
    assert [line.verdict for line in found.lines] == ["", "**bar missed**"]
    assert found.notes[-1].endswith("to PyTorch: torch was 2.13.0, is 2.14.0.")


def test_an_old_result_without_the_model_is_another_machine():
    old = {key: value for key, value in MACHINE.items() if key != "model"}
    assert "another processor" in committed.judged(result(("JAX", 1.0)), MACHINE, (BEFORE[0], old)).notes[-1]


def test_new_rows_have_nothing_to_be_compared_with():
    new = replace(result(("JAX", 1.0)), lines=[Line("new", 1.0, "JAX", 3.0, "s", Ratio(3.0, 3.0, 3.0))])
    assert committed.judged(new, MACHINE, BEFORE).lines == new.lines
    assert committed.judged(new, MACHINE, None).notes[-1] == "a title: nothing is committed to compare with."


def test_committed_results_are_read_from_git():
    found = committed.read_committed("sample-8")
    if found is None:
        pytest.skip("no git here")
    assert found[0].name == "sample-8"
    assert found[1]["cores"] > 0
    assert committed.read_committed("no-such-work") is None
