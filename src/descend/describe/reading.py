"""How the cells of a table are read, in words, and which of a user's cells a model holds because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descend.describe.facts import Fact
from descend.describe.numbers import count, listing
from descend.errors import cut, quoted
from descend.tables.cells.reading import Reading

if TYPE_CHECKING:
    from descend.models.model import Model


def reading_facts(model: Model) -> list[Fact]:
    """Say how columns are read that are not written plainly, and which rows can be recognised.

    Parameters
    ----------
    model : Model
        Just trained or loaded.
    """
    readings = model.preprocessing.known_readings()
    odd = [(name, words) for name, reading in readings.items() if (words := reading_words(reading))]
    found: list[Fact] = [("" if place else "Read", f"{cut(name)}: {words}") for place, (name, words) in enumerate(odd)]
    labels = model.preprocessing.task.labels
    if labels:
        found.append(("Labels", f"written {listing(labels)}"))
    learnt = model.learnt
    if learnt is not None:
        share = "" if learnt.one_in == 1 else f", of one row in {learnt.one_in}"
        rows = count(learnt.rows, "row")
        found.append(
            (
                "Learnt",
                f"{rows}; salted hashes of them are kept, to know them again ({learnt.bits.size:,} bytes{share})",
            )
        )
    return found


def reading_words(reading: Reading) -> str:
    """Say how a column is read, or nothing if it is written plainly.

    Parameters
    ----------
    reading : Reading
        Of the column.

    Examples
    --------
    >>> reading_words(Reading("number", ",", ".", suffix="kg", missing=("-",), asked=True))
    'number, as asked for; 1.234,5 kg; missing: "-"'
    >>> reading_words(Reading("number"))
    ''
    """
    parts = []
    if reading.kind == "number" and (reading.decimal, reading.thousands, reading.prefix, reading.suffix) != (
        ".",
        "",
        "",
        "",
    ):
        number = f"1{reading.thousands}234{reading.decimal}5"
        parts.append(" ".join(part for part in (reading.prefix, number, reading.suffix) if part))
    if reading.clock:
        parts.append("times such as 10:30, in seconds")
    if reading.kind == "date" and reading.date_format != "ymd":
        parts.append(f"written {reading.date_format}")
    if reading.missing:
        parts.append(f"missing: {_words(reading.missing)}")
    if reading.kept:
        parts.append(f"not missing: {_words(reading.kept)}")
    start = [f"{reading.kind}, as asked for"] if reading.asked else [reading.kind] if parts else []
    return "; ".join([*start, *parts])


def _words(words: tuple[str, ...]) -> str:
    return ", ".join(quoted(word) for word in words[:5]) + (", …" if len(words) > 5 else "")
