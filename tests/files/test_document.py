"""What documents may hold is the same for the writer and for the reader."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import FileError, SpecError
from descend.files.container import pack, unpack
from descend.files.document import parsed, problem_of

HUGE = 10**100
values = st.recursive(
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers(-(10**102), 10**102)
    | st.sampled_from([HUGE, -HUGE, HUGE - 1, 1 - HUGE, 10**4000])
    | st.text(st.characters(), max_size=4)
    | st.sampled_from(["\ud800", "a\udfff", "\0", "é"])
    | st.binary(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values)
def test_what_is_packed_is_what_unpack_gives_back_and_the_rest_is_refused(value):
    try:
        content = pack({"kind": "example", "value": value}, {})
    except SpecError:
        assert problem_of(value)
        return
    assert unpack(content, "x")[0]["value"] == value


def nested(levels):
    value: list = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_as_deep_as_is_written_is_read_and_no_deeper():
    assert parsed(json.dumps(nested(100))) == nested(100)
    with pytest.raises(ValueError, match="is nested too deeply; a file holds at most 100 levels"):
        parsed(json.dumps(nested(101)))
    pack({"x": nested(99)}, {})
    for levels in (100, 5000):
        with pytest.raises(SpecError, match="is nested too deeply"):
            pack({"x": nested(levels)}, {})


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"a": {"b": [1, HUGE]}}, "field `a.b[1]` has 101 digits; a file holds whole numbers of at most 100"),
        ({"a": -(10**5000)}, "field `a` has 5001 digits; a file holds whole numbers of at most 100"),
        ({"a": float("inf")}, "field `a` is inf; a file holds finite numbers"),
        ({"a": "\ud800"}, "field `a` holds half a character (a lone surrogate)"),
        ({"\ud800": 1}, "it has a key that is no text, or holds half a character (a lone surrogate)"),
        ({"a": {1: 2}}, "field `a` has a key that is no text, or holds half a character (a lone surrogate)"),
        ({"a": b"x"}, "field `a` is a bytes; a file holds numbers, texts, lists and objects"),
    ],
)
def test_what_no_file_holds_is_named_with_its_place(value, what):
    assert problem_of(value) == what
    with pytest.raises(SpecError) as refused:
        pack(value, {})
    assert str(refused.value) == f"save: {what}."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be", "utf-8-sig"])
def test_a_text_in_another_encoding_is_refused(encoding):
    with pytest.raises(ValueError):
        parsed('{"a": "é"}'.encode(encoding))


def test_halves_of_characters_are_refused_however_they_are_written():
    for text in (rb'{"a": "\ud800"}', b'{"a": "\xed\xa0\x80"}', rb'{"\udfff": 1}'):
        with pytest.raises(ValueError):
            parsed(text)
    assert parsed(rb'{"a": "\ud83d\ude00"}') == {"a": "😀"}


def test_a_document_that_is_longer_than_a_header_is_refused_before_it_is_written(monkeypatch):
    monkeypatch.setattr("descend.files.container.MOST_HEADER_BYTES", 1000)
    assert unpack(pack({"x": "a" * 700}, {}), "x")
    for text in ("a" * 1000, '"' * 300):
        with pytest.raises(SpecError, match=r"the description of the model takes 1,[0-9]{3} bytes; a file holds 1,000"):
            pack({"x": text}, {})


def test_tensors_that_a_reader_would_refuse_are_not_packed():
    import numpy as np

    for name, tensor in (
        ("a", np.array([1.0, np.nan])),
        ("a", np.array([1], np.uint16)),
        ("a", np.array([1j])),
        ("a", np.array(["x"], object)),
        ("a", np.zeros((1,) * 9)),
        ("__metadata__", np.zeros(1)),
    ):
        with pytest.raises(SpecError, match=r"^save: "):
            pack({}, {name: tensor})


def test_the_shell_that_is_read_is_utf8():
    content = pack({"kind": "example"}, {})
    length = int.from_bytes(content[:8], "little")
    header = content[8 : 8 + length].decode().encode("utf-16-le")
    with pytest.raises(FileError, match="it is not UTF-8"):
        unpack(len(header + b"\xff").to_bytes(8, "little") + header + b"\xff", "x")
