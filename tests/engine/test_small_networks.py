"""Networks with one hidden layer of ReLU and few outputs have kernels of their own, with the bits of all others.

Batches: few inputs and at most four outputs, both layers at once (batch/shallow.hpp). One sample at a time: at most
four lines of hidden nodes and one output, in registers (single/narrow.hpp). A line is 64 bytes, one register of AVX-512
and two of AVX2, so that widths around half a line are edges too.
"""

from __future__ import annotations

from itertools import cycle, product

import numpy as np
import pytest

from descend import engine
from descend.spec.network import make_spec
from descend.spec.plan import OPTIMIZERS
from descend.spec.state import DIVERGED, FINISHED
from engine_cases import end_bits, run_of

ENDINGS = {
    1: [("identity", "squared"), ("sigmoid", "log_loss")],
    2: [("softmax", "log_loss")],
    3: [("softmax", "log_loss"), ("identity", "huber")],
    4: [("sigmoid", "log_loss")],
    5: [("identity", "squared")],
}
NODES = (3, 4, 5, 8, 9, 12, 16, 17, 24, 25, 33, 40, 48, 49, 57, 64, 65)


def shallow_runs():
    """Widths around the lanes, inputs and outputs around what still counts as few, batches of one tile, two, more."""
    optimizers, batches = cycle(OPTIMIZERS), cycle([9, 16, 17, 33, 50, 4, 8, 25])
    further = cycle(product([0.0, 0.1], [False, True], [0, 11]))
    for n_0, n_1, bias in product((1, 3, 8, 9), (1, 4, 7, 8, 9, 16, 25, 33), (1.0, 0.5, 0.0)):
        for n_d, endings in ENDINGS.items():
            for (output, loss), dtype in product(endings, ("float32", "float64")):
                l2, weighted, looked_at = next(further)
                spec = make_spec([n_0, n_1, n_d], "relu", output, loss, bias=bias)
                options = {"optimizer": next(optimizers), "batch_size": next(batches), "l2": l2, "rows": 50}
                name = f"{n_0}-{n_1}-{n_d} {output} {loss} bias {bias} {dtype} {options}"
                more = {"weighted": weighted, "validation_rows": looked_at, "learning_rate": 0.01}
                yield name, run_of(spec, dtype, **options, **more)


def narrow_runs():
    """One to four lines of nodes and one more, all numbers of chains, every loss; some runs diverge."""
    endings = cycle(
        [
            ("identity", "squared"),
            ("sigmoid", "log_loss"),
            ("exp", "poisson"),
            ("tanh", "huber"),
            ("relu", "absolute"),
            ("identity", "quantile"),
        ]
    )
    further = cycle(product([0.0, 0.1], [False, True], [0, 11], ["constant", "cosine"]))
    rates = cycle([0.01, 0.02, 0.05, 1e3, 0.01])
    for n_0, n_1, bias in product((1, 5, 12, 24, 48), NODES, (1.0, 0.5, 0.0)):
        for dtype in ("float32", "float64"):
            (output, loss), (l2, weighted, looked_at, schedule), rate = next(endings), next(further), next(rates)
            spec = make_spec([n_0, n_1, 1], "relu", output, loss, bias=bias)
            options = {"l2": l2, "rows": 50, "learning_rate": rate, "schedule": schedule}
            name = f"{n_0}-{n_1}-1 {output} {loss} bias {bias} {dtype} {options}"
            yield name, run_of(spec, dtype, weighted=weighted, validation_rows=looked_at, **options)


@pytest.mark.parametrize("isa", [isa for isa in engine.isas() if isa not in ("baseline", "scalar")])
@pytest.mark.parametrize("runs", [shallow_runs, narrow_runs])
def test_their_runs_have_the_bits_of_the_scalar_twin(runs, isa):
    different = [name for name, run in runs() if end_bits(run, isa) != end_bits(run, "scalar")]
    assert different == []


def test_some_of_the_runs_diverge_and_most_do_not():
    ended = []
    for _, run in narrow_runs():
        state = run.states()[0]
        engine.advance(run.plan, run.data, [state], 10**6)
        ended.append(state.status)
    assert set(ended) == {FINISHED, DIVERGED}
    assert ended.count(FINISHED) > ended.count(DIVERGED)


def test_a_narrow_run_cut_into_calls_has_the_same_bits():
    for name, run in list(narrow_runs())[::5]:
        assert end_bits(run, stops=(1, 2, 10**6)) == end_bits(run), name


def test_their_predictions_do_not_depend_on_how_many_rows_are_asked_for():
    for name, run in list(shallow_runs())[::7]:
        theta, X = run.thetas[0], run.data.X
        whole = engine.predict(run.plan.spec, theta, X)
        for rows in (1, 2, 15, 16, 31, 49):
            part = engine.predict(run.plan.spec, theta, np.ascontiguousarray(X[:rows]))
            assert part.tobytes() == whole[:rows].tobytes(), (name, rows)
