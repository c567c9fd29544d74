"""A model's explanations: in the columns and units of its table, of one network and of a blend."""

import functools

import numpy as np
import pandas as pd
import pytest

from command_line import blend_model
from descend import load
from descend.errors import DataError
from descend.models.options import TrainOptions
from descend.models.train import train
from descend.models.understand import understand
from descend.tables.datasets import dataset_path

pytestmark = pytest.mark.filterwarnings("ignore::descend.errors.DriftWarning")  # a few rows are predicted
PENGUINS = pd.read_csv(dataset_path("penguins"))


@functools.cache
def single(target="body_mass_g"):
    """One small network."""
    rows = PENGUINS.dropna(subset=[target])
    return train(
        understand(rows, target, TrainOptions(preset="single", hidden=(8,), epochs=60, restarts=2, seed=0))
    ).model


@functools.cache
def blend():
    """Of species."""
    return load(blend_model())


def test_numbers_are_explained_in_their_units():
    found = single().explain(PENGUINS)
    assert found.unit == "number"
    assert found.columns == single().preprocessing.input_names
    assert {"species", "island", "sex"} <= set(found.columns)
    whole = found.base_value + found.values.sum(axis=1)
    assert np.abs(whole - single().predict(PENGUINS)).max() < 1e-4 * PENGUINS["body_mass_g"].std()
    assert abs(found.base_value - PENGUINS["body_mass_g"].mean()) < 0.2 * PENGUINS["body_mass_g"].std()


@pytest.mark.parametrize("made", [blend, lambda: single("species")], ids=["blend", "single"])
def test_classes_are_explained_as_probabilities(made):
    found = made().explain(PENGUINS[:30])
    assert found.values.shape == (30, len(found.columns), 3)
    assert found.outputs == ("Adelie", "Chinstrap", "Gentoo")
    whole = found.base_value + found.values.sum(axis=1)
    assert np.abs(whole - made().predict_probability(PENGUINS[:30])).max() < 1e-5
    own = made().explain(PENGUINS[:30], of="predicted")
    assert own.outputs == tuple(made().predict(PENGUINS[:30]))


def test_of_two_classes_the_second_is_explained():
    found = single("sex").explain(PENGUINS[:9])
    assert found.outputs == ("male",)
    assert np.allclose(found.prediction, single("sex").predict_probability(PENGUINS[:9])[:, 1], atol=1e-5)


def test_the_background_decides_the_base_value():
    gentoo = PENGUINS[PENGUINS["species"] == "Gentoo"]
    found = single().explain(PENGUINS[:5], background=gentoo)
    assert found.base_value > 4_900
    assert abs(found.base_value - single().predict(gentoo).mean()) < 1e-6  # fewer than 192 rows: all


def test_records_and_missing_cells_are_explained_too():
    record = PENGUINS.iloc[3].drop("body_mass_g").to_dict()
    assert sum(pd.isna(one) for one in record.values()) > 1
    record = {name: None if pd.isna(cell) else cell for name, cell in record.items()}
    found = single().explain(record)
    assert found.values.shape == (1, len(found.columns))
    assert np.isclose(found.prediction[0], single().predict(record)[0])


def test_a_file_explains_as_the_model_does(tmp_path):
    single().save(tmp_path / "penguins.descend")
    again = load(tmp_path / "penguins.descend").explain(PENGUINS[:7])
    assert again.values.tobytes() == single().explain(PENGUINS[:7]).values.tobytes()


def test_a_model_without_a_summary_says_so():
    from dataclasses import replace

    from descend.models.sections import Sections

    bare = replace(single(), sections=Sections())
    with pytest.raises(DataError, match="explain: the model must keep a summary of its training rows"):
        bare.explain(PENGUINS[:3])
    with pytest.raises(DataError, match=r"partial_dependence: the model keeps no summary .* Give `grid`"):
        bare.partial_dependence("island")
    assert bare.explain(PENGUINS[:3], background=PENGUINS).values.shape[0] == 3


class TestPartialDependence:
    def test_of_a_category_by_level(self):
        found = single().partial_dependence("species")
        assert sorted(found.grid) == ["Adelie", "Chinstrap", "Gentoo"]
        assert found.grid[int(np.argmax(found.average))] == "Gentoo"
        assert found.outputs == ()

    def test_of_a_number_at_values_of_the_users(self):
        rows = PENGUINS.dropna()
        found = single().partial_dependence("flipper_length_mm", [180, 220], background=rows)
        for value, average in zip(found.grid, found.average, strict=True):
            assert np.isclose(average, single().predict(rows.assign(flipper_length_mm=value)).mean())
        assert found.to_dict()["flipper_length_mm"] == [180, 220]

    def test_of_classes_a_column_each(self):
        found = single("species").partial_dependence("bill_length_mm")
        assert found.average.shape == (20, 3)
        assert np.allclose(found.average.sum(axis=1), 1.0)
        assert single("sex").partial_dependence("body_mass_g", [3_000, 6_000]).outputs == ("male",)

    def test_of_no_input_is_refused(self):
        with pytest.raises(DataError, match=r'the model has no input "bill_lenght_mm"\. Did you mean "bill_length_mm"'):
            single().partial_dependence("bill_lenght_mm")


def test_permutation_importance_of_numbers():
    known = PENGUINS.dropna(subset=["body_mass_g"])
    found = single().permutation_importance(known, repeats=2)
    assert found.metric == "RMSE"
    assert np.isclose(found.loss, single().evaluate(known).scores["rmse"])
    assert set(found.columns) == set(single().preprocessing.input_names)
    assert found.columns[0] in ("species", "sex", "flipper_length_mm")


@pytest.mark.parametrize("made", [blend, lambda: single("species")], ids=["blend", "single"])
def test_permutation_importance_of_classes(made):
    found = made().permutation_importance(PENGUINS, repeats=1)
    assert found.metric == "log-loss"
    assert np.isclose(found.loss, made().evaluate(PENGUINS).scores["log_loss"], rtol=1e-5)
