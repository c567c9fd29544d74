"""What tests and tools ask beside the door: one sample's trace, one function, orders, a state's layout."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from descend.engine import _engine
from descend.engine.checks import NO_OPTIONS, checked_array, code_of
from descend.engine.native import native_plan, native_run
from descend.spec.indexed import IndexedRows
from descend.spec.network import NetworkSpec
from descend.spec.plan import Plan
from descend.typing import Array

__all__ = ["EngineTrace", "epoch_order", "evaluate", "state_sections", "trace"]


class EngineTrace(NamedTuple):
    """Every quantity of one sample, flat, layers in order.

    Parameters
    ----------
    s : ndarray
        s of layers 1 … d.
    v : ndarray
        v of layers 0 … d, the bias node's constant last in each that has one.
    delta : ndarray
        δ of layers 1 … d.
    dL_dv : ndarray
        ∂L/∂v of layers 0 … d, without bias nodes.
    dL_dW : ndarray
        ∂L/∂W in theta's layout.
    """

    s: Array
    v: Array
    delta: Array
    dL_dv: Array
    dL_dW: Array


def trace(spec: NetworkSpec, theta: Array, x: Array | IndexedRows, y: Array) -> EngineTrace:
    """One sample forward and backward, for comparison with the reference.

    Parameters
    ----------
    spec, theta : NetworkSpec, ndarray
        The network and its flat weights, float32 or float64.
    x, y : ndarray
        (n_0,) and (n_d,), of theta's dtype; x may be one row of `IndexedRows`.

    Raises
    ------
    TypeError, ValueError
        If an array does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.network import make_spec
    >>> trace(make_spec([1, 1]), np.array([2.0, 0.5]), np.array([3.0]), np.array([6.0])).dL_dW.tolist()
    [1.5, 0.5]
    """
    native = native_plan(spec, checked_array(theta, "theta", 1).dtype, NO_OPTIONS)
    x = x.expanded()[0] if isinstance(x, IndexedRows) else x
    flat = EngineTrace(*(np.empty(size, theta.dtype) for size in (*_engine.trace_sizes(native), spec.theta_size)))
    _engine.trace(native, theta, x, y, tuple(flat))
    return flat


def epoch_order(order_seed: int, epoch: int, rows: int, sampling: str = "shuffle") -> Array:
    """The samples of one epoch in the order of visiting: int64, (rows,).

    Parameters
    ----------
    order_seed : int
        0 … 2⁶⁴ − 1.
    epoch : int
        0, 1, …
    rows : int
        1 … 2³² − 1.
    sampling : {"shuffle", "replacement", "sequential"}
        A fresh permutation, uniform draws, or 0 … rows − 1.

    Examples
    --------
    >>> sorted(epoch_order(7, 0, 5).tolist())
    [0, 1, 2, 3, 4]
    """
    code = code_of(_engine.SAMPLINGS, sampling, "sampling")
    if not 0 <= order_seed < 2**64:
        raise ValueError(f"engine: `order_seed` must be from 0 to {2**64 - 1}; got {order_seed}.")
    out = np.empty(max(rows, 0), np.int64)
    _engine.epoch_order(order_seed, epoch, code, out)
    return out


def evaluate(name: str, derivative: bool, s: Array) -> Array:
    """One function of one number, element by element: an activation σ or its σ', or exp, log, erf ….

    Parameters
    ----------
    name : str
        An activation (not softmax), "straight_through", or one of exp, expm1, log, log1p, tanh, sigmoid, erf, erfc,
        normal_cdf.
    derivative : bool
        σ' instead of σ.
    s : ndarray
        (n,), float32 or float64.

    Returns
    -------
    ndarray
        (n,), of s's dtype.

    Examples
    --------
    >>> import numpy as np
    >>> evaluate("relu", True, np.array([-1.0, 0.0, 2.0])).tolist()
    [0.0, 1.0, 1.0]
    """
    out = np.empty_like(checked_array(s, "s", 1))
    code = code_of(_engine.EVALUABLE, name, "name")
    _engine.evaluate(code, derivative, s.dtype == np.float64, s, out)
    return out


def state_sections(plan: Plan) -> list[tuple[str, str, int, int]]:
    """Name, dtype, count and byte offset of every section of a state's buffer, as the engine sees it.

    Examples
    --------
    >>> import numpy as np
    >>> from descend.spec.schedules import StepSizes
    >>> from descend.spec.network import make_spec
    >>> plan = Plan(make_spec([1, 1]), np.dtype(np.float32), 1, 0, 1, StepSizes(0.1, "constant", 1))
    >>> state_sections(plan)[4]
    ('theta', 'float32', 2, 320)
    """
    return list(_engine.state_sections(native_run(plan)))
