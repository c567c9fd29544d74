"""What was measured, once and for all: a line of JSON per task, seed, contestant, version and cap; never rewritten."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "results" / "accuracy"
ABLATION, MACHINES = "ablation.jsonl", "machines.txt"  # files beside those of the contestants
KEY = ("task", "data", "seed", "contestant", "version", "cap")
Record = dict[str, Any]
Key = tuple[Any, ...]


def key_of(record: Mapping[str, Any]) -> Key:
    """Return what a record is of.

    Examples
    --------
    >>> key_of({"task": "a", "data": "0f", "seed": 0, "contestant": "b", "version": "b 1", "cap": "full", "scores": {}})
    ('a', '0f', 0, 'b', 'b 1', 'full')
    """
    return tuple(record[name] for name in KEY)


def file_of(contestant: str, folder: Path = FOLDER) -> Path:
    """Return the file of a contestant.

    Examples
    --------
    >>> file_of("sk MLP early stop").name
    'sk-mlp-early-stop.jsonl'
    """
    return folder / f"{contestant.lower().replace(' ', '-')}.jsonl"


def append(record: Record, folder: Path = FOLDER) -> None:
    """Add a line to the contestant's file."""
    _append(record, file_of(record["contestant"], folder))


def _append(record: Record, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def read(folder: Path = FOLDER) -> list[Record]:
    """Read the files of all contestants; of several lines with one key the last counts."""
    paths = [path for path in sorted(folder.glob("*.jsonl")) if path.name != ABLATION]
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    found = {key_of(record): record for record in map(json.loads, lines)}
    return list(found.values())


def read_ablation(folder: Path = FOLDER) -> list[Record]:
    """Return the results of `benchmarks.accuracy.ablation`."""
    path = folder / ABLATION
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def append_ablation(record: Record, folder: Path = FOLDER) -> None:
    """Add a line to them."""
    _append(record, folder / ABLATION)


def machines(folder: Path = FOLDER) -> list[str]:
    """Return the machines that the results come from, a line each."""
    path = folder / MACHINES
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def note_machine(machine: str, folder: Path = FOLDER) -> None:
    """Add a machine to those that the results come from, if it is not among them."""
    if machine not in machines(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / MACHINES).open("a", encoding="utf-8") as file:
            file.write(machine + "\n")


def done(records: Iterable[Record], retry: bool = False) -> set[Key]:
    """Return the keys that need no run; with `retry` those that failed or took too long are run again.

    Examples
    --------
    >>> key = dict.fromkeys(KEY, "x")
    >>> len(done([key | {"failed": "too long"}])), len(done([key | {"failed": "too long"}], retry=True))
    (1, 0)
    """
    return {key_of(record) for record in records if not (retry and "failed" in record)}
