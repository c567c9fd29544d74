"""From a user's words to a recipe in which every option is a number."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.models.options import TrainOptions
from descend.models.presets import LEARNING_RATES, PRESETS
from descend.models.recipe import Recipe, make_recipe
from descend.nets.network import Network
from descend.spec.plan import OPTIMIZERS
from descend.spec.schedules import SHAPES

SIZES = st.integers(1, 10**7)


def test_the_textbook_preset_is_the_plain_algorithm():
    recipe = make_recipe(TrainOptions(preset="textbook"), "classify", 220, 55)
    assert recipe == Recipe(
        preset="textbook",
        hidden=(16,),
        activation=("sigmoid",),
        output="sigmoid",
        loss="squared",
        init="auto",
        optimizer="sgd",
        learning_rate=0.1,
        schedule="constant",
        beta_2=0.999,
        l2=0.0,
        epochs=200,
        batch_size=1,
        patience=None,
        restarts=16,
        race=None,
        seed=0,
        dtype="float32",
        engine="native",
    )
    assert make_recipe(TrainOptions(preset="textbook"), "regress", 220, 55).output == "identity"


@given(preset=st.sampled_from(sorted(PRESETS)), task=st.sampled_from(["classify", "regress"]), rows=SIZES, chosen=SIZES)
def test_a_recipe_leaves_nothing_open_and_fits_the_network(preset, task, rows, chosen):
    recipe = make_recipe(TrainOptions(preset=preset), task, rows, chosen)
    assert 1 <= recipe.batch_size <= rows
    assert recipe.epochs >= 1
    assert recipe.schedule in SHAPES
    assert recipe.optimizer in OPTIMIZERS
    assert json.loads(json.dumps(recipe.to_dict())) == recipe.to_dict()
    outputs = 1 if task == "regress" else 2
    assert Network(**recipe.network_options(3, outputs)).spec.loss.name == recipe.loss
    assert set(recipe.fit_options()) <= set(Network.fit.__annotations__)


@given(preset=st.sampled_from(sorted(PRESETS)), rows=SIZES, more=SIZES)
def test_more_rows_never_mean_more_epochs(preset, rows, more):
    few, many = (make_recipe(TrainOptions(preset=preset), "regress", n, 10) for n in (rows, rows + more))
    assert many.epochs <= few.epochs


def test_the_users_words_win():
    options = TrainOptions(
        preset="tabular",
        hidden=[8, 4, 2],
        activation="logistic",
        restarts=3,
        race=True,
        epochs=7,
        batch_size=5,
        learning_rate=1,
        optimizer="nesterov",
        l2=0.5,
        dropout=0.25,
        seed=9,
        engine="reference",
    )
    recipe = make_recipe(options, "classify", 100, 20)
    assert recipe.activation == ("sigmoid",) * 3
    said = {
        name: getattr(recipe, name) for name in ("hidden", "restarts", "race", "epochs", "batch_size", "learning_rate")
    }
    assert said == {
        "hidden": (8, 4, 2),
        "restarts": 3,
        "race": "halving",
        "epochs": 7,
        "batch_size": 5,
        "learning_rate": 1.0,
    }
    assert (recipe.optimizer, recipe.l2, recipe.seed, recipe.engine) == ("nesterov", 0.5, 9, "reference")
    assert type(recipe.learning_rate) is float
    assert recipe.fit_options()["dropout"] == 0.25


@pytest.mark.parametrize(("preset", "own"), [("textbook", 0.0), ("tabular", 0.05)])
def test_the_penalty_is_the_users_also_if_it_is_0_or_else_the_presets(preset, own):
    for said, wanted in ((None, own), (0, 0.0), (0.3, 0.3)):
        recipe = make_recipe(TrainOptions(preset=preset, l2=said), "regress", 100, 20)
        assert recipe.l2 == recipe.fit_options()["l2"] == recipe.to_dict()["l2"] == wanted
        assert type(recipe.l2) is float


def test_one_activation_per_layer():
    options = TrainOptions(hidden=(8, 4), activation=("relu", "swish"))
    assert options.problems() == []
    assert make_recipe(options, "regress", 100, 20).activation == ("relu", "silu")


def test_no_hidden_layer_is_a_legal_wish():
    options = TrainOptions(hidden=())
    assert options.problems() == []
    assert make_recipe(options, "regress", 100, 20).network_options(3, 1)["sizes"] == [3, 1]


def test_another_optimiser_brings_its_own_step_size():
    own = make_recipe(TrainOptions(optimizer="momentum"), "regress", 100, 20)
    assert own.learning_rate == LEARNING_RATES["momentum"]
    assert set(LEARNING_RATES) == set(OPTIMIZERS)


def test_without_validation_rows_there_is_nothing_to_stop_or_race_by():
    recipe = make_recipe(TrainOptions(race=True), "regress", 100, 0)
    assert (recipe.patience, recipe.race) == (None, None)


def test_a_batch_is_not_larger_than_the_training_rows():
    assert make_recipe(TrainOptions(batch_size=64), "regress", 10, 2).batch_size == 10


def test_presets_are_found_by_their_names():
    assert {name: preset.name for name, preset in PRESETS.items()} == {"textbook": "textbook", "tabular": "tabular"}
    assert all(preset.summary for preset in PRESETS.values())
    assert dataclasses.is_dataclass(PRESETS["tabular"])
