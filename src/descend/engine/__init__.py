"""The one door to the compiled engine: arrays in, the caller's buffers filled. `README.md` here is the contract.

Wrong arguments are errors of the program, not of a user: `TypeError` or `ValueError` with the argument's name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from descend.engine import _engine
from descend.engine.checks import NO_OPTIONS, by_index, check_run, checked_array, checked_inputs
from descend.engine.native import native_plan, native_run
from descend.machine import without_threads
from descend.spec.data import Data
from descend.spec.indexed import IndexedRows
from descend.spec.network import NetworkSpec
from descend.spec.patience import LossPatience
from descend.spec.plan import Plan
from descend.spec.state import RUNNING, RunState
from descend.typing import Array

__all__ = [
    "NAME",
    "ORDER_VERSION",
    "advance",
    "indexed_predictor",
    "input_gradient",
    "isa",
    "isas",
    "loss_and_gradient",
    "predict",
    "predictor",
    "use_isa",
]

NAME = "native"  # by which users choose this engine
ORDER_VERSION: int = _engine.ORDER_VERSION  # of the order of additions: other numbers, other bits


# ---------------------------------------------------------------- training


def advance(
    plan: Plan,
    data: Data,
    states: Sequence[RunState],
    until_epoch: int,
    n_jobs: int = 1,
    poll: Callable[[], object] | None = None,
    loss_patience: LossPatience | None = None,
) -> None:
    """Run every state until `until_epoch` epochs are complete, its rounds are used up, it stopped early or it diverged.

    The same bits for any `n_jobs`, any cutting of a run into calls, and every instruction set that has fused
    multiply-add.

    Parameters
    ----------
    plan : Plan
        What to do.
    data : Data
        On which rows; arrays of the plan's dtype, C-contiguous. Where X and X_validation are `IndexedRows`, with the
        fields of the plan's network, nothing of them is expanded.
    states : list or tuple of RunState
        Changed in place. Those that have ended are left alone.
    until_epoch : int
        Epochs that shall be complete, counted from the start of the run.
    n_jobs : int, default 1
        Threads at most. They take states in turn; those that find none left help with the batches of the others, where
        that is worth it (README.md).
    poll : callable or None, default None
        Called every 50 ms by the calling thread; a true value stops every state at the end of its round.
    loss_patience : LossPatience or None, default None
        For one state alone: the call ends, too, after the epoch at which it is over.

    Raises
    ------
    TypeError, ValueError
        If an array, a state or an option does not fit the plan; the text names it.
    MemoryError
        If a worker gets no memory.
    SpecError
        If no thread can be made for a worker.
    KeyboardInterrupt
        Or whatever a signal's handler or `poll` raises, after the workers have stopped; the states are complete.

    Examples
    --------
    One round of SGD on L = (w x − y)² / 2 with x = 2, y = 1, w = 1, η = 0.1: w ← 1 − 0.1 · 1 · 2.

    >>> import numpy as np
    >>> from descend.spec.schedules import StepSizes
    >>> from descend.spec.network import make_spec
    >>> plan = Plan(make_spec([1, 1], bias=0), np.dtype(float), 1, 0, 1, StepSizes(0.1, "constant", 1))
    >>> state = RunState(plan)
    >>> state.theta[:] = 1.0
    >>> advance(plan, Data(np.array([[2.0]]), np.array([[1.0]])), [state], 1)
    >>> state.theta.tolist(), state.loss_curve.tolist()
    ([0.8], [0.5])
    """
    check_run(data, states, loss_patience)
    native = native_run(plan, by_index(data.X))
    running = [s.round for s in states if s.status == RUNNING and s.epoch < until_epoch and s.round < plan.rounds]
    first = max(min(running, default=0), 0)
    last = min(plan.rounds, until_epoch * plan.rounds_per_epoch) if running else first + 1
    schedules = tuple(np.ascontiguousarray(one.between(first, last) if running else [1.0]) for one in plan.schedules)
    X = checked_inputs(data.X, plan.spec.fields, "X")
    looked_at = data.X_validation
    if plan.validation_rows > 0:
        looked_at = checked_inputs(looked_at, plan.spec.fields, "X_validation")
    arrays = (X, data.Y, data.sample_weight, looked_at, data.Y_validation, data.validation_weight)
    patience = None if loss_patience is None else loss_patience.numbers()
    buffers, epochs = [s.buffer for s in states], (first, until_epoch)
    try:
        _engine.advance(native, arrays, buffers, schedules, epochs, n_jobs, poll, patience)
    except RuntimeError as error:
        raise without_threads(error) from None


# ---------------------------------------------------------------- one batch, one sample


def predict(spec: NetworkSpec, theta: Array, X: Array | IndexedRows, n_jobs: int = 1) -> Array:
    """Forward pass: v_d of every row.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    theta : ndarray
        Flat weights, float32 or float64.
    X : ndarray or IndexedRows
        (m, n_0), C-contiguous, of theta's dtype.
    n_jobs : int, default 1
        Threads at most, if there is much to do.

    Returns
    -------
    ndarray
        (m, n_d), of theta's dtype.

    Raises
    ------
    TypeError, ValueError
        If an array does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> predict(make_spec([1, 1]), np.array([2.0, 0.5]), np.array([[3.0]])).tolist()
    [[6.5]]
    """
    native = native_plan(spec, checked_array(theta, "theta", 1).dtype, NO_OPTIONS, by_index(X))
    inputs = checked_inputs(X if isinstance(X, IndexedRows) else checked_array(X, "X", 2), spec.fields, "X")
    output = np.empty((len(X), spec.sizes[-1]), theta.dtype)
    try:
        _engine.predict(native, theta, inputs, output, n_jobs)
    except RuntimeError as error:
        raise without_threads(error) from None
    return output


def input_gradient(spec: NetworkSpec, theta: Array, X: Array | IndexedRows, dL_dv: Array, n_jobs: int = 1) -> Array:
    """Back-propagation to the inputs: ∂L/∂v_0 of every row, where ∂L/∂v_d is given.

    Parameters
    ----------
    spec, theta : NetworkSpec, ndarray
        The network and its flat weights, float32 or float64.
    X, dL_dv : ndarray
        (m, n_0) and (m, n_d), C-contiguous, of theta's dtype; 1 for one output and 0 for the others makes the
        derivatives of that output. X may be `IndexedRows`; all columns have derivatives.
    n_jobs : int, default 1
        Threads at most, if there is much to do.

    Returns
    -------
    ndarray
        (m, n_0), of theta's dtype.

    Raises
    ------
    TypeError, ValueError
        If an array does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> input_gradient(make_spec([1, 1]), np.array([2.0, 0.5]), np.array([[3.0]]), np.array([[10.0]])).tolist()
    [[20.0]]
    """
    native = native_plan(spec, checked_array(theta, "theta", 1).dtype, NO_OPTIONS)
    X = X.expanded() if isinstance(X, IndexedRows) else X
    gradient = np.empty((len(checked_array(X, "X", 2)), spec.sizes[0]), theta.dtype)
    try:
        _engine.input_gradient(native, theta, X, dL_dv, gradient, n_jobs)
    except RuntimeError as error:
        raise without_threads(error) from None
    return gradient


def indexed_predictor(spec: NetworkSpec, dtype: np.dtype[Any]) -> _engine.Predictor:
    """Forward pass of one row by index, made once for a network; see `predictor`.

    Parameters
    ----------
    spec : NetworkSpec
        The network; it has fields.
    dtype : dtype
        float32 or float64: that of theta, of the row's numbers and shares, and of the result.

    Returns
    -------
    object
        ``predict_row(theta, (numbers, codes, shares))``, the parts of one row of `IndexedRows` in arrays of any number
        of dimensions, gives v_d, a new array (n_d,), with the bits of `predict`. None if they are not of that row's
        sizes and dtypes, C-contiguous, finite, or a code is above its field's count, or if the result is not finite.

    Raises
    ------
    TypeError, ValueError
        Here if the dtype, at a call if theta does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.indexed import Field
    >>> from descend.spec.network import make_spec
    >>> one = indexed_predictor(make_spec([2, 1], fields=[Field("ramps", 0, 2)]), np.dtype(float))
    >>> one.predict_row(np.array([2.0, 4.0, 0.5]), (np.empty(0), np.array([1], np.uint16), np.array([0.75])))
    array([5.5])
    """
    return _engine.Predictor(native_plan(spec, dtype, NO_OPTIONS, coded=True), np.empty, dtype)


def predictor(spec: NetworkSpec, dtype: np.dtype[Any]) -> _engine.Predictor:
    """Forward pass of one row, or of few, made once for a network: under a microsecond for one row of a small net.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    dtype : dtype
        float32 or float64: that of theta and the results.

    Returns
    -------
    object
        ``predict_row(theta, row)`` gives v_d, a new array (n_d,), ``predict_rows(theta, X)`` v_d of all rows, (m, n_d),
        both with the bits of `predict`. None if the row is not n_0 finite numbers in an array of floats of either type,
        or Python's own in a list or tuple; if X is no array (m, n_0) of finite floats, or so large that threads may be
        worth their while; and if the result is not finite: convert it, or say what is wrong. Weights are read where
        they lie at every call, so changes in place are seen. Threads may share it.

    Raises
    ------
    TypeError, ValueError
        Here if the dtype, at a call of `predict_row` if theta does not fit; None from `predict_rows`.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> one, theta = predictor(make_spec([1, 1]), np.dtype(float)), np.array([2.0, 0.5])
    >>> one.predict_row(theta, np.array([3.0])), one.predict_row(theta, [float("nan")])
    (array([6.5]), None)
    >>> one.predict_rows(theta, np.array([[3.0], [4.0]])).tolist()
    [[6.5], [8.5]]
    """
    return _engine.Predictor(native_plan(spec, dtype, NO_OPTIONS), np.empty, dtype)


def loss_and_gradient(
    spec: NetworkSpec,
    theta: Array,
    X: Array | IndexedRows,
    Y: Array,
    sample_weight: Array | None = None,
    l2: float = 0.0,
    n_jobs: int = 1,
) -> tuple[float, Array]:
    """The objective (1/m) Σ w L + (λ/2) Σ ‖W̃‖² and its gradient in theta's layout.

    Parameters
    ----------
    spec, theta : NetworkSpec, ndarray
        The network and its flat weights, float32 or float64.
    X, Y : ndarray
        (m, n_0) and (m, n_d), m ≥ 1, C-contiguous, of theta's dtype. X may be `IndexedRows`.
    sample_weight : ndarray or None, default None
        (m,), of theta's dtype, normalised by the caller to mean 1.
    l2 : float, default 0
        λ.
    n_jobs : int, default 1
        Threads at most, if the network is wide and there are many rows.

    Returns
    -------
    loss : float
        Summed over the rows in float64.
    gradient : ndarray
        (theta_size,), of theta's dtype.

    Raises
    ------
    TypeError, ValueError
        If an array does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> spec, X, Y = make_spec([1, 1], bias=0), np.array([[2.0]]), np.array([[1.0]])
    >>> loss, gradient = loss_and_gradient(spec, np.array([1.0]), X, Y, l2=0.5)
    >>> loss, gradient.tolist()
    (0.75, [2.5])
    """
    native = native_plan(spec, checked_array(theta, "theta", 1).dtype, NO_OPTIONS, by_index(X))
    gradient = np.empty(spec.theta_size, theta.dtype)
    data = checked_inputs(X, spec.fields, "X"), Y, sample_weight
    try:
        loss = _engine.loss_and_gradient(native, theta, data, l2, gradient, n_jobs)
    except RuntimeError as error:
        raise without_threads(error) from None
    return loss, gradient


# ---------------------------------------------------------------- small things


def isas() -> list[str]:
    """Instruction sets that this machine has, best first; the last, "scalar", is the slow twin that tests compare with.

    Examples
    --------
    >>> isas()[-1]
    'scalar'
    """
    return list(_engine.isas())


def isa() -> str:
    """The instruction set in use.

    Examples
    --------
    >>> isa() in isas()
    True
    """
    return str(_engine.isa())


def use_isa(name: str) -> None:
    """Use one of `isas` from now on; the environment variable ``DESCEND_ISA`` does the same at import.

    Raises
    ------
    ValueError
        If this machine has none of that name.

    Examples
    --------
    >>> use_isa(isas()[0])
    """
    if not _engine.use_isa(name):
        raise ValueError(f'engine: instruction set "{name}" is not there; this machine has: {", ".join(isas())}.')


if os.environ.get("DESCEND_ISA"):
    use_isa(os.environ["DESCEND_ISA"])
