"""Files of models of version 1, written by descend 0.1: each field is checked, whatever the checksum says."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from descend import load
from model_files import DAMAGED, opened, refusal, sealed

FOLDER = Path(__file__).resolve().parents[1] / "data" / "written-by-0.1"
CLASSES, NUMBERS = (FOLDER / f"model-{name}.descend" for name in ("classes", "numbers"))


@pytest.mark.parametrize("path", [CLASSES, NUMBERS], ids=["classes", "numbers"])
def test_a_file_that_is_sealed_anew_is_the_same_model(path, tmp_path):
    document, tensors = opened(path.read_bytes())
    assert document["version"] == 1
    (tmp_path / "x.descend").write_bytes(sealed(document, tensors))
    before, after = load(path), load(tmp_path / "x.descend")
    assert after.preprocessing == before.preprocessing
    assert after.learnt is None
    after.save(tmp_path / "again.descend")
    assert opened((tmp_path / "again.descend").read_bytes())[0]["version"] == 2
    again = load(tmp_path / "again.descend").preprocessing
    assert again == replace(before.preprocessing, readings=again.readings)
    assert again.readings == before.preprocessing.known_readings()


KINDS = "number, boolean, category, date"


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("preprocessing",), None, "field `preprocessing` must be an object; got nothing."),
        (("preprocessing", "target"), 3, "preprocessing: field `target` must be a text; got 3."),
        (("preprocessing", "weather"), 1, "preprocessing: field `weather` is unknown."),
        (
            ("preprocessing", "columns"),
            [],
            "preprocessing: field `columns` must be a list with at least one entry; got [].",
        ),
        (
            ("preprocessing", "columns", 0, "kind"),
            "image",
            f"preprocessing: field `columns[0].kind` must be one of {KINDS}; got 'image'.",
        ),
        (
            ("preprocessing", "task", "kind"),
            "guess",
            'preprocessing: field `task.kind` must be "classify" or "regress"; got \'guess\'.',
        ),
        (("preprocessing", "task", "labels"), [], "preprocessing: field `task.labels` is unknown."),
        (("dtype",), "float16", 'field `dtype` must be "float32" or "float64"; got "float16".'),
        (("record",), [], "field `record` must be an object; got []."),
    ],
)
def test_a_field_that_is_wrong_is_named(tmp_path, path, value, words):
    document, tensors = opened(CLASSES.read_bytes())
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert refusal(tmp_path, sealed(document, tensors)) == f"{words} {DAMAGED}"


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("W_0", None, "tensor `W_0` is missing."),
        ("W_9", np.zeros(1), "tensor `W_9` is unknown."),
        ("learnt.bits", np.zeros(4, np.uint8), "tensor `learnt.bits` is unknown."),
        ("preprocessing.scale", None, "preprocessing: tensor `scale` is missing."),
        ("preprocessing.extra", np.zeros(1), "preprocessing: tensor `extra` is unknown."),
        (
            "preprocessing.target_scaling",
            np.zeros(2),
            "preprocessing: tensor `target_scaling` must end in a positive number; got 0.0.",
        ),
        ("preprocessing.scale", np.full(4, np.inf), "tensor `preprocessing.scale` must be finite; it holds inf."),
    ],
)
def test_a_tensor_that_is_wrong_is_named(tmp_path, name, array, words):
    document, tensors = opened(CLASSES.read_bytes())
    tensors = {key: value for key, value in tensors.items() if key != name} | ({} if array is None else {name: array})
    assert refusal(tmp_path, sealed(document, tensors)) == f"{words} {DAMAGED}"


def test_the_fields_of_one_version_are_none_of_the_other(tmp_path):
    document, tensors = opened(CLASSES.read_bytes())
    assert refusal(tmp_path, sealed(document | {"version": 2}, tensors)).startswith("field `combined` must be ")
    document["members"] = []
    assert load_with(tmp_path, sealed(document, tensors))  # at the top unknown fields are ignored


def load_with(tmp_path, content):
    (tmp_path / "x.descend").write_bytes(content)
    return load(tmp_path / "x.descend")
