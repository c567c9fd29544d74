"""The shell of model files: what is refused, and with which words."""

import hashlib
import json
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.errors import FileError
from descend.files.container import pack, plain_data, read_file, unpack

FOREIGN = "A model is a file that `descend train` or `save` wrote."
DAMAGED = "The file is damaged; use a copy, or train anew."


def refusal(path):
    with pytest.raises(FileError) as caught:
        read_file(path)
    return str(caught.value).replace(f'model file "{path}": ', "")


def refusal_of(content):
    with pytest.raises(FileError) as caught:
        unpack(content, "x.descend")
    return str(caught.value).replace('model file "x.descend": ', "")


def by_hand(header, data=b""):
    """A safetensors file with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def with_document(document, tensors=None, data=b""):
    text = document if isinstance(document, str) else json.dumps(document)
    return by_hand({"__metadata__": {"descend": text}} | (tensors or {}), data)


@pytest.fixture(scope="module")
def content():
    return pack(
        {"kind": "example", "name": 'Adélie \\ "x"'}, {"t": np.arange(6.0).reshape(2, 3), "b": np.array([True])}
    )


def test_what_is_packed_comes_back(content):
    document, tensors = unpack(content, "x")
    assert document["name"] == 'Adélie \\ "x"'
    assert (document["format"], document["version"]) == ("descend", 1)
    assert tensors["t"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert tensors["b"].dtype == bool


def test_the_safetensors_library_opens_it_too(tmp_path, content):
    from safetensors import safe_open

    path = tmp_path / "x.descend"
    path.write_bytes(content)
    with safe_open(path, framework="np") as file:
        assert set(file.keys()) == {"t", "b"}
        assert json.loads(file.metadata()["descend"])["kind"] == "example"


def test_the_checksum_is_the_sha256_of_the_file_with_zeros_in_its_place(content):
    seal = unpack(content, "x")[0]["checksum"].encode()
    assert hashlib.sha256(content.replace(seal, b"0" * 64)).hexdigest().encode() == seal


def test_every_single_flipped_bit_is_refused(content):
    for bit in range(len(content) * 8):
        broken = bytearray(content)
        broken[bit // 8] ^= 1 << bit % 8
        with pytest.raises(FileError):
            unpack(bytes(broken), "x")


def test_every_truncation_is_refused(content):
    for length in range(len(content)):
        with pytest.raises(FileError):
            unpack(content[:length], "x")


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused(content):
    with pytest.raises(FileError):
        unpack(content, "x")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, json_values)
def test_arbitrary_headers_are_refused(header, entry):
    for made in (header, {"__metadata__": header, "t": entry}, {"__metadata__": {"descend": json.dumps(entry)}}):
        with pytest.raises(FileError):
            unpack(by_hand(made), "x")


sealed = {"format": "descend", "version": 1, "checksum": "0" * 64}


@given(st.dictionaries(st.sampled_from(["dtype", "shape", "data_offsets"]), json_values))
def test_arbitrary_tables_of_tensors_are_refused(entry):
    with pytest.raises(FileError):
        unpack(with_document(sealed, {"t": entry}), "x")


# ---------------------------------------------------------------- foreign files


def test_an_absent_file_is_answered_with_the_closest_name(tmp_path):
    (tmp_path / "penguins.descend").write_bytes(b"")
    (tmp_path / "penguins.csv").write_bytes(b"")
    assert refusal(tmp_path / "pengiuns.descend") == 'there is no such file. Did you mean "penguins.descend"?'
    assert refusal(tmp_path / "cars.descend") == 'there is no such file. There are: "penguins.descend".'


def test_an_absent_file_in_a_folder_without_models(tmp_path):
    assert refusal(tmp_path / "x.descend") == "there is no such file. No model file is in that folder."
    gone = tmp_path / "gone"
    assert refusal(gone / "x.descend") == f'there is no such file, nor a folder "{gone}".'


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path) == f"it is a folder, not a file. {FOREIGN}"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == f"it is not a regular file. {FOREIGN}"


def test_a_name_that_no_file_can_have_is_refused():
    assert refusal("a\0b") == r'model file "a\x00b": no file can have this name.'


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_refused(tmp_path):
    path = tmp_path / "x.descend"
    path.write_bytes(b"x")
    path.chmod(0)
    assert refusal(path) == "it cannot be read (Permission denied)."


def test_files_of_other_kinds_are_named(tmp_path):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a", "b")
    assert refusal(archive) == f"it is a zip archive (perhaps a PyTorch or NumPy file). {FOREIGN}"
    assert refusal_of(b"\x89PNG\r\n\x1a\n" + b"\0" * 30) == f"it is a PNG image. {FOREIGN}"
    assert refusal_of(b"PAR1" + b"\0" * 30) == f"it is a Parquet table. {FOREIGN}"
    assert refusal_of(b"") == f"it is empty. {FOREIGN}"
    assert refusal_of(b"species,island\nAdelie,Dream\n") == f"it is a text file. {FOREIGN}"
    assert refusal_of(b"\0\1\2\3" * 9) == f"it is a file of another kind. {FOREIGN}"


class Bomb:
    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_pickle_is_never_opened(tmp_path, protocol):
    bomb = Bomb()
    bomb.path = str(tmp_path / "exploded")
    (tmp_path / "bomb.descend").write_bytes(pickle.dumps(bomb, protocol))
    assert refusal(tmp_path / "bomb.descend") == f"it is a pickle, which descend never opens. {FOREIGN}"
    assert not (tmp_path / "exploded").exists()


def test_other_safetensors_files_are_named():
    from safetensors.numpy import save

    words = f'it is a safetensors file of something else (tensors: "a", "b"). {FOREIGN}'
    assert refusal_of(save({"a": np.zeros(2), "b": np.zeros(2)})) == words
    assert refusal_of(save({"a": np.zeros(2), "b": np.zeros(2)}, {"format": "pt"})) == words


@pytest.mark.parametrize("length", [0x0280, 0x0380, 0x0480, 0x0580])
def test_a_header_whose_length_looks_like_a_pickle_is_read(length):
    """640 bytes of header begin with the bytes 80 02, as a pickle of protocol 2 does."""
    size = next(n for n in range(1, 2000) if int.from_bytes(pack({"fill": "x" * n}, {})[:8], "little") == length)
    content = pack({"fill": "x" * size}, {})
    assert content[:2] == length.to_bytes(2, "little")
    assert len(unpack(content, "x")[0]["fill"]) == size


# ---------------------------------------------------------------- damage


def test_a_file_that_is_cut_off_says_so(content):
    header_end = 8 + int.from_bytes(content[:8], "little")
    assert refusal_of(content[:5]) == f"it is cut off: 5 bytes do not hold the header. {DAMAGED}"
    assert refusal_of(content[:100]) == f"it is cut off: 100 bytes do not hold the header. {DAMAGED}"
    assert refusal_of(content[:-9]) == f"it is cut off: 40 of 49 bytes of tensors are there. {DAMAGED}"
    assert refusal_of(content[:header_end]) == f"it is cut off: 0 of 49 bytes of tensors are there. {DAMAGED}"
    assert refusal_of(content + b"xx") == f"2 bytes stand after the last tensor. {DAMAGED}"


def test_a_huge_header_is_refused_before_it_is_read():
    content = struct.pack("<Q", 10**12) + b"{" + b" " * 20
    words = "its header would have 1,000,000,000,000 bytes; the limit is 100,000,000."
    assert refusal_of(content) == f"{words} {FOREIGN}"


def test_a_changed_number_is_noticed(content):
    broken = content[:-1] + bytes([content[-1] ^ 1])
    assert refusal_of(broken) == f"field `checksum` does not belong to this content. {DAMAGED}"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (sealed | {"format": "ascend"}, f'field `format` must be "descend"; got "ascend". {FOREIGN}'),
        ({}, f'field `format` must be "descend"; got nothing. {FOREIGN}'),
        (sealed | {"version": 0}, f"field `version` must be a whole number ≥ 1; got 0. {DAMAGED}"),
        (sealed | {"version": True}, f"field `version` must be a whole number ≥ 1; got true. {DAMAGED}"),
        (sealed | {"version": "1"}, f'field `version` must be a whole number ≥ 1; got "1". {DAMAGED}'),
        (
            sealed | {"checksum": "0F" * 32},
            f'field `checksum` must be 64 hexadecimal digits; got "{"0F" * 28}…. {DAMAGED}',
        ),
        ("[]", f"its document must be a JSON object; got list. {FOREIGN}"),
        ('{"a": 1, "a": 2}', f"its document is not valid JSON (a key stands twice). {DAMAGED}"),
        ('{"a": NaN}', f"its document is not valid JSON (NaN is not a number of JSON). {DAMAGED}"),
        ('{"a": 1e999}', f"its document is not valid JSON (the number 1e999 is too large). {DAMAGED}"),
        ("[" * 100_000, f"its document is not valid JSON (nested too deeply). {DAMAGED}"),
        (
            '{"a": ' + "9" * 5000 + "}",
            f"its document is not valid JSON (the number {'9' * 20}… has 5000 digits). {DAMAGED}",
        ),
    ],
)
def test_what_is_wrong_with_the_document_is_named(document, words):
    assert refusal_of(with_document(document)) == words


def test_a_later_version_asks_for_an_update():
    from descend import __version__

    words = f"field `version` is 3; descend {__version__} reads versions up to 2."
    content = with_document(sealed | {"version": 3, "checksum": {"of": "another kind"}})
    assert refusal_of(content) == f"{words} Update descend, or save the model with this version."


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"dtype": "F32"}, "its entry must have dtype, shape and data_offsets"),
        (
            {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]},
            'its dtype must be one of BOOL, U8, I32, I64, F16, F32, F64; got "BF16"',
        ),
        (
            {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]},
            "its shape and data_offsets must be lists of whole numbers ≥ 0",
        ),
        ({"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}, "shape [3] of F32 does not fill bytes 0 to 8"),
    ],
)
def test_what_is_wrong_with_a_tensor_is_named(entry, words):
    assert refusal_of(with_document(sealed, {"W_0": entry}, b"\0" * 8)) == f"tensor `W_0`: {words}. {DAMAGED}"


def test_tensors_that_overlap_are_refused():
    """The safetensors library finds it; the seal is right."""
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    content = with_document(sealed, {"a": entry, "b": entry}, b"\0" * 8)
    seal = hashlib.sha256(content).hexdigest().encode()
    assert refusal_of(content.replace(b"0" * 64, seal)).startswith("its tensors cannot be read (")


# ---------------------------------------------------------------- plain data


@given(json_values)
def test_plain_data_survives_json(value):
    plain = plain_data(value)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


def test_plain_data_of_numpy():
    assert plain_data((np.int64(3), np.float64("inf"), np.array([1.5]), np.bool_(True))) == [3, None, [1.5], True]


def test_packing_refuses_what_json_cannot_say():
    with pytest.raises(ValueError, match="field `x` is nan; a file holds finite numbers"):
        pack({"x": float("nan")}, {})
