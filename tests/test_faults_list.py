"""The list of faults that tests must notice (tools/faults.toml) is not stale: each can still be put in."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from test_house import ROOT, tool

faults = tool("try_faults")
EVERY = faults.read_faults()


def test_every_fault_can_be_put_in_and_the_tests_that_notice_it_are_there():
    assert faults.stale(EVERY) == []


def test_the_list_has_the_faults_that_no_test_saw_once():
    assert {str(number) for number in range(1, 32)} <= {fault.number for fault in EVERY}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"old": "no such text"}, "its old text must stand exactly once in training/race.py; it does 0 times."),
        ({"old": "a", "new": ""}, "its old text must stand exactly once in training/race.py; it does "),
        ({"file": "training/gone.py"}, "its old text must stand exactly once in training/gone.py; it does 0 times."),
        ({"new": "1 / 4, 1 / 2)"}, "its new text is the old one."),
        ({"tests": ("training/test_gone.py",)}, "there is no test training/test_gone.py."),
        ({"tests": ("test_house.py::test_gone",)}, "there is no test test_house.py::test_gone."),
    ],
)
def test_a_fault_that_is_stale_is_reported(change, problem):
    good = faults.Fault("1", "half", "training/race.py", "1 / 4, 1 / 2)", "1 / 4, 1 / 3)", ("test_house.py",))
    assert faults.stale([good]) == []
    (line,) = faults.stale([replace(good, **change)])
    assert line.startswith(f"tools/faults.toml: fault 1: {problem}")


def test_two_faults_of_one_number_are_reported():
    assert faults.stale([EVERY[0], EVERY[0]]) == ["tools/faults.toml: fault 1: another fault has this number."] * 2


def test_a_fault_with_an_unknown_number_is_not_tried():
    command = [sys.executable, str(Path(ROOT, "tools", "try_faults.py")), "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "there is no fault 0.\n")


def test_a_fault_is_put_in_and_taken_out_again_whatever_happens(tmp_path):
    fault = faults.Fault("1", "half", "a.py", "1 / 2", "1 / 3", ("test_a.py",))
    copy, path = faults.Copy.__new__(faults.Copy), tmp_path / "a.py"
    copy._package, copy._module = tmp_path, tmp_path / "module"
    path.write_text("x = 1 / 2\n", encoding="utf-8")
    copy._module.write_bytes(b"compiled")

    def interrupted():
        with copy.having(fault):
            assert path.read_text(encoding="utf-8") == "x = 1 / 3\n"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_text(encoding="utf-8") == "x = 1 / 2\n"
