"""Model files: what is saved comes back to the bit, and what is not a model is refused with the field that is wrong."""

import base64
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import descend
from descend.container import pack
from descend.errors import FileError, SpecError
from descend.model import TrainOptions, train, understand
from descend.modelfile import load, save_model, to_bytes
from descend.network import Network
from descend.spec import make_spec
from model_files import opened, sealed

DAMAGED = "The file is damaged; use a copy, or train anew."
TABLE = {
    "size": [float(i % 20) for i in range(60)],
    "colour": ["red", "green", "blue"] * 20,
    "when": [f"2024-01-{1 + i % 28:02d}" for i in range(60)],
    "flag": [i % 3 == 0 for i in range(60)],
    "kind": ["low" if i % 20 < 10 else "high" for i in range(60)],
}


def trained(target, **options):
    given = {"hidden": (4,), "epochs": 3, "restarts": 2, "engine": "reference"} | options
    return train(understand(TABLE, target, TrainOptions(**given))).model


@pytest.fixture(scope="module")
def model():
    return trained("kind")


@pytest.fixture(scope="module")
def content(model):
    return to_bytes(model)


def refusal(tmp_path, content):
    path = tmp_path / "x.descend"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        load(path)
    return str(caught.value).replace(f'model file "{path}": ', "")


# ---------------------------------------------------------------- round trips


def test_a_network_comes_back_with_the_same_bits(tmp_path):
    net = Network(
        [3, 5, 2], "relu", "softmax", "log_loss", bias=[0.5, 0.0], dtype="float64", seed=3, engine="reference"
    )
    net.save(tmp_path / "new" / "net.descend")
    again = descend.load(tmp_path / "new" / "net.descend")
    assert isinstance(again, Network)
    assert again.spec == net.spec
    assert (again.dtype, again.seed, again.engine) == (net.dtype, 3, "reference")
    assert again.theta.tobytes() == net.theta.tobytes()
    X = np.random.default_rng(0).normal(size=(20, 3))
    assert again.predict(X).tobytes() == net.predict(X).tobytes()
    again.W[0][0, 0] = 7.0  # the weights are the network's own


@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    bias=st.sampled_from([0.0, 0.5, 1.0]),
    ends=st.sampled_from(
        [
            ("identity", "huber", 0.3),
            ("identity", "quantile", 0.9),
            ("exp", "poisson", None),
            ("sigmoid", "log_loss", None),
        ]
    ),
    hidden=st.sampled_from(["step", "mish", "selu"]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 2**130),
)
def test_any_network_comes_back(tmp_path_factory, sizes, bias, ends, hidden, dtype, seed):
    output, loss, parameter = ends
    spec = make_spec(sizes, hidden, output, loss, parameter, bias, step_surrogate="straight_through")
    theta = np.random.default_rng(seed).normal(size=spec.theta_size).astype(dtype)
    net = Network.from_spec(spec, theta, dtype=dtype, seed=seed, engine="reference")
    path = tmp_path_factory.getbasetemp() / "any.descend"
    save_model(net, path)
    again = load(path)
    assert (again.spec, again.seed, again.dtype.name) == (spec, seed, dtype)
    assert again.theta.tobytes() == theta.tobytes()


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("target", ["kind", "size", "colour", "flag"])
def test_a_model_comes_back_with_the_same_predictions(tmp_path, target, engine):
    model = trained(target, engine=engine)
    model.save(tmp_path / "m.descend")
    again = descend.load(tmp_path / "m.descend")
    assert again.preprocessing == model.preprocessing
    assert again.record == model.record
    assert again.network.predict(model.inputs_and_targets(TABLE)[0]).tobytes() == (
        model.network.predict(again.inputs_and_targets(TABLE)[0]).tobytes()
    )
    assert again.predict(TABLE).tolist() == model.predict(TABLE).tolist()
    if target == "kind":
        assert again.predict_probability(TABLE).tobytes() == model.predict_probability(TABLE).tobytes()


def test_equal_trainings_give_equal_files(content):
    assert to_bytes(trained("kind")) == content


def test_the_file_holds_what_a_model_is_made_of(content):
    document, tensors = opened(content)
    assert list(document) == [
        *("format", "version", "checksum", "kind", "network", "dtype", "seed", "engine", "preprocessing", "record")
    ]
    assert [column["name"] for column in document["preprocessing"]["columns"]] == ["size", "colour", "when", "flag"]
    assert document["preprocessing"]["task"]["classes"] == ["high", "low"]
    assert len(document["record"]["table"]["content_hash"]) == 64
    assert set(tensors) == {
        *("W_0", "W_1", "preprocessing.center", "preprocessing.scale", "preprocessing.target_scaling")
    }


# ---------------------------------------------------------------- golden bytes

GOLDEN = """
    GAIAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJkZXNjZW5kIjoie1wiZm9ybWF0XCI6XCJkZXNjZW5kXCIsXCJ2ZXJzaW9uXCI6MSxc
    ImNoZWNrc3VtXCI6XCJhM2ZkYTQ2Mjk0ZjBjNDMxZWY0ZTMxZmY5ZWZlM2E0YzBmNzk2ZTM1MzI5OGE2MGE3M2NiNzczNmViMjgy
    YmI0XCIsXCJraW5kXCI6XCJuZXR3b3JrXCIsXCJuZXR3b3JrXCI6e1wic2l6ZXNcIjpbMSwyLDFdLFwiYWN0aXZhdGlvblwiOltc
    InRhbmhcIl0sXCJvdXRwdXRcIjpcImlkZW50aXR5XCIsXCJsb3NzXCI6XCJzcXVhcmVkXCIsXCJsb3NzX3BhcmFtZXRlclwiOlsw
    LjBdLFwiYmlhc1wiOlswLjUsMC41XSxcImluaXRcIjpcImF1dG9cIixcInN0ZXBfc3Vycm9nYXRlXCI6bnVsbH0sXCJkdHlwZVwi
    OlwiZmxvYXQzMlwiLFwic2VlZFwiOjUsXCJlbmdpbmVcIjpcIm5hdGl2ZVwifSJ9LCJXXzAiOnsiZHR5cGUiOiJGMzIiLCJzaGFw
    ZSI6WzIsMl0sImRhdGFfb2Zmc2V0cyI6WzAsMTZdfSwiV18xIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlszLDFdLCJkYXRhX29m
    ZnNldHMiOlsxNiwyOF19fSAgIAAAgD8AAADAAACAPgAAAD8AAEBAAADAvwAAAAA=
"""
GOLDEN_DOCUMENT = {
    "format": "descend",
    "version": 1,
    "checksum": "a3fda46294f0c431ef4e31ff9efe3a4c0f796e353298a60a73cb7736eb282bb4",
    "kind": "network",
    "network": {
        "sizes": [1, 2, 1],
        "activation": ["tanh"],
        "output": "identity",
        "loss": "squared",
        "loss_parameter": [0.0],
        "bias": [0.5, 0.5],
        "init": "auto",
        "step_surrogate": None,
    },
    "dtype": "float32",
    "seed": 5,
    "engine": "native",
}


def tiny():
    net = Network([1, 2, 1], "tanh", bias=0.5, seed=5, dtype="float32")
    net.W = [[[1.0, -2.0], [0.25, 0.5]], [[3.0], [-1.5], [0.0]]]
    return net


def test_the_bytes_of_a_tiny_network_are_those_of_version_1(tmp_path):
    golden = base64.b64decode("".join(GOLDEN.split()))
    assert to_bytes(tiny()) == golden
    (tmp_path / "golden.descend").write_bytes(golden)
    again = load(tmp_path / "golden.descend")
    assert [W.tolist() for W in again.W] == [[[1.0, -2.0], [0.25, 0.5]], [[3.0], [-1.5], [0.0]]]
    assert opened(golden)[0] == GOLDEN_DOCUMENT


# ---------------------------------------------------------------- damage


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
        ("kind", "ensemble", 'field `kind` must be "model", "network" or "estimator"; got "ensemble".'),
        ("kind", ["model"], 'field `kind` must be "model", "network" or "estimator"; got ["model"].'),
        ("dtype", "float16", 'field `dtype` must be "float32" or "float64"; got "float16".'),
        ("dtype", "float64", "tensor `W_0` must be float64 (11, 4); got float32 (11, 4)."),
        ("seed", -1, "field `seed` must be a whole number ≥ 0; got -1."),
        ("engine", {}, 'field `engine` must be "native" or "reference"; got {}.'),
        ("network", ..., "field `network` must be an object; got nothing."),
        (
            "network.sizes",
            "10-4-2",
            'field `network.sizes` must be a list of whole numbers from 1 to 2³¹ − 1; got "10-4-2".',
        ),
        (
            "network.sizes",
            [10, 2**31, 2],
            f"field `network.sizes` must be a list of whole numbers from 1 to 2³¹ − 1; got [10, {2**31}, 2].",
        ),
        ("network.bias", [1.0, None], "field `network.bias` must be a list of numbers; got [1.0, null]."),
        ("network.bias", ..., "field `network`: spec: field `bias` is missing."),
        ("network.dropout", 0.5, "field `network`: spec: field `dropout` is unknown."),
        (
            "network.init",
            "zeros",
            'field `network`: Network: `init` must be "auto" or one of glorot_uniform, glorot_normal, he_uniform, '
            'he_normal, lecun_uniform, lecun_normal; got "zeros".',
        ),
        ("network.activation", [7], "field `network.activation` must be a list of names; got [7]."),
        ("network.sizes", [10, 5, 2], "tensor `W_0` must be float32 (11, 5); got float32 (11, 4)."),
        ("preprocessing", None, "field `preprocessing` must be an object; got nothing."),
        ("preprocessing.target", 3, "preprocessing: field `target` must be a text; got 3."),
        (
            "preprocessing.columns.0.kind",
            "image",
            "preprocessing: field `columns[0].kind` must be one of number, boolean, category, date; got 'image'.",
        ),
        (
            "preprocessing.task.classes",
            ["high", "low", "mid"],
            "field `preprocessing` makes 10 inputs and 3 outputs, but `network.sizes` is [10, 4, 2].",
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
        ("W_1", None, "tensor `W_1` is missing."),
        ("W_1", np.zeros((5, 3), np.float32), "tensor `W_1` must be float32 (5, 2); got float32 (5, 3)."),
        ("W_1", np.zeros((5, 2), np.int32), "tensor `W_1` must be float32 (5, 2); got int32 (5, 2)."),
        ("W_1", np.full((5, 2), np.nan, np.float32), "tensor `W_1` must be finite; it holds nan."),
        ("W_2", np.zeros(1), "tensor `W_2` is unknown."),
        ("preprocessing.scale", np.full(4, np.inf), "tensor `preprocessing.scale` must be finite; it holds inf."),
        ("preprocessing.scale", None, "preprocessing: tensor `scale` is missing."),
        ("preprocessing.extra", np.zeros(1), "preprocessing: tensor `extra` is unknown."),
    ],
)
def test_a_tensor_that_is_wrong_is_named(tmp_path, content, name, array, words):
    document, tensors = opened(content)
    tensors = {key: value for key, value in tensors.items() if key != name}
    if array is not None:
        tensors[name] = array
    assert refusal(tmp_path, sealed(document, tensors)) == f"{words} {DAMAGED}"


def test_a_network_has_no_tensors_but_its_weights(tmp_path):
    document, tensors = opened(to_bytes(tiny()))
    found = refusal(tmp_path, sealed(document, tensors | {"preprocessing.scale": np.ones(1)}))
    assert found == f"tensor `preprocessing.scale` is unknown. {DAMAGED}"


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
    names = [*(name for name in document if name not in ("format", "version", "checksum")), "network", "preprocessing"]
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


# ---------------------------------------------------------------- what cannot be saved


def test_code_cannot_be_saved(tmp_path):
    net = Network([1, 2, 1], (np.sin, np.cos), engine="reference", seed=0)
    with pytest.raises(SpecError) as caught:
        save_model(net, tmp_path / "x.descend")
    assert "user's own activation" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_weights_that_are_not_finite_cannot_be_saved(tmp_path):
    net = tiny()
    net.theta[3] = np.nan
    with pytest.raises(SpecError) as caught:
        net.save(tmp_path / "x.descend")
    words = "save: the network's weights must be finite; some are not. Save one that did not diverge."
    assert str(caught.value) == words
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file sizes are POSIX's")
def test_on_a_full_disk_the_old_file_stays(tmp_path):
    path = tmp_path / "net.descend"
    save_model(tiny(), path)
    old = path.read_bytes()
    program = """
        import resource, signal, sys
        from descend import Network
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            Network([100, 100, 1], seed=0).save(sys.argv[1])
        except OSError as error:
            print(error.filename)
    """
    run = [sys.executable, "-c", textwrap.dedent(program), str(path)]
    result = subprocess.run(run, capture_output=True, text=True, check=True)
    assert result.stdout == f"{path}\n"
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_in_the_package_opens_pickles():
    source = Path(descend.__file__).parent
    texts = {path.name: path.read_text(encoding="utf-8") for path in source.rglob("*.py")}
    opening = ("pickle.load", "import pickle", "allow_pickle=True", "joblib.load", "marshal")
    assert [(name, word) for name, text in texts.items() for word in opening if word in text] == []


def test_packing_refuses_what_json_cannot_say():
    with pytest.raises(ValueError, match="not JSON compliant"):
        pack({"x": float("nan")}, {})
