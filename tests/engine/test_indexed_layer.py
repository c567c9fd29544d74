"""Networks whose inputs come by index: NumPy's sums, the same bits on every instruction set, and errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from descend import engine
from descend.engine.ensemble import (
    Cells,
    CodeEntries,
    CodeNumbers,
    Coding,
    Components,
    Ensemble,
    Given,
    IndexedNet,
    Levels,
    Ramps,
    Trees,
    Variable,
)
from descend.spec.init import initial_theta
from descend.spec.network import make_spec
from engine_cases import using

EXACT = [isa for isa in engine.isas() if isa != "baseline"]
BORDERS, LEVELS = np.array([-1.0, 0.0, 0.5, 2.0]), np.array([0.0, 1.0, 3.0])
TREE = Trees(
    (Variable(True, 0, None, -np.inf), Variable(False, 0, np.array([-1.0, -1.0, 0.0, 1.0, 2.0]), 0.0)),
    np.array([0, 3]),
    np.array([0, 0, 0, 1, 0, 0, 0, 0]),
    np.array([0.25, 0.0, 0.0, 1.0, 0.0, 0.5, 0.0, 0.0]),
    np.array([[1, 2], [1, 1], [2, 2], [4, 5], [4, 4], [6, 7], [6, 6], [7, 7]]),
    np.array([-1, 0, 1, -1, 2, -1, 3, 4]),
    5,
    0.5,
)
CODING = Coding(Variable(True, 0, None, np.nan), np.array([0.5]), 3, 2)
BY_CODE = Coding(Variable(False, 0, np.array([-1.0, -1.0, 0.0, 1.0, 0.0]), 0.0), np.empty(0), 2, -1)
TABLE = np.arange(12, dtype=np.float32).reshape(6, 2)
STEPS = [
    Given(1, 2),
    Ramps(1, BORDERS),
    CodeNumbers(0, np.arange(5, dtype=np.float32)[:, None] - 2.0),
    CodeEntries(0, np.array([0, 0, 0, 1, 2]), np.array([0.0, 0.0, 1.0, 1.0, -1.0], dtype=np.float32), 3),
    Levels(0, LEVELS),
    Cells((CODING, BY_CODE), (((0, 1), TABLE),)),
    Components(np.array([1, 0]), np.array([[0.0, 1.0], [1.0, 2.0], [0.5, 0.0]]), np.array([[1.0], [2.0]])),
    TREE,
]
NUMBERS_AT_PLACES, ROWS = 2 + 1 + 2 + 1, 6 + 3 + 3 + 5


def values(rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(rows)
    numbers = random.choice([-np.inf, -1e30, -0.5, 0.0, 0.25, 0.7, 1.0, 3.0, np.inf, np.nan], (2, rows))
    return numbers, random.integers(0, 5, (1, rows)), random.normal(size=(rows, 3)).astype(np.float32)


def net(width: int, seed: int, hidden: str = "mish") -> IndexedNet:
    random = np.random.default_rng(seed)
    spec = make_spec([width, 5, 2], "tanh", bias=[0.5, 1.0])
    W = random.normal(size=(NUMBERS_AT_PLACES + ROWS, width)).astype(np.float32)
    bias = random.normal(size=width).astype(np.float32)
    return IndexedNet(tuple(range(8)), W, bias, hidden, spec, initial_theta(spec, random).astype(np.float32))


def ensemble(*nets: IndexedNet, shares=((1.0, (0,)),), steps=STEPS) -> Ensemble:
    return Ensemble(2, 3, [5], steps, nets, shares)


def inputs_of(numbers: np.ndarray, codes: np.ndarray, given: np.ndarray) -> np.ndarray:
    """What the steps say in words, one row after the other, with all its zeros."""
    X = np.zeros((len(given), NUMBERS_AT_PLACES + ROWS))
    for row, (a, b), (code,), known in zip(X, numbers.T, codes.T, given, strict=True):
        row[:2] = known[1:]
        row[2] = code - 2.0
        cell = 2 if np.isnan(a) else int(a >= 0.5)
        if code >= 2:
            row[3:5] = TABLE[cell * 2 + int(code == 3)]
        for x, center, scale, mean, factor in ((b, 0.0, 1.0, 0.5, 1.0), (a, 1.0, 2.0, 0.0, 2.0)):
            z = 0.0 if np.isnan(x) else np.clip((x - center) / scale, -1e9, 1e9)
            row[5] += factor * (z / np.sqrt(1.0 + (z / 3.0) ** 2) - mean)
        row[5] = np.clip(row[5], -4.0, 4.0)
        ramps, one_hot, levels, leaves = np.split(row[6:], [6, 9, 12])
        if not np.isnan(b):
            bin_ = min(max(int((b >= BORDERS).sum()) - 1, 0), 2)
            ramps[2 * bin_], ramps[2 * bin_ + 1] = 1.0, np.clip((b - BORDERS[bin_]) / np.diff(BORDERS)[bin_], 0.0, 1.0)
        if code >= 2:
            one_hot[code - 2] = -1.0 if code == 4 else 1.0
        levels[a == LEVELS] = 1.0
        leaves[1 if a >= 0.25 else 0] = 0.5
        leaves[2 if code < 3 else 4 if a >= 0.5 else 3] = 0.5
    return X


def test_every_step_does_what_its_words_say():
    given, one = values(200), net(1, 0, "identity")
    rest = make_spec([1, 1], bias=0)
    one = replace(one, rest=rest, theta=np.ones(1, dtype=np.float32))
    expected = inputs_of(*given) @ one.W.astype(np.float64) + one.bias
    np.testing.assert_allclose(ensemble(one).answer(*given), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("width", [1, 15, 16, 33, 64, 130, 256])
def test_the_bits_are_those_of_the_twin_whatever_the_instruction_set(width):
    given, found = values(300), set()
    for isa in EXACT:
        with using(isa):
            found.add(ensemble(net(width, 1)).answer(*given).tobytes())
    assert len(found) == 1


@pytest.mark.parametrize("isa", engine.isas())
def test_a_row_has_the_same_bits_alone_and_among_others(isa):
    numbers, codes, given = values(300)
    with using(isa):
        answers = ensemble(net(33, 2))
        whole = answers.answer(numbers, codes, given)
        for first, last in ((0, 1), (255, 256), (256, 257), (3, 300), (299, 300)):
            own = slice(first, last)
            part = np.ascontiguousarray(numbers[:, own]), np.ascontiguousarray(codes[:, own]), given[own]
            assert answers.answer(*part).tobytes() == whole[own].tobytes()


def test_layers_above_are_those_of_predict():
    given, one = values(40), net(19, 3)
    s = inputs_of(*given) @ one.W.astype(np.float64) + one.bias
    v = s * np.tanh(np.log1p(np.exp(s)))
    own = engine.predict(one.rest, one.theta, v.astype(np.float32))
    np.testing.assert_allclose(ensemble(one).answer(*given), own, rtol=1e-4, atol=1e-5)


def test_members_count_by_their_weights_and_networks_of_a_member_alike():
    given, nets = values(20), [net(8, 4), net(24, 5), net(8, 6)]
    a, b, c = (ensemble(one).answer(*given) for one in nets)
    together = ensemble(*nets, shares=((0.25, (0, 2)), (0.75, (1,)))).answer(*given)
    np.testing.assert_allclose(together, 0.25 * (a + c) / 2.0 + 0.75 * b, rtol=1e-12)


def test_a_network_may_have_the_steps_in_any_order():
    given, one, order = values(20), net(7, 7), (4, 1, 0, 7, 5, 2, 6, 3)
    ends = {0: (0, 2), 2: (2, 3), 5: (3, 5), 6: (5, 6), 1: (6, 12), 3: (12, 15), 4: (15, 18), 7: (18, 23)}
    rows = [[*range(*ends[k])] for kinds in ((0, 2, 5, 6), (1, 3, 4, 7)) for k in order if k in kinds]
    other = replace(one, steps=order, W=one.W[np.concatenate(rows)])
    np.testing.assert_allclose(ensemble(other).answer(*given), ensemble(one).answer(*given), rtol=1e-4, atol=1e-6)


def test_denormals_of_columns_are_kept():
    tiny = Ramps(0, np.array([0.0, 1e-310]))
    one = IndexedNet(
        (0,), np.eye(2, 1, -1, dtype=np.float32), np.zeros(1, np.float32), "identity", make_spec([1, 1], bias=0), ONE
    )
    given = np.array([[0.0, 5e-311, 1e-310]]), np.empty((0, 3), np.int64), np.empty((3, 0), np.float32)
    assert Ensemble(1, 0, (), [tiny], [one], [(1.0, (0,))]).answer(*given).ravel().round(3).tolist() == [0.0, 0.5, 1.0]


ONE = np.ones(1, dtype=np.float32)
WRONG = {
    "`column` must be from 0 to 1": Ramps(2, BORDERS),
    "`borders` must hold at least 2": Ramps(0, BORDERS[:1]),
    "`levels` must be float64": Levels(0, LEVELS.astype(np.float32)),
    "`count` must be from 0 to 1": Given(2, 2),
    r"`table` must have shape \(5, 1\)": CodeNumbers(0, np.zeros((4, 1), np.float32)),
    "`place` must lie from 0 to 2": replace(STEPS[3], place=np.array([0, 0, 0, 0, 3])),
    "`columns` must lie from 0 to 1": replace(STEPS[6], columns=np.array([0, 2])),
    r"`table` must have shape \(6, 2\)": Cells((CODING, BY_CODE), (((0, 1), TABLE[:5]),)),
    "`coding` must be from 0 to 0": Cells((CODING,), (((0, 1), TABLE),)),
    "`borders` of a coding must be fewer": Cells((replace(CODING, borders=BORDERS),), ()),
    "`by_code` of a coding must hold whole": Cells((replace(BY_CODE, size=1),), ()),
    "`children` must lie behind": replace(TREE, children=TREE.children * [[0, 1]] + [[0, 0]]),
    "`variable` of a node is none": replace(TREE, variable=TREE.variable + 1),
    "`place` must be that of a leaf": replace(TREE, place=TREE.place + 1),
    "`roots` must lie from 0 to 7": replace(TREE, roots=np.array([8])),
}


@pytest.mark.parametrize("message", WRONG)
def test_steps_that_would_reach_outside_are_refused(message):
    with pytest.raises((TypeError, ValueError), match=message):
        ensemble(net(3, 0), steps=[WRONG[message]])


def test_networks_and_values_that_do_not_fit_are_refused():
    one = net(3, 0)
    for wrong, message in (
        (replace(one, W=one.W[1:]), r"`W` must have shape \(23, 3\)"),
        (replace(one, bias=one.bias[1:]), "`bias` must have shape"),
        (replace(one, activation="softmax"), "`sigma` must not be softmax"),
        (replace(one, theta=one.theta[1:]), "`theta` must have shape"),
        (replace(one, steps=(8,)), "`steps` must be from 0 to 7"),
    ):
        with pytest.raises(ValueError, match=message):
            ensemble(wrong)
    with pytest.raises(ValueError, match="`nets` must be from 0 to 0"):
        ensemble(one, shares=((1.0, (1,)),))
    numbers, codes, given = values(4)
    with pytest.raises(ValueError, match="`codes` must lie below"):
        ensemble(one).answer(numbers, codes + 5, given)
    with pytest.raises(ValueError, match="`numbers` must have shape"):
        ensemble(one).answer(numbers[:1], codes, given)
