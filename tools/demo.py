"""What `make demo` runs: the real command line on two bundled tables, from a table to predictions.

Everything is written to the folder demo-output. Any command that fails ends the demo with its exit code.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

from descend.tables.datasets import dataset_path

OUTPUT = Path("demo-output")
SHOWN = 6  # lines of predictions


def shown_path(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def descend(*words: object) -> None:
    """Show a command and run it; stop the demo if it fails."""
    typed = [str(word) for word in words]
    print(f"\n$ descend {shlex.join(typed)}\n", flush=True)
    code = subprocess.run([sys.executable, "-m", "descend", *typed], check=False).returncode
    if code:
        print(f"\nThe demo stops here: the command ended with exit code {code}.", file=sys.stderr)
        sys.exit(code)


def head(path: Path) -> None:
    """Show the first lines of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    print(f"\n$ head -{SHOWN} {path}\n")
    print("\n".join(lines[:SHOWN]))
    print(f"... {len(lines) - 1:,} predictions in all", flush=True)


def heading(text: str) -> None:
    """Separate the parts of the demo."""
    print(f"\n{'=' * 100}\n{text}\n{'=' * 100}", flush=True)


def in_two(table: Path, every: int) -> tuple[Path, Path]:
    """Write every n-th row of a table to a file of its own, the others to another; return the others first."""
    header, *rows = table.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = (
        (OUTPUT / f"{table.stem}.csv", [row for place, row in enumerate(rows) if place % every]),
        (OUTPUT / f"{table.stem}-new.csv", rows[::every]),
    )
    for path, lines in parts:
        path.write_text("".join([header, *lines]), encoding="utf-8")
    return parts[0][0], parts[1][0]


def main() -> None:
    """Run the demo."""
    start = time.monotonic()
    OUTPUT.mkdir(exist_ok=True)
    penguins = shown_path(dataset_path("penguins"))
    known, new = in_two(dataset_path("diamonds"), every=6)
    birds, glass, prices = (OUTPUT / f"{name}.descend" for name in ("penguins", "textbook", "diamonds"))
    predictions = OUTPUT / "predictions.csv"

    heading("1. Classes: which species is a penguin? Text columns and missing cells are taken as they are.")
    descend("train", penguins, "--target", "species", "-o", birds)

    heading("2. The plain algorithm on the same table, and one round of it with the numbers plugged in.")
    small = ("--preset", "textbook", "--hidden", 3)
    descend("train", penguins, "--target", "species", *small, "--drop", "island", "--drop", "sex", "-o", glass)
    descend("step", glass, penguins, "--row", 3)

    heading("3. Numbers: what does a diamond cost? 10,000 to learn from, and 2,000 that the training never sees.")
    descend("train", known, "--target", "price", "-o", prices)
    descend("evaluate", prices, new)
    descend("predict", prices, new, "--keep", "-o", predictions)
    head(predictions)

    heading(f"Done in {time.monotonic() - start:.0f} s; models and predictions are in {OUTPUT}/. What to try next:")
    commands = (
        f"descend inspect {birds}",
        f"descend check {birds} {penguins}",
        f"descend step {birds} {penguins} --row 17",
        f"descend predict {birds} {penguins} -o {OUTPUT}/species.csv --keep",
        f"descend report {birds} {penguins} -o {OUTPUT}/penguins.html",
        "descend train YOUR_TABLE.csv --target YOUR_COLUMN",
        "descend --help",
    )
    print("source .venv/bin/activate", *commands, sep="\n")


if __name__ == "__main__":
    main()
