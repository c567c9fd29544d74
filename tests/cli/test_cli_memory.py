"""``--max-memory``: every command that reads a table has it."""

import re

import pytest

from command_line import PENGUINS, penguins_model, run

COMMANDS = ["train", "predict", "evaluate", "step", "check"]


def typed(name: str) -> list[str]:
    if name == "train":
        return [name, PENGUINS, "--target", "species"]
    return [name, str(penguins_model()), PENGUINS, *(["--row", "1"] if name == "step" else [])]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("330MB", "the program and a sample 330 MB; .*; 330 MB of memory may be taken. Use a smaller --window, "),
        (
            "10kB",
            "the program alone takes 330 MB while it reads a table in pieces; 0 MB of memory may be taken. Allow mo",
        ),
    ],
)
def test_a_training_that_is_given_too_little_adds_up_what_it_needs(given, words):
    result = run(*typed("train"), "--out-of-core", "--max-memory", given)
    assert result.code == 2
    assert re.search(f"Error: train: {words}", result.err)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "train"])  # which goes on from the disk
def test_every_command_that_reads_a_table_keeps_to_the_memory_it_is_given(name):
    result = run(*typed(name), "--max-memory", "10kB")
    assert result.code == 1
    assert result.err.startswith(f"Error: {PENGUINS}: reading it needs about ")


def test_an_amount_that_is_none_is_wrong_usage():
    result = run(*typed("predict"), "--max-memory", "much")
    assert result.code == 2
    assert result.err == (
        'Error: predict: --max-memory must be an amount of memory, such as "8GB" or "500MB"; got "much".\n'
    )


def test_a_command_without_a_table_has_no_such_option():
    assert run("inspect", str(penguins_model()), "--max-memory", "1GB").code == 2
