"""Instructions of one row: what callgrind writes is read, and compared."""

import doctest
import sys
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.table import Options  # noqa: E402

from benchmarks import instructions  # noqa: E402


def test_examples_run():
    found = doctest.testmod(instructions)
    assert found.attempted > 0
    assert found.failed == 0


def test_files_of_callgrind_are_read(tmp_path):
    head = "version: 1\ndesc: I1 cache:\ndesc: Trigger: "
    for place, (name, times, total) in enumerate([("ours, predict", 50, 4000), ("ours, predict", 150, 104_000)]):
        text = f"{head}Client Request: dump {name} | {times}\nfn=(1)\n16 5\ntotals: {total}\n"
        (tmp_path / f"counts.{place + 1}").write_text(text)
    (tmp_path / "counts.3").write_text(f"{head}Program termination\ntotals: 7\n")
    found = instructions.tool.counted(tmp_path)
    assert found == {"ours, predict": {50: 4000, 150: 104_000}}
    assert instructions.per_call(found) == {"ours, predict": 1000.0}


def test_without_valgrind_nothing_is_counted(monkeypatch):
    monkeypatch.setattr(instructions, "which", lambda _: None)
    found = instructions.run_instructions(Options())
    assert (found.lines, found.notes[0].split(":")[0]) == ((), "Instructions are not counted")


@pytest.mark.long
@pytest.mark.skipif(which("valgrind") is None, reason="valgrind is missing")
def test_a_row_of_ours_costs_fewer_instructions_than_scikit_learns():
    found = instructions.run_instructions(Options())
    ratios = {(line.work, line.against): line.ratio.median for line in found.lines}
    for (_, against), ratio in ratios.items():
        if "scikit-learn" in against:
            assert ratio > 1
    assert len(ratios) >= 6
