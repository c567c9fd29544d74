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


NO_THREADS = """
import os, sys
import pyarrow.parquet
from descend.tables.files.binary import read_binary
from reading_trial import damaged, KINDS
files = KINDS[sys.argv[1]][0]()
names = lambda: sorted(open(f"/proc/self/task/{one}/comm").read() for one in os.listdir("/proc/self/task"))
before = names().count("python\\n")
for case in range(100):
    try:
        read_binary(damaged(files, case), "t", sys.argv[1])
    except ValueError:
        pass
print(names().count("python\\n") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_no_thread_holds_the_bytes_of_a_file_when_python_leaves(kind):
    command = [sys.executable, "-c", NO_THREADS, kind]
    done = subprocess.run(command, capture_output=True, text=True, cwd=TRIAL.parent, check=True)
    assert int(done.stdout) <= 0  # one that importing left may have ended meanwhile
