"""`load`: what is not a model is refused, with the field that is wrong."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import descend
from descend import FileError, load
from descend.files.load import KINDS
from descend.registry import find
from model_files import DAMAGED, TABLE, content_of, opened, refusal, sealed, trained


@pytest.fixture(scope="module")
def model():
    return trained("kind")


@pytest.fixture(scope="module")
def content(model):
    return content_of(model)


def test_every_kind_has_its_maker():
    assert [callable(find(f"load.{kind}")) for kind in KINDS] == [True] * 4


@given(st.data())
def test_a_flipped_bit_or_a_cut_never_passes(tmp_path_factory, content, data):
    broken = bytearray(content)
    for place in data.draw(st.lists(st.integers(0, len(content) * 8 - 1), min_size=1, max_size=4, unique=True)):
        broken[place // 8] ^= 1 << place % 8
    cut = data.draw(st.sampled_from([0, 0, 1]) | st.integers(0, len(content)))
    path = tmp_path_factory.getbasetemp() / "broken.descend"
    path.write_bytes(bytes(broken[: len(broken) - cut]))
    with pytest.raises(FileError):
        load(path)


def changed(document, name, value):
    """The document with one field changed, or removed if the value is `...`; names are paths with points."""
    *path, last = name.split(".")
    inner = document
    for one in path:
        inner = inner[int(one)] if isinstance(inner, list) else inner[one]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return document


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("kind", "ensemble", 'field `kind` must be "model", "network", "estimator" or "tabular"; got "ensemble".'),
        ("kind", ["model"], 'field `kind` must be "model", "network", "estimator" or "tabular"; got ["model"].'),
        ("members.0.dtype", "float16", 'field `dtype` must be "float32" or "float64"; got "float16".'),
        ("members.0.dtype", "float64", "tensor `W_0` must be float64 (11, 4); got float32 (11, 4)."),
        ("members.0.seed", -1, "field `seed` must be a whole number ≥ 0; got -1."),
        ("members.0.engine", {}, 'field `engine` must be "native" or "reference"; got {}.'),
        ("members.0.network", ..., "field `network` must be an object; got nothing."),
        (
            "members.0.network.sizes",
            "10-4-2",
            'field `network.sizes` must be a list of whole numbers from 1 to 2³¹ − 1; got "10-4-2".',
        ),
        (
            "members.0.network.sizes",
            [10, 2**31, 2],
            f"field `network.sizes` must be a list of whole numbers from 1 to 2³¹ − 1; got [10, {2**31}, 2].",
        ),
        ("members.0.network.bias", [1.0, None], "field `network.bias` must be a list of numbers; got [1.0, null]."),
        ("members.0.network.bias", ..., "field `network`: spec: field `bias` is missing."),
        ("members.0.network.dropout", 0.5, "field `network`: spec: field `dropout` is unknown."),
        (
            "members.0.network.init",
            "zeros",
            'field `network`: Network: `init` must be "auto" or one of glorot_uniform, glorot_normal, he_uniform, '
            'he_normal, lecun_uniform, lecun_normal; got "zeros".',
        ),
        ("members.0.network.activation", [7], "field `network.activation` must be a list of names; got [7]."),
        ("members.0.network.sizes", [10, 5, 2], "tensor `W_0` must be float32 (11, 5); got float32 (11, 4)."),
        ("columns", None, "preprocessing: field `columns` must be a list with at least two entries; got None."),
        ("target.name", 3, "preprocessing: field `target.name` must be a text; got 3."),
        (
            "columns.0.kind",
            "image",
            "preprocessing: field `columns[0].kind` must be one of number, category, boolean, date; got 'image'.",
        ),
        (
            "members.0.encoders.0.kind",
            "embedding",
            "preprocessing: field `members[0].encoders[0].kind` must be one of number, boolean, category, date; got "
            "'embedding'.",
        ),
        (
            "target.classes",
            ["high", "low", "mid"],
            "the columns make 10 inputs and 3 outputs, but `network.sizes` is [10, 4, 2].",
        ),
        ("members", [], "field `members` must be a list with one object; got []."),
        ("members.0.weather", 1, "field `members[0].weather` is unknown."),
        (
            "combined",
            {"kind": "mean"},
            'field `combined` must be {"kind": "single"} or {"kind": "blend"}; got {"kind": "mean"}.',
        ),
        (
            "learnt.salt",
            -1,
            'field `learnt` must be null, or kind, salt, rows and one_in; got {"kind": "bloom", "salt": -1, '
            '"rows": 48, "one_in": 1}.',
        ),
        ("record", [], "field `record` must be an object; got []."),
    ],
)
def test_a_field_that_is_wrong_is_named(tmp_path, content, name, value, words):
    document, tensors = opened(content)
    found = refusal(tmp_path, sealed(changed(document, name, value), tensors))
    assert found == f"{words} {DAMAGED}"


@pytest.mark.parametrize(
    ("name", "array", "words"),
    [
        ("member_0.W_1", None, "tensor `W_1` is missing."),
        ("member_0.W_1", np.zeros((5, 3), np.float32), "tensor `W_1` must be float32 (5, 2); got float32 (5, 3)."),
        ("member_0.W_1", np.zeros((5, 2), np.int32), "tensor `W_1` must be float32 (5, 2); got int32 (5, 2)."),
        ("member_0.W_1", np.full((5, 2), np.nan, np.float32), "tensor `W_1` must be finite; it holds nan."),
        ("member_0.W_2", np.zeros(1), "tensor `member_0.W_2` is unknown."),
        ("W_1", np.zeros(1), "tensor `W_1` is unknown."),
        ("learnt.bits", None, "tensor `learnt.bits` must be 1 to 262,144 bytes."),
        ("learnt.bits", np.zeros(0, np.uint8), "tensor `learnt.bits` must be 1 to 262,144 bytes."),
        ("learnt.bits", np.zeros(2**18 + 1, np.uint8), "tensor `learnt.bits` must be 1 to 262,144 bytes."),
        ("learnt.bits", np.zeros(4, np.float32), "tensor `learnt.bits` must be 1 to 262,144 bytes."),
    ],
)
def test_a_tensor_that_is_wrong_is_named(tmp_path, content, name, array, words):
    document, tensors = opened(content)
    tensors = {key: value for key, value in tensors.items() if key != name}
    if array is not None:
        tensors[name] = array
    assert refusal(tmp_path, sealed(document, tensors)) == f"{words} {DAMAGED}"


def test_fields_that_later_writers_add_are_ignored(tmp_path, content, model):
    document, tensors = opened(content)
    document["hello"] = {"from": "the future"}
    document["record"]["weather"] = "rain"
    (tmp_path / "x.descend").write_bytes(sealed(document, tensors))
    assert load(tmp_path / "x.descend").predict(TABLE).tolist() == model.predict(TABLE).tolist()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data(), value=json_values)
def test_any_value_in_any_field_is_read_or_refused(tmp_path_factory, content, data, value):
    """A file with a right checksum may still be made by hand; nothing but a FileError comes out of it."""
    document, tensors = opened(content)
    names = [*(name for name in document if name not in ("format", "version", "checksum")), "members", "columns"]
    name = data.draw(st.sampled_from(names))
    while isinstance(inner := document_at(document, name), dict | list) and inner and data.draw(st.booleans()):
        keys = list(inner) if isinstance(inner, dict) else [str(place) for place in range(len(inner))]
        name += "." + data.draw(st.sampled_from(keys))
    changed_at(document, name, value)
    path = tmp_path_factory.getbasetemp() / "made.descend"
    path.write_bytes(sealed(document, tensors))
    try:
        load(path)
    except FileError as error:
        assert str(error).startswith(f'model file "{path}": ')  # noqa: PT017


def document_at(document, name):
    for one in name.split("."):
        document = document[int(one)] if isinstance(document, list) else document[one]
    return document


def changed_at(document, name, value):
    *path, last = name.split(".")
    inner = document_at(document, ".".join(path)) if path else document
    inner[int(last) if isinstance(inner, list) else last] = value


def test_nothing_in_the_package_opens_pickles():
    source = Path(descend.__file__).parent
    paths = [path for path in source.rglob("*.py") if path.parent.name != "clusters"]  # there: what workers are sent
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    opening = ("pickle.load", "import pickle", "allow_pickle=True", "joblib.load", "marshal")
    assert [(name, word) for name, text in texts.items() for word in opening if word in text] == []
