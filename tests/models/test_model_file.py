"""Files of tables' models: what is saved comes back with the same predictions."""

import pickle

import pytest

import descend
from model_files import TABLE, content_of, opened, trained


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("target", ["kind", "size", "colour", "flag"])
def test_a_model_comes_back_with_the_same_predictions(tmp_path, target, engine):
    model = trained(target, engine=engine)
    model.save(tmp_path / "m.descend")
    again = descend.load(tmp_path / "m.descend")
    assert again.preprocessing == model.preprocessing
    assert again.record == model.record
    assert again.network.predict(model.inputs_and_targets(TABLE)[0]).tobytes() == (
        model.network.predict(again.inputs_and_targets(TABLE)[0]).tobytes()
    )
    assert again.predict(TABLE).tolist() == model.predict(TABLE).tolist()
    if target == "kind":
        assert again.predict_probability(TABLE).tobytes() == model.predict_probability(TABLE).tobytes()


def test_equal_trainings_give_equal_files():
    assert content_of(trained("kind")) == content_of(trained("kind"))


def test_the_file_holds_what_a_model_is_made_of():
    document, tensors = opened(content_of(trained("kind")))
    assert list(document) == [
        *("format", "version", "checksum", "kind", "columns", "target", "left_out", "notes"),
        *("members", "combined", "learnt", "summary", "uncertainty", "decision", "record"),
    ]
    names = ["size", "colour", "when", "flag"]
    assert [column["name"] for column in document["columns"]] == [*names, "kind"]
    assert document["target"]["classes"] == ["high", "low"]
    (member,) = document["members"]
    assert list(member) == ["network", "dtype", "seed", "engine", "encoders", "scaling"]
    assert [encoder["column"] for encoder in member["encoders"]] == names
    assert document["combined"] == {"kind": "single"}
    assert document["learnt"]["rows"] == 48
    assert len(document["record"]["table"]["content_hash"]) == 64
    kept = {f"summary.{name}" for name in ("quantiles", "below", "up_to", "mean", "covariance")}
    kept |= {"uncertainty.scores"}
    assert set(tensors) == {"member_0.W_0", "member_0.W_1", "learnt.bits"} | kept
    assert document["uncertainty"] == {"kind": "classes", "outputs": [{"rows": 10.0, "scores": 10}]}
    assert document["summary"]["rows"] == 38
    assert tensors["learnt.bits"].nbytes == 2 * 48


def test_hashes_of_rows_can_be_left_out():
    document, tensors = opened(content_of(trained("kind", row_hashes=False)))
    assert document["learnt"] is None
    assert "learnt.bits" not in tensors


@pytest.mark.parametrize("target", ["kind", "size"])
def test_a_pickle_gives_the_same_model(target):
    model = trained(target, engine="native")
    again = pickle.loads(pickle.dumps(model))
    assert again.preprocessing == model.preprocessing
    assert again.record == model.record
    assert content_of(again) == content_of(model)
    assert again.predict(TABLE).tolist() == model.predict(TABLE).tolist()
