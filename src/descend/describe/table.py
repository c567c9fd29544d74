"""What was understood of a table, in words: task, columns, split, what is left out, what the network is given."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from descend.describe.facts import Fact, Grid
from descend.describe.network import network_words
from descend.describe.numbers import count, file_size, listing, number
from descend.describe.recipe import recipe_facts
from descend.describe.weights import weights_facts
from descend.errors import cut, message, quoted
from descend.models.recipe import BlendRecipe
from descend.preprocessing.encoders.plain import BooleanEncoder, CategoryEncoder, DateEncoder
from descend.tables.columns.column import date_text

if TYPE_CHECKING:
    from descend.models.understand import Understanding
    from descend.preprocessing.encoders.plain import Encoder
    from descend.preprocessing.target import Task
    from descend.preprocessing.transform import Preprocessing
    from descend.tables.columns.column import ColumnSummary

MOST_COLUMNS = 20
KINDS = {"number": "number", "category": "category", "boolean": "yes/no", "date": "date"}
MANY = {"number": "numbers", "category": "categories", "boolean": "yes/no", "date": "dates"}


def understanding_facts(understood: Understanding) -> list[Fact]:
    """Say everything that was decided before a training: table, target, inputs, split, recipe, network, restarts.

    Parameters
    ----------
    understood : Understanding
        What `understand` made of a table.

    Examples
    --------
    >>> from descend.models.understand import understand
    >>> table = {"size": [i / 2 for i in range(60)], "kind": ["low"] * 30 + ["high"] * 30}
    >>> facts = understanding_facts(understand(table, "kind"))
    >>> [content for label, content in facts if label in ("Target", "Inputs")]
    ['kind: 2 classes to tell apart: high, low', '1 column, which make 1 input']
    """
    roles, recipe = understood.roles, understood.recipe
    inputs, table = understood.inputs, understood.facts["table"]
    return [
        ("Table", f"{understood.source}: {count(table['rows'], 'row')}, {count(table['columns'], 'column')}"),
        ("Target", f"{cut(understood.target)}: {task_words(understood.task)}"),
        ("", message(understood.task.reason)),
        ("Inputs", f"{count(len(inputs), 'column')}, which make {count(understood.n_features, 'input')}"),
        ("", columns_words(inputs)),
        *left_out_facts(roles.left_out),
        ("Split", split_words(understood.rows, understood.split)),
        *_disk_facts(understood),
        *weights_facts(understood.weighting, understood.task.classes),
        *recipe_facts(recipe.to_dict(), recipe.preset),
        *_network_facts(understood),
    ]


def _disk_facts(understood: Understanding) -> list[Fact]:
    """Where the rows are, if they are not in memory."""
    if understood.on_disk is None:
        return []
    on_disk = understood.on_disk
    windows, size = on_disk.parts["train"].windows, file_size(on_disk.bytes)
    held = "one window" if windows.count == 1 else f"{windows.count:,} windows"
    how = f"{held} of {windows.size:,} rows to learn from"
    if on_disk.raw is not None:
        how = f"windows of {file_size(on_disk.raw.window)} of what a network sees"
    anew = "" if on_disk.anew else ", found there"
    return [("On disk", f"{how}; {size} in {on_disk.folder}{anew}")]


def _network_facts(understood: Understanding) -> list[Fact]:
    """Of one network what it is; those of a blend are told when they have been learnt."""
    recipe = understood.recipe
    if understood.spec is None or isinstance(recipe, BlendRecipe):
        return []
    return [
        ("Network", network_words(understood.spec)),
        ("Restarts", f"{recipe.restarts}, from seed {recipe.seed}"),
    ]


def task_words(task: Task) -> str:
    """Say what is to be predicted.

    Parameters
    ----------
    task : Task
        Classes or numbers.

    Examples
    --------
    >>> from descend.preprocessing.target import Task
    >>> task_words(Task("classify", ("no", "yes"), ""))
    '2 classes to tell apart: no, yes'
    """
    if task.kind == "regress":
        return "a number to predict"
    return f"{count(len(task.classes), 'class', 'classes')} to tell apart: {listing(task.written)}"


def columns_words(columns: Sequence[ColumnSummary]) -> str | Grid:
    """Return the columns with types, values and missing cells; of many columns only how many there are of each type.

    Parameters
    ----------
    columns : sequence of ColumnSummary
        The inputs, in the table's order.

    Examples
    --------
    >>> from descend.tables.convert import as_table
    >>> table = as_table({"size": [1.0, None, 3.5], "unit": ["cm", "m", "cm"]})
    >>> columns = [column.summary() for column in table.columns]
    >>> columns_words(columns).rows
    (('size', 'number', '1 … 3.5', '1'), ('unit', 'category', '2 different', '·'))
    >>> columns_words(columns * 11)
    '11 numbers, 11 categories'
    """
    if len(columns) > MOST_COLUMNS:
        kinds = Counter(column.kind for column in columns)
        return ", ".join(f"{n:,} {MANY[kind] if n > 1 else KINDS[kind]}" for kind, n in kinds.items())
    rows = [(cut(column.name), KINDS[column.kind], values_words(column), _missing(column)) for column in columns]
    return Grid(("column", "type", "values", "missing"), tuple(rows), words=(0, 1, 2))


def values_words(column: ColumnSummary) -> str:
    """Say which values a column has: how many different categories, or from where to where; "" for yes and no.

    Parameters
    ----------
    column : ColumnSummary
        Of any kind.
    """
    if column.kind == "category":
        return f"{column.different:,} different"
    if column.kind == "boolean" or math.isnan(column.low):
        return ""
    write = date_text if column.kind == "date" else number
    return f"{write(column.low)} … {write(column.high)}"


def _missing(column: ColumnSummary) -> str:
    said = [quoted(word) for word in column.words[:2]] if column.kind != "number" else []
    return (f"{column.missing:,} ({', '.join(said)})" if said else f"{column.missing:,}") if column.missing else "·"


def left_out_facts(left_out: Mapping[str, str]) -> list[Fact]:
    """Say which columns are not used, and why.

    Parameters
    ----------
    left_out : mapping of str to str
        Column -> reason.

    Examples
    --------
    >>> left_out_facts({"id": "it counts the rows", "sex": "it was dropped on request"})
    [('Left out', 'id: it counts the rows'), ('', 'sex: it was dropped on request')]
    """
    return [
        ("" if place else "Left out", f"{cut(name)}: {message(reason)}")
        for place, (name, reason) in enumerate(left_out.items())
    ]


def split_words(rows: Mapping[str, int], description: str) -> str:
    """Say how many rows learn, choose and judge, and how they were drawn.

    Parameters
    ----------
    rows : mapping of str to int
        Number of rows: train, validation, test.
    description : str
        How they were drawn.

    Examples
    --------
    >>> split_words({"train": 1200, "validation": 300, "test": 0}, "drawn at random")
    '1,200 rows to learn from, 300 to choose the best by; drawn at random'
    """
    parts = [f"{rows['train']:,} rows to learn from"]
    if rows["validation"]:
        parts.append(f"{rows['validation']:,} to choose the best by")
    if rows["test"]:
        parts.append(f"{rows['test']:,} untouched")
    return f"{', '.join(parts)}; {message(description)}"


# ---------------------------------------------------------------- what the network is given


def inputs_grid(prep: Preprocessing) -> Grid:
    """Return the columns that a model reads, and what its network is given of each.

    Parameters
    ----------
    prep : Preprocessing
        Fitted.
    """
    rows = [(cut(one.name), KINDS[one.kind], encoder_words(one), str(len(one.feature_names))) for one in prep.encoders]
    return Grid(("column", "type", "what the network is given", "inputs"), tuple(rows), words=(0, 1, 2))


def encoder_words(encoder: Encoder) -> str:
    """Say what the preprocessing makes of a column.

    Parameters
    ----------
    encoder : NumberEncoder, BooleanEncoder, CategoryEncoder or DateEncoder
        Fitted.

    Examples
    --------
    >>> from descend.preprocessing.encoders.plain import CategoryEncoder, NumberEncoder
    >>> encoder_words(NumberEncoder("size", 44.5, 9.3, indicator=True))
    '(x − 44.5) / 9.3, clipped smoothly; a mark where it is missing'
    >>> encoder_words(CategoryEncoder("island", ("Biscoe", "Dream", "Torgersen"), rare=2))
    '0 or 1 for each of Biscoe, Dream, Torgersen, and 2 rare ones as missing'
    """
    if isinstance(encoder, BooleanEncoder):
        return "−1 for no, 1 for yes"
    if isinstance(encoder, CategoryEncoder):
        rare = f", and {encoder.rare:,} rare ones as missing" if encoder.rare else ""
        return ("−1 or 1: " if encoder.two else "0 or 1 for each of ") + listing(encoder.levels, most=5) + rare
    date = isinstance(encoder, DateEncoder)
    less = f"{'days' if date else 'x'} {'−' if encoder.center >= 0 else '+'} {number(abs(encoder.center))}"
    formula = f"({less}) / {number(encoder.scale)}, clipped smoothly"
    scaled = [formula] if encoder.scale else []
    parts = [f"sine and cosine of the {part}" for part in encoder.parts] if isinstance(encoder, DateEncoder) else []
    missing = ["a mark where it is missing"] if encoder.indicator else []
    return "; ".join([*scaled, *parts, *missing])
