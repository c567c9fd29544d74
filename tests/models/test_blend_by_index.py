"""Blends by index: every encoder and member answer as their networks do, with the same bits for any rows."""

from __future__ import annotations

import pickle
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fitted_encoders
from descend.models.blends.blend import Blend, BlendMember
from descend.models.blends.blocks import Blocks
from descend.models.blends.compiled import can_compile
from descend.models.blends.descent import Net, Place, halved
from descend.models.blends.members import MEMBERS
from descend.models.model import Model
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.nets.network import Network
from descend.preprocessing.encoders.codes import Coding
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.interactions import InteractionEncoder
from descend.preprocessing.encoders.leaves import LeafEncoder
from descend.preprocessing.encoders.plain import CategoryEncoder
from descend.preprocessing.encoders.quantile_normal import QuantileNormalEncoder
from descend.preprocessing.encoders.ranking import Ranking
from descend.preprocessing.encoders.target_means import TargetMeanEncoder
from descend.preprocessing.folds import Dealing, make_folds
from descend.preprocessing.transform import fit_inputs
from descend.spec.init import initial_theta
from descend.spec.network import make_spec
from descend.tables.columns.column import Column, make_column
from descend.tables.convert import as_table

ROWS = 150


def net_of(encoders, spec, place=None, dtype="float32"):
    """A network that has learnt nothing, with large weights."""
    random = np.random.default_rng(len(encoders))
    start = initial_theta(replace(spec, init_last=None), random) * 1.5
    theta = halved((start + random.normal(size=start.size) * 0.05).astype(np.float32))  # no bias is 0
    return Net(place or Place("tri", 0), Network.from_spec(spec, theta, dtype=dtype), tuple(encoders))


def mess(column: Column) -> Column:
    """The same column as nobody has seen it: missing, infinite, far away, denormal, unseen."""
    values = column.values.copy()
    if column.kind == "category":
        values[:4] = ["", "never seen", "?", "blue"]
    elif column.kind == "number":
        values[:9] = [np.nan, np.inf, -np.inf, 1e30, -1e30, 0.0, 5e-324, 1e308, -1e308]
    else:
        values[:2] = np.nan
    return make_column(column.name, column.kind, values)


def agree(blend: Blend, inputs: Inputs) -> None:
    """By index is as dense, and each row has its bits alone."""
    assert blend.compiled is not None
    outputs, dense = blend.outputs(inputs), blend.clipped(blend.dense_outputs(inputs))
    np.testing.assert_allclose(outputs, dense, rtol=1e-5, atol=1e-5 * abs(dense).max())
    for row in (0, len(dense) - 1):
        assert blend.outputs(inputs.take(np.array([row]))).tobytes() == outputs[row].tobytes()


@pytest.mark.parametrize("number", range(len(fitted_encoders.fitted())))
def test_every_kind_of_encoder(number):
    encoder, table = fitted_encoders.fitted()[number], fitted_encoders.table()
    spec = make_spec([len(encoder.feature_names), 24, 2], "tanh", bias=0.5)
    blend = Blend((BlendMember("tri", 1.0, (net_of([encoder], spec),)),))
    agree(blend, table)
    agree(blend, Inputs({name: mess(column) for name, column in table.columns.items()}))


def test_a_level_that_only_some_encoders_know():
    """As the folds of a blend have it: what one learnt, another has never seen."""
    ranking, children = Ranking(Input("c"), ("b",), None), np.array([[1, 2], [1, 1], [2, 2]])
    threshold, column = np.array([-1.0, 0.0, 0.0]), np.array([-1, 0, 1])
    leaves = LeafEncoder((ranking,), np.zeros(1, int), np.zeros(3, int), threshold, children, column, 0.5)
    means = TargetMeanEncoder(Coding(Input("c"), ("a",), None, False), np.array([[2.0]], dtype=np.float32), 1.0)
    pairs = InteractionEncoder(
        (Coding(Input("c"), ("z", "b"), None, True),), ((0,),), (np.array([[1.0], [2.0], [3.0]], dtype=np.float32),)
    )
    encoders = [CategoryEncoder("c", ("a", "b", "z")), leaves, means, pairs]
    net = net_of(encoders, make_spec([sum(len(one.feature_names) for one in encoders), 8, 2], "tanh"))
    rows = Inputs({"c": make_column("c", "category", ["a", "b", "z", "", "new"])})
    agree(Blend((BlendMember("tri", 1.0, (net,)),)), rows)


def made_table(kinds: str) -> dict:
    random = np.random.default_rng(4)
    number, category = random.normal(size=ROWS), random.choice(["a", "b", "c", "", *map(str, range(25))], ROWS)
    gone = np.where(random.random(ROWS) < 0.1, np.nan, random.integers(0, 5, ROWS) * 1e30)
    day = np.datetime64("2024-01-01") + random.integers(400, size=ROWS)
    truth, pair = random.random(ROWS) < 0.5, random.choice(["left", "right"], ROWS)
    everything = {"n": number, "g": gone, "c": category, "d": day, "t": truth, "p": pair, "k": random.normal(size=ROWS)}
    if kinds == "wide":
        return {f"x{j}": random.normal(size=ROWS) for j in range(260)}
    return {name: everything[name] for name in {"all": "ngcdtpk", "categories": "cp", "one column": "n"}[kinds]}


def made_blend(kinds: str, goal: str, names=tuple(MEMBERS)) -> tuple[Blend, Inputs]:
    """Networks of all members on two folds, all of equal weight; only their last weights are not those of training."""
    table = as_table(made_table(kinds))
    columns = fit_inputs(table, table.names, {})
    inputs = Inputs({name: table.column(name) for name in columns.input_names})
    random, first = np.random.default_rng(1), next(iter(inputs.columns.values()))
    signal = (np.nan_to_num(first.values) > 0.0) * 1 if first.kind == "number" else (first.values < "b") * 1
    label = (signal + (random.random(ROWS) < 0.2)) % 2 + 2 * (random.random(ROWS) < 0.2)
    y, n_d, end = {
        "classes": (np.eye(4)[label], 4, ("softmax", "log_loss")),
        "two classes": (np.eye(2)[label % 2][:, 1:], 2, ("softmax", "log_loss")),
        "number": ((label - label.mean())[:, None] / label.std(), 1, ("identity", "squared")),
    }[goal]
    dealing = Dealing(strata=label)
    blocks = Blocks(inputs, columns.encoders, y, None, dealing, make_folds(dealing, 2, random), 0)
    members = []
    for name in names:
        seen = [blocks.seen(MEMBERS[name].blocks, fold) for fold in range(2)]
        nets = [
            net_of(one.encoders, MEMBERS[name].spec(one.train.shape[1], n_d, *end), Place(name, fold))
            for fold, one in enumerate(seen)
        ]
        members.append(BlendMember(name, 1.0 / len(names), tuple(nets)))
    bounds = (np.array([-1.0]), np.array([1.0])) if goal == "number" else (None, None)
    return Blend(tuple(members), *bounds), inputs


@pytest.mark.parametrize(
    ("kinds", "goal", "names"),
    [
        ("all", "classes", MEMBERS),
        ("all", "number", MEMBERS),
        ("all", "two classes", MEMBERS),
        ("categories", "two classes", MEMBERS),
        ("one column", "number", MEMBERS),
        ("wide", "number", ("rsw",)),
    ],
)
def test_every_member_on_every_kind_of_table(kinds, goal, names):
    blend, inputs = made_blend(kinds, goal, names)
    messy = Inputs({name: mess(column) for name, column in inputs.columns.items()})
    for member in blend.members:
        agree(Blend((replace(member, weight=1.0),), blend.low, blend.high), inputs)
    agree(blend, inputs)
    agree(blend, messy)


def test_many_rows_have_the_same_bits_for_any_number_of_threads():
    blend, inputs = made_blend("all", "classes", ("tri", "leafntp"))
    many = inputs.take(np.arange(8 * ROWS + 5) % ROWS)
    whole = np.tile(blend.outputs(inputs), (9, 1))[: 8 * ROWS + 5]
    for jobs in (1, 2, 3):
        assert blend.outputs(many, n_jobs=jobs).tobytes() == whole.tobytes()


def test_a_blend_that_was_asked_can_be_pickled_and_answers_with_the_same_bits():
    blend, inputs = made_blend("all", "number", ("ntpw",))
    size = len(pickle.dumps(blend))
    outputs = blend.outputs(inputs)
    again = pickle.loads(pickle.dumps(blend))
    assert len(pickle.dumps(blend)) < 1.1 * size + 10_000
    assert again.outputs(inputs).tobytes() == outputs.tobytes()


def test_what_cannot_be_compiled_goes_the_dense_way():
    encoder, table = fitted_encoders.fitted()[0], fitted_encoders.table()
    n = len(encoder.feature_names)
    shapes = (
        make_spec([n, 2], output="softmax", loss="log_loss"),
        make_spec([n, 3, 2], "tanh"),
    )
    shallow, deep = (net_of([encoder], spec) for spec in shapes)
    double = net_of([encoder], shapes[1], dtype="float64")
    assert [can_compile([net]) for net in (shallow, deep, double)] == [False, True, False]
    blend = Blend((BlendMember("tri", 1.0, (shallow, deep)),))
    assert blend.compiled is None
    assert blend.outputs(table).tobytes() == blend.dense_outputs(table).tobytes()


# ---------------------------------------------------------------- records


@pytest.fixture(scope="module")
def model() -> Model:
    table = made_table("all")
    y = np.where(np.nan_to_num(table["n"]) + (table["p"] == "left") > 0.5, "yes", "no")
    understood = understand({**table, "y": y}, "y", TrainOptions(quality="good", time_limit=1e-9))
    blend, _ = made_blend("all", "two classes")
    return replace(train(understood).model, blend=blend)


def records() -> list[dict]:
    table = made_table("all")
    rows = [
        dict(zip(table, cells, strict=True)) for cells in zip(*(one.tolist() for one in table.values()), strict=True)
    ]
    return [row | {"d": row["d"].isoformat(), "c": row["c"] or None} for row in rows]


def test_a_record_has_the_bits_of_its_row_in_a_table(model):
    rows = records()
    whole = model.predict_probability({name: [row[name] for row in rows] for name in rows[0]})
    assert model.blend.record_outputs(model.preprocessing, rows[0]) is not None
    for k in range(0, ROWS, 7):
        assert model.predict_probability(rows[k]).tobytes() == whole[k].tobytes()
    assert model.predict_probability(rows[:30]).tobytes() == whole[:30].tobytes()
    assert model.predict(rows[3]).tolist() == model.predict({name: [rows[3][name]] for name in rows[3]}).tolist()


def test_numbers_of_a_record_are_clipped_too(model):
    low, high = np.array([0.4999]), np.array([0.5001])
    narrow, row = replace(model, blend=replace(model.blend, low=low, high=high)), records()[0]
    assert set(narrow._output(row).ravel()) == {0.4999, 0.5001} != set(model._output(row).ravel())
    assert narrow._output(row).tobytes() == narrow._output({name: [cell] for name, cell in row.items()}).tobytes()


@pytest.mark.parametrize(
    "cells",
    [
        {"n": None},
        {"n": 1e300, "g": -1e30},
        {"c": None, "p": None, "t": None, "d": None},
        {"g": 0.0, "d": "1970-01-01"},
    ],
)
def test_unusual_cells_of_a_record_have_the_bits_of_a_table_too(model, cells):
    row = records()[0] | cells
    assert model.blend.record_outputs(model.preprocessing, row) is not None
    table = {name: [value, *(one[name] for one in records()[:5])] for name, value in row.items()}
    assert model.predict_probability(row).tobytes() == model.predict_probability(table)[0].tobytes()


def test_an_unseen_category_of_a_record_is_told_as_in_a_table(model):
    row = records()[0] | {"p": "up"}
    with pytest.warns(UserWarning, match=r'column "p": 1 cell with an unknown category \("up"\)'):
        alone = model.predict_probability(row)
    with pytest.warns(UserWarning, match="unknown category"):
        assert model.predict_probability({name: [value] for name, value in row.items()}).tobytes() == alone.tobytes()


def test_a_model_that_was_asked_can_be_pickled(model):
    row = records()[0]
    before = model.predict_probability(row)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pickle.loads(pickle.dumps(model)).predict_probability(row).tobytes() == before.tobytes()


@given(
    st.lists(st.sampled_from([-1e308, -1.0, 0.0, 5e-324, 0.5, 1.0, 1e308]), min_size=2, max_size=9),
    st.floats(allow_nan=False) | st.sampled_from([-1.0, 0.0, 0.25, 0.5, 1.0]),
)
def test_a_rank_of_one_number_has_the_bits_of_many(known, value):
    encoder = QuantileNormalEncoder(Input("a"), tuple(sorted([*known, 2.0])))
    out, row = np.zeros((1, 1)), np.zeros(1)
    encoder.encode(Inputs({"a": make_column("a", "number", [value])}), out)
    assert encoder.one_row(0)(value, row)
    assert row.tobytes() == out.tobytes()
