"""The recipe of docs/guide/in-production.md makes of a data frame what a file takes: dates, numbers as levels, gaps."""

import json
import warnings

import numpy as np
import pytest

import pages
from descend import TabularRegressor
from exported_tables import awkward_table

onnxruntime = pytest.importorskip("onnxruntime")
pytest.importorskip("onnx")


def recipe():
    """What the page defines."""
    import pandas

    names = {"json": json, "np": np, "pd": pandas}
    (block,) = [
        one.text
        for one in pages.blocks(pages.PAGES["guide/in-production.md"].read_text("utf-8"))
        if "def feeds_of" in one.text
    ]
    exec(block.split("label, probabilities =")[0], names)
    return names["feeds_of"]


def table(rows, seed, **more):
    """A raw table whose zones are numbers: a category here, floats with gaps there."""
    import pandas

    made = awkward_table(rows, seed, **more)[["size", "half", "zone", "when"]]
    made["zone"] = pandas.to_numeric(made["zone"])
    made["lit"] = pandas.array(np.where(made["half"] == "left", True, None), dtype="boolean")
    made["day"] = made["when"].dt.tz_localize("Europe/Berlin", ambiguous="NaT", nonexistent="NaT")
    made.loc[::9, "when"] = None
    return made


@pytest.mark.filterwarnings("ignore")  # of unseen texts, and of drift
@pytest.mark.parametrize("inputs", ["float64", pytest.param("float32", marks=pytest.mark.long)])
def test_what_the_recipe_makes_of_a_frame_is_answered_as_predict_does(inputs, tmp_path):
    known, new = table(150, 0), table(60, 5, unseen=True)
    zones = known["zone"].astype("Int64").astype("category")
    y = known["zone"].fillna(-9.0) + known["when"].dt.month.fillna(0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net = TabularRegressor(quality="fast", random_state=0).fit(known.assign(zone=zones), y)
    net.export(tmp_path / "net.onnx", inputs=inputs)
    session = onnxruntime.InferenceSession(str(tmp_path / "net.onnx"), providers=["CPUExecutionProvider"])
    kinds = {one["name"]: one["kind"] for one in json.loads(session.get_modelmeta().custom_metadata_map["columns"])}
    assert [kinds[name] for name in ("zone", "when", "day", "lit")] == ["category", "date", "date", "boolean"]
    assert str(new["zone"].dtype) == "float64"
    found = session.run(["prediction"], recipe()(session, new))[0]
    rounded = new.astype(dict.fromkeys(new.select_dtypes("float64"), "float32") if inputs == "float32" else {})
    assert np.abs(found - net.predict(rounded)).max() < 1e-5 * y.std()
