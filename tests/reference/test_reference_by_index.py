"""Inputs by index in the reference: the same as with all columns written out, to rounding; and their gradient."""

from __future__ import annotations

import numpy as np
import pytest
from tests.helpers.indexed_rows import COLUMNS, FIELDS, indexed_rows
from tests.helpers.reference_runs import plan_of, start

from descend.reference import indexed_predictor, loss_and_gradient, predict
from descend.reference.backward import input_gradient, jacobian
from descend.reference.forward import forward, front_scaled
from descend.reference.gradient_check import gradient_check
from descend.reference.order import draw_masks
from descend.reference.sgd import advance
from descend.spec.activations import ACTIVATIONS
from descend.spec.data import Data
from descend.spec.indexed import Field
from descend.spec.init import initial_theta
from descend.spec.losses import LOSSES
from descend.spec.network import make_spec

ROWS = 40
HIDDEN = sorted(name for name, row in ACTIVATIONS.items() if row.hidden and name != "step")
ENDS = [
    ("identity", "squared"),
    ("identity", "absolute"),
    ("identity", "huber"),
    ("identity", "quantile"),
    ("exp", "poisson"),
    ("sigmoid", "log_loss"),
    ("softmax", "log_loss"),
]
TIGHT = {"rtol": 1e-12, "atol": 1e-13}


def case(activation="tanh", output="identity", loss="squared", bias=1.0, sizes=(COLUMNS, 5, 2), front=False):
    spec = make_spec(sizes, activation, output, loss, bias=bias, fields=FIELDS)
    random = np.random.default_rng(3)
    theta = initial_theta(spec, random) + 0.1 * random.normal(size=spec.theta_size)
    if front:
        theta = np.concatenate([theta, random.uniform(0.5, 2.0, COLUMNS)])
    positive = random.integers(0, 2, (ROWS, sizes[-1])).astype(float)
    Y = {"softmax": np.eye(sizes[-1])[random.integers(sizes[-1], size=ROWS)], "sigmoid": positive, "exp": positive}
    return spec, theta, indexed_rows(ROWS), Y.get(output, random.normal(size=(ROWS, sizes[-1])))


def same(one, other):
    np.testing.assert_allclose(one, other, **TIGHT)


def both(spec, theta, rows, Y, **options):
    return [loss_and_gradient(spec, theta, X, Y, **options) for X in (rows, rows.expanded())]


def test_every_loss_has_a_case():
    assert {loss for _, loss in ENDS} == set(LOSSES)


@pytest.mark.parametrize("front", [False, True])
@pytest.mark.parametrize("activation", HIDDEN)
def test_loss_and_gradient_are_those_of_all_columns(activation, front):
    spec, theta, rows, Y = case(activation, front=front)
    weight = np.random.default_rng(1).uniform(size=ROWS)
    by_index, plain = both(spec, theta, rows, Y, sample_weight=weight, l2=0.3)
    same(by_index[0], plain[0])
    same(by_index[1], plain[1])


@pytest.mark.parametrize(("output", "loss"), ENDS)
@pytest.mark.parametrize("sizes", [(COLUMNS, 2), (COLUMNS, 5, 2), (COLUMNS, 4, 3, 2)])
@pytest.mark.parametrize("bias", [0.0, 1.0, 2.5])
def test_so_are_they_with_every_output_depth_and_bias(output, loss, sizes, bias):
    spec, theta, rows, Y = case("mish", output, loss, bias, sizes, front=True)
    masks = draw_masks(spec.sizes, [0.3] * (spec.depth - 1), 5, 0, ROWS)
    by_index, plain = both(spec, theta, rows, Y, masks=masks)
    same(by_index[0], plain[0])
    same(by_index[1], plain[1])
    weights = theta[: spec.theta_size]
    same(predict(spec, weights, rows), predict(spec, weights, rows.expanded()))


@pytest.mark.parametrize("front", [False, True])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
def test_the_gradient_agrees_with_finite_differences(front, dropout):
    spec, theta, rows, Y = case("softplus", "softmax", "log_loss", front=front)
    masks = draw_masks(spec.sizes, [dropout], 5, 0, ROWS) if dropout else ()
    found = gradient_check(spec, theta, rows, Y, 0.2, masks=masks)
    assert found.passed, found
    assert found.entries == len(theta)


def test_a_wrong_gradient_is_found():
    spec, theta, rows, Y = case()
    gradient = loss_and_gradient(spec, theta, rows, Y)[1]
    gradient[6 * 5] *= 1.01  # row 6 of W_0, of the first ramps
    found = gradient_check(spec, theta, rows, Y, gradient=gradient)
    assert not found.passed
    assert found.where == (0, 6, 0)


def test_stacks_of_networks_are_what_each_is():
    spec, theta, rows, _ = case("tanh", front=True)
    thetas = np.stack([theta, 2.0 * theta, theta - 0.5])
    found = forward(spec, spec.weights(thetas), front_scaled(spec, thetas, rows)).output
    for one, output in zip(thetas, found, strict=True):
        same(output, forward(spec, spec.weights(one), front_scaled(spec, one, rows.expanded())).output)


def test_derivatives_by_inputs_are_of_all_columns():
    spec, theta, rows, _ = case("mish")
    W = spec.weights(theta)
    same(jacobian(spec, W, rows), jacobian(spec, W, rows.expanded()))
    dL_dv = np.ones((ROWS, 2))
    same(input_gradient(spec, theta, rows, dL_dv), input_gradient(spec, theta, rows.expanded(), dL_dv))


def test_one_row_is_predicted_if_it_is_clean():
    spec, theta, rows, _ = case()
    answer = indexed_predictor(spec, np.dtype(float)).predict_row
    same(answer(theta, rows[3:4].arrays), predict(spec, theta, rows)[3])
    same(answer(theta, tuple(part[3] for part in rows.arrays)), predict(spec, theta, rows)[3])
    broken = rows[3:4]
    broken.codes[0, 0] = 5
    others = indexed_rows(1, FIELDS[:-1], COLUMNS)
    for wrong in (rows[:2], rows[3:4].astype(np.float32), broken, others):
        assert answer(theta, wrong.arrays) is None


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adam", "adamw"])
def test_a_run_is_that_of_all_columns(optimizer):
    spec, _, rows, Y = case("mish")
    held = indexed_rows(7, seed=4)
    Y_held = Y[:7] + 0.1
    data = Data(rows, Y, None, held, Y_held)
    plain = Data(rows.expanded(), Y, None, held.expanded(), Y_held)
    more = {"front_scale": True, "dropout": (0.25,), "optimizer": optimizer, "l2": 0.05}
    states = []
    for one in (data, plain):
        plan = plan_of(one, epochs=4, batch_size=6, rate=0.02, spec=spec, **more)
        states.append(start_with_scale(plan))
        advance(plan, one, states[-1:], 4)
    by_index, expanded = states
    np.testing.assert_allclose(by_index.theta, expanded.theta, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(by_index.validation_curve, expanded.validation_curve, rtol=1e-9)
    np.testing.assert_allclose(by_index.loss_curve, expanded.loss_curve, rtol=1e-9)


def start_with_scale(plan):
    fresh = plan_of(Data(np.zeros((1, COLUMNS)), np.zeros((1, 2))), spec=plan.spec)
    state = type(start(fresh))(plan)
    state.theta[: plan.spec.theta_size] = initial_theta(plan.spec, np.random.default_rng(1))
    state.theta[plan.spec.theta_size :] = 1.0
    state.order_seed, state.dropout_seed = 99, 7
    return state


def test_a_field_of_very_many_codes_and_one_of_a_single_one():
    fields = (Field("one-hot", 0, 65_535), Field("ramps", 65_535, 1))
    spec = make_spec([65_536, 2, 1], fields=fields)
    theta = initial_theta(spec, np.random.default_rng(0))
    rows = indexed_rows(9, fields, 65_536)
    rows.codes[:3, 0] = (65_535, 65_534, 0)
    by_index, plain = both(spec, theta, rows, np.ones((9, 1)))
    same(by_index[1], plain[1])
