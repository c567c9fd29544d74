"""Model files and checkpoints that were changed are refused in our words, or hold what they say; nothing crashes.

Each fuzz is one process that serves many files; its last line says what came of them, or how to make one again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def fuzzed(script: str, files: int, seed: int) -> dict[str, int]:
    command = [sys.executable, Path(__file__).with_name(script), "--files", files, "--seed", seed]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout[-300:]}\n{done.stderr[-3000:]}"
    return {one.rpartition(" ")[0]: int(one.rpartition(" ")[2]) for one in done.stdout.splitlines()[-1].split(", ")}


def test_changed_model_files_are_refused_or_hold_what_they_say():
    outcomes = fuzzed("fuzz_models.py", 30, 0)
    assert outcomes["read"] > 2
    assert outcomes["refused"] > 12


def test_changed_checkpoints_are_refused_or_go_on_to_the_same_bits():
    assert fuzzed("fuzz_checkpoints.py", 30, 0)["refused"] > 12


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_a_hundred_thousand_changed_model_files(seed):
    outcomes = fuzzed("fuzz_models.py", 50_000, seed)
    assert sum(outcomes.values()) == 50_000
    assert outcomes["read"] > 5_000


@pytest.mark.long
def test_ten_thousand_changed_checkpoints():
    outcomes = fuzzed("fuzz_checkpoints.py", 10_000, 1)
    assert sum(outcomes.values()) == 10_000
    assert outcomes["refused"] > 5_000
