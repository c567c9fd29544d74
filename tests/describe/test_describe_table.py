"""What is said of a table, its recipe and its network before a training, and of a model after it."""

from descend.describe.facts import Grid
from descend.describe.model import model_parts
from descend.describe.network import layers_grid, network_facts, network_parts, network_words
from descend.describe.recipe import recipe_facts
from descend.describe.table import (
    columns_words,
    encoder_words,
    inputs_grid,
    split_words,
    task_words,
    understanding_facts,
)
from descend.models.options import TrainOptions
from descend.models.recipe import make_recipe
from descend.models.train import train
from descend.models.understand import understand
from descend.nets.network import Network
from descend.preprocessing.encoders.plain import BooleanEncoder, CategoryEncoder, DateEncoder, NumberEncoder
from descend.preprocessing.target import Task
from descend.tables.convert import as_table

ROWS = 60
TABLE = as_table(
    {
        "size": [i / 2 if i % 7 else None for i in range(ROWS)],
        "colour": ["red", "green", "blue"] * 20,
        "sold": [i % 2 == 0 for i in range(ROWS)],
        "unit": ["cm"] * ROWS,
        "kind": ["low"] * 30 + ["high"] * 30,
    }
)
OPTIONS = TrainOptions(hidden=(4,), epochs=2, restarts=2, seed=3)


def test_everything_that_was_decided_is_told_before_the_training():
    facts = understanding_facts(understand(TABLE, "kind", OPTIONS))
    labels = ["Table", "Target", "", "Inputs", "", "Left out", "Split", "Recipe", "", "Network", "Restarts"]
    assert [label for label, _ in facts] == labels
    told = [content for _, content in facts]
    assert told[0] == f"{TABLE.source}: 60 rows, 5 columns"
    assert told[1] == "kind: 2 classes to tell apart: high, low"
    assert told[2] == 'The target "kind" holds text, so its 2 different values are classes.'
    assert told[3] == "3 columns, which make 6 inputs"
    assert told[5] == 'unit: it has the same value in all rows, "cm"'
    assert told[6].startswith("38 rows to learn from, 10 to choose the best by, 12 untouched; ")
    assert told[9:] == ["6 → 4 tanh → 2 softmax, loss log_loss; 38 weights", "2, from seed 3"]
    assert told[4] == Grid(
        ("column", "type", "values", "missing"),
        (
            ("size", "number", "0.5 … 29.5", "9"),
            ("colour", "category", "3 different", "·"),
            ("sold", "yes/no", "", "·"),
        ),
        words=(0, 1, 2),
    )


def test_of_many_columns_only_the_types_are_counted():
    size, colour, sold = (TABLE.column(name).summary() for name in ("size", "colour", "sold"))
    assert columns_words([size] * 19 + [colour, sold]) == "19 numbers, 1 category, 1 yes/no"
    assert isinstance(columns_words([size] * 20), Grid)


def test_a_column_without_values_has_none_to_tell():
    table = as_table({"empty": [None, None], "day": ["2024-01-01", "2024-03-02"]})
    columns = [column.summary() for column in table.columns]
    assert [row[2:] for row in columns_words(columns).rows] == [("", "2"), ("2024-01-01 … 2024-03-02", "·")]


def test_a_number_to_predict_and_rows_that_are_all_learnt_from():
    assert task_words(Task("regress", (), "")) == "a number to predict"
    assert (
        split_words({"train": 1200, "validation": 0, "test": 0}, "as they are")
        == "1,200 rows to learn from; as they are"
    )


def recipe(**options):
    return recipe_facts(make_recipe(TrainOptions(**options), "classify", 220, 55).to_dict(), "tabular")[1][1]


def test_a_recipe_says_every_option_that_matters():
    assert recipe(epochs=12, batch_size=16) == (
        "adamw, η = 0.002 flat_cosine; λ = 0.05; 12 epochs, batches of 16; stops after 10 epochs without improvement"
    )
    assert recipe(epochs=12, batch_size=1, l2=0, dropout=0.25, race=True) == (
        "adamw, η = 0.002 flat_cosine; dropout 0.25; 12 epochs, one sample a round; "
        "stops after 10 epochs without improvement; the worse half of the restarts is stopped on the way"
    )


def test_a_recipe_of_an_earlier_version_is_told_too():
    old = make_recipe(TrainOptions(), "classify", 220, 55).to_dict()
    del old["dropout"]
    assert recipe_facts(old, "forgotten")[0] == ("Recipe", "forgotten")
    assert "dropout" not in recipe_facts(old, "forgotten")[1][1]


def test_what_the_network_is_given_of_each_kind_of_column():
    number = "(x − 44.5) / 9.3, clipped smoothly"
    assert encoder_words(NumberEncoder("a", 44.5, 9.3, indicator=False)) == number
    assert encoder_words(NumberEncoder("a", 44.5, 9.3, indicator=True)) == f"{number}; a mark where it is missing"
    assert encoder_words(NumberEncoder("a", 44.5, 0.0, indicator=True)) == "a mark where it is missing"
    assert encoder_words(NumberEncoder("a", -0.5, 2.0, indicator=False)) == "(x + 0.5) / 2, clipped smoothly"
    assert encoder_words(BooleanEncoder("a")) == "−1 for no, 1 for yes"
    assert encoder_words(CategoryEncoder("a", ("f", "m"))) == "−1 or 1: f, m"
    assert encoder_words(CategoryEncoder("a", tuple("bcdefg"), rare=1200)) == (
        "0 or 1 for each of b, c, d, e, f, … 1 more, and 1,200 rare ones as missing"
    )
    assert encoder_words(DateEncoder("a", 19000.0, 30.0, ("year", "week"), indicator=False)) == (
        "(days − 19000) / 30, clipped smoothly; sine and cosine of the year; sine and cosine of the week"
    )


def test_a_network_is_told_layer_by_layer():
    net = Network([2, 3, 1], "relu", bias=[1.0, 0.0], seed=5)
    words = "2 → 3 relu → 1 identity, loss squared; 12 weights"
    assert network_words(net.spec) == words
    assert network_facts(net) == [("Network", words), ("", "weights of type float32, seed 5")]
    assert network_parts(net) == [network_facts(net), layers_grid(net.spec)]
    assert layers_grid(net.spec).rows == (("W_0", "3 × 3", "9", "1", "relu"), ("W_1", "3 × 1", "3", "–", "identity"))


def test_a_model_is_told_in_the_order_in_which_it_is_read():
    model = train(understand(TABLE, "kind", OPTIONS)).model
    target, inputs, reading, network, layers, recipe, training, decision, scores, known = model_parts(model)
    assert [label for label, _ in target] == ["Target", "", "Left out"]
    assert inputs == inputs_grid(model.preprocessing)
    assert [row[::3] for row in inputs.rows] == [("size", "2"), ("colour", "3"), ("sold", "1")]
    assert reading == [("Learnt", "48 rows; salted hashes of them are kept, to know them again (96 bytes)")]
    assert (network, layers) == (network_facts(model.network), layers_grid(model.network.spec))
    assert recipe[0][1].startswith("single (one network, the best of many")
    assert [label for label, _ in training if label] == ["Data", "Split", "Restarts", "Winner", "Made by"]
    assert known == [
        (
            "Sets",
            "for each row a set of classes can be given; it holds the true one in 90 % of new rows; "
            "known from 10 rows that had not been learnt",
        )
    ]
    assert [label for label, _ in decision] == ["Decision"]
    assert scores.heads == ("", "untouched rows", "validation rows (optimistic)", "baseline")


def test_a_model_that_recorded_nothing_is_told_all_the_same():
    model = train(understand(TABLE, "kind", OPTIONS)).model
    bare = type(model)(model.network, model.preprocessing, {})
    assert len(model_parts(bare)) == 5
    assert model_parts(bare)[-1] == [("Made by", "")]
