"""What users say that cannot be, in words."""

import polars as pl
import pytest

from descend import Model, as_table
from descend.errors import SpecError
from descend.models.options import TrainOptions


def test_all_problems_are_named():
    options = TrainOptions(
        task="clasify",
        preset="tabula",
        hidden=(64, 0),
        activation="relux",
        restarts=0,
        race="yes",
        epochs=1.5,
        batch_size=-1,
        learning_rate=0.0,
        optimizer="adamx",
        l2=float("nan"),
        validation=1.0,
        test=-0.1,
        seed=-1,
        engine="gpu",
    )
    assert options.problems() == [
        '`task` "clasify" is not known. Did you mean "classify"?',
        '`preset` "tabula" is not known. Did you mean "tabular"?',
        '`optimizer` "adamx" is not known. Did you mean "adam"?',
        '`engine` "gpu" is not known. There are: "native", "reference".',
        "`hidden` must be whole numbers ≥ 1, one per hidden layer, such as 64,64; got (64, 0).",
        'activation: "relux" is not known. Did you mean "relu"?',
        "`race` must be True, False or None; got 'yes'.",
        "`restarts` must be a whole number ≥ 1; got 0.",
        "`epochs` must be a whole number ≥ 1; got 1.5.",
        "`batch_size` must be a whole number ≥ 1; got -1.",
        "`seed` must be a whole number ≥ 0; got -1.",
        "`learning_rate` must be a finite number above 0; got 0.0.",
        "`l2` must be a finite number ≥ 0; got nan.",
        "`validation` must be a share of the rows, 0 ≤ share < 1, or a table; got 1.0.",
        "`test` must be a share of the rows, 0 ≤ share < 1, or a table; got -0.1.",
    ]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"activation": "softmax"},
            'activation "softmax" may stand in the output layer only; choose another for the hidden layers.',
        ),
        (
            {"activation": "step"},
            'activation "step" has the gradient 0, so hidden layers would never learn; choose another: "tanh".',
        ),
        (
            {"activation": ("relu", "tanh", "relu"), "hidden": (4, 4)},
            "`activation` needs one name, or one for each of the 2 hidden layers; got 3.",
        ),
        (
            {"activation": ("relu", "tanh")},
            "`activation` with one name per layer needs `hidden`, the sizes of these layers; got None.",
        ),
        ({"hidden": "64"}, "`hidden` must be whole numbers ≥ 1, one per hidden layer, such as 64,64; got '64'."),
        ({"seed": None}, "`seed` must be a whole number ≥ 0; got None."),
        ({"restarts": True}, "`restarts` must be a whole number ≥ 1; got True."),
        ({"missing": "NA"}, '`missing` must be a list of texts; got one text, "NA". Write ["NA"].'),
        ({"missing": (-999,)}, '`missing` must be a list of texts; got -999 in it. Write "-999".'),
        ({"missing": -999}, '`missing` must be a list of texts; got -999. Write ["-999"].'),
        ({"drop": "name"}, '`drop` must be a list of texts; got one text, "name". Write ["name"].'),
    ],
)
def test_a_problem_is_named(options, problem):
    assert TrainOptions(**options).problems() == [problem]


def test_the_defaults_have_no_problems():
    assert TrainOptions().problems() == []


ROWS = {"a": ["1", "2", "N", "4"] * 20, "y": [0.5, 1.5, 2.5, 3.5] * 20}


@pytest.mark.parametrize(
    "call",
    [
        lambda: as_table(ROWS, missing="NA"),
        lambda: Model.fit(ROWS, target="y", missing="NA", preset="single"),
        lambda: Model.fit(lambda: iter([ROWS]), target="y", missing="NA", preset="single", out_of_core=True),
        lambda: Model.fit(ROWS, target="y", preset="single", epochs=1, restarts=1).update(ROWS, missing="NA"),
    ],
)
def test_one_text_is_never_taken_for_a_list_of_its_signs(call):
    with pytest.raises(SpecError, match=r'`missing` must be a list of texts; got one text, "NA"'):
        call()


@pytest.mark.parametrize("on_disk", [False, True])
def test_other_tables_may_be_what_the_table_may(tmp_path, on_disk):
    names = [tmp_path / "more" / f"{k}.parquet" for k in range(2)]
    names[0].parent.mkdir()
    for name in names:
        pl.DataFrame(ROWS).write_parquet(name)
    for given in (names, names[0].parent, f"{names[0].parent}/*.parquet", lambda: iter([ROWS, pl.DataFrame(ROWS)])):
        how = {"preset": "single", "epochs": 1, "restarts": 1, "out_of_core": on_disk, "validation": 0.0}
        model = Model.fit(str(names[0]), target="y", test=given, **how)
        assert [model.record["split"][name] for name in ("train", "test")] == [80, 160]


@pytest.mark.parametrize("on_disk", [False, True])
def test_other_tables_may_be_named_by_a_text(tmp_path, on_disk):
    for name in ("days", "later"):
        pl.DataFrame(ROWS).write_parquet(tmp_path / f"{name}.parquet")
    given = {"validation": f"{tmp_path}/later.parquet", "test": f"{tmp_path}/later.parquet", "out_of_core": on_disk}
    model = Model.fit(f"{tmp_path}/days.parquet", target="y", preset="single", epochs=1, restarts=1, **given)
    assert [model.record["split"][name] for name in ("train", "validation", "test")] == [80, 80, 80]
