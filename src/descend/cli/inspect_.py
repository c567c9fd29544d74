"""``descend inspect``: what a model is, and how it came to be."""

from __future__ import annotations

from descend.cli.command import AsJson, ModelFile, command


@command
def inspect_(model: ModelFile, as_json: AsJson = False) -> None:
    """Show what a model is: networks, columns, preprocessing, training, scores; of an estimator its best network."""
    from descend.cli.console import facts, say, say_json, table
    from descend.describe.documents import inspected_document
    from descend.describe.facts import Grid
    from descend.describe.model import model_parts
    from descend.describe.network import network_parts
    from descend.files.load import load
    from descend.models.model import Model

    loaded = load(model)
    if as_json:
        say_json(inspected_document(loaded, model))
        return
    network = getattr(loaded, "network_", loaded)
    say(f"{model}, {model.stat().st_size:,} bytes")
    for part in model_parts(loaded) if isinstance(loaded, Model) else network_parts(network):
        say("", table(part) if isinstance(part, Grid) else facts(part))
