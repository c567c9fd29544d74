"""Nothing of a user's files reaches a terminal, a log or an error as a sign that is obeyed."""

import csv
import io
import json
import subprocess
import sys

import pytest

from command_line import run
from descend import errors, load
from descend.models.model import Model
from terminal import obeyed, on_terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals there")

ATTACK = "\x1b[31mRED\x1b[0m\x1b]0;pwned\x07\x1b[2J\x9b31m\x7f\u202eback\u2066\u200b\x08\x00\ufeff"
SHOWN = r"\x1b[31mRED\x1b[0m\x1b]0;pwned\x07\x1b[2J\x9b31m\x7f\u202eback\u2066\u200b\x08"
NOT_NUL = ATTACK.replace("\x00", "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table whose names, categories and classes attack, and the model that is learnt from it."""
    folder = tmp_path_factory.mktemp("terminal")
    lines = [["x", f"q{NOT_NUL}", f"t{NOT_NUL}"]]
    lines += [[f"{i % 7 + i / 100:g}", "ab"[i % 2] + NOT_NUL, "yn"[i % 3 == 0] + NOT_NUL] for i in range(60)]
    with (folder / "esc.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)
    options = ("--hidden", 2, "--restarts", 2, "--epochs", 2, "--jobs", 1, "-o", folder / "esc.descend")
    done = run("train", folder / "esc.csv", "--target", f"t{NOT_NUL}", *options)
    assert done.code == 0
    assert obeyed(done.out + done.err) == set()
    return folder


def test_no_command_hands_signs_of_a_file_to_a_terminal(folder):
    target, name = f"t{NOT_NUL}", "\x1b[2Jm\x07.descend"
    model = load(folder / "esc.descend")
    Model(
        model.network, model.preprocessing, model.record | {"table": model.record["table"] | {"source": ATTACK}}
    ).save(folder / name)
    (folder / "other.csv").write_text(f"x,q{NOT_NUL}\n1,new{NOT_NUL}\n", encoding="utf-8", newline="")
    codes, screen = on_terminal(
        ("train", "esc.csv", "--target", target, "--epochs", 2, "--restarts", 2, "-o", "two.descend"),
        ("evaluate", name, "esc.csv"),
        ("inspect", name),
        ("predict", name, "esc.csv"),
        ("step", name, "esc.csv", "--row", 3),
        ("step", name, "esc.csv", "--row", 3, "--json"),
        ("check", name, "esc.csv"),
        ("predict", name, "other.csv"),
        ("evaluate", name, "other.csv"),
        ("train", "esc.csv", "--target", "nope", "--debug"),
        ("train", ATTACK),
        ("predict", f"{NOT_NUL}.descend", "esc.csv"),
        (NOT_NUL,),
        ("train", "esc.csv", "--target", target, f"--{NOT_NUL}"),
        ("train", "esc.csv", "--target", target, "--epochs", NOT_NUL),
        folder=folder,
    )
    assert codes == [0] * 8 + [1, 1, 2, 1, 2, 2, 2]
    assert obeyed(screen) == set()
    assert screen.count(SHOWN) > 20
    assert "pwned\x07" not in screen


def test_files_and_pipes_get_the_cells_as_they_are(folder):
    done = run("predict", folder / "esc.descend", folder / "esc.csv", "-o", folder / "out.csv")
    assert (done.code, obeyed(done.err)) == (0, set())
    words = (sys.executable, "-m", "descend", "predict", "esc.descend", "esc.csv")
    piped = subprocess.run(words, cwd=folder, capture_output=True, check=True).stdout
    assert piped == (folder / "out.csv").read_bytes()
    rows = list(csv.reader(io.StringIO(piped.decode())))
    assert {row[0] for row in rows[1:]} <= {f"y{NOT_NUL}", f"n{NOT_NUL}"}


def test_json_gives_the_cells_back_and_is_safe_to_look_at(folder):
    shown = run("step", folder / "esc.descend", folder / "esc.csv", "--row", 2, "--json")
    assert obeyed(shown.out) == set()
    assert json.loads(shown.out)["columns"][f"q{NOT_NUL}"] == f"b{NOT_NUL}"


def test_a_line_break_in_a_name_is_no_line_break(folder):
    table = folder / "lines.csv"
    rows = "\n".join(f"{i},{'ab'[i % 2]},{i % 3}" for i in range(30))
    table.write_text(f'x,"y\nError: all is lost","z\n{"─" * 9}"\n{rows}\n', encoding="utf-8")
    options = ("--epochs", 1, "--restarts", 1, "-o", folder / "lines.descend")
    done = run("train", table, "--target", "y\nError: all is lost", *options)
    failed = run("train", table, "--target", "no")
    assert (done.code, failed.code) == (0, 1)
    assert [line for line in (done.out + done.err).splitlines() if line.startswith(("Error", "─" * 9 + "\n"))] == []
    assert r"y\nError: all is lost: 2 classes" in done.out
    assert len(failed.err.splitlines()) == 1


@pytest.mark.parametrize("where", ["name", "cell", "target"])
def test_long_foreign_text_is_cut(tmp_path, where):
    name, cell, target = (("L" * 5000 if here == where else here[0]) for here in ("name", "cell", "target"))
    table = tmp_path / "long.csv"
    rows = "\n".join(f"{i},{cell if i % 2 else 'c'},{'no' if i % 3 else cell + 'x'}" for i in range(40))
    table.write_text(f"x,{name},{target}\n{rows}\n", encoding="utf-8")
    model = tmp_path / "long.descend"
    told = run("train", table, "--target", target, "--hidden", 2, "--epochs", 1, "--restarts", 1, "-o", model)
    assert told.code == 0
    told = [told, run("train", table, "--target", "absent"), run("evaluate", model, table), run("inspect", model)]
    told += [run("step", model, table, "--row", 2), run("check", model, table)]
    (tmp_path / "short.csv").write_text("x\n1\n", encoding="utf-8")
    told += [run("evaluate", model, tmp_path / "short.csv"), run("predict", model, tmp_path / "short.csv")]
    assert "L" * 81 not in "".join(one.out.replace(f"--target {target}", "") + one.err for one in told)


def test_what_the_library_raises_and_warns_is_safe_to_log():
    raised = errors.DataError(f'no column "{ATTACK}".\n  - second')
    assert obeyed(str(raised)) == set()
    assert str(raised).splitlines()[1] == "  - second"
    with pytest.warns(UserWarning, match="pwned") as warned:
        errors.warn_user(f"look: {ATTACK}")
    assert obeyed(str(warned[0].message)) == set()


@pytest.mark.parametrize(
    "sign", ["\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u200e", "\u202e", "\u2028", "\udcff", "\U000e0041"]
)
def test_a_sign_that_is_not_seen_is_written_as_python_writes_it(sign):
    assert errors.visible(f"a{sign}b") == f"a{ascii(sign)[1:-1]}b"
    assert errors.quoted(sign) == f'"{ascii(sign)[1:-1]}"'


@pytest.mark.parametrize("text", ["é", "a\u00a0b", "1\u202f000", "שלום", "नमस्\u200dते", "👩\u200d🔬", "δ_2 ← −0.5"])
def test_what_people_write_stays(text):
    assert errors.visible(text) == text
