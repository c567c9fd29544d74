"""The target is taken as a careful person reads it: slips are named, missing rows left out aloud, labels kept."""

import polars as pl
import pytest

import descend
from descend.errors import DataError
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand

N = 100
X = [float(i * 7 % 23) + i / 128 for i in range(N)]
NUMBERS = [str(i * 3 % 71) for i in range(N)]


def seen(y, **options):
    return understand({"x": X[: len(y)], "y": y}, "y", TrainOptions(hidden=(2,), epochs=1, restarts=1, **options))


def refusal(y, **options) -> str:
    with pytest.raises(DataError) as caught:
        seen(y, **options)
    return str(caught.value)


@pytest.mark.parametrize("cell", ["~40", "40 kg", "12o", "see below", "40?"])
@pytest.mark.parametrize("row", [0, 57, 99])
def test_a_slip_makes_no_classes_of_a_number(cell, row):
    y = [*NUMBERS[:row], cell, *NUMBERS[row + 1 :]]
    said = refusal(y)
    assert f'the target "y" holds numbers, but "{cell}" in row {row + 1}. Correct the cell; --missing ' in said
    left = seen(y, missing=[cell])
    assert (left.task.kind, left.rows["table"]) == ("regress", N - 1)
    assert any(f'row {row + 1} (1 of 100) left out: the target "y" is missing there' in one for one in left.notes)
    assert seen(y, types={"y": "category"}, task="classify").task.kind == "classify"


@pytest.mark.parametrize("word", ["n.a.", "NA", "-", "unknown", "None"])
def test_a_word_for_missing_in_the_target_is_named_with_the_remedies(word):
    y = [*NUMBERS[:30], word, *NUMBERS[31:70], word, *NUMBERS[71:]]
    said = refusal(y)
    assert f'rows 31, 71 (2 of 100) say "{word}", which is read as missing' in said
    assert "leaves those rows out; if it is a class" in said
    assert seen(y, missing=[word]).rows["table"] == N - 2


@pytest.mark.parametrize("word", ["None", "NA", "null", "n/a"])
def test_a_class_that_looks_like_a_missing_word_is_kept_on_request(word):
    y = ["low", "high", word, "low"] * 25
    assert f'say "{word}", which is read as missing' in refusal(y)
    assert seen(y, missing=[f'"{word}"']).task.classes == tuple(sorted(["low", "high", word]))


@pytest.mark.parametrize(
    ("y", "labels"),
    [
        (["TRUE", "FALSE"], ["TRUE", "FALSE"]),
        (["true", "false"], ["true", "false"]),
        (["1.0", "2.0", "3.0"], ["1.0", "2.0", "3.0"]),
        (["1", "0"], ["1", "0"]),
        (["1 %", "2 %"], ["1 %", "2 %"]),
        (["007", "008"], ["007", "008"]),
        (["yes", "no"], ["yes", "no"]),
        (["1.10", "1.1"], ["1.10", "1.1"]),
    ],
)
def test_class_labels_come_back_as_they_were_written(y, labels):
    found = seen((y * N)[:N], task="classify")
    assert sorted(found.task.written) == sorted(labels)
    model = train(found).model
    assert model.evaluate({"x": X[:4], "y": (y * 4)[:4]}).rows == 4
    assert {str(one) for one in model.preprocessing.task.written} == set(labels)


@pytest.mark.parametrize("word", ["", "?"])
def test_a_model_leaves_out_what_its_training_left_out_where_targets_are_needed(tmp_path, word):
    rows = {"x": X, "y": [word if i % 10 == 0 else "low" if X[i] < 11 else "high" for i in range(N)]}
    known = {name: [cell for i, cell in enumerate(own) if i % 10] for name, own in rows.items()}
    options = TrainOptions(hidden=(2,), epochs=1, restarts=1, missing=[word])
    train(understand(rows, "y", options)).model.save(tmp_path / "m.descend")
    model = descend.load(tmp_path / "m.descend")
    left_out = r"\(10 of 100\) left out: the target \"y\" is missing there"
    with pytest.warns(UserWarning, match=left_out):
        assert model.evaluate(rows).scores == model.evaluate(known).scores
    with pytest.warns(UserWarning, match=left_out):
        model.distil(rows, hidden=(2,), epochs=1, restarts=1)
    pieces = [{name: own[:10] for name, own in rows.items()}, {"x": [1.0], "y": [word]}]
    with pytest.warns(UserWarning, match=r"2 of 11 rows left out: the target \"y\" is missing"):
        assert model.evaluate(lambda: map(pl.DataFrame, pieces)).rows == 9
    for nothing in ({"x": [1.0], "y": [word]}, lambda: [pl.DataFrame({"x": [1.0], "y": [word]})]):
        with pytest.raises(DataError, match="must have a row with a value of the target"):
            model.evaluate(nothing)


def test_a_target_marked_by_a_number_is_left_out_as_text_and_as_number():
    values = [-999.0 if i % 10 == 0 else float(one) for i, one in enumerate(NUMBERS)]
    texts = [f"{one:.{i % 20 // 10}f}" for i, one in enumerate(values)]
    assert {"-999", "-999.0"} < set(texts)
    for y in (values, texts):
        assert seen(y, missing=["-999"]).rows["table"] == N - 10
    model = train(seen(texts, missing=["-999"])).model
    found = []
    for y in (values, texts):
        with pytest.warns(UserWarning, match=r"\(10 of 100\) left out"):
            found.append(model.evaluate(pl.DataFrame({"x": X, "y": y})).scores)
    assert found[0] == found[1]
    with pytest.raises(DataError, match="must have a value in every row"):
        model.evaluate({"x": X, "y": [None if i == 5 else one for i, one in enumerate(values)]})
