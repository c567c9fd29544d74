"""What README says runs, and what it lists is there."""

import contextlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import command_line
from browser import served
from descend.tables.datasets import dataset_path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "descend"
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
LINES = [line for _, text in BLOCKS for line in text.splitlines() if line.startswith("descend ")]
SERVING = [line for line in LINES if line.startswith("descend play")]
COMMANDS = [line for line in LINES if line not in SERVING]


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def after_the_commands(tmp_path_factory):
    """A folder with penguins.csv in which all commands of README were run, quickly."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copy(dataset_path("penguins"), folder)
    with contextlib.chdir(folder):
        for line in COMMANDS:
            words = shlex.split(line)[1:]
            quickly = ["--restarts", "2", "--epochs", "20"] if words[0] == "train" else []
            done = command_line.run(*words, *quickly)
            assert done.code == 0, done.err
    return folder


def test_commands_of_readme_run_and_leave_what_they_say(after_the_commands):
    assert [shlex.split(line)[1] for line in COMMANDS] == ["train", "predict", "evaluate", "step"]
    assert {"penguins.descend", "predictions.csv"} <= {path.name for path in after_the_commands.iterdir()}


@pytest.mark.parametrize("line", SERVING)
def test_playgrounds_of_readme_open(line, after_the_commands, monkeypatch):
    if not (PACKAGE / "play" / "static" / "descend.js").exists():
        pytest.skip("the page is not built: make front builds it")
    monkeypatch.chdir(after_the_commands)
    with served(*shlex.split(line)[2:]) as address:
        assert address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_python_of_readme_runs(number, after_the_commands, monkeypatch, capsys):
    monkeypatch.chdir(after_the_commands)
    exec(compile(PYTHON[number], f"README.md, block {number}", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out


def test_first_commands_of_readme_are_targets_of_make():
    first = BLOCKS[0][1].splitlines()
    assert [line.split()[:2] for line in first] == [["make", "demo"], ["make", "test"]]
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{line.split()[1]}:" in rules for line in first)


def test_files_that_readme_links_to_are_there():
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert len(links) >= 6
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.long
def test_picture_of_readme_is_a_real_training_that_shows_what_its_caption_says(tmp_path):
    path = tmp_path / "restarts.svg"
    printed = run(tmp_path, sys.executable, str(ROOT / "tools" / "pictures" / "readme_picture.py"), str(path))
    claim = printed.strip().removeprefix(f"{path}: ").removeprefix("the worst of 16 ends")
    assert claim
    assert f"16 random starts: the worst ends{claim}" in README.replace("\n", " ")
    assert path.read_text(encoding="utf-8").count('clip-path="url(') == 16 + 1  # the curves, and the winner's dot
    assert (ROOT / "docs" / "restarts.svg").exists()
