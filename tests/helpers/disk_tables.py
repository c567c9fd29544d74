"""A table that is learnt from rows on the disk: numbers, categories, codes, dates, missing cells."""

import numpy as np
import polars as pl

from descend.models.options import TrainOptions

ROWS = 3000


def frame(rows=ROWS, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(size=rows)
    level = np.array(["a", "b", "c", "rare"])[np.minimum(random.geometric(0.5, rows) - 1, 3)]
    return pl.DataFrame(
        {
            "x": pl.Series([None if k % 17 == 3 else v for k, v in enumerate(x)]),
            "whole": random.integers(0, 9, rows),
            "level": level,
            "code": [f"{k % 200:04}" for k in range(rows)],
            "same": ["one"] * rows,
            "day": pl.Series(random.integers(0, 900, rows)).cast(pl.Date),
            "group": random.integers(0, 40, rows),
            "w": random.random(rows),
            "y": np.where(x + (level == "a") + 0.3 * random.normal(size=rows) > 0.5, "yes", "no"),
        }
    )


def write_files(folder):
    """Write the table as three files; return a pattern of their names."""
    for number in range(3):
        frame()[1000 * number : 1000 * (number + 1)].write_parquet(folder / f"{number}.parquet")
    return str(folder / "*.parquet")


def options(tmp_path, **more):
    own = {"hidden": (5,), "epochs": 2, "restarts": 2, "out_of_core": True, "cache": tmp_path / "rows"}
    return TrainOptions(**own | more)
