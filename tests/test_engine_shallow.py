"""Networks with one hidden layer of ReLU, few inputs and few outputs: their batches go through both layers at once."""

from __future__ import annotations

from itertools import cycle, product

import numpy as np
import pytest

from descend import engine
from descend.plan import OPTIMIZERS
from descend.spec import make_spec
from engine_cases import end_bits, run_of

ENDINGS = {
    1: [("identity", "squared"), ("sigmoid", "log_loss")],
    2: [("softmax", "log_loss")],
    3: [("softmax", "log_loss"), ("identity", "huber")],
    4: [("sigmoid", "log_loss")],
    5: [("identity", "squared")],
}


def shallow_runs():
    """Widths around the lanes, inputs and outputs around what still counts as few, batches of one tile, two, more."""
    optimizers, batches = cycle(OPTIMIZERS), cycle([9, 16, 17, 33, 50])
    further = cycle(product([0.0, 0.1], [False, True], [0, 11]))
    for n_0, n_1, bias in product((1, 3, 8, 9), (1, 7, 16, 33), (1.0, 0.5, 0.0)):
        for n_d, endings in ENDINGS.items():
            for (output, loss), dtype in product(endings, ("float32", "float64")):
                l2, weighted, looked_at = next(further)
                spec = make_spec([n_0, n_1, n_d], "relu", output, loss, bias=bias)
                options = {"optimizer": next(optimizers), "batch_size": next(batches), "l2": l2, "rows": 50}
                name = f"{n_0}-{n_1}-{n_d} {output} {loss} bias {bias} {dtype} {options}"
                more = {"weighted": weighted, "validation_rows": looked_at, "learning_rate": 0.01}
                yield name, run_of(spec, dtype, **options, **more)


@pytest.mark.parametrize("isa", [isa for isa in engine.isas() if isa not in ("baseline", "scalar")])
def test_their_runs_have_the_bits_of_the_scalar_twin(isa):
    different = [name for name, run in shallow_runs() if end_bits(run, isa) != end_bits(run, "scalar")]
    assert different == []


def test_their_predictions_do_not_depend_on_how_many_rows_are_asked_for():
    for name, run in list(shallow_runs())[::7]:
        theta, X = run.thetas[0], run.data.X
        whole = engine.predict(run.plan.spec, theta, X)
        for rows in (1, 2, 15, 16, 31, 49):
            part = engine.predict(run.plan.spec, theta, np.ascontiguousarray(X[:rows]))
            assert part.tobytes() == whole[:rows].tobytes(), (name, rows)
