"""Rows of the estimators for tables: frames of any kind, lists, sparse ones; columns that play no part."""

from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from descend import TabularClassifier, TabularRegressor
from descend.errors import DataError

pandas = pytest.importorskip("pandas")
RANDOM = np.random.default_rng(1)
N = 60
NUMBER = RANDOM.normal(size=N)
KIND = RANDOM.choice(["red", "green", "blue"], N)
Y = np.where((NUMBER > 0) ^ (KIND == "red"), "in", "out")


def frame():
    return pandas.DataFrame({"number": NUMBER, "kind": KIND, "day": pandas.date_range("2024-01-01", periods=N)})


def classifier(**options):
    return TabularClassifier(quality="fast", random_state=0, **options)


def test_every_container_of_the_same_rows_gives_the_same_bits():
    import polars
    import pyarrow

    X = frame()[["number", "kind"]]
    expected = classifier().fit(X, Y).predict_proba(X)
    net = classifier().fit(polars.from_pandas(X), Y)
    assert np.array_equal(net.predict_proba(polars.from_pandas(X)), expected)
    assert np.array_equal(net.predict_proba(pyarrow.Table.from_pandas(X)), expected)
    lists = X.to_numpy().tolist()
    net = classifier().fit(lists, Y)
    assert np.array_equal(net.predict_proba(lists), expected)
    assert np.array_equal(net.predict_proba(X.to_numpy()), expected)


def test_dicts_are_rows_as_pandas_makes_a_frame_of_them():
    rows = [one if one["kind"] != "red" else {"number": one["number"]} for one in frame().to_dict("records")]
    rows = [{name: cell for name, cell in one.items() if name != "day"} for one in rows]
    X = pandas.DataFrame(rows)
    expected = classifier().fit(X, Y, eval_set=(X[:9], Y[:9])).predict_proba(X)
    net = classifier().fit(rows, Y, eval_set=(rows[:9], Y[:9]))
    assert list(net.feature_names_in_) == ["number", "kind"]
    assert np.array_equal(net.predict_proba(X), expected)
    assert np.array_equal(net.predict_proba([{"kind": None} | one for one in rows]), expected)
    columns = {name: X[name].tolist() for name in X}
    assert np.array_equal(classifier().fit(columns, Y, eval_set=(rows[:9], Y[:9])).predict_proba(X), expected)


def test_one_dict_of_cells_is_nothing_to_learn_from(monkeypatch):
    words = "TabularClassifier: X must be a data frame or an array of rows and columns, or with pandas installed"
    with pytest.raises(ValueError, match=f"{words} .*; got a dict of cells, which is one row"):
        classifier().fit({"number": 1.5, "kind": "red"}, ["in"])
    monkeypatch.setattr("descend.estimators.tabular.rows.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=f"{words} .*; got a list of dicts"):
        classifier().fit([{"number": 1.5}, {"number": 2.5}], ["in", "out"])


def test_sparse_rows_are_as_dense_ones():
    X = np.where(RANDOM.random((N, 4)) < 0.5, 0.0, RANDOM.normal(size=(N, 4)))
    dense = classifier().fit(X, Y).predict_proba(X)
    assert np.array_equal(classifier().fit(csr_matrix(X), Y).predict_proba(csr_matrix(X)), dense)


@pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")  # other rows, on purpose
def test_missing_cells_in_training_and_first_at_predict():
    X = frame()
    X["number"] = X["number"].mask(np.arange(N) % 7 == 0)
    net = classifier().fit(X, Y)
    X["kind"] = X["kind"].mask(np.arange(N) % 5 == 0)
    assert np.isfinite(net.predict_proba(X)).all()


def test_unseen_categories_are_told_and_taken_as_missing():
    X = frame()
    net = classifier().fit(X, Y)
    other, gone = X.head(4).copy(), X.head(4).copy()
    other.loc[1, "kind"] = "violet"
    gone.loc[1, "kind"] = None
    with pytest.warns(UserWarning, match=r'column "kind": 1 cell with an unknown category \("violet"\) treated as mis'):
        found = net.predict_proba(other)
    assert np.array_equal(found, net.predict_proba(gone))


def test_columns_that_are_no_inputs_are_named_with_the_reason():
    X = frame().assign(
        same=1,
        id=range(1, N + 1),
        text=[f"a long remark of somebody about thing {j}, unlike all others" for j in range(N)],
    )
    with pytest.warns(UserWarning, match="is left out") as told:
        net = classifier().fit(X, Y)
    assert set(net.left_out_) == {"same", "id", "text"}
    assert net.left_out_["text"].startswith('it is free text, such as "a long remark')
    assert "TfidfVectorizer" in net.left_out_["text"]
    assert net.left_out_["same"] == "it has the same value in all rows, 1"
    texts = [str(one.message) for one in told]
    assert len(texts) == 2
    assert texts[0].startswith('TabularClassifier: column "id" is left out: it numbers the rows')
    assert "--type" not in texts[0]


def test_names_are_checked_as_scikit_learn_does():
    net = classifier().fit(frame(), Y)
    assert net.feature_names_in_.tolist() == ["number", "kind", "day"]
    with pytest.raises(ValueError, match="The feature names should match those that were passed during fit"):
        net.predict(frame()[["kind", "number", "day"]])
    with pytest.raises(ValueError, match="Feature names unseen at fit time"):
        net.predict(frame().rename(columns={"kind": "colour"}))


def test_a_column_of_groups_may_be_absent_when_predicting():
    X = frame().assign(house=np.arange(N) // 6)
    net = classifier(groups="house").fit(X, Y)
    assert net.left_out_ == {"house": "it names the groups that stay together"}
    assert np.array_equal(net.predict_proba(X.drop(columns="house")), net.predict_proba(X))
    with pytest.raises(ValueError, match="feature names"):
        net.predict(X.drop(columns=["house", "day"]))


def test_tiny_and_odd_tables():
    assert classifier().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1]).predict([[0.0, 1.0]]).shape == (1,)
    huge = np.column_stack([NUMBER * 1e30, NUMBER * 1e-30, np.where(np.arange(N) == 3, 1e30, NUMBER)])
    assert TabularRegressor(quality="fast", random_state=0).fit(huge, NUMBER).score(huge, NUMBER) > 0.8
    many = np.concatenate([np.arange(30), np.arange(30)])
    assert classifier().fit(np.column_stack([many, NUMBER]), many).predict_proba([[1.0, 0.0]]).shape == (1, 30)
    rare = np.where(np.arange(N) == 0, "c", Y)
    assert classifier().fit(frame(), rare).classes_.tolist() == ["c", "in", "out"]


@pytest.mark.long
@pytest.mark.parametrize("Estimator", [TabularClassifier, TabularRegressor])
@pytest.mark.parametrize("case", ["two rows", "five rows", "one column", "classes", "wide", "mess", "levels"])
def test_odd_tables_with_all_members(Estimator, case):
    X, y = odd_table(case)
    if Estimator is TabularRegressor and case == "classes":
        y = y * 1e30
    net = Estimator(random_state=0).fit(X, y)
    found = net.predict(X)
    assert len(found) == len(y)
    assert np.isfinite(net.predict_proba(X) if Estimator is TabularClassifier else found).all()
    assert np.isfinite(net.refit(X, y).oof_loss_)


def odd_table(case):
    n = {"two rows": 2, "five rows": 5, "wide": 100, "classes": 450, "levels": 12_000}.get(case, 50)
    X = RANDOM.normal(size=(n, {"one column": 1, "wide": 2000}.get(case, 3)))
    y = (np.arange(n) + (X[:, 0] > 0)) % 2 if n > 2 else np.arange(n)
    if case == "classes":
        return X, np.concatenate([np.arange(300), RANDOM.integers(0, 300, 150)])
    if case == "levels":
        return pandas.DataFrame({"level": [f"k{j}" for j in range(10_000)] + ["k1"] * 2000, "x": X[:, 0]}), y
    if case != "mess":
        return X, y
    table = pandas.DataFrame(X, columns=list("abc")).assign(
        huge=np.where(np.arange(n) % 9 == 0, 1e30, -1e30 * np.arange(n)),
        kind=[f"kind {j % 4}" for j in range(n)],
        many=[f"m{j % 40}" for j in range(n)],
        day=pandas.date_range("2024-01-01", periods=n),
        flag=RANDOM.random(n) < 0.3,
        same=7,
        twice=X[:, 0],
    )
    for name in table.columns.drop("same"):
        table[name] = table[name].mask(RANDOM.random(n) < 0.2)
    return table, y


def test_a_table_without_inputs_is_refused():
    with pytest.raises(
        DataError, match=r'at least one input column is needed; none is left .*"x0": it has the same val'
    ):
        classifier().fit(np.ones((N, 2)), Y)


def test_infinite_cells_are_refused_with_their_row():
    X = frame()
    X.loc[3, "number"] = np.inf
    with pytest.raises(DataError, match=r'"number".*row 4'):
        classifier().fit(X, Y)


def test_a_record_and_a_list_of_records_answer_as_the_frame_of_them():
    X = frame()
    X["number"] = X["number"].mask(np.arange(N) % 7 == 0)
    net = classifier().fit(X, Y)
    records = [{**row, "spare": 1} for row in X.to_dict("records")]
    expected = net.predict_proba(X)
    assert np.array_equal(net.predict_proba(records), expected)  # missing cells are NaN there
    assert np.array_equal(net.predict_proba({**records[0], "number": None}), expected[:1])
    assert net.predict(records[1]).tolist() == net.predict(X).tolist()[1:2]
    with pytest.warns(UserWarning, match='1 cell with an unknown category \\("violet"\\)'):
        answers = net.predict_proba([records[1], {**records[1], "kind": "violet"}])
    with pytest.warns(UserWarning, match="violet"):
        assert np.array_equal(answers, net.predict_proba(X.iloc[[1, 1]].assign(kind=[X["kind"][1], "violet"])))
    regressor = TabularRegressor(quality="fast", random_state=0).fit(X[["kind", "day"]], NUMBER)
    assert np.array_equal(regressor.predict(records[:2]), regressor.predict(X[["kind", "day"]].head(2)))


def test_a_record_that_lacks_a_name_or_has_a_wrong_cell_is_refused():
    net = classifier().fit(frame(), Y)
    record = frame().to_dict("records")[0]
    with pytest.raises(DataError, match=r'needs "number", which is absent\. Did you mean "numbr"'):
        net.predict({"numbr": 1.0, "kind": "red", "day": record["day"]})
    with pytest.raises(DataError, match='column "number", row 1: must be numbers, as in training; got "much"'):
        net.predict([{**record, "number": "much"}])


@pytest.mark.parametrize("given", ["rows.csv", Path("rows.csv")])
def test_a_file_is_no_table_here_and_the_error_says_who_reads_files(given):
    net = classifier().fit(frame(), Y)
    for call in (lambda: net.predict(given), lambda: classifier().fit(given, Y)):
        with pytest.raises(
            ValueError, match=r'X must be a data frame or an array; got "rows\.csv"\. Read a file before'
        ):
            call()


def test_one_row_of_a_data_frame_is_refused_with_the_way_to_take_it():
    net, X = classifier().fit(frame(), Y), frame()
    with pytest.raises(ValueError, match=r"X\.iloc\[\[0\]\] is one row"):
        net.predict(X.iloc[0])
    assert net.predict(X.iloc[[0]]).shape == (1,)


def test_two_columns_of_one_name_are_refused_and_named():
    net, twice = classifier().fit(frame(), Y), frame()
    twice.columns = ["number", "number", *twice.columns[2:]]
    for call in (lambda: classifier().fit(twice, Y), lambda: net.predict(twice)):
        with pytest.raises(DataError, match=r'"number" is the name of columns 1 and 2. Rename them'):
            call()


def test_masked_cells_are_missing():
    X = RANDOM.normal(size=(N, 3))
    gone = np.random.default_rng(3).random(X.shape) < 0.2
    masked, missing = np.ma.MaskedArray(np.where(gone, 1e6, X), gone), np.where(gone, np.nan, X)
    net = classifier().fit(masked, Y)
    expected = classifier().fit(missing, Y).predict_proba(missing)
    assert np.array_equal(net.predict_proba(masked), expected)
    assert np.array_equal(net.predict_proba(missing), expected)


def test_a_record_batch_is_a_frame():
    pyarrow = pytest.importorskip("pyarrow")
    rows = frame().drop(columns="day", errors="ignore")
    batch = pyarrow.RecordBatch.from_pandas(rows, preserve_index=False)
    net = classifier().fit(rows, Y)
    assert np.array_equal(net.predict_proba(batch), net.predict_proba(rows))
    assert np.array_equal(classifier().fit(batch, Y).predict_proba(rows), net.predict_proba(rows))
    with pytest.raises(ValueError, match="feature names should match"):
        net.predict(batch.select(batch.schema.names[::-1]))
