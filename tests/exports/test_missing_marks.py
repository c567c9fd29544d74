"""Numbers and words that mean "missing" are missing in a file, too, as they are in `predict`."""

import ctypes
import datetime
import re
import warnings
from dataclasses import replace

import numpy as np
import pytest

from c_programs import WARN, compiled, fast_only, need, put
from descend.errors import SpecError
from descend.exports.c.row import fields_of
from descend.exports.c.write import program_of
from descend.exports.described import RawColumn
from descend.exports.door import export
from descend.exports.fitted import described
from descend.exports.rows import proof_rows, rounded
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.tables.cells.reading import Reading

WORDS = ("-999", "-99.9", "-1e300", "7", "none", '"?"', "1900-01-01")
DAY = datetime.datetime(1900, 1, 1)
SECONDS = -2208988800.0  # of that day


def table(rows=120):
    random = np.random.default_rng(0)
    return {
        "dose": random.random(rows).tolist(),
        "price": (random.random(rows) - 100.0).tolist(),
        "zone": random.integers(1, 6, rows).tolist(),
        "sex": [("m", "f", "none", "NA")[k] for k in random.integers(0, 4, rows)],
        "flag": (random.random(rows) > 0.5).tolist(),
        "when": [str(np.datetime64("2011-02-25") + int(k)) for k in random.integers(0, 4000, rows)],
        "y": random.normal(size=rows).tolist(),
    }


def trained(words=WORDS):
    options = TrainOptions(
        preset="single", hidden=(4,), epochs=2, restarts=1, missing=words, types={"zone": "category"}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return train(understand(table(), "y", options)).model


@pytest.fixture
def fast(monkeypatch):
    fast_only(monkeypatch)


def library_of(tmp_path, model):
    made, _ = program_of(described(model), "m", {})
    put(tmp_path, made, "m")
    compiled(tmp_path, ["cc", "-std=c99", *WARN, "-O1", "-shared", "-fPIC", "-o", "m.so", "m.c"])
    return made, ctypes.CDLL(str(tmp_path / "m.so"))


def asked(made, library, **cells):
    """What C answers to a row that is missing otherwise; cells as a program of C gives them."""
    types = {"float": "f4", "double": "f8", "int": "i4"}
    layout = np.dtype([(one.name, types[one.type]) for one in made.row], align=True)
    row = np.zeros(1, dtype=layout)
    for one in made.row:
        row[one.name] = cells.get(one.name, -1 if one.type == "int" else np.nan)
    out, scratch = (np.zeros(size, np.float32) for size in (made.answer.outputs, made.scratch))
    assert library.m_predict(*(ctypes.c_void_p(one.ctypes.data) for one in (row, out, scratch))) == 0
    return float(out[0])


def test_c_answers_marks_as_predict_does(tmp_path, fast):
    need("cc")
    model = trained()
    made, library = library_of(tmp_path, model)
    names = model.preprocessing.input_names
    for cells in ({"dose": -999}, {"dose": -99.9}, {"dose": 0.5}, {"price": -99.9}, {"price": -99.5}, {"flag": 7}):
        right = model.predict([dict.fromkeys(names) | cells])[0]
        assert asked(made, library, **cells) == pytest.approx(right, rel=1e-5), cells
    assert model.predict([dict.fromkeys(names) | {"when": DAY}]) == model.predict([dict.fromkeys(names)])
    assert asked(made, library, when=SECONDS) == asked(made, library) != asked(made, library, when=SECONDS + 1.0)
    assert {one.name: one.type for one in made.row}["dose"] == "double"  # float has no -1e300
    texts = {"zone": ["-999", "7", "-99.9", "?", "", "3", "6"], "sex": ["none", "NA", "nan", "?", "m", "none "]}
    codes = {name: [getattr(library, f"m_{name}_of")(text.encode()) for text in own] for name, own in texts.items()}
    assert codes == {"zone": [-1, -1, -1, -1, -1, 2, -2], "sex": [-1, -1, -1, -2, 1, -2]}


@pytest.mark.parametrize("taken", ["numbers", "words"])
def test_the_proof_finds_what_is_not_heeded(tmp_path, fast, monkeypatch, taken):
    need("cc")
    model = trained()
    if taken == "numbers":
        monkeypatch.setattr("descend.exports.c.row.Field.marks", ())
    else:
        monkeypatch.setattr("descend.exports.c.row._bytes", lambda texts: np.zeros(len(texts), np.uint8))
    with pytest.raises(SpecError, match="fault of descend"):
        export(model, tmp_path / "m.c")


def test_onnx_answers_marks_as_predict_does(tmp_path):
    ort = pytest.importorskip("onnxruntime")
    model, path = trained(), tmp_path / "m.onnx"
    for inputs, kind in (("float64", np.float64), ("float32", np.float32)):
        assert export(model, path, inputs=None if inputs == "float64" else inputs).proof.proved
        session = ort.InferenceSession(str(path))
        nothing = {
            one.name: np.array([[""]], object) if "string" in one.type else np.array([[np.nan]])
            for one in session.get_inputs()
        }
        given = {one.name: one.type for one in session.get_inputs()}

        def answer(session=session, nothing=nothing, given=given, **cells):
            feeds = nothing | {name: np.array([[cell]]) for name, cell in cells.items()}
            types = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(string)": object}
            return session.run(None, {name: one.astype(types[given[name]]) for name, one in feeds.items()})[0][0]

        for cells in ({"price": kind(-99.9)}, {"dose": -999.0}, {"flag": 7.0}, {"zone": "-999"}, {"when": SECONDS}):
            assert answer(**cells) == answer(), cells
        assert answer(dose=0.5) != answer()


def test_numbers_that_float32_does_not_tell_apart_from_a_mark_are_missing():
    plain = described(trained(("-99.9",)))
    rows = rounded(plain, proof_rows(plain).take(np.arange(3)))
    cells = dict(rows.cells) | {"price": [np.nextafter(-99.9, 0.0), -99.9, -99.8]}
    assert rounded(plain, replace(rows, cells=cells)).cells["price"] == [-99.9, -99.9, float(np.float32(-99.8))]


def test_which_numbers_and_words_mean_missing():
    def column(kind, levels=(), **reading):
        return RawColumn("c", Reading(kind, **reading), levels)

    assert column("number", missing=("5", "-", "5.0", "-1")).missing_numbers == (-1.0, 5.0)
    assert column("boolean", missing=("0", "9", "2.5", "1e20")).missing_numbers == (9.0,)
    assert column("date", missing=("-999", "1900-01-01")).missing_numbers == (SECONDS,)
    texts = column("category", ("1", "2"), missing=("-9.0", "2"), kept=("NA",)).missing_texts
    assert texts[:3] == ("-9.0", "2", "-9")
    assert "NA" not in texts
    assert "N/A" in texts
    assert column("category", ("a",), missing=("-9.0",)).missing_texts[:2] == ("-9.0", "NA")
    assert column("number", missing=("NA",)).missing_texts == ()


def test_the_header_says_which_numbers_and_words_are_missing(tmp_path, fast):
    model = trained(("-999", "none"))
    put(tmp_path, program_of(described(model), "m", {})[0], "m")
    header = (tmp_path / "m.h").read_text()
    assert "float dose; /* number, NaN or -999: missing */" in header
    assert re.search(r'of a missing one -1: of "", "-999", "none", "NA", "N/A", \.\.\. \(\d+ words\)', header)
    assert fields_of(described(trained(())))[0].marks == ()
