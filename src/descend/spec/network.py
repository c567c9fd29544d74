"""What a network is: sizes, activations, loss, and the layout of theta. Frozen; no training here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import numpy as np

from descend.errors import SpecError, quoted, raise_problems
from descend.spec.activations import ACTIVATIONS, STRAIGHT_THROUGH, Activation, find_activation
from descend.spec.indexed import Field, field_problems, fields_from_lists
from descend.spec.init import INITIALISATIONS
from descend.spec.losses import Loss, find_loss
from descend.typing import Array


@dataclass(frozen=True)
class NetworkSpec:
    """A layered, fully connected network with layers 0 … d, and its loss.

    Made by `make_spec`, which checks everything; the fields are in canonical form.

    Parameters
    ----------
    sizes : tuple of int
        n_0 … n_d, without bias nodes.
    activations : tuple of Activation
        σ of layers 1 … d; the last one is the output's.
    loss : Loss
        L of one sample.
    loss_parameter : tuple of float
        The loss's parameter for each output (threshold of huber, level of quantile); zeros where it has none.
    bias : tuple of float
        Constant c of the bias node of layers 0 … d−1; 0 means no bias node.
    init : str
        Name of the initialisation.
    step_surrogate : {None, "straight_through"}
        What back-propagation takes for σ' of the binary step.
    init_last : {None, "zero"}
        How the last layer's weights start; None: as all others.
    fields : tuple of Field
        Columns of one-hot codes and ramps among the inputs, which may come by index; () for none. The network computes
        the same with and without them.
    """

    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    loss: Loss
    loss_parameter: tuple[float, ...]
    bias: tuple[float, ...]
    init: str = "auto"
    step_surrogate: str | None = None
    init_last: str | None = None
    fields: tuple[Field, ...] = ()
    shapes: tuple[tuple[int, int], ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        shapes = tuple(
            (self.sizes[layer] + (self.bias[layer] != 0), self.sizes[layer + 1]) for layer in range(self.depth)
        )
        object.__setattr__(self, "shapes", shapes)

    @property
    def depth(self) -> int:
        """Number of weight layers, d."""
        return len(self.sizes) - 1

    @property
    def theta_size(self) -> int:
        """Number of weights, those of bias nodes included."""
        return sum(rows * columns for rows, columns in self.shapes)

    def activation(self, layer: int) -> Activation:
        """σ of layer 1 … d."""
        return self.activations[layer - 1]

    def backward_activation(self, layer: int) -> Activation:
        """σ of layer 1 … d with the σ' that back-propagation uses: the surrogate, where one was asked for."""
        row = self.activation(layer)
        return STRAIGHT_THROUGH if row.name == "step" and self.step_surrogate else row

    def weights(self, theta: Array) -> list[Array]:
        """Views W_0 … W_{d−1} of `theta`, shape (..., theta_size), each (..., n_l (+1), n_{l+1})."""
        views, start = [], 0
        for rows, columns in self.shapes:
            views.append(theta[..., start : start + rows * columns].reshape(*theta.shape[:-1], rows, columns))
            start += rows * columns
        return views

    def __deepcopy__(self, memo: object) -> NetworkSpec:
        return self  # frozen

    def __reduce__(self) -> tuple[object, tuple[dict[str, Any]]]:
        rows = [row.name if ACTIVATIONS.get(row.name) is row else row for row in self.activations]
        return spec_from_dict, (self._described(rows),)  # a user's own functions go by name, as pickle does it

    def to_dict(self) -> dict[str, Any]:
        """Return plain data from which `spec_from_dict` makes an equal spec.

        Raises
        ------
        SpecError
            If an activation is a user's own pair of functions.
        """
        if any(row.name == "custom" for row in self.activations):
            raise SpecError(
                "save: a network with a user's own activation (σ, σ') holds code; it cannot be saved as data."
            )
        return self._described([row.name for row in self.activations])

    def _described(self, activations: list[Any]) -> dict[str, Any]:
        # files of old say nothing of these
        last: dict[str, Any] = {} if self.init_last is None else {"init_last": self.init_last}
        if self.fields:
            last["fields"] = [[one.kind, one.first, one.count, one.value] for one in self.fields]
        return {
            "sizes": list(self.sizes),
            "activation": activations[:-1],
            "output": activations[-1],
            "loss": self.loss.name,
            "loss_parameter": list(self.loss_parameter),
            "bias": list(self.bias),
            "init": self.init,
            "step_surrogate": self.step_surrogate,
        } | last


def spec_from_dict(data: dict[str, Any]) -> NetworkSpec:
    """Make the spec that `NetworkSpec.to_dict` described; everything is checked again."""
    fields = ("sizes", "activation", "output", "loss", "loss_parameter", "bias", "init", "step_surrogate")
    missing = [name for name in fields if name not in data]
    unknown = [name for name in data if name not in (*fields, "init_last", "fields")]
    raise_problems(
        SpecError, "spec", [f"field `{n}` is missing." for n in missing] + [f"field `{n}` is unknown." for n in unknown]
    )
    return make_spec(**data | {"fields": fields_from_lists(data.get("fields", []))})


def make_spec(
    sizes: Sequence[int],
    activation: object = "tanh",
    output: object = "identity",
    loss: str = "squared",
    loss_parameter: float | Sequence[float] | None = None,
    bias: float | Sequence[float] = 1.0,
    init: str = "auto",
    step_surrogate: str | None = None,
    init_last: str | None = None,
    fields: Sequence[Field] = (),
) -> NetworkSpec:
    """Check everything about a network and return its spec; all problems are reported at once.

    Parameters are those of `Network`.

    Raises
    ------
    SpecError
        Naming each parameter, its rule, what was got and what to do.

    Examples
    --------
    >>> make_spec([2, 3, 1]).shapes
    ((3, 3), (4, 1))
    >>> make_spec([2, 3, 1], bias=0).theta_size
    9
    """
    problems: list[str] = []
    n = _checked_sizes(sizes, problems)
    depth = len(n) - 1
    rows = _checked_activations(activation, output, depth, problems)
    constants = _checked_bias(bias, depth, problems)
    end = rows[-1]
    row, parameter = _checked_loss(loss, loss_parameter, end, n[-1], problems)
    if end is not None and end.name == "softmax" and n[-1] < 2:
        problems.append(
            f'output "softmax" needs at least 2 outputs; got sizes {list(n)}. For two classes use 2 outputs, or one '
            f'"sigmoid".'
        )
    if init != "auto" and init not in INITIALISATIONS:
        problems.append(f'`init` must be "auto" or one of {", ".join(INITIALISATIONS)}; got {quoted(init)}.')
    if step_surrogate not in (None, "straight_through"):
        problems.append(f'`step_surrogate` must be None or "straight_through"; got {step_surrogate!r}.')
    if init_last not in (None, "zero"):
        problems.append(f'`init_last` must be None or "zero"; got {init_last!r}.')
    columns = _checked_fields(fields, n[0], problems)
    raise_problems(SpecError, "Network", problems)
    known = cast(tuple[Activation, ...], tuple(rows))
    return NetworkSpec(n, known, cast(Loss, row), parameter, constants, init, step_surrogate, init_last, columns)


def _checked_fields(fields: Sequence[Field], n_0: int, problems: list[str]) -> tuple[Field, ...]:
    if not isinstance(fields, list | tuple):
        problems.append(f"`fields` must be a list or tuple of Field; got {fields!r}.")
        return ()
    if wrong := field_problems(fields, n_0):
        problems += wrong
        return ()
    return tuple(Field(one.kind, int(one.first), int(one.count), float(one.value)) for one in fields)


def _checked_sizes(sizes: Sequence[int], problems: list[str]) -> tuple[int, ...]:
    try:
        n = tuple(int(size) for size in sizes)
        ok = len(n) >= 2 and min(n) >= 1 and all(a == b for a, b in zip(n, sizes, strict=True))
    except (TypeError, ValueError):
        n, ok = (1, 1), False
    if not ok:
        problems.append(f"`sizes` must be at least 2 whole numbers ≥ 1, inputs first, outputs last; got {sizes!r}.")
        return (1, 1)
    total = sum((a + 1) * b for a, b in pairwise(n))
    if total >= 2**31:
        problems.append(f"`sizes` {list(n)} make {total:,} weights; the limit is {2**31 - 1:,}.")
    return n


def _checked_activations(
    activation: object, output: object, depth: int, problems: list[str]
) -> list[Activation | None]:
    """σ of layers 1 … d; None where the name is unknown."""
    several = isinstance(activation, Sequence) and not isinstance(activation, str) and not _is_pair(activation)
    given = list(cast(Sequence[object], activation)) if several else [activation] * (depth - 1)
    if len(given) != depth - 1:
        problems.append(f"`activation` needs one name, or one per hidden layer ({depth - 1}); got {len(given)}.")
    hidden = [_found(one, problems) for one in given]
    wrong = dict.fromkeys(row.name for row in hidden if row is not None and not row.hidden)
    problems += [f"activation {quoted(name)} may stand in the output layer only." for name in wrong]
    return [*hidden, _found(output, problems)]


def _found(given: object, problems: list[str]) -> Activation | None:
    try:
        return find_activation(given)
    except SpecError as error:
        if str(error) not in problems:
            problems.append(str(error))
        return None


def _is_pair(given: object) -> bool:
    return isinstance(given, tuple) and len(given) == 2 and all(callable(f) for f in given)


def _numbers(given: object) -> Array:
    """Return what is given as float64; one nan if it is not numbers."""
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return np.array(math.nan)


def _checked_bias(bias: float | Sequence[float], depth: int, problems: list[str]) -> tuple[float, ...]:
    constants = _numbers(bias)
    if constants.ndim > 1 or (constants.ndim == 1 and len(constants) != depth) or not np.isfinite(constants).all():
        problems.append(f"`bias` must be one finite constant, or one per layer 0 … d−1 ({depth}); got {bias!r}.")
        return (1.0,) * depth
    return tuple(float(c) for c in np.broadcast_to(constants, depth))


def _checked_loss(
    name: str, parameter: float | Sequence[float] | None, output: Activation | None, n_out: int, problems: list[str]
) -> tuple[Loss | None, tuple[float, ...]]:
    if output is None:
        return None, ()
    try:
        row = find_loss(name, output.name)
    except SpecError as error:
        problems.append(str(error))
        return None, ()
    given = _numbers((row.parameter or 0.0) if parameter is None else parameter)
    if not np.isfinite(given).all() or given.ndim > 1 or (given.ndim == 1 and len(given) != n_out):
        problems.append(f"`loss_parameter` must be one finite number, or one per output ({n_out}); got {parameter!r}.")
        return row, ()
    if (row.name == "quantile" and not ((given > 0) & (given < 1)).all()) or (
        row.name == "huber" and not (given > 0).all()
    ):
        rule = "between 0 and 1, both excluded" if row.name == "quantile" else "above 0"
        problems.append(f"`loss_parameter` of {quoted(row.name)} must be {rule}; got {parameter!r}.")
    return row, tuple(float(p) for p in np.broadcast_to(given, n_out))


# ---------------------------------------------------------------- for those who train


def check_trainable(spec: NetworkSpec) -> None:
    """Refuse to train through a binary step that has no surrogate derivative.

    Raises
    ------
    SpecError
        If an activation is ``"step"`` and `step_surrogate` is None.
    """
    for layer in range(1, spec.depth + 1):
        if spec.activation(layer).name == "step" and spec.step_surrogate is None:
            raise SpecError(
                f'activation "step" in layer {layer}: its derivative is 0 wherever it exists, so nothing below it '
                'would ever learn. Train with step_surrogate="straight_through" (backward as if σ\' = 1 on [−1, 1]), '
                'or use "sigmoid" or "tanh". Prediction works as it is.'
            )


def flatten(spec: NetworkSpec, matrices: Sequence[Array]) -> Array:
    """Lay d matrices out as one vector in theta's order."""
    flat = np.empty(spec.theta_size)
    for view, matrix in zip(spec.weights(flat), matrices, strict=True):
        view[:] = matrix
    return flat
