"""The directive ``commands``: what ``descend --help`` and the help of each command print, as it is now."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

WIDTH = 80  # characters of a line of help


def helps() -> dict[str, str]:
    """Ask the command line for its help, and that of each command.

    Returns
    -------
    dict of str to str
        Command, as it is written -> what it prints with ``--help``.

    Examples
    --------
    >>> list(helps())[:2], "Usage: descend train" in helps()["descend train"]
    (['descend', 'descend train'], True)
    """
    from typer.testing import CliRunner

    from descend.cli.app import COMMANDS, assembled

    runner = CliRunner(env={"COLUMNS": str(WIDTH), "TERMINAL_WIDTH": str(WIDTH), "NO_COLOR": "1", "TERM": "dumb"})

    def asked(*words: str) -> str:
        printed = runner.invoke(assembled(), [*words, "--help"], prog_name="descend").output
        return "\n".join(line.rstrip() for line in printed.strip("\n").splitlines())

    names = [name.rstrip("_") for name in COMMANDS]
    return {"descend": asked()} | {f"descend {name}": asked(name) for name in names}


class Commands(SphinxDirective):
    """One section for each command."""

    def run(self) -> list[nodes.Node]:
        """Write the sections."""
        made: list[nodes.Node] = []
        for name, text in helps().items():
            section = nodes.section(ids=[nodes.make_id(name)], names=[name])
            section += nodes.title(name, name)
            section += nodes.literal_block(text, text, language="text")
            made.append(section)
        return made


def setup(app: Sphinx) -> dict[str, Any]:
    """Make the directive known."""
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
