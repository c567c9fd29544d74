"""What ``descend train`` understood, before the work starts; ``descend inspect`` uses the same words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from descend.cli.console import count, facts, listing, number, say, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import RenderableType

    from descend.models.model import Understanding
    from descend.spec.network import NetworkSpec
    from descend.tables.column import Column
    from descend.tables.table import Table

MOST_COLUMNS = 20
KINDS = {"number": "number", "category": "category", "boolean": "yes/no", "date": "date"}
MANY = {"number": "numbers", "category": "categories", "boolean": "yes/no", "date": "dates"}


def show_understanding(rows: Table, understood: Understanding) -> None:
    """Print the table, the target, the inputs, the split, the recipe and the network."""
    roles, task = understood.roles, understood.task
    inputs = [rows.column(name) for name in roles.inputs]
    say(
        facts(
            [
                ("Table", f"{rows.source}: {count(rows.rows, 'row')}, {count(len(rows.columns), 'column')}"),
                ("Target", f"{understood.target}: {task_words(task)}"),
                ("", task.reason),
                ("Inputs", f"{count(len(inputs), 'column')}, which make {count(understood.n_features, 'input')}"),
                ("", columns_table(inputs)),
                *left_out_facts(roles.left_out),
                ("Split", split_words(understood.rows, understood.split)),
                *recipe_facts(understood.recipe.to_dict(), understood.recipe.preset),
                ("Network", network_words(understood.spec)),
                ("Restarts", f"{understood.recipe.restarts}, from seed {understood.recipe.seed}"),
            ]
        )
    )


def task_words(task: Any) -> str:
    """Say what is to be predicted.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> task_words(SimpleNamespace(kind="classify", classes=("no", "yes")))
    '2 classes to tell apart: no, yes'
    """
    if task.kind == "regress":
        return "a number to predict"
    return f"{count(len(task.classes), 'class', 'classes')} to tell apart: {listing(task.classes)}"


def columns_table(columns: Sequence[Column]) -> RenderableType:
    """Return the columns with their types; of many columns only how many there are of each type."""
    if len(columns) > MOST_COLUMNS:
        kinds = Counter(column.kind for column in columns)
        return ", ".join(f"{n:,} {MANY[kind] if n > 1 else KINDS[kind]}" for kind, n in kinds.items())
    cells = [[column.name, KINDS[column.kind], _values(column), _missing(column)] for column in columns]
    return table(["column", "type", "values", "missing"], cells, left=(0, 1, 2))


def _values(column: Column) -> str:
    if column.kind == "category":
        return f"{len(column.distinct()):,} different"
    if column.kind == "boolean" or column.missing.all():
        return ""
    present = column.present()
    if column.kind == "date":
        from descend.tables.column import date_text

        return f"{date_text(present.min())} … {date_text(present.max())}"
    return f"{number(present.min())} … {number(present.max())}"


def _missing(column: Column) -> str:
    missing = int(column.missing.sum())
    return f"{missing:,}" if missing else "·"


def left_out_facts(left_out: Mapping[str, str]) -> list[tuple[str, RenderableType]]:
    """Say which columns are not used, and why."""
    return [("" if place else "Left out", f"{name}: {reason}") for place, (name, reason) in enumerate(left_out.items())]


def split_words(rows: Mapping[str, int], description: str) -> str:
    """Say how many rows learn, choose and judge, and how they were drawn.

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
    return f"{', '.join(parts)}; {description}"


def recipe_facts(recipe: Mapping[str, Any], preset: str) -> list[tuple[str, RenderableType]]:
    """Say how the training goes, in two lines."""
    from descend.models.recipe import PRESETS

    summary = f" ({PRESETS[preset].summary})" if preset in PRESETS else ""
    parts = [f"{recipe['optimizer']}, η = {number(recipe['learning_rate'])} {recipe['schedule']}"]
    if recipe["l2"]:
        parts.append(f"λ = {number(recipe['l2'])}")
    if recipe.get("dropout"):  # models of earlier versions do not say
        parts.append(f"dropout {number(recipe['dropout'])}")
    samples = "one sample a round" if recipe["batch_size"] == 1 else f"batches of {recipe['batch_size']}"
    parts.append(f"{recipe['epochs']} epochs, {samples}")
    if recipe["patience"]:
        parts.append(f"stops after {recipe['patience']} epochs without improvement")
    if recipe["race"]:
        parts.append("the worse half of the restarts is stopped on the way")
    return [("Recipe", f"{preset}{summary}"), ("", "; ".join(parts))]


def network_words(spec: NetworkSpec) -> str:
    """Return sizes, activations, loss and the number of weights.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> network_words(make_spec([4, 8, 3], "relu", "softmax", "log_loss"))
    '4 → 8 relu → 3 softmax, loss log_loss; 67 weights'
    """
    layers = [str(spec.sizes[0])]
    layers += [f"{size} {row.name}" for size, row in zip(spec.sizes[1:], spec.activations, strict=True)]
    return f"{' → '.join(layers)}, loss {spec.loss.name}; {count(spec.theta_size, 'weight')}"
