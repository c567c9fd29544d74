"""The reader of docs/guide/json-export.md, plain Python, answers as `predict` does, for models of every kind."""

import ast
import json
import random
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

from descend import MLPClassifier, MLPRegressor, Network, TabularClassifier, TabularRegressor
from descend.exports.fitted import described
from descend.exports.rows import cells_of, proof_rows
from descend.files.json_text import json_bytes
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.sections import make_sections
from descend.models.train import train
from descend.models.understand import understand
from descend.preprocessing.serialise import encoder_parts
from descend.spec.activations import ACTIVATIONS
from fitted_encoders import encoded, fitted, table
from model_files import TABLE, blended

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "json-export.md"
HIDDEN = [name for name, row in ACTIVATIONS.items() if row.hidden]
OUTPUTS = [("identity", "squared"), ("sigmoid", "log_loss"), ("softmax", "log_loss"), ("exp", "poisson")]
X = np.random.default_rng(0).normal(size=(40, 3))


def reader_of_the_page():
    """What the page's blocks define; what they do with it is left out."""
    found = {}
    for code in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        tree = ast.parse(code)
        tree.body = [
            one
            for one in tree.body
            if isinstance(one, ast.Import | ast.ImportFrom | ast.FunctionDef)
            or (isinstance(one, ast.Assign) and one.targets[0].id == "SIGMA")
        ]
        exec(compile(tree, PAGE.name, "exec"), found)
    return found


READER = reader_of_the_page()


def test_the_first_reader_is_short_and_imports_nothing_but_the_standard_library():
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    (first,) = [one for one in blocks if "def forward" in one]
    assert sum(bool(line.strip()) for line in first.splitlines()) < 75
    readers = [one for one in blocks if "def " in one]
    modules = {word for one in readers for word in re.findall(r"^(?:import|from) (\w+)", one, re.MULTILINE)}
    assert modules == {"json", "math", "datetime", "base64", "bisect", "statistics", "zlib"}


def network(rng):
    sizes = [rng.randrange(1, 5), *(rng.randrange(1, 7) for _ in range(rng.randrange(3))), rng.randrange(1, 4)]
    output, loss = rng.choice(OUTPUTS)
    hidden = [rng.choice(HIDDEN) for _ in sizes[1:-1]]
    bias = [rng.choice([0.0, 1.0, 0.5]) for _ in sizes[:-1]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # all hidden layers may be identity
        if output == "softmax" and sizes[-1] == 1:
            output = "sigmoid"
        return Network(
            sizes, hidden, output, loss, bias=bias, dtype=rng.choice(["float32", "float64"]), seed=rng.randrange(99)
        )


def estimator(rng):
    given = {"hidden_layer_sizes": (rng.randrange(1, 6),), "max_iter": 2, "random_state": rng.randrange(99)}
    if rng.random() < 0.5:
        given |= {"restarts": 2, "select": "ensemble"}
    kind = rng.choice(["classes", "labels", "numbers", "quantiles"])
    classes = np.digitize(X[:, 0], [-0.5, 0.5][: rng.randrange(1, 3)])
    labels = (X > 0.0).astype(int)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if kind in ("classes", "labels"):
            return MLPClassifier(**given).fit(X, classes if kind == "classes" else labels)
        if kind == "quantiles":
            levels = rng.sample([0.05, 0.25, 0.5, 0.75, 0.95], 3)
            return MLPRegressor(loss="quantile", loss_parameter=levels, **given).fit(X, X[:, 0])
        return MLPRegressor(**given).fit(X, X[:, : rng.randrange(1, 3)])


def model_of_a_table(rng):
    """A network of chance weights on a preprocessing that was fitted to some columns."""
    columns = rng.sample(sorted(TABLE), rng.randrange(2, 5))
    columns += ["size"] if columns in (["kind", "flag"], ["flag", "kind"]) else []
    table = {name: TABLE[name] for name in columns}
    if "size" in table and rng.random() < 0.7:
        table["size"] = [None if rng.random() < 0.2 else one for one in table["size"]]
    target = rng.choice(
        [name for name in columns if name not in ("when", "size") or name == "size" == columns[0]] or ["x"]
    )
    if target == "x" or None in table[target]:
        target = "x"
        table["x"] = [one * 2.5 for one in range(60)]
    seen = understand(table, target, TrainOptions(hidden=(3,), epochs=1))
    ends = ("softmax", "log_loss") if seen.preprocessing.task.kind == "classify" else ("identity", "squared")
    net = Network([seen.n_features, 3, seen.spec.sizes[-1]], rng.choice(["tanh", "mish", "selu"]), *ends, seed=5)
    return Model(net, seen.preprocessing, {}, None, None, make_sections(seen.train_rows.inputs))


def blend(rng):
    target = rng.choice(["kind", "size", "colour"])
    options = TrainOptions(quality="fast", seed=rng.randrange(99), threshold="f1" if target == "kind" else None)
    return train(understand(TABLE, target, options)).model


def tabular(rng):
    """An estimator for tables: classes, a threshold, several numbers."""
    table = {name: cells for name, cells in TABLE.items() if name != "kind"}
    x = np.array(TABLE["size"]) * rng.choice([1.0, 1e6])
    goal = rng.choice(["classes", "threshold", "numbers", "number"])
    given = {"quality": "fast", "random_state": rng.randrange(99)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if goal.startswith("number"):
            return TabularRegressor(**given).fit(table, np.stack([x, 5.0 - x], axis=1) if goal == "numbers" else x)
        return TabularClassifier(threshold="f1" if goal == "threshold" else None, **given).fit(table, TABLE["kind"])


def answers_of_tabular(told, v):
    """What the page says that outputs become: probabilities, or numbers."""
    target = told["target"]
    if target["kind"] == "classes":
        return READER["decided"](told, v)[0]
    units = zip(*(target[name] for name in ("mean", "scale", "low", "high")), v, strict=True)
    ends = [
        (mean + scale * z, -np.inf if a is None else a, np.inf if b is None else b) for mean, scale, a, b, z in units
    ]
    return [min(max(value, low), high) for value, low, high in ends]


def differences(fitted):
    """The largest difference of outputs, as a share of how large they are, on rows that touch every branch."""
    plain = described(fitted)
    rows, told = proof_rows(plain), json.loads(json_bytes(*plain.parts()))
    if rows.cells is not None:
        records = [dict(zip(rows.cells, cells, strict=True)) for cells in zip(*rows.cells.values(), strict=True)]
    if told["kind"] == "tabular":
        asked = plain.ask(rows.cells)
        shown = asked["prediction"] if "prediction" in asked else asked["probabilities"]
        expected = np.asarray(shown, dtype=float).reshape(len(rows), -1)
        scale = np.maximum(np.abs(expected), expected.std(axis=0))
        got = [answers_of_tabular(told, READER["blended"](told, one)) for one in records]
        return float((np.abs(np.array(got) - expected) / np.maximum(scale, 1e-9)).max())
    if isinstance(fitted, Model):
        expected = fitted._of_inputs(fitted._read(rows.cells))
        labels = fitted.predictions(expected)
        answers = [READER["predict"](told, one) for one in records]
        if plain.answer.kind == "numbers":
            np.testing.assert_allclose(answers, labels, rtol=1e-5, atol=1e-5 * plain.answer.scale[0])
            answers = labels
        for row in np.flatnonzero(labels != np.array(answers, labels.dtype)):  # equally likely but for rounding
            p = READER["decided"](told, expected[row].tolist())[0]
            threshold = (told["decision"] or {}).get("threshold")
            apart = abs(p[1] - threshold) if threshold is not None else -np.subtract(*sorted(p)[-2:])
            assert apart < 1e-5
    else:
        expected = fitted.predict(rows.X) if isinstance(fitted, Network) else fitted._fitted.output(rows.X)
        records = rows.X.tolist()
    read = READER["blended" if "levels" in told else "outputs"]
    got = np.array([read(told, one) for one in records])
    if isinstance(fitted, MLPRegressor) and plain.answer.levels:
        expected, got = fitted.predict(rows.X), np.array([READER["quantiles"](told, v) for v in got.tolist()])
    return float((np.abs(got - expected) / np.maximum(1.0, np.abs(expected))).max())


@pytest.mark.parametrize("make", [network, estimator, model_of_a_table])
@pytest.mark.parametrize("number", range(3))
def test_the_reader_answers_as_predict(make, number):
    assert differences(make(random.Random(f"{make.__name__} {number}"))) < 1e-5


def test_the_reader_answers_as_a_blend():
    assert differences(blended("kind")) < 1e-5


def test_the_reader_knows_every_encoder():
    encoders, inputs = fitted(), table().take(np.arange(60))
    assert {encoder.kind for encoder in encoders} >= {"frequency", "hashed", "target mean", "leaves", "number levels"}
    cells = {name: cells_of(column) for name, column in inputs.columns.items()}
    records = [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]
    for encoder in encoders:
        parts, tensors = encoder_parts(encoder, {})
        own = json.loads(json_bytes({}, tensors))["tensors"]
        values = {name: one["values"] for name, one in own.items()}
        got = [READER["encoded_by"](parts, one, values) for one in records]
        np.testing.assert_allclose(got, encoded(encoder, inputs), rtol=1e-6, atol=1e-9, err_msg=encoder.kind)


@pytest.mark.long
@pytest.mark.parametrize(
    ("make", "count"),
    [(network, 100), (estimator, 60), (model_of_a_table, 40), (blend, 20), (tabular, 12)],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_the_reader_answers_as_two_hundred_models(make, count):
    for number in range(count):
        assert differences(make(random.Random(f"long {make.__name__} {number}"))) < 1e-5
