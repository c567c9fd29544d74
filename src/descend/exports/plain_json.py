"""JSON: the document and the tensors of a model file as text that people read; `descend.load` reads it back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from descend.exports.described import Answers, Described
from descend.exports.rows import ProofRows
from descend.exports.written import Written
from descend.files.json_text import json_bytes
from descend.files.load import load


def write(described: Described, name: str, options: Mapping[str, Any]) -> Written:
    """Return the text of a model.

    Parameters
    ----------
    described : Described
        The model.
    name : str
        Of the file.
    options : mapping
        None.
    """

    def run(folder: Path, rows: ProofRows) -> Answers:
        from descend.exports.fitted import described as described_again

        return described_again(load(folder / name)).ask(rows.given)

    return Written({name: json_bytes(*described.parts())}, run, "descend.load")
