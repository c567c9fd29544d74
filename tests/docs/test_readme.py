"""What README says runs, and what it lists is there; the examples and the demo too."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from descend.tables.datasets import dataset_path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
COMMANDS = [line for _, text in BLOCKS for line in text.splitlines() if line.startswith("descend ")]


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def after_the_commands(tmp_path_factory):
    """A folder with penguins.csv in which all commands of README were run, quickly."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copy(dataset_path("penguins"), folder)
    for line in COMMANDS:
        words = shlex.split(line)[1:]
        quickly = ["--restarts", "2", "--epochs", "20"] if words[0] == "train" else []
        run(folder, sys.executable, "-m", "descend", *words, *quickly)
    return folder


def test_commands_of_readme_run_and_leave_what_they_say(after_the_commands):
    assert [shlex.split(line)[1] for line in COMMANDS] == ["train", "predict", "evaluate", "step"]
    assert {"penguins.descend", "predictions.csv"} <= {path.name for path in after_the_commands.iterdir()}


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_python_of_readme_runs(number, after_the_commands):
    printed = run(after_the_commands, sys.executable, "-W", "error", "-c", PYTHON[number])
    assert printed


def test_first_commands_of_readme_are_targets_of_make():
    first = BLOCKS[0][1].splitlines()
    assert [line.split()[:2] for line in first] == [["make", "demo"], ["make", "test"]]
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{line.split()[1]}:" in rules for line in first)


def test_tree_of_readme_lists_every_file_of_the_package():
    tree = next(text for _, text in BLOCKS if text.startswith("src/descend/"))
    listed = re.findall(r"^  (\w+(?:\.py|/)) +\S", tree, re.MULTILINE)
    package = ROOT / "src" / "descend"
    there = {path.name for path in package.glob("*.py")}
    there |= {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    assert sorted(listed) == sorted(there)


def test_files_that_readme_links_to_are_there():
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert len(links) >= 6
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_picture_of_readme_is_a_real_training_that_shows_what_its_caption_says(tmp_path):
    path = tmp_path / "restarts.svg"
    printed = run(tmp_path, sys.executable, str(ROOT / "tools" / "make_readme_picture.py"), str(path))
    claim = printed.strip().removeprefix(f"{path}: ").removeprefix("the worst of 16 ends")
    assert claim
    assert f"16 random starts: the worst ends{claim}" in README.replace("\n", " ")
    assert path.read_text(encoding="utf-8").count('clip-path="url(') == 16 + 1  # the curves, and the winner's dot
    assert (ROOT / "docs" / "restarts.svg").exists()


def test_examples_run_and_print_what_they_promise(tmp_path):
    printed = {
        path.stem: run(tmp_path, sys.executable, "-W", "error", str(path)) for path in (ROOT / "examples").glob("*.py")
    }
    assert "The best one says: [0.0, 1.0, 1.0, 0.0]" in printed.pop("xor")
    by_hand = printed.pop("one_round_by_hand")
    assert "central differences: True" in by_hand
    assert "loss 0.763722 before the round, 0.284525 after it" in by_hand
    assert "same bits: True" in printed.pop("surrogate")
    assert "accuracy on the test rows: 1.000" in printed.pop("sklearn_classification")
    assert "R² in cross-validation: 0.5" in printed.pop("sklearn_grid_search")
    assert "right among rows 2000 to 2999: 0.9" in printed.pop("sklearn_online")
    assert printed == {}
