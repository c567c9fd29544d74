"""Predictions -> file."""

import numpy as np
import pytest

from descend.errors import DataError
from descend.tables.read import read_table
from descend.tables.write import write_predictions

PREDICTIONS = {
    "prediction": np.array(["a", 'b"c', "d,e"], dtype=object),
    "probability": np.array([0.5, np.nan, 1e-9]),
    "flag": np.array([True, False, True]),
    "count": np.array([1, 2, 3]),
    "kept": ["x", None, "z"],
}


def test_predictions_are_written_to_standard_output_as_csv(capsys):
    write_predictions(PREDICTIONS)
    expected = 'prediction,probability,flag,count,kept\na,0.5,true,1,x\n"b""c",,false,2,\n"d,e",1e-9,true,3,z\n'
    assert capsys.readouterr().out == expected
    write_predictions(PREDICTIONS, "-")
    assert capsys.readouterr().out == expected


@pytest.mark.parametrize("name", ["p.csv", "p.tsv", "p.parquet"])
def test_written_predictions_can_be_read_again(tmp_path, name):
    write_predictions(PREDICTIONS, tmp_path / name)
    table = read_table(tmp_path / name)
    assert table.column("prediction").values.tolist() == ["a", 'b"c', "d,e"]
    np.testing.assert_array_equal(table.column("probability").values, [0.5, np.nan, 1e-9])
    assert table.column("flag").kind == "boolean"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_predictions_of_another_ending_or_of_different_lengths_are_refused(tmp_path):
    with pytest.raises(DataError) as caught:
        write_predictions({"a": [1]}, tmp_path / "p.xlsx")
    assert str(caught.value) == f"{tmp_path}/p.xlsx: predictions can be written as .csv, .tsv or .parquet; got p.xlsx."
    with pytest.raises(DataError) as caught:
        write_predictions({"a": [1], "b": [1, 2]}, tmp_path / "p.csv")
    assert str(caught.value) == "predictions: columns must have the same number of rows; got {'a': 1, 'b': 2}."


@pytest.mark.parametrize("name", ["p.csv", "p.parquet"])
def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch, name):
    path = tmp_path / name
    write_predictions({"a": [1]}, path)
    before = path.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        write_predictions({"a": [2]}, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [name]
