"""A table with every mess of its kind, and each kind of encoder fitted on it.

Run as a program, it prints a hash of all that was fitted and encoded, and which instructions NumPy may use.
"""

import functools
import hashlib
import sys

import numpy as np

from descend.preprocessing.encoders.frequencies import fit_frequencies
from descend.preprocessing.encoders.hashed import fit_hashed
from descend.preprocessing.encoders.inputs import Input, Inputs
from descend.preprocessing.encoders.interactions import fit_interactions
from descend.preprocessing.encoders.leaves import LeafOptions, fit_leaves
from descend.preprocessing.encoders.number_levels import fit_number_levels
from descend.preprocessing.encoders.piecewise import fit_piecewise, fit_piecewise_by_target
from descend.preprocessing.encoders.plain import fit_encoder
from descend.preprocessing.encoders.principal import fit_principal
from descend.preprocessing.encoders.quantile_normal import fit_quantile_normal
from descend.preprocessing.encoders.search import SearchOptions
from descend.preprocessing.encoders.target_means import fit_target_means
from descend.tables.columns.column import make_column
from leakage import leaf_columns

ROWS, WIDE = 700, 101
TAIL, FEW, NAME, DATE, MONTH = Input("tail"), Input("few"), Input("name"), Input("date", "days"), Input("date", "month")
CHOSEN = [Input("colour"), FEW, TAIL, MONTH, NAME, Input("x0")]
PLAIN = ("number", "boolean", "category", "date")


@functools.cache
def table() -> Inputs:
    rng = np.random.default_rng(0)
    mixed = np.add.reduce(rng.random((ROWS, 3, 1)) * rng.random((3, WIDE)), axis=1)
    numbers = {f"x{j}": mixed[:, j] for j in range(WIDE)}
    tail = np.ldexp(rng.random(ROWS), rng.integers(-900, 900, ROWS))
    numbers["tail"] = np.where(rng.random(ROWS) < 0.1, np.nan, tail)
    numbers["few"] = np.where(rng.random(ROWS) < 0.1, np.nan, rng.integers(0, 9, ROWS) / 3.0)
    columns = {name: make_column(name, "number", values) for name, values in numbers.items()}
    columns["date"] = make_column("date", "date", rng.integers(0, 2**31, ROWS) * 1.0)
    columns["yes"] = make_column("yes", "boolean", rng.integers(0, 2, ROWS) * 1.0)
    texts = {
        "name": [f"n{int(k)}" if k < 600 else "" for k in rng.integers(0, 650, ROWS)],
        "colour": [("", "blue", "green", "red")[k] for k in rng.integers(0, 4, ROWS)],
        "two": [("left", "right", "")[k] for k in rng.integers(0, 3, ROWS)],
    }
    return Inputs(columns | {name: make_column(name, "category", values) for name, values in texts.items()})


def classes(inputs: Inputs) -> np.ndarray:
    """Centred one-hot of three classes, which two inputs make together, and of noise."""
    few = np.nan_to_num(inputs.numbers(FEW)) > 1.0
    label = (few != (inputs.columns["colour"].values == "red")) * 1
    label[::5] = 2
    target = np.eye(3)[label]
    return target - target.mean(axis=0)


@functools.cache
def targeted() -> list:
    """Encoders that learn from the target, each with the block of its training rows."""
    inputs, rng = table(), np.random.default_rng(1)
    target, inner, weight = classes(inputs), rng.permutation(ROWS) % 8, rng.random(ROWS) + 0.5
    options = SearchOptions(pairs=3, triples=2, least_gain_of_triples=-np.inf)
    leaves = fit_leaves(inputs, CHOSEN, target, inner, LeafOptions(trees=12), weight)
    return [
        fit_target_means(inputs, "name", target, inner, weight, least_gain=-np.inf),
        fit_target_means(inputs, "colour", target[:, 1:2], inner, least_gain=-np.inf),
        fit_interactions(inputs, CHOSEN, target, inner, options, weight),
        (leaves[0], leaf_columns(*leaves)),
    ]


@functools.cache
def fitted() -> tuple:
    inputs = table()
    target = np.sqrt(inputs.numbers(Input("x0")))[:, None]
    few = [Input(f"x{j}") for j in range(5)]
    encoders = (
        *(fit_encoder(inputs.columns[name]) for name in ("tail", "few", "yes", "two", "colour", "name", "date")),
        *(fit_quantile_normal(inputs, one) for one in (TAIL, FEW, DATE)),
        *(fit_piecewise(inputs, one, 24) for one in (TAIL, FEW, DATE)),
        *(fit_piecewise_by_target(inputs, one, 24, target) for one in (TAIL, FEW, DATE, few[0])),
        fit_number_levels(inputs, FEW),
        fit_frequencies(inputs, NAME),
        fit_hashed(inputs, NAME),
        fit_principal(inputs, [*few, TAIL]),
        fit_principal(inputs, [Input(f"x{j}") for j in range(WIDE)]),
        *(encoder for encoder, _ in targeted()),
    )
    assert None not in encoders
    return encoders


def encoded(encoder, inputs: Inputs, dtype=np.float64) -> np.ndarray:
    out = np.zeros((inputs.rows, len(encoder.feature_names)), dtype=dtype)
    encode_into(encoder, inputs, out)
    return out


def encode_into(encoder, inputs: Inputs, out: np.ndarray) -> None:
    encoder.encode(inputs.columns[encoder.name] if encoder.kind in PLAIN else inputs, out)


def instructions() -> list[str]:
    """What NumPy uses here beyond what every processor has."""
    return np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])


def digest() -> str:
    hashed = hashlib.sha256()
    for encoder in fitted():
        hashed.update(encoded(encoder, table()).tobytes())
    for _, block in targeted():
        hashed.update(block.tobytes())
    return hashed.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(" ".join([digest(), *instructions()]))
