"""``descend inspect``: what a model is, and how it came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from descend.cli.app import ModelFile, command

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from descend.models.model import Model
    from descend.nets.network import Network
    from descend.preprocessing.encoders import Encoder
    from descend.preprocessing.transform import Preprocessing


@command
def inspect_(model: ModelFile) -> None:
    """Show what a model is: network, columns, preprocessing, training, scores; of an estimator its best network."""
    from descend.cli.console import say
    from descend.files.load import load
    from descend.models.model import Model

    loaded = load(model)
    network = getattr(loaded, "network_", loaded)
    parts = model_parts(loaded) if isinstance(loaded, Model) else network_parts(network)
    size = model.stat().st_size
    say(f"{model}, {size:,} bytes")
    for part in parts:
        say("", part)


def network_parts(net: Network) -> Iterator[RenderableType]:
    """Yield what a network is, layer by layer."""
    from descend.cli.console import facts, table
    from descend.cli.understood import network_words

    spec = net.spec
    yield facts([("Network", network_words(spec)), ("", f"weights of type {net.dtype.name}, seed {net.seed}")])
    cells = [
        [
            f"W_{layer}",
            f"{rows} × {columns}",
            f"{rows * columns:,}",
            "–" if spec.bias[layer] == 0 else f"{spec.bias[layer]:g}",
            spec.activation(layer + 1).name,
        ]
        for layer, (rows, columns) in enumerate(spec.shapes)
    ]
    yield table(["", "shape", "weights", "bias node", "activation after it"], cells, left=(0, 4))


def model_parts(model: Model) -> Iterator[RenderableType]:
    """Yield everything that a model file holds, in words."""
    from descend.cli.console import facts
    from descend.cli.understood import left_out_facts, recipe_facts, task_words

    record = model.record
    prep = model.preprocessing
    target: list[tuple[str, RenderableType]] = [("Target", f"{prep.target}: {task_words(prep.task)}")]
    if reason := record.get("task", {}).get("reason"):
        target.append(("", reason))
    yield facts([*target, *left_out_facts(record.get("table", {}).get("left_out", {}))])
    yield inputs_table(prep)
    yield from network_parts(model.network)
    if "recipe" in record:
        yield facts([*recipe_facts(record["recipe"], record.get("preset", ""))])
    yield facts(list(training_facts(record)))
    if any(record.get("scores", {}).values()):
        yield recorded_scores(record)


def inputs_table(prep: Preprocessing) -> RenderableType:
    """Return the columns that the model reads, and what the network is given of each."""
    from descend.cli.console import table
    from descend.cli.understood import KINDS

    cells = [[one.name, KINDS[one.kind], _meaning(one), str(len(one.feature_names))] for one in prep.encoders]
    return table(["column", "type", "what the network is given", "inputs"], cells, left=(0, 1, 2))


def _meaning(encoder: Encoder) -> str:
    """Say what the preprocessing makes of a column."""
    from descend.cli.console import listing, number
    from descend.preprocessing.encoders import BooleanEncoder, CategoryEncoder, DateEncoder

    if isinstance(encoder, BooleanEncoder):
        return "−1 for no, 1 for yes"
    if isinstance(encoder, CategoryEncoder):
        rare = f", and {encoder.rare:,} rare ones as missing" if encoder.rare else ""
        return ("−1 or 1: " if encoder.two else "0 or 1 for each of ") + listing(encoder.levels, most=5) + rare
    date = isinstance(encoder, DateEncoder)
    formula = f"({'days' if date else 'x'} − {number(encoder.center)}) / {number(encoder.scale)}, clipped smoothly"
    scaled = [formula] if encoder.scale else []
    parts = [f"sine and cosine of the {part}" for part in encoder.parts] if isinstance(encoder, DateEncoder) else []
    missing = ["a mark where it is missing"] if encoder.indicator else []
    return "; ".join([*scaled, *parts, *missing])


def training_facts(record: Mapping[str, Any]) -> Iterator[tuple[str, RenderableType]]:
    """Yield how the model was trained and how that can be repeated."""
    from descend.cli.understood import split_words

    source = record.get("table", {})
    if source:
        yield "Data", f"{source['source']}: {source['rows']:,} rows, {source['columns']} columns"
        yield "", f"content hash {source['content_hash'][:16]}…"
    if "split" in record:
        yield "Split", split_words(record["split"], record["split"]["description"])
    if record.get("restarts"):
        yield from restart_facts(record)
    yield (
        "Made by",
        ", ".join(f"{name} {record[name]}" for name in ("descend", "numpy", "python", "isa") if name in record),
    )


def restart_facts(record: Mapping[str, Any]) -> Iterator[tuple[str, RenderableType]]:
    """Yield how the restarts ended, and which one this model is."""
    from collections import Counter

    from descend.cli.console import listing, number

    runs = record["restarts"]
    ended = listing(f"{n} {status}" for status, n in Counter(one["status"] for one in runs).items())
    yield "Restarts", f"{len(runs)}: {ended}; seed {record['seed']}, order {record['order']}"
    kept = runs[record["winner"]]
    chosen = f"{record['selected_on']} loss {number(kept['best_loss'])} at epoch {number(kept['best_epoch'])}"
    corrected = record.get("corrected_loss")
    fair = f"; corrected for being the best: {number(corrected)}" if corrected is not None and len(runs) > 1 else ""
    yield "Winner", f"restart {kept['number']}: {chosen}{fair}"


def recorded_scores(record: Mapping[str, Any]) -> RenderableType:
    """Return the scores of the day of training."""
    from descend.cli.evaluate import scores_table

    heads = {"test": "untouched rows", "validation": "validation rows (optimistic)"}
    columns: dict[str, dict[str, Any]] = {}
    for name, head in heads.items():
        judged = record["scores"].get(name)
        if judged:
            columns[head] = judged["scores"]
            columns.setdefault("baseline", judged.get("baseline") or {})
    columns["baseline"] = columns.pop("baseline")
    return scores_table({head: scores for head, scores in columns.items() if scores})
