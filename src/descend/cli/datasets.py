"""``descend datasets``: the tables that come with the library."""

from __future__ import annotations

from descend.cli.command import AsJson, command


@command
def datasets(as_json: AsJson = False) -> None:
    """List the bundled tables: where they lie, what they hold, and how to train on them."""
    from descend.cli.console import LABEL_WIDTH, facts, say, say_json, say_unbroken, shell_words
    from descend.describe.documents import datasets_document
    from descend.tables import datasets as data

    if as_json:
        say_json(datasets_document())
        return
    for one in data.datasets():
        train = shell_words("descend", "train", one.path, "--target", one.target)
        say(facts([(one.name, f"{one.rows:,} rows, {one.columns} columns, target {one.target}. {one.about}")]))
        say_unbroken(*(f"{'':<{LABEL_WIDTH}} {line}" for line in (f"{one.path} ({one.licence})", train)), "")
