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


def test_the_preset_of_one_network_is_the_one_that_was_measured():
    recipe = make_recipe(TrainOptions(preset="single"), "classify", 8000, 2000)
    assert recipe == Recipe(
        preset="single",
        hidden=(64, 64),
        activation=("tanh", "tanh"),
        output="softmax",
        loss="log_loss",
        init="auto",
        optimizer="adamw",
        learning_rate=0.002,
        schedule="flat_cosine",
        beta_2=0.999,
        l2=0.05,
        epochs=100,
        batch_size=128,
        patience=25,
        restarts=16,
        race=None,
        seed=0,
        dropout=0.0,
        dtype="float32",
        engine="native",
    )
    number = make_recipe(TrainOptions(preset="single"), "regress", 8000, 2000)
    assert number == dataclasses.replace(recipe, output="identity", loss="squared")


def test_a_network_of_those_who_say_nothing_has_the_preset_single():
    assert make_recipe(TrainOptions(), "regress", 500, 100).preset == "single"


@pytest.mark.parametrize(
    ("preset", "rows", "epochs", "batch_size", "patience"),
    [
        # single: 800,000 samples, 20 … 200 epochs; a power of 2 that makes about 80 rounds an epoch, 16 … 128;
        # a quarter of the epochs of patience, at least 10
        ("single", 7, 200, 7, 50),
        ("single", 1000, 200, 16, 50),
        ("single", 3200, 200, 32, 50),
        ("single", 4001, 200, 64, 50),
        ("single", 5000, 160, 64, 40),
        ("single", 7000, 114, 64, 28),
        ("single", 10_240, 78, 128, 19),
        ("single", 32_000, 25, 128, 10),
        ("single", 10**6, 20, 128, 10),
        # textbook: 200,000 samples, 10 … 200 epochs, one sample a round, never stopped
        ("textbook", 7, 200, 1, None),
        ("textbook", 2000, 100, 1, None),
        ("textbook", 3000, 67, 1, None),
        ("textbook", 10**6, 10, 1, None),
    ],
)
def test_epochs_batches_and_patience_follow_the_number_of_rows(preset, rows, epochs, batch_size, patience):
    recipe = make_recipe(TrainOptions(preset=preset), "regress", rows, 100)
    assert (recipe.epochs, recipe.batch_size, recipe.patience) == (epochs, batch_size, patience)


@pytest.mark.parametrize(("epochs", "patience"), [(1, 10), (43, 10), (44, 11), (200, 50), (1000, 250)])
def test_patience_is_a_quarter_of_the_epochs_that_were_asked_for(epochs, patience):
    assert make_recipe(TrainOptions(epochs=epochs), "regress", 500, 100).patience == patience


@pytest.mark.parametrize(
    ("optimizer", "rate"), [("sgd", 0.05), ("momentum", 0.01), ("nesterov", 0.01), ("adam", 0.002), ("adamw", 0.002)]
)
def test_the_step_size_of_an_optimiser_that_was_asked_for(optimizer, rate):
    assert make_recipe(TrainOptions(optimizer=optimizer), "regress", 500, 100).learning_rate == rate
    own = 0.1 if optimizer == "sgd" else rate  # textbook's own optimiser keeps textbook's step
    textbook = make_recipe(TrainOptions(preset="textbook", optimizer=optimizer), "regress", 500, 100)
    assert textbook.learning_rate == own


def test_the_recipe_says_all_that_a_fit_is_given():
    recipe = make_recipe(TrainOptions(preset="single", dropout=0.1, race=True), "regress", 8000, 2000)
    assert recipe.fit_options() == {
        "epochs": 100,
        "learning_rate": 0.002,
        "schedule": "flat_cosine",
        "batch_size": 128,
        "optimizer": "adamw",
        "beta_2": 0.999,
        "l2": 0.05,
        "dropout": 0.1,
        "restarts": 16,
        "race": "halving",
        "patience": 25,
    }
    assert recipe.network_options(3, 1) == {
        "sizes": [3, 64, 64, 1],
        "activation": ("tanh", "tanh"),
        "output": "identity",
        "loss": "squared",
        "init": "auto",
        "dtype": "float32",
        "seed": 0,
        "engine": "native",
    }


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
        preset="single",
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


@pytest.mark.parametrize(("preset", "own"), [("textbook", 0.0), ("single", 0.05)])
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
    assert {name: preset.name for name, preset in PRESETS.items()} == {"textbook": "textbook", "single": "single"}
    assert all(preset.summary for preset in PRESETS.values())
    assert dataclasses.is_dataclass(PRESETS["single"])
