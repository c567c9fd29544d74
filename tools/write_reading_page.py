"""Write docs/guide/how-a-table-is-read.md: the rules of its .toml, each with what the program prints.

Usage: ``python tools/write_reading_page.py [--check]``; with --check nothing is written, and a page that is not up to
date leaves with 1.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import polars as pl

from descend.cli.train_checks import types_of
from descend.errors import DescendError
from descend.models.options import TrainOptions
from descend.models.understand import understand

ROOT = Path(__file__).resolve().parents[1]
RULES, PAGE = ROOT / "docs" / "guide" / "how-a-table-is-read.toml", ROOT / "docs" / "guide" / "how-a-table-is-read.md"
ROWS = 60


def cells_of(example: dict[str, Any]) -> list[str]:
    """Return the cells of the example's column."""
    cells = example["cells"]
    if cells == "numbers with ~40":
        return ["~40" if row == 30 else str(20 + row) for row in range(ROWS)]
    if cells == "row numbers":
        return [str(1000 + 7 * row % 419) for row in range(ROWS)]
    if cells == "each row twice":
        return [f"{row // 2 * 37 % 101 / 8}" for row in range(ROWS)]
    return [cells[row % len(cells)] for row in range(ROWS)]


def table_of(example: dict[str, Any]) -> str:
    """Return the example's table as CSV."""
    twice = example["cells"] == "each row twice"
    column, target = example["column"], example.get("target", "y")
    names = [column, *(() if column == "x" else ("x",)), *(() if target == column else ("y",))]
    lines = [",".join(names)]
    for row, cell in enumerate(cells_of(example)):
        place = row // 2 if twice else row
        mark = "" if example.get("plain") else ".5"
        own = {column: f'"{cell}"' if "," in cell else cell, "y": f"{place * 17 % 61}{mark}"}
        own.setdefault("x", f"{place * 29 % 67}{mark}")
        lines.append(",".join(own[name] for name in names))
    return "\n".join(lines) + "\n"


def file_of(example: dict[str, Any]) -> str:
    """Return the name of the example's file."""
    return str(example.get("file", "t.csv"))


def written(example: dict[str, Any], path: Path) -> None:
    """Write the example's table: a CSV file, or a Parquet file if its name says so, of texts and numbers."""
    text = table_of(example)
    if path.suffix == ".csv":
        path.write_text(text, encoding="utf-8")
    else:
        pl.read_csv(text.encode(), schema_overrides={example["column"]: pl.String}).write_parquet(path)


def options_of(asked: list[str]) -> TrainOptions:
    """Return the words of the command line as options."""
    given: dict[str, Any] = {"types": [], "missing": []}
    for name, value in zip(asked[::2], asked[1::2], strict=True):
        key = {"--type": "types"}.get(name, name[2:].replace("-", "_"))
        if key in ("types", "missing"):
            given[key].append(value)
        else:
            given[key] = value
    return TrainOptions(**given | {"types": types_of(given["types"])})


def printed(example: dict[str, Any]) -> list[str]:
    """Return what the program says of the example's column."""
    with tempfile.TemporaryDirectory() as folder:
        written(example, Path(folder, file_of(example)))
        before = Path.cwd()
        os.chdir(folder)
        try:
            seen = understand(file_of(example), example.get("target", "y"), options_of(example.get("asked", [])))
        except DescendError as error:
            return [f"Error: {error}"]
        finally:
            os.chdir(before)
    column = example["column"]
    left = [f"Left out    {name}: {reason}" for name, reason in seen.roles.left_out.items() if name == column]
    about = [note for note in seen.notes if f'"{column}"' in note or "repeat" in note or "left out" in note]
    return left + [f"Note: {note}" for note in about] or [f"{column}: {_kind(seen, column)}"]


def _kind(seen: Any, column: str) -> str:
    found = {one.name: one for one in seen.inputs}
    return f"{found[column].kind}, {found[column].missing} missing" if column in found else "a number to predict"


def page() -> str:
    """Return the whole page."""
    rules = tomllib.loads(RULES.read_text(encoding="utf-8"))
    parts = [rules["begin"]]
    for section in rules["section"]:
        parts.append(f"## {section['title']}\n\n{section['text'].strip()}\n")
        for example in section["example"]:
            cells = list(dict.fromkeys(cells_of(example)))[:4]
            asked = shlex.join(example.get("asked", []))
            words = f"descend train {file_of(example)} --target {example.get('target', 'y')} {asked}".rstrip()
            shown = "\n".join(printed(example))
            parts.append(f"```text\n{example['column']}: {' | '.join(cells)} …\n$ {words}\n{shown}\n```\n")
    return "\n".join(parts)


def main() -> int:
    """Write the page, or check it."""
    made = page()
    if "--check" in sys.argv[1:]:
        return int(PAGE.read_text(encoding="utf-8") != made)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
