"""`descend export`: what it writes, what it says, what it refuses, and that nothing else is written over."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from command_line import PENGUINS, blend_model, penguins_model, run
from descend import Network, load
from descend.exports.written import Written
from model_files import content_of, opened


def test_a_model_is_written_proved_and_told(tmp_path):
    path = tmp_path / "penguins.json"
    done = run("export", penguins_model(), "-o", path, "--table", PENGUINS)
    assert (done.code, done.err) == (0, "")
    assert f"Export      {path}" in done.out.replace("\n", "")
    assert "rows by descend.load: no difference" in " ".join(done.out.split())
    assert content_of(load(path)) == penguins_model().read_bytes()
    assert run("predict", path, PENGUINS).out == run("predict", penguins_model(), PENGUINS).out
    assert run("export", path, "--to", "json", "-o", tmp_path / "again.json").code == 0
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_networks_are_exported_too_and_the_name_is_that_of_the_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Network([2, 3, 1], seed=0).save("net.descend")
    done = run("export", "net.descend", "--to", "json", "--json")
    told = json.loads(done.out)
    assert (told["export"], told["paths"], told["model"]) == ("net.json", ["net.json"], "net.descend")
    assert told["bytes"] == os.path.getsize("net.json")
    assert told["proof"]["difference"]["share"] == 0.0
    assert sorted(os.listdir()) == ["net.descend", "net.json"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--to", "jsom"), '--to: there is no format "jsom". Did you mean "json"?'),
        ((), "--to: say which format; name one of"),
        (("-o", "model.txt"), '--to: "model.txt" does not say which format'),
        (("-o", "."), '--to: "." is a folder; name a file in it, of one of'),
        (("--to", "json", "--opset", 17), "json has no option --opset."),
        (("--to", "json", "-o", "no/model.json"), "--output: there is no folder no."),
        (("--to", "json", "-o", "."), "--output must be a file; . is a folder."),
        (("--to", "json", "-o", "-"), "--output must be a file; - is standard output"),
        (("--to", "onnx", "-o", "a.json"), '--to: "a.json" is the name of a file of json, not of onnx.'),
        (("--to", "c", "-o", "a.f90"), '"a.f90" is the name of a file of fortran, not of c. Let it end in .c'),
        (("--to", "json", "--opset", 17, "--prefix", "p", "-o", "no/a"), "3 problems:"),
    ],
    ids=lambda one: " ".join(map(str, one)) if isinstance(one, tuple) else "",
)
def test_what_was_typed_wrongly_is_told_and_nothing_written(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run("export", penguins_model(), *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert os.listdir() == []


def test_only_older_exports_are_written_over(tmp_path):
    path = tmp_path / "a.json"
    assert run("export", penguins_model(), "-o", path).code == 0
    assert run("export", penguins_model(), "-o", path).code == 0
    path.write_text('{"mine": 1}', encoding="utf-8")
    done = run("export", penguins_model(), "-o", path)
    assert done.code == 2
    assert "holds something else than an export of descend. Give another name, or say --force" in done.err
    assert path.read_text(encoding="utf-8") == '{"mine": 1}'
    assert run("export", penguins_model(), "-o", path, "--force").code == 0
    model = tmp_path / "m.descend"
    model.write_bytes(penguins_model().read_bytes())
    for read in ((model, "--to", "json", "-o", model), (model, "-o", path, "--table", path)):
        assert "is a file that is read: it would be lost." in run("export", *read).err


def test_all_files_of_a_format_are_looked_at_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Network([2, 1], seed=0).save("net.descend")
    Path("pump.v2.h").write_text("#define MINE", encoding="utf-8")
    words = ("export", "net.descend", "--to", "c", "-o", "pump.v2")
    assert "--output pump.v2.h holds something else than an export" in run(*words).err
    assert sorted(os.listdir()) == ["net.descend", "pump.v2.h"]
    assert json.loads(run(*words, "--force", "--json").out)["export"] == "pump.v2.c"
    assert run(*words).code == 0
    assert "compilers take: not - at its beginning" in run("export", "net.descend", "--to", "c", "-o", "./-x").err


@pytest.mark.parametrize("content", [None, b"# Notes on descend\n"])
def test_no_model_and_no_text_is_taken_for_an_onnx_file(content, tmp_path):
    pytest.importorskip("onnx")
    Network([2, 1], seed=0).save(tmp_path / "net.descend")
    path = tmp_path / "best"
    path.write_bytes(content or (tmp_path / "net.descend").read_bytes())
    done = run("export", tmp_path / "net.descend", "--to", "onnx", "-o", path)
    assert (done.code, "holds something else than an export" in done.err) == (2, True)
    again = [run("export", tmp_path / "net.descend", "-o", tmp_path / "a.onnx").code for _ in range(2)]
    assert again == [0, 0]


def test_a_blend_is_refused_by_commands_that_can_be_copied(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(blend_model(), "my blend.descend")
    shutil.copy(PENGUINS, "penguins.csv")
    done = run("export", "my blend.descend", "--to", "c", "--fixed", "int8")
    assert (done.code, done.out, sorted(os.listdir())) == (1, "", ["my blend.descend", "penguins.csv"])
    (commands,) = re.findall("`(descend distil .*?)`", " ".join(done.err.split()))
    assert commands == (
        "descend distil 'my blend.descend' penguins.csv -o 'my blend-small.descend' && "
        "descend export 'my blend-small.descend' --to c --fixed int8 -o 'my blend.c'"
    )
    for command in commands.split(" && "):
        quick = ("--epochs", 1, "--restarts", 1) if " distil " in command else ()
        assert run(*shlex.split(command)[1:], *quick).code == 0
    assert {"my blend.c", "my blend.h"} < set(os.listdir())


def test_a_table_that_does_not_fit_is_refused_and_nothing_is_left(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = run("export", penguins_model(), "-o", tmp_path / "a.json", "--table", tmp_path / "t.csv")
    assert done.code == 1
    assert "the model needs" in done.err
    assert sorted(os.listdir(tmp_path)) == ["t.csv"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_ctrl_c_or_a_full_disk_leaves_nothing(error, tmp_path, monkeypatch):
    def stopped(folder, rows):
        raise error

    monkeypatch.setattr(
        "descend.exports.plain_json.write", lambda plain, name, options: Written({name: b"x"}, stopped, "a test")
    )
    done = run("export", penguins_model(), "-o", tmp_path / "a.json")
    assert done.code == (130 if error is KeyboardInterrupt else 1)
    assert os.listdir(tmp_path) == []


def test_a_temporary_folder_without_room_is_named(tmp_path, monkeypatch):
    def full(self, content):
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    done = run("export", penguins_model(), "-o", tmp_path / "a.json")
    assert done.code == 1
    assert "an export is run in a temporary folder before it is written; /" in done.err
    assert "No space left on device. Set TMPDIR to a folder that has" in done.err
    assert os.listdir(tmp_path) == []


def test_a_damaged_text_is_refused_in_one_line(tmp_path):
    path = tmp_path / "a.json"
    run("export", penguins_model(), "-o", path)
    path.write_bytes(path.read_bytes().replace(b'"seed": 0', b'"seed": 1', 1))
    done = run("predict", path, PENGUINS)
    assert done.code == 1
    assert "field `checksum` does not belong to this content" in done.err
    assert len(done.err.splitlines()) == 1
    assert opened(penguins_model().read_bytes())[0]["members"][0]["seed"] == 0
