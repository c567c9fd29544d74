"""Rows by index for tests: fields first, between and behind numbers, and rows with codes of all kinds."""

from __future__ import annotations

import numpy as np

from descend.spec.indexed import Field, IndexedRows, number_columns

FIELDS = (
    Field("one-hot", 1, 4, 0.5),
    Field("ramps", 5, 6),
    Field("ramps", 12, 1),
    Field("one-hot", 13, 1, -2.0),
    Field("ramps", 14, 3),
)
COLUMNS = 18  # numbers: 0, 11, 17


def indexed_rows(rows, fields=FIELDS, n_0=COLUMNS, seed=0, dtype=np.float64):
    """Random rows; each field has no code in one of count + 1 rows."""
    random = np.random.default_rng(seed)
    counts = np.array([field.count for field in fields], dtype=np.int64)
    codes = random.integers(0, counts + 1, (rows, len(fields))).astype(np.uint16)
    ramps = [place for place, field in enumerate(fields) if field.kind == "ramps"]
    shares = random.uniform(size=(rows, len(ramps)))
    shares[codes[:, ramps] == counts[ramps]] = 0.0
    numbers = random.normal(size=(rows, len(number_columns(fields, n_0))))
    return IndexedRows(tuple(fields), n_0, numbers.astype(dtype), codes, shares.astype(dtype))
