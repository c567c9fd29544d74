"""A model file as text: it holds the same, reads back to the bit, and is refused wherever it is damaged."""

import json
import random
import warnings

import numpy as np
import pytest
from mutations import ODD, change_bytes, change_json

import descend
from descend import FileError, MLPClassifier, MLPRegressor, Network, SpecError, load
from descend.files import json_text
from descend.files.json_text import json_bytes, parts_from_json
from model_files import blended, content_of, opened, tiny, trained

TINY = """{
  "format": "descend",
  "version": 1,
  "text": 1,
  "checksum": "CHECKSUM",
  "kind": "network",
  "network": {
    "sizes": [1, 2, 1],
    "activation": ["tanh"],
    "output": "identity",
    "loss": "squared",
    "loss_parameter": [0.0],
    "bias": [0.5, 0.5],
    "init": "auto",
    "step_surrogate": null
  },
  "dtype": "float32",
  "seed": 5,
  "engine": "native",
  "tensors": {
    "W_0": {"dtype": "F32", "shape": [2, 2], "values": [
      [1.0, -2.0],
      [0.25, 0.5]
    ]},
    "W_1": {"dtype": "F32", "shape": [3, 1], "values": [
      [3.0],
      [-1.5],
      [0.0]
    ]}
  }
}
"""


def text_of(thing):
    """The text of the file that `save` writes, as a value."""
    return json.loads(json_bytes(*opened(content_of(thing))))


def refusal(tmp_path, value):
    path = tmp_path / "x.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    with pytest.raises(FileError) as caught:
        load(path)
    return str(caught.value).replace(f'model file "{path}": ', "")


def changed(value, *path, to):
    """A copy without a checksum, in which one place holds something else."""
    value = json.loads(json.dumps(value)) | {"checksum": None}
    at = value
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return value


@pytest.fixture(scope="module")
def things():
    X = np.random.default_rng(0).normal(size=(30, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "network": Network([2, 3, 1], "step", loss="huber", bias=[0.5, 0.0], dtype="float64", seed=10**30),
            "model": trained("kind"),
            "numbers": trained("size", task="regress", hidden=()),
            "blend": blended("kind"),
            "classes": MLPClassifier((3,), max_iter=2, random_state=0).fit(
                X, np.array(["a", "b", "é"])[[0, 1, 2] * 10]
            ),
            "quantiles": MLPRegressor(
                "quantile", hidden_layer_sizes=(2,), loss_parameter=(0.25, 0.75), max_iter=2, random_state=0
            ).fit(X, X[:, 0]),
        }


NAMES = ["network", "model", "numbers", "blend", "classes", "quantiles"]


@pytest.mark.parametrize("name", NAMES)
def test_a_text_reads_back_to_the_same_file(name, things, tmp_path):
    content = content_of(things[name])
    path = tmp_path / "x.json"
    path.write_bytes(json_bytes(*opened(content)))
    assert content_of(load(path)) == content
    assert json_bytes(*opened(content)) == path.read_bytes()


def test_the_text_of_a_tiny_network_is_this():
    text = json_bytes(*opened(content_of(tiny()))).decode()
    assert text == TINY.replace("CHECKSUM", json.loads(text)["checksum"])


def test_every_kind_of_number_comes_back_to_the_bit():
    rng = np.random.default_rng(0)
    tensors = {
        kind: np.concatenate(
            [
                np.frombuffer(rng.bytes(np.dtype(kind).itemsize * 3000), kind),
                np.array(
                    [0.0, -0.0, 0.1, np.finfo(kind).max, np.finfo(kind).tiny, np.finfo(kind).smallest_subnormal], kind
                ),
            ]
        )
        for kind in ("float16", "float32", "float64")
    }
    tensors = {kind: one[np.isfinite(one)] for kind, one in tensors.items()}
    tensors |= {"int64": np.array([[2**63 - 1], [-(2**63)]]), "int32": np.arange(24, dtype=np.int32).reshape(2, 3, 4)}
    tensors |= {"bool": np.array([True, False]), "uint8": np.arange(256, dtype=np.uint8), "empty": np.zeros((3, 0))}
    twice = np.nextafter(
        np.float32(7.038531e-26), np.float32(0.0)
    )  # its fewest digits lead elsewhere by way of float64
    assert np.float32(float(str(twice))) != twice
    tensors |= {"rounded twice": np.array([twice, -twice])}
    tensors |= {"none": np.zeros((0, 3), np.float32), "alone": np.array(1.5)}
    back = parts_from_json(json_bytes({"kind": "x"}, tensors), "x")[1]
    assert {name: (one.dtype, one.shape, one.tobytes()) for name, one in back.items()} == {
        name: (one.dtype, one.shape, one.tobytes()) for name, one in tensors.items()
    }


def test_numbers_of_half_floats_are_right_without_rounding():
    """A reader that knows no float16 takes them as they stand."""
    half = np.linspace(-3, 3, 1001).astype(np.float16)
    shown = json.loads(json_bytes({}, {"t": half}))["tensors"]["t"]["values"]
    np.testing.assert_allclose(shown, half.astype(float), rtol=1e-7, atol=0)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_no_file_can_hold_is_not_written(number):
    with pytest.raises(SpecError, match=r"tensor `t` must be finite"):
        json_bytes({}, {"t": np.array([number])})
    with pytest.raises(SpecError, match=r"finite numbers"):
        json_bytes({"a": number}, {})
    with pytest.raises(SpecError, match=r"tensor `t` is complex128"):
        json_bytes({}, {"t": np.array([1j])})


def test_spaces_order_and_whole_floats_do_not_matter(things, tmp_path):
    """Other programs write 1 for 1.0, sort keys, and leave spaces out or put a mark of the byte order before."""
    plain = text_of(things["numbers"])

    def other(value):
        if isinstance(value, dict):
            return {name: other(value[name]) for name in sorted(value)}
        if isinstance(value, list):
            return [other(one) for one in value]
        return int(value) if isinstance(value, float) and value == int(value) else value

    path = tmp_path / "x.json"
    path.write_bytes(b"\xef\xbb\xbf \n" + json.dumps(other(plain), separators=(",", ":")).encode())
    table = {"colour": ["red", "blue"], "when": ["2024-01-05"] * 2, "flag": [True, False], "kind": ["low", "high"]}
    np.testing.assert_array_equal(load(path).predict(table), things["numbers"].predict(table))


def test_the_checksum_notices_a_digit_and_null_lets_it_be(things, tmp_path):
    value = text_of(things["network"])
    value["tensors"]["W_1"]["values"][0][0] += 1e-15
    said = refusal(tmp_path, value)
    assert said.startswith("field `checksum` does not belong to this content.")
    assert "write null" in said
    (tmp_path / "x.json").write_text(json.dumps(value | {"checksum": None}), encoding="utf-8")
    assert load(tmp_path / "x.json").W[1][0, 0] == value["tensors"]["W_1"]["values"][0][0]
    for wrong in ("", "0" * 64, 1, [], {}):
        assert "`checksum`" in refusal(tmp_path, value | {"checksum": wrong})
    del value["checksum"]
    assert "`checksum`" in refusal(tmp_path, value)


BROKEN = [
    (("format",), "other", "field `format` must be"),
    (("version",), 3, "field `version` is 3; descend"),
    (("version",), True, "field `version` must be a whole number"),
    (("text",), 2, "field `text` is 2; this version of descend reads 1"),
    (("text",), "1", "field `text` must be a whole number"),
    (("tensors",), [], "field `tensors` must be an object"),
    (("tensors", "W_0"), [[1.0]], "tensor `W_0`: its entry must have dtype, shape and values"),
    (("tensors", "W_0", "dtype"), "F8", "tensor `W_0`: its dtype must be one of"),
    (("tensors", "W_0", "dtype"), ["F32"], "tensor `W_0`: its dtype must be one of"),
    (("tensors", "W_0", "dtype"), "F64", "tensor `W_0` must be float32"),
    (("tensors", "W_0", "dtype"), "U8", "tensor `W_0`: its values must be base64"),
    (("tensors", "W_0", "shape"), [2, -1], "tensor `W_0`: its shape must be"),
    (("tensors", "W_0", "shape"), [0, 2**47], "tensor `W_0`: its shape must be"),
    (("tensors", "W_0", "shape"), [1] * 9, "tensor `W_0`: its shape must be"),
    (("tensors", "W_0", "shape"), [4], "tensor `W_0`: its values must be finite numbers of F32 of shape [4]"),
    (("tensors", "W_0", "values"), [[1.0, 2.0], [3.0]], "tensor `W_0`: its values must be"),
    (("tensors", "W_0", "values", 1, 0), "1", "tensor `W_0`: its values must be"),
    (("tensors", "W_0", "values", 1, 0), True, "tensor `W_0`: its values must be"),
    (("tensors", "W_0", "values", 1, 0), None, "tensor `W_0`: its values must be"),
    (("tensors", "W_0", "values", 1, 0), 1e39, "tensor `W_0`: its values must be finite"),
    (("tensors", "W_0", "values", 1, 0), 10**99, "tensor `W_0`: its values must be finite"),
    (("tensors", "W_9"), {"dtype": "F32", "shape": [1], "values": [1.0]}, "tensor `W_9` is unknown"),
    (("network", "sizes"), [1, 3, 1], "tensor `W_0` must be float32 (2, 3)"),
    (("network", "more"), 1, "field `network`"),
    (("kind",), "other", "field `kind` must be"),
    (("seed",), -1, "field `seed` must be"),
]


@pytest.mark.parametrize(("path", "to", "said"), BROKEN, ids=lambda one: str(one)[:40])
def test_a_damaged_field_is_refused_by_its_name(path, to, said, tmp_path):
    assert refusal(tmp_path, changed(text_of(tiny()), *path, to=to)).startswith(said)


def test_what_is_no_json_is_refused(tmp_path):
    text = json_bytes(*opened(content_of(tiny())))
    for broken, said in (
        (text[:-5], "its text is not valid JSON"),
        (text.replace(b"0.25", b"NaN"), "NaN is not a number of JSON"),
        (text.replace(b"0.25", b"1e999"), "is too large"),
        (text.replace(b'"seed": 5', b'"seed": 5, "seed": 5'), "a key stands twice"),
        (text.replace(b'"seed": 5', b'"seed": ' + b"[" * 5000 + b"]" * 5000), "nested too deeply"),
        (text.replace(b'"seed": 5', b'"seed": "\xff"'), "it is not UTF-8"),
        (b"[1, 2, 3, 4, 5, 6]", "it is a text file"),
    ):
        assert said in refusal(tmp_path, broken)


def test_a_text_that_would_fill_the_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    """A hundred thousand empty lists take fifty times the bytes of their text."""
    monkeypatch.setattr(json_text, "available_memory", lambda: 4_000_000)
    bomb = b'{"format": "descend", "a": [' + b"[],{}," * 50_000 + b"0]}"
    assert "reading it may take" in refusal(tmp_path, bomb)
    monkeypatch.setattr(json_text, "available_memory", lambda: 60_000_000)
    assert "reading it may take" not in refusal(tmp_path, bomb)


@pytest.mark.parametrize(
    ("changes", "seed"), [(80, 0), pytest.param(5_000, 1, marks=pytest.mark.long)], ids=["80", "5000"]
)
def test_changed_texts_are_refused_or_hold_what_they_say(changes, seed, things, tmp_path):
    rng, path = random.Random(seed), tmp_path / "x.json"
    values = [text_of(one) | {"checksum": None} for one in [tiny(), *things.values()]]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(changes):
        value = rng.choice(values)
        if rng.random() < 0.2:
            content = change_bytes(json.dumps(value).encode(), rng)
        elif rng.random() < 0.4:
            name = rng.choice(sorted(value["tensors"]))
            entry = change_json(value["tensors"][name], rng)
            content = json.dumps(changed(value, "tensors", name, to=rng.choice([entry, rng.choice(ODD)]))).encode()
        else:
            tensors = value["tensors"]
            rest = change_json({key: one for key, one in value.items() if key != "tensors"}, rng)
            content = json.dumps(rest | {"tensors": tensors}).encode()
        path.write_bytes(content)
        try:
            back = load(path)
        except FileError:
            outcomes["refused"] += 1
            continue
        outcomes["read"] += 1
        again = json_bytes(*opened(content_of(back)))
        path.write_bytes(again)
        assert content_of(load(path)) == content_of(back)
    assert min(outcomes.values()) > changes // 20, outcomes


def test_a_text_is_told_from_a_sealed_file_and_other_files(tmp_path):
    assert "it is empty" in refusal(tmp_path, b"")
    assert "it is cut off" in refusal(tmp_path, b"{")
    assert "field `format` must be" in refusal(tmp_path, b'{"a": {"b": [1, 2, 3]}}')
    assert descend.load is load
