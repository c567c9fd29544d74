"""Parameter groups, and what each of them multiplies η and λ by: one flat table.

Row 2l is W̃_l, row 2l + 1 the bias row of W_l, l = 0 … d − 1; the last row is the front scale. η of a group is η_t times
its learning-rate factor, λ of a group is λ_t times its decay factor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from descend.errors import closest
from descend.spec.network import NetworkSpec
from descend.typing import Array, numbers_or_nan

PARAMETER_GROUPS = ("weights", "bias", "front_scale")
# what the factors are if nothing else is said: λ is for W̃ alone
LEARNING_RATE_FACTORS = {"weights": 1.0, "bias": 1.0, "front_scale": 1.0}
DECAY_FACTORS = {"weights": 1.0, "bias": 0.0, "front_scale": 0.0}


def check_factors(
    name: str, given: object, otherwise: Mapping[str, float], depth: int, problems: list[str]
) -> tuple[float, ...]:
    """Return the factors of all 2d + 1 groups, () if they are the usual ones; what is wrong is added to `problems`.

    Parameters
    ----------
    name : str
        The argument, for messages.
    given : mapping or None, else a problem
        "weights" and "bias": one number, or one per layer 0 … d − 1; "front_scale": a number. All finite and ≥ 0.
    otherwise : mapping
        The usual factor of each.
    depth : int
        d.

    Examples
    --------
    >>> check_factors("learning_rate_factors", {"weights": [1, 0.5], "bias": 0.1}, LEARNING_RATE_FACTORS, 2, [])
    (1.0, 0.1, 0.5, 0.1, 1.0)
    >>> check_factors("decay_factors", {"bias": 0}, DECAY_FACTORS, 2, [])
    ()
    """
    if given is not None and not isinstance(given, Mapping):
        problems.append(f'`{name}` must be a mapping such as {{"bias": 0.1}}, or None; got {given!r}.')
        return ()
    told: Mapping[str, Any] = given or {}
    problems += [
        f'`{name}` "{key}" is no group. {closest(str(key), PARAMETER_GROUPS)}'
        for key in told
        if key not in PARAMETER_GROUPS
    ]
    rows = {}
    for group in PARAMETER_GROUPS:
        count = 1 if group == "front_scale" else depth
        rows[group] = _checked(f'`{name}["{group}"]`', told.get(group, otherwise[group]), count, problems)
    usual = [np.full(len(rows[group]), otherwise[group]) for group in PARAMETER_GROUPS]
    if all((rows[group] == one).all() for group, one in zip(PARAMETER_GROUPS, usual, strict=True)):
        return ()
    layers = np.stack([rows["weights"], rows["bias"]], axis=1).ravel()
    return (*layers.tolist(), float(rows["front_scale"][0]))


def _checked(where: str, given: object, count: int, problems: list[str]) -> Array:
    factors = numbers_or_nan(given)
    fits = factors.ndim == 0 or (factors.shape == (count,) and count > 1)
    if not fits or not (np.isfinite(factors) & (factors >= 0)).all():
        several = f", or one per layer ({count})" if count > 1 else ""
        problems.append(f"{where} must be a finite number ≥ 0{several}; got {given!r}.")
        return np.ones(count)
    return np.broadcast_to(factors, count).astype(np.float64)


def per_parameter(
    spec: NetworkSpec, factors: Sequence[float], otherwise: Mapping[str, float], front_scale: bool = False
) -> Array:
    """Give every parameter the factor of its group: in theta's layout, the front scale last if there is one.

    Examples
    --------
    >>> from descend.spec.network import make_spec
    >>> per_parameter(make_spec([2, 1]), (), DECAY_FACTORS, front_scale=True).tolist()
    [1.0, 1.0, 0.0, 0.0, 0.0]
    """
    rows = factors or (*(otherwise["weights"], otherwise["bias"]) * spec.depth, otherwise["front_scale"])
    every = np.full(spec.theta_size + (spec.sizes[0] if front_scale else 0), rows[-1], dtype=np.float64)
    for layer, view in enumerate(spec.weights(every)):
        view[: spec.sizes[layer]], view[spec.sizes[layer] :] = rows[2 * layer], rows[2 * layer + 1]
    return every
