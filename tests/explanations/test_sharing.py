"""What columns have of inputs that they make together: exact Shapley values, by walking all orders of columns."""

from itertools import permutations

import numpy as np
import pytest

from descend.explanations.sharing import SHARED
from descend.preprocessing.encoders.inputs import Inputs
from fitted_encoders import encoded, fitted, table

TOGETHER = [one for one in fitted() if one.kind in SHARED and len(one.columns) <= 6]


def shapley(encoder, inputs, one, other, G):
    """For each column the mean, over all orders, of what its turn from `other` to `one` changes of Σ G E."""
    columns = encoder.columns
    found = dict.fromkeys(columns, 0.0)
    values = {}

    def value(turned):
        if turned not in values:
            rows = {name: inputs.columns[name].take([one if name in turned else other]) for name in columns}
            values[turned] = float((encoded(encoder, Inputs(rows))[0] * G).sum())
        return values[turned]

    orders = list(permutations(columns))
    for order in orders:
        for k, name in enumerate(order):
            found[name] += (value(frozenset(order[: k + 1])) - value(frozenset(order[:k]))) / len(orders)
    return np.array([found[name] for name in columns])


@pytest.mark.parametrize("encoder", TOGETHER, ids=lambda one: one.kind)
def test_shares_are_shapley_values(encoder):
    inputs, random = table(), np.random.default_rng(0)
    own, others = inputs.take(np.arange(5)), inputs.take(np.arange(20, 22))
    E, B = encoded(encoder, own), encoded(encoder, others)
    G = random.normal(size=E.shape)
    sharing = SHARED[encoder.kind](encoder)
    for place in range(2):
        D = E - B[place]
        shares = sharing.shares(sharing.of(own), sharing.of(others), place, G, D)
        by_column = np.stack(
            [shares[:, [one.column == name for one in sharing.inputs]].sum(axis=1) for name in encoder.columns],
            axis=1,
        )
        wanted = [shapley(encoder, inputs, row, 20 + place, G[row]) for row in range(5)]
        close = 0.3 if encoder.kind == "principal" else 1e-6  # clipped components share in proportion
        assert np.abs(by_column - wanted).max() <= close
        assert np.allclose(shares.sum(axis=1), (G * D).sum(axis=1), atol=1e-6)


def test_every_kind_of_encoder_that_reads_several_columns_is_known():
    several = {one.kind for one in fitted() if len(getattr(one, "columns", ())) > 1}
    assert several == set(SHARED)


def test_components_that_nothing_clips_share_exactly():
    encoder = next(one for one in fitted() if one.kind == "principal" and len(one.columns) <= 6)
    inputs = table()
    E = encoded(encoder, inputs)
    inside = np.flatnonzero((np.abs(E) < 3.9).all(axis=1))[:6]
    own = inputs.take(inside)
    G = np.random.default_rng(1).normal(size=(6, E.shape[1]))
    sharing = SHARED["principal"](encoder)
    shares = sharing.shares(sharing.of(own), sharing.of(own), 0, G, E[inside] - E[inside[0]])
    wanted = [shapley(encoder, inputs, row, inside[0], G[k]) for k, row in enumerate(inside)]
    assert np.abs(shares - wanted).max() < 1e-9
