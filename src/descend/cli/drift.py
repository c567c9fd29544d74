"""``descend drift``: how the rows of a table differ from those that a model has learnt."""

from __future__ import annotations

from descend.cli.command import AsJson, ModelFile, TableFile, command


@command
def drift(model: ModelFile, table: TableFile, as_json: AsJson = False) -> None:
    """Compare a table with the training rows: each column, all columns together, and what is predicted.

    What differs by more than chance has a star: in at most 2 of 100 tables of the same source anything has one.
    """
    from descend.cli import console
    from descend.cli.console import say, say_json
    from descend.cli.models import load_table_model
    from descend.cli.notes import warnings_as_notes
    from descend.describe.drift import drift_document, drift_facts, drift_grid, meaning

    loaded = load_table_model(model)
    with warnings_as_notes():
        found = loaded.drift(table)
    if as_json:
        say_json(drift_document(loaded, found, model, table))
        return
    say(console.facts(drift_facts(found)), "", console.table(drift_grid(found)), "", *meaning(found))
    if found.warnings:
        say("", *found.warnings)
