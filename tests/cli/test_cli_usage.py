"""What is the same for all commands: help, version, wrong usage, errors in one line, no control codes in pipes."""

import ast
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from typer.core import TyperOption
from typer.main import get_command

import descend
from command_line import PENGUINS, numbers_model, numbers_table, run
from descend.cli.app import assembled

OPTIONS = {
    "train": (
        *("--target", "--from", "--task", "--hidden", "--activation", "--restarts", "--race", "--no-race", "--epochs"),
        *(
            "--batch-size",
            "--learning-rate",
            "--optimizer",
            "--l2",
            "--dropout",
            "--validation",
            "--test",
            "--group",
            "--time",
            "--drop",
            "--type",
            "--missing",
            "--decimal",
            "--date-format",
            "--row-hashes",
            "--no-row-hashes",
            "--weight",
            "--class-weight",
            "--prior-correction",
            "--threshold",
            "--costs",
            "--quality",
            "--time-limit",
            "--refit",
            "--report",
            "--out-of-core",
            "--cache",
            "--window",
        ),
        *(
            "--seed",
            "--jobs",
            "--cluster",
            "-o",
            "--output",
            "--preset",
            "--resume",
            "--force",
            "--max-memory",
            "--json",
        ),
        *("--debug", "--help"),
    ),
    "predict": (
        "-o",
        "--output",
        "--keep",
        "--resume",
        "--threshold",
        "--interval",
        "--quantiles",
        "--set",
        "--no-empty-sets",
        "--draws",
        "--threshold",
        "--explain",
        "--strict",
        "--force",
        "--max-memory",
        "--debug",
        "--help",
    ),
    "evaluate": ("--importance", "--threshold", "--max-memory", "--json", "--debug", "--help"),
    "report": ("-o", "--output", "--threshold", "--force", "--max-memory", "--debug", "--help"),
    "drift": ("--max-memory", "--json", "--debug", "--help"),
    "distil": (
        *("-o", "--output", "--hidden", "--epochs", "--restarts", "--seed", "--jobs", "--json", "--force"),
        *("--max-memory", "--debug", "--help"),
    ),
    "export": (
        *("--to", "-o", "--output", "--table", "--prefix", "--fixed", "--opset", "--json", "--force", "--max-memory"),
        *("--inputs", "--coverage", "--debug", "--help"),
    ),
    "inspect": ("--json", "--debug", "--help"),
    "step": (
        *("--row", "--learning-rate", "--layer", "--member", "--fold", "--full", "--digits", "--json", "--max-memory"),
        *("--debug", "--help"),
    ),
    "check": ("--member", "--fold", "--max-memory", "--debug", "--help"),
    "play": ("--data", "--port", "--host", "--token", "--no-browser", "--max-memory", "--debug", "--help"),
    "datasets": ("--json", "--debug", "--help"),
}


def test_help_lists_every_command_in_the_order_of_use():
    shown = run("--help")
    found = [line.split()[1] for line in shown.out.splitlines() if len(line.split()) > 1 and line.split()[1] in OPTIONS]
    assert (shown.code, found) == (0, list(OPTIONS))


@pytest.mark.parametrize("command", OPTIONS)
def test_help_of_a_command_names_every_option_with_words(command):
    shown = run(command, "--help")
    words = shown.out.replace("│", " ").split()
    assert shown.code == 0
    assert [option for option in OPTIONS[command] if option not in words] == []
    assert {word for word in words if word.startswith("--")} == {
        one for one in OPTIONS[command] if one.startswith("--")
    }


def test_no_command_at_all_shows_the_help():
    shown = run()
    assert "Usage: descend" in shown.out + shown.err
    assert "train" in shown.out + shown.err


def test_version_is_that_of_the_library():
    assert run("--version").out == f"descend {descend.__version__}\n"


def test_python_dash_m_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "descend", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"descend {descend.__version__}\n", "")


def test_help_loads_neither_numpy_nor_polars():
    code = (
        "import sys\nfrom descend.cli import main\n"
        "try:\n    main(['train', '--help'])\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(' '.join(name for name in ('numpy', 'polars', 'sklearn') if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_declaring_all_commands_loads_neither_numpy_nor_rich():
    code = (
        "import sys\nfrom descend.cli.app import assembled\nassembled()\n"
        "print([name for name in ('numpy', 'polars', 'rich', 'sklearn', 'descend.describe') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


LATE = {"main", "note"}  # and the commands themselves


@pytest.mark.parametrize("path", sorted(Path(descend.cli.__file__).parent.glob("*.py")), ids=lambda path: path.stem)
def test_only_commands_import_late_and_in_their_first_lines(path):
    functions = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    ]
    for one in functions:
        late = [node for node in ast.walk(one) if isinstance(node, ast.Import | ast.ImportFrom)]
        command = any(isinstance(name, ast.Name) and name.id == "command" for name in one.decorator_list)
        assert not late or command or one.name in LATE, f"{path.name}:{one.lineno} {one.name}"
        first = one.body[1 : len(late) + 1]
        assert not command or late == first, f"{path.name}:{one.lineno} {one.name}"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("trian",), "No such command 'trian'"),
        (("train", PENGUINS), "--target must name the column to predict"),
        (("train", PENGUINS, "--target", "species", "--nix"), "No such option: --nix"),
        (("train", PENGUINS, "--target", "species", "--epochs", "many"), "Invalid value for '--epochs'"),
        (("step", "model.descend", "table.csv"), "Missing option '--row'."),
        (("predict", "model.descend"), "Missing argument 'TABLE'."),
    ],
)
def test_wrong_usage_leaves_with_2_and_says_what_is_wrong(words, text):
    left = run(*words)
    assert (left.code, left.out) == (2, "")
    assert text in left.err
    assert "help" in left.err


def options_of_one_value():
    """Every option of every command that is read once, with words that are right for it."""
    made = get_command(assembled())
    for name, one in made.commands.items():
        for option in one.params:
            if isinstance(option, TyperOption) and not option.multiple:
                flag = option.is_flag
                yield name, option.opts[-1], [] if flag else ["1"], option.secondary_opts


ONCE = list(options_of_one_value())


@pytest.mark.parametrize(("name", "option", "value", "other"), ONCE, ids=[f"{one[0]} {one[1]}" for one in ONCE])
def test_an_option_of_one_value_that_is_given_twice_is_wrong_usage(name, option, value, other):
    twice = [option, *value, (other or [option])[0], *value]
    left = run(name, *twice, "model", "table")
    assert (left.code, left.out) == (2, "")
    assert f"{option}" in left.err
    assert "was given 2 times. Leave all but one out." in " ".join(left.err.split())


def test_either_name_of_an_option_and_either_way_to_give_it_are_counted():
    for words in (("-o", "a.csv", "--output", "b.csv"), ("-oa.csv", "--output=b.csv"), ("--keep", "-o=a", "-o=b")):
        left = run("predict", "model", "table", *words)
        assert (left.code, "Option -o/--output takes one value" in left.err) == (2, True)


def test_options_that_collect_may_be_given_several_times(tmp_path):
    words = ("--drop", "sex", "--drop", "island", "--epochs", 1, "--restarts", 1, "-o", tmp_path / "m.descend")
    assert run("train", PENGUINS, "--target", "species", *words).code == 0
    assert run("step", numbers_model(), numbers_table(), "--row", 2, "--layer", 1, "--layer", 2).code == 0


def test_help_is_shown_whatever_else_was_typed():
    shown = run("train", "--epochs", "1", "--epochs", "2", "--help")
    assert (shown.code, "--epochs" in shown.out) == (0, True)


def test_all_wrong_options_of_train_are_told_at_once(tmp_path):
    left = run(
        *("train", PENGUINS, "--target", "species", "--hidden", "64,x", "--activation", "rely", "--restarts", "0"),
        *("--epochs", "-1", "--batch-size", "0", "--learning-rate", "-0.1", "--optimizer", "adma", "--seed", "-1"),
        *(
            "--jobs",
            "0",
            "--test",
            "1.5",
            "--validation",
            "none.csv",
            "--preset",
            "tabel",
            "--task",
            "guess",
            "--l2",
            "-1",
            "--dropout",
            "1",
            "-o",
            tmp_path,
        ),
    )
    assert left.err.splitlines() == [
        "Error: train: 16 problems:",
        '  - --hidden must be sizes ≥ 1 such as 64 or 64,32, or "none" for no hidden layer; got "64,x".',
        '  - --validation must be a share of the rows such as 0.2, or a table; there is no file "none.csv".',
        "  - --test must be a share of the rows, 0 ≤ share < 1, or a table; got 1.5.",
        '  - --task "guess" is not known. Did you mean "regress"?',
        '  - --preset "tabel" is not known. Did you mean "tabular"?',
        '  - --optimizer "adma" is not known. Did you mean "adam"?',
        '  - --activation "rely" is not known. Did you mean "relu"?',
        "  - --restarts must be a whole number ≥ 1; got 0.",
        "  - --epochs must be a whole number ≥ 1; got -1.",
        "  - --batch-size must be a whole number ≥ 1; got 0.",
        "  - --seed must be a whole number ≥ 0; got -1.",
        "  - --learning-rate must be a finite number above 0; got -0.1.",
        "  - --l2 must be a finite number ≥ 0; got -1.0.",
        "  - --dropout must be a number from 0 to below 1; got 1.0.",
        "  - --jobs must be a whole number ≥ 1; got 0.",
        f"  - --output must be a file; {tmp_path} is a folder.",
    ]
    assert (left.code, left.out) == (2, "")


def test_train_does_not_write_over_the_table(tmp_path):
    table = tmp_path / "table.csv"
    table.write_bytes(numbers_table().read_bytes())
    left = run("train", table, "--target", "y", "-o", table)
    text = f"Error: train: --output would overwrite the table {table}; give another name, such as table.descend.\n"
    assert (left.code, left.err) == (2, text)
    assert table.read_bytes() == numbers_table().read_bytes()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--digits", "0"), "step: --digits must be from 1 to 17; got 0."),
        (("--learning-rate", "-1"), "step: --learning-rate must be a number ≥ 0; got -1.0."),
    ],
)
def test_wrong_options_of_step_are_told_before_anything_is_read(words, text):
    left = run("step", "absent.descend", "absent.csv", "--row", "1", *words)
    assert (left.code, left.err) == (2, f"Error: {text}\n")


def test_a_missing_file_is_an_error_in_one_line(tmp_path):
    left = run("train", tmp_path / "absent.csv", "--target", "y")
    text = f"Error: {tmp_path}/absent.csv: there is no such file. There is no table in {tmp_path}.\n"
    assert (left.code, left.out, left.err) == (1, "", text)


def test_debug_shows_the_traceback_before_the_line(tmp_path):
    left = run("train", tmp_path / "absent.csv", "--target", "y", "--debug")
    assert left.code == 1
    assert left.err.startswith("Traceback (most recent call last):\n")
    assert left.err.splitlines()[-1] == (
        f"Error: {tmp_path}/absent.csv: there is no such file. There is no table in {tmp_path}."
    )


def test_an_unexpected_exception_is_told_in_one_line_too(monkeypatch):
    import descend.tables.datasets

    def fails() -> None:
        raise RuntimeError("the moon is full")

    monkeypatch.setattr(descend.tables.datasets, "datasets", fails)
    left = run("datasets")
    text = "Error: unexpected RuntimeError: the moon is full; run again with --debug to see where\n"
    assert (left.code, left.err) == (1, text)


def test_ctrl_c_leaves_with_130(monkeypatch):
    import descend.tables.datasets

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(descend.tables.datasets, "datasets", interrupted)
    left = run("datasets")
    assert (left.code, left.out, left.err) == (130, "", "Interrupted.\n")


def test_missing_extras_are_named_with_how_to_install_them(monkeypatch):
    monkeypatch.setattr("descend.errors.find_spec", lambda name: None if name in ("typer", "rich") else find_spec(name))
    left = run("--help")
    text = "Error: the command line needs typer, rich; install it with: pip install 'descend[cli]'\n"
    assert (left.code, left.out, left.err) == (1, "", text)


def test_a_reader_that_leaves_early_is_no_error():
    code = "import sys\nfrom descend.cli import main\nmain(['datasets'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert errors == ""


def test_a_stream_without_unicode_gets_plain_letters():
    words = (sys.executable, "-m", "descend", "step", str(numbers_model()), str(numbers_table()), "--row", "2")
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=env)
    assert "Layer 1: s_1 = W_0^T v_0, v_1 = sigmoid(s_1)" in done.stdout
    assert "?" not in done.stdout
    assert done.stderr == ""


def test_datasets_says_where_they_lie_and_how_to_train_on_them():
    shown = run("datasets")
    words = " ".join(shown.out.split())
    assert (shown.code, shown.err) == (0, "")
    assert "penguins 344 rows, 7 columns, target species." in words
    assert f"{PENGUINS} (CC0 1.0) descend train {PENGUINS} --target species" in words
    assert "diamonds 12,000 rows, 10 columns, target price." in words
    assert "\x1b" not in shown.out
