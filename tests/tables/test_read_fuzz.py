"""Damaged files of every kind: read or refused in our words, in bounded time and memory, by a process that goes on."""

import subprocess
import sys
from pathlib import Path

import pytest

TRIAL = Path(__file__).parents[1] / "helpers" / "reading_trial.py"


def trial(kinds: str, first: int, stop: int) -> dict[str, list[int]]:
    done = subprocess.run(
        [sys.executable, str(TRIAL), kinds, str(first), str(stop)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    return {name: [int(one) for one in numbers] for name, *numbers in map(str.split, done.stdout.splitlines())}


def check(found: dict[str, list[int]], cases: int) -> None:
    assert found.pop("MB")[0] < 1000
    for read, refused in found.values():
        assert read + refused == cases
        assert min(read, refused) > 0.01 * cases


def test_damaged_files_of_every_kind_are_read_or_refused():
    check(trial("parquet,feather,csv,json", 0, 150), 150)


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "cases"), [("parquet", 15_000), ("feather", 15_000), ("csv", 80_000), ("json", 40_000)]
)
def test_many_damaged_files_are_read_or_refused(kind, cases):
    check(trial(kind, 1000, 1000 + cases), cases)
