"""A table larger than one would like to hold: 5 million rows × 30 columns of Parquet in 20 files, made from a seed.

Numbers, whole numbers, texts of 3 to 3,000 levels, booleans and dates; cells are missing. The target is yes or no, by a
smooth function of some of them and by chance. Each file is made from its own seed, so any number of them can be made.

Usage: ``python -m benchmarks.large_table FOLDER [--files 20] [--rows 250000] [--groups 62500] [--format parquet]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

SEED = 20_260
LEVELS = {"sector": 3, "region": 12, "channel": 40, "plan": 7, "city": 400, "product": 3000}
FIRST_DAY = np.datetime64("2019-01-01", "us")


def columns_of(number: int, rows: int) -> dict[str, Any]:
    """Return the columns of one file, in Python's and NumPy's types, with masks of missing cells: (values, missing)."""
    random = np.random.default_rng([SEED, number])
    made: dict[str, Any] = {}
    score = np.zeros(rows)
    for k in range(12):
        z = random.normal(size=rows)
        score += np.sin(1.5 * z + k) * (0.6 if k < 6 else 0.0)
        made[f"amount_{k}"] = np.exp(z) * 10.0 ** (k % 5) if k % 2 else 3.0 * z + k, random.random(rows) < 0.01 * k
    for k in range(6):
        whole = random.integers(0, 10 ** (k + 1), rows)
        made[f"count_{k}"] = whole, random.random(rows) < (0.05 if k == 3 else 0.0)
        score += 0.4 * np.cos(whole / 10**k) if k < 3 else 0.0
    for name, levels in LEVELS.items():
        codes = (levels * random.random(rows) ** 2).astype(np.int64)
        effect = np.random.default_rng(levels).normal(size=levels)
        score += 0.5 * effect[codes]
        made[name] = codes, random.random(rows) < (0.03 if levels < 100 else 0.0)
    for k in range(2):
        truth = random.random(rows) < 0.3
        made[f"flag_{k}"], score = (truth, np.zeros(rows, dtype=bool)), score + 0.8 * truth
    for k in range(2):
        days = random.integers(0, 2000, rows)
        made[f"day_{k}"] = FIRST_DAY + days.astype("timedelta64[D]"), random.random(rows) < 0.02 * k
        score += 0.5 * np.sin(days / 365.2425 * 2 * np.pi) if k == 0 else 0.0
    made["weight"] = random.random(rows), np.zeros(rows, dtype=bool)
    made["bought"] = random.random(rows) < 1.0 / (1.0 + np.exp(-(score - 0.5))), np.zeros(rows, dtype=bool)
    return made


def arrow_table(number: int, rows: int) -> Any:
    """Return one file's rows as a pyarrow table."""
    import pyarrow as pa

    arrays = {}
    for name, (values, missing) in columns_of(number, rows).items():
        if name in LEVELS:
            texts = pa.array([f"{name} {level}" for level in range(LEVELS[name])])
            arrays[name] = pa.DictionaryArray.from_arrays(pa.array(values, mask=missing), texts).cast(pa.string())
        elif name == "bought":
            arrays[name] = pa.DictionaryArray.from_arrays(
                pa.array(values.astype(np.int32)), pa.array(["no", "yes"])
            ).cast(pa.string())
        else:
            arrays[name] = pa.array(values, mask=missing)
    return pa.table(arrays)


def make(folder: Path, files: int = 20, rows: int = 250_000, groups: int = 62_500, form: str = "parquet") -> None:
    """Write the files that are not there yet."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        path = folder / f"part-{number:02}.{form}"
        if path.exists():
            continue
        table = arrow_table(number, rows)
        half = path.with_suffix(".half")
        if form == "parquet":
            pq.write_table(table, half, row_group_size=groups)
        elif form == "csv":
            pyarrow.csv.write_csv(table, half)
        else:
            with pa.ipc.new_file(half, table.schema) as writer:
                writer.write_table(table, max_chunksize=groups)
        half.rename(path)


def main() -> None:
    """Make the table that the command line asks for."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--files", type=int, default=20)
    asked.add_argument("--rows", type=int, default=250_000)
    asked.add_argument("--groups", type=int, default=62_500)
    asked.add_argument("--format", default="parquet", choices=("parquet", "csv", "arrow"))
    given = asked.parse_args()
    make(given.folder, given.files, given.rows, given.groups, given.format)


if __name__ == "__main__":
    main()
