"""`--json`: exactly one document on standard output, whose fields are those of docs/reference/json-output.md."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from command_line import PENGUINS, numbers_model, numbers_table, penguins_model, run
from descend import MLPClassifier, load
from descend.nets.network import Network

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "json-output.md").read_text(encoding="utf-8")
QUICK = ("--restarts", 2, "--epochs", 2, "--hidden", 3, "--jobs", 1)


def document(*words):
    """The document of a command; whatever is no JSON, such as NaN, is an error."""
    done = run(*words)
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    return json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")), done.err


def section(command):
    (text,) = re.findall(rf"^## `{command}`\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return text


def documented(command):
    """Field -> type, as the page has it: `a.b` is b in a, `a[].b` b in each entry of the list a, `<x>` any name."""
    texts = section(command) + (section("inspect") if command == "train" else "")
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", texts, re.MULTILINE)
    return {field: kind.strip() for field, kind in rows}


def fits(value, kind):
    """Whether a value is of a type of the page, such as "list of text or null"."""
    simple = {
        "text": lambda: isinstance(value, str),
        "number": lambda: isinstance(value, int | float) and not isinstance(value, bool),
        "whole number": lambda: isinstance(value, int) and not isinstance(value, bool),
        "boolean": lambda: isinstance(value, bool),
        "null": lambda: value is None,
        "object": lambda: isinstance(value, dict),
        "list": lambda: isinstance(value, list),
        "label": lambda: isinstance(value, str | bool | int | float),
    }
    for one in kind.split(" or "):
        if one.startswith("list of "):
            if isinstance(value, list) and all(fits(part, one.removeprefix("list of ")) for part in value):
                return True
        elif simple[one]():
            return True
    return False


def check(value, fields, path=""):
    """Every field that is there is documented and of its type; returns the documented ones that were met."""
    met = set()
    for name, one in value.items():
        inside = f"{path}{name}"
        known = inside if inside in fields else re.sub(r"[^.]+$", "<name>", inside)
        assert known in fields, f"{inside} is not on the page"
        assert fits(one, fields[known]), f"{known} is {one!r}, not {fields[known]}"
        met.add(known)
        deeper = any(field.startswith((f"{known}.", f"{known}[].")) for field in fields)
        if deeper and isinstance(one, dict):
            met |= check(one, fields, f"{known}.")
        if deeper and isinstance(one, list):
            met |= {field for part in one for field in check(part, fields, f"{known}[].")}
    return met


def everything(command, documents):
    fields = documented(command)
    met = set().union(*(check(one, fields) for one in documents))
    assert set(fields) - met == set()


def test_a_training(tmp_path, monkeypatch):
    told = [document("train", PENGUINS, "--target", "species", *QUICK, "--json", "-o", tmp_path / "a.descend")]
    monkeypatch.setattr("descend.cli.train_steps.report_trained", lambda *_: None)  # test_report_pages.py writes them
    both = ("-o", tmp_path / "b.descend", "--report", tmp_path / "b.html")
    told += [document("train", numbers_table(), "--target", "y", *QUICK, "--json", *both)]
    bare = ("--missing", "?", "--class-weight", "balanced", "--weight", "w", "--test", 0, "--validation", 0, *QUICK)
    lines = [f"{i % 7},{1 + i % 3},{'no' if i % 4 else 'yes'}" for i in range(12)]
    (tmp_path / "c.csv").write_text("\n".join(["x,w,y", *lines]), encoding="utf-8")
    told += [document("train", tmp_path / "c.csv", "--target", "y", *bare, "--json", "-o", tmp_path / "c.descend")]
    fast = ("--quality", "fast", "--jobs", 1, "--json")
    costs = ("--costs", "0,2,1;1,0,1;1,1,0")
    told += [document("train", PENGUINS, "--target", "species", *costs, *fast, "-o", tmp_path / "d.descend")]
    there = ("--out-of-core", "--time-limit", 0.5, "--json", "-o", tmp_path / "e.descend")
    on_disk = document("train", PENGUINS, "--target", "species", *there)[0]
    assert on_disk["record"]["recipe"]["sample"] > 200
    everything("train", [*(one for one, _ in told), on_disk])
    whole = told[0][0]
    model = load(tmp_path / "a.descend")
    assert (whole["command"], whole["model"], whole["table"]) == ("train", str(tmp_path / "a.descend"), PENGUINS)
    assert whole["record"] == model.record
    assert np.sum(whole["confusion"]["test"]) == whole["record"]["scores"]["test"]["rows"] == 69
    assert whole["spread"]["best"] == min(one["best_loss"] for one in whole["record"]["restarts"])
    assert told[2][0]["record"]["weights"]["column"] == "w"
    assert [one["report"] for one, _ in told] == [None, str(tmp_path / "b.html"), None, None]
    assert told[2][0]["confusion"] == {"test": None, "validation": None}
    blend = told[3][0]
    assert blend["spread"] is None
    assert [one["weight"] for one in blend["blend"]] == [1.0]
    assert np.sum(blend["confusion"]["validation"]) == blend["record"]["scores"]["out_of_fold"]["rows"] == 275


def test_an_export(tmp_path):
    told = [document("export", penguins_model(), "--json", "-o", tmp_path / "a.json", "--table", PENGUINS)[0]]
    everything("export", told)
    assert (told[0]["table"], told[0]["proof"]["by"], told[0]["proof"]["labels"]) == (PENGUINS, "descend.load", 0)


def test_a_file(tmp_path):
    net, X = Network([2, 3, 1], seed=5), np.linspace(0, 1, 40).reshape(20, 2)
    net.save(tmp_path / "net.descend")
    MLPClassifier((3,), max_iter=300, random_state=0, solver="lbfgs").fit(X, X[:, 0] > 0.5).save(tmp_path / "e.descend")
    files = (penguins_model(), numbers_model(), tmp_path / "net.descend", tmp_path / "e.descend")
    told = [document("inspect", file, "--json")[0] for file in files]
    for one in told:  # that all occur, the training shows
        check(one, documented("inspect"))
    assert [one["kind"] for one in told] == ["Model", "Model", "Network", "MLPClassifier"]
    assert (told[0]["target"], told[0]["task"]["classes"]) == ("species", ["Adelie", "Chinstrap", "Gentoo"])
    assert [one["record"] is None for one in told] == [False, False, True, True]
    assert (told[2]["network"]["sizes"], told[2]["network"]["seed"], told[2]["network"]["weights"]) == (
        [2, 3, 1],
        5,
        13,
    )


def test_scores(tmp_path):
    told = [document("evaluate", penguins_model(), PENGUINS, "--json")[0]]
    told += [document("evaluate", numbers_model(), numbers_table(), "--importance", "--json")[0]]
    everything("evaluate", told)
    found = load(penguins_model()).evaluate(PENGUINS)
    assert (told[0]["scores"], told[0]["confusion"]) == (found.scores, found.confusion.tolist())
    assert (told[0]["rows"], told[1]["confusion"], told[1]["classes"]) == (344, None, None)
    (tmp_path / "one.csv").write_text("a,b,y\n1,2,3.5\n", encoding="utf-8")
    alone = document("evaluate", numbers_model(), tmp_path / "one.csv", "--json")[0]
    assert math.isnan(load(numbers_model()).evaluate(tmp_path / "one.csv").scores["r2"])
    assert alone["scores"]["r2"] is None
    check(alone, documented("evaluate"))


def test_bundled_tables():
    told = document("datasets", "--json")[0]
    everything("datasets", [told])
    assert told["datasets"][0]["path"] == PENGUINS


def test_notes_stay_on_standard_error(tmp_path):
    table = tmp_path / "new.csv"
    table.write_text(Path(PENGUINS).read_text(encoding="utf-8").replace("Dream", "Skye"), encoding="utf-8")
    told, notes = document("evaluate", penguins_model(), table, "--json")
    assert told["rows"] == 344
    assert notes.startswith("Note: ")


@pytest.mark.parametrize("words", [("train", "absent.csv", "--target", "y"), ("evaluate", "m", "t"), ("inspect", "m")])
def test_an_error_leaves_standard_output_empty(words):
    left = run(*words, "--json")
    assert (left.code, left.out) == (1, "")
    assert left.err.startswith("Error: ")


def test_the_page_says_the_fields_of_a_round_too():
    told = document("step", penguins_model(), PENGUINS, "--row", 3, "--json")[0]
    everything("step", [told])


def test_a_distillation(tmp_path, monkeypatch):
    monkeypatch.setattr("descend.models.distil.student.ROWS", 2_000)
    monkeypatch.setattr("descend.models.distil.student.LEAST_MADE", 1_000)
    quick = ("--hidden", 4, "--epochs", 1, "--restarts", 1, "--jobs", 1, "--json", "-o", tmp_path / "a.descend")
    told = [document("distil", penguins_model(), PENGUINS, *quick)[0], document("distil", penguins_model(), *quick)[0]]
    told += [document("distil", numbers_model(), numbers_table(), *quick)[0]]
    everything("distil", told)


def test_learning_on(tmp_path):
    words = ("train", PENGUINS, "--from", penguins_model(), "--epochs", 1, "--jobs", 1, "-o", tmp_path / "a.descend")
    everything("train from", [document(*words, "--json")[0]])


def test_how_a_table_differs(tmp_path):
    table = tmp_path / "new.csv"
    table.write_text(Path(PENGUINS).read_text(encoding="utf-8").replace("Dream", "Skye"), encoding="utf-8")
    told = [document("drift", penguins_model(), table, "--json")[0]]
    told += [document("drift", numbers_model(), numbers_table(), "--json")[0]]
    everything("drift", told)
    assert told[0]["warnings"][0] == 'column "island": "Dream" seems to be called "Skye" now'
    assert [one["differs"] for one in told] == [True, False]
