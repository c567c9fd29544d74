"""Answers to tables in pieces: scores, importance, predictions in a file."""

import polars as pl
import pytest

from descend.errors import DataError, FileError
from descend.files.lock import FileLock
from descend.models.options import TrainOptions
from descend.models.streamed.answers import evaluate_pieces
from descend.models.streamed.choose import understand_table
from descend.models.streamed.written import ROWS_OF_PART, Parts
from descend.models.train import train
from descend.models.understand import understand
from descend.tables.convert import as_table
from descend.tables.pieces import arrow_files
from descend.tables.pieces.open import open_pieces
from disk_tables import ROWS, frame, options, write_files


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A table in three files, read some 200 rows at a time."""
    monkeypatch.setattr(arrow_files, "rows_at_once", lambda columns: 200)
    return write_files(tmp_path)


def test_scores_in_pieces_are_those_of_the_whole(files, tmp_path):
    model = train(understand_table(files, "y", options(tmp_path))).model
    found, whole = evaluate_pieces(model, open_pieces(files)), model.evaluate(frame())
    assert found.scores == pytest.approx(whole.scores)
    assert found.errors == pytest.approx(whole.errors)
    assert (found.confusion == whole.confusion).all()


@pytest.fixture(scope="module")
def model():
    return train(
        understand(as_table(frame()[:1000]), "y", TrainOptions(hidden=(3,), epochs=3, restarts=1, drop=("code",)))
    ).model


@pytest.mark.filterwarnings("ignore:scores are those of a sample:UserWarning")
def test_rows_that_were_learnt_are_counted_among_those_that_are_scored(files, monkeypatch, model):
    assert evaluate_pieces(model, open_pieces(files)).learnt == model.evaluate(frame()).learnt > 700
    monkeypatch.setattr("descend.models.streamed.answers.WATCHED", 100)
    for most, value in (("MOST_JUDGED", 300), ("MOST_ANSWERS", 500)):
        monkeypatch.setattr(f"descend.models.streamed.answers.{most}", value)
        some = evaluate_pieces(model, open_pieces(files))
        assert some.rows == {"MOST_JUDGED": 300, "MOST_ANSWERS": 250}[most]
        assert 50 < some.learnt < 110


def test_a_model_takes_what_it_was_learnt_from(files, tmp_path, model, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    batches = lambda: frame().iter_slices(700)  # noqa: E731
    for table in (files, batches):
        assert model.evaluate(table).scores == pytest.approx(model.evaluate(frame()).scores)
        assert model.predict_to(table, out / "p.csv") == ROWS
    read = pl.read_csv(out / "p.csv")
    assert read.columns == ["prediction", "probability_no", "probability_yes"]
    assert read["prediction"].to_list() == model.predict(frame()).tolist()
    assert [one.name for one in out.iterdir()] == ["p.csv"]
    whole = model.permutation_importance(frame())
    some = model.permutation_importance(files)
    assert some.increase.tolist() == whole.increase.tolist()
    monkeypatch.setattr("descend.models.streamed.answers.WATCHED", 500)
    with pytest.warns(UserWarning, match="measured on a sample of 500 of 3,000 rows"):
        assert model.permutation_importance(batches).columns[0] == whole.columns[0]


def test_a_file_that_a_command_writes_or_has_begun_is_not_taken_from_it_silently(files, tmp_path, model):
    path = tmp_path / "p.csv"
    parts = Parts(path, "descend predict")
    parts.add({"prediction": ["yes"] * ROWS_OF_PART})
    kept = sorted(one.name for one in parts.folder.iterdir())
    with FileLock(path, "other"), pytest.raises(FileError, match=r"another command is writing it"):
        model.predict_to(files, path)
    assert sorted(one.name for one in parts.folder.iterdir()) == kept
    with pytest.warns(UserWarning, match="65,536 predictions that an interrupted `descend predict` has kept beside"):
        assert model.predict_to(files, path) == ROWS
    assert not parts.folder.exists()


def test_what_cannot_be_predicted_in_pieces_is_said_and_nothing_is_left(files, tmp_path, model):
    with pytest.raises(DataError, match=r"and predicting into a file .* read a table in pieces"):
        model.predict(files)
    with pytest.raises(DataError, match="it would be lost"):
        model.predict_to(files, tmp_path / "1.parquet")
    with pytest.raises(DataError, match="can be written as"):
        model.predict_to(files, tmp_path / "p.xlsx")
    with pytest.raises(DataError, match=r"`path` is .*absent/p.csv, but there is no folder .*absent. Make it"):
        model.predict_to(files, tmp_path / "absent/p.csv")
    assert not (tmp_path / "absent").exists()
    (tmp_path / "p.csv").write_text("before")
    with pytest.raises(DataError, match="the model needs the column"):
        model.predict_to(lambda: frame().drop("x").iter_slices(700), tmp_path / "p.csv")

    def gone():
        yield from frame().iter_slices(700)
        raise OSError("the connection is gone")

    with pytest.raises(OSError, match="gone"):
        model.predict_to(gone, tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text() == "before"
    assert not list(tmp_path.glob(".*"))
