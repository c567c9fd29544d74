"""From descend's own classes to the compiled module's: a plan with its names as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine import _engine
from descend.engine.checks import NO_OPTIONS, check_kind, check_plan, code_of
from descend.spec.network import NetworkSpec
from descend.spec.plan import Plan

_LATEST: dict[str, tuple[Plan, bool, _engine.Plan]] = {}


def native_plan(spec: NetworkSpec, dtype: np.dtype[Any], options: dict[str, Any], coded: bool = False) -> _engine.Plan:
    """The engine's copy of a network, with a run's options by name (`NO_OPTIONS` where nothing is trained).

    `coded`: its inputs come by index, as its fields say; else as they are.
    """
    check_kind(spec, NetworkSpec, "spec")
    if not isinstance(dtype, np.dtype) or dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise TypeError(f"engine: `dtype` must be float32 or float64; got {dtype}.")
    network = {
        "sizes": spec.sizes,
        "activations": [code_of(_engine.ACTIVATIONS, row.name, "activation") for row in spec.activations],
        "loss": code_of(_engine.LOSSES, spec.loss.name, "loss"),
        "loss_parameter": spec.loss_parameter,
        "bias": spec.bias,
        "straight_through": int(spec.step_surrogate is not None),
        "is_double": int(dtype == np.float64),
    }
    fields = [(int(one.kind == "ramps"), one.first, one.count, one.value) for one in spec.fields if coded]
    return _engine.Plan(network | options | {"fields": fields})


def native_run(plan: Plan, coded: bool = False) -> _engine.Plan:
    """The engine's copy of a plan; that of the last one is kept, for a run is often advanced epoch by epoch."""
    check_plan(plan)
    latest = _LATEST.get("run")
    if latest is not None and latest[0] is plan and latest[1] == coded:
        return latest[2]
    options = {name: getattr(plan, name) for name in NO_OPTIONS if name not in ("decay_varies", "fields")}
    options["optimizer"] = code_of(_engine.OPTIMIZERS, plan.optimizer, "optimizer")
    decay = plan.decay_schedule
    options["decay_varies"] = int(not (decay.is_constant and decay.learning_rate == 1.0))
    options["sampling"] = code_of(_engine.SAMPLINGS, plan.sampling, "sampling")
    native = native_plan(plan.spec, plan.dtype, options, coded)
    _LATEST["run"] = plan, coded, native
    return native
