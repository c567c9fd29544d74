"""Estimators for tables in files: what comes back has the same bits, and nothing else is read."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from descend import FileError, TabularClassifier, TabularRegressor, load
from descend.estimators.tabular.load import read_tabular
from descend.files.container import read_file

ROWS = 120


def made_frame(seed=0):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "size": random.normal(size=ROWS),
            "kind": random.choice(["a", "b", "c", "d"], ROWS),
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(300, size=ROWS), "D"),
            "known": random.random(ROWS) < 0.5,
        }
    )
    frame.loc[random.random(ROWS) < 0.1, "size"] = np.nan
    return frame


def made(target):
    X, random = made_frame(), np.random.default_rng(1)
    if target == "numbers":
        return TabularRegressor(quality="fast", random_state=1), X, random.normal(size=(ROWS, 2)) * 1e6
    if target == "labels":
        return TabularClassifier(quality="fast", random_state=1), X, random.integers(2, size=(ROWS, 3))
    y = np.where(X["size"].fillna(0) > 0, "yes", "no")
    more = {"class_weight": {"yes": 2.0}, "quality": "good", "select": "best"}
    return TabularClassifier(**more, random_state=1), X, y


@pytest.fixture(scope="module", params=["classes", "labels", "numbers"])
def fitted(request, tmp_path_factory):
    net, X, y = made(request.param)
    net.fit(X, y)
    path = tmp_path_factory.mktemp("tabular") / "net.descend"
    net.save(path)
    return net, X, y, path


def answers(net, X):
    found = net.predict_proba(X) if hasattr(net, "predict_proba") else net.predict(X)
    return np.asarray(found).tobytes()


def test_what_comes_back_answers_with_the_same_bits_and_is_written_with_the_same_bytes(fitted, tmp_path):
    net, X, _, path = fitted
    again = load(path)
    assert type(again) is type(net)
    assert again.get_params() == net.get_params()
    assert answers(again, X) == answers(net, X)
    again.save(tmp_path / "again.descend")
    assert (tmp_path / "again.descend").read_bytes() == path.read_bytes()
    assert again.leaderboard_ == [dict(row) for row in net.leaderboard_]
    assert again.feature_names_in_.tolist() == list(X.columns)
    assert answers(pickle.loads(pickle.dumps(again)), X) == answers(net, X)


def test_what_comes_back_can_be_refitted_with_the_same_bits(fitted):
    net, X, y, path = fitted
    assert answers(load(path).refit(X, y), X) == answers(copy.deepcopy(net).refit(X, y), X)


WRONG = (None, 3, -1, "x", [], {}, [{}], {"a": 1}, True, 1e300)


def test_a_file_with_anything_else_in_a_field_is_refused(fitted):
    *_, path = fitted
    document, tensors = read_file(path)
    for name in document:
        if name in ("format", "version", "kind", "checksum"):
            continue
        for wrong in WRONG:
            if wrong == document[name]:
                continue
            with pytest.raises(FileError):
                _read(document | {name: wrong}, tensors, path)
        with pytest.raises(FileError):
            _read({key: value for key, value in document.items() if key != name}, tensors, path)


def _read(document, tensors, path):
    """Read, and show that what was read is of use."""
    net = read_tabular(document, tensors, path)
    if document["left_out"] in ({}, {"a": 1}) or document["notes"] == []:
        raise FileError("words that nobody can check")
    return net


def test_a_tensor_that_is_absent_unknown_or_of_another_shape_is_refused(fitted):
    *_, path = fitted
    document, tensors = read_file(path)
    for name, values in tensors.items():
        wrong = np.int16 if values.dtype == np.int64 else np.int64
        for other in ({}, {name: values[:-1]}, {name: values.astype(wrong)}):
            with pytest.raises(FileError):
                read_tabular(document, {key: one for key, one in tensors.items() if key != name} | other, path)
    with pytest.raises(FileError, match="unknown"):
        read_tabular(document, tensors | {"more": np.zeros(1)}, path)


def test_a_column_without_a_name_comes_back(tmp_path):
    """Its name is empty, and so is that of a target which is no column."""
    X = pd.DataFrame({"": np.arange(60.0) % 7.0, "b": ["x", "y"] * 30})
    net = TabularRegressor(quality="fast", random_state=0).fit(X, X[""] * 2.0)
    net.save(tmp_path / "net.descend")
    assert (load(tmp_path / "net.descend").predict(X) == net.predict(X)).all()
