"""A table with every mess of its kind, and each encoder that needs no target, or a target's tree, fitted on it.

Run as a program, it prints a hash of all that was fitted and encoded, and which instructions NumPy may use.
"""

import hashlib
import sys

import numpy as np

from descend.preprocessing.encoders.frequencies import fit_frequencies
from descend.preprocessing.encoders.hashed import fit_hashed
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.number_levels import fit_number_levels
from descend.preprocessing.encoders.piecewise import fit_piecewise, fit_piecewise_by_target
from descend.preprocessing.encoders.principal import fit_principal
from descend.preprocessing.encoders.quantile_normal import fit_quantile_normal
from descend.tables.columns.column import make_column

ROWS = 700
TAIL, FEW, NAME, DATE = Input("tail"), Input("few"), Input("name"), Input("date", "days")


def table() -> Inputs:
    rng = np.random.default_rng(0)
    mixed = np.add.reduce(rng.random((ROWS, 3, 1)) * rng.random((3, 120)), axis=1)
    numbers = {f"x{j}": mixed[:, j] for j in range(120)}
    numbers["tail"] = np.where(
        rng.random(ROWS) < 0.1, np.nan, np.ldexp(rng.random(ROWS), rng.integers(-900, 900, ROWS))
    )
    numbers["few"] = np.where(rng.random(ROWS) < 0.1, np.nan, rng.integers(0, 9, ROWS) / 3.0)
    columns = {name: make_column(name, "number", values) for name, values in numbers.items()}
    columns["date"] = make_column("date", "date", rng.integers(0, 2**31, ROWS) * 1.0)
    names = [f"n{int(k)}" if k < 600 else "" for k in rng.integers(0, 650, ROWS)]
    columns["name"] = make_column("name", "category", names)
    return Inputs(columns)


def fitted(inputs: Inputs) -> list:
    target = np.sqrt(inputs.numbers(Input("x0")))[:, None]
    few = [Input(f"x{j}") for j in range(5)]
    encoders = [
        *(fit_quantile_normal(inputs, one) for one in (TAIL, FEW, DATE)),
        *(fit_piecewise(inputs, one, 24) for one in (TAIL, FEW, DATE)),
        *(fit_piecewise_by_target(inputs, one, 24, target) for one in (TAIL, FEW, DATE, few[0])),
        fit_number_levels(inputs, FEW),
        fit_frequencies(inputs, NAME),
        fit_hashed(inputs, NAME),
        fit_principal(inputs, [*few, TAIL]),
        fit_principal(inputs, [Input(f"x{j}") for j in range(120)]),
    ]
    assert None not in encoders
    return encoders


def encoded(encoder, inputs: Inputs, dtype=np.float64) -> np.ndarray:
    out = np.zeros((inputs.rows, len(encoder.feature_names)), dtype=dtype)
    encoder.encode(inputs, out)
    return out


def instructions() -> list[str]:
    """What NumPy uses here beyond what every processor has."""
    return np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])


def digest() -> str:
    inputs, hashed = table(), hashlib.sha256()
    for encoder in fitted(inputs):
        hashed.update(repr(encoder).encode() + encoded(encoder, inputs).tobytes())
    return hashed.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(" ".join([digest(), *instructions()]))
