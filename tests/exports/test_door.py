"""The door of exports: an export that differs is refused and leaves nothing; what proves it touches every branch."""

import errno
import json
import os
import warnings
from dataclasses import replace

import numpy as np
import pytest

from descend import FileError, MLPClassifier, MLPRegressor, Network, SpecError, TabularClassifier, load
from descend.exports import formats
from descend.exports.described import LABEL, PREDICTION, PROBABILITIES, only_net
from descend.exports.door import export
from descend.exports.fitted import described
from descend.exports.formats import Format
from descend.exports.written import NotProvedError, Written
from model_files import blended, trained

X = np.random.default_rng(0).normal(size=(60, 3))


@pytest.fixture(scope="module")
def models():
    return {"classes": trained("kind"), "numbers": trained("size", task="regress"), "blend": blended("kind")}


def spoilt(monkeypatch, change, **more):
    """A format of two files whose answers are the model's own, changed."""

    def write(plain, name, options):
        def run(folder, rows):
            assert sorted(one.name for one in folder.iterdir()) == sorted(["a.odd", "b.odd"])
            answers = {key: np.array(one) for key, one in plain.ask(rows.given).items()}
            change(answers, rows)
            return answers

        return Written({"a.odd": b"one", "b.odd": b"two"}, run, "a test", **more)

    monkeypatch.setitem(formats.FORMATS, "odd", Format("odd", (".odd",), write, ("prefix",)))


def nothing(answers, rows):
    """Leave the answers."""


def test_an_export_with_the_models_answers_is_written_and_told(monkeypatch, models, tmp_path):
    spoilt(monkeypatch, nothing, notes=("A note.",))
    found = models["classes"].export(tmp_path / "new" / "a.odd", prefix="p")
    assert [path.name for path in found.paths] == ["a.odd", "b.odd"]
    assert [path.read_bytes() for path in found.paths] == [b"one", b"two"]
    assert (found.kind, found.size, found.proof.proved, found.notes) == ("odd", 6, True, ("A note.",))
    assert str(found).splitlines() == [
        f"Export  {found.paths[0]}, {found.paths[1]} (1 kB)",
        f"Proof   {found.proof.rows} rows by a test: no difference",
        "Note    A note.",
    ]
    assert repr(found) == str(found)


@pytest.mark.parametrize("size", [3e-5, np.nan, np.inf])
@pytest.mark.parametrize("name", ["classes", "numbers"])
def test_one_answer_that_differs_is_enough_and_is_named(size, name, monkeypatch, models, tmp_path):
    def change(answers, rows):
        key = PREDICTION if name == "numbers" else PROBABILITIES
        scale = described(models[name]).answer.scale[0] if name == "numbers" else 1.0
        answers[key].reshape(len(rows), -1)[7, -1] += size * scale

    (tmp_path / "a.odd").write_bytes(b"old")
    spoilt(monkeypatch, change)
    with pytest.raises(SpecError, match=r"differs from the model, so it is not written: \w+ [12] of row 8 \(made as"):
        models[name].export(tmp_path / "a.odd")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.odd", b"old")]


def test_a_smaller_difference_is_told_with_its_place(monkeypatch, models, tmp_path):
    def change(answers, rows):
        answers[PROBABILITIES][5, 1] += 4e-6

    spoilt(monkeypatch, change)
    proof = models["classes"].export(tmp_path / "a.odd").proof
    assert "the largest difference is 4.0e-06 of the scale (probabilities 2, row 6: made as training rows" in str(proof)
    assert (proof.difference.row, proof.difference.column) == (5, 1)


def test_a_difference_far_from_zero_is_seen(monkeypatch, tmp_path):
    """Relative to its size it is nothing; relative to how answers vary it is much."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = MLPRegressor(hidden_layer_sizes=(3,), max_iter=2, random_state=0).fit(X, X[:, 0])
    net.intercepts_[-1][:] += 1e6

    def change(answers, rows):
        answers[PREDICTION] += 0.6

    spoilt(monkeypatch, change)
    with pytest.raises(SpecError, match="differs from the model"):
        net.export(tmp_path / "a.odd")


def test_another_label_is_refused_unless_classes_are_equally_likely(monkeypatch, models, tmp_path):
    def change(answers, rows):
        answers[LABEL][3] = "low" if answers[LABEL][3] == "high" else "high"

    spoilt(monkeypatch, change)
    with pytest.raises(SpecError, match=r"label of row 4 \(made as training rows are\) is \['\w+'\] instead of"):
        models["classes"].export(tmp_path / "a.odd")


def test_a_label_that_is_decided_by_rounding_may_differ_and_is_counted(monkeypatch, models, tmp_path):
    model = models["classes"]
    net = Network.from_spec(model.network.spec, np.zeros_like(model.network.theta))

    def change(answers, rows):
        answers[LABEL][:3] = "low"

    spoilt(monkeypatch, change)
    proof = replace(model, network=net).export(tmp_path / "a.odd").proof
    assert proof.labels == 3
    assert "; 3 labels differ, where classes are equally likely but for rounding" in str(proof)


def test_answers_of_another_shape_or_none_are_refused(monkeypatch, models, tmp_path):
    for change, said in (
        (lambda answers, rows: answers.update(prediction=answers["prediction"][:-1]), "has the shape"),
        (lambda answers, rows: answers.clear(), "answers nothing"),
    ):
        spoilt(monkeypatch, change)
        with pytest.raises(SpecError, match=said):
            models["numbers"].export(tmp_path / "a.odd")


def test_what_cannot_be_run_is_written_and_said_to_be_unproved(monkeypatch, models, tmp_path):
    def change(answers, rows):
        raise NotProvedError("no compiler is found")

    spoilt(monkeypatch, change)
    found = models["numbers"].export(tmp_path / "a.odd")
    assert str(found.proof) == "not proved: no compiler is found"
    assert found.to_dict()["proof"] == {
        "proved": False,
        "rows": 0,
        "by": "no compiler is found",
        "difference": None,
        "labels": 0,
        "limit": 1e-5,
        "left_out": [],
    }


def test_what_differs_by_design_is_written(monkeypatch, models, tmp_path):
    def change(answers, rows):
        answers[PROBABILITIES] += 0.3
        answers[LABEL][:] = "low"

    spoilt(monkeypatch, change, limit=None)
    proof = models["classes"].export(tmp_path / "a.odd").proof
    assert str(proof).endswith(f"; {proof.labels} labels differ")
    assert json.loads(json.dumps(proof.to_dict(), allow_nan=False))["limit"] is None


@pytest.mark.parametrize("old", [{}, {"a.odd": b"old", "b.odd": b"mine"}])
def test_of_two_files_both_are_written_or_none(old, monkeypatch, models, tmp_path):
    """The second cannot be renamed when the first stands already: what was there comes back, folders go."""
    spoilt(monkeypatch, nothing)
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    rename, renamed = os.replace, []

    def broken(part, target):
        renamed.append(target)
        if len(renamed) == 2:
            raise OSError(errno.EIO, "Input/output error", str(target))
        rename(part, target)

    monkeypatch.setattr(os, "replace", broken)
    place = tmp_path if old else tmp_path / "new" / "folder"
    with pytest.raises(OSError, match=r"Input/output error: .*b\.odd"):
        models["numbers"].export(place / "a.odd")
    assert len(renamed) >= 2
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == old


def test_the_format_is_that_of_the_name_or_of_the_suffix(tmp_path):
    net = Network([2, 1], seed=0)
    assert net.export(tmp_path / "a.JSON").kind == net.export(tmp_path / "b.txt", "json").kind == "json"
    assert load(tmp_path / "b.txt").spec == net.spec
    with pytest.raises(SpecError, match=r'"a.txt" does not say which format; name one of .*json \(.json\)'):
        net.export(tmp_path / "a.txt")
    with pytest.raises(SpecError, match=r'there is no format "jsom". Did you mean "json"\?'):
        net.export(tmp_path / "a.txt", "jsom")
    with pytest.raises(SpecError, match=r"json has no option `hidden`. There are: \"table\"."):
        net.export(tmp_path / "a.json", hidden=3)
    with pytest.raises(FileError, match=r"`path` must be a file; .* is a folder"):
        net.export(tmp_path, "json")
    with pytest.raises(SpecError, match=r"must be the name of a file; got int"):
        net.export(3)
    with pytest.raises(FileError, match="null character"):
        net.export("a\0.json")


def test_a_folder_that_is_closed_is_told_before_anything_is_run(tmp_path, monkeypatch):
    monkeypatch.setattr("descend.exports.door.prepared", lambda *_, **__: pytest.fail("it was run"))
    (tmp_path / "notes").write_text("no folder")
    net = Network([2, 3, 1], seed=0)
    with pytest.raises(FileError, match=r"notes is no folder\. Give another one for net\.json"):
        net.export(tmp_path / "notes" / "net.json")
    monkeypatch.setattr("descend.exports.door.os.access", lambda path, mode: False)
    with pytest.raises(FileError, match=r"cannot be written into\. Give another one for net\.json"):
        net.export(tmp_path / "absent" / "net.json")


def test_an_absent_package_is_named_with_its_extra(monkeypatch, tmp_path):
    form = Format("odd", (".odd",), lambda *_: None, packages=("no_such_package",), extra="onnx")
    monkeypatch.setitem(formats.FORMATS, "odd", form)
    with pytest.raises(SpecError, match=r"export to odd needs no_such_package; install it with: pip install 'desc"):
        Network([2, 1], seed=0).export(tmp_path / "a.odd")


def test_what_cannot_be_exported_is_said(tmp_path):
    own = Network([2, 2, 1], (np.tanh, lambda s: 1 - np.tanh(s) ** 2), engine="reference", seed=0)
    with pytest.raises(SpecError, match="one is a user's own code"):
        own.export(tmp_path / "a.json")
    broken = Network([2, 1], seed=0)
    broken.theta[0] = np.nan
    with pytest.raises(SpecError, match="the weights must be finite"):
        broken.export(tmp_path / "a.json")
    with pytest.raises(SpecError, match="must be a Network, a Model, or a fitted estimator of descend; got dict"):
        export({}, tmp_path / "a.json")
    for one in (MLPClassifier(), TabularClassifier()):
        with pytest.raises(ValueError, match="not fitted"):
            one.export(tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_several_networks_are_to_be_distilled_for_formats_of_one(models):
    with pytest.raises(
        SpecError, match=r"it holds one network; \d+ answer together here. Distil .*`descend distil MODEL"
    ):
        only_net(described(models["blend"]), "c")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        many = MLPRegressor(hidden_layer_sizes=(2,), max_iter=2, restarts=3, select="ensemble").fit(X, X[:, 0])
    with pytest.raises(SpecError, match=r'3 answer together here\. Fit with select="best"'):
        only_net(described(many), "c")
    assert only_net(described(models["numbers"]), "c").spec == models["numbers"].network.spec


# ---------------------------------------------------------------- files that are there


@pytest.mark.parametrize(
    ("kind", "name", "files"),
    [
        ("c", "pump.v2", ["pump.v2.c", "pump.v2.h"]),
        ("c", "pump.h", ["pump.h", "pump.c"]),
        ("c", "pump.C", ["pump.c", "pump.h"]),
        ("fortran", "pump.v2", ["pump.v2.f90", "pump.v2.c", "pump.v2.h"]),
        ("fortran", "a b.h", ["a b.f90", "a b.c", "a b.h"]),
        ("json", "pump.v2", ["pump.v2"]),
    ],
)
def test_a_format_knows_its_files_before_they_are_written(kind, name, files, tmp_path, monkeypatch):
    monkeypatch.setattr("descend.exports.c.write.measured", lambda *_: [])
    form = formats.FORMATS[kind]
    assert [one.name for one in form.files(tmp_path / name)] == files
    assert [*form.write(described(Network([2, 1], seed=0)), name, {}).files] == files


def test_what_comes_along_replaces_older_exports_alone(tmp_path):
    net, header = Network([2, 1], seed=0), tmp_path / "pump.h"
    header.write_text("/* pump: Made by descend 0.2.0 */\n", encoding="utf-8")
    net.export(tmp_path / "pump.c")
    before = (tmp_path / "pump.c").read_bytes()
    header.write_text("#define MINE 1\n", encoding="utf-8")
    with pytest.raises(FileError, match=r"pump\.h, which comes with pump\.c, is there already and no export"):
        net.export(tmp_path / "pump.c")
    header.unlink()
    header.mkdir()
    with pytest.raises(FileError, match=r"pump\.h is a folder, where a file is to be that comes with pump\.c"):
        net.export(tmp_path / "pump.c")
    assert (tmp_path / "pump.c").read_bytes() == before


@pytest.mark.parametrize("kind", ["json", "c"])
def test_a_model_of_descend_is_never_written_over(kind, tmp_path):
    net, path = Network([2, 1], seed=0), tmp_path / ("best.c" if kind == "c" else "best.descend")
    net.save(path)
    with pytest.raises(FileError, match="is a model of descend's, which would be lost"):
        net.export(path, kind)
    assert load(path).spec == net.spec
    assert len(list(tmp_path.iterdir())) == 1
